import Enforcement
import Git
import GitObjects
import History
import Hooks

/// The refs that a release is made from: the server's, or what this clone knows of them.
struct ReleaseRefs {
    /// The branch whose policy counts.
    let defaultBranch: RefName
    private let clone: Clone
    /// nil: this is the server itself, or nobody shall be asked.
    private let view: RemoteView?
    private let isRemote: Bool

    init(_ clone: Clone, offline: Bool) throws {
        self.clone = clone
        do {
            isRemote = try clone.repository.configuration("remote.\(clone.remote).url") != nil
            if isRemote, !offline {
                let view = try clone.view()
                self.view = view
                defaultBranch = view.defaultBranch
            } else {
                view = nil
                defaultBranch = try Self.knownDefault(clone, isRemote: isRemote)
            }
        } catch let error as GitError {
            throw CommandFailure(error)
        }
    }

    private init(_ other: ReleaseRefs, view: RemoteView) {
        defaultBranch = other.defaultBranch
        clone = other.clone
        isRemote = other.isRemote
        self.view = view
    }

    /// The same with the objects of these refs at hand.
    func including(_ refs: [RefName]) throws -> ReleaseRefs {
        guard view != nil else { return self }
        return ReleaseRefs(self, view: try clone.view(branches: refs))
    }

    /// What a ref of the server points at; nil when there is none.
    func target(_ ref: RefName) throws(GitError) -> ObjectID? {
        if let view { return try view.resolve(ref).target }
        let repository = clone.repository
        guard isRemote else { return try repository.resolve(ref).target }
        let tracking = RemoteView.trackingRef(ref, of: clone.remote)
        if let target = try repository.resolve(tracking).target { return target }
        let heads = "refs/heads/"
        if ref.starts(with: heads) {
            let name = Array("refs/remotes/\(clone.remote)/".utf8)
            let branch = RefName(name + ref.bytes.dropFirst(heads.utf8.count))
            if let target = try repository.resolve(branch).target { return target }
        }
        return try repository.resolve(ref).target
    }

    private static func knownDefault(_ clone: Clone, isRemote: Bool) throws(GitError) -> RefName {
        let repository = clone.repository
        guard isRemote else { return try repository.head().name }
        if let known = try KnownDefault.find(of: clone.remote, in: repository) {
            return known.branch
        }
        // A mirror has the server's own refs, and its HEAD.
        if repository.worktree == nil { return try repository.head().name }
        // What happens to be checked out says nothing about the server.
        throw GitError(
            .notFound, "the default branch of \(shown(clone.remote.utf8))",
            "is not known in this clone",
            hint: "git remote set-head \(shellWord(clone.remote.utf8)) --auto")
    }
}
