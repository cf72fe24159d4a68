public import GitObjects
public import Policy

/// What would supply what a finding misses.
public enum Remedy: Hashable, Sendable {
    /// A command line that can be pasted into a shell as it stands.
    case command(String)
    /// A sentence, where no single command does it.
    case advice(String)
}

/// One thing that is missing or forbidden.
public struct Finding: Hashable, Sendable {
    public let rule: RuleName
    /// The ruleset that asks for it; nil for a rule that is built in.
    public let ruleset: String?
    public let ref: RefName
    public let commit: ObjectID?
    public let path: TreePath?
    /// What is wrong, as a clause; already safe to show.
    public let problem: String
    public let remedies: [Remedy]

    public init(
        _ rule: RuleName, ruleset: String? = nil, ref: RefName, commit: ObjectID? = nil,
        path: TreePath? = nil, _ problem: String, remedies: [Remedy] = []
    ) {
        self.rule = rule
        self.ruleset = ruleset
        self.ref = ref
        self.commit = commit
        self.path = path
        self.problem = problem
        self.remedies = remedies
    }
}
