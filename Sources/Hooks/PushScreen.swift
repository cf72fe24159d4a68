import Checks
import Enforcement
import GitObjects
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a developer reads of the checks of a push: a line for each result as it comes, and behind
/// all of them what failed, with what to do about it.
final class PushScreen {
    private struct Failure {
        let pushed: PushedTree
        let origin: PushChecks.Origin
        let outcome: CheckOutcome
    }

    private let isVerbose: Bool
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var failures: [Failure] = []
    private var origin = PushChecks.Origin.policy
    private var width = 0
    /// The running checks, since when, and how long they took the last time.
    private var running: [(name: String, since: Int)] = []
    private var expected: [String: Int] = [:]

    private static let tailLines = 30
    private static let findings = 20

    init(isVerbose: Bool) {
        self.isVerbose = isVerbose
    }

    func begin(_ pushed: PushedTree, _ checks: PushChecks) {
        var lines: [String] = []
        for (name, what) in checks.unknown {
            lines.append("gate: \(what) names \(shown(name.utf8)), and no check is called that")
        }
        if !checks.isEmpty || !checks.skipped.isEmpty {
            let names = pushed.refs.map(\.short).joined(separator: ", ")
            lines.append("checks  \(pushed.commit.short) for \(names)")
        }
        let names = checks.groups.flatMap(\.checks).map(\.name) + checks.skipped.map(\.name)
        width = names.map { shown($0.utf8).count }.max() ?? 0
        for (name, what) in checks.skipped {
            lines.append("  \(padded(name))  skipped  by \(what)")
        }
        HookScreen.show(lines)
    }

    func begin(_ origin: PushChecks.Origin) {
        self.origin = origin
        running = []
    }

    func show(_ event: CheckEvent) {
        switch event {
        case .note(let text): say("  note: \(shown(text.utf8))")
        case .planned(let plan):
            for (check, milliseconds) in plan { expected[check.name] = milliseconds }
        case .started(let check):
            running.append((check.name, Self.now))
            progress()
        case .moved: break
        case .tick: progress()
        case .output(_, let piece):
            if isVerbose { HookScreen.write(piece) }
        case .finished(let outcome):
            running.removeAll { $0.name == outcome.definition.name }
            say("  \(padded(outcome.definition.name))  \(Self.text(outcome))\(suffix)")
            progress()
        }
    }

    private var suffix: String {
        switch origin {
        case .policy: ""
        case .changed: "  (as this push changes it)"
        case .local: "  (yours)"
        }
    }

    func end(_ pushed: PushedTree, _ origin: PushChecks.Origin, _ outcomes: [CheckOutcome]) {
        clear()
        for outcome in outcomes where outcome.result != .passed && outcome.result != .notRun {
            failures.append(Failure(pushed: pushed, origin: origin, outcome: outcome))
        }
    }

    /// Shows what failed.
    ///
    /// - Returns: the exit code: 0 all passed, 1 one failed, 3 one could not be run.
    func close() -> Int32 {
        if failures.isEmpty { return 0 }
        for failure in failures { HookScreen.show([""] + lines(failure)) }
        var names: [String] = []
        for failure in failures where !names.contains(failure.outcome.definition.name) {
            names.append(failure.outcome.definition.name)
        }
        HookScreen.show([
            "",
            "refused: nothing was pushed. To leave checks out once:",
            "  GATE_SKIP=\(names.joined(separator: ",")) git push …    these",
            "  GATE=0 git push …    all of gate; git push --no-verify all hooks",
        ])
        let isFailed = failures.contains { $0.outcome.result != .couldNotRun }
        return isFailed ? 1 : Hook.undetermined
    }

    private func lines(_ failure: Failure) -> [String] {
        let outcome = failure.outcome
        let check = outcome.definition
        let verb = outcome.result == .couldNotRun ? "could not run" : "failed"
        var lines = [
            "\(shown(check.name.utf8)) \(verb) on \(failure.pushed.commit.short): "
                + shown(outcome.reason.utf8)
        ]
        for finding in outcome.findings.prefix(Self.findings) {
            lines.append("  " + Self.text(finding))
        }
        let more = outcome.findings.count - Self.findings
        if more > 0 { lines.append("  and \(more) more") }
        if outcome.findings.isEmpty, !isVerbose { lines += tail(outcome) }
        lines.append("reproduce: \(reproduce(failure))")
        if let fix = check.fix { lines.append("fix:       \(shown(fix.utf8))") }
        return lines
    }

    private func tail(_ outcome: CheckOutcome) -> [String] {
        var lines = outcome.outputTail.split(separator: 0x0a, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let cut = lines.count > Self.tailLines || outcome.isOutputCut ? ["  …"] : []
        return cut + lines.suffix(Self.tailLines).map { "  \(shown($0))" }
    }

    /// What `gate check` knows it runs; anything else by hand, in a worktree of that commit.
    private func reproduce(_ failure: Failure) -> String {
        let check = failure.outcome.definition
        let commit = failure.pushed.commit.short
        if failure.origin == .policy {
            return "gate check \(shellWord(check.name.utf8)) --rev \(commit)"
        }
        let folder = "/tmp/\(commit)"
        return "git worktree add --detach \(folder) \(commit) && cd \(folder) && "
            + shown(check.run.utf8)
    }

    private static func text(_ finding: CheckFinding) -> String {
        var place = shown(finding.path.utf8)
        if let line = finding.line { place += ":\(line)" }
        if let column = finding.column { place += ":\(column)" }
        let rule = finding.rule.isEmpty ? "" : " (\(shown(finding.rule.utf8)))"
        return (place.isEmpty ? "" : place + ": ") + shown(finding.message.utf8) + rule
    }

    private static func text(_ outcome: CheckOutcome) -> String {
        let reason = shown(outcome.reason.utf8)
        switch outcome.result {
        case .passed: return "passed   " + (outcome.isCached ? "cached" : seconds(outcome))
        case .failed: return "failed   \(seconds(outcome))  \(reason)"
        case .timedOut: return "failed   \(seconds(outcome))  \(reason)"
        case .couldNotRun: return "could not run  \(reason)"
        case .notRun: return "not run  \(reason)"
        }
    }

    private static func seconds(_ outcome: CheckOutcome) -> String {
        let tenths = (outcome.milliseconds + 50) / 100
        return "\(tenths / 10).\(tenths % 10) s"
    }

    private func padded(_ name: String) -> String {
        let name = shown(name.utf8)
        return name + String(repeating: " ", count: max(0, width - name.count))
    }

    // MARK: The line of what is running, on a terminal

    private func say(_ line: String) {
        clear()
        HookScreen.show([line])
    }

    private func clear() {
        if isTerminal { HookScreen.write(Array("\r\u{1b}[K".utf8)[...]) }
    }

    private func progress() {
        guard isTerminal, !isVerbose, !running.isEmpty else { return }
        let now = Self.now
        let parts = running.map { name, since in
            let past = "\(shown(name.utf8)) \(now - since) s"
            guard let milliseconds = expected[name], milliseconds >= 1000 else { return past }
            return past + " of about \(milliseconds / 1000)"
        }
        clear()
        HookScreen.write(Array("  \(parts.joined(separator: "   "))".utf8)[...])
    }

    private static var now: Int {
        var moment = timespec()
        clock_gettime(CLOCK_MONOTONIC, &moment)
        return moment.tv_sec
    }
}
