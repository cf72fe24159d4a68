public import Policy

extension PublicKey {
    /// Whose key this is, for signatures in a namespace. A certificate is verified on the way; the
    /// signature is not.
    ///
    /// - Parameter arrival: seconds since 1970 by which validity is judged; nil: not judged.
    public func principal(
        in namespace: String, under signers: AllowedSigners, arrival: Int64?
    ) throws(EvidenceError) -> Principal {
        let entries = signers.entries.filter { entry in
            if let certificate {
                entry.principal == nil && entry.keyBlob == certificate.authority
            } else {
                entry.principal != nil && entry.keyBlob == blob
            }
        }
        guard !entries.isEmpty else { throw notListed }
        var refusal = notListed
        var found: Set<Principal> = []
        for entry in entries {
            do throws(EvidenceError) {
                try entry.check(namespace: namespace, arrival: arrival)
                found.insert(try name(under: entry))
            } catch {
                refusal = error
            }
        }
        guard let principal = found.first else { throw refusal }
        guard found.count == 1 else {
            throw EvidenceError("is signed with a key that answers to several people")
        }
        try certificate?.verify(arrival: arrival, isSecurityKey: isSecurityKey)
        return principal
    }

    private var notListed: EvidenceError {
        EvidenceError(
            certificate == nil
                ? "is signed with a key (\(fingerprint)) that policies/allowed_signers does not list"
                : "is signed with a certificate of an authority that policies/allowed_signers does"
                    + " not list")
    }

    private func name(under entry: AllowedSigner) throws(EvidenceError) -> Principal {
        if let principal = entry.principal { return principal }
        guard let certificate else { throw notListed }
        let name = try certificate.onlyPrincipal()
        guard PatternList(entry.authorityPatterns).matches(name) else {
            throw EvidenceError(
                "is signed with a certificate for \(name), whom its authority may not certify")
        }
        return Principal(name)
    }
}

extension AllowedSigner {
    /// `valid-after` and `valid-before` name the first and the last second (sshsig.c compares
    /// with `<` and `>`).
    fileprivate func check(namespace: String, arrival: Int64?) throws(EvidenceError) {
        if let namespaces, !PatternList(namespaces).matches(namespace) {
            throw EvidenceError(
                "is signed with a key that policies/allowed_signers does not let sign \(namespace)")
        }
        guard let arrival else { return }
        if let validAfter, arrival < validAfter {
            throw EvidenceError("is signed with a key that is not yet valid")
        }
        if let validBefore, arrival > validBefore {
            throw EvidenceError("is signed with a key that has expired")
        }
    }
}

/// A list of patterns as ssh_config(5) has them: `*`, `?`, and `!` for what must not match.
struct PatternList {
    private let patterns: [String]

    init(_ patterns: [String]) {
        self.patterns = patterns
    }

    func matches(_ name: String) -> Bool {
        var isMatched = false
        for pattern in patterns {
            if pattern.utf8.first == UInt8(ascii: "!") {
                if Self.matches(Array(pattern.utf8.dropFirst()), Array(name.utf8)) { return false }
            } else if Self.matches(Array(pattern.utf8), Array(name.utf8)) {
                isMatched = true
            }
        }
        return isMatched
    }

    /// Takes the last `*` back by one byte when the rest does not match: at most pattern × name.
    private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        var (at, position) = (0, 0)
        var star: (at: Int, position: Int)?
        while position < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                star = (at, position)
                at += 1
            } else if at < pattern.count,
                pattern[at] == UInt8(ascii: "?") || pattern[at] == name[position]
            {
                at += 1
                position += 1
            } else if let last = star {
                star = (last.at, last.position + 1)
                at = last.at + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
