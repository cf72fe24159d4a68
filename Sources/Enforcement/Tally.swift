import Evidence
import GitObjects
import History
import Policy

/// Who approved a landing, and who stands against it.
struct Tally {
    /// One standing approval for each person who may give one, by principal.
    private(set) var approvals: [StandingReview] = []
    /// Standing `changes_requested` of eligible reviewers.
    private(set) var objections: [StandingReview] = []
    /// Why an approval that looks right does not count, for people.
    private(set) var notes: [String] = []
    /// Whether an approval counts that was given to another head of several commits, or where
    /// single commits may not land as they are: its head must be kept on the server.
    private(set) var unkeptHeads: [ObjectID] = []

    private let facts: LandingFacts
    private let rule: PullRequestRule
    private let policy: Policy
    private let history: any HistorySource
    private let isKept: (ObjectID) throws(GitError) -> Bool

    /// Counts the reviews of a landing for one rule.
    ///
    /// - Parameter isKept: whether `refs/gate/heads` keeps a commit.
    init(
        _ facts: LandingFacts, rule: PullRequestRule, policy: Policy,
        history: any HistorySource, isKept: @escaping (ObjectID) throws(GitError) -> Bool
    ) throws(GitError) {
        self.facts = facts
        self.rule = rule
        self.policy = policy
        self.history = history
        self.isKept = isKept

        let carries = rule.carryOver == .equalDiff && facts.handMadeReason == nil
        let reviews =
            facts.book.direct + facts.book.inherited + (carries ? facts.book.carried : [])
        let eligible = policy.eligibleReviewers(for: rule)
        var byPrincipal: [Principal: [StandingReview]] = [:]
        for review in reviews { byPrincipal[review.principal, default: []].append(review) }
        for (principal, own) in byPrincipal.sorted(by: { $0.key < $1.key }) {
            if let objection = own.first(where: { $0.review.state == .changesRequested }) {
                if eligible.contains(principal) { objections.append(objection) }
                continue
            }
            if own.contains(where: { $0.review.state == .withdrawn }) { continue }
            try count(own, of: principal)
        }
        notes += facts.book.discarded
    }

    /// The approvals of these people.
    func approvals(by people: Set<Principal>) -> [StandingReview] {
        approvals.filter { people.contains($0.principal) }
    }

    private mutating func count(
        _ own: [StandingReview], of principal: Principal
    ) throws(GitError) {
        if facts.contributors.principals.contains(principal) {
            notes.append("\(principal) approved, and contributed to the change")
            return
        }
        if policy.checkSigners().contains(principal) {
            notes.append("\(principal) approved, and signs check results")
            return
        }
        let spending = Spending(history: history)
        for review in own {
            switch try spending.answer(
                for: review, of: facts.change, tip: facts.landing.predecessor)
            {
            case .spent(let landing):
                notes.append(
                    "the approval of \(principal) is spent: \(landing.short) landed this change")
                continue
            case .baseIsElsewhere:
                notes.append(
                    "\(principal) reviewed against \(review.review.base.short),"
                        + " which is not on this branch")
                continue
            case .unspent: break
            }
            if let reason = try reasonAgainst(review) {
                notes.append(reason)
                continue
            }
            approvals.append(review)
            return
        }
    }

    /// Why an approval of this very head, or one carried over from another, does not count for
    /// the way in which the change lands.
    private mutating func reasonAgainst(
        _ review: StandingReview
    ) throws(GitError) -> String? {
        if review.subject == facts.change.head.id {
            // The head is the same; what it adds is another when the target has taken a part of it
            // since, and perhaps taken that back.
            guard let approved = review.review.changeDigest, let now = facts.change.digest,
                approved != now
            else { return nil }
            return "\(review.principal) approved another difference of \(review.subject.short):"
                + " the target has taken a part of it since"
        }
        let name = "the approval of \(review.principal) for \(review.subject.short)"
        guard try history.header(review.subject)?.kind == .commit else {
            return "\(name) does not carry over: the server no longer has that commit"
        }
        let reviewed = try Change(
            head: review.subject, onto: review.review.base, in: history)
        guard reviewed.digest == facts.change.digest else {
            return "\(name) does not carry over: its difference is another one"
        }
        let contributors = Contributors(of: reviewed.commits, under: policy)
        if contributors.principals.contains(review.principal) {
            return "\(review.principal) approved, and contributed to \(review.subject.short)"
        }
        if !contributors.unknown.isEmpty {
            return "\(name) does not carry over: somebody unknown contributed to that commit"
        }
        guard facts.shape == .single else { return nil }
        let isRebase = reviewed.commits.count == 1
        if isRebase && rule.allowedMergeMethods.contains(.fastForward) { return nil }
        guard rule.allowedMergeMethods.contains(.squash) else {
            return "\(name) does not carry over: squashing is not allowed here"
        }
        if try isKept(review.subject) { return nil }
        unkeptHeads.append(review.subject)
        return "\(name) does not carry over: refs/gate/heads does not keep that commit"
    }
}
