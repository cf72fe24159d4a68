/// How long a run will still take, by how long each check took the last time.
public struct Forecast: Sendable {
    private let jobs: Int
    private var expected: [String: Int] = [:]
    private var waiting: [String] = []
    private var running: [String] = []

    /// - Parameters:
    ///   - jobs: how many run at once.
    public init(jobs: Int) {
        self.jobs = max(1, jobs)
    }

    /// What will run, in the order in which it is likely to be begun.
    public mutating func plan(_ checks: [(name: String, milliseconds: Int?)]) {
        waiting = checks.map(\.name)
        for check in checks { expected[check.name] = check.milliseconds }
    }

    public mutating func start(_ name: String) {
        waiting.removeAll { $0 == name }
        running.append(name)
    }

    public mutating func finish(_ name: String) {
        waiting.removeAll { $0 == name }
        running.removeAll { $0 == name }
    }

    public var waitingCount: Int { waiting.count }

    public func expected(_ name: String) -> Int? { expected[name] }

    /// Milliseconds until the end; nil while a check that has not run here before is among them.
    ///
    /// - Parameter elapsed: milliseconds for which each running check has run.
    public func left(_ elapsed: [String: Int]) -> Int? {
        // Each place is busy until then; what waits takes the place that is free first.
        var ends = [Int](repeating: 0, count: max(jobs, running.count))
        for (place, name) in running.enumerated() {
            guard let total = expected[name] else { return nil }
            ends[place] = max(0, total - (elapsed[name] ?? 0))
        }
        for name in waiting {
            guard let total = expected[name],
                let first = ends.indices.min(by: { ends[$0] < ends[$1] })
            else { return nil }
            ends[first] += total
        }
        return ends.max()
    }
}
