import Crypto
public import Policy

/// Why a line of evidence does not count.
public struct EvidenceError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A clause that names what is wrong: "is not in canonical form", "is signed by a key that
    /// policies/allowed_signers does not list".
    public let problem: String

    public init(_ problem: String) {
        self.problem = problem
    }

    public var description: String { problem }
}

/// One line of evidence, read strictly; not yet believed.
public struct Line: Sendable {
    /// The largest line that is accepted, in bytes.
    public static let byteLimit = 65_536

    /// The bytes without newline.
    public let bytes: [UInt8]
    public let digest: LineDigest
    public let statement: Statement
    /// The statement's canonical bytes.
    public let payload: [UInt8]
    public let signature: SSHSignature

    /// The public key (or certificate) that the signature carries, in SSH wire format.
    public var keyBlob: [UInt8] { signature.key.blob }

    /// Reads one line in canonical form; no signature is checked.
    public init(parsing bytes: [UInt8]) throws(EvidenceError) {
        guard bytes.count <= Self.byteLimit else {
            throw EvidenceError("is longer than \(Self.byteLimit) bytes")
        }
        let envelope = try Envelope(parsing: bytes)
        self.bytes = bytes
        payload = envelope.payload
        signature = envelope.signature
        statement = try Statement(payload: envelope.payload)
        digest = LineDigest(SHA256.hash(data: bytes))
    }

    /// A line of a statement and what `ssh-keygen -Y sign` made of ``messageToSign(for:)``.
    public init(
        _ statement: Statement, signature: SSHSignature
    ) throws(EvidenceError) {
        let envelope = Envelope(payload: try statement.payload(), signature: signature)
        try self.init(parsing: envelope.encoded())
    }

    /// The bytes to sign for a statement, in its predicate's namespace: DSSE's pre-authentication
    /// encoding of its payload.
    public static func messageToSign(for statement: Statement) throws(EvidenceError) -> [UInt8] {
        Envelope.preAuthenticationEncoding(of: try statement.payload())
    }

    /// The bytes that the signature is over.
    public var signedMessage: [UInt8] { Envelope.preAuthenticationEncoding(of: payload) }

    /// Whose good signature this is under these signers, in the namespace of its predicate.
    ///
    /// - Parameter arrival: the server's time in seconds since 1970 when the line arrives, by
    ///   which validity of the key is judged; nil to judge a line that arrived earlier.
    public func signer(
        under signers: AllowedSigners, arrival: Int64?
    ) throws(EvidenceError) -> Principal {
        try signature.signer(
            of: signedMessage, in: statement.predicate.namespace, under: signers, arrival: arrival)
    }
}

/// A line is its bytes: everything else is read from them.
extension Line: Hashable {
    public static func == (left: Line, right: Line) -> Bool { left.bytes == right.bytes }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(digest)
    }
}

extension LineDigest {
    /// SHA-256 of these bytes.
    public init(hashing bytes: [UInt8]) {
        self.init(SHA256.hash(data: bytes))
    }

    init(_ digest: SHA256Digest) {
        let digits = Array("0123456789abcdef".utf8)
        let text = digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        self.init(hexDigits: String(decoding: text, as: UTF8.self))
    }
}
