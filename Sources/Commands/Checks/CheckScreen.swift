import Checks
import GitObjects
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Shows a run of checks as it goes: a line for each result, on a terminal a line for each running
/// check below them, and behind all the others those that did not pass.
final class CheckScreen {
    /// Results are told in another way; only what is no result is shown.
    private let isQuiet: Bool
    private let jobs: Int
    private let text: OutcomeText?
    private let isLive = isatty(STDERR_FILENO) == 1
    private let isVerbose = getenv("GATE_VERBOSE").map { strcmp($0, "1") == 0 } ?? false
    private var forecast: Forecast
    private var running: [(name: String, since: Int)] = []
    private var failures: [CheckOutcome] = []
    /// Output of running checks, kept together until each has ended.
    private var outputs: [String: [UInt8]] = [:]
    private var liveLines = 0

    /// - Parameters:
    ///   - subject: what is checked; nil: failures are told elsewhere.
    init(isQuiet: Bool, jobs: Int = 1, subject: CheckedTree? = nil) {
        self.isQuiet = isQuiet
        self.jobs = jobs
        text = subject.map { OutcomeText($0) }
        forecast = Forecast(jobs: jobs)
    }

    func show(_ event: CheckEvent) {
        erase()
        switch event {
        case .note(let text): Screen.note(text)
        case .planned(let checks):
            forecast.plan(checks.map { ($0.check.name, $0.milliseconds) })
        case .tick: break
        case .moved(let check, let microseconds):
            guard isVerbose else { break }
            let tenths = microseconds / 100
            Screen.note(
                "\(shown(check.name.utf8)): worktree ready in \(tenths / 10).\(tenths % 10) ms")
        case .started(let check):
            forecast.start(check.name)
            running.append((check.name, Self.now))
        case .output(let check, let piece):
            guard isVerbose else { break }
            if jobs == 1 { Screen.relay(piece) } else { outputs[check.name, default: []] += piece }
        case .finished(let outcome):
            let name = outcome.definition.name
            forecast.finish(name)
            running.removeAll { $0.name == name }
            finish(outcome)
        }
        draw()
    }

    /// Behind the last event: what failed, and why.
    func end() {
        erase()
        guard let text else { return }
        for outcome in failures {
            if failures.count > 1 || !isQuiet {
                Screen.note("")
                Screen.note(OutcomeText.line(outcome))
            }
            for line in text.details(outcome) { Screen.note(line) }
        }
    }

    private func finish(_ outcome: CheckOutcome) {
        if let output = outputs.removeValue(forKey: outcome.definition.name) {
            Screen.note("\(shown(outcome.definition.name.utf8)):")
            Screen.relay(output[...])
        } else if isVerbose, outcome.isCached {
            Screen.relay(outcome.outputTail[...])
        }
        if !isQuiet { Screen.result(OutcomeText.line(outcome)) }
        if ![.passed, .notRun].contains(outcome.result) { failures.append(outcome) }
    }

    // MARK: The lines that change

    private func draw() {
        guard isLive, !running.isEmpty else { return }
        let now = Self.now
        let elapsed = Dictionary(running.map { ($0.name, now - $0.since) }) { first, _ in first }
        var lines = running.map { check in
            let name = shown(check.name.utf8)
            let seconds = (now - check.since) / 1000
            guard let expected = forecast.expected(check.name), expected >= 1000 else {
                return "\(name)  \(seconds) s"
            }
            return "\(name)  \(seconds) s of about \(expected / 1000) s"
        }
        var rest: [String] = []
        if forecast.waitingCount > 0 { rest.append("\(forecast.waitingCount) waiting") }
        if let left = forecast.left(elapsed), left >= 1000 {
            rest.append("about \(left / 1000) s left")
        }
        if !rest.isEmpty { lines.append(rest.joined(separator: ", ")) }
        // A line that wraps could not be taken back.
        Screen.prompt(lines.map { String($0.prefix(Self.width - 1)) + "\n" }.joined())
        liveLines = lines.count
    }

    private func erase() {
        guard liveLines > 0 else { return }
        // Up so many lines, and clear from there (ECMA-48, CUU and ED).
        Screen.prompt("\u{1b}[\(liveLines)A\u{1b}[J")
        liveLines = 0
    }

    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }

    /// Milliseconds of a clock that nobody sets.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
    }
}
