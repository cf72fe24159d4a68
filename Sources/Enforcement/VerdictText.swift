import GitObjects
import History
import Policy

/// A verdict in lines for the pusher's screen: at most 71 columns, because git puts `remote: `
/// before each; commands stand alone and are never broken.
public struct VerdictText {
    /// What precedes a finding's text; rules with longer names start their text behind the name.
    private static let indent = 17
    private static let width = 71
    /// More findings of one rule than these are not worth reading at once.
    private static let shownPerRule = 12

    private let isWatching: Bool

    /// - Parameter isWatching: the gate is not closed yet: a refusal is told as "would be".
    public init(isWatching: Bool = false) {
        self.isWatching = isWatching
    }

    /// All lines of a verdict; none for updates about which there is nothing to say.
    public func lines(_ verdict: Verdict) -> [String] {
        verdict.updates.flatMap(lines)
    }

    /// The lines about one update.
    public func lines(_ update: UpdateVerdict) -> [String] {
        var lines: [String] = []
        let move = Self.move(update)
        let refused = isWatching ? "would be refused" : "refused"
        switch update.outcome {
        case .refused:
            lines.append("\(refused)  \(move)")
            lines += findings(update.findings)
        case .undetermined(let error):
            lines.append("\(refused)  \(move)")
            lines += entry("undetermined", "\(error.subject): \(error.problem)")
            lines += hint(error.hint)
        case .allowed:
            lines += allowed(update, move)
        }
        // A change of the policy is judged as a landing by itself: what refuses it there need not be
        // read again as what a ruleset would say.
        let refusals = update.outcome == .refused ? Set(update.findings.map(\.problem)) : []
        let observations = update.observations.filter { !refusals.contains($0.problem) }
        if !observations.isEmpty {
            lines.append("evaluated  \(move)")
            lines += entry("evaluate", "these rulesets only report; they would refuse:")
            lines += findings(observations)
        }
        return lines
    }

    /// `refs/heads/master  4f1c2d9 -> 9ab03e7`, with the real name of a symbolic ref.
    private static func move(_ update: UpdateVerdict) -> String {
        let name =
            update.resolved == update.update.ref
            ? update.update.ref.description
            : "\(update.update.ref) (\(update.resolved))"
        func side(_ id: ObjectID) -> String { id.isZero ? "none" : id.short }
        return "\(name)  \(side(update.update.old)) -> \(side(update.update.new))"
    }

    private func allowed(_ update: UpdateVerdict, _ move: String) -> [String] {
        guard !update.landings.isEmpty || !update.bypasses.isEmpty else { return [] }
        var lines = ["allowed  \(move)"]
        for landing in update.landings {
            let names = landing.approvers.map { shown($0.name.utf8) }
            var words = landing.method.map { [$0.rawValue] } ?? []
            if landing.head != landing.commit {
                words.append("of \(landing.head.short)")
            } else if names.isEmpty, landing.method == .squash {
                words = ["direct push"]  // no reviewed change was squashed into it
            }
            if let reason = landing.handMade { words.append("hand-made (\(reason))") }
            let approval = names.isEmpty ? "" : ", approved by \(names.joined(separator: ", "))"
            lines += entry(landing.commit.short, words.joined(separator: " ") + approval)
        }
        for bypass in update.bypasses {
            lines += entry(
                "bypassed",
                "\(bypass.principal) lifted \(bypass.ruleset): \(shown(bypass.reason.utf8))")
            for rule in Set(bypass.lifted.map(\.rule.rawValue)).sorted() {
                lines += entry("", "it would have been refused by \(rule)")
            }
        }
        return lines
    }

    private func findings(_ findings: [Finding]) -> [String] {
        let names = Set(findings.compactMap(\.ruleset))
        var seen: [RuleName: Int] = [:]
        var lines: [String] = []
        for finding in findings {
            seen[finding.rule, default: 0] += 1
            guard seen[finding.rule, default: 0] <= Self.shownPerRule else { continue }
            let label = names.count > 1 ? finding.ruleset.map { "[\(shown($0.utf8))] " } ?? "" : ""
            lines += entry(finding.rule.rawValue, label + finding.problem)
            lines += finding.remedies.flatMap(remedy)
        }
        for (rule, count) in seen.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        where count > Self.shownPerRule {
            lines += entry(rule.rawValue, "and \(count - Self.shownPerRule) more of the same rule")
        }
        return lines
    }

    private func remedy(_ remedy: Remedy) -> [String] {
        switch remedy {
        case .command(let text): [Self.command(text)]
        case .advice(let text): wrapped(text, first: String(repeating: " ", count: Self.indent))
        }
    }

    /// A command on a line of its own; a long one starts further to the left.
    private static func command(_ text: String) -> String {
        let room = max(4, min(indent, width - text.count))
        return String(repeating: " ", count: room) + text
    }

    private func hint(_ hint: String?) -> [String] {
        hint.map { wrapped($0, first: String(repeating: " ", count: Self.indent)) } ?? []
    }

    private func entry(_ name: String, _ text: String) -> [String] {
        let start = "  " + name
        let padding = max(2, Self.indent - start.count)
        return wrapped(text, first: start + String(repeating: " ", count: padding))
    }

    /// Breaks text at blanks; later lines are indented.
    private func wrapped(_ text: String, first: String) -> [String] {
        var lines: [String] = []
        var line = first
        var isFresh = true
        let margin = String(repeating: " ", count: Self.indent)
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            var rest = word
            if !isFresh && line.count + 1 + rest.count > Self.width {
                lines.append(line)
                line = margin
                isFresh = true
            }
            // A word that no line has room for is broken: a path, a pattern.
            while line.count + (isFresh ? 0 : 1) + rest.count > Self.width {
                let room = max(1, Self.width - line.count - (isFresh ? 0 : 1))
                lines.append(line + (isFresh ? "" : " ") + rest.prefix(room))
                rest = rest.dropFirst(room)
                line = margin
                isFresh = true
            }
            line += (isFresh ? "" : " ") + rest
            isFresh = false
        }
        lines.append(line)
        return lines
    }
}
