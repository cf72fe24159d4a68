import GitObjects
import History
import Policy

/// Finds where a new branch leaves the protected branches: the newest commit on its first-parent
/// line that is a landing of one of them.
struct ForkPoint {
    let judge: Judge
    /// The new ref.
    let ref: RefName

    init(_ judge: Judge, of ref: RefName) {
        self.judge = judge
        self.ref = ref
    }

    /// The landing of a protected branch nearest below `tip`; nil when there is none.
    func landing(below tip: ObjectID) throws(GitError) -> ObjectID? {
        var best: (landing: ObjectID, steps: Int)?
        for branch in try protectedTips() {
            guard let meeting = try meeting(of: tip, with: branch) else { continue }
            if best.map({ meeting.steps < $0.steps }) ?? true { best = meeting }
        }
        return best?.landing
    }

    /// The tips of all existing branches whose landings are worth as much as they must be here:
    /// those that are kept for reviewed changes by a ruleset that is also the new branch's, or the
    /// default branch's. Other rules protect a branch too, but what lies on it was asked less, or
    /// was seen by nobody. Where no ruleset asks for review, any ruleset of the two counts.
    private func protectedTips() throws(GitError) -> [ObjectID] {
        let active = judge.policy.rulesets.filter {
            $0.target == .branch && $0.enforcement == .active
        }
        let reviewed = active.filter {
            ($0.rules.pullRequest?.requiredApprovingReviewCount ?? 0) > 0
        }
        let rulesets = (reviewed.isEmpty ? active : reviewed).filter {
            $0.matches(ref) || $0.matches(judge.governing.defaultBranch)
        }
        var tips: [ObjectID] = []
        for pattern in rulesets.flatMap(\.include) {
            let literal = String(pattern.text.prefix { !"*?[".contains($0) })
            if literal == pattern.text {
                let name = RefName(literal)
                if rulesets.contains(where: { $0.matches(name) }),
                    let target = try judge.references.resolve(name).target
                {
                    tips.append(target)
                }
                continue
            }
            for reference in try judge.references.references(startingWith: literal)
            where rulesets.contains(where: { $0.matches(reference.name) }) {
                if let target = reference.target { tips.append(target) }
            }
        }
        var seen: Set<ObjectID> = []
        return tips.filter { seen.insert($0).inserted }
    }

    /// Where two first-parent lines meet. They are one from there on, so walking both by turns
    /// finds the first common commit without walking either to its root.
    private func meeting(
        of tip: ObjectID, with branch: ObjectID
    ) throws(GitError) -> (landing: ObjectID, steps: Int)? {
        var own: [ObjectID: Int] = [:]
        var theirs: Set<ObjectID> = []
        var ownNext: ObjectID? = tip
        var theirNext: ObjectID? = branch
        var steps = 0
        while ownNext != nil || theirNext != nil {
            if let current = theirNext {
                if let position = own[current] { return (current, position) }
                theirs.insert(current)
                theirNext = try judge.history.commit(current).parents.first
            }
            if let current = ownNext {
                if theirs.contains(current) { return (current, steps) }
                own[current] = steps
                steps += 1
                ownNext = try judge.history.commit(current).parents.first
            }
        }
        return nil
    }
}
