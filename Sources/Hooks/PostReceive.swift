import Enforcement
import Git
import GitObjects
import History
import Ledger
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// After a push: tells the pusher what a branch still needs, and records what makes the next
/// verdict fast. It decides nothing; whatever goes wrong here is said and harms nothing.
struct PostReceive {
    let environment: HookEnvironment

    /// More branches in one push are a mirror, whose pusher reads no advice.
    private static let advisedBranches = 5

    init(_ environment: HookEnvironment) {
        self.environment = environment
    }

    func run() -> Int32 {
        do throws(GitError) {
            let updates = try HookInput.refUpdates(try HookInput.read())
            guard let gitDirectory = environment.gitDirectory else {
                throw GitError(.io, "GIT_DIR", "is not set")
            }
            let server = try Server(gitDirectory: gitDirectory, quarantine: nil)
            guard let governing = try server.governingPolicy() else { return 0 }
            if server.trusted == nil, try isFirst(governing, updates, server) {
                HookScreen.show([
                    "gate: now there is a policy; to close the gate, the server's",
                    "owner says: gate trust",
                ])
            }
            if let trusted = server.trusted {
                try DescentRecord(gitDirectory).write(
                    tip: governing.commit, descendingFrom: trusted)
            }
            if updates.contains(where: { $0.ref == Server.notesRef }) {
                if let tip = try server.repository.resolve(Server.notesRef).target {
                    try EvidenceIndex.refresh(
                        for: tip, in: server.repository, gitFolder: gitDirectory)
                }
            }
            let isRunning = CheckStart(server).start(after: updates)
            try advise(server, governing, updates, isRunning: isRunning)
        } catch {
            HookScreen.show(["gate: \(error.description)"])
        }
        return 0
    }

    /// Whether this push has brought the first valid policy.
    private func isFirst(
        _ governing: GoverningPolicy, _ updates: [RefUpdate], _ server: Server
    ) throws(GitError) -> Bool {
        let branch = governing.defaultBranch
        guard let update = updates.first(where: { $0.ref == branch }) else { return false }
        if update.isCreation { return true }
        let before = try CommittedPolicies(history: server.repository).policy(at: update.old)
        if case .failure = before { return true }
        return false
    }

    private func advise(
        _ server: Server, _ governing: GoverningPolicy, _ updates: [RefUpdate], isRunning: Bool
    ) throws(GitError) {
        let branches = updates.filter {
            $0.ref.starts(with: "refs/heads/") && !$0.isDeletion
                && !governing.policy.isProtected($0.ref) && $0.ref != governing.defaultBranch
        }
        guard !branches.isEmpty, branches.count <= Self.advisedBranches,
            governing.policy.isProtected(governing.defaultBranch)
        else { return }
        let judge = try server.judge(governing, now: Int64(time(nil)))
        for update in branches {
            let assessment = try judge.assess(head: update.new, onto: governing.defaultBranch)
            if assessment.isLanded { continue }
            let title = branches.count > 1 ? ["\(update.ref)"] : []
            HookScreen.show(
                title
                    + AssessmentText(policy: governing.policy, isRunning: isRunning).lines(
                        assessment, branch: update.ref))
        }
    }
}
