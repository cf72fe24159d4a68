public import GitObjects
public import Policy
public import Spawn

/// Runs checks on one tree, in turn, each in a clean kept worktree.
///
/// ```swift
/// let runner = try CheckRunner(repository: ".")
/// let outcomes = try runner.run(checks, on: CheckedTree(tree: tree, commit: commit)) { event in
///     …
/// }
/// ```
///
/// A check is `/bin/sh -c` of its `run:` at the root of the tree, with empty standard input, in a
/// process group of its own which is ended with it, when its time is up, and when gate is
/// interrupted. Besides the scrubbed environment it gets `GATE_REPORT`, a file to write a report
/// to, and `GATE_SLOT`, a number that no other check has at this time.
public struct CheckRunner: Sendable {
    /// How much of a check's output is kept, in bytes.
    public static let tailLimit = 64 << 10
    /// The largest report that is read, in bytes.
    static let reportLimit = 64 << 20

    private let pool: WorktreePool
    private let environment: [[UInt8]]

    /// - Parameters:
    ///   - repository: a folder in the repository, or the bare repository.
    ///   - environment: what checks inherit, before it is scrubbed.
    public init(
        repository: String, environment: [[UInt8]] = Child.inheritedEnvironment()
    ) throws(GitError) {
        pool = try WorktreePool(repository: repository, environment: environment)
        self.environment = environment
    }

    /// Runs them in this order, all of them whatever fails.
    ///
    /// - Parameter onEvent: is told what happens as it happens.
    /// - Throws: when there is no clean worktree of the tree; a check that cannot be run is an
    ///   outcome.
    public func run(
        _ checks: [CheckDefinition], on subject: CheckedTree,
        onEvent: (CheckEvent) -> Void = { _ in }
    ) throws(GitError) -> [CheckOutcome] {
        let slot = try pool.take()
        let worktree = Worktree(source: pool.source, slot: slot, subject: subject)
        var outcomes: [CheckOutcome] = []
        for check in checks {
            // Also between two checks: what one leaves behind must not help or hinder the next.
            let paths = try worktree.prepare()
            if outcomes.isEmpty {
                for note in try notes(paths, worktree) { onEvent(.note(note)) }
            }
            let kept = KeptFolders(check: check, worktree: worktree)
            try kept.bring()
            onEvent(.started(check))
            let outcome = try run(check, in: worktree, onEvent)
            try kept.take(paths)
            onEvent(.finished(outcome))
            outcomes.append(outcome)
        }
        return outcomes
    }

    private func notes(
        _ paths: TrackedPaths, _ worktree: Worktree
    ) throws(GitError) -> [String] {
        var notes: [String] = []
        if let first = paths.submodules.min() {
            let count = paths.submodules.count
            notes.append(
                "The tree has \(count == 1 ? "a submodule" : "\(count) submodules")"
                    + " (\(first)): checks see an empty folder there.")
        }
        if let pointer = try paths.firstLargeFilePointer(in: worktree.root) {
            notes.append(
                "\(pointer) is kept outside git (git-lfs): checks see its pointer file only.")
        }
        return notes
    }

    private func run(
        _ check: CheckDefinition, in worktree: Worktree, _ onEvent: (CheckEvent) -> Void
    ) throws(GitError) -> CheckOutcome {
        let report = worktree.slot.folder.appending("report.xml")
        try report.remove()
        var variables: [(name: String, value: [UInt8])] = [
            ("GATE_REPORT", report.path),
            ("GATE_SLOT", Array(String(worktree.slot.number).utf8)),
            ("PWD", worktree.root.path),
        ]
        let editable = EditableInstall(of: worktree.source, environment)
        if let path = try editable.override(worktree.root) {
            variables.append(("PYTHONPATH", path))
        }
        let child = Child(
            ["/bin/sh", "-c", check.run],
            environment: Child.environment(
                CheckEnvironment.scrubbed(environment), setting: variables),
            directory: worktree.root.text, timeout: Double(check.timeout), outputLimit: 0)
        var tail = OutputTail(limit: Self.tailLimit)
        let start = Moment()
        let ended: Result<Child.Termination, SpawnError>
        do {
            ended = .success(
                try child.run { _, piece in
                    tail.append(piece)
                    onEvent(.output(check, piece))
                }.termination)
        } catch {
            ended = .failure(error)
        }
        let finish = Moment()
        let judged = try judge(check, ended, report: report)
        return CheckOutcome(
            definition: check, result: judged.result, reason: judged.reason,
            startedOn: start.timestamp, finishedOn: finish.timestamp,
            milliseconds: start.milliseconds(until: finish), tests: judged.tests,
            outputTail: tail.bytes, isOutputCut: tail.isCut)
    }

    private typealias Judgement = (result: CheckOutcome.Result, reason: String, tests: TestNames?)

    private func judge(
        _ check: CheckDefinition, _ ended: Result<Child.Termination, SpawnError>, report: Folder
    ) throws(GitError) -> Judgement {
        switch ended {
        case .failure(let error): return (.couldNotRun, error.description, nil)
        case .success(.timedOut):
            return (.timedOut, "not done after \(check.timeout) s", nil)
        case .success(.signalled(let signal)):
            return (.failed, "ended by signal \(signal)", nil)
        // sh(1): the command was found and may not be executed, or was not found.
        case .success(.exited(126)), .success(.exited(127)):
            return (.couldNotRun, "its command could not be run", nil)
        case .success(.exited(let status)):
            return try judge(check, status: status, report: report)
        }
    }

    /// A check that promises a report passes only when the report is there and says so too.
    private func judge(
        _ check: CheckDefinition, status: Int32, report: Folder
    ) throws(GitError) -> Judgement {
        let failure = "exit status \(status)"
        guard check.report == .junit else {
            return status == 0 ? (.passed, "", nil) : (.failed, failure, nil)
        }
        let tests: TestNames
        do {
            guard let bytes = try report.read(limit: Self.reportLimit) else {
                return status == 0
                    ? (.couldNotRun, "it wrote no report to $GATE_REPORT", nil)
                    : (.failed, failure, nil)
            }
            tests = try TestNames(junit: bytes)
        } catch let error as XMLError {
            let problem = "its report is no JUnit XML: line \(error.line): \(error.problem)"
            return (status == 0 ? .couldNotRun : .failed, problem, nil)
        } catch let error as GitError {
            return (status == 0 ? .couldNotRun : .failed, "its report \(error.problem)", nil)
        } catch {
            return (.couldNotRun, "its report cannot be read", nil)
        }
        let total = tests.passed.count + tests.failed.count + tests.skipped.count
        if !tests.failed.isEmpty {
            return (.failed, "\(tests.failed.count) of \(total) tests failed", tests)
        }
        return status == 0 ? (.passed, "", tests) : (.failed, failure, tests)
    }
}

/// The end of a stream.
struct OutputTail {
    let limit: Int
    private var kept: [UInt8] = []
    private(set) var isCut = false

    init(limit: Int) {
        self.limit = limit
    }

    mutating func append(_ piece: ArraySlice<UInt8>) {
        kept += piece
        // Cut seldom, so that it costs no more than the copying.
        if kept.count > limit * 2 { cut() }
    }

    private mutating func cut() {
        guard kept.count > limit else { return }
        kept.removeFirst(kept.count - limit)
        isCut = true
    }

    var bytes: [UInt8] {
        mutating get {
            cut()
            return kept
        }
    }
}
