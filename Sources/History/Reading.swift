public import GitObjects

/// What a merge turned out to be, see ``HistorySource/verifyMerge(base:ours:theirs:result:)``.
public enum MergeVerification: Hashable, Sendable {
    /// The result is what git's three-way merge of the sides gives without conflict.
    case clean
    /// It is not; the reason as a clause ("README is neither side's").
    case handMade(String)
}

/// Whether a tree is the clean merge of two commits whose only merge base is known.
public struct MergeQuestion: Hashable, Sendable {
    public let base: ObjectID
    public let ours: ObjectID
    public let theirs: ObjectID
    /// A tree.
    public let result: ObjectID

    public init(base: ObjectID, ours: ObjectID, theirs: ObjectID, result: ObjectID) {
        self.base = base
        self.ours = ours
        self.theirs = theirs
        self.result = result
    }
}

/// Reads commits, trees and how they relate. `Git.Repository` is the real one; tests use a
/// picture of a history in memory.
///
/// Nothing here caches a failure and nothing answers "no" when it means "could not read".
public protocol HistorySource {
    func commit(_ id: ObjectID) throws(GitError) -> Commit
    func tree(_ id: ObjectID) throws(GitError) -> Tree
    func tag(_ id: ObjectID) throws(GitError) -> Tag
    /// The kind of an object, and its size in bytes without reading the content; nil when the
    /// repository does not have it.
    func header(_ id: ObjectID) throws(GitError) -> (kind: ObjectKind, size: Int)?
    /// A blob's content; ``GitError/Kind/limit`` when it is larger than `limit` bytes.
    func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8]
    /// The paths that differ between two trees, sorted by path as `git diff-tree -r
    /// --no-renames` prints them. `nil` stands for the empty tree.
    func changes(from old: ObjectID?, to new: ObjectID?) throws(GitError) -> [TreeChange]
    /// The same for many steps at once, in their order.
    func changes(ofEach steps: [TreeStep]) throws(GitError) -> [[TreeChange]]
    /// What `path` names in a tree; nil when there is nothing.
    func entry(_ path: TreePath, in tree: ObjectID) throws(GitError) -> TreeEntry?
    /// All best common ancestors (`git merge-base --all`).
    func mergeBases(_ one: ObjectID, _ other: ObjectID) throws(GitError) -> [ObjectID]
    /// `git merge-base --is-ancestor`: a commit is its own ancestor.
    func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws(GitError) -> Bool
    /// Commits reachable from `head` and from none of `hidden`, children before parents
    /// (`git rev-list --topo-order head --not hidden…`).
    func commits(from head: ObjectID, notFrom hidden: [ObjectID]) throws(GitError) -> [ObjectID]
    /// Whether `result` is the clean merge of `theirs` into `ours`, whose only merge base is
    /// `base`: all four are commits but `result`, which is a tree. Default options; attributes and
    /// configuration ignored.
    func verifyMerge(
        base: ObjectID, ours: ObjectID, theirs: ObjectID, result: ObjectID
    ) throws(GitError) -> MergeVerification
}

extension HistorySource {
    public func changes(ofEach steps: [TreeStep]) throws(GitError) -> [[TreeChange]] {
        var all: [[TreeChange]] = []
        for step in steps { all.append(try changes(from: step.old, to: step.new)) }
        return all
    }
}

/// From one tree to the next; nil is the empty tree.
public struct TreeStep: Hashable, Sendable {
    public let old: ObjectID?
    public let new: ObjectID?

    public init(from old: ObjectID?, to new: ObjectID?) {
        self.old = old
        self.new = new
    }
}

/// A ref after symbolic refs were followed.
public struct ResolvedReference: Hashable, Sendable {
    /// The ref that a push to the given name really moves.
    public let name: RefName
    /// What it points at; nil when it does not exist (an unborn branch).
    public let target: ObjectID?

    public init(name: RefName, target: ObjectID?) {
        self.name = name
        self.target = target
    }
}

/// Reads refs by full name.
public protocol ReferenceSource {
    /// Follows symbolic refs (at most 5 deep, as git does). A name that does not exist resolves to
    /// itself with no target.
    func resolve(_ name: RefName) throws(GitError) -> ResolvedReference
    /// All refs whose name starts with `prefix`, sorted. Costs as much as the repository has refs.
    func references(startingWith prefix: String) throws(GitError) -> [ResolvedReference]
}
