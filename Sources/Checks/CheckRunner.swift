public import Git
public import GitObjects
public import Policy
public import Spawn

/// Runs checks on one tree, each in a clean kept worktree, several at once where that is asked for.
///
/// ```swift
/// let runner = try CheckRunner(repository: ".")
/// let options = RunOptions(jobs: 4, cache: .readAndWrite)
/// let outcomes = try runner.run(checks, on: CheckedTree(tree: tree, commit: commit), options) {
///     event in …
/// }
/// ```
///
/// A check is `/bin/sh -c` of its `run:` at the root of the tree, with empty standard input, in a
/// process group of its own which is ended with it, when its time is up, and when gate is
/// interrupted. Besides the scrubbed environment it gets `GATE_REPORT`, a file to write a report
/// to, and `GATE_SLOT`, a number that no other check of this repository has at this time.
public struct CheckRunner {
    /// How much of a check's output is kept, in bytes.
    public static let tailLimit = 64 << 10

    private let repository: Repository
    private let pool: WorktreePool
    private let environment: [[UInt8]]

    /// - Parameters:
    ///   - repository: whose trees are checked; it is only read.
    ///   - environment: what checks inherit, before it is scrubbed.
    public init(
        _ repository: Repository, environment: [[UInt8]] = Child.inheritedEnvironment()
    ) throws(GitError) {
        self.repository = repository
        pool = try WorktreePool(of: repository, environment: environment)
        self.environment = environment
    }

    /// - Parameter repository: a folder in the repository, or the bare repository.
    public init(
        repository: String, environment: [[UInt8]] = Child.inheritedEnvironment()
    ) throws(GitError) {
        try self.init(try Repository.discover(from: repository), environment: environment)
    }

    /// Runs them; all of them whatever fails, unless the options say otherwise.
    ///
    /// - Parameters:
    ///   - checks: each waits for those of these that it `needs`.
    ///   - onEvent: is told what happens as it happens, on the thread that called.
    /// - Returns: an outcome for each check, in their order.
    /// - Throws: when there is no clean worktree of the tree; a check that cannot be run is an
    ///   outcome.
    public func run(
        _ checks: [CheckDefinition], on subject: CheckedTree, _ options: RunOptions = RunOptions(),
        onEvent: (CheckEvent) -> Void = { _ in }
    ) throws(GitError) -> [CheckOutcome] {
        let jobs = min(max(1, options.jobs), checks.count, WorktreePool.limit)
        let schedule = Schedule(checks, done: [], milliseconds: [:], isParallel: jobs > 1)
        onEvent(.planned(schedule.waiting.map { ($0, nil) }))
        let crew = Crew(schedule, failFast: options.failFast)
        let benches = Benches(pool: pool, subject: subject, environment: environment)
        var outcomes = try crew.run(
            workers: jobs,
            { check, worker, crew throws(GitError) in
                try benches.run(check, worker: worker, crew)
            }, onEvent: onEvent)
        return checks.compactMap { check in
            outcomes.firstIndex { $0.definition == check }.map { outcomes.remove(at: $0) }
        }
    }
}
