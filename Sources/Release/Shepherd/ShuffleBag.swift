import Crypto
public import Policy

/// Draws a shepherd for each working day: everybody once in a cycle, in an order that is new in
/// each, nobody twice in a row.
///
/// A bag holds those who have not had their turn in its cycle, and whoever has the lowest digest of
/// (repository, cycle, name) is next: one person's place does not depend on who else is in it, so
/// that a newcomer or a leaver changes nobody else's order. When nobody in the bag is there, the
/// next one is opened, and those who were away keep their turn in the old one; a third bag closes
/// the first, so that whoever was away for months comes back to one turn more and not to all.
public struct ShuffleBag: Sendable {
    private struct Cycle {
        let number: Int
        var waiting: Set<Principal>
    }

    /// The oldest first, at most two.
    private var cycles: [Cycle] = []
    private var opened = 0
    /// Who had their turn in the newest cycle.
    private var served: Set<Principal> = []
    private var known: Set<Principal> = []
    private var last: Principal?

    private init() {}

    /// The draws of some days.
    ///
    /// - Parameters:
    ///   - days: both ends included.
    ///   - history: every roster up to the last of them.
    /// - Returns: one for each day from the first roster on; days before have none.
    public static func draws(
        _ days: ClosedRange<CalendarDate>, _ history: RosterHistory
    ) -> [ShepherdDraw] {
        guard let first = history.steps.first?.since, first <= days.upperBound else { return [] }
        var bag = ShuffleBag()
        var draws: [ShepherdDraw] = []
        var step = 0
        for number in first.daysSince1970...days.upperBound.daysSince1970 {
            guard let day = Timestamp(seconds: Int64(number) * 86_400).day else { break }
            while step + 1 < history.steps.count, history.steps[step + 1].since <= day { step += 1 }
            let draw = bag.draw(day, history.steps[step].roster)
            if days.contains(day) { draws.append(draw) }
        }
        return draws
    }

    private mutating func draw(_ day: CalendarDate, _ roster: Roster?) -> ShepherdDraw {
        guard let roster else { return Self.rest(.noRotation, day, nil) }
        update(roster.members)
        if let rest = roster.rest(on: day) { return Self.rest(rest, day, roster) }
        let present = roster.members.filter { !roster.isAway($0, on: day) }
        guard !present.isEmpty else { return Self.rest(.everybodyAway, day, roster) }
        // One who is alone goes on.
        let resting = present.count > 1 ? last : nil
        let isFree = { (member: Principal) in present.contains(member) && member != resting }
        let index = cycles.firstIndex { $0.waiting.contains(where: isFree) }
        let bag = index ?? open(roster.members)
        let order = Self.order(cycles[bag], roster)
        guard let place = order.firstIndex(where: { isFree($0.member) }) else {
            return Self.rest(.everybodyAway, day, roster)
        }
        let chosen = order[place]
        let cycle = cycles[bag].number
        cycles[bag].waiting.remove(chosen.member)
        if bag == cycles.count - 1 { served.insert(chosen.member) }
        last = chosen.member
        return ShepherdDraw(
            date: day, principal: chosen.member, rest: nil, cycle: cycle, digest: chosen.digest,
            passed: order[..<place].map {
                .init(member: $0.member, reason: present.contains($0.member) ? .yesterday : .away)
            },
            waiting: order.map(\.member).filter { $0 != chosen.member }, roster: roster.commit)
    }

    /// Lets leavers out of all bags and newcomers into the newest.
    private mutating func update(_ members: Set<Principal>) {
        for index in cycles.indices { cycles[index].waiting.formIntersection(members) }
        if !cycles.isEmpty {
            let newcomers = members.subtracting(known).subtracting(served)
            cycles[cycles.count - 1].waiting.formUnion(newcomers)
        }
        known = members
    }

    /// Opens a bag with everybody in it.
    ///
    /// - Returns: its index.
    private mutating func open(_ members: Set<Principal>) -> Int {
        cycles.removeAll { $0.waiting.isEmpty }
        if cycles.count > 1 { cycles.removeFirst() }
        opened += 1
        served = []
        cycles.append(Cycle(number: opened, waiting: members))
        return cycles.count - 1
    }

    private static func order(
        _ cycle: Cycle, _ roster: Roster
    ) -> [(member: Principal, digest: String)] {
        cycle.waiting.map { (member: $0, digest: digest(of: $0, cycle.number, roster)) }
            .sorted { ($0.digest, $0.member) < ($1.digest, $1.member) }
    }

    /// The SHA-256 of the repository's name, the cycle's number in decimal and the member's name,
    /// a NUL behind the first and the second.
    private static func digest(of member: Principal, _ cycle: Int, _ roster: Roster) -> String {
        let text = "\(roster.repository)\0\(cycle)\0\(member.name)"
        let digits = Array("0123456789abcdef".utf8)
        let hex = SHA256.hash(data: Array(text.utf8)).flatMap { byte in
            [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: hex, as: UTF8.self)
    }

    private static func rest(
        _ rest: ShepherdDraw.Rest, _ day: CalendarDate, _ roster: Roster?
    ) -> ShepherdDraw {
        ShepherdDraw(
            date: day, principal: nil, rest: rest, cycle: 0, digest: "", passed: [], waiting: [],
            roster: roster?.commit)
    }
}
