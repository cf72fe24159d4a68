import Evidence
import GitObjects
import History
import Policy

/// `pull_request`: the landing carries a reviewed change.
struct PullRequestJudge {
    let facts: LandingFacts
    let rule: PullRequestRule
    /// Under which name findings are reported: the rule's own, or `policy` where the policy
    /// protects itself.
    let name: RuleName
    let ruleset: String?
    let policy: Policy
    let history: any HistorySource
    let ref: RefName
    let remedies: Remedies
    /// The tip of `refs/notes/gate` before the push.
    let evidenceTip: ObjectID?
    let isKept: (ObjectID) throws(GitError) -> Bool

    struct Answer {
        var findings: [Finding] = []
        var approvals: [StandingReview] = []
        var method: MergeMethod?
    }

    func answer() throws(GitError) -> Answer {
        let tally = try Tally(
            facts, rule: rule, policy: policy, history: history, isKept: isKept)
        let eligible = policy.eligibleReviewers(for: rule)
        let counted = tally.approvals(by: eligible)
        var answer = Answer(approvals: counted, method: method(tally))
        answer.findings += try methodFindings(tally)
        answer.findings += identityFindings()
        answer.findings += try evidenceFindings()
        if counted.count < rule.requiredApprovingReviewCount {
            answer.findings.append(
                shortfall(tally, counted: counted.count, eligible: eligible))
        }
        answer.findings += tally.objections.map(objection)
        if rule.requireCodeOwnerReview {
            answer.findings += try ownerFindings(tally, approvals: &answer.approvals)
        }
        return answer
    }

    /// How the change came in; nil for a hand-made landing.
    private func method(_ tally: Tally) -> MergeMethod? {
        switch facts.shape {
        case .merge: .merge
        case .squash: .squash
        case .handMade: nil
        case .single:
            tally.approvals.contains { $0.subject == facts.landing.commit.id }
                || !rule.allowedMergeMethods.contains(.squash) ? .fastForward : .squash
        }
    }

    private func methodFindings(_ tally: Tally) throws(GitError) -> [Finding] {
        if facts.isProposed { return [] }
        let allowed = MergeMethod.allCases.filter(rule.allowedMergeMethods.contains)
            .map(\.rawValue).joined(separator: ", ")
        let id = facts.landing.commit.id
        func forbidden(_ method: MergeMethod) -> [Finding] {
            if rule.allowedMergeMethods.contains(method) { return [] }
            return [
                finding(
                    "\(id.short) is a \(method.rawValue) landing; allowed here: \(allowed)",
                    [
                        .command(
                            "gate merge \(remedies.abbreviation(facts.change.head.id))\(remedies.onto)"
                        )
                    ])
            ]
        }
        switch facts.shape {
        case .merge: return forbidden(.merge)
        case .handMade:
            return facts.landing.commit.parents.count > 1 ? forbidden(.merge) : []
        case .single:
            let hasOwnApproval = tally.approvals.contains { $0.subject == id }
            return hasOwnApproval ? forbidden(.fastForward) : []
        case .squash:
            if try isKept(facts.change.head.id) { return forbidden(.squash) }
            return forbidden(.squash) + [
                finding(
                    "the squashed head \(facts.change.head.id.short) is not kept by"
                        + " refs/gate/heads",
                    [
                        .command(
                            "gate merge \(remedies.abbreviation(facts.change.head.id))"
                                + " --method squash\(remedies.onto)")
                    ])
            ]
        }
    }

    /// How many people whom nobody knows are worth reading about at once.
    private static let shownIdentities = 10

    private func identityFindings() -> [Finding] {
        let unknown = facts.contributors.unknown
        let findings = unknown.prefix(Self.shownIdentities).map { unknown in
            finding(
                "\(unknown.commit.short) names \(shown(unknown.address)), whom the policy does"
                    + " not know",
                [
                    .advice(
                        "add the address to aliases: or outsiders: in policies/people.yml,"
                            + " or rewrite the commit")
                ], commit: unknown.commit)
        }
        let isCut = unknown.count > findings.count
        return findings + (isCut ? [finding("and more whom the policy does not know", [])] : [])
    }

    /// `Gate-Evidence: <commit>`, where a landing has it, names the evidence by which it was judged
    /// when it was made: the ref's tip or an ancestor of it, or the record would be of nothing.
    private func evidenceFindings() throws(GitError) -> [Finding] {
        let values = Trailers(of: facts.landing.commit).values(of: "Gate-Evidence")
        if values.isEmpty { return [] }
        let id = facts.landing.commit.id
        guard values.count == 1, let named = ObjectID(hex: values[0]), let evidenceTip,
            try history.header(named)?.kind == .commit,
            try history.isAncestor(named, of: evidenceTip)
        else {
            return [
                finding(
                    "the Gate-Evidence line of \(id.short) names no commit of refs/notes/gate",
                    [
                        .command(
                            "gate merge \(remedies.abbreviation(facts.change.head.id))"
                                + remedies.onto)
                    ])
            ]
        }
        return []
    }

    private func shortfall(
        _ tally: Tally, counted: Int, eligible: Set<Principal>
    ) -> Finding {
        let id = facts.landing.commit.id
        let able = eligible.subtracting(facts.contributors.principals)
            .subtracting(tally.approvals.map(\.principal))
        let missing = rule.requiredApprovingReviewCount - counted
        let notes = tally.notes.map { Remedy.advice($0) }
        if let reason = facts.handMadeReason {
            return finding(
                "\(id.short) is a hand-made merge (\(reason)) and nobody who did not"
                    + " contribute reviewed it as it is",
                notes + [
                    .advice(
                        "it lands when \(remedies.oneOf(able, count: missing)) approved it as it is:"
                    ),
                    remedies.approve(id),
                    .advice("or when git itself merges the two sides: gate merge"),
                ])
        }
        let isUnreviewed = facts.book.direct.isEmpty && facts.book.carried.isEmpty
        if facts.shape == .single && isUnreviewed {
            return finding(
                "\(id.short) is a direct push: no reviewed change lands here",
                notes + remedies.propose(id, reviewers: able, count: missing))
        }
        let head = facts.change.head.id
        return finding(
            "\(head.short) has \(counted) of \(rule.requiredApprovingReviewCount) approvals",
            notes + [
                .advice("it lands when \(remedies.oneOf(able, count: missing)) approved:"),
                remedies.approve(head),
            ])
    }

    private func objection(_ review: StandingReview) -> Finding {
        let comment = review.review.comment.isEmpty ? "" : ": " + shown(review.review.comment.utf8)
        return finding(
            "\(review.principal) requested changes on \(review.subject.short)\(comment)",
            [
                .advice("it stands until \(remedies.shortName(review.principal)) says otherwise:"),
                remedies.approve(facts.change.head.id),
            ])
    }

    private func ownerFindings(
        _ tally: Tally, approvals: inout [StandingReview]
    ) throws(GitError) -> [Finding] {
        guard let codeOwners = policy.codeOwners else {
            return [
                finding(
                    "asks for code owners, and there is no CODEOWNERS file",
                    [.advice("add .github/CODEOWNERS, or drop require_code_owner_review")])
            ]
        }
        var findings: [Finding] = []
        var judged: Set<SourceLocation> = []
        for difference in facts.differences {
            guard let line = codeOwners.rule(for: difference.path), !line.owners.isEmpty,
                judged.insert(line.location).inserted
            else { continue }
            let unresolved = line.owners.filter { policy.people.owners(named: $0).isEmpty }
            let owners = line.owners.reduce(into: Set<Principal>()) {
                $0.formUnion(policy.people.owners(named: $1))
            }
            let place = "\(codeOwners.path):\(line.location.line)"
            if !unresolved.isEmpty {
                findings.append(
                    finding(
                        "\(place) names \(unresolved.map { shown($0.utf8) }.joined(separator: ", ")),"
                            + " whom the policy does not know",
                        [.advice("name the owner in aliases: or teams: of policies/people.yml")],
                        path: difference.path))
            }
            let given = tally.approvals(by: owners)
            for approval in given where !approvals.contains(where: { $0.line == approval.line }) {
                approvals.append(approval)
            }
            if given.isEmpty && !owners.isEmpty {
                let able = owners.subtracting(facts.contributors.principals)
                findings.append(
                    finding(
                        "\(difference.path) belongs to"
                            + " \(owners.sorted().map(remedies.shortName).joined(separator: ", "))"
                            + " (\(place))",
                        [
                            .advice("it lands when \(remedies.oneOf(able, count: 1)) approved:"),
                            remedies.approve(facts.change.head.id),
                        ], path: difference.path))
            }
        }
        return findings
    }

    private func finding(
        _ problem: String, _ remedies: [Remedy], commit: ObjectID? = nil, path: TreePath? = nil
    ) -> Finding {
        Finding(
            name, ruleset: ruleset, ref: ref, commit: commit ?? facts.landing.commit.id,
            path: path, problem, remedies: remedies)
    }
}
