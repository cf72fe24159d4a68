import Enforcement
import Git
import GitObjects
import History
import Hooks
import Policy

/// The policy as this clone knows it without asking the server.
struct KnownPolicy {
    let policy: Policy
    /// The commit that it was read from.
    let commit: ObjectID
    /// Where that was, for people: `origin/master`, `HEAD`.
    let place: String

    /// The policy of the server's default branch as last fetched; where nothing of it is known, or
    /// no ruleset of it governs anybody, that of the commit that is worked on.
    init(in clone: Clone, orOf revision: ObjectID) throws {
        if let known = try KnownDefault.find(of: clone.remote, in: clone.repository) {
            let policies = CommittedPolicies(history: clone.repository)
            if try !policies.files(at: known.tip).contents.isEmpty {
                let policy = try policies.policy(at: known.tip).get()
                if !policy.rulesets.isEmpty {
                    self.policy = policy
                    commit = known.tip
                    place =
                        "\(shown(clone.remote.utf8))/\(known.branch.short) at \(known.tip.short)"
                    return
                }
            }
        }
        policy = try CommittedPolicies(history: clone.repository).policy(at: revision).get()
        commit = revision
        place =
            "\(revision.short) itself: no rulesets of \(shown(clone.remote.utf8)) are known here"
    }
}
