import Checks
import Enforcement
import Files
import Git
import GitObjects
import History
import Policy
import Spawn

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The local hook: foretells the server's verdict and runs the fast checks on exactly what is
/// pushed, so that a push that cannot land fails before it is made.
struct PrePush {
    let environment: HookEnvironment
    let remote: String
    let url: String

    init(_ environment: HookEnvironment, remote: String, url: String) {
        self.environment = environment
        self.remote = remote
        self.url = url
    }

    func run() -> Int32 {
        if environment.isSwitchedOff { return 0 }
        do throws(PushRefusal) {
            let updates = try git { () throws(GitError) in
                try Self.refUpdates(try HookInput.read())
            }
            if updates.isEmpty { return 0 }
            return try answer(updates)
        } catch {
            HookScreen.show(error.lines)
            HookScreen.show([
                "  nothing was sent to \(shown(remote.utf8)); to push without this hook:",
                "  git push --no-verify",
            ])
            return error.exitCode
        }
    }

    private func answer(_ updates: [RefUpdate]) throws(PushRefusal) -> Int32 {
        let repository = try git { () throws(GitError) in
            if let gitDirectory = environment.gitDirectory {
                return try Repository.discover(from: gitDirectory)
            }
            return try Repository.discover()
        }
        let target = try git { () throws(GitError) in
            try PushTarget(of: remote, for: updates, in: repository)
        }
        if let problem = target.problem {
            HookScreen.show([
                "gate: the policy of \(shown(remote.utf8)) is not valid, so that its verdict cannot",
                "be foretold: \(shown(problem.utf8))",
            ])
        }
        let foretold = try git { () throws(GitError) in
            try Foretelling(repository: repository, remote: remote)
                .verdict(on: updates, of: target)
        }
        if foretold != 0 { return foretold }
        let trees = try git { () throws(GitError) in
            try PushedTrees(repository: repository, remote: remote, known: target.known)
                .find(in: updates)
        }
        let screen = PushScreen(isVerbose: environment.isVerbose)
        for tree in trees { try check(tree, target, repository, screen) }
        return screen.close()
    }

    private func check(
        _ pushed: PushedTree, _ target: PushTarget, _ repository: Repository, _ screen: PushScreen
    ) throws(PushRefusal) {
        let lists = CheckLists(repository: repository)
        let law = target.policy.map { CheckList(checks: $0.checks, onPush: $0.onPush) }
        let own = try lists.list(of: pushed.commit)
        var base: CheckList?
        if law != nil, own != nil, let tip = target.commit {
            base = try lists.base(of: pushed.commit, on: tip)
        }
        let checks = try PushChecks(law: law, own: own, base: base, skip: environment.skip) {
            (names) throws(PushRefusal) in
            try Self.localChecks(repository, policyChecks: names)
        }
        screen.begin(pushed, checks)
        if checks.isEmpty { return }
        let runner = CheckRunner(repository)
        let options = RunOptions(
            jobs: Self.processors, cache: .readAndWrite, readsEveryFile: false)
        for group in checks.groups {
            screen.begin(group.origin)
            let outcomes = try git { () throws(GitError) in
                try runner.run(
                    group.checks, on: CheckedTree(tree: pushed.tree, commit: pushed.commit),
                    options, onEvent: screen.show)
            }
            screen.end(pushed, group.origin, outcomes)
        }
    }

    private static var processors: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    private static func localChecks(
        _ repository: Repository, policyChecks: Set<String>
    ) throws(PushRefusal) -> LocalChecks {
        guard let worktree = repository.worktree else { return LocalChecks() }
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try File.readIfPresent(
                "\(worktree)/\(LocalChecks.file)", limit: LocalChecks.sizeLimit)
        } catch {
            throw .git(GitError(.io, shown(error.path.utf8), error.problem))
        }
        guard let bytes else { return LocalChecks() }
        if try isTracked(repository, worktree) {
            HookScreen.show([
                "  \(LocalChecks.file) is committed here, and so not read: it is one developer's own",
                "  to make it yours: git rm --cached \(LocalChecks.file)",
            ])
            return LocalChecks()
        }
        do {
            return try LocalChecks.read(bytes, policyChecks: policyChecks)
        } catch {
            throw .invalid(what: "your \(LocalChecks.file)", error)
        }
    }

    /// Whether git has `.gate.local.yml` in its index: then it came with somebody's branch, whose
    /// commands nobody here chose. Its letters' case does not count, as in some file systems.
    private static func isTracked(
        _ repository: Repository, _ worktree: String
    ) throws(PushRefusal) -> Bool {
        let result: Child.Result
        do {
            result = try Child(
                [
                    "git", "--git-dir=\(repository.gitDirectory)", "--work-tree=\(worktree)",
                    "ls-files", "-z", "--", ":(top,icase)\(LocalChecks.file)",
                ],
                environment: Child.environmentForAnotherRepository(), directory: worktree
            ).run()
        } catch {
            throw .git(GitError(.tool, error.program, error.problem))
        }
        guard result.succeeded else {
            throw .git(GitError(.tool, "git", "ls-files failed: \(shown(result.errorOutput))"))
        }
        return !result.output.isEmpty
    }

    private func git<T>(_ body: () throws(GitError) -> T) throws(PushRefusal) -> T {
        do {
            return try body()
        } catch {
            throw .git(error)
        }
    }

    /// The lines of pre-push (githooks(5)): `<local ref> <local id> <remote ref> <remote id>`.
    static func refUpdates(_ input: [UInt8]) throws(GitError) -> [RefUpdate] {
        var updates: [RefUpdate] = []
        for line in input.split(separator: 0x0a, omittingEmptySubsequences: true) {
            let fields = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard fields.count == 4, let new = ObjectID(hex: fields[1]),
                let old = ObjectID(hex: fields[3])
            else {
                throw GitError(
                    .malformed, "standard input", "is not what git sends to this hook",
                    hint: "git runs this; nothing else should")
            }
            updates.append(RefUpdate(ref: RefName(fields[2]), old: old, new: new))
        }
        return updates
    }
}
