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
public struct Line: Hashable, Sendable {
    /// The bytes without newline.
    public let bytes: [UInt8]
    public let digest: LineDigest
    public let statement: Statement
    /// The public key (or certificate) that the signature carries, in SSH wire format.
    public let keyBlob: [UInt8]

    /// Reads one line in canonical form; no signature is checked.
    public init(parsing bytes: [UInt8]) throws(EvidenceError) {
        throw EvidenceError("not built yet")
    }

    /// Whose good signature this is under these signers, in the namespace of its predicate.
    ///
    /// - Parameter arrival: the server's time in seconds since 1970 when the line arrives, by
    ///   which validity of the key is judged; nil to judge a line that arrived earlier.
    public func signer(
        under signers: AllowedSigners, arrival: Int64?
    ) throws(EvidenceError) -> Principal {
        throw EvidenceError("not built yet")
    }
}

/// Verifies the signature of a commit or tag (SSHSIG in namespace `git`).
public enum GitSignature {
    /// Whose good signature `armored` over `payload` is. OpenPGP and X.509 signatures, and keys
    /// that nobody has, are an error.
    public static func signer(
        of payload: [UInt8], armored: [UInt8], under signers: AllowedSigners
    ) throws(EvidenceError) -> Principal {
        throw EvidenceError("not built yet")
    }
}
