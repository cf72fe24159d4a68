public import Evidence
public import GitObjects
public import History
public import Policy

/// A bypass that lifted a ruleset.
public struct UsedBypass: Hashable, Sendable {
    public let ruleset: String
    public let principal: Principal
    public let reason: String
    public let line: LineDigest
    /// What the ruleset would have refused.
    public let lifted: [Finding]
}

/// What a landing showed; for `gate status`, `gate audit` and the manifest.
public struct JudgedLanding: Hashable, Sendable {
    public let commit: ObjectID
    public let head: ObjectID
    public let method: MergeMethod?
    /// The merge is not git's own; the reason.
    public let handMade: String?
    /// Whose approvals counted, sorted.
    public let approvers: [Principal]
    /// The evidence that counted: approvals and test results.
    public let evidence: [LineDigest]
}

/// The verdict on one ref update.
public struct UpdateVerdict: Sendable {
    public enum Outcome: Hashable, Sendable {
        case allowed
        case refused
        case undetermined(GitError)
    }

    public let update: RefUpdate
    /// The ref that is really moved, where ``RefUpdate/ref`` is a symbolic ref.
    public let resolved: RefName
    public var outcome: Outcome
    /// What refuses.
    public var findings: [Finding] = []
    /// What rulesets in `evaluate` would have refused.
    public var observations: [Finding] = []
    public var bypasses: [UsedBypass] = []
    public var landings: [JudgedLanding] = []

    public init(update: RefUpdate, resolved: RefName, outcome: Outcome) {
        self.update = update
        self.resolved = resolved
        self.outcome = outcome
    }
}

/// The verdict on a push: every ref update must be allowed.
public struct Verdict: Sendable {
    public var updates: [UpdateVerdict]

    public init(updates: [UpdateVerdict]) {
        self.updates = updates
    }

    public var isAllowed: Bool {
        updates.allSatisfy { $0.outcome == .allowed }
    }

    /// gate's exit code: 0 allowed, 1 refused, 3 undetermined and nothing refused.
    public var exitCode: Int32 {
        if isAllowed { return 0 }
        return updates.contains { $0.outcome == .refused } ? 1 : 3
    }
}
