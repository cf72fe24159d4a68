import Crypto

/// An SSH public key or certificate, read strictly from its wire format.
public struct PublicKey: Hashable, Sendable {
    /// The numbers of a key, by which signatures are verified.
    enum Material: Hashable, Sendable {
        case ed25519([UInt8])
        case ecdsa(Curve, point: [UInt8])
        case rsa(exponent: [UInt8], modulus: [UInt8])
        case securityKeyEd25519([UInt8], application: [UInt8])
        case securityKeyECDSA(point: [UInt8], application: [UInt8])
    }

    enum Curve: String, Hashable, Sendable, CaseIterable {
        case nistp256, nistp384, nistp521

        /// Bytes of one coordinate.
        var size: Int {
            switch self {
            case .nistp256: 32
            case .nistp384: 48
            case .nistp521: 66
            }
        }
    }

    /// The wire format, as `allowed_signers` and a `.pub` file hold it in base64.
    public let blob: [UInt8]
    /// `ssh-ed25519`, `ssh-ed25519-cert-v01@openssh.com`, …
    public let type: String
    /// `SHA256:` and the base64 of the hash of the key, as `ssh-keygen -l` prints it: for a
    /// certificate that of the key in it.
    public let fingerprint: String
    let material: Material
    let certificate: Certificate?

    /// Reads a key of a type that gate verifies: Ed25519, ECDSA on the three NIST curves, RSA,
    /// security keys (PROTOCOL.u2f), and certificates of all of these (PROTOCOL.certkeys).
    public init(_ blob: [UInt8]) throws(EvidenceError) {
        var reader = WireReader(blob, "the public key")
        self.blob = blob
        type = try reader.name()
        if let plain = Certificate.plainType(of: type) {
            let nonce = try reader.string()
            material = try Self.material(of: plain, &reader)
            let base = Self.encode(plain, material)
            fingerprint = Self.fingerprint(of: base)
            certificate = try Certificate(behindKey: &reader)
            _ = nonce
        } else {
            material = try Self.material(of: type, &reader)
            fingerprint = Self.fingerprint(of: blob)
            certificate = nil
        }
        try reader.end()
    }

    private static func material(
        of type: String, _ reader: inout WireReader
    ) throws(EvidenceError) -> Material {
        switch type {
        case "ssh-ed25519":
            return .ed25519(try ed25519Point(&reader))
        case "ssh-rsa":
            let exponent = try reader.positiveNumber()
            return .rsa(exponent: exponent, modulus: try reader.positiveNumber())
        case "sk-ssh-ed25519@openssh.com":
            let point = try ed25519Point(&reader)
            return .securityKeyEd25519(point, application: try reader.string())
        case "sk-ecdsa-sha2-nistp256@openssh.com":
            let point = try ecdsaPoint(.nistp256, &reader)
            return .securityKeyECDSA(point: point, application: try reader.string())
        default:
            for curve in Curve.allCases where type == "ecdsa-sha2-" + curve.rawValue {
                return .ecdsa(curve, point: try ecdsaPoint(curve, &reader))
            }
            throw EvidenceError("is signed with a key of type \(type), which gate does not verify")
        }
    }

    private static func ed25519Point(_ reader: inout WireReader) throws(EvidenceError) -> [UInt8] {
        let point = try reader.string()
        guard point.count == 32 else {
            throw EvidenceError("is not well formed: an Ed25519 key has not 32 bytes")
        }
        return point
    }

    /// A point in the uncompressed form of SEC 1, the only one that OpenSSH takes (RFC 5656).
    private static func ecdsaPoint(
        _ curve: Curve, _ reader: inout WireReader
    ) throws(EvidenceError) -> [UInt8] {
        guard try reader.name() == curve.rawValue else {
            throw EvidenceError("is not well formed: the key names another curve than its type")
        }
        let point = try reader.string()
        guard point.count == 1 + 2 * curve.size, point[0] == 4 else {
            throw EvidenceError("is not well formed: a key on \(curve.rawValue) is no point")
        }
        return point
    }

    private static func encode(_ type: String, _ material: Material) -> [UInt8] {
        var writer = WireWriter()
        writer.append(string: type)
        switch material {
        case .ed25519(let point):
            writer.append(string: point)
        case .ecdsa(let curve, let point):
            writer.append(string: curve.rawValue)
            writer.append(string: point)
        case .rsa(let exponent, let modulus):
            for number in [exponent, modulus] {
                writer.append(string: number[0] < 0x80 ? number : [0] + number)
            }
        case .securityKeyEd25519(let point, let application):
            writer.append(string: point)
            writer.append(string: application)
        case .securityKeyECDSA(let point, let application):
            writer.append(string: Curve.nistp256.rawValue)
            writer.append(string: point)
            writer.append(string: application)
        }
        return writer.bytes
    }

    private static func fingerprint(of blob: [UInt8]) -> String {
        let hash = Base64.encode(Array(SHA256.hash(data: blob)), padded: false)
        return "SHA256:" + String(decoding: hash, as: UTF8.self)
    }
}

extension PublicKey {
    /// Reads one line of a `.pub` file or of `ssh-add -L`: type, base64, comment.
    public init(line: some Sequence<UInt8>) throws(EvidenceError) {
        let words = Array(line).split(omittingEmptySubsequences: true) { $0 <= 0x20 }
        guard words.count >= 2, let blob = Base64.decode(words[1]) else {
            throw EvidenceError("is no line of a public key file")
        }
        try self.init(blob)
        guard words[0].elementsEqual(type.utf8) else {
            throw EvidenceError("names another type than the key in it has")
        }
    }

    /// The key as a line of a `.pub` file, without comment.
    public var line: String {
        "\(type) \(String(decoding: Base64.encode(blob), as: UTF8.self))"
    }
}
