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

extension AllowedSigner {
    /// Whether a certificate of this authority may name a principal: one of its patterns matches, `*`
    /// standing for any characters and `?` for one, case counting (OpenSSH's `match_pattern_list`).
    /// False for a line that is no authority.
    public func mayCertify(_ principal: Principal) -> Bool {
        let name = Array(principal.name.utf8)
        return authorityPatterns.contains { Glob(signer: $0).matches(name) }
    }

    /// The principal, or the patterns of an authority, as the file has them.
    var names: String { principal?.name ?? authorityPatterns.joined(separator: ",") }
}

extension AllowedSigners {
    /// Everybody whom a line names in full: by their own key, or as the only match of an authority.
    var namedPrincipals: Set<Principal> {
        var principals: Set<Principal> = []
        for entry in entries {
            if let principal = entry.principal { principals.insert(principal) }
            for pattern in entry.authorityPatterns
            where !pattern.utf8.contains(where: { $0 == 0x2a || $0 == 0x3f }) {
                principals.insert(Principal(pattern))
            }
        }
        return principals
    }

    /// The patterns of all authorities, for who asks about many names.
    var certifiers: [Glob] {
        entries.flatMap { $0.authorityPatterns.map { Glob(signer: $0) } }
    }
}

extension Glob {
    /// A pattern of OpenSSH's for names, without levels (ssh_config(5), "PATTERNS").
    fileprivate init(signer pattern: String) {
        let tokens = pattern.utf8.flatMap { byte -> [Token] in
            switch byte {
            case UInt8(ascii: "*"): [.everything]
            case UInt8(ascii: "?"): [.byteClass(.all)]
            default: [.byte(byte)]
            }
        }
        self.init(tokens)
    }
}
