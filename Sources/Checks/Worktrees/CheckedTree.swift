public import GitObjects

/// What is checked: a tree, and what `HEAD` says in the worktree.
public struct CheckedTree: Hashable, Sendable {
    public var tree: ObjectID
    /// The commit that has this tree. nil for a merge result that is not a commit yet: then one
    /// is made for the time of the check, in the worktree alone.
    public var commit: ObjectID?
    /// The parents of the commit that is made; not used when there is a commit.
    public var parents: [ObjectID]
    /// Absolute paths of further object folders in which the tree may be, for a merge result that
    /// was written outside the repository.
    public var objectFolders: [String]

    public init(
        tree: ObjectID, commit: ObjectID? = nil, parents: [ObjectID] = [],
        objectFolders: [String] = []
    ) {
        self.tree = tree
        self.commit = commit
        self.parents = parents
        self.objectFolders = objectFolders
    }
}
