public import GitObjects
public import History

/// The heads of squashed changes that the server keeps: a squash names its own, and the commits
/// that it stands for are behind it.
public struct KeptHeads<Source: HistorySource> {
    private let history: Source
    private let chain: ObjectID?
    /// What the links of the chain keep themselves.
    private let named: Set<ObjectID>

    /// - Parameter chain: the tip of `refs/gate/heads`; nil when the server keeps none.
    public init(_ history: Source, chain: ObjectID?) throws(GitError) {
        self.history = history
        self.chain = chain
        var named: Set<ObjectID> = []
        var next = chain
        while let id = next {
            let link = try history.commit(id)
            named.formUnion(link.parents.dropFirst())
            next = link.parents.first
        }
        self.named = named
    }

    /// The commits that a landing stands for, children before parents: of a squash with a
    /// `Gate-Head` that is kept those of the head, of any other what it brought.
    ///
    /// A head that only happens to be here is not looked at: every clone shall say the same.
    public func commits(of landing: RangeLanding) throws(GitError) -> [Commit] {
        guard let chain, case .squash(let head) = Landing(landing.commit)?.form,
            let predecessor = landing.predecessor,
            try history.header(head)?.kind == .commit
        else { return landing.commits }
        if !named.contains(head), try !history.isAncestor(head, of: chain) {
            return landing.commits
        }
        var commits: [Commit] = []
        for id in try history.commits(from: head, notFrom: [predecessor]) {
            commits.append(try history.commit(id))
        }
        return commits.isEmpty ? landing.commits : commits
    }
}
