import GitObjects
import History
import Testing

@testable import Hooks

/// What git sends to a hook is read to the letter; anything else is refused.
@Suite struct HookInputTests {
    private static let one = String(repeating: "1", count: 40)
    private static let two = String(repeating: "2", count: 40)

    @Test func readsALineForEachRef() throws {
        let text = "\(Self.one) \(Self.two) refs/heads/a b\n\(Self.two) \(Self.one) refs/tags/x\n"
        let updates = try HookInput.refUpdates(Array(text.utf8))
        #expect(updates.map(\.ref) == ["refs/heads/a b", "refs/tags/x"])
        #expect(updates[0].old.hex == Self.one && updates[0].new.hex == Self.two)
    }

    @Test(arguments: [
        "", "\n", "\(one) \(two) refs/heads/a", "\(one) \(two)\n", "\(one) \(two) \n",
        "\(one) refs/heads/a \(two)\n", "\(one.dropLast()) \(two) refs/heads/a\n",
        "\(one) \(two.replacing("2", with: "G")) refs/heads/a\n", "--help\n",
        "\(one) \(two) refs/heads/a\n\n",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(throws: GitError.self) { try HookInput.refUpdates(Array(text.utf8)) }
    }

    @Test func bytesThatAreNoTextStayBytes() throws {
        let name: [UInt8] = Array("refs/heads/".utf8) + [0xff, 0xfe]
        let line = Array("\(Self.one) \(Self.two) ".utf8) + name + [0x0a]
        #expect(try HookInput.refUpdates(line).first?.ref == RefName(name))
    }

    @Test func prePushLinesHaveFourFields() throws {
        let text = "refs/heads/a \(Self.two) refs/heads/b \(Self.one)\n"
        let updates = try PrePush.refUpdates(Array(text.utf8))
        #expect(updates.map(\.ref) == ["refs/heads/b"])
        #expect(updates.map(\.old.hex) == [Self.one])
        #expect(updates.map(\.new.hex) == [Self.two])
        #expect(throws: GitError.self) { try PrePush.refUpdates(Array("a b c\n".utf8)) }
    }

    @Test(arguments: [
        [], ["--help"], ["pre-receive", "--help"], ["pre-receive", "-h"],
        ["update", "a", "b", "c"],
        ["pre-push"], ["pre-push", "origin"],
    ])
    func wrongArgumentsNeverAllow(arguments: [String]) {
        #expect(Hook.run(arguments) == Hook.undetermined)
    }
}
