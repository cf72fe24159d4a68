/// One line of `policies/allowed_signers` (ssh-keygen(1), "ALLOWED SIGNERS").
public struct AllowedSigner: Hashable, Sendable {
    /// The one principal that the key answers to; nil for a certificate authority.
    public var principal: Principal?
    /// For a certificate authority: patterns that a certificate's one principal must match.
    public var authorityPatterns: [String]
    /// The key type: `ssh-ed25519`.
    public var keyType: String
    /// The public key in SSH wire format.
    public var keyBlob: [UInt8]
    /// Signature namespaces that the key may use; nil: all.
    public var namespaces: [String]?
    /// Seconds since 1970 from which, and until which, the key is valid.
    public var validAfter: Int64?
    public var validBefore: Int64?
    public var location: SourceLocation

    public init(
        principal: Principal?, authorityPatterns: [String] = [], keyType: String,
        keyBlob: [UInt8], namespaces: [String]? = nil, validAfter: Int64? = nil,
        validBefore: Int64? = nil, location: SourceLocation
    ) {
        self.principal = principal
        self.authorityPatterns = authorityPatterns
        self.keyType = keyType
        self.keyBlob = keyBlob
        self.namespaces = namespaces
        self.validAfter = validAfter
        self.validBefore = validBefore
        self.location = location
    }
}

/// `policies/allowed_signers`: which keys belong to whom.
public struct AllowedSigners: Sendable {
    public var entries: [AllowedSigner]

    public init(entries: [AllowedSigner] = []) {
        self.entries = entries
    }
}
