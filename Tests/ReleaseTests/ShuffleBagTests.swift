import GitObjects
import Policy
import Testing

@testable import Release

/// Seeded rosters, and what must hold of every draw.
@Suite struct ShuffleBagTests {
    private static let start = Timestamp(seconds: 1_767_225_600)  // 2026-01-01T00:00:00Z

    private func day(_ offset: Int) throws -> CalendarDate {
        try #require(Timestamp(seconds: Self.start.seconds + Int64(offset) * 86_400).day)
    }

    private func roster(
        _ members: Set<Principal>, days: Set<Weekday> = Set(Weekday.allCases),
        holidays: [ClosedRange<CalendarDate>] = [],
        away: [Principal: [ClosedRange<CalendarDate>]] = [:], repository: String = "wrk/system"
    ) -> Roster {
        Roster(
            repository: repository, members: members,
            rotation: .init(team: "engineering", days: days, holidays: holidays, away: away),
            commit: .emptyTree)
    }

    private func people(_ count: Int) -> Set<Principal> {
        Set((0..<count).map { Principal("p\($0)@wrk.example") })
    }

    private func history(_ steps: [(Int, Roster?)]) -> RosterHistory {
        var history = RosterHistory()
        for (offset, roster) in steps {
            let seconds = Self.start.seconds + Int64(offset) * 86_400 + 40_000
            history.add(roster, landed: Timestamp(seconds: seconds))
        }
        return history
    }

    private func draws(_ count: Int, _ history: RosterHistory) throws -> [ShepherdDraw] {
        ShuffleBag.draws(try day(0)...day(count - 1), history)
    }

    @Test(arguments: 1...20)
    func everybodyOnceInACycleAndNobodyTwiceInARow(_ size: Int) throws {
        for number in 0..<10 {
            let team = roster(people(size), repository: "wrk/\(number)")
            let drawn = try draws(size * 6, history([(0, team)])).compactMap(\.principal)
            #expect(drawn.count == size * 6)
            for cycle in 0..<6 {
                #expect(Set(drawn[(cycle * size)..<(cycle + 1) * size]) == team.members)
            }
            if size > 1 {
                #expect(zip(drawn, drawn.dropFirst()).allSatisfy { $0 != $1 })
            }
        }
    }

    /// The order is new in each cycle, and another in another repository.
    @Test func ordersDiffer() throws {
        let drawn = try draws(60, history([(0, roster(people(10)))])).compactMap(\.principal)
        let cycles = Set((0..<6).map { Array(drawn[($0 * 10)..<($0 * 10 + 10)]) })
        #expect(cycles.count == 6)
        let other = try draws(60, history([(0, roster(people(10), repository: "wrk/other"))]))
        #expect(other.compactMap(\.principal) != drawn)
        // Everybody has every place in their time: the first of a cycle is not always the same.
        let long = try draws(1000, history([(0, roster(people(5)))])).compactMap(\.principal)
        var firsts: [Principal: Int] = [:]
        for cycle in 0..<200 { firsts[long[cycle * 5], default: 0] += 1 }
        #expect(firsts.count == 5)
        #expect(firsts.values.allSatisfy { (20...60).contains($0) }, "\(firsts)")
    }

    /// Whatever lands later, what was drawn stays: thousands of rosters that change.
    @Test(arguments: UInt64(1)...20)
    func theFutureChangesNoPast(_ seed: UInt64) throws {
        var random = Seeded(seed)
        var steps: [(Int, Roster?)] = []
        var members = people(Int.random(in: 1...8, using: &random))
        steps.append((0, roster(members)))
        var past: [ShepherdDraw] = []
        for change in 1...25 {
            let at = change * 4
            switch Int.random(in: 0..<5, using: &random) {
            case 0..<2: members.insert(Principal("n\(change)@wrk.example"))
            case 2..<4:
                if members.count > 1, let one = members.sorted().randomElement(using: &random) {
                    members.remove(one)
                }
            default: break
            }
            var away: [Principal: [ClosedRange<CalendarDate>]] = [:]
            if let one = members.sorted().randomElement(using: &random) {
                away[one] = [try day(at)...day(at + Int.random(in: 0...9, using: &random))]
            }
            let days = Set(
                Weekday.allCases.filter { _ in Int.random(in: 0..<7, using: &random) > 0 })
            let next: Roster? =
                Int.random(in: 0..<12, using: &random) == 0
                ? nil : roster(members, days: days.isEmpty ? [.monday] : days, away: away)
            // The day of the change itself belongs to what was before.
            past = try draws(at + 1, history(steps))
            steps.append((at, next))
            let now = try draws(at + 1, history(steps))
            #expect(now == past)
        }
        let all = try draws(140, history(steps))
        #expect(all.count == 140)
        let spans = history(steps).steps
        var before: Principal?
        for draw in all {
            let roster = spans.last { $0.since <= draw.date }?.roster
            guard let principal = draw.principal else {
                #expect(draw.rest != nil)
                continue
            }
            let now = try #require(roster)
            #expect(draw.rest == nil)
            #expect(now.members.contains(principal))
            #expect(!now.isAway(principal, on: draw.date))
            #expect(now.rotation.days.contains(draw.date.weekday))
            let present = now.members.filter { !now.isAway($0, on: draw.date) }
            if present.count > 1 { #expect(principal != before, "\(draw.date)") }
            before = principal
        }
    }

    @Test func awayKeepsTheTurn() throws {
        let first = try draws(5, history([(0, roster(people(5)))]))
        let one = try #require(first[0].principal)
        // Away on the day of the turn, back on the third.
        let away = [one: [try day(0)...day(1)]]
        let later = try draws(5, history([(0, roster(people(5), away: away))]))
        #expect(later[0].principal == first[1].principal)
        #expect(later[0].passed == [.init(member: one, reason: .away)])
        #expect(later[2].principal == one)
        #expect(Set(later.compactMap(\.principal)) == people(5))
        // Away for the whole of a cycle: the next one is opened, and the turn is kept.
        let long = [one: [try day(0)...day(5)]]
        let drawn = try draws(10, history([(0, roster(people(5), away: long))]))
        #expect(drawn[0..<4].allSatisfy { $0.cycle == 1 })
        #expect(drawn[4].cycle == 2)
        #expect(drawn[6].principal == one)
        #expect(drawn[6].cycle == 1)
        #expect(drawn.filter { $0.principal == one }.map(\.cycle).sorted() == [1, 2])
    }

    /// Away for months: one turn is kept, and not one for each cycle.
    @Test func aLongLeave() throws {
        let one: Principal = "p0@wrk.example"
        let team = roster(people(4), away: [one: [try day(0)...day(99)]])
        let drawn = try draws(108, history([(0, team)]))
        #expect(drawn[0..<100].allSatisfy { $0.principal != one })
        #expect(drawn[100...].count { $0.principal == one } <= 3)
        #expect(drawn[100].principal == one)
    }

    @Test func joinersAndLeavers() throws {
        let team = people(6)
        let before = try draws(6, history([(0, roster(team))]))
        let new: Principal = "new@wrk.example"
        // Lands in the afternoon of the second day.
        let joined = try draws(7, history([(0, roster(team)), (1, roster(team.union([new])))]))
        #expect(joined[0..<2].map(\.principal) == before[0..<2].map(\.principal))
        // In the present bag, and nobody else's order is another.
        #expect(joined.allSatisfy { $0.cycle == 1 })
        #expect(
            joined.compactMap(\.principal).filter { $0 != new } == before.compactMap(\.principal))
        #expect(joined.count { $0.principal == new } == 1)
        let gone = try #require(before[4].principal)
        let left = try draws(
            6, history([(0, roster(team)), (1, roster(team.subtracting([gone])))]))
        #expect(
            left[0..<5].compactMap(\.principal)
                == before.compactMap(\.principal).filter { $0 != gone })
        #expect(left[5].cycle == 2)
        // Whoever had the turn, leaves and comes back in the same cycle waits for the next.
        let had = try #require(before[0].principal)
        let back = try draws(
            6,
            history([
                (0, roster(team)), (1, roster(team.subtracting([had]))), (3, roster(team)),
            ]))
        #expect(back.compactMap(\.principal) == before.compactMap(\.principal))
    }

    @Test func daysOfRest() throws {
        // 2026-01-01 is a Thursday.
        let work: Set<Weekday> = [.monday, .tuesday, .wednesday, .thursday, .friday]
        let team = roster(people(3), days: work, holidays: [try day(0)...day(0)])
        let drawn = try draws(6, history([(0, team)]))
        #expect(drawn.map(\.rest) == [.holiday, nil, .weekday, .weekday, nil, nil])
        #expect(Set(drawn.compactMap(\.principal)) == people(3))
        let everybody = Dictionary(
            uniqueKeysWithValues: try people(3).map { ($0, [try day(0)...day(1)]) })
        let none = try draws(3, history([(0, roster(people(3), away: everybody))]))
        #expect(none.map(\.rest) == [.everybodyAway, .everybodyAway, nil])
        #expect(
            try draws(2, history([(0, roster([]))])).map(\.rest) == [
                .everybodyAway, .everybodyAway,
            ])
        #expect(try draws(2, history([])).isEmpty)
        let alone = try draws(3, history([(0, roster(people(1)))]))
        #expect(alone.map(\.principal) == [Principal](repeating: "p0@wrk.example", count: 3))
    }

    /// The digest can be made again with any program:
    /// `printf 'wrk/system\0001\000p0@wrk.example' | sha256sum`.
    @Test func theDigestOfAName() throws {
        let draw = try #require(try draws(1, history([(0, roster(people(1)))])).first)
        #expect(
            draw.digest == "a4ee022893625114766ba4d78934e77cf1ec55768b35ab0b81fec04931f8357c")
    }

    @Test func landingsWithDatesThatGoBack() throws {
        var history = RosterHistory()
        history.add(nil, landed: Self.start)
        history.add(roster(people(2)), landed: Timestamp(seconds: Self.start.seconds + 864_000))
        history.add(roster(people(3)), landed: Self.start)
        history.add(roster(people(4)), landed: Timestamp(seconds: Self.start.seconds + 864_001))
        #expect(history.steps.map(\.since) == [try day(10), try day(11)])
        #expect(history.steps.last?.roster?.members == people(4))
    }
}
