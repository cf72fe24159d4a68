public import GitObjects
public import History

/// What an evidence statement says about its subject.
public enum Predicate: Hashable, Sendable {
    case review(Review)
    case testResult(TestResult)
    case bypass(Bypass)
    case deployment(Deployment)
    case hold(Hold)
}

/// `urn:gate:review:v1`.
public struct Review: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case approved, withdrawn
        case changesRequested = "changes_requested"
    }

    public var state: State
    /// The branch that the reviewer means the change for, as a full name.
    public var targetRef: RefName
    /// The target's tip when the change was reviewed.
    public var base: ObjectID
    /// Absent with several merge bases or none.
    public var changeDigest: ChangeDigest?
    /// The lines that this one replaces.
    public var supersedes: [LineDigest]
    public var comment: String
    /// RFC 3339, UTC. For people; nothing is decided by it.
    public var createdOn: String

    public init(
        state: State, targetRef: RefName, base: ObjectID, changeDigest: ChangeDigest?,
        supersedes: [LineDigest] = [], comment: String = "", createdOn: String
    ) {
        self.state = state
        self.targetRef = targetRef
        self.base = base
        self.changeDigest = changeDigest
        self.supersedes = supersedes
        self.comment = comment
        self.createdOn = createdOn
    }
}

/// in-toto's `https://in-toto.io/attestation/test-result/v0.1`, for one check.
public struct TestResult: Hashable, Sendable {
    public enum Result: String, Hashable, Sendable, CaseIterable {
        case passed = "PASSED"
        case warned = "WARNED"
        case failed = "FAILED"
    }

    public var result: Result
    /// The check's name.
    public var check: String
    /// SHA-256 (hex) of the check's definition, see `CheckDefinition.digest`.
    public var definition: String
    public var passedTests: [String]
    public var failedTests: [String]
    /// Where the run can be read about; may be empty.
    public var url: String

    public init(
        result: Result, check: String, definition: String, passedTests: [String] = [],
        failedTests: [String] = [], url: String = ""
    ) {
        self.result = result
        self.check = check
        self.definition = definition
        self.passedTests = passedTests
        self.failedTests = failedTests
        self.url = url
    }
}

/// `urn:gate:bypass:v1`.
public struct Bypass: Hashable, Sendable {
    public var ref: RefName
    public var old: ObjectID
    public var new: ObjectID
    /// The one ruleset that it lifts.
    public var ruleset: String
    public var reason: String

    public init(ref: RefName, old: ObjectID, new: ObjectID, ruleset: String, reason: String) {
        self.ref = ref
        self.old = old
        self.new = new
        self.ruleset = ruleset
        self.reason = reason
    }
}

/// `urn:gate:deployment:v1`: one step of a deployment of the subject, which is the revision.
public struct Deployment: Hashable, Sendable {
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case started, succeeded, failed
        case rolledBack = "rolled_back"
    }

    /// A container image by its content: an in-toto ResourceDescriptor.
    public struct Image: Hashable, Sendable {
        /// The service's name.
        public var name: String
        /// Where it is kept, without tag and digest: `registry.wrk.example/api`.
        public var uri: String
        /// SHA-256 (hex) of the image's manifest.
        public var digest: String

        public init(name: String, uri: String, digest: String) {
            self.name = name
            self.uri = uri
            self.digest = digest
        }
    }

    /// A limit that somebody lifted for this deployment, and why.
    public struct Override: Hashable, Sendable {
        public enum Limit: String, Hashable, Sendable, CaseIterable {
            /// A day in `limits.freeze`.
            case freeze
            /// A change that somebody holds back.
            case hold
            /// More changes than `limits.max_changes`.
            case maxChanges = "max_changes"
            /// The range ends between a change and its revert.
            case reverted
        }

        public var limit: Limit
        public var reason: String

        public init(_ limit: Limit, reason: String) {
            self.limit = limit
            self.reason = reason
        }
    }

    public var environment: String
    public var train: String
    public var releaseID: String
    /// SHA-256 (hex) of the release's plan.
    public var planDigest: String
    /// Sorted by name, no name twice.
    public var images: [Image]
    /// The ids of the checklist's items that have been ticked so far, sorted, none twice.
    public var ticks: [String]
    public var outcome: Outcome
    /// Who did it, for people. What counts is the signer.
    public var `operator`: String
    /// The limits of the policy that were lifted for it, sorted by limit, none twice.
    public var overrides: [Override]
    /// The statement before this one on the environment and train; nil for the first.
    public var previous: LineDigest?
    /// RFC 3339, UTC. For people; nothing is decided by it.
    public var createdOn: String

    public init(
        environment: String, train: String, releaseID: String, planDigest: String,
        images: [Image] = [], ticks: [String] = [], outcome: Outcome, operator: String,
        overrides: [Override] = [], previous: LineDigest?, createdOn: String
    ) {
        self.environment = environment
        self.train = train
        self.releaseID = releaseID
        self.planDigest = planDigest
        self.images = images
        self.ticks = ticks
        self.outcome = outcome
        self.operator = `operator`
        self.overrides = overrides
        self.previous = previous
        self.createdOn = createdOn
    }
}

/// `urn:gate:hold:v1`: the subject, a landing, is not to be deployed; or it may be again.
public struct Hold: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case held, released
    }

    public var state: State
    /// The branch on which it landed, as a full name.
    public var ref: RefName
    public var reason: String
    /// The holds that this one ends, for a release of them; empty for a hold.
    public var supersedes: [LineDigest]
    /// RFC 3339, UTC. For people; nothing is decided by it.
    public var createdOn: String

    public init(
        state: State, ref: RefName, reason: String, supersedes: [LineDigest] = [],
        createdOn: String
    ) {
        self.state = state
        self.ref = ref
        self.reason = reason
        self.supersedes = supersedes
        self.createdOn = createdOn
    }
}

/// SHA-256 (hex) of a whole line of evidence, without its newline: its name in `supersedes` and
/// `previous`.
public struct LineDigest: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let hex: String

    /// A digest from exactly 64 hexadecimal digits in lower case; nil otherwise.
    public init?(hex: String) {
        guard let digest = ChangeDigest(hex: hex) else { return nil }
        self.hex = digest.hex
    }

    init(hexDigits: String) {
        hex = hexDigits
    }

    public var description: String { hex }

    public static func < (left: LineDigest, right: LineDigest) -> Bool { left.hex < right.hex }
}

/// An in-toto Statement v1 as gate writes it: one subject, one predicate.
public struct Statement: Hashable, Sendable {
    /// The annotated object.
    public var subject: ObjectID
    /// What kind of object the subject is, which its digest's key says (`gitCommit`, `gitTree`).
    public var subjectKind: ObjectKind
    /// `People.repository` of the policy under which it was made.
    public var repository: String
    public var predicate: Predicate

    public init(
        subject: ObjectID, subjectKind: ObjectKind, repository: String, predicate: Predicate
    ) {
        self.subject = subject
        self.subjectKind = subjectKind
        self.repository = repository
        self.predicate = predicate
    }
}
