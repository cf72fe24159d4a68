import GitObjects
import Policy
import Testing

@testable import Checks

/// Several checks in one run.
@Suite struct ParallelTests {
    @Test func runsAsManyAtOnceAsItMay() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        // Each waits until the other is there.
        let meet =
            "touch \(bench.folder)/here.$GATE_SLOT; for i in $(seq 200); do"
            + " test $(ls \(bench.folder)/here.* | wc -l) = 2 && exit 0; sleep 0.05; done; exit 1"
        let checks = [check(meet, name: "a"), check(meet, name: "b")]
        let outcomes = try bench.runner.run(checks, on: subject, RunOptions(jobs: 2))
        #expect(outcomes.map(\.result) == [.passed, .passed])
        #expect(try bench.shell("ls here.*") == "here.0\nhere.1\n")
    }

    @Test func eachChecksOutputIsInOrderAndWhole() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let checks = (0..<4).map { check("seq 20000 | sed s/^/\($0)-/", name: "c\($0)") }
        var heard: [String: [UInt8]] = [:]
        let outcomes = try bench.runner.run(checks, on: subject, RunOptions(jobs: 4)) { event in
            if case .output(let check, let piece) = event {
                heard[check.name, default: []] += piece
            }
        }
        #expect(outcomes.map(\.result) == [.passed, .passed, .passed, .passed])
        for number in 0..<4 {
            let expected = (1...20000).map { "\(number)-\($0)\n" }.joined()
            #expect(heard["c\(number)"] == Array(expected.utf8))
        }
    }

    @Test func waitsForWhatItNeeds() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        func step(_ name: String, _ needs: [String], _ result: String = "true") -> CheckDefinition {
            CheckDefinition(
                name: name, run: "sleep 0.2; echo \(name) >>\(bench.folder)/order; \(result)",
                needs: needs, timeout: 60)
        }
        let checks = [
            step("c", ["b"]), step("b", ["a"]), step("a", ["elsewhere"]), step("bad", [], "false"),
            step("x", ["bad"]), step("y", ["x"]),
        ]
        let outcomes = try bench.runner.run(checks, on: subject, RunOptions(jobs: 3))
        #expect(
            outcomes.map(\.result) == [.passed, .passed, .passed, .failed, .notRun, .notRun])
        #expect(outcomes.map(\.reason).suffix(2) == ["it needs bad", "it needs x"])
        let order = try bench.shell("cat order").split(separator: "\n").filter { $0 != "bad" }
        #expect(order == ["a", "b", "c"])
    }

    @Test func endsEverythingWithTheFirstFailure() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let checks = [
            check("sleep 60", name: "long"), check("sleep 0.3; false", name: "bad"),
            check("true", name: "later"),
        ]
        let outcomes = try bench.runner.run(
            [checks[1], checks[0], checks[2]], on: subject, RunOptions(jobs: 2, failFast: true))
        #expect(
            outcomes.map(\.result) == [.failed, .notRun, .notRun] || outcomes[2].result == .passed)
        #expect(outcomes[1].result == .notRun)
        #expect(outcomes[1].reason == "ended: bad failed first")
        #expect(outcomes[1].milliseconds < 30_000)
    }

    @Test func theLongestGoesFirst() throws {
        let definitions = ["short", "new", "long", "middle"].map { check("true", name: $0) }
        var schedule = Schedule(
            definitions, done: [], milliseconds: ["short": 1, "long": 100, "middle": 50],
            isParallel: true)
        var order: [String] = []
        while case .run(let check) = schedule.next() {
            order.append(check.name)
            _ = schedule.finish(check.name, .passed)
        }
        #expect(order == ["new", "long", "middle", "short"])
    }

    @Test func foretellsTheEnd() {
        var forecast = Forecast(jobs: 2)
        forecast.plan([("a", 10_000), ("b", 6_000), ("c", 5_000)])
        #expect(forecast.left([:]) == 11_000)
        forecast.start("a")
        forecast.start("b")
        #expect(forecast.left(["a": 4_000, "b": 4_000]) == 7_000)
        forecast.finish("b")
        #expect(forecast.left(["a": 20_000]) == 5_000)
        forecast.plan([("d", nil)])
        #expect(forecast.left([:]) == nil)
    }

    @Test func remembersHowLongEachTook() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let checks = [check("sleep 0.3", name: "a"), check("exit 1", name: "b")]
        _ = try bench.runner.run(checks, on: subject)
        var planned: [String: Int?] = [:]
        _ = try bench.runner.run(checks + [check("true", name: "c")], on: subject) { event in
            guard case .planned(let all) = event else { return }
            for one in all { planned[one.check.name] = one.milliseconds }
        }
        #expect((planned["a"] ?? nil).map { (300..<30_000).contains($0) } == true)
        #expect((planned["b"] ?? nil) != nil)
        #expect(planned["c"] == .some(nil))
    }

    /// Nothing of a check outlives it, not even what left its process group.
    @Test func endsWhatHasDetached() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let mark = "32\(bench.folder.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) % 100_000 })"
        var notes: [String] = []
        let outcomes = try bench.runner.run(
            [check("setsid sleep \(mark) >/dev/null 2>&1 & sleep 0.3")], on: subject
        ) { event in
            if case .note(let note) = event { notes.append(note) }
        }
        #expect(outcomes.map(\.result) == [.passed])
        // setsid(1) itself may still be there beside the program that it started.
        #expect(notes.count == 1)
        #expect(notes.first?.hasPrefix("check left ") == true)
        #expect(try bench.shell("pgrep -f 'sleep \(mark)$' || true").isEmpty)
    }

    @Test func linksTheDevelopersFolders() throws {
        let bench = try Bench()
        let subject = try bench.commit(
            "mkdir -p .venv web/node_modules tracked; echo 1 >tracked/file; echo 1 >web/index;"
                + " touch .venv/mine; printf '.venv\\nnode_modules\\n' >.gitignore")
        let linking = CheckDefinition(
            name: "linking", run: "ls .venv tracked; echo new >web/node_modules/written",
            link: [".venv", "web/node_modules", "tracked", "absent"], timeout: 60)
        var notes: [String] = []
        let outcomes = try bench.runner.run(
            [linking, check("ls -A . web", name: "plain")], on: subject
        ) { event in
            if case .note(let note) = event { notes.append(note) }
        }
        #expect(outcomes.map(\.result) == [.passed, .passed])
        #expect(
            outcomes.map { String(decoding: $0.outputTail, as: UTF8.self) } == [
                ".venv:\nmine\n\ntracked:\nfile\n",
                ".:\n.git\n.gitignore\ntracked\nweb\n\nweb:\nindex\n",
            ])
        #expect(
            notes == [
                "tracked is in the tree: linking gets the commit's, not yours.",
                "There is no folder absent here that linking could be given.",
            ])
        #expect(try bench.shell("ls system/.venv system/web/node_modules").contains("written"))
    }

    /// The fast way to a clean worktree believes git's index; that must be gate's own.
    @Test(arguments: [
        "true", "echo eviL >file", "rm file", "echo stray >stray",
        "touch -d @1 stamp; cp -p file stamp; echo eviL >file; touch -r stamp file; rm stamp",
        "echo junk >../control/index", "echo junk >../seal", "rm ../seal; echo eviL >file",
        "rm -rf ../control; echo eviL >file", "chmod 000 file", "chmod -R 000 ../control",
    ])
    func isCleanWithoutReadingEveryFile(_ mess: String) throws {
        let bench = try Bench()
        let subject = try bench.commit("echo good >file")
        try bench.shell("cd system; git tag -m t two; git pack-refs --all; git tag one")
        let look = "ls; cat file; git status --porcelain; git tag"
        let outcomes = try bench.runner.run(
            [check(look, name: "before"), check(mess, name: "mess"), check(look, name: "after")],
            on: subject, RunOptions(readsEveryFile: false))
        #expect(outcomes.map(\.result) == [.passed, .passed, .passed])
        #expect(outcomes[0].outputTail == Array("file\ngood\none\ntwo\n".utf8))
        #expect(outcomes[2].outputTail == outcomes[0].outputTail)
    }
}
