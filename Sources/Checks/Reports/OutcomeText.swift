import GitObjects
import Policy

/// What people are told of an outcome; the same in `gate check` and the local hook.
public struct OutcomeText: Sendable {
    /// Lines of output, or places, that are shown of one check.
    private static let lineLimit = 40

    private let subject: CheckedTree

    public init(_ subject: CheckedTree) {
        self.subject = subject
    }

    /// One line: `pylint  failed  3.2 s  4 findings`.
    public static func line(_ outcome: CheckOutcome) -> String {
        var parts = [shown(outcome.definition.name.utf8), outcome.result.words]
        switch outcome.result {
        case .passed, .failed, .timedOut: parts.append(time(outcome.milliseconds))
        case .couldNotRun, .notRun: break
        }
        if outcome.isCached { parts.append("cached") }
        if !outcome.reason.isEmpty { parts.append(shown(outcome.reason.utf8)) }
        return parts.joined(separator: "  ")
    }

    /// What is shown of a check that did not pass, to be told behind all the others: the commit,
    /// the places that its report names, the end of its output, and what to do.
    public func details(_ outcome: CheckOutcome) -> [String] {
        guard outcome.result != .passed, outcome.result != .notRun else { return [] }
        var lines = Self.findings(outcome).map { "  " + $0 } + Self.output(outcome)
        let name = shown(outcome.definition.name.utf8)
        if let commit = subject.commit {
            lines.append("  commit:    \(commit.short)")
            lines.append("  reproduce: gate check \(name) --rev \(commit.hex)")
        } else {
            let sides = subject.parents.map(\.short).joined(separator: " and ")
            lines.append("  tree:      \(subject.tree.short), the merge of \(sides)")
        }
        if let fix = outcome.definition.fix { lines.append("  fix:       \(shown(fix.utf8))") }
        return lines
    }

    private static func findings(_ outcome: CheckOutcome) -> [String] {
        let findings = outcome.findings.prefix(lineLimit).map { finding in
            var finding = finding
            // A test's failure can be long; all of it is in the output.
            finding.message = String(
                decoding: finding.message.utf8.prefix { $0 != 0x0a }, as: UTF8.self)
            return shown(finding.text.utf8)
        }
        let more = outcome.findings.count - findings.count
        return more > 0 ? findings + ["and \(more) more"] : findings
    }

    private static func output(_ outcome: CheckOutcome) -> [String] {
        var lines = outcome.outputTail.split(separator: 0x0a, omittingEmptySubsequences: false)
        while lines.last?.isEmpty == true { lines.removeLast() }
        let isCut = lines.count > lineLimit || outcome.isOutputCut
        return (isCut ? ["  | …"] : []) + lines.suffix(lineLimit).map { "  | \(shown($0))" }
    }

    /// `3.2 s`, `2 min 5 s`.
    public static func time(_ milliseconds: Int) -> String {
        if milliseconds < 60_000 {
            let tenths = (milliseconds + 50) / 100
            return "\(tenths / 10).\(tenths % 10) s"
        }
        let seconds = (milliseconds + 500) / 1000
        return "\(seconds / 60) min \(seconds % 60) s"
    }
}
