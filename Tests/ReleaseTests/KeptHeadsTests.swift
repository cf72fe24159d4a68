import GitObjects
import History
import Testing

@testable import Release

/// What the squashes of a range stand for.
struct KeptHeadsTests {
    @Test func aSquashListsTheCommitsOfItsKeptHead() throws {
        let workshop = try Workshop()
        let base = try workshop.commit("Begin", ["a": "1\n"])
        try workshop.git("checkout", "-q", "-b", "topic")
        let one = try workshop.commit("One", ["b": "1\n"])
        let two = try workshop.commit("Two", ["c": "1\n"])
        try workshop.git("checkout", "-q", "master")
        try workshop.git("merge", "-q", "--squash", "topic")
        let squash = try workshop.commit("Both (#1)\n\nGate-Head: \(two.hex)")
        let plain = try workshop.commit("Plain (#2)", ["d": "1\n"])
        func commits(_ kept: ObjectID?) throws -> [[ObjectID]] {
            let plan = try workshop.plan(from: base, to: plain, keptHeads: kept)
            return plan.changes.map { $0.commits.reversed().map(\.id) }
        }
        // Here they are, but nothing says that the server keeps them.
        #expect(try commits(nil) == [[squash], [plain]])

        let empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        let root = try workshop.git("commit-tree", "-m", "Kept", empty)
        let rootID = try workshop.id(root)
        #expect(try commits(rootID) == [[squash], [plain]])

        let link = try workshop.git("commit-tree", "-m", "Kept", "-p", root, "-p", two.hex, empty)
        let kept = try workshop.plan(from: base, to: plain, keptHeads: try workshop.id(link))
        #expect(kept.changes.map { $0.commits.reversed().map(\.id) } == [[one, two], [plain]])
        // Time counts from the first commit; what the range counts stays what git counts.
        #expect(kept.changes[0].authored < kept.changes[0].landed)
        #expect(kept.range.commitCount == 2)
    }
}
