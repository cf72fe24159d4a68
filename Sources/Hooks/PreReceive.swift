import Enforcement
import GitObjects
import History

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The server's gate: judges a push before any ref moves.
struct PreReceive {
    let environment: HookEnvironment

    init(_ environment: HookEnvironment) {
        self.environment = environment
    }

    func run() -> Int32 {
        do {
            return try judge()
        } catch {
            Hook.show(error)
            return Hook.undetermined
        }
    }

    private func judge() throws(GitError) -> Int32 {
        let updates = try HookInput.refUpdates(try HookInput.read())
        do throws(GitError) {
            return try judge(updates)
        } catch {
            // Nothing was judged: what keeps the whole push out is told about its first ref.
            let first = UpdateVerdict(
                update: updates[0], resolved: updates[0].ref, outcome: .undetermined(error))
            HookScreen.show(VerdictText().lines(first))
            return Hook.undetermined
        }
    }

    private func judge(_ updates: [RefUpdate]) throws(GitError) -> Int32 {
        guard let gitDirectory = environment.gitDirectory else {
            throw GitError(
                .io, "GIT_DIR", "is not set", hint: "git runs this hook; nothing else should")
        }
        let server = try Server(
            gitDirectory: gitDirectory, quarantine: environment.quarantine)
        if server.trusted == nil {
            watch(server, updates)
            return 0
        }
        guard let governing = try server.governingPolicy() else {
            throw GitError(.notFound, "the policy", "is missing")
        }
        var verdict = try server.judge(governing, now: Int64(time(nil))).judge(updates)
        if let finding = try ReceivedObjects(server.repository).finding(about: updates[0].ref) {
            verdict.updates[0].findings.append(finding)
            verdict.updates[0].outcome = .refused
        }
        HookScreen.show(VerdictText().lines(verdict))
        return verdict.exitCode
    }

    /// Before the owner has trusted a policy everything passes, and what would not is told.
    private func watch(_ server: Server, _ updates: [RefUpdate]) {
        do {
            guard let governing = try server.governingPolicy() else {
                HookScreen.show([
                    "gate is watching: there is no valid policy on \(server.defaultBranch) yet"
                ])
                return
            }
            let verdict = try server.judge(governing, now: Int64(time(nil))).judge(updates)
            let lines = VerdictText(isWatching: true).lines(verdict)
            guard !verdict.isAllowed else { return HookScreen.show(lines) }
            HookScreen.show(
                lines + [
                    "gate is watching and let this pass; to close the gate,",
                    "the server's owner says: gate trust",
                ])
        } catch {
            HookScreen.show([
                "gate is watching and let this pass undecided:", "  \(error.description)",
            ])
        }
    }
}
