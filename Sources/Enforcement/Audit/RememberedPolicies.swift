public import GitObjects
public import History
public import Policy

/// Reads the policy at many commits, each different one once: most landings leave it as it is.
public final class RememberedPolicies: PolicyHistory {
    /// What a commit has for a policy.
    public enum Answer {
        /// No file of a policy at all.
        case absent
        case valid(Policy)
        case invalid(InvalidPolicy)
    }

    private let history: any HistorySource
    private let policies: CommittedPolicies
    private var answers: [[ObjectID?]: Answer] = [:]
    private var trees: [ObjectID: [ObjectID?]] = [:]
    private static let rememberedTrees = 4096

    public init(history: any HistorySource) {
        self.history = history
        policies = CommittedPolicies(history: history)
    }

    public func policy(at commit: ObjectID) throws(GitError) -> Result<Policy, InvalidPolicy> {
        switch try answer(at: commit) {
        case .valid(let policy): .success(policy)
        case .invalid(let invalid): .failure(invalid)
        case .absent: try policies.policy(at: commit)
        }
    }

    public func answer(at commit: ObjectID) throws(GitError) -> Answer {
        let key = try rootEntries(of: try history.commit(commit).tree)
        if let known = answers[key] { return known }
        let answer: Answer
        if key.allSatisfy({ $0 == nil }) {
            answer = .absent
        } else {
            switch try policies.policy(at: commit) {
            case .success(let policy): answer = .valid(policy)
            case .failure(let invalid): answer = .invalid(invalid)
            }
        }
        answers[key] = answer
        return answer
    }

    /// What stands at the paths under which everything that is policy stands: equal entries are
    /// equal policies.
    private func rootEntries(of tree: ObjectID) throws(GitError) -> [ObjectID?] {
        if let known = trees[tree] { return known }
        var entries: [ObjectID?] = []
        for path in PolicyFiles.roots {
            entries.append(try history.entry(path, in: tree)?.id)
        }
        if trees.count >= Self.rememberedTrees { trees.removeAll(keepingCapacity: true) }
        trees[tree] = entries
        return entries
    }
}
