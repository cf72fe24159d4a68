import Enforcement
import Git
import GitObjects
import Policy
import Release

/// Reads the roster at each landing of the default branch, out of its policies.
struct RosterReading {
    let repository: Repository

    /// Longer first-parent lines are not searched.
    private static let lineLimit = 10_000_000

    /// The rosters up to `tip`, from where its line last had no policy.
    func history(upTo tip: ObjectID) throws(GitError) -> RosterHistory {
        var history = RosterHistory()
        for (landing, _) in try landingsOfPolicy(upTo: tip).reversed() {
            // What is no valid policy says nothing: the one before goes on.
            guard
                case .success(let policy) = try CommittedPolicies(history: repository).policy(
                    at: landing.id)
            else { continue }
            history.add(
                Self.roster(of: policy, landing.id),
                landed: Timestamp(seconds: landing.committer.time))
        }
        return history
    }

    /// The landings that changed `policies/`, newest first.
    private func landingsOfPolicy(
        upTo tip: ObjectID
    ) throws(GitError) -> [(landing: Commit, folder: ObjectID)] {
        var found: [(landing: Commit, folder: ObjectID)] = []
        var next: ObjectID? = tip
        var steps = 0
        while let id = next {
            steps += 1
            guard steps <= Self.lineLimit else {
                throw GitError(.limit, "the first-parent line of \(tip)", "is too long")
            }
            let landing = try repository.commit(id)
            guard let folder = try repository.entry("policies", in: landing.tree),
                folder.mode == .tree
            else { return found }
            // The oldest landing with this folder is the one that brought it.
            if found.last?.folder == folder.id { found.removeLast() }
            found.append((landing, folder.id))
            next = landing.parents.first
        }
        return found
    }

    private static func roster(of policy: Policy, _ commit: ObjectID) -> Roster? {
        guard let rotation = policy.release?.rotation else { return nil }
        return Roster(
            repository: policy.people.repository,
            members: Set(policy.people.teams[rotation.team] ?? []), rotation: rotation,
            commit: commit)
    }
}
