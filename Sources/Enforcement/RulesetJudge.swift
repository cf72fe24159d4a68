import Evidence
import GitObjects
import History
import Policy

/// Judges one update by one ruleset.
struct RulesetJudge {
    let parent: UpdateJudge
    let ruleset: Ruleset
    let path: Steps
    let facts: [LandingFacts]

    private var update: RefUpdate { parent.update }
    private var history: any HistorySource { parent.history }
    private var rules: Rules { ruleset.rules }

    init(_ parent: UpdateJudge, _ ruleset: Ruleset, path: Steps, facts: [LandingFacts]) {
        self.parent = parent
        self.ruleset = ruleset
        self.path = path
        self.facts = facts
    }

    /// Everything that the ruleset finds, and into `landings` what the landings showed.
    func findings(_ landings: inout [JudgedLanding]) throws(GitError) -> [Finding] {
        var findings = try movementFindings()
        if update.isDeletion { return findings }
        if let rule = rules.pullRequest {
            findings += pathFindings()
            for (index, fact) in facts.enumerated() {
                let answer = try PullRequestJudge(
                    facts: fact, rule: rule, name: .pullRequest, ruleset: ruleset.name,
                    policy: parent.policy, history: history, ref: update.ref,
                    remedies: parent.remedies, evidenceTip: parent.judge.evidence.tip,
                    isKept: parent.judge.isKept
                ).answer()
                findings += answer.findings
                landings[index] = landings[index].adding(
                    approvals: answer.approvals, method: answer.method)
            }
        }
        if let rule = rules.requiredStatusChecks {
            findings += try statusFindings(rule, &landings)
        }
        return try findings + commitFindings() + tagFindings()
    }

    private func finding(
        _ rule: RuleName, _ problem: String, commit: ObjectID? = nil, _ remedies: [Remedy]
    ) -> Finding {
        Finding(
            rule, ruleset: ruleset.name, ref: update.ref, commit: commit, problem,
            remedies: remedies)
    }

    /// `creation`, `deletion` and `non_fast_forward`.
    private func movementFindings() throws(GitError) -> [Finding] {
        var findings: [Finding] = []
        let bypass = parent.remedies.bypass(ruleset)
        if update.isDeletion {
            if rules.deletion {
                findings.append(
                    finding(.deletion, "\(update.ref) may not be deleted", bypass))
            }
            return findings
        }
        if update.isCreation {
            if rules.creation && !startsAtLanding {
                findings.append(
                    finding(
                        .creation,
                        "\(update.ref) must start at a landing of a protected branch",
                        commit: update.new,
                        [
                            .command(
                                "git push origin"
                                    + " origin/\(shellWord(parent.judge.governing.defaultBranch.bytes.dropFirst(11)))"
                                    + ":\(shellWord(update.ref.bytes))")
                        ]))
            }
            return findings
        }
        if rules.nonFastForward, try isForced() {
            let problem =
                ruleset.target == .tag
                ? "\(update.ref) may not be moved"
                : "\(update.new.short) does not descend from \(update.old.short): forced pushes"
                    + " are not allowed"
            findings.append(
                finding(
                    .nonFastForward, problem, commit: update.new,
                    ruleset.target == .tag
                        ? [.advice("give the new tag a new name")]
                        : [.command("git pull --rebase")]))
        }
        return findings
    }

    private var startsAtLanding: Bool {
        if case .landings(let landings) = path { landings.isEmpty } else { false }
    }

    /// Whether the update needs force: a branch that does not descend from where it was; a tag
    /// that exists (git-push(1): tags are not updated without it).
    private func isForced() throws(GitError) -> Bool {
        if ruleset.target == .tag { return true }
        guard let old = try parent.peeledCommit(update.old),
            let new = try parent.peeledCommit(update.new)
        else { return true }
        return try !history.isAncestor(old, of: new)
    }

    /// What `pull_request` says about the way that the ref moved.
    private func pathFindings() -> [Finding] {
        switch path {
        case .landings, .deletion, .other: return []
        case .broken(let base, let tip, let swap):
            if let swap {
                return [
                    finding(
                        .pullRequest,
                        "\(swap.short) has \(base.short) as a later parent: its parents are"
                            + " swapped, and the branch's history would be another",
                        commit: swap,
                        [
                            .command(
                                "gate merge \(parent.remedies.abbreviation(tip))\(parent.remedies.onto)"
                            )
                        ])
                ]
            }
            return [
                finding(
                    .pullRequest,
                    "\(tip.short) does not continue \(update.ref) from \(base.short)",
                    commit: tip,
                    parent.remedies.propose(
                        tip, reviewers: reviewers, count: requiredCount))
            ]
        case .unfounded(let tip):
            return [
                finding(
                    .pullRequest,
                    "\(tip.short) comes from no landing of a protected branch",
                    commit: tip,
                    parent.remedies.propose(
                        tip, reviewers: reviewers, count: requiredCount))
            ]
        }
    }

    private var reviewers: Set<Principal> {
        rules.pullRequest.map { parent.policy.eligibleReviewers(for: $0) } ?? []
    }

    private var requiredCount: Int {
        rules.pullRequest?.requiredApprovingReviewCount ?? 1
    }

    private func statusFindings(
        _ rule: RequiredStatusChecksRule, _ landings: inout [JudgedLanding]
    ) throws(GitError) -> [Finding] {
        let judge = StatusChecksJudge(
            rule: rule, ruleset: ruleset.name, policy: parent.policy,
            evidence: parent.judge.evidence, ref: update.ref, remedies: parent.remedies)
        switch path {
        case .deletion, .other: return []
        case .broken(_, let tip, _), .unfounded(let tip):
            return try judge.answer(candidates: [try history.commit(tip)]).findings
        case .landings:
            var findings: [Finding] = []
            for (index, fact) in facts.enumerated() {
                let landing = fact.landing.commit
                let candidates =
                    rule.tested == .head && fact.change.head.id != landing.id
                    ? [fact.change.head, landing] : [landing]
                let answer = try judge.answer(candidates: candidates)
                findings += answer.findings
                landings[index] = landings[index].adding(results: answer.results)
            }
            return findings
        }
    }

    /// The rules about single commits, and `required_linear_history`.
    private func commitFindings() throws(GitError) -> [Finding] {
        let judge = CommitJudge(
            ruleset: ruleset, policy: parent.policy, history: history, ref: update.ref,
            clean: parent.judge.cleanCommits)
        let isPlain =
            !rules.requiredSignatures && !rules.requiredLinearHistory
            && rules.commitMessagePattern == nil && rules.filePathRestriction == nil
            && rules.maxFileSize == nil && rules.maxFilePathLength == nil
        if isPlain || ruleset.target == .tag { return [] }
        var findings: [Finding] = []
        switch path {
        case .deletion, .other: break
        case .landings(let landings) where facts.count == landings.count:
            for fact in facts {
                findings += try judge.findings(
                    for: fact.judgedCommits, signed: fact.change.commits)
                findings += linearFinding([fact.landing.commit])
            }
        case .landings(let landings):
            let base = landings.first?.predecessor ?? update.new
            findings += try freshFindings(judge, tip: update.new, base: base)
        case .broken(let base, let tip, _):
            findings += try freshFindings(judge, tip: tip, base: base)
        case .unfounded(let tip):
            findings += try freshFindings(judge, tip: tip, base: parent.judge.governing.commit)
        }
        return findings
    }

    private func freshFindings(
        _ judge: CommitJudge, tip: ObjectID, base: ObjectID
    ) throws(GitError) -> [Finding] {
        var commits: [Commit] = []
        for id in try history.commits(from: tip, notFrom: [base]) {
            commits.append(try history.commit(id))
        }
        return try judge.findings(for: commits, signed: commits) + linearFinding(commits)
    }

    private func linearFinding(_ commits: [Commit]) -> [Finding] {
        guard rules.requiredLinearHistory,
            let merge = commits.first(where: { $0.parents.count > 1 })
        else { return [] }
        return [
            finding(
                .requiredLinearHistory, "\(merge.id.short) is a merge commit",
                commit: merge.id,
                [
                    .command(
                        "gate merge \(parent.remedies.abbreviation(merge.parents.last ?? merge.id))"
                            + " --method squash\(parent.remedies.onto)")
                ])
        ]
    }

    /// `required_signatures` for a tag: the tag itself is signed.
    private func tagFindings() throws(GitError) -> [Finding] {
        guard ruleset.target == .tag, rules.requiredSignatures else { return [] }
        let remedy: [Remedy] = [
            .command(
                "git tag -s -f \(shellWord(update.ref.bytes.dropFirst("refs/tags/".utf8.count)))"
                    + " \(parent.remedies.abbreviation(update.new))")
        ]
        guard try history.header(update.new)?.kind == .tag else {
            return [finding(.requiredSignatures, "\(update.ref) is no signed tag", remedy)]
        }
        let tag = try history.tag(update.new)
        guard update.ref.bytes.elementsEqual(Array("refs/tags/".utf8) + tag.name) else {
            return [
                finding(
                    .requiredSignatures,
                    "the tag that was signed is \(shown(tag.name)), not \(update.ref)", remedy)
            ]
        }
        guard let armored = tag.signature, let payload = tag.signedPayload else {
            return [finding(.requiredSignatures, "\(update.ref) is not signed", remedy)]
        }
        do {
            _ = try GitSignature.signer(
                of: payload, armored: armored, under: parent.policy.signers)
            return []
        } catch {
            return [
                finding(
                    .requiredSignatures, "the signature of \(update.ref) \(error.problem)", remedy)
            ]
        }
    }
}

extension JudgedLanding {
    fileprivate func adding(
        approvals: [StandingReview] = [], method: MergeMethod? = nil, results: [LineDigest] = []
    ) -> JudgedLanding {
        let lines = Set(evidence).union(approvals.map(\.line)).union(results)
        return JudgedLanding(
            commit: commit, head: head, method: method ?? self.method, handMade: handMade,
            approvers: Set(approvers).union(approvals.map(\.principal)).sorted(),
            evidence: lines.sorted())
    }
}
