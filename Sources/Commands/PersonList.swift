import Evidence
import GitObjects
import JSON
import Policy

/// Everybody whom a policy knows, with keys, teams and other names.
struct PersonList {
    struct Person {
        let name: String
        let teams: [String]
        let aliases: [String]
        let keys: [Key]
        /// Whether their key signs test results, so that they approve nothing.
        let isCheckSigner: Bool
    }

    struct Key {
        let type: String
        let fingerprint: String
        /// `valid-before`, `namespaces` and the like, in words; empty when there are none.
        let limits: [String]
    }

    /// By name; authorities last.
    let people: [Person]

    init(_ policy: Policy) {
        let checkSigners = policy.checkSigners()
        var names = policy.people.principals
        names.formUnion(policy.signers.entries.compactMap(\.principal))
        var people = names.sorted().map { principal in
            Person(
                name: principal.name,
                teams: policy.people.teams.filter { $0.value.contains(principal) }.keys.sorted(),
                aliases: policy.people.aliases.filter { $0.value == principal }.keys.sorted(),
                keys: policy.signers.entries.filter { $0.principal == principal }.map { Key($0) },
                isCheckSigner: checkSigners.contains(principal))
        }
        for entry in policy.signers.entries where entry.principal == nil {
            people.append(
                Person(
                    name: "authority for " + entry.authorityPatterns.joined(separator: ","),
                    teams: [], aliases: [], keys: [Key(entry)], isCheckSigner: false))
        }
        self.people = people
    }
}

extension PersonList.Key {
    init(_ entry: AllowedSigner) {
        type = entry.keyType
        do {
            fingerprint = try PublicKey(entry.keyBlob).fingerprint
        } catch {
            fingerprint = "a key that gate cannot read: it verifies nothing"
        }
        var limits: [String] = []
        if let namespaces = entry.namespaces {
            limits.append("only for " + namespaces.joined(separator: " "))
        }
        if let after = entry.validAfter { limits.append("valid from \(UTCTime.text(after))") }
        if let before = entry.validBefore { limits.append("valid until \(UTCTime.text(before))") }
        self.limits = limits
    }
}

extension PersonList.Person {
    /// The name with what is said of it, then a line for each key.
    var lines: [String] {
        var first = name
        if !teams.isEmpty { first += "  \(teams.joined(separator: " "))" }
        if !aliases.isEmpty { first += "  also \(aliases.joined(separator: " "))" }
        if isCheckSigner { first += "  (signs checks, approves nothing)" }
        let keys = keys.map { key in
            ([key.type, key.fingerprint] + key.limits).joined(separator: "  ")
        }
        return [shown(first.utf8)] + keys.map { "  " + shown($0.utf8) }
            + (keys.isEmpty ? ["  no key of its own"] : [])
    }

    var json: JSON {
        [
            "name": .string(name), "teams": JSON(teams), "aliases": JSON(aliases),
            "signsChecks": .bool(isCheckSigner),
            "keys": JSON(
                keys.map { key -> JSON in
                    [
                        "type": .string(key.type), "fingerprint": .string(key.fingerprint),
                        "limits": JSON(key.limits),
                    ]
                }),
        ]
    }
}
