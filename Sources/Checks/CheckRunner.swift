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
    private let environment: [[UInt8]]

    /// - Parameters:
    ///   - repository: whose trees are checked; it is only read.
    ///   - environment: what checks inherit, before it is scrubbed.
    public init(
        _ repository: Repository, environment: [[UInt8]] = Child.inheritedEnvironment()
    ) {
        self.repository = repository
        self.environment = environment
    }

    /// - Parameter repository: a folder in the repository, or the bare repository.
    public init(
        repository: String, environment: [[UInt8]] = Child.inheritedEnvironment()
    ) throws(GitError) {
        self.init(try Repository.discover(from: repository), environment: environment)
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
        let cache = try ResultCache(of: repository, environment: environment)
        let keys = options.cache == .none ? [:] : try self.keys(checks, of: subject)
        var outcomes: [CheckOutcome] = []
        if options.cache == .readAndWrite {
            for check in checks {
                guard let key = keys[check], let stored = cache.result(key) else { continue }
                outcomes.append(stored.outcome(check))
            }
        }
        for outcome in outcomes { onEvent(.finished(outcome)) }
        let passed = Set(outcomes.map(\.definition))
        let waiting = checks.filter { !passed.contains($0) }
        if !waiting.isEmpty {
            let durations = cache.durations()
            let new = try run(
                waiting, done: outcomes, on: subject, options, durations: durations, onEvent)
            keep(new, of: subject, keys: keys, in: cache, onEvent)
            outcomes += new
        }
        return checks.compactMap { check in
            outcomes.firstIndex { $0.definition == check }.map { outcomes.remove(at: $0) }
        }
    }

    /// Whether all of these have passed on the same inputs. Starts no other program and writes
    /// nothing.
    public func isCached(
        _ checks: [CheckDefinition], on subject: CheckedTree
    ) throws(GitError) -> Bool {
        let cache = try ResultCache(of: repository, environment: environment)
        let keys = try self.keys(checks, of: subject)
        return checks.allSatisfy { keys[$0].flatMap { cache.result($0) } != nil }
    }

    private func keys(
        _ checks: [CheckDefinition], of subject: CheckedTree
    ) throws(GitError) -> [CheckDefinition: ResultKey] {
        // A merge result that lies elsewhere cannot be read here.
        guard subject.objectFolders.isEmpty else { return [:] }
        let surroundings = Surroundings(
            CheckEnvironment.scrubbed(environment), source: SourceRepository(repository))
        let keys = ResultKeys(of: subject.tree, in: repository, surroundings)
        var found: [CheckDefinition: ResultKey] = [:]
        for check in checks { found[check] = try keys.key(of: check) }
        return found
    }

    private func run(
        _ checks: [CheckDefinition], done: [CheckOutcome], on subject: CheckedTree,
        _ options: RunOptions, durations: [String: Int], _ onEvent: (CheckEvent) -> Void
    ) throws(GitError) -> [CheckOutcome] {
        let jobs = min(max(1, options.jobs), checks.count, WorktreePool.limit)
        let schedule = Schedule(
            checks, done: done, milliseconds: durations, isParallel: jobs > 1)
        onEvent(.planned(schedule.waiting.map { ($0, durations[$0.name]) }))
        let crew = Crew(schedule, failFast: options.failFast)
        let benches = Benches(
            pool: try WorktreePool(of: repository, environment: environment), subject: subject,
            environment: environment, readsEveryFile: options.readsEveryFile)
        return try crew.run(
            workers: jobs,
            { check, worker, crew throws(GitError) in
                try benches.run(check, worker: worker, crew)
            }, onEvent: onEvent)
    }

    /// Stores what passed, and how long what ran took. A cache that cannot be written to costs
    /// time the next time, and is said once.
    private func keep(
        _ outcomes: [CheckOutcome], of subject: CheckedTree,
        keys: [CheckDefinition: ResultKey], in cache: ResultCache, _ onEvent: (CheckEvent) -> Void
    ) {
        let now = currentTime()
        var durations: [String: Int] = [:]
        for outcome in outcomes where outcome.result == .passed || outcome.result == .failed {
            durations[outcome.definition.name] = outcome.milliseconds
        }
        do throws(GitError) {
            try cache.add(durations: durations)
            for outcome in outcomes where outcome.result == .passed {
                guard let key = keys[outcome.definition] else { continue }
                try cache.store(StoredResult(outcome, of: subject, now: now), as: key)
            }
        } catch {
            onEvent(.note("Results are not stored: \(error.description)"))
        }
    }
}
