import Checks
import GitObjects
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Shows a run of checks as it goes: a line for each result, and the end of the output of those
/// that did not pass.
struct CheckScreen {
    /// Results are told in another way; only what is no result is shown.
    let isQuiet: Bool

    private static let tailLines = 40
    private var isVerbose: Bool { getenv("GATE_VERBOSE").map { strcmp($0, "1") == 0 } ?? false }

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
    }

    func show(_ event: CheckEvent) {
        switch event {
        case .note(let text): Screen.note(text)
        case .planned, .tick: break
        case .started(let check):
            if Screen.isInteractive { Screen.prompt("\r\u{1b}[K\(shown(check.name.utf8)) …") }
        case .output(_, let piece):
            if isVerbose { Screen.relay(piece) }
        case .finished(let outcome):
            if Screen.isInteractive { Screen.prompt("\r\u{1b}[K") }
            show(outcome)
        }
    }

    private func show(_ outcome: CheckOutcome) {
        if !isQuiet { Screen.result(Self.text(outcome)) }
        if outcome.result == .passed || isVerbose { return }
        var lines = outcome.outputTail.split(separator: 0x0a, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        if lines.count > Self.tailLines || outcome.isOutputCut { Screen.note("  …") }
        for line in lines.suffix(Self.tailLines) { Screen.note("  \(shown(line))") }
    }

    private static func text(_ outcome: CheckOutcome) -> String {
        let name = shown(outcome.definition.name.utf8)
        let tenths = (outcome.milliseconds + 50) / 100
        let time = "\(tenths / 10).\(tenths % 10) s"
        switch outcome.result {
        case .passed: return "\(name)  passed  \(time)"
        case .failed: return "\(name)  failed  \(time)  \(shown(outcome.reason.utf8))"
        case .timedOut: return "\(name)  timed out  \(time)  \(shown(outcome.reason.utf8))"
        case .couldNotRun: return "\(name)  could not run  \(shown(outcome.reason.utf8))"
        case .notRun: return "\(name)  not run  \(shown(outcome.reason.utf8))"
        }
    }
}
