import Git
import GitObjects
import History
import Testing

@testable import Ledger

@Suite struct HeadsGuardTests {
    @Test func onlyLinksThatKeepHeads() throws {
        let bench = try Bench()
        let writer = try bench.clone("work")
        let notes = NotesWriter(writer)
        let file = try blobEntry("file", writer, [0x61])
        let one = try commitTree(writer, [file])
        let two = try commitTree(writer, [file], parents: [one])
        let first = try notes.link(keeping: [one], behind: nil)
        let root = try #require(try writer.repository.commit(first).parents.first)
        let second = try notes.link(keeping: [one, two], behind: first)

        func problems(_ old: ObjectID?, _ new: ObjectID?) throws -> [String] {
            try HeadsGuard(writer.repository).problems(old: old, new: new).map(\.problem)
        }
        for (old, new) in [
            (nil, root), (nil, first), (.zero, second), (root, first), (root, second),
            (first, second), (second, second),
        ] as [(ObjectID?, ObjectID)] {
            #expect(try problems(old, new) == [])
        }
        #expect(try problems(second, nil) == ["the kept heads may not be deleted"])
        #expect(try problems(second, .zero) == ["the kept heads may not be deleted"])
        let only = "the kept heads may only be added to, along first parents"
        #expect(try problems(second, first) == [only])
        let otherChain = try notes.link(keeping: [two], behind: nil)
        #expect(try problems(second, otherChain) == [only])
        let idle = try commitTree(writer, [], parents: [second])
        #expect(try problems(second, idle) == ["keeps no head"])
        let full = try commitTree(writer, [file], parents: [second, one])
        let tree = "has a tree that is not empty, so it is no link of the chain of kept heads"
        #expect(try problems(second, full) == [tree])
        #expect(try problems(nil, one) == [tree])
        let swapped = try commitTree(writer, [], parents: [one, second])
        #expect(try problems(second, swapped) == [tree])
        let gone = try commitTree(writer, [], parents: [second, try object(0xee)])
        #expect(
            try problems(second, gone) == ["keeps \(try object(0xee).hex), which is no commit here"]
        )
        let blob = try commitTree(writer, [], parents: [second, file.id])
        #expect(try problems(second, blob).count == 1)
    }
}
