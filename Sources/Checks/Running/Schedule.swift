import Policy

/// Which check is begun next.
///
/// Those that took longest the last time go first, so that they do not end the run alone; one that
/// has not run here yet counts as longest. A check waits until all that it needs have passed.
struct Schedule {
    /// What a worker is to do.
    enum Step {
        case run(CheckDefinition)
        /// What could be run next waits for what runs now.
        case wait
        case nothingLeft
    }

    private(set) var waiting: [CheckDefinition]
    private var running: Set<String> = []
    private var results: [String: CheckOutcome.Result] = [:]
    private let names: Set<String>

    /// - Parameters:
    ///   - checks: without a circle of needs (a policy with one is refused).
    ///   - done: those that have come to something already, from the cache.
    ///   - milliseconds: what each took the last time, by name.
    ///   - isParallel: without it their own order is kept, as far as the needs allow.
    init(
        _ checks: [CheckDefinition], done: [CheckOutcome], milliseconds: [String: Int],
        isParallel: Bool
    ) {
        names = Set((checks + done.map(\.definition)).map(\.name))
        for outcome in done { results[outcome.definition.name] = outcome.result }
        waiting = checks
        guard isParallel else { return }
        let order = checks.enumerated().sorted { left, right in
            let times = (
                milliseconds[left.element.name] ?? .max, milliseconds[right.element.name] ?? .max
            )
            return times.0 == times.1 ? left.offset < right.offset : times.0 > times.1
        }
        waiting = order.map(\.element)
    }

    /// Takes the next check that can be begun.
    mutating func next() -> Step {
        let ready = waiting.firstIndex { check in
            check.needs.allSatisfy { !names.contains($0) || results[$0] == .passed }
        }
        if let ready {
            let check = waiting.remove(at: ready)
            running.insert(check.name)
            return .run(check)
        }
        return waiting.isEmpty ? .nothingLeft : .wait
    }

    /// A check has come to something.
    ///
    /// - Returns: the checks that will not be run because of it, each with what it needed.
    mutating func finish(
        _ name: String, _ result: CheckOutcome.Result
    ) -> [(check: CheckDefinition, need: String)] {
        running.remove(name)
        results[name] = result
        var dropped: [(check: CheckDefinition, need: String)] = []
        while let (position, need) = firstHopeless {
            let check = waiting.remove(at: position)
            results[check.name] = .notRun
            dropped.append((check, need))
        }
        return dropped
    }

    private var firstHopeless: (position: Int, need: String)? {
        for (position, check) in waiting.enumerated() {
            for need in check.needs {
                if let result = results[need], result != .passed { return (position, need) }
            }
        }
        return nil
    }

    /// Takes all that was not begun.
    mutating func drop() -> [CheckDefinition] {
        defer { waiting = [] }
        return waiting
    }
}
