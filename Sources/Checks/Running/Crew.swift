import GitObjects
import Policy

/// Threads that run checks side by side, and the one that started them, which is told everything.
///
/// What they tell goes through one queue, so that whoever listens needs no lock and hears the
/// events of one check in their order. The queue is bounded: a check that writes faster than
/// somebody reads waits.
struct Crew: Sendable {
    /// Runs one check; the worker's number is from 0.
    typealias Work =
        @Sendable (CheckDefinition, _ worker: Int, Crew) throws(GitError) -> CheckOutcome

    /// Bytes of output that may wait to be heard.
    private static let queueLimit = 4 << 20
    /// Milliseconds between two ticks.
    private static let tickTime = 200

    private struct State {
        var schedule: Schedule
        var events: [CheckEvent] = []
        var queuedBytes = 0
        var outcomes: [CheckOutcome] = []
        var workers = 0
        /// Why what runs is to end: an error of gate's own, or a failed check.
        var failure: GitError?
        var stopReason: String?
        var isStopping: Bool { failure != nil || stopReason != nil }
    }

    private let monitor: Monitor<State>
    private let failFast: Bool

    init(_ schedule: Schedule, failFast: Bool) {
        monitor = Monitor(State(schedule: schedule))
        self.failFast = failFast
    }

    // MARK: The thread that listens

    /// Runs everything and returns when all has ended.
    ///
    /// - Returns: the outcomes in the order in which they came.
    /// - Throws: the first error of a worker, when the others have ended.
    func run(
        workers: Int, _ work: @escaping Work, onEvent: (CheckEvent) -> Void
    ) throws(GitError) -> [CheckOutcome] {
        for worker in 0..<workers {
            monitor.access { $0.workers += 1 }
            let isStarted = Thread.start { labour(worker, work) }
            guard !isStarted else { continue }
            monitor.access {
                $0.workers -= 1
                // With fewer it only takes longer.
                if $0.workers == 0 {
                    $0.failure = GitError(.limit, "the checks", "cannot start a thread")
                }
            }
            break
        }
        while let events = nextEvents() {
            for event in events { onEvent(event) }
        }
        let (failure, outcomes) = monitor.look { ($0.failure, $0.outcomes) }
        if let failure { throw failure }
        return outcomes
    }

    /// What has been told since; a tick when there is nothing; nil at the end.
    private func nextEvents() -> [CheckEvent]? {
        let found: [CheckEvent]?? = monitor.wait(milliseconds: Self.tickTime) { state in
            if !state.events.isEmpty {
                defer {
                    state.events = []
                    state.queuedBytes = 0
                }
                return .some(state.events)
            }
            return state.workers == 0 ? .some(nil) : nil
        }
        return found ?? [.tick]
    }

    // MARK: The workers

    private func labour(_ worker: Int, _ work: Work) {
        while let check = nextCheck() {
            do throws(GitError) {
                finish(try work(check, worker, self))
            } catch {
                monitor.access {
                    if $0.failure == nil { $0.failure = error }
                    _ = $0.schedule.drop()
                }
            }
        }
        monitor.access { $0.workers -= 1 }
    }

    private func nextCheck() -> CheckDefinition? {
        monitor.wait { state -> CheckDefinition?? in
            if state.isStopping { return .some(nil) }
            return switch state.schedule.next() {
            case .run(let check): .some(check)
            case .wait: nil
            case .nothingLeft: .some(nil)
            }
        }
    }

    private func finish(_ outcome: CheckOutcome) {
        monitor.access { state in
            let name = outcome.definition.name
            var dropped = state.schedule.finish(name, outcome.result)
                .map { CheckOutcome(notRun: $0.check, because: "it needs \($0.need)") }
            if failFast, outcome.result != .passed, !state.isStopping {
                state.stopReason = "\(name) \(outcome.result.words) first"
            }
            if let reason = state.stopReason {
                dropped += state.schedule.drop().map { CheckOutcome(notRun: $0, because: reason) }
            }
            for outcome in [outcome] + dropped {
                state.outcomes.append(outcome)
                state.events.append(.finished(outcome))
            }
        }
    }

    // MARK: What a worker asks and tells

    /// Whether the check that runs is to be ended.
    var shouldStop: Bool { monitor.look { $0.isStopping } }

    /// Why, when it is because of another check.
    var stopReason: String { monitor.look { $0.stopReason ?? "the run was ended" } }

    func tell(_ event: CheckEvent) {
        var bytes = 0
        if case .output(_, let piece) = event { bytes = piece.count }
        monitor.wait { state -> Void? in
            if state.queuedBytes > 0, state.queuedBytes + bytes > Self.queueLimit { return nil }
            state.queuedBytes += bytes
            state.events.append(event)
            return ()
        }
    }
}

extension CheckOutcome.Result {
    /// What one says of the check.
    var words: String {
        switch self {
        case .passed: "passed"
        case .failed: "failed"
        case .timedOut: "timed out"
        case .couldNotRun: "could not run"
        case .notRun: "was not run"
        }
    }
}
