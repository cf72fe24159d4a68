public import Evidence
public import GitObjects
public import History
public import Policy

/// How a required check stands for a change.
public struct CheckState: Hashable, Sendable {
    public let name: String
    /// nil: no result that counts.
    public let result: TestResult.Result?
}

/// What a change has and lacks on its way to a branch, before anybody lands it: `gate status`,
/// and the server's answer to a pushed branch.
public struct Assessment: Sendable {
    public let head: ObjectID
    public let target: RefName
    /// The target's tip.
    public let onto: ObjectID
    /// The head is already on the target.
    public let isLanded: Bool
    /// An active ruleset asks for reviewed changes.
    public let needsReview: Bool
    public let requiredApprovals: Int
    /// Who contributed to the change, and so cannot approve it.
    public let contributors: [Principal]
    /// Whose approvals count.
    public let approvers: [Principal]
    /// Who could still give one.
    public let ableReviewers: [Principal]
    public let checks: [CheckState]
    /// What the landing would be refused for now.
    public let findings: [Finding]
    public let digest: ChangeDigest?
}

extension Judge {
    /// Assesses what `head` still lacks to land on `target` by a clean merge.
    ///
    /// - Parameter result: the tree of that merge where it has been computed; nil: the head's own.
    public func assess(
        head: ObjectID, onto target: RefName, result: ObjectID? = nil
    ) throws(GitError) -> Assessment {
        guard let tip = try references.resolve(target).target else {
            throw GitError(.notFound, target.description, "does not exist on the server")
        }
        let facts = try LandingFacts(
            proposing: head, onto: tip, target: target, result: result, policy: policy,
            history: history, evidence: evidence)
        let parent = UpdateJudge(self, RefUpdate(ref: target, old: tip, new: head))
        var findings: [Finding] = []
        var approvers: Set<Principal> = []
        var able: Set<Principal> = []
        var required = 0
        var checks: [CheckState] = []
        let active = parent.rulesets.filter { $0.enforcement == .active }
        var reviewRules = active.compactMap { ruleset in
            ruleset.rules.pullRequest.map { (RuleName.pullRequest, ruleset.name as String?, $0) }
        }
        let isSelfProtected = target == governing.defaultBranch && facts.touchesPolicy
        if isSelfProtected, !reviewRules.contains(where: { $0.2.requiredApprovingReviewCount > 0 })
        {
            reviewRules.append((.policy, nil, PullRequestRule()))
        }
        for (name, ruleset, rule) in reviewRules {
            let answer = try PullRequestJudge(
                facts: facts, rule: rule, name: name, ruleset: ruleset, policy: policy,
                history: history, ref: target, remedies: parent.remedies, evidenceTip: evidence.tip,
                isKept: isKept
            ).answer()
            findings += answer.findings
            approvers.formUnion(answer.approvals.map(\.principal))
            required = max(required, rule.requiredApprovingReviewCount)
            able.formUnion(policy.eligibleReviewers(for: rule))
        }
        for ruleset in active {
            if let rule = ruleset.rules.requiredStatusChecks {
                let answer = try StatusChecksJudge(
                    rule: rule, ruleset: ruleset.name, policy: policy, evidence: evidence,
                    ref: target, remedies: parent.remedies
                ).answer(
                    candidates: rule.tested == .head
                        ? [facts.change.head, facts.landing.commit] : [facts.landing.commit])
                findings += answer.findings
                checks += answer.states.filter { state in
                    !checks.contains { $0.name == state.name }
                }
            }
            findings += try CommitJudge(
                ruleset: ruleset, policy: policy, history: history, ref: target,
                clean: CleanCommits()
            ).findings(for: facts.judgedCommits, signed: facts.change.commits)
        }
        able.subtract(facts.contributors.principals)
        able.subtract(approvers)
        return Assessment(
            head: head, target: target, onto: tip, isLanded: facts.change.commits.isEmpty,
            needsReview: !reviewRules.isEmpty, requiredApprovals: required,
            contributors: facts.contributors.principals.sorted(), approvers: approvers.sorted(),
            ableReviewers: able.sorted(), checks: checks,
            findings: findings, digest: facts.change.digest)
    }
}
