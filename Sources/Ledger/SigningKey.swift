import Evidence
import Files
import Git
import GitObjects
import Policy
import Spawn

/// The key with which evidence is signed, as `ssh-keygen -Y sign -f` wants it.
struct SigningKey {
    /// Where it comes from.
    enum Source {
        /// A file: a private key, or a public one whose private half the agent has or stands beside.
        case file(String)
        /// A public key that only the agent can use.
        case agent
    }

    let publicKey: PublicKey
    let source: Source
}

/// Finds a user's key: the one that is named, else the one that git signs with, else the first
/// of the user's keys that `allowed_signers` lists.
struct KeySearch {
    private static let usualNames = [
        "id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa",
    ]

    let repository: Repository
    let signers: AllowedSigners
    let namespace: String
    let now: Int64

    func find(named option: String?) throws(LedgerError) -> SigningKey {
        if let option {
            do throws(LedgerError) {
                return try key(named: option)
            } catch {
                // The user named it: a mistake of the command line, not of the machine.
                guard case .cannotSign(let problem, let hint) = error else { throw error }
                throw .badKey(problem: problem, hint: hint)
            }
        }
        if let configured = try configured() { return try key(named: configured) }
        var found = usualKeys()
        found += Self.agentKeys()
        if let listed = found.first(where: { isListed($0.publicKey) }) { return listed }
        if let only = found.first {
            throw Self.notListed(only.publicKey, found.count)
        }
        throw .cannotSign(
            problem: "you have no SSH key",
            hint: "make one: ssh-keygen -t ed25519; then: gate people add YOU --key"
                + " ~/.ssh/id_ed25519.pub")
    }

    private func isListed(_ key: PublicKey) -> Bool {
        do throws(EvidenceError) {
            _ = try key.principal(in: namespace, under: signers, arrival: now)
            return true
        } catch {
            return false
        }
    }

    private static func notListed(_ key: PublicKey, _ count: Int) -> LedgerError {
        .cannotSign(
            problem: count == 1
                ? "your key \(key.fingerprint) is not in policies/allowed_signers"
                : "none of your \(count) keys is in policies/allowed_signers",
            hint: "gate people add YOU --key FILE adds it, and that change is reviewed; or name"
                + " another key: git config user.signingkey FILE")
    }

    /// `user.signingkey`, when git signs with SSH or the value can be nothing else.
    private func configured() throws(LedgerError) -> String? {
        do throws(GitError) {
            guard let value = try repository.configuration("user.signingkey") else { return nil }
            let format = try repository.configuration("gpg.format")
            let isSSH = format == "ssh" || Self.literal(value) != nil || value.contains("/")
            return isSSH ? value : nil
        } catch {
            throw .git(error)
        }
    }

    /// A key that stands in the configuration itself (git-config(1), `user.signingKey`).
    private static func literal(_ value: String) -> String? {
        if value.hasPrefix("key::") { return String(value.dropFirst(5)) }
        let isKey = ["ssh-", "ecdsa-", "sk-"].contains { value.hasPrefix($0) }
        return isKey && value.contains(" ") ? value : nil
    }

    private func key(named name: String) throws(LedgerError) -> SigningKey {
        if let literal = Self.literal(name) {
            return SigningKey(
                publicKey: try Self.publicKey(literal.utf8, from: "user.signingkey"),
                source: .agent)
        }
        let path = Self.expanded(name)
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try File.read(path, limit: 1 << 20)
        } catch {
            throw .cannotSign(
                problem: "the key \(error)",
                hint: "name another: --key FILE, or git config user.signingkey FILE")
        }
        guard bytes.starts(with: "-----BEGIN ".utf8) else {
            let key = try Self.publicKey(bytes, from: path)
            return SigningKey(publicKey: key, source: .file(path))
        }
        return SigningKey(publicKey: try publicHalf(ofPrivate: path), source: .file(path))
    }

    /// The public half stands beside a private key, and in it, readable without a passphrase, when
    /// it is in OpenSSH's own format.
    private func publicHalf(ofPrivate path: String) throws(LedgerError) -> PublicKey {
        let beside: [UInt8]?
        do throws(FileError) {
            beside = try File.readIfPresent(path + ".pub", limit: 1 << 20)
        } catch {
            throw .cannotSign(problem: "the key \(error)", hint: nil)
        }
        if let beside { return try Self.publicKey(beside, from: path + ".pub") }
        var command = Child(["ssh-keygen", "-y", "-f", path])
        command.asksAtTerminal = true
        let result = try SigningTime(repository).run(command)
        guard result.succeeded else {
            throw .cannotSign(
                problem: "the key \(shown(path.utf8)) cannot be read: "
                    + shown(result.errorOutput.split(separator: 0x0a).last ?? []), hint: nil)
        }
        return try Self.publicKey(result.output, from: path)
    }

    private static func publicKey(
        _ line: some Sequence<UInt8>, from place: String
    ) throws(LedgerError) -> PublicKey {
        do throws(EvidenceError) {
            return try PublicKey(line: line)
        } catch {
            throw .cannotSign(
                problem: "\(shown(place.utf8)) is no public key that gate can use", hint: nil)
        }
    }

    /// The keys in the places where ssh looks; one that cannot be read is none.
    private func usualKeys() -> [SigningKey] {
        Self.usualNames.compactMap { name in
            do throws(LedgerError) {
                return try key(named: "~/.ssh/\(name).pub")
            } catch {
                return nil
            }
        }
    }

    /// What the agent offers; nothing when there is none.
    private static func agentKeys() -> [SigningKey] {
        var command = Child(["ssh-add", "-L"])
        command.timeout = 10
        do throws(SpawnError) {
            let result = try command.run()
            guard result.succeeded else { return [] }
            var keys: [SigningKey] = []
            for line in result.output.split(separator: 0x0a) {
                do throws(EvidenceError) {
                    keys.append(SigningKey(publicKey: try PublicKey(line: line), source: .agent))
                } catch {
                    continue  // a key of a kind that gate does not verify
                }
            }
            return keys
        } catch {
            return []
        }
    }

    private static func expanded(_ path: String) -> String {
        guard path.hasPrefix("~/") else { return path }
        let home = Child.inheritedEnvironment().first { $0.starts(with: "HOME=".utf8) }
        return String(decoding: home?.dropFirst(5) ?? [], as: UTF8.self) + path.dropFirst()
    }
}
