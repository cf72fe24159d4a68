import GitObjects
import History
import Policy
import Testing

@testable import Release

/// What gate says of generated histories equals what the generator wrote down.
@Suite struct TruthTests {
    private func check(_ story: Story, _ relation: LandingRange.Relation) throws {
        let plan = try story.workshop.plan(
            from: story.base, to: try story.workshop.id("master"), policy: story.policy)
        #expect(plan.range.relation == relation)
        let coming = plan.changes.filter { change in
            plan.range.landings.contains { $0.id == change.landing.id }
        }
        let expected = story.entries.indices.dropFirst(story.shippedCount)
        #expect(coming.map(\.landing.id) == expected.map { story.entries[$0].landing })
        for (change, index) in zip(coming, expected) {
            let entry = story.entries[index]
            #expect(
                change.state.kind.rawValue == story.expectedState(index),
                "entry \(index), \(change.landing.id)")
            #expect(change.id == "#\(entry.number)")
            #expect(Set(change.services) == entry.services, "entry \(index)")
            if relation == .diverged, entry.reverts == nil {
                #expect(change.state.matchedBy?.rawValue == story.matches[index], "entry \(index)")
            }
        }
        let lost = plan.warnings.filter { $0.kind == .lostChange }.count
        let unmatched = story.matches.values.filter { $0 == "number" }.count
        #expect(lost == unmatched)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func forward(seed: UInt64) throws {
        let story = try Story(seed: seed)
        try story.land(8)
        try story.deploy()
        try story.land(26)
        try check(story, .forward)
    }

    @Test(arguments: [5, 6, 7] as [UInt64])
    func afterAHotfix(seed: UInt64) throws {
        let story = try Story(seed: seed)
        try story.land(4)
        try story.deploy()
        try story.land(20)
        try story.hotfix()
        try check(story, .diverged)
    }

    /// A range that ends before a revert that has landed is found; one that ends behind it, or
    /// behind the revert of the revert, is not.
    @Test func endBetweenAChangeAndItsRevert() throws {
        let workshop = try Workshop()
        let base = try workshop.commit("Begin", ["a": "1\n"])
        let change = try workshop.commit("Change (#1)", ["b": "1\n"])
        let revert = try workshop.revert(change)
        let restored = try workshop.revert(revert)
        let repository = try workshop.repository()
        func splits(_ head: ObjectID, _ tip: ObjectID) throws -> Int {
            let range = try LandingRange(from: base, to: head, in: repository)
            let behind = try LandingRange(from: head, to: tip, in: repository)
            return try SplitReverts(range, behind: behind.landings, in: repository).all.count
        }
        #expect(try splits(change, revert) == 1)
        #expect(try splits(revert, revert) == 0)
        #expect(try splits(change, restored) == 0)
        // Nothing of it is shipped yet: there is nothing that was taken back.
        #expect(try splits(revert, restored) == 0)
    }

    /// A change that a hotfix shipped and that was then taken back: the revert comes.
    @Test func aShippedChangeThatIsTakenBack() throws {
        let workshop = try Workshop()
        try workshop.commit("Begin", ["a": "1\n"])
        let fix = try workshop.commit("Fix (#1)", ["b": "1\n"])
        try workshop.git("checkout", "-q", "-b", "hotfix", "HEAD^")
        workshop.tick()
        try workshop.git("cherry-pick", "-x", fix.hex)
        let deployed = try workshop.id()
        try workshop.git("checkout", "-q", "master")
        try workshop.revert(fix)
        let plan = try workshop.plan(from: deployed, to: try workshop.id())
        #expect(
            plan.changes.map(\.state.kind) == [.alreadyShipped, .included, .alreadyShipped])
        #expect(plan.warnings.isEmpty)
        // One of another name, for an edit that is on the side branch only.
        try workshop.git("checkout", "-q", "hotfix")
        try workshop.commit("Only here", ["c": "1\n"])
        let other = try workshop.plan(from: try workshop.id(), to: try workshop.id("master"))
        #expect(other.warnings.map(\.kind) == [.lostChange])
    }

    /// Several landings taken back by one merge.
    @Test func oneMergeTakesBackTwo() throws {
        let workshop = try Workshop()
        let base = try workshop.commit("Begin", ["a": "1\n"])
        let one = try workshop.commit("One (#1)", ["b": "1\n"])
        let two = try workshop.commit("Two (#2)", ["c": "1\n"])
        try workshop.git("checkout", "-q", "-b", "topic")
        try workshop.revert(two)
        try workshop.revert(one)
        try workshop.git("checkout", "-q", "master")
        workshop.tick()
        try workshop.git("merge", "-q", "--no-ff", "-m", "Merge pull request #3 from x/y", "topic")
        let plan = try workshop.plan(from: base, to: try workshop.id())
        #expect(plan.states == ["#1 reverted", "#2 reverted", "#3 reverted"])
        #expect(plan.services.allSatisfy { !$0.changed })
    }
}
