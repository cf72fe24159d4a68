public import GitObjects

/// How a ruleset counts, as in GitHub's rulesets.
public enum RulesetEnforcement: String, Hashable, Sendable, CaseIterable {
    /// Refuses.
    case active
    /// Reports what it would refuse, and lets pass.
    case evaluate
    case disabled
}

/// What kind of ref a ruleset is about.
public enum RulesetTarget: String, Hashable, Sendable, CaseIterable {
    case branch, tag
}

/// How a change may enter a protected branch.
public enum MergeMethod: String, Hashable, Sendable, CaseIterable {
    case merge, squash
    case fastForward = "fast_forward"
}

/// A named set of rules for the refs that its patterns match.
public struct Ruleset: Sendable {
    public var name: String
    public var target: RulesetTarget
    public var enforcement: RulesetEnforcement
    public var include: [RefPattern]
    public var exclude: [RefPattern]
    public var rules: Rules
    /// Teams and principals that may sign a bypass of this ruleset.
    public var bypass: [String]
    public var location: SourceLocation

    public init(
        name: String, target: RulesetTarget = .branch, enforcement: RulesetEnforcement = .active,
        include: [RefPattern], exclude: [RefPattern] = [], rules: Rules = Rules(),
        bypass: [String] = [], location: SourceLocation
    ) {
        self.name = name
        self.target = target
        self.enforcement = enforcement
        self.include = include
        self.exclude = exclude
        self.rules = rules
        self.bypass = bypass
        self.location = location
    }

    /// Whether this ruleset is about a ref: some include and no exclude pattern matches its whole
    /// name.
    public func matches(_ ref: RefName) -> Bool {
        include.contains { $0.matches(ref) } && !exclude.contains { $0.matches(ref) }
    }
}

/// The rules of a ruleset; a rule that is nil or false is off.
public struct Rules: Sendable {
    public var creation = false
    public var deletion = false
    public var nonFastForward = false
    public var pullRequest: PullRequestRule?
    public var requiredStatusChecks: RequiredStatusChecksRule?
    public var requiredSignatures = false
    public var requiredLinearHistory = false
    public var commitMessagePattern: CommitMessagePatternRule?
    public var filePathRestriction: FilePathRestrictionRule?
    public var maxFileSize: MaxFileSizeRule?
    public var maxFilePathLength: MaxFilePathLengthRule?
    /// Where each rule stands, by its name in YAML.
    public var locations: [RuleName: SourceLocation] = [:]

    public init() {}
}

/// The names of rules in policy files and findings. The last four are built in: no ruleset
/// switches them off.
public enum RuleName: String, Hashable, Sendable, CaseIterable {
    case creation
    case deletion
    case nonFastForward = "non_fast_forward"
    case pullRequest = "pull_request"
    case requiredStatusChecks = "required_status_checks"
    case requiredSignatures = "required_signatures"
    case requiredLinearHistory = "required_linear_history"
    case commitMessagePattern = "commit_message_pattern"
    case filePathRestriction = "file_path_restriction"
    case maxFileSize = "max_file_size"
    case maxFilePathLength = "max_file_path_length"
    /// The policy protects itself: its own changes are reviewed, last in their push, and leave a
    /// valid policy behind.
    case policy
    /// What `refs/notes/gate` and `refs/gate/heads` must stay.
    case evidence
    /// Names that belong to gate or redirect git: `refs/gate/**`, `refs/replace/**`, symbolic refs.
    case reservedRef = "reserved_ref"
    /// An object that is not well formed.
    case wellFormed = "well_formed"
}

/// `pull_request`: every landing carries a reviewed change.
public struct PullRequestRule: Sendable {
    public enum CarryOver: String, Hashable, Sendable, CaseIterable {
        /// An approval counts for another head with the same target and change digest.
        case equalDiff = "equal_diff"
        /// An approval counts for the reviewed head only.
        case sameHead = "same_head"
    }

    public var requiredApprovingReviewCount = 1
    /// Teams or principals whose approvals count; nil: every principal that is no check signer.
    public var reviewers: [String]?
    public var requireCodeOwnerReview = false
    public var carryOver = CarryOver.equalDiff
    public var allowedMergeMethods: Set<MergeMethod> = Set(MergeMethod.allCases)

    public init() {}
}

/// `required_status_checks`: the named checks have passed.
public struct RequiredStatusChecksRule: Sendable {
    public enum Tested: String, Hashable, Sendable, CaseIterable {
        /// On the change's head; the landing itself is proven afterwards.
        case head
        /// On the tree that lands.
        case mergeResult = "merge_result"
    }

    public var checks: [String]
    public var tested: Tested
    /// Teams or principals whose test results count.
    public var signers: [String]

    public init(checks: [String], tested: Tested = .head, signers: [String]) {
        self.checks = checks
        self.tested = tested
        self.signers = signers
    }
}

/// `commit_message_pattern`: the pattern is found in the subject (or message) of each commit.
public struct CommitMessagePatternRule: Sendable {
    public enum Scope: String, Hashable, Sendable, CaseIterable {
        /// The first line.
        case subject
        /// Everything, with `^` and `$` at its ends only.
        case message
    }

    public var pattern: LinearPattern
    public var scope: Scope

    public init(pattern: LinearPattern, scope: Scope = .subject) {
        self.pattern = pattern
        self.scope = scope
    }
}

/// `file_path_restriction`: no commit adds or changes a path that one of the patterns matches.
public struct FilePathRestrictionRule: Sendable {
    public var forbid: [PathPattern]

    public init(forbid: [PathPattern]) {
        self.forbid = forbid
    }
}

/// `max_file_size`: no commit brings a larger file.
public struct MaxFileSizeRule: Sendable {
    public var bytes: Int

    public init(bytes: Int) {
        self.bytes = bytes
    }
}

/// `max_file_path_length`: no commit brings a longer path.
public struct MaxFilePathLengthRule: Sendable {
    public var bytes: Int

    public init(bytes: Int) {
        self.bytes = bytes
    }
}
