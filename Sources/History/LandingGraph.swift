public import GitObjects

/// Which landing of a branch brought which commit. Who judges many landings of one branch asks the
/// same questions about ancestry thousands of times; this answers them without walking the history
/// for each.
///
/// Commits are numbered so that every parent has a smaller number than its children. A commit is an
/// ancestor of a landing exactly when the landing that brought it is not a later one.
public struct LandingGraph: Sendable {
    private typealias Number = Int32

    private var ids: [ObjectID] = []
    private var numbers: [ObjectID: Number] = [:]
    /// Of each commit by number: where its parents start in ``parents``.
    private var firstParents: [Int] = [0]
    private var parents: [Number] = []
    /// Of each commit by number: the number of the landing that brought it.
    private var landings: [Number] = []

    /// Reads the whole history of a branch.
    ///
    /// - Parameter line: its first-parent line from the root on, oldest first.
    public init(of line: [ObjectID], in history: some HistorySource) throws(GitError) {
        for landing in line {
            let first = ids.count
            try number(landing, in: history)
            let own = Number(ids.count - 1)
            landings += Array(repeating: own, count: ids.count - first)
        }
    }

    /// Numbers a commit behind all its ancestors that have no number yet.
    private mutating func number(
        _ tip: ObjectID, in history: some HistorySource
    ) throws(GitError) {
        // A commit with the parents that have not been looked at.
        var path = [(id: tip, open: try history.commit(tip).parents)]
        var parentsOf = [tip: path[0].open]
        while let (id, waiting) = path.popLast() {
            var open = waiting
            if let next = open.popLast() {
                path.append((id, open))
                if numbers[next] == nil, parentsOf[next] == nil {
                    let parents = try history.commit(next).parents
                    parentsOf[next] = parents
                    path.append((next, parents))
                }
                continue
            }
            numbers[id] = Number(ids.count)
            ids.append(id)
            // All have a number by now: a commit cannot be its own ancestor.
            parents += (parentsOf[id] ?? []).compactMap { numbers[$0] }
            firstParents.append(parents.count)
        }
    }

    private func parents(of commit: Number) -> ArraySlice<Number> {
        parents[firstParents[Int(commit)]..<firstParents[Int(commit) + 1]]
    }

    /// The number of a commit that is itself a landing; nil for any other.
    private func landingNumber(_ id: ObjectID) -> Number? {
        guard let number = numbers[id], landings[Int(number)] == number else { return nil }
        return number
    }

    /// What a commit has and a landing lacks, newest first, and the newest of what both have.
    private func difference(
        from head: Number, to landing: Number
    ) -> (own: [Number], border: Set<Number>) {
        guard landings[Int(head)] > landing else { return ([], [head]) }
        var own: Set<Number> = [head]
        var border: Set<Number> = []
        var open = [head]
        while let next = open.popLast() {
            for parent in parents(of: next) {
                if landings[Int(parent)] <= landing {
                    border.insert(parent)
                } else if own.insert(parent).inserted {
                    open.append(parent)
                }
            }
        }
        return (own.sorted(by: >), border)
    }

    /// `git rev-list --topo-order head --not hidden`; nil where the graph does not know.
    func commits(from head: ObjectID, notFrom hidden: ObjectID) -> [ObjectID]? {
        guard let head = numbers[head], let landing = landingNumber(hidden) else { return nil }
        return difference(from: head, to: landing).own.map { ids[Int($0)] }
    }

    /// `git merge-base --all`; nil where the graph does not know.
    func mergeBases(_ one: ObjectID, _ other: ObjectID) -> [ObjectID]? {
        guard let left = numbers[one], let right = numbers[other] else { return nil }
        let border: Set<Number>
        if let landing = landingNumber(one) {
            border = difference(from: right, to: landing).border
        } else if let landing = landingNumber(other) {
            border = difference(from: left, to: landing).border
        } else {
            return nil
        }
        var bases: [Number] = []
        for candidate in border.sorted(by: >)
        where !bases.contains(where: { isAncestor(candidate, of: $0) }) {
            bases.append(candidate)
        }
        return bases.map { ids[Int($0)] }
    }

    /// `git merge-base --is-ancestor`; nil where the graph does not know.
    func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) -> Bool? {
        guard let ancestor = numbers[ancestor], let descendant = numbers[descendant] else {
            return nil
        }
        return isAncestor(ancestor, of: descendant)
    }

    private func isAncestor(_ ancestor: Number, of descendant: Number) -> Bool {
        if ancestor >= descendant { return ancestor == descendant }
        if landings[Int(descendant)] == descendant { return true }
        if landings[Int(ancestor)] > landings[Int(descendant)] { return false }
        var seen: Set<Number> = []
        var open = [descendant]
        while let next = open.popLast() {
            for parent in parents(of: next) where parent >= ancestor {
                if parent == ancestor { return true }
                // Everything that an earlier landing brought is behind that landing.
                if landings[Int(parent)] == parent, landings[Int(ancestor)] <= parent {
                    return true
                }
                if seen.insert(parent).inserted { open.append(parent) }
            }
        }
        return false
    }
}

/// A history in which the questions about ancestry are answered by a ``LandingGraph`` where it can.
public struct GraphedHistory: HistorySource {
    private let base: any HistorySource
    private let graph: LandingGraph

    public init(_ base: any HistorySource, graph: LandingGraph) {
        self.base = base
        self.graph = graph
    }

    public func commit(_ id: ObjectID) throws(GitError) -> Commit { try base.commit(id) }

    public func tree(_ id: ObjectID) throws(GitError) -> Tree { try base.tree(id) }

    public func tag(_ id: ObjectID) throws(GitError) -> Tag { try base.tag(id) }

    public func header(_ id: ObjectID) throws(GitError) -> (kind: ObjectKind, size: Int)? {
        try base.header(id)
    }

    public func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
        try base.blob(id, limit: limit)
    }

    public func changes(
        from old: ObjectID?, to new: ObjectID?
    ) throws(GitError) -> [TreeChange] {
        try base.changes(from: old, to: new)
    }

    public func entry(
        _ path: TreePath, in tree: ObjectID
    ) throws(GitError) -> TreeEntry? {
        try base.entry(path, in: tree)
    }

    public func mergeBases(
        _ one: ObjectID, _ other: ObjectID
    ) throws(GitError) -> [ObjectID] {
        if let known = graph.mergeBases(one, other) { return known }
        return try base.mergeBases(one, other)
    }

    public func isAncestor(
        _ ancestor: ObjectID, of descendant: ObjectID
    ) throws(GitError) -> Bool {
        if let known = graph.isAncestor(ancestor, of: descendant) { return known }
        return try base.isAncestor(ancestor, of: descendant)
    }

    public func commits(
        from head: ObjectID, notFrom hidden: [ObjectID]
    ) throws(GitError) -> [ObjectID] {
        if hidden.count == 1, let known = graph.commits(from: head, notFrom: hidden[0]) {
            return known
        }
        return try base.commits(from: head, notFrom: hidden)
    }

    public func verifyMerge(
        base: ObjectID, ours: ObjectID, theirs: ObjectID, result: ObjectID
    ) throws(GitError) -> MergeVerification {
        try self.base.verifyMerge(base: base, ours: ours, theirs: theirs, result: result)
    }
}
