import Evidence
import GitObjects
import History
import Policy

/// The policy protects itself: what is asked of every update of the default branch, whatever its
/// rulesets say.
struct PolicyGuard {
    let parent: UpdateJudge
    let path: Steps
    let facts: [LandingFacts]

    private static let shownDiagnostics = 5

    init(_ parent: UpdateJudge, path: Steps, facts: [LandingFacts]) {
        self.parent = parent
        self.path = path
        self.facts = facts
    }

    /// - Parameter reviewIsJudged: an active ruleset asks for review already.
    func findings(reviewIsJudged: Bool) throws(GitError) -> [Finding] {
        let update = parent.update
        if update.isDeletion {
            return [
                finding(
                    "\(update.ref) holds the policy and may not be deleted",
                    [.advice("on the server, point HEAD at another branch with a policy first")])
            ]
        }
        var findings: [Finding] = []
        if let trusted = parent.judge.governing.trusted, try !descends(from: trusted) {
            findings.append(
                finding(
                    "\(update.new.short) does not descend from \(trusted.short), which the"
                        + " server's owner trusted",
                    [.command("git pull --rebase")]))
        }
        switch path {
        case .landings: findings += try landingFindings(reviewIsJudged: reviewIsJudged)
        case .broken(let base, let tip, _):
            let differences = try parent.history.changes(
                from: try parent.history.commit(base).tree,
                to: try parent.history.commit(tip).tree)
            if let first = differences.first(where: { PolicyFiles.isPolicy($0.path) }) {
                findings.append(
                    finding(
                        "\(tip.short) changes \(first.path) and is no landing: a policy changes"
                            + " by a reviewed landing only",
                        [.command("git pull --rebase")], path: first.path))
            }
        case .unfounded, .other:
            findings.append(
                finding(
                    "\(update.new.short) starts \(update.ref) anew: a policy changes by a"
                        + " reviewed landing only", []))
        case .deletion: break
        }
        return findings
    }

    /// Whether the new tip descends from the trusted commit. The old tip does, or there would be
    /// no governing policy; so whatever continues it does too, without a walk.
    private func descends(from trusted: ObjectID) throws(GitError) -> Bool {
        if case .landings = path, !parent.update.isCreation { return true }
        guard let tip = try parent.peeledCommit(parent.update.new) else { return false }
        return try parent.history.isAncestor(trusted, of: tip)
    }

    private func landingFindings(reviewIsJudged: Bool) throws(GitError) -> [Finding] {
        var findings: [Finding] = []
        for fact in facts where fact.touchesPolicy {
            let id = fact.landing.commit.id
            let touched = fact.differences.first { PolicyFiles.isPolicy($0.path) }?.path
            if id != parent.update.new {
                findings.append(
                    finding(
                        "\(id.short) changes \(touched.map(\.description) ?? "the policy") and is"
                            + " not the last landing of the push",
                        [
                            .command(
                                "git push origin"
                                    + " \(parent.remedies.abbreviation(id)):\(shellWord(parent.update.ref.bytes))"
                            ),
                            .advice("then push the rest, which the new policy judges"),
                        ], path: touched))
            }
            if !reviewIsJudged {
                let answer = try PullRequestJudge(
                    facts: fact, rule: PullRequestRule(), name: .policy, ruleset: nil,
                    policy: parent.policy, history: parent.history, ref: parent.update.ref,
                    remedies: parent.remedies, evidenceTip: parent.judge.evidence.tip,
                    isKept: parent.judge.isKept
                ).answer()
                findings += answer.findings
            }
        }
        guard let last = facts.last, last.touchesPolicy else { return findings }
        if case .failure(let invalid) = try parent.judge.policies.policy(
            at: last.landing.commit.id)
        {
            let shownCount = min(invalid.diagnostics.count, Self.shownDiagnostics)
            for diagnostic in invalid.diagnostics.prefix(shownCount) {
                findings.append(
                    finding(
                        shown(diagnostic.description.utf8),
                        [.command("gate policy validate")]))
            }
            let rest = invalid.diagnostics.count - shownCount
            if rest > 0 {
                findings.append(finding("and \(rest) more in the policy", []))
            }
        }
        return findings
    }

    private func finding(
        _ problem: String, _ remedies: [Remedy], path: TreePath? = nil
    ) -> Finding {
        Finding(
            .policy, ref: parent.update.ref, commit: parent.update.new, path: path, problem,
            remedies: remedies)
    }
}
