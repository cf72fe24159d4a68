import Files
import GitObjects
import JSON
import Testing

@testable import Commands

/// What a runner remembers between its runs.
@Suite struct RunnerTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = try Folder.makeTemporary(prefix: "gate-runner")
        defer { #expect(throws: Never.self) { try Folder.remove(folder) } }
        try body(folder)
    }

    @Test func whatCouldNotRunIsTriedLaterAndLater() throws {
        try inFolder { folder in
            let tree = try #require(ObjectID(hex: String(repeating: "a", count: 40).utf8))
            let definition = String(repeating: "b", count: 64)
            var now: Int64 = 1_795_424_400
            var attempts = try Attempts(in: folder)
            #expect(attempts.allows(definition, on: tree, at: now))
            for pause in [600, 1200, 2400, 4800] as [Int64] {
                try attempts.note(definition, on: tree, ran: false, at: now)
                // Another process knows it too.
                attempts = try Attempts(in: folder)
                #expect(!attempts.allows(definition, on: tree, at: now + pause - 1))
                now += pause
                #expect(attempts.allows(definition, on: tree, at: now))
                #expect(attempts.allows("another", on: tree, at: now))
            }
            for _ in 0..<20 { try attempts.note(definition, on: tree, ran: false, at: now) }
            #expect(!attempts.allows(definition, on: tree, at: now + 86_399))
            #expect(attempts.allows(definition, on: tree, at: now + 86_400))
            // A clock that was set back does not keep anything waiting.
            #expect(attempts.allows(definition, on: tree, at: now - 1))
            try attempts.note(definition, on: tree, ran: true, at: now)
            #expect(try Attempts(in: folder).allows(definition, on: tree, at: now))
        }
    }

    @Test func aBrokenMemoryIsNone() throws {
        try inFolder { folder in
            try File.write(Array("x\n\u{0} 1 2 3\n".utf8), to: folder + "/could-not-run")
            try File.write(Array("{".utf8), to: folder + "/status.json")
            let tree = try #require(ObjectID(hex: String(repeating: "a", count: 40).utf8))
            #expect(try Attempts(in: folder).allows("d", on: tree, at: 1))
            #expect(try RunnerState(in: folder).runs.isEmpty)
        }
    }

    @Test func theStateIsReadBack() throws {
        try inFolder { folder in
            var state = try RunnerState(in: folder)
            state.process = 7
            state.startedOn = "2026-11-23T09:00:00Z"
            state.current = "fix-payout 9ab03e7: unit"
            for number in 0..<30 {
                state.add(
                    RunnerState.Run(
                        branch: "fix-\(number)", isLanding: number == 29, commit: "c", tree: "t",
                        finishedOn: "2026-11-23T09:00:00Z",
                        results: [
                            RunnerState.Result(check: "unit", result: "failed", reason: "exit 1")
                        ]))
            }
            try state.write()
            let again = try RunnerState(in: folder)
            #expect(again.runs == state.runs)
            #expect(again.runs.count == 20 && again.runs.last?.branch == "fix-29")
            #expect(again.json == state.json)
        }
    }

    @Test func aJobIsReadBackAndNothingElseIs() throws {
        let id = try #require(ObjectID(hex: String(repeating: "a", count: 40).utf8))
        let job = CheckJob(
            repository: "/srv/git/system.git", tree: id, commit: nil, parents: [id, id],
            policy: id, checks: ["unit"], jobs: 2)
        #expect(CheckJob(job.json) == job)
        for (name, value) in [
            ("tree", "x"), ("parents", ["x"]), ("checks", [1]), ("jobs", "2"), ("policy", nil),
        ] as [(String, JSON)] {
            var object = try #require(job.json.objectValue)
            object[name] = value
            #expect(CheckJob(.object(object)) == nil, "\(name)")
        }
    }

    @Test func theLogIsBounded() throws {
        try inFolder { folder in
            let log = RunnerLog(path: folder + "/ci.log")
            try File.write([UInt8](repeating: 0x0a, count: RunnerLog.limit), to: log.path)
            try log.makeRoom()
            #expect(!File.exists(log.path))
            #expect(try File.read(log.earlier).count == RunnerLog.limit)
            try File.write([0x0a], to: log.path)
            try log.makeRoom()
            #expect(try File.read(log.path) == [0x0a])
        }
    }
}
