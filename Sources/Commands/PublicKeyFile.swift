import Evidence
import Files
import GitObjects

/// A `.pub` file with one key.
struct PublicKeyFile {
    let key: PublicKey

    /// Reads the key that a user named.
    init(path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try File.read(path, limit: 1 << 16)
        } catch {
            throw CommandFailure.usage(
                shown(error.description.utf8), hint: "name a public key file, like id_ed25519.pub")
        }
        if bytes.starts(with: "-----BEGIN".utf8) {
            throw CommandFailure.usage(
                "\(shown(path.utf8)) is a private key; gate wants the public one",
                hint: "name \(shown(path.utf8)).pub")
        }
        let lines = bytes.split(separator: 0x0a).filter { $0.first != UInt8(ascii: "#") }
        guard lines.count == 1 else {
            throw CommandFailure.usage(
                "\(shown(path.utf8)) has \(lines.count) lines, and one key is wanted",
                hint: lines.count > 1 ? "gate people import \(shown(path.utf8))" : nil)
        }
        do {
            key = try PublicKey(line: lines[0])
        } catch {
            throw CommandFailure.usage(
                "\(shown(path.utf8)) \(error.description)",
                hint: "a public key file starts with ssh-ed25519, ecdsa-sha2-…, ssh-rsa or sk-…")
        }
    }

    /// The key in a line of text; nil when there is none that gate could verify.
    static func key(inLine line: String) -> PublicKey? {
        do {
            return try PublicKey(line: line.utf8)
        } catch {
            return nil
        }
    }
}
