import Evidence
import GitObjects
import History

/// Finds whether an approval is spent: whether a landing since it was given had the same head or
/// the same digest. What was reverted needs a new review to come back.
struct Spending {
    let history: any HistorySource

    enum Answer: Hashable {
        case unspent
        case spent(by: ObjectID)
        /// The tip at which the review was made is not on the target's first-parent line.
        case baseIsElsewhere
    }

    /// Walks the landings between the target's tip and the base of a review.
    func answer(
        for review: StandingReview, of change: Change, tip: ObjectID
    ) throws(GitError) -> Answer {
        let base = review.review.base
        if base == tip { return .unspent }
        guard try history.header(base)?.kind == .commit,
            try history.isAncestor(base, of: tip)
        else { return .baseIsElsewhere }
        var current = tip
        while current != base {
            guard let landing = Landing(try history.commit(current)) else {
                return .baseIsElsewhere
            }
            for head in [review.subject, change.head.id] {
                if try contains(head, landing) { return .spent(by: landing.commit.id) }
            }
            if try hasSameDigest(landing, as: change) { return .spent(by: landing.commit.id) }
            current = landing.predecessor
        }
        return .unspent
    }

    /// Whether a landing brought this head, itself or as a part of a larger change: who lands the
    /// upper of two changes that build on each other has landed the lower one.
    private func contains(_ head: ObjectID, _ landing: Landing) throws(GitError) -> Bool {
        if landing.head == head { return true }
        guard landing.head != landing.commit.id,
            try history.header(head)?.kind == .commit,
            try history.header(landing.head)?.kind == .commit
        else { return false }
        return try history.isAncestor(head, of: landing.head)
    }

    private func hasSameDigest(_ landing: Landing, as change: Change) throws(GitError) -> Bool {
        guard let digest = change.digest, let first = change.differences?.first else {
            return false
        }
        if try holds(first, in: landing.commit.tree) {
            let predecessor = try history.commit(landing.predecessor)
            let own = try history.changes(from: predecessor.tree, to: landing.commit.tree)
            if ChangeDigest(of: own) == digest { return true }
            if try brings(change, landing.commit.tree, after: predecessor.tree) { return true }
        }
        guard landing.head != landing.commit.id,
            try history.header(landing.head)?.kind == .commit,
            try holds(first, in: try history.commit(landing.head).tree)
        else { return false }
        let landed = try Change(head: landing.head, onto: landing.predecessor, in: history)
        return landed.digest == digest
    }

    /// Whether all that the change does stands in a tree, and did not in the one before: the change
    /// landed, among other things.
    private func brings(
        _ change: Change, _ tree: ObjectID, after predecessor: ObjectID
    ) throws(GitError) -> Bool {
        var stoodBefore = true
        for difference in change.differences ?? [] {
            guard try holds(difference, in: tree) else { return false }
            if try !holds(difference, in: predecessor) { stoodBefore = false }
        }
        return !stoodBefore
    }

    /// Whether a tree has a path as the difference leaves it. Of the first path it is a cheap
    /// condition that equal digests need, so that most landings cost one look-up.
    private func holds(_ change: TreeChange, in tree: ObjectID) throws(GitError) -> Bool {
        let entry = try history.entry(change.path, in: tree)
        return entry?.id == change.new?.id
    }
}
