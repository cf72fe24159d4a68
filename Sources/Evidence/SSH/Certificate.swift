import Crypto

/// What an OpenSSH certificate says about its key (PROTOCOL.certkeys).
struct Certificate: Hashable, Sendable {
    enum Kind: UInt32, Hashable, Sendable {
        case user = 1
        case host = 2
    }

    let kind: Kind
    let principals: [[UInt8]]
    /// Seconds since 1970: valid from `validAfter` on and before `validBefore`.
    let validAfter: UInt64
    let validBefore: UInt64
    let criticalOptions: [String]
    /// The authority's key in wire format.
    let authority: [UInt8]
    /// What the authority signed, and its signature.
    let signedPart: [UInt8]
    let signature: [UInt8]

    private static let suffix = "-cert-v01@openssh.com"

    /// The type of the key inside certificates of this type; nil when it names none.
    static func plainType(of type: String) -> String? {
        guard type.utf8.count > suffix.utf8.count, type.hasSuffix(suffix) else { return nil }
        let base = String(type.dropLast(suffix.utf8.count))
        // sk-ssh-ed25519-cert-v01@openssh.com certifies an sk-ssh-ed25519@openssh.com.
        return base.hasPrefix("sk-") ? base + "@openssh.com" : base
    }

    /// Reads what stands behind the key in a certificate.
    init(behindKey reader: inout WireReader) throws(EvidenceError) {
        _ = try reader.uint64()  // serial number
        guard let kind = Kind(rawValue: try reader.uint32()) else {
            throw EvidenceError("is not well formed: a certificate of an unknown kind")
        }
        self.kind = kind
        _ = try reader.string()  // key id, a free text
        principals = try Self.strings(in: try reader.string())
        validAfter = try reader.uint64()
        validBefore = try reader.uint64()
        criticalOptions = try Self.options(in: try reader.string())
        _ = try Self.options(in: try reader.string())  // extensions, which may be ignored
        _ = try reader.string()  // reserved, to be ignored
        authority = try reader.string()
        signedPart = reader.consumed
        signature = try reader.string()
    }

    private static func strings(in bytes: [UInt8]) throws(EvidenceError) -> [[UInt8]] {
        var reader = WireReader(bytes, "the certificate")
        var strings: [[UInt8]] = []
        while !reader.isAtEnd {
            strings.append(try reader.string())
        }
        return strings
    }

    /// The names of name–data pairs.
    private static func options(in bytes: [UInt8]) throws(EvidenceError) -> [String] {
        var reader = WireReader(bytes, "the certificate")
        var names: [String] = []
        while !reader.isAtEnd {
            names.append(try reader.name())
            _ = try reader.string()
        }
        return names
    }
}

extension Certificate {
    /// The one principal that the certificate names. OpenSSH lets a certificate name many; here
    /// a key answers to one person.
    func onlyPrincipal() throws(EvidenceError) -> String {
        guard principals.count == 1 else {
            throw EvidenceError(
                "is signed with a certificate that names \(principals.count) principals, not one")
        }
        let name = principals[0]
        // ASCII without blanks, commas, quotes and wildcards: what allowed_signers can name too.
        let refused = Array(#" ",*?!#"#.utf8)
        guard !name.isEmpty,
            name.allSatisfy({ (0x21...0x7e).contains($0) && !refused.contains($0) })
        else {
            throw EvidenceError("is signed with a certificate whose principal is no plain name")
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// Checks everything that does not depend on who may be certified: that it is for a user,
    /// valid at this time, without conditions that gate cannot judge, and signed by its authority.
    func verify(arrival: Int64?, isSecurityKey: Bool) throws(EvidenceError) {
        guard kind == .user else {
            throw EvidenceError("is signed with a host's certificate")
        }
        if let arrival {
            let now = UInt64(max(0, arrival))
            guard now >= validAfter else {
                throw EvidenceError("is signed with a certificate that is not yet valid")
            }
            guard now < validBefore else {
                throw EvidenceError("is signed with a certificate that has expired")
            }
        }
        for option in criticalOptions where option != Self.verifyRequired || !isSecurityKey {
            throw EvidenceError(
                "is signed with a certificate whose critical option \(option) cannot be judged here"
            )
        }
        let authority = try PublicKey(authority)
        guard authority.certificate == nil else {
            throw EvidenceError("is signed with a certificate that a certificate signed")
        }
        guard
            try authority.isValid(signature, over: signedPart, needsUserVerification: false)
        else {
            throw EvidenceError("is signed with a certificate whose authority's signature is bad")
        }
    }

    private static let verifyRequired = "verify-required"

    /// Whether the security key must have verified its user (by a PIN, say) for each signature.
    var needsUserVerification: Bool { criticalOptions.contains(Self.verifyRequired) }
}
