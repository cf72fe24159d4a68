public import GitObjects

/// One landing of a range with the commits that it brought in.
public struct RangeLanding: Sendable {
    public let commit: Commit
    /// The change's commits, children before parents: what a merge brought in, without the merge;
    /// else the landing itself.
    public let commits: [Commit]
    /// The tree of the landing before; nil for a root commit.
    public let treeBefore: ObjectID?

    public init(commit: Commit, commits: [Commit], treeBefore: ObjectID?) {
        self.commit = commit
        self.commits = commits
        self.treeBefore = treeBefore
    }

    public var id: ObjectID { commit.id }
    /// The landing before; nil for a root commit.
    public var predecessor: ObjectID? { commit.parents.first }

    /// All commits that came with it, the landing among them.
    public var allCommits: [Commit] {
        commits.first?.id == commit.id ? commits : [commit] + commits
    }
}

/// What lies between two commits of a branch: what the one that is deployed lacks of the one that
/// shall be, and the other way round.
public struct LandingRange: Sendable {
    /// How the head stands to the base.
    public enum Relation: String, Hashable, Sendable, CaseIterable {
        /// There is no base: nothing was deployed before.
        case first
        /// The head adds to the base.
        case forward
        /// They are the same.
        case none
        /// The base adds to the head: a rollback.
        case backward
        /// Each has what the other lacks: a hotfix was deployed from a side branch.
        case diverged
    }

    public let base: ObjectID?
    public let head: ObjectID
    public let relation: Relation
    /// Every best common ancestor.
    public let mergeBases: [ObjectID]
    /// What the head has and the base lacks, oldest first.
    public let landings: [RangeLanding]
    /// What the base has and the head lacks, oldest first.
    public let removed: [RangeLanding]

    /// The number of commits that the head has and the base lacks.
    public var commitCount: Int { landings.reduce(0) { $0 + $1.allCommits.count } }

    /// Reads a range.
    ///
    /// - Parameter base: the deployed commit; nil when nothing was deployed.
    public init(
        from base: ObjectID?, to head: ObjectID, in history: some HistorySource
    ) throws(GitError) {
        self.base = base
        self.head = head
        let fresh = try Fresh(from: head, notFrom: base, in: history)
        landings = try fresh.landings(in: history)
        guard let base else {
            relation = .first
            mergeBases = []
            removed = []
            return
        }
        if base == head {
            relation = .none
            mergeBases = [base]
            removed = []
        } else if fresh.borders(on: base) {
            // A way from the head down to the base leaves the fresh commits at the base itself.
            relation = .forward
            mergeBases = [base]
            removed = []
        } else {
            removed = try Fresh(from: base, notFrom: head, in: history).landings(
                in: history)
            relation = fresh.isEmpty ? .backward : .diverged
            mergeBases = fresh.isEmpty ? [head] : try history.mergeBases(base, head)
        }
    }
}

extension LandingRange {
    /// The range with further landings behind its head.
    init(_ range: LandingRange, extendedBy behind: [RangeLanding]) {
        base = range.base
        head = behind.last?.id ?? range.head
        relation = range.relation
        mergeBases = range.mergeBases
        landings = range.landings + behind
        removed = range.removed
    }
}

/// The commits that one commit has and another lacks.
private struct Fresh {
    private let head: ObjectID
    /// Children before parents.
    private let order: [ObjectID]
    private var commits: [ObjectID: Commit] = [:]

    init(
        from head: ObjectID, notFrom base: ObjectID?, in history: some HistorySource
    ) throws(GitError) {
        self.head = head
        order = try history.commits(from: head, notFrom: base.map { [$0] } ?? [])
        commits.reserveCapacity(order.count)
        for id in order { commits[id] = try history.commit(id) }
    }

    var isEmpty: Bool { order.isEmpty }

    func borders(on base: ObjectID) -> Bool {
        order.contains { commits[$0]?.parents.contains(base) ?? false }
    }

    /// The first-parent line, oldest first; each commit belongs to the oldest landing that
    /// reaches it.
    func landings(in history: some HistorySource) throws(GitError) -> [RangeLanding] {
        var line: [Commit] = []
        var next: ObjectID? = head
        while let id = next, let commit = commits[id] {
            line.append(commit)
            next = commit.parents.first
        }
        line.reverse()
        var owner: [ObjectID: Int] = [:]
        owner.reserveCapacity(commits.count)
        for (index, landing) in line.enumerated() { owner[landing.id] = index }
        for (index, landing) in line.enumerated() {
            claim(Array(landing.parents.dropFirst()), for: index, &owner)
        }
        var brought = [[Commit]](repeating: [], count: line.count)
        for id in order {
            if let index = owner[id], let commit = commits[id], line[index].id != id {
                brought[index].append(commit)
            }
        }
        var before: ObjectID?
        if let parent = line.first?.parents.first { before = try history.commit(parent).tree }
        var landings: [RangeLanding] = []
        landings.reserveCapacity(line.count)
        for (index, landing) in line.enumerated() {
            let isOwnChange = brought[index].isEmpty
            landings.append(
                RangeLanding(
                    commit: landing, commits: isOwnChange ? [landing] : brought[index],
                    treeBefore: before))
            before = landing.tree
        }
        return landings
    }

    private func claim(_ tips: [ObjectID], for index: Int, _ owner: inout [ObjectID: Int]) {
        var pending = tips
        while let id = pending.popLast() {
            guard owner[id] == nil, let commit = commits[id] else { continue }
            owner[id] = index
            pending += commit.parents
        }
    }
}
