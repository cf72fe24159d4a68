import Enforcement
import Evidence
import GitObjects
import History
import JSON
import Policy

/// An assessment as a list of what is there and what is missing.
struct Checklist {
    /// One line to tick off.
    struct Item {
        let isDone: Bool
        let name: String
        let text: String
        var remedies: [Remedy] = []
    }

    let assessment: Assessment
    let obstacle: MergeProspect.Obstacle?
    let head: Head
    let target: Target
    private(set) var items: [Item] = []

    /// - Parameters:
    ///   - obstacle: why the head does not merge.
    ///   - rebase: the command that helps then.
    init(
        _ assessment: Assessment, obstacle: MergeProspect.Obstacle?, head: Head, target: Target,
        rebase: String
    ) {
        self.assessment = assessment
        self.obstacle = obstacle
        self.head = head
        self.target = target
        if assessment.isLanded { return }
        if let obstacle {
            let paths = obstacle.paths.prefix(Self.shownPaths).map(\.description)
            let more = obstacle.paths.count > paths.count ? " and others" : ""
            let place = paths.isEmpty ? "" : " in \(paths.joined(separator: ", "))\(more)"
            items.append(
                Item(
                    isDone: false, name: "merges", text: obstacle.problem + place,
                    remedies: [.command(rebase)]))
        }
        addReview()
        addChecks()
        for finding in assessment.findings where !Self.isGrouped(finding.rule) {
            items.append(
                Item(
                    isDone: false, name: finding.rule.rawValue, text: finding.problem,
                    remedies: finding.remedies))
        }
    }

    private static let shownPaths = 10

    var isComplete: Bool { items.allSatisfy(\.isDone) }

    /// Whether all that is missing may still come by itself: a review, a check's first result.
    var isWorthWaiting: Bool {
        obstacle == nil && assessment.findings.allSatisfy { Self.isGrouped($0.rule) }
            && assessment.checks.allSatisfy { $0.result == nil || $0.result == .passed }
    }

    /// The names of what is missing: `reviewed, mypy, unit`.
    var missing: String {
        items.filter { !$0.isDone }.map { $0.name == "reviewed" ? "a review" : $0.name }
            .joined(separator: ", ")
    }

    private static func isGrouped(_ rule: RuleName) -> Bool {
        rule == .pullRequest || rule == .policy || rule == .requiredStatusChecks
    }

    private mutating func addReview() {
        guard assessment.needsReview else { return }
        let names = Self.names(assessment.approvers)
        let findings = assessment.findings.filter { $0.rule == .pullRequest || $0.rule == .policy }
        if findings.isEmpty {
            let text = names.isEmpty ? "nobody need approve it" : "approved by \(names)"
            items.append(Item(isDone: true, name: "reviewed", text: text))
        }
        // One line to tick off, however many findings keep it open: an objection leaves approvals
        // missing, too.
        guard !findings.isEmpty else { return }
        let problems = findings.map(\.problem).joined(separator: "; ")
        let remedies = findings.flatMap(\.remedies)
        let text = names.isEmpty ? problems : "\(problems) (by \(names))"
        items.append(Item(isDone: false, name: "reviewed", text: text, remedies: remedies))
    }

    private mutating func addChecks() {
        for check in assessment.checks {
            let text =
                switch check.result {
                case .passed: "passed"
                case .failed, .warned: "failed"
                case nil: "no result that counts"
                }
            items.append(Item(isDone: check.result == .passed, name: check.name, text: text))
        }
        // One run and one report supply all of them.
        guard let last = items.lastIndex(where: { !$0.isDone && $0.name != "reviewed" }) else {
            return
        }
        var remedies: [Remedy] = []
        for finding in assessment.findings where finding.rule == .requiredStatusChecks {
            for remedy in finding.remedies where !remedies.contains(remedy) {
                remedies.append(remedy)
            }
        }
        items[last].remedies = remedies
    }

    static func names(_ people: [Principal]) -> String {
        people.map { shown($0.name.utf8) }.joined(separator: ", ")
    }
}

extension Checklist {
    /// For people.
    var lines: [String] {
        if assessment.isLanded { return ["\(head.title) is on \(target.ref.short) already"] }
        var lines = ["\(head.title) onto \(target.ref.short)"]
        let width = items.map(\.name.count).max() ?? 0
        for item in items {
            let padding = String(repeating: " ", count: width - item.name.count)
            lines.append("[\(item.isDone ? "x" : " ")] \(item.name)\(padding)  \(item.text)")
            for remedy in item.remedies {
                switch remedy {
                case .command(let text), .advice(let text): lines.append("      \(text)")
                }
            }
        }
        if items.isEmpty { lines.append("    \(target.ref.short) asks for nothing") }
        lines.append("then  \(next)")
        return lines
    }

    private var next: String {
        let wait = isComplete ? "" : " --wait"
        return "gate merge \(head.word)\(target.option)\(wait)"
    }

    /// For machines, as docs/reference/json.md describes it.
    var json: JSON {
        let checks = assessment.checks.map { check -> JSON in
            ["name": JSON(check.name), "result": JSON(check.result?.rawValue)]
        }
        return [
            "schemaVersion": 1, "kind": "Status", "head": JSON(head.id.hex),
            "branch": JSON(head.branch.map { shown($0.bytes) }),
            "target": JSON(shown(target.ref.bytes)), "onto": JSON(assessment.onto.hex),
            "obstacle": JSON(obstacle?.problem),
            "conflicts": JSON(obstacle?.paths.map(\.description) ?? []),
            "landed": JSON(assessment.isLanded), "complete": JSON(isComplete),
            "changeDigest": JSON(assessment.digest?.hex),
            "requiredApprovals": JSON(assessment.requiredApprovals),
            "approvers": JSON(assessment.approvers.map(\.name)),
            "ableReviewers": JSON(assessment.ableReviewers.map(\.name)),
            "contributors": JSON(assessment.contributors.map(\.name)),
            "checks": JSON(checks), "findings": JSON(assessment.findings.map(\.json)),
        ]
    }
}
