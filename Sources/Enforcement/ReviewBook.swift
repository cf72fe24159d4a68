import Evidence
import GitObjects
import History
import Policy

/// A review whose signature is good under the policy that judges, and that nothing replaced.
struct StandingReview {
    let line: LineDigest
    let review: Review
    let principal: Principal
    /// The head (or hand-made landing) that was reviewed.
    let subject: ObjectID
}

/// The reviews that may speak about one change, for one target.
struct ReviewBook {
    /// On the head itself.
    private(set) var direct: [StandingReview] = []
    /// `changes_requested` on an earlier commit of the change: it stands for every head that
    /// contains that commit.
    private(set) var inherited: [StandingReview] = []
    /// On other heads with the same digest.
    private(set) var carried: [StandingReview] = []
    /// Why reviews that name the target did not count, for people.
    private(set) var discarded: [String] = []

    private let policy: Policy
    private let target: RefName
    private let evidence: any EvidenceSource

    /// Collects the reviews of `change` for `target`.
    init(
        of change: Change, target: RefName, policy: Policy, evidence: any EvidenceSource
    ) throws(GitError) {
        self.policy = policy
        self.target = target
        self.evidence = evidence
        direct = try standing(try evidence.lines(on: change.head.id))
        for commit in change.commits where commit.id != change.head.id {
            inherited += try standing(try evidence.lines(on: commit.id))
                .filter { $0.review.state == .changesRequested }
        }
        if let digest = change.digest {
            let others = try evidence.reviews(of: digest)
                .filter { $0.statement.subject != change.head.id }
            carried = try standing(others)
        }
    }

    /// The reviews among these lines that are for the target, signed by a principal, and not
    /// superseded by a later review of the same principal.
    private mutating func standing(_ lines: [Line]) throws(GitError) -> [StandingReview] {
        var result: [StandingReview] = []
        for line in lines {
            guard let review = believed(line) else { continue }
            var isReplaced = false
            for later in try evidence.reviews(superseding: line.digest) {
                if believed(later)?.principal == review.principal { isReplaced = true }
            }
            if !isReplaced { result.append(review) }
        }
        return result
    }

    private mutating func believed(_ line: Line) -> StandingReview? {
        guard case .review(let review) = line.statement.predicate, review.targetRef == target,
            line.statement.repository == policy.people.repository
        else { return nil }
        do {
            let principal = try line.signer(under: policy.signers, arrival: nil)
            return StandingReview(
                line: line.digest, review: review, principal: principal,
                subject: line.statement.subject)
        } catch {
            let note = "a review of \(line.statement.subject.short) \(error.problem)"
            if !discarded.contains(note) { discarded.append(note) }
            return nil
        }
    }
}
