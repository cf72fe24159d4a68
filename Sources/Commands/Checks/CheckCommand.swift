import ArgumentParser
import Checks
import Enforcement
import Git
import GitObjects
import Policy

/// `gate check`: runs checks on a commit's tree.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Runs the policy's checks on a commit, in a clean worktree.",
        discussion: """
            By the definitions of the server's default branch as last fetched; in a repository \
            without such a policy by those of the commit itself. What is not committed is not \
            checked, and your own worktree is not touched.

            Example:
              gate check pylint unit --rev fix-payout --report report.json

            Exit codes: 0 all passed, 1 one failed, 2 there is no such check, 3 one could not run.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("Which checks; without names, all.", valueName: "name"))
    var names: [String] = []

    @Option(help: ArgumentHelp("What to check; without it, what is checked out.", valueName: "rev"))
    var rev: String?

    @Option(help: "Check what merging it into this branch of the server would give.")
    var onto: String?

    @Option(
        help: ArgumentHelp("Where to write the report for gate attest.", valueName: "file"))
    var report: String?

    func run() throws {
        let clone = try Clone(at: global.directory)
        let commit = try clone.fetchedCommit(rev ?? "HEAD")
        let known = try KnownPolicy(in: clone, orOf: commit)
        let checks = try chosen(from: known)
        let subject = try self.subject(commit, in: clone)
        Screen.note("checks by the policy of \(known.place)")
        if rev == nil { try noteUncommitted(clone) }
        let screen = CheckScreen(isQuiet: global.json)
        let runner = try CheckRunner(
            repository: clone.repository.worktree ?? clone.repository.gitDirectory)
        let outcomes = try runner.run(checks, on: subject, onEvent: screen.show)
        let report = CheckReport(
            repository: known.policy.people.repository, subject: subject, outcomes: outcomes)
        if let path = self.report {
            try report.write(to: global.path(path))
            Screen.note(
                "report: \(shown(path.utf8)); to sign it: gate attest \(shellWord(path.utf8)) --push"
            )
        }
        if global.json { Screen.result(report.json) }
        if outcomes.contains(where: { $0.result == .failed || $0.result == .timedOut }) {
            throw ExitCode(1)
        }
        if outcomes.contains(where: { $0.result == .couldNotRun }) { throw ExitCode(3) }
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
        return try names.map { name in
            guard let check = known.policy.check(named: name) else {
                throw CommandFailure.usage(
                    "there is no check \(shown(name.utf8)) in the policy of \(known.place)",
                    hint: "there are: \(list)")
            }
            return check
        }
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

    private func noteUncommitted(_ clone: Clone) throws {
        guard let worktree = clone.repository.worktree else { return }
        let status = try clone.git([
            "--work-tree=\(worktree)", "status", "--porcelain", "--untracked-files=no",
        ])
        if !status.isEmpty { Screen.note("note: what is not committed is not checked") }
    }
}
