import Crypto
import GitObjects
public import Policy

/// A signature as `ssh-keygen -Y sign` makes it (OpenSSH's PROTOCOL.sshsig).
public struct SSHSignature: Hashable, Sendable {
    private static let magic = Array("SSHSIG".utf8)
    private static let version: UInt32 = 1

    enum HashAlgorithm: String, Hashable, Sendable {
        case sha256, sha512
    }

    /// The binary form, which DSSE's `sig` holds.
    public let blob: [UInt8]
    /// The key that it says it was made with; not yet believed.
    public let key: PublicKey
    /// What kind of message it is for: `git`, `gate-review`.
    public let namespace: String
    let hash: HashAlgorithm
    let signature: [UInt8]

    /// Reads the binary form.
    public init(_ blob: [UInt8]) throws(EvidenceError) {
        var reader = WireReader(blob, "the signature")
        self.blob = blob
        guard try reader.take(Self.magic.count) == Self.magic else {
            throw EvidenceError("is not well formed: its signature is no SSHSIG")
        }
        guard try reader.uint32() == Self.version else {
            throw EvidenceError("has a signature of an unknown version of SSHSIG")
        }
        key = try PublicKey(try reader.string())
        namespace = try reader.name()
        guard !namespace.isEmpty else {
            throw EvidenceError("has a signature without a namespace")
        }
        guard try reader.string().isEmpty else {
            throw EvidenceError("has a signature whose reserved field is not empty")
        }
        let hashName = try reader.name()
        guard let hash = HashAlgorithm(rawValue: hashName) else {
            throw EvidenceError("has a signature over the hash \(hashName), not sha256 or sha512")
        }
        self.hash = hash
        signature = try reader.string()
        try reader.end()
    }

    /// Reads the armoured form, as `ssh-keygen` writes it and git keeps it.
    public init(armored: [UInt8]) throws(EvidenceError) {
        let first = Array("-----BEGIN SSH SIGNATURE-----\n".utf8)
        let last = Array("-----END SSH SIGNATURE-----".utf8)
        var text = armored[...]
        if text.last == 0x0a { text = text.dropLast() }
        guard text.starts(with: first), text.count >= first.count + last.count,
            text.suffix(last.count).elementsEqual(last)
        else { throw EvidenceError(Self.problem(with: armored)) }
        let body = text.dropFirst(first.count).dropLast(last.count)
        guard body.last == 0x0a, let blob = Base64.decode(body.filter { $0 != 0x0a }) else {
            throw EvidenceError("is not well formed: its signature is no base64")
        }
        try self.init(blob)
    }

    private static func problem(with armored: [UInt8]) -> String {
        for (beginning, name) in [
            ("-----BEGIN PGP ", "OpenPGP"), ("-----BEGIN SIGNED MESSAGE-----", "X.509"),
        ] where armored.starts(with: beginning.utf8) {
            return "has an \(name) signature; gate verifies SSH signatures"
        }
        return "is not well formed: its signature is not armoured as ssh-keygen does it"
    }
}

extension SSHSignature {
    /// Whose good signature over `message` this is.
    ///
    /// The key is looked up before anything is computed, so that only listed keys cost time.
    ///
    /// - Parameters:
    ///   - namespace: the one in which it must have been made.
    ///   - arrival: seconds since 1970 by which the validity of the key is judged; nil: not judged.
    public func signer(
        of message: [UInt8], in namespace: String, under signers: AllowedSigners, arrival: Int64?
    ) throws(EvidenceError) -> Principal {
        guard self.namespace == namespace else {
            throw EvidenceError("is signed in the namespace \(self.namespace), not \(namespace)")
        }
        let principal = try key.principal(in: namespace, under: signers, arrival: arrival)
        let needsUserVerification = key.certificate?.needsUserVerification ?? false
        guard
            try key.isValid(
                signature, over: signedData(message), needsUserVerification: needsUserVerification)
        else { throw EvidenceError("has a bad signature: it was changed after it was signed") }
        return principal
    }

    /// What is signed in place of the message (PROTOCOL.sshsig, "Signed Data").
    private func signedData(_ message: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        writer.append(Self.magic)
        writer.append(string: namespace)
        writer.append(string: "")
        writer.append(string: hash.rawValue)
        switch hash {
        case .sha256: writer.append(string: Array(SHA256.hash(data: message)))
        case .sha512: writer.append(string: Array(SHA512.hash(data: message)))
        }
        return writer.bytes
    }
}
