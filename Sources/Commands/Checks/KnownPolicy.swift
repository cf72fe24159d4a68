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
    /// it has none yet, that of the commit that is worked on.
    init(in clone: Clone, orOf revision: ObjectID) throws {
        if let known = try Self.defaultBranch(of: clone) {
            let policies = CommittedPolicies(history: clone.repository)
            if try !policies.files(at: known.tip).contents.isEmpty {
                policy = try policies.policy(at: known.tip).get()
                commit = known.tip
                place = "\(known.name) at \(known.tip.short)"
                return
            }
        }
        policy = try CommittedPolicies(history: clone.repository).policy(at: revision).get()
        commit = revision
        place = "\(revision.short) itself: no policy of \(shown(clone.remote.utf8)) is known here"
    }

    /// The newest state of the server's default branch that was fetched, by git or by gate.
    private static func defaultBranch(
        of clone: Clone
    ) throws -> (name: String, tip: ObjectID)? {
        let repository = clone.repository
        let folder = "refs/remotes/\(clone.remote)/"
        let head = try repository.resolve(RefName(folder + "HEAD")).name
        var branches = ["master", "main"].map { Array($0.utf8) }
        if head.starts(with: folder), head != RefName(folder + "HEAD") {
            branches = [Array(head.bytes.dropFirst(folder.utf8.count))]
        }
        for branch in branches {
            let fetched = try repository.resolve(RefName(Array(folder.utf8) + branch)).target
            let tracking = RemoteView.trackingRef(
                RefName(Array(Head.heads.utf8) + branch), of: clone.remote)
            let seen = try repository.resolve(tracking).target
            guard let tip = try newer(fetched, seen, repository) else { continue }
            return ("\(shown(clone.remote.utf8))/\(shown(branch))", tip)
        }
        return nil
    }

    private static func newer(
        _ one: ObjectID?, _ other: ObjectID?, _ repository: Repository
    ) throws -> ObjectID? {
        guard let one, let other else { return one ?? other }
        return try repository.isAncestor(one, of: other) ? other : one
    }
}
