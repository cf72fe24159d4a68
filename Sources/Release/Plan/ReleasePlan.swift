import Evidence
public import GitObjects
public import History
public import Ledger
public import Policy

/// What a push of one environment would do: the range, its changes, and what they touch.
///
/// It is a function of commits, policy, evidence and ``Request``: the same on every machine.
public struct ReleasePlan: Sendable {
    /// What a plan is made from besides the repository.
    public struct Request: Sendable {
        public var environment: String
        public var train: String
        /// The branch whose landings are released.
        public var ref: RefName
        /// When the plan was made: an input, so that it can be made again.
        public var createdOn: Timestamp
        /// What the repository is called; may be empty.
        public var sourceURI: String
        /// `policies/release.yml`, or what stands in for it.
        public var policy: ReleasePolicy
        /// The shepherd of ``createdOn``'s day; nil: the policy has no rotation.
        public var shepherd: ShepherdDraw?
        /// 2 for the second release of one head on one day, and so on.
        public var attempt = 1
        /// Whether ``ref`` is another branch than the policy's.
        public var isHotfix: Bool { ref != policy.ref }

        public init(
            environment: String, train: String, ref: RefName, createdOn: Timestamp,
            sourceURI: String, policy: ReleasePolicy, attempt: Int = 1
        ) {
            self.environment = environment
            self.train = train
            self.ref = ref
            self.createdOn = createdOn
            self.sourceURI = sourceURI
            self.policy = policy
            self.attempt = attempt
        }
    }

    /// CDEvents' and DORA's words for a deployment.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case first, regular, hotfix, rollback, none
    }

    /// One landing of the range, as people and scripts see it.
    public struct Entry: Sendable {
        public var id: String
        public var reference: ChangeLabel.Reference?
        public var title: [UInt8]
        public var state: ChangeState
        public var landing: RangeLanding
        /// What it stands for, children before parents: a squash for the commits of its head.
        public var commits: [Commit]
        public var authors: [Mailmap.Person]
        public var reviewers: [Mailmap.Person]
        public var tickets: [String]
        public var services: [String]
        public var migrations: [Migration]
        public var config: [TreePath]
        public var flags: [String]
        /// Who lifted which ruleset for it.
        public var bypasses: [EvidenceBook.Bypassed]
        public var authored: Timestamp
        public var committed: Timestamp
        public var landed: Timestamp
    }

    public struct ServiceChange: Sendable {
        /// Why a service is or is not deployed anew.
        public enum Reason: String, Hashable, Sendable, CaseIterable {
            /// Nothing was deployed before.
            case first
            /// Changes of the range touch it.
            case changes
            /// The trees differ, but through what the push takes away.
            case removal
            /// Changes touch it, and together they leave it as it was.
            case cancelled
            /// Nothing touches it.
            case untouched
        }

        public var service: ReleasePolicy.Service
        public var reason: Reason
        /// The files that differ, by their full names.
        public var paths: [TreePath]
        /// SHA-256 (hex) of the image that is deployed; nil when no statement says it.
        public var deployedDigest: String?

        public var changed: Bool { !paths.isEmpty || reason == .first }
    }

    public struct ChecklistItem: Hashable, Sendable {
        public var id: String
        public var text: String
        public var services: [String]
    }

    public struct Warning: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            /// A migration that is deployed was edited or removed.
            case editedMigration = "edited_migration"
            /// A deployed change is not in the head and would be lost.
            case lostChange = "lost_change"
            /// A change was only partly taken back.
            case partialRevert = "partial_revert"
            /// A file of flags could not be read.
            case unreadableFlags = "unreadable_flags"
            /// A change landed by a bypass.
            case bypassed
        }

        public var kind: Kind
        public var text: String
    }

    public let request: Request
    public let range: LandingRange
    public let headTree: ObjectID
    public let changes: [Entry]
    public let services: [ServiceChange]
    public let migrations: [Migration]
    public let config: [(path: TreePath, event: FileEvent)]
    public let flags: [FlagChange]
    public let checklist: [ChecklistItem]
    public let warnings: [Warning]
    /// The landings of the range that somebody holds back.
    public var holds: [HeldChanges.Held] = []
    /// The engine's verdict on each landing.
    public var gates: [LandingGate] = []
    /// Why the head is no newer landing, where nobody named one. It is said to people and is no part
    /// of the manifest: what lies behind the head changes from hour to hour.
    public var stoppedBy: [Stop] = []

    /// A change behind the head that somebody holds back.
    public struct Stop: Sendable {
        private let held: HeldChanges.Held
        private let label: ChangeLabel

        public init(_ held: HeldChanges.Held, _ label: ChangeLabel) {
            self.held = held
            self.label = label
        }

        /// Who holds what back and why, and the command that lifts it.
        public var lines: [String] {
            let id = label.id(of: held.landing)
            // To a shell # begins a comment.
            let word = label.reference == nil ? id : "'\(id)'"
            return [
                "held back: \(id) \(shown(label.title)) by \(held.by):"
                    + " \(shown(held.hold.reason.utf8))",
                "  gate release unhold \(word) --reason TEXT",
            ]
        }
    }

    public var kind: Kind {
        switch range.relation {
        case .first: .first
        case .none: .none
        case .backward: .rollback
        case .forward, .diverged: request.isHotfix ? .hotfix : .regular
        }
    }

    /// The release's name: the environment, the day and the head, and what else it takes to be
    /// the only one of its name.
    public var id: String {
        let day = request.createdOn.description.prefix(10)
        let train = request.policy.trains.count > 1 ? "-\(request.train)" : ""
        let attempt = request.attempt > 1 ? "-\(request.attempt)" : ""
        return "\(request.environment)\(train)-\(day)-\(range.head.hex.prefix(12))\(attempt)"
    }

    init(
        request: Request, range: LandingRange, headTree: ObjectID, changes: [Entry],
        services: [ServiceChange], migrations: [Migration],
        config: [(path: TreePath, event: FileEvent)], flags: [FlagChange],
        checklist: [ChecklistItem], warnings: [Warning]
    ) {
        self.request = request
        self.range = range
        self.headTree = headTree
        self.changes = changes
        self.services = services
        self.migrations = migrations
        self.config = config
        self.flags = flags
        self.checklist = checklist
        self.warnings = warnings
    }
}
