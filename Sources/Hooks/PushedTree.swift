import Git
import GitObjects
import History
import Ledger

/// A tree that a push brings, and the names under which it does.
struct PushedTree: Hashable {
    let commit: ObjectID
    let tree: ObjectID
    /// The names on the remote.
    var refs: [RefName]
}

/// Finds what a push brings that the remote does not have yet.
///
/// What is looked at is what is pushed, whatever is checked out. Each distinct tree counts once.
struct PushedTrees {
    let repository: Repository
    let remote: String
    /// The remote's default branch as known here.
    let known: KnownDefault?

    /// A tag of a tag of a tag: nobody means more.
    private static let tagDepth = 32

    func find(in updates: [RefUpdate]) throws(GitError) -> [PushedTree] {
        var found: [PushedTree] = []
        let replaced = Set(updates.filter { !$0.isCreation }.map(\.old))
        for update in updates where !update.isDeletion && !Self.isEvidence(update.ref) {
            guard let commit = try commit(of: update.new), !replaced.contains(commit),
                try !isOnDefault(commit)
            else { continue }
            if update.isCreation, try hasName(commit) { continue }
            let tree = try repository.commit(commit).tree
            if let position = found.firstIndex(where: { $0.tree == tree }) {
                found[position].refs.append(update.ref)
            } else {
                found.append(PushedTree(commit: commit, tree: tree, refs: [update.ref]))
            }
        }
        return found
    }

    /// Notes and gate's own refs have commits, too, and nothing in them to check.
    private static func isEvidence(_ ref: RefName) -> Bool {
        ref.starts(with: "refs/notes/") || ref.starts(with: "refs/gate/")
    }

    /// The commit that is pushed, itself or by a tag; nil for a tag of something else.
    private func commit(of id: ObjectID) throws(GitError) -> ObjectID? {
        var id = id
        for _ in 0..<Self.tagDepth {
            guard let kind = try repository.header(id)?.kind else {
                throw GitError(.notFound, "object \(id)", "is to be pushed and is not here")
            }
            switch kind {
            case .commit: return id
            case .tree, .blob: return nil
            case .tag: id = try repository.tag(id).target
            }
        }
        throw GitError(.limit, "tag \(id)", "is a tag of more than \(Self.tagDepth) tags")
    }

    /// Whether the remote's default branch has a commit, as last fetched. A "no" may be wrong, and
    /// costs a check; to ask every branch for its whole history would cost more.
    private func isOnDefault(_ commit: ObjectID) throws(GitError) -> Bool {
        guard let tip = known?.tip else { return false }
        if tip == commit { return true }
        let time = try repository.commit(commit).committer.time
        guard try repository.commit(tip).committer.time >= time else { return false }
        return try repository.isAncestor(commit, of: tip)
    }

    /// Whether a branch of the remote is at a commit, as last fetched.
    private func hasName(_ commit: ObjectID) throws(GitError) -> Bool {
        guard let folder = KnownDefault.trackingFolder(of: remote) else { return false }
        return try repository.references(
            startingWith: String(decoding: folder, as: UTF8.self)
        ).contains { $0.target == commit }
    }
}
