import Git
import Evidence
import GitObjects
import JSON
import Policy

/// What an owner reads before trusting a policy: its rulesets, people and keys.
struct TrustSummary {
    let site: Site
    let branch: RefName
    let commit: ObjectID
    let place: PolicyPlace
    let policy: Policy

    var lines: [String] {
        var lines = ["\(branch) at \(commit.short) in \(site.name)", "", "rulesets"]
        for ruleset in policy.rulesets {
            lines.append("  \(ruleset.name)  \(ruleset.enforcement.rawValue)  \(ruleset.refs)")
            for rule in ruleset.ruleLines {
                lines.append("    \(rule.name.rawValue): \(shown(rule.meaning.utf8))")
            }
            let bypassers = policy.people.members(of: ruleset.bypass).sorted().map(\.name)
            if !bypassers.isEmpty {
                lines.append("    may be bypassed by \(bypassers.joined(separator: " "))")
            }
        }
        lines += ["", "people"]
        for person in PersonList(policy).people {
            lines += person.lines.map { "  \($0)" }
        }
        return lines
    }

    var json: JSON {
        [
            "repository": .string(shown(site.repository.gitDirectory.utf8)),
            "branch": .string(branch.description),
            "trusted": .string(commit.hex),
            "rulesets": JSON(policy.rulesets.map { place.json($0, in: policy) }),
            "people": JSON(PersonList(policy).people.map(\.json)),
        ]
    }
}
