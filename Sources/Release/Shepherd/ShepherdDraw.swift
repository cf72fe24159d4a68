public import GitObjects
public import Policy

/// Who the shepherd of one day is, and why.
public struct ShepherdDraw: Hashable, Sendable {
    /// Why nobody is drawn.
    public enum Rest: String, Hashable, Sendable, CaseIterable {
        case holiday
        /// No day of `rotation.days`.
        case weekday
        /// The team has nobody, or all of it is away.
        case everybodyAway = "everybody_away"
        /// The policy of that day has no rotation.
        case noRotation = "no_rotation"
    }

    /// Somebody who would have come before the one who was drawn.
    public struct Passed: Hashable, Sendable {
        public enum Reason: String, Hashable, Sendable, CaseIterable {
            case away
            /// Drawn the time before.
            case yesterday
        }

        public let member: Principal
        public let reason: Reason
    }

    public let date: CalendarDate
    /// nil: nobody, for ``rest``.
    public let principal: Principal?
    public let rest: Rest?
    /// The bag that it was drawn from, counted from 1; 0 without a draw.
    public let cycle: Int
    /// 64 hexadecimal digits: the lowest of those who are in the bag comes first.
    public let digest: String
    /// Who passed, in the order of the bag. They keep their turn.
    public let passed: [Passed]
    /// Who is in the bag after the draw, in its order.
    public let waiting: [Principal]
    /// Which landing's roster it was; nil: none.
    public let roster: ObjectID?
}
