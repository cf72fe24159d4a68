import CLibGit2
public import GitObjects

extension Repository {
    public func mergeBases(
        _ one: ObjectID, _ other: ObjectID
    ) throws(GitError) -> [ObjectID] {
        if one == other { return [try commit(one).id] }
        var bases = git_oidarray()
        defer { git_oidarray_dispose(&bases) }
        var left = git_oid(one)
        var right = git_oid(other)
        let found = try Library.callIfFound("the merge bases of \(one) and \(other)") {
            git_merge_bases(&bases, handle, &left, &right)
        }
        if found == nil {
            // libgit2 says "not found" of a missing commit, too.
            _ = try commit(one)
            _ = try commit(other)
            return []
        }
        return UnsafeBufferPointer(start: bases.ids, count: bases.count).map { ObjectID($0) }
    }

    public func isAncestor(
        _ ancestor: ObjectID, of descendant: ObjectID
    ) throws(GitError) -> Bool {
        // Both must be there: a missing commit is an error, not a "no".
        _ = try commit(ancestor)
        _ = try commit(descendant)
        if ancestor == descendant { return true }
        var upper = git_oid(descendant)
        var lower = git_oid(ancestor)
        return try Library.call("the history of \(descendant)") {
            git_graph_descendant_of(handle, &upper, &lower)
        } == 1
    }

    public func commits(
        from head: ObjectID, notFrom hidden: [ObjectID]
    ) throws(GitError) -> [ObjectID] {
        if hidden.contains(head) { return [] }
        if let lastListed, lastListed.head == head, lastListed.hidden == hidden {
            return lastListed.commits
        }
        let commits = try list(from: head, notFrom: hidden)
        lastListed = (head, hidden, commits)
        return commits
    }

    private func list(
        from head: ObjectID, notFrom hidden: [ObjectID]
    ) throws(GitError) -> [ObjectID] {
        let listed = try walk(from: [head], notFrom: hidden)
        guard !hidden.isEmpty, !listed.isEmpty else { return listed }
        guard try reachesHidden(listed, hidden) else { return listed }
        let known = Set(try walk(from: hidden, notFrom: []))
        return listed.filter { !known.contains($0) }
    }

    /// Whether a walk has listed commits that a hidden tip reaches.
    ///
    /// A walk stops a few steps after it has seen only hidden commits, in the order of their
    /// dates; where dates mislead, libgit2 and `git rev-list` both list too many. Whatever is
    /// listed wrongly has all its listed ancestors listed wrongly, too, so that a look at those
    /// without listed parents is enough.
    private func reachesHidden(
        _ listed: [ObjectID], _ hidden: [ObjectID]
    ) throws(GitError) -> Bool {
        let all = Set(listed)
        var ends: [ObjectID] = []
        for id in listed {
            let parents = try graph.parents(of: id)
            if parents.allSatisfy({ !all.contains($0) }) { ends.append(id) }
        }
        if isForReport, try graph.datesAgree(in: listed) { return false }
        // A few are asked for one by one: libgit2 has the commit-graph file.
        guard ends.count > Self.fewEnds else {
            for id in ends {
                for tip in hidden where try isAncestor(id, of: tip) { return true }
            }
            return false
        }
        return try graph.reaches(anyOf: ends, from: hidden)
    }

    private static let fewEnds = 3

    private func walk(
        from tips: [ObjectID], notFrom hidden: [ObjectID]
    ) throws(GitError) -> [ObjectID] {
        let subject = "the history of \(tips.first ?? .zero)"
        let walk = try freshWalk(subject)
        try Library.call(subject) { git_revwalk_sorting(walk, GIT_SORT_TOPOLOGICAL.rawValue) }
        for id in tips {
            var oid = git_oid(id)
            try Library.call("commit \(id)") { git_revwalk_push(walk, &oid) }
        }
        for id in hidden {
            var oid = git_oid(id)
            try Library.call("commit \(id)") { git_revwalk_hide(walk, &oid) }
        }
        var commits: [ObjectID] = []
        var next = git_oid()
        while true {
            let code = StuckCalls.watching(.history) { git_revwalk_next(&next, walk) }
            if code == GIT_ITEROVER.rawValue { return commits }
            try Library.call(subject) { code }
            commits.append(ObjectID(next))
        }
    }

    /// The walker, with nothing to begin at. It keeps the commits that it has read: the branches of
    /// one push share most of theirs.
    private func freshWalk(_ subject: String) throws(GitError) -> OpaquePointer {
        if let walker {
            try Library.call(subject) { git_revwalk_reset(walker) }
            return walker
        }
        var walk: OpaquePointer?
        try Library.call(subject) { git_revwalk_new(&walk, handle) }
        guard let walk else { throw GitError(.io, subject, "could not be walked") }
        walker = walk
        return walk
    }

    /// The commits from `head` along first parents down to `end`, which is not among them, newest
    /// first.
    ///
    /// - Parameters:
    ///   - end: where to stop; nil: at the root.
    ///   - limit: the largest number of commits; more are ``GitError/Kind/limit``.
    /// - Returns: nil when `end` is not on the first-parent line of `head`.
    public func firstParentChain(
        from head: ObjectID, until end: ObjectID?, limit: Int
    ) throws(GitError) -> [ObjectID]? {
        var chain: [ObjectID] = []
        var current: ObjectID? = head
        while let id = current, id != end {
            guard chain.count < limit else {
                throw GitError(
                    .limit, "the first-parent line of \(head)", "has more than \(limit) commits")
            }
            chain.append(id)
            current = try commit(id).parents.first
        }
        return current == end ? chain : nil
    }

    /// The commits along first parents from the one before `commit` to the root, newest first.
    public func firstParentLine(before commit: ObjectID) throws(GitError) -> [ObjectID] {
        guard let predecessor = try self.commit(commit).parents.first else { return [] }
        return try firstParentChain(from: predecessor, until: nil, limit: .max) ?? []
    }
}
