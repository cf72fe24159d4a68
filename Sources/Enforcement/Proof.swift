public import Evidence
public import GitObjects
import History
public import Policy

/// Whether landings are proven: their own tree has passed every check that the branch requires.
public struct Proof {
    private let judges: [(judge: StatusChecksJudge, checks: [String])]

    /// - Parameters:
    ///   - ref: the branch whose active rulesets say which checks are required.
    ///   - defaultBranch: for the commands that would supply what is missing.
    public init(
        policy: Policy, evidence: any EvidenceSource, ref: RefName, defaultBranch: RefName
    ) {
        let remedies = Remedies(policy: policy, ref: ref, defaultBranch: defaultBranch)
        judges = policy.rulesets(for: ref).compactMap { ruleset in
            guard ruleset.enforcement == .active, let rule = ruleset.rules.requiredStatusChecks
            else { return nil }
            let judge = StatusChecksJudge(
                rule: rule, ruleset: ruleset.name, policy: policy, evidence: evidence, ref: ref,
                remedies: remedies)
            return (judge, rule.checks)
        }
    }

    /// The checks that the branch requires, each once.
    public var requiredChecks: [String] {
        var seen: Set<String> = []
        return judges.flatMap(\.checks).filter { seen.insert($0).inserted }
    }

    /// The required checks that have not passed on a landing's own tree; empty: it is proven.
    public func missingChecks(on landing: Commit) throws(GitError) -> [String] {
        var missing: [String] = []
        for (judge, _) in judges {
            for state in try judge.answer(candidates: [landing]).unproven
            where !missing.contains(state) {
                missing.append(state)
            }
        }
        return missing
    }
}

extension StatusChecksJudge.Answer {
    /// The names of the checks that have not passed. A check without a definition has no state, and
    /// its finding alone speaks of it.
    fileprivate var unproven: [String] {
        let open = states.filter { $0.result != .passed }.map(\.name)
        return open.isEmpty && !findings.isEmpty ? findings.map(\.problem) : open
    }
}
