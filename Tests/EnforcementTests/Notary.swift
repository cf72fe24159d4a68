import Crypto
import Evidence
import GitObjects
import History
import Policy
import Testing

/// Signs lines of evidence with keys of the tests' own, without ssh-keygen.
final class Notary: EvidenceSource {
    static let people = [
        "alice@wrk.example", "bob@wrk.example", "carol@wrk.example", "ci@wrk.example",
    ]

    private let keys: [String: Curve25519.Signing.PrivateKey]
    private var attached: [(subject: ObjectID, line: Line)] = []
    var tip: ObjectID?

    init() {
        keys = Dictionary(
            uniqueKeysWithValues: Self.people.map { ($0, Curve25519.Signing.PrivateKey()) })
    }

    var signers: AllowedSigners {
        AllowedSigners(
            entries: Self.people.enumerated().compactMap { index, name in
                keys[name].map { key in
                    AllowedSigner(
                        principal: Principal(name), keyType: "ssh-ed25519",
                        keyBlob: Self.blob(of: key),
                        location: SourceLocation(
                            file: "policies/allowed_signers", line: index + 1, column: 1))
                }
            })
    }

    /// Signs a statement as somebody and attaches it to its subject.
    @discardableResult
    func say(
        _ predicate: Predicate, about subject: ObjectID, as person: String,
        kind: ObjectKind = .commit, repository: String = "wrk/system"
    ) throws -> LineDigest {
        let statement = Statement(
            subject: subject, subjectKind: kind, repository: repository, predicate: predicate)
        let line = try line(statement, as: person)
        attached.append((subject, line))
        return line.digest
    }

    func lines(on object: ObjectID) throws(GitError) -> [Line] {
        attached.filter { $0.subject == object }.map(\.line)
    }

    func reviews(of digest: ChangeDigest) throws(GitError) -> [Line] {
        attached.map(\.line).filter { line in
            if case .review(let review) = line.statement.predicate {
                return review.changeDigest == digest
            }
            return false
        }
    }

    func reviews(superseding digest: LineDigest) throws(GitError) -> [Line] {
        attached.map(\.line).filter { line in
            if case .review(let review) = line.statement.predicate {
                return review.supersedes.contains(digest)
            }
            return false
        }
    }

    private func line(_ statement: Statement, as person: String) throws -> Line {
        let key = try #require(keys[person])
        let hashed = Array(SHA512.hash(data: try Line.messageToSign(for: statement)))
        let namespace = statement.predicate.namespace
        let signed =
            Array("SSHSIG".utf8) + Self.string(namespace.utf8) + Self.string([])
            + Self.string("sha512".utf8) + Self.string(hashed)
        let signature = try key.signature(for: signed)
        let sshsig =
            Array("SSHSIG".utf8) + [0, 0, 0, 1] + Self.string(Self.blob(of: key))
            + Self.string(namespace.utf8) + Self.string([]) + Self.string("sha512".utf8)
            + Self.string(Self.string("ssh-ed25519".utf8) + Self.string(signature))
        return try Line(statement, signature: try SSHSignature(sshsig))
    }

    private static func blob(of key: Curve25519.Signing.PrivateKey) -> [UInt8] {
        string("ssh-ed25519".utf8) + string(key.publicKey.rawRepresentation)
    }

    /// A length-prefixed string (RFC 4251, 5).
    private static func string(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let count = UInt32(bytes.count)
        return [
            UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255),
            UInt8(count & 255),
        ]
            + bytes
    }
}
