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

/// Says before a push what the server would say to it.
struct Foretelling {
    let repository: Repository
    let remote: String

    /// Judges what the server judges, and shows a refusal.
    ///
    /// - Returns: the exit code; 0 also from a server that only watches.
    func verdict(
        on updates: [RefUpdate], of target: PushTarget
    ) throws(GitError) -> Int32 {
        guard let view = target.view, let governing = try view.governingPolicy() else { return 0 }
        let touched = PushTarget.touched(updates, governing.policy, governing.defaultBranch)
        let verdict = try view.judge(governing, now: Int64(time(nil))).judge(touched)
        if verdict.isAllowed { return 0 }
        let isWatching = view.trusted == nil
        HookScreen.show(VerdictText(isWatching: isWatching).lines(verdict))
        if isWatching { return 0 }
        HookScreen.show([
            "  foretold here: nothing was sent to \(shown(remote.utf8)); to ask the",
            "  server itself:",
            "  git push --no-verify \(shellWord(remote.utf8)) "
                + updates.map(refspec).joined(separator: " "),
        ])
        return verdict.exitCode
    }

    /// The same update once more, to be pasted: git calls the hook for one that is no fast-forward
    /// only when it was forced.
    private func refspec(_ update: RefUpdate) -> String {
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
}
