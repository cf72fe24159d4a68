import JSON
import Policy

/// One rule of a ruleset in words: its name, what it asks, and where it stands.
struct RuleLine {
    let name: RuleName
    /// `needs 2 approvals of engineering`; empty when the name says it all.
    let meaning: String
    let location: SourceLocation
}

extension Ruleset {
    /// The rules that are on, in the order of the file.
    var ruleLines: [RuleLine] {
        var lines: [RuleLine] = []
        func add(_ name: RuleName, _ meaning: String?) {
            guard let meaning else { return }
            lines.append(RuleLine(name: name, meaning: meaning, location: location(of: name)))
        }
        add(.creation, rules.creation ? "only at a landing of a protected branch" : nil)
        add(.deletion, rules.deletion ? "may not be deleted" : nil)
        add(.nonFastForward, rules.nonFastForward ? "may not be forced" : nil)
        add(.pullRequest, rules.pullRequest?.meaning)
        add(.requiredStatusChecks, rules.requiredStatusChecks?.meaning)
        add(
            .requiredSignatures,
            rules.requiredSignatures ? "commits are signed by a known principal" : nil)
        add(.requiredLinearHistory, rules.requiredLinearHistory ? "no merge commits" : nil)
        add(
            .commitMessagePattern,
            rules.commitMessagePattern.map { "\($0.scope.rawValue) matches \($0.pattern.text)" })
        add(
            .filePathRestriction,
            rules.filePathRestriction.map { rule in
                "forbids " + rule.forbid.map(\.text).joined(separator: " ")
            })
        add(.maxFileSize, rules.maxFileSize.map { "at most \($0.bytes) bytes a file" })
        add(.maxFilePathLength, rules.maxFilePathLength.map { "at most \($0.bytes) bytes a path" })
        return lines.sorted {
            ($0.location.file, $0.location.line, $0.location.column)
                < ($1.location.file, $1.location.line, $1.location.column)
        }
    }

    /// `refs/heads/master but not refs/heads/x`.
    var refs: String {
        let included = include.map(\.text).joined(separator: " ")
        if exclude.isEmpty { return included }
        return included + " but not " + exclude.map(\.text).joined(separator: " ")
    }
}

extension PullRequestRule {
    fileprivate var meaning: String {
        var parts: [String] = []
        let count = requiredApprovingReviewCount
        let from = reviewers.map { " of " + $0.joined(separator: " ") } ?? ""
        parts.append("\(count) \(count == 1 ? "approval" : "approvals")\(from)")
        if requireCodeOwnerReview { parts.append("code owners") }
        let methods = MergeMethod.allCases.filter { allowedMergeMethods.contains($0) }
        parts.append("by " + methods.map(\.rawValue).joined(separator: " "))
        parts.append("carry over \(carryOver.rawValue)")
        return parts.joined(separator: ", ")
    }
}

extension RequiredStatusChecksRule {
    fileprivate var meaning: String {
        "\(checks.joined(separator: " ")) on the \(tested.rawValue), "
            + "signed by \(signers.joined(separator: " "))"
    }
}

extension PolicyPlace {
    /// A rule for machines.
    func json(_ line: RuleLine) -> JSON {
        let place = place(line.location)
        return [
            "rule": .string(line.name.rawValue), "meaning": .string(line.meaning),
            "file": .string(place.file), "line": JSON(place.line),
        ]
    }

    /// A ruleset for machines.
    func json(_ ruleset: Ruleset, in policy: Policy) -> JSON {
        let place = place(ruleset.location)
        return [
            "name": .string(ruleset.name), "target": .string(ruleset.target.rawValue),
            "enforcement": .string(ruleset.enforcement.rawValue),
            "include": JSON(ruleset.include.map(\.text)),
            "exclude": JSON(ruleset.exclude.map(\.text)),
            "file": .string(place.file), "line": JSON(place.line),
            "rules": JSON(ruleset.ruleLines.map { json($0) }),
            "bypass": JSON(policy.people.members(of: ruleset.bypass).sorted().map(\.name)),
        ]
    }
}
