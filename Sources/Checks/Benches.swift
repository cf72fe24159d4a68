import GitObjects
import Policy
import Spawn

/// The worktrees in which one run's checks are run, one for each worker.
final class Benches: Sendable {
    /// The largest report that is read, in bytes.
    static let reportLimit = 64 << 20

    private let pool: WorktreePool
    private let subject: CheckedTree
    private let environment: [[UInt8]]
    /// Taken when a worker needs it and kept until the run has ended, so that nobody else's check
    /// gets its number meanwhile.
    private let slots = Monitor<[Int: WorktreeSlot]>([:])
    private let isNoted = Monitor(false)

    init(pool: WorktreePool, subject: CheckedTree, environment: [[UInt8]]) {
        self.pool = pool
        self.subject = subject
        self.environment = environment
    }

    private func slot(of worker: Int) throws(GitError) -> WorktreeSlot {
        if let slot = slots.look({ $0[worker] }) { return slot }
        let slot = try pool.take()
        slots.access { $0[worker] = slot }
        return slot
    }

    /// Runs one check on a clean worktree: also between two checks of a worker, for what one
    /// leaves behind must not help or hinder the next.
    func run(
        _ check: CheckDefinition, worker: Int, _ crew: Crew
    ) throws(GitError) -> CheckOutcome {
        let worktree = Worktree(
            source: pool.source, slot: try slot(of: worker), subject: subject)
        let paths = try worktree.prepare()
        let isFirst = isNoted.access { noted in
            defer { noted = true }
            return !noted
        }
        if isFirst {
            for note in try notes(paths, worktree) { crew.tell(.note(note)) }
        }
        let kept = KeptFolders(check: check, worktree: worktree)
        try kept.bring()
        crew.tell(.started(check))
        let outcome = try run(check, in: worktree, crew)
        try kept.take(paths)
        return outcome
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
        _ check: CheckDefinition, in worktree: Worktree, _ crew: Crew
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
        var tail = OutputTail(limit: CheckRunner.tailLimit)
        let start = Moment()
        let ended: Result<Child.Termination, SpawnError>
        do throws(SpawnError) {
            ended = .success(
                try child.run(shouldStop: { crew.shouldStop }) { _, piece in
                    tail.append(piece)
                    crew.tell(.output(check, piece))
                }.termination)
        } catch {
            ended = .failure(error)
        }
        let finish = Moment()
        let judged =
            switch ended {
            case .success(.stopped): (.notRun, "ended: \(crew.stopReason)", nil) as Judgement
            default: try judge(check, ended, report: report)
            }
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
        case .success(.stopped): return (.notRun, "the run was ended", nil)
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
