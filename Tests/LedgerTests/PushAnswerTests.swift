import GitObjects
import Spawn
import Testing

@testable import Ledger

/// What a failed push means: whether the same may succeed in a moment.
@Suite struct PushAnswerTests {
    private static let ref: RefName = "refs/notes/gate"

    private func answer(_ output: String, _ errors: String = "") throws -> PushAnswer {
        try PushAnswer(
            Child.Result(
                termination: .exited(1), output: Array(output.utf8),
                errorOutput: Array(errors.utf8)), ref: Self.ref)
    }

    @Test func gatesOwnHookThatSawTheRace() throws {
        let declined = "!\tabc:refs/notes/gate\t[remote rejected] (pre-receive hook declined)\n"
        let race = """
            remote: refused  refs/notes/gate  none -> b60d2cd
            remote:   undetermined   refs/notes/ga
            remote:                  te: points at b60d2cd, not
            remote:                  at 0000000
            """
        #expect(try answer(declined, race) == .lostRace)
        let other = "remote: refused  refs/notes/gate\nremote:   evidence   is signed by nobody\n"
        guard case .refused(let words) = try answer(declined, other) else {
            Issue.record("not refused")
            return
        }
        #expect(words.contains("is signed by nobody"))
    }

    @Test(arguments: ["[rejected] (stale info)", "[remote rejected] (failed to update ref)"])
    func gitsOwnWords(_ words: String) throws {
        #expect(try answer("!\tabc:refs/notes/gate\t\(words)\n") == .lostRace)
    }
}
