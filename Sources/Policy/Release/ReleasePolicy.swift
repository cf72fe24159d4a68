public import GitObjects

/// `policies/release.yml`: what the morning push needs to know.
public struct ReleasePolicy: Sendable {
    /// A part of the repository that is deployed on its own, in an environment.
    public struct Train: Sendable {
        public var name: String
        public var paths: [PathPattern]

        public init(name: String, paths: [PathPattern]) {
            self.name = name
            self.paths = paths
        }
    }

    public struct Service: Sendable {
        public var name: String
        /// What the service is built from.
        public var paths: [PathPattern]
        /// The image without tag or digest: `registry.wrk.example/api`; nil when it has none.
        public var image: String?

        public init(name: String, paths: [PathPattern], image: String? = nil) {
            self.name = name
            self.paths = paths
            self.image = image
        }
    }

    public struct Flags: Sendable {
        public enum Format: String, Hashable, Sendable, CaseIterable {
            /// OpenFeature's flagd.
            case flagd
        }

        public var files: [TreePath]
        public var format: Format

        public init(files: [TreePath], format: Format) {
            self.files = files
            self.format = format
        }
    }

    /// A command that refuses a promotion when it fails.
    public struct Preflight: Sendable {
        public var run: String
        public var environments: [String]

        public init(run: String, environments: [String]) {
            self.run = run
            self.environments = environments
        }
    }

    /// An item of the checklist for changes of some paths.
    public struct ChangedItem: Sendable {
        public var paths: [PathPattern]
        public var text: String

        public init(paths: [PathPattern], text: String) {
            self.paths = paths
            self.text = text
        }
    }

    /// From whom, and for which days, the shepherd is drawn.
    public struct Rotation: Sendable {
        public var team: String
        public var days: Set<Weekday>
        public var holidays: [ClosedRange<CalendarDate>]
        public var away: [Principal: [ClosedRange<CalendarDate>]]

        public init(
            team: String, days: Set<Weekday>, holidays: [ClosedRange<CalendarDate>],
            away: [Principal: [ClosedRange<CalendarDate>]]
        ) {
            self.team = team
            self.days = days
            self.holidays = holidays
            self.away = away
        }
    }

    /// The branch that is released.
    public var ref: RefName
    /// In the order of promotion.
    public var environments: [String]
    /// Who may record deployments: teams and principals, by environment.
    public var operators: [String: [String]]
    public var trains: [Train]
    public var services: [Service]
    public var migrations: [PathPattern] = []
    public var config: [PathPattern] = []
    public var flags: Flags?
    /// What a ticket's number looks like in a message.
    public var tickets: LinearPattern?
    public var preflight: [Preflight] = []
    /// Items of the checklist that are always there.
    public var always: [String] = []
    /// Items that are there when the push touches their paths.
    public var changed: [ChangedItem] = []
    public var rotation: Rotation?
    /// The most changes in one push; nil: any number.
    public var maxChanges: Int?
    /// Days without a push, but for an override.
    public var freeze: [ClosedRange<CalendarDate>] = []

    public init(
        ref: RefName, environments: [String], operators: [String: [String]],
        trains: [Train] = [Train(name: "all", paths: [PathPattern("**")])],
        services: [Service] = []
    ) {
        self.ref = ref
        self.environments = environments
        self.operators = operators
        self.trains = trains
        self.services = services
    }
}
