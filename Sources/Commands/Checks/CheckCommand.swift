import ArgumentParser
import Checks
import Enforcement
import Files
import Git
import GitObjects
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `gate check`: runs checks on a commit's tree.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Runs the policy's checks on a commit, in a clean worktree.",
        discussion: """
            By the definitions of the server's default branch as last fetched; in a repository \
            without such a policy by those of the commit itself. What is not committed is not \
            checked, and your own worktree is not touched. A check that passed before on the same \
            inputs is not run again but for --report: a report is of a real run.

            Example:
              gate check
              gate check pylint unit --rev fix-payout --report report.json
              gate check --jobs 4 --fail-fast --junit junit.xml

            Exit codes: 0 all passed, 1 one failed, 2 there is no such check, 3 one could not run.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp(
            "Which checks, and what they need; without names, all.", valueName: "name"))
    var names: [String] = []

    @Option(help: ArgumentHelp("What to check; without it, what is checked out.", valueName: "rev"))
    var rev: String?

    @Option(help: "Check what merging it into this branch of the server would give.")
    var onto: String?

    @Option(
        help: ArgumentHelp("Where to write the report for gate attest.", valueName: "file"))
    var report: String?

    @Option(help: ArgumentHelp("Where to write the results as JUnit XML.", valueName: "file"))
    var junit: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("How many run at once; as many as there are cores.", valueName: "n"))
    var jobs: Int?

    @Flag(help: "End the run when a check does not pass.")
    var failFast = false

    @Flag(help: "Run every check, also those that have passed on the same inputs.")
    var noCache = false

    func validate() throws {
        if let jobs, !(1...WorktreePool.limit).contains(jobs) {
            throw ValidationError("--jobs is from 1 to \(WorktreePool.limit)")
        }
    }

    func run() throws {
        let clone = try Clone(at: global.directory)
        let commit = try rev.map { try clone.fetchedCommit($0) } ?? clone.head()
        let known = try KnownPolicy(in: clone, orOf: commit)
        let checks = try chosen(from: known)
        let subject = try self.subject(commit, in: clone)
        Screen.note("checks by the policy of \(known.place)")
        let options = RunOptions(
            jobs: jobs ?? Self.cores, failFast: failFast,
            cache: report != nil || noCache ? .write : .readAndWrite,
            readsEveryFile: report != nil)
        let screen = CheckScreen(isQuiet: global.json, jobs: options.jobs, subject: subject)
        let outcomes = try CheckRunner(clone.repository).run(
            checks, on: subject, options
        ) { event in
            // Also that starts a program: not for what is not run.
            if case .planned = event, rev == nil { noteUncommitted(clone) }
            screen.show(event)
        }
        screen.end()
        try write(outcomes, of: subject, under: known.policy)
        if outcomes.contains(where: { $0.result == .failed || $0.result == .timedOut }) {
            throw ExitCode(1)
        }
        if outcomes.contains(where: { $0.result == .couldNotRun }) { throw ExitCode(3) }
    }

    private static var cores: Int {
        min(max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))), WorktreePool.limit)
    }

    /// What the run leaves for others.
    private func write(
        _ outcomes: [CheckOutcome], of subject: CheckedTree, under policy: Policy
    ) throws {
        let report = CheckReport(
            repository: policy.people.repository, subject: subject, outcomes: outcomes)
        if let junit {
            do {
                try File.write(JUnitDocument(outcomes).bytes, to: global.path(junit))
            } catch {
                throw CommandFailure(error)
            }
        }
        if let path = self.report {
            try report.write(to: global.path(path))
            Screen.note(
                "report: \(shown(path.utf8)); to sign it: gate attest \(shellWord(path.utf8)) --push"
            )
        }
        if getenv("GITHUB_ACTIONS").map({ strcmp($0, "true") == 0 }) ?? false {
            for outcome in outcomes {
                for line in Annotation.lines(for: outcome) { Screen.note(line) }
            }
        }
        if global.json { Screen.result(report.json(with: outcomes)) }
    }

    private func chosen(from known: KnownPolicy) throws -> [CheckDefinition] {
        let all = known.policy.checks
        let list = all.map { shown($0.name.utf8) }.joined(separator: ", ")
        if all.isEmpty {
            throw CommandFailure.usage(
                "the policy of \(known.place) has no checks",
                hint: "write policies/checks.yml, or start with: gate init")
        }
        if names.isEmpty { return all }
        for name in names where known.policy.check(named: name) == nil {
            throw CommandFailure.usage(
                "there is no check \(shown(name.utf8)) in the policy of \(known.place)",
                hint: "there are: \(list)")
        }
        return known.policy.checks(named: names)
    }

    /// The commit's tree, or with `--onto` the tree of its merge.
    private func subject(_ commit: ObjectID, in clone: Clone) throws -> CheckedTree {
        let repository = clone.repository
        let own = CheckedTree(tree: try repository.commit(commit).tree, commit: commit)
        guard let onto else { return own }
        let workplace = try Workplace(at: global.directory, branches: [onto])
        let target = try workplace.target(onto)
        let head = Head(id: commit, branch: nil)
        if try repository.isAncestor(target.tip, of: commit) { return own }
        let prospect = try workplace.prospect(of: head, onto: target)
        guard let tree = prospect.tree else {
            throw CommandFailure.refused(
                "\(head.title) \(prospect.obstacle?.problem ?? "is on it already")",
                details: prospect.obstacle?.paths.map(\.description) ?? [],
                hint: prospect.obstacle.map { _ in workplace.rebase(onto: target) })
        }
        return CheckedTree(tree: tree, parents: [target.tip, commit])
    }

    private func noteUncommitted(_ clone: Clone) {
        guard let worktree = clone.repository.worktree else { return }
        do {
            let status = try clone.git([
                "--work-tree=\(worktree)", "status", "--porcelain", "--untracked-files=no",
            ])
            if !status.isEmpty { Screen.note("note: what is not committed is not checked") }
        } catch {
            Screen.note("note: what is not committed is not checked; git status failed")
        }
    }
}
