public import GitObjects

/// The commits reachable from a head and not from a base: what a reviewer reads.
public struct Change: Sendable {
    public let head: Commit
    /// The commit that the change is judged against: the target's tip.
    public let onto: ObjectID
    /// The change's commits, children before parents; empty when `head` is already there.
    public let commits: [Commit]
    /// Every best common ancestor of `onto` and the head.
    public let mergeBases: [ObjectID]
    /// What the change does to its only merge base, by path; nil with several or none.
    public let differences: [TreeChange]?

    /// The digest of ``differences``; nil when there is none, or when nothing differs: an empty
    /// difference would be equal to every other empty one.
    public var digest: ChangeDigest? {
        guard let differences, !differences.isEmpty else { return nil }
        return ChangeDigest(of: differences)
    }

    /// Reads the change that `head` adds to `onto`.
    public init(
        head: ObjectID, onto: ObjectID, in history: some HistorySource
    ) throws(GitError) {
        self.head = try history.commit(head)
        self.onto = onto
        var commits: [Commit] = []
        for id in try history.commits(from: head, notFrom: [onto]) {
            commits.append(try history.commit(id))
        }
        self.commits = commits
        mergeBases = try history.mergeBases(onto, head)
        if mergeBases.count == 1, let base = mergeBases.first {
            differences = try history.changes(
                from: try history.commit(base).tree, to: self.head.tree)
        } else {
            differences = nil
        }
    }
}
