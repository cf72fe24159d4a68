public import GitObjects
public import Policy

/// Who may be drawn and when, as the policy has it from one day on.
public struct Roster: Sendable {
    /// `people.yml`'s name of the repository: it seeds the draw.
    public var repository: String
    public var members: Set<Principal>
    public var rotation: ReleasePolicy.Rotation
    /// The landing that brought it.
    public var commit: ObjectID

    public init(
        repository: String, members: Set<Principal>, rotation: ReleasePolicy.Rotation,
        commit: ObjectID
    ) {
        self.repository = repository
        self.members = members
        self.rotation = rotation
        self.commit = commit
    }

    /// Why nobody is drawn on a day; nil: somebody is.
    func rest(on day: CalendarDate) -> ShepherdDraw.Rest? {
        if rotation.holidays.contains(where: { $0.contains(day) }) { return .holiday }
        return rotation.days.contains(day.weekday) ? nil : .weekday
    }

    func isAway(_ member: Principal, on day: CalendarDate) -> Bool {
        rotation.away[member]?.contains { $0.contains(day) } ?? false
    }
}

/// What the roster was at each time.
///
/// A change counts from the day after it landed (UTC): a draw of the morning stays what it was,
/// whatever lands in the afternoon. Landings whose dates go back count from the day of the one
/// before, so that none changes what an earlier one had said.
public struct RosterHistory: Sendable {
    /// A roster, or none, from a day on.
    public struct Step: Sendable {
        public let since: CalendarDate
        public let roster: Roster?
    }

    /// The oldest first, one for a day.
    public private(set) var steps: [Step] = []

    public init() {}

    /// Adds what a later landing says.
    ///
    /// - Parameters:
    ///   - roster: nil: its policy has no rotation.
    ///   - landed: when it landed; the first roster counts from that very day.
    public mutating func add(_ roster: Roster?, landed: Timestamp) {
        if steps.isEmpty {
            guard roster != nil, let day = landed.day else { return }
            steps = [Step(since: day, roster: roster)]
            return
        }
        let next = Timestamp(seconds: landed.seconds + 86_400).day
        guard let last = steps.last, let since = next.map({ max($0, last.since) }) else { return }
        if since == last.since { steps.removeLast() }
        steps.append(Step(since: since, roster: roster))
    }
}
