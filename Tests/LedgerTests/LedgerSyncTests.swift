import Evidence
import Files
import Git
import GitObjects
import History
import Spawn
import Testing

@testable import Ledger

@Suite struct LedgerSyncTests {
    /// The lines that a repository has on an object.
    private func lines(_ repository: Repository, on object: ObjectID) throws -> Set<Line> {
        repository.refresh()
        let tip = try repository.resolve(NoteStore.ref).target
        return try Set(NoteStore(repository, tip: tip).lines(on: object))
    }

    @Test func aLineGoesRound() throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let alice = try bench.clone("alice-clone")
        let bob = try bench.clone("bob-clone")
        let sync = LedgerSync(alice, remote: "origin")
        let other = LedgerSync(bob, remote: "\(bench.folder)/server.git")
        #expect(try sync.fetch() == nil)
        #expect(try sync.append([]) == nil)
        let first = try bench.line(review(try object(1)), key: "alice")
        let second = try bench.line(review(try object(1), comment: "2"), key: "alice")
        let third = try bench.line(testResult(try object(2)), key: "alice")
        let tip = try sync.append([first])
        let server = try bench.server()
        #expect(try server.resolve("refs/notes/gate").target == tip)
        #expect(try alice.repository.resolve("refs/gate/tracking/origin/notes").target == tip)
        #expect(try other.fetch() == tip)
        #expect(try lines(bob.repository, on: try object(1)) == [first])
        // Bob has not seen what Alice pushes now, and pushes over it.
        try sync.append([third])
        let united = try other.append([second])
        #expect(try lines(server, on: try object(1)) == [first, second])
        #expect(try lines(server, on: try object(2)) == [third])
        #expect(try other.append([second, first]) == united)
        #expect(try sync.fetch() == united)
        #expect(try alice.repository.resolve("refs/notes/gate").target == united)
        #expect(
            try bench.git("alice-clone", "notes", "--ref=gate", "show", try object(2).hex)
                == String(decoding: third.bytes, as: UTF8.self))
        #expect(try bench.git("alice-clone", "for-each-ref", "refs/tags") == "")
    }

    /// Lines that were signed and never pushed: gate was killed in between.
    @Test func unpushedLinesSurvive() throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let alice = try bench.clone("alice-clone")
        let bob = try bench.clone("bob-clone")
        let left = try bench.line(review(try object(1)), key: "alice")
        let theirs = try bench.line(review(try object(1), comment: "b"), key: "alice")
        let now = try bench.line(review(try object(2)), key: "alice")
        let crashed = try NotesWriter(alice).commit(adding: [try object(1): [left.bytes]], to: nil)
        try alice.update(NoteStore.ref, from: nil, to: crashed, message: "crash")
        // And a note of somebody's own, which is no evidence.
        try bench.git("alice-clone", "notes", "--ref=gate", "add", "-m", "mine", try object(3).hex)
        try LedgerSync(bob, remote: "origin").append([theirs])
        let sync = LedgerSync(alice, remote: "origin")
        try sync.fetch()
        #expect(try lines(alice.repository, on: try object(1)) == [left, theirs])
        try sync.append([now])
        let server = try bench.server()
        #expect(try lines(server, on: try object(1)) == [left, theirs])
        #expect(try lines(server, on: try object(2)) == [now])
        let tip = try #require(try server.resolve("refs/notes/gate").target)
        #expect(
            try NoteStore(server, tip: tip).objects() == [try object(2), try object(1)].sorted())
    }

    /// gate, or the git that it called, was killed while it had locked these.
    @Test(arguments: ["refs/notes/gate", "refs/gate/tracking/origin/notes"])
    func aLockThatWasLeftHoldsNobodyUp(_ name: String) throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let alice = try bench.clone("alice-clone")
        let bob = try bench.clone("bob-clone")
        let sync = LedgerSync(alice, remote: "origin")
        try sync.append([try bench.line(review(try object(1)), key: "alice")])
        try LedgerSync(bob, remote: "origin")
            .append([try bench.line(review(try object(2)), key: "alice")])
        let lock = "alice-clone/.git/\(name).lock"
        try bench.run(["touch", "-d", "1 minute ago", lock])
        let line = try bench.line(review(try object(3)), key: "alice")
        try sync.append([line])
        #expect(try lines(bench.server(), on: try object(3)) == [line])
        #expect(!File.exists("\(bench.folder)/\(lock)"))
    }

    @Test func aRefusalIsShownAndUndone() throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let alice = try bench.clone("alice-clone")
        let sync = LedgerSync(alice, remote: "origin")
        let first = try bench.line(review(try object(1)), key: "alice")
        let second = try bench.line(review(try object(1), comment: "2"), key: "alice")
        let hook = "\(bench.folder)/server.git/hooks/pre-receive"
        try bench.git("alice-clone", "commit", "-q", "--allow-empty", "-m", "One")
        let script =
            "#!/bin/sh\necho 'refused  refs/notes/gate'\necho '  evidence  no' >&2\nexit 1\n"
        try File.write(Array(script.utf8), to: hook, mode: 0o755)
        #expect(throws: LedgerError.refused(message: "refused  refs/notes/gate\n  evidence  no")) {
            try sync.append([first])
        }
        #expect(try alice.repository.resolve("refs/notes/gate").target == nil)
        try File.remove(hook)
        let tip = try sync.append([first])
        try File.write(Array(script.utf8), to: hook, mode: 0o755)
        #expect(throws: LedgerError.self) { try sync.append([second]) }
        #expect(throws: LedgerError.self) {
            try sync.keepHeads([try bench.id("alice-clone", "HEAD")])
        }
        #expect(try alice.repository.resolve("refs/notes/gate").target == tip)
        #expect(try lines(alice.repository, on: try object(1)) == [first])
    }

    @Test func aRemoteThatIsNotThereIsAnError() throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let sync = LedgerSync(try bench.clone("work"), remote: "../nowhere.git")
        #expect(throws: LedgerError.self) { try sync.fetch() }
        let line = try bench.line(review(try object(1)), key: "alice")
        let error = #expect(throws: LedgerError.self) { try sync.append([line]) }
        guard case .git(let cause) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.kind == .tool)
    }

    /// Everybody at once, in processes' worth of clones of their own: no line is lost.
    @Test func manyWritersLoseNothing() async throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let writers = 6
        let each = 3
        var all: [Line] = []
        for number in 0..<writers {
            _ = try bench.clone("clone\(number)")
            for turn in 0..<each {
                all.append(
                    try bench.line(
                        review(try object(turn), comment: "\(number)"), key: "alice"))
            }
        }
        let lines = all
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<writers {
                group.addTask {
                    let clone = try Writer.discover(from: "\(bench.folder)/clone\(number)")
                    for turn in 0..<each {
                        try LedgerSync(clone, remote: "origin")
                            .append([lines[number * each + turn]])
                    }
                }
            }
            try await group.waitForAll()
        }
        let server = try bench.server()
        for turn in 0..<each {
            let expected = (0..<writers).map { lines[$0 * each + turn] }
            #expect(try self.lines(server, on: try object(turn)) == Set(expected))
        }
    }

    @Test func keepsHeads() throws {
        let bench = try Bench()
        let alice = try bench.clone("alice-clone")
        let bob = try bench.clone("bob-clone")
        for clone in ["alice-clone", "bob-clone"] {
            try bench.git(clone, "commit", "-q", "--allow-empty", "-m", clone)
        }
        let alices = try bench.id("alice-clone", "HEAD")
        let bobs = try bench.id("bob-clone", "HEAD")
        let first = try LedgerSync(alice, remote: "origin").keepHeads([alices])
        let second = try LedgerSync(bob, remote: "origin").keepHeads([bobs, bobs])
        #expect(try LedgerSync(alice, remote: "origin").keepHeads([alices, bobs]) == second)
        let server = try bench.server()
        #expect(try server.resolve("refs/gate/heads").target == second)
        let guardian = HeadsGuard(server)
        #expect(try guardian.problems(old: nil, new: first) == [])
        #expect(try guardian.problems(old: first, new: second) == [])
        try bench.git("server.git", "gc", "-q", "--prune=now")
        for head in [alices, bobs] {
            #expect(try bench.git("server.git", "cat-file", "-t", head.hex) == "commit")
        }
    }

    @Test(
        arguments: [
            ("!\ta:refs/notes/gate\t[rejected] (fetch first)", "", "race"),
            ("!\ta:refs/notes/gate\t[remote rejected] (failed to update ref)", "", "race"),
            ("!\ta:refs/notes/gate\t[remote rejected] (incorrect old value provided)", "", "race"),
            (
                "!\ta:refs/notes/gate\t[remote rejected] (pre-receive hook declined)",
                "remote: no   \nerror: x", "no"
            ),
            ("!\ta:refs/notes/gate\t[remote rejected] (hook declined)", "remote: no", "no"),
            ("*\ta:refs/notes/gate\t[new reference]", "", "accepted"),
            (" \ta:refs/notes/gate\t1..2", "", "accepted"),
            ("!\ta:refs/notes/gate\t[remote rejected] (deny updating)", "", "error"),
            ("", "fatal: Could not read from remote repository.", "error"),
        ] as [(String, String, String)])
    func understandsWhatGitSays(_ line: String, _ said: String, _ meaning: String) throws {
        let result = Child.Result(
            termination: .exited(1), output: Array("To x\n\(line)\nDone\n".utf8),
            errorOutput: Array(said.utf8))
        switch meaning {
        case "accepted": #expect(try PushAnswer(result, ref: NoteStore.ref) == .accepted)
        case "race": #expect(try PushAnswer(result, ref: NoteStore.ref) == .lostRace)
        case "error":
            #expect(throws: GitError.self) { try PushAnswer(result, ref: NoteStore.ref) }
        default:
            #expect(try PushAnswer(result, ref: NoteStore.ref) == .refused(meaning))
        }
    }
}
