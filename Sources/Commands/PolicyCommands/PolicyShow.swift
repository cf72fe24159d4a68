import ArgumentParser
import GitObjects
import JSON
import Policy

/// `gate policy show`: what applies to a ref, and from which line.
struct PolicyShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Says what applies to a ref, and from which line of the policy.",
        discussion: """
            REF is a full name, or the name of a branch. The policy is that of the working tree, \
            or of the commit that --rev names; a push is judged by that of the server's default \
            branch.

            Example:
              gate policy show master
              gate policy show refs/tags/v1.0 --rev origin/master
            """)

    @OptionGroup var global: GlobalOptions

    @Option(name: .customLong("rev"), help: "Read the policy of this commit.")
    var revision: String?

    @Argument(help: "A full ref name, or the name of a branch.")
    var ref: String

    func run() throws {
        let place = try PolicyPlace(revision: revision, folder: global.directory)
        let policy = try place.policy()
        let name = Clone.branch(ref)
        let matching = policy.rulesets.filter { $0.matches(name) }
        if global.json {
            Screen.result([
                "ref": .string(name.description),
                "protected": .bool(policy.isProtected(name)),
                "rulesets": JSON(matching.map { place.json($0, in: policy) }),
            ])
            return
        }
        Screen.result("\(name)  \(policy.isProtected(name) ? "protected" : "not protected")")
        if matching.isEmpty { Screen.result("  no ruleset matches it: every push may move it") }
        for ruleset in matching { show(ruleset, place, policy) }
    }

    private func show(_ ruleset: Ruleset, _ place: PolicyPlace, _ policy: Policy) {
        Screen.result("")
        Screen.result(
            "\(ruleset.name)  \(ruleset.enforcement.rawValue)  \(ruleset.refs)  "
                + place.text(ruleset.location))
        var rows = ruleset.ruleLines.map { line in
            (line.name.rawValue, line.meaning, place.text(line.location))
        }
        if let rule = ruleset.rules.requiredStatusChecks {
            for check in rule.checks.compactMap({ policy.check(named: $0) }) {
                rows.append(("check \(check.name)", check.run, "\(check.timeout) s"))
            }
        }
        if let rule = ruleset.rules.pullRequest {
            let people = policy.eligibleReviewers(for: rule).sorted().map(\.name)
            rows.append(("reviewers", people.joined(separator: " "), ""))
        }
        let bypassers = policy.people.members(of: ruleset.bypass).sorted().map(\.name)
        if !bypassers.isEmpty {
            rows.append(("bypass", bypassers.joined(separator: " "), ""))
        }
        for line in Self.aligned(rows) { Screen.result("  " + line) }
    }

    /// Rows as lines, the second column aligned; locations stand in brackets at the end.
    private static func aligned(_ rows: [(String, String, String)]) -> [String] {
        let width = rows.map { $0.0.count }.max() ?? 0
        return rows.map { name, meaning, place in
            let start = name + String(repeating: " ", count: width - name.count)
            let end = place.isEmpty ? "" : "  (\(place))"
            return "\(start)  \(shown(meaning.utf8))\(end)"
        }
    }
}
