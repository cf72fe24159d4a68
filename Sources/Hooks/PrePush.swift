import Enforcement
import Git
import GitObjects
import History
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The local hook: foretells the server's verdict, so that a push that cannot land fails before it
/// is made.
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
        do {
            let updates = try Self.refUpdates(try HookInput.read())
            if updates.isEmpty { return 0 }
            return try judge(updates)
        } catch {
            Hook.show(error)
            HookScreen.show([
                "  the local hook could not foretell the server's verdict;",
                "  to ask the server itself: git push --no-verify",
            ])
            return Hook.undetermined
        }
    }

    private func judge(_ updates: [RefUpdate]) throws(GitError) -> Int32 {
        let repository =
            if let gitDirectory = environment.gitDirectory {
                try Repository.discover(from: gitDirectory)
            } else {
                try Repository.discover()
            }
        guard
            let view = try RemoteView.unlessUnborn(
                of: remote, for: repository, branches: updates.map(\.ref)),
            let governing = try view.governingPolicy()
        else { return 0 }
        let touched = updates.filter {
            governing.policy.isProtected($0.ref) || $0.ref == governing.defaultBranch
                || !Self.isPlainBranch($0.ref)
        }
        let verdict = try view.judge(governing, now: Int64(time(nil))).judge(touched)
        if verdict.isAllowed { return 0 }
        let isWatching = view.trusted == nil
        HookScreen.show(VerdictText(isWatching: isWatching).lines(verdict))
        if isWatching { return 0 }
        HookScreen.show([
            "  foretold here: nothing was sent to \(shown(remote.utf8)); to ask the",
            "  server itself:",
            "  git push --no-verify \(shellWord(remote.utf8)) "
                + updates.map { refspec($0, in: repository) }.joined(separator: " "),
        ])
        return verdict.exitCode
    }

    /// The same update once more, to be pasted: git calls the hook for one that is no fast-forward
    /// only when it was forced.
    private func refspec(_ update: RefUpdate, in repository: Repository) -> String {
        let name = shellWord(update.ref.bytes)
        if update.isDeletion { return ":\(name)" }
        let source = "\(update.new.hex.prefix(12)):\(name)"
        if update.isCreation { return source }
        do throws(GitError) {
            return try repository.isAncestor(update.old, of: update.new) ? source : "+" + source
        } catch {
            return "+" + source  // what it replaces is not here
        }
    }

    private static func isPlainBranch(_ name: RefName) -> Bool {
        name.starts(with: "refs/heads/") || name.starts(with: "refs/tags/")
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
