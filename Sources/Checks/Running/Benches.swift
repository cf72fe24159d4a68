import GitObjects
import Policy
import Spawn

/// The worktrees in which one run's checks are run, one for each worker.
final class Benches: Sendable {
    private let pool: WorktreePool
    private let subject: CheckedTree
    private let environment: [[UInt8]]
    private let readsEveryFile: Bool
    /// Taken when a worker needs it and kept until the run has ended, so that nobody else's check
    /// gets its number meanwhile.
    private let slots = Monitor<[Int: WorktreeSlot]>([:])
    private let isNoted = Monitor(false)

    init(
        pool: WorktreePool, subject: CheckedTree, environment: [[UInt8]],
        readsEveryFile: Bool
    ) {
        self.pool = pool
        self.subject = subject
        self.environment = environment
        self.readsEveryFile = readsEveryFile
    }

    private func slot(of worker: Int) throws(GitError) -> WorktreeSlot {
        if let slot = slots.look({ $0[worker] }) { return slot }
        let slot = try pool.take()
        // A gate that was killed leaves its check running, in a worktree that is nobody's now.
        if try Self.running(in: slot).kind != .nothing {
            Strays.end(having: Self.mark(of: slot))
            try Self.running(in: slot).remove()
        }
        slots.access { $0[worker] = slot }
        return slot
    }

    private static func report(of slot: WorktreeSlot) -> Folder {
        slot.folder.appending("report")
    }

    /// Stands there from before a check is started until nothing of it is left.
    private static func running(in slot: WorktreeSlot) -> Folder {
        slot.folder.appending("running")
    }

    /// The variable by which the processes of a slot's check are known.
    private static func mark(of slot: WorktreeSlot) -> [UInt8] {
        Array("GATE_REPORT=".utf8) + report(of: slot).path
    }

    /// Runs one check on a clean worktree: also between two checks of a worker, for what one
    /// leaves behind must not help or hinder the next.
    func run(
        _ check: CheckDefinition, worker: Int, _ crew: Crew
    ) throws(GitError) -> CheckOutcome {
        let worktree = Worktree(
            source: pool.source, slot: try slot(of: worker), subject: subject,
            readsEveryFile: readsEveryFile)
        let begin = Moment()
        let paths = try worktree.prepare()
        crew.tell(.moved(check, microseconds: begin.microseconds(until: Moment())))
        let isFirst = isNoted.access { noted in
            defer { noted = true }
            return !noted
        }
        if isFirst {
            for note in try notes(paths, worktree) { crew.tell(.note(note)) }
        }
        let kept = KeptFolders(check: check, worktree: worktree)
        try kept.bring()
        let linked = LinkedFolders(check: check, worktree: worktree)
        for note in try linked.bring(paths) { crew.tell(.note(note)) }
        crew.tell(.started(check))
        let outcome = try run(check, in: worktree, crew)
        try linked.remove()
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
        let report = Self.report(of: worktree.slot)
        try report.remove()
        var pythonPath: [UInt8]?
        let editable = EditableInstall(of: worktree.source, environment, links: check.link)
        switch try editable.look(for: worktree.root) {
        case .none: break
        case .overridden(let path): pythonPath = path
        case .inTheWay(let file):
            let now = Moment().timestamp
            return CheckOutcome(
                definition: check, result: .couldNotRun,
                reason: "Python would import the project from your own tree, not from the commit:"
                    + " uninstall its editable install, \(shown(file.path))",
                startedOn: now, finishedOn: now, milliseconds: 0)
        }
        let child = Child(
            ["/bin/sh", "-c", check.run],
            environment: Child.environment(
                CheckEnvironment.scrubbed(environment),
                setting: variables(worktree, report: report, pythonPath: pythonPath)),
            directory: worktree.root.text, timeout: Double(check.timeout), outputLimit: 0)
        try Self.running(in: worktree.slot).write([])
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
        let strays = Strays.end(having: Self.mark(of: worktree.slot))
        try Self.running(in: worktree.slot).remove()
        if strays > 0 {
            crew.tell(
                .note(
                    "\(check.name) left \(strays == 1 ? "a process" : "\(strays) processes")"
                        + " behind: ended."))
        }
        let finish = Moment()
        let judged = Judgement(
            of: check, ended, report: report, root: worktree.root, stopReason: crew.stopReason)
        return CheckOutcome(
            definition: check, result: judged.result, reason: judged.reason,
            startedOn: start.timestamp, finishedOn: finish.timestamp,
            milliseconds: start.milliseconds(until: finish), tests: judged.tests,
            cases: judged.cases, findings: judged.findings, outputTail: tail.bytes,
            isOutputCut: tail.isCut)
    }

    private func variables(
        _ worktree: Worktree, report: Folder, pythonPath: [UInt8]?
    ) -> [(name: String, value: [UInt8])] {
        var variables: [(name: String, value: [UInt8])] = [
            ("GATE_REPORT", report.path),
            ("GATE_SLOT", Array(String(worktree.slot.number).utf8)),
            ("PWD", worktree.root.path),
        ]
        if let pythonPath { variables.append(("PYTHONPATH", pythonPath)) }
        return variables
    }
}
