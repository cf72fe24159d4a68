import Evidence
import GitObjects
import History
import Policy

/// What one landing is, found out once and judged by every ruleset.
struct LandingFacts {
    /// How the landing came about, after its trees were compared.
    enum Shape: Hashable {
        case merge
        case squash
        /// A single commit: itself the reviewed head, or a squash known by its digest.
        case single
        /// Not what git's merge gives: the landing itself must have been reviewed.
        case handMade(String)
    }

    let landing: Landing
    let shape: Shape
    /// What a reviewer must have read: the head's change, or the landing's own when it is
    /// hand-made.
    let change: Change
    /// What the landing does to the branch, by path.
    let differences: [TreeChange]
    let contributors: Contributors
    let book: ReviewBook
    /// The commits whose messages, paths and sizes count: the change's, and the landing itself
    /// where it is more than a clean merge.
    let judgedCommits: [Commit]
    /// Nobody has made this landing yet, so how it will be made is open.
    let isProposed: Bool

    var handMadeReason: String? {
        if case .handMade(let reason) = shape { reason } else { nil }
    }

    var touchesPolicy: Bool {
        differences.contains { PolicyFiles.isPolicy($0.path) }
    }

    /// Finds out what a landing is.
    init(
        _ landing: Landing, target: RefName, policy: Policy, history: any HistorySource,
        evidence: any EvidenceSource
    ) throws(GitError) {
        self.landing = landing
        isProposed = false
        let predecessor = try history.commit(landing.predecessor)
        differences = try history.changes(from: predecessor.tree, to: landing.commit.tree)
        var sides: [Commit] = []
        switch landing.form {
        case .squash(let head) where try history.header(head)?.kind != .commit:
            shape = .handMade("it squashes \(head.short), which the server does not have")
            change = try Change(head: landing.commit.id, onto: landing.predecessor, in: history)
        case .merge(let head), .squash(let head):
            let change = try Change(head: head, onto: landing.predecessor, in: history)
            let isMerge = landing.form == .merge(head: head)
            if let reason = try Self.handMade(landing, change, history) {
                shape = .handMade(reason)
                self.change = try Change(
                    head: landing.commit.id, onto: landing.predecessor, in: history)
                sides = change.commits
            } else {
                shape = isMerge ? .merge : .squash
                self.change = change
            }
        case .single:
            shape = .single
            change = try Change(head: landing.commit.id, onto: landing.predecessor, in: history)
        case .octopus:
            shape = .handMade("it has \(landing.commit.parents.count) parents")
            change = try Change(head: landing.commit.id, onto: landing.predecessor, in: history)
        case .ambiguousHead:
            shape = .handMade("its Gate-Head lines do not name exactly one commit")
            change = try Change(head: landing.commit.id, onto: landing.predecessor, in: history)
        }
        var contributors = Contributors(of: change.commits, under: policy)
        for commit in sides { contributors.add(commit, under: policy) }
        self.contributors = contributors
        book = try ReviewBook(of: change, target: target, policy: policy, evidence: evidence)
        var judged = change.commits
        for commit in sides where !judged.contains(where: { $0.id == commit.id }) {
            judged.append(commit)
        }
        if shape == .squash { judged.insert(landing.commit, at: 0) }
        judgedCommits = judged
    }

    /// The facts of a landing that nobody has made yet: the clean merge of `head` into `tip`.
    init(
        proposing head: ObjectID, onto tip: ObjectID, target: RefName, result: ObjectID?,
        policy: Policy, history: any HistorySource, evidence: any EvidenceSource
    ) throws(GitError) {
        change = try Change(head: head, onto: tip, in: history)
        let merge = Commit(
            id: head, tree: result ?? change.head.tree, parents: [tip, head],
            author: change.head.author, committer: change.head.committer, message: [])
        guard let landing = Landing(merge) else {
            throw GitError(.malformed, head.hex, "cannot be merged")
        }
        self.landing = landing
        isProposed = true
        shape = .merge
        differences = change.differences ?? []
        contributors = Contributors(of: change.commits, under: policy)
        book = try ReviewBook(of: change, target: target, policy: policy, evidence: evidence)
        judgedCommits = change.commits
    }

    /// Why the landing is not git's own merge of the two sides; nil when it is.
    private static func handMade(
        _ landing: Landing, _ change: Change, _ history: any HistorySource
    ) throws(GitError) -> String? {
        guard change.mergeBases.count == 1, let base = change.mergeBases.first else {
            return change.mergeBases.isEmpty
                ? "its two sides have no common history"
                : "its two sides have \(change.mergeBases.count) merge bases"
        }
        let answer = try history.verifyMerge(
            base: base, ours: landing.predecessor, theirs: change.head.id,
            result: landing.commit.tree)
        switch answer {
        case .clean: return nil
        case .handMade(let reason): return reason
        }
    }
}
