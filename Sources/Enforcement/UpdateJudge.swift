import Evidence
import GitObjects
import History
import Policy

/// Judges one update of a ref that is not gate's own.
struct UpdateJudge {
    let judge: Judge
    let update: RefUpdate
    let rulesets: [Ruleset]
    let remedies: Remedies

    var policy: Policy { judge.policy }
    var history: any HistorySource { judge.history }
    var isDefault: Bool { update.ref == judge.governing.defaultBranch }

    init(_ judge: Judge, _ update: RefUpdate) {
        self.judge = judge
        self.update = update
        rulesets = judge.policy.rulesets(for: update.ref)
        remedies = Remedies(
            policy: judge.policy, ref: update.ref,
            defaultBranch: judge.governing.defaultBranch)
    }

    func judge(into verdict: inout UpdateVerdict) throws(GitError) {
        if rulesets.isEmpty && !isDefault { return }
        let path = try steps()
        if case .landings(let landings) = path, landings.count > Self.firstLook {
            // A push that its first landings keep out needs no look at the thousands behind them.
            var trial = verdict
            try judge(.landings(Array(landings.prefix(Self.firstLook))), into: &trial)
            if !trial.findings.isEmpty {
                let rest = landings.count - Self.firstLook
                trial.findings.append(
                    Finding(
                        trial.findings[0].rule, ruleset: trial.findings[0].ruleset,
                        ref: update.ref, commit: update.new,
                        "the \(rest) landings behind these were not looked at"))
                verdict = trial
                return
            }
        }
        try judge(path, into: &verdict)
    }

    private static let firstLook = 100

    /// Judges the steps of the update by every ruleset and by what is built in.
    private func judge(_ path: Steps, into verdict: inout UpdateVerdict) throws(GitError) {
        let facts = try facts(of: path)
        verdict.landings = facts.map {
            JudgedLanding(
                commit: $0.landing.commit.id, head: $0.change.head.id, method: nil,
                handMade: $0.handMadeReason, approvers: [], evidence: [])
        }
        let asksForReview = rulesets.contains {
            $0.enforcement == .active
                && ($0.rules.pullRequest?.requiredApprovingReviewCount ?? 0) > 0
        }
        var reviewWasBypassed = false
        for ruleset in rulesets {
            let findings = try RulesetJudge(self, ruleset, path: path, facts: facts)
                .findings(&verdict.landings)
            if findings.isEmpty { continue }
            if ruleset.enforcement == .evaluate {
                verdict.observations += findings
            } else if let bypass = try Bypasses(self).bypass(of: ruleset, lifting: findings) {
                verdict.bypasses.append(bypass)
                reviewWasBypassed = reviewWasBypassed || ruleset.rules.pullRequest != nil
            } else {
                verdict.findings += findings
            }
        }
        if isDefault {
            verdict.findings += try PolicyGuard(self, path: path, facts: facts).findings(
                reviewIsJudged: asksForReview && !reviewWasBypassed)
        }
    }

    /// The facts about the landings of a push: all of them where a rule looks at landings; else
    /// those that touch the policy, because a first push of a whole history has thousands.
    private func facts(of path: Steps) throws(GitError) -> [LandingFacts] {
        guard case .landings(let landings) = path else { return [] }
        let isJudged = rulesets.contains {
            $0.rules.pullRequest != nil || $0.rules.requiredStatusChecks != nil
        }
        var facts: [LandingFacts] = []
        for landing in landings {
            if !isJudged {
                guard try touchesPolicy(landing) else { continue }
            }
            facts.append(
                try LandingFacts(
                    landing, target: update.ref, policy: policy, history: history,
                    evidence: judge.evidence))
        }
        return facts
    }

    private func touchesPolicy(_ landing: Landing) throws(GitError) -> Bool {
        guard isDefault else { return false }
        let before = try history.commit(landing.predecessor).tree
        for path in PolicyFiles.roots
        where try history.entry(path, in: before) != history.entry(path, in: landing.commit.tree) {
            return true
        }
        return false
    }

    /// How the ref moves: for an update along first parents from the old tip, for a new branch
    /// from the landing of a protected branch that it starts at.
    private func steps() throws(GitError) -> Steps {
        if update.isDeletion { return .deletion }
        guard let tip = try peeledCommit(update.new) else {
            if update.ref.starts(with: "refs/heads/") {
                throw GitError(
                    .malformed, update.new.hex, "is no commit, and \(update.ref) is a branch")
            }
            return .other
        }
        if update.ref.starts(with: "refs/heads/") && tip != update.new {
            throw GitError(.malformed, update.new.hex, "is a tag, and \(update.ref) is a branch")
        }
        var base: ObjectID?
        if update.isCreation {
            base = try ForkPoint(judge, of: update.ref).landing(below: tip)
        } else {
            base = try peeledCommit(update.old)
        }
        guard let base else { return .unfounded(tip: tip) }
        let fresh = try history.commits(from: tip, notFrom: [base])
        let path = try FirstParentPath.between(base, tip, fresh: Set(fresh), in: history)
        switch path {
        case .landings(let landings): return .landings(landings)
        case .broken(let swap): return .broken(base: base, tip: tip, swap: swap)
        }
    }

    /// The commit that an object is or that a tag of it leads to.
    func peeledCommit(_ id: ObjectID) throws(GitError) -> ObjectID? {
        var current = id
        for _ in 0..<10 {
            guard let header = try history.header(current) else {
                throw GitError(.notFound, current.hex, "is missing")
            }
            switch header.kind {
            case .commit: return current
            case .tag: current = try history.tag(current).target
            case .tree, .blob: return nil
            }
        }
        throw GitError(.limit, id.hex, "is a tag of a tag of a tag, more than ten deep")
    }
}

/// How an update moves its ref.
enum Steps {
    case landings([Landing])
    /// Not along first parents from `base`.
    case broken(base: ObjectID, tip: ObjectID, swap: ObjectID?)
    /// A new branch or tag that starts at no landing of a protected branch.
    case unfounded(tip: ObjectID)
    case deletion
    /// A tag of a tree or blob.
    case other
}
