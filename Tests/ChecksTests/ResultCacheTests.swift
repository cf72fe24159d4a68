import Git
import GitObjects
import Policy
import Testing

@testable import Checks

@Suite struct ResultCacheTests {
    private static let cached = RunOptions(cache: .readAndWrite)

    /// A check that counts how often it runs.
    private func counting(
        _ bench: Bench, paths: [String] = [], env: [String] = [], version: [String] = [],
        link: [String] = [], run: String = "true", isCached: Bool = true
    ) -> CheckDefinition {
        CheckDefinition(
            name: "counting", run: "echo x >>\(bench.folder)/runs; echo ran; \(run)",
            paths: paths.map { PathPattern($0) }, link: link, env: env, version: version,
            isCached: isCached, timeout: 60)
    }

    private func runs(_ bench: Bench) throws -> Int {
        try bench.shell("cat runs 2>/dev/null || true").split(separator: "\n").count
    }

    @Test func doesNotRunTwiceOnTheSameTree() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let check = counting(bench)
        let first = try #require(try bench.runner.run([check], on: subject, Self.cached).first)
        #expect(try bench.runner.isCached([check], on: subject))
        let second = try #require(try bench.runner.run([check], on: subject, Self.cached).first)
        #expect(try runs(bench) == 1)
        #expect((first.isCached, second.isCached) == (false, true))
        #expect(second.outputTail == Array("ran\n".utf8))
        var replayed = second
        replayed.isCached = false
        #expect(replayed == first)
        // Neither of these takes a result from the cache.
        _ = try bench.runner.run([check], on: subject, RunOptions(cache: .write))
        _ = try bench.runner.run([check], on: subject)
        #expect(try runs(bench) == 3)
    }

    @Test func onlyWhatPassesIsKept() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        for _ in 0..<2 {
            let outcomes = try bench.runner.run(
                [counting(bench, run: "false")], on: subject, Self.cached)
            #expect(outcomes.map(\.isCached) == [false])
        }
        #expect(try runs(bench) == 2)
    }

    /// What the second state of the tree is, and whether the check with `paths: [src/**]` runs.
    @Test(arguments: [
        ("echo 2 >README", false), ("echo 2 >src/file", true), ("echo x >src/new", true),
        ("chmod +x src/file", true), ("git mv src/file src/other", true),
        ("echo '* text' >.gitattributes", true),
        ("mkdir d; echo '* -diff' >d/.gitattributes", true),
        ("echo >.gitmodules", true),
        ("git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; mkdir sub", true),
    ])
    func goesByThePaths(_ change: String, _ runsAgain: Bool) throws {
        let bench = try Bench()
        let first = try bench.commit("mkdir src; echo 1 >src/file; echo 1 >README")
        let check = counting(bench, paths: ["src/**"])
        _ = try bench.runner.run([check], on: first, Self.cached)
        let second = try bench.commit(change)
        #expect(first.tree != second.tree)
        let outcome = try #require(try bench.runner.run([check], on: second, Self.cached).first)
        #expect(outcome.isCached == !runsAgain)
    }

    @Test func goesByAProgramsFileAlsoByItsPath() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        _ = try bench.shell("printf '#!/bin/sh\n' >lint; chmod +x lint")
        let check = counting(bench, run: "\(bench.folder)/lint file")
        _ = try bench.runner.run([check], on: subject, Self.cached)
        #expect(try bench.runner.isCached([check], on: subject))
        _ = try bench.shell("printf '#!/bin/sh\nexit 1\n' >lint")
        let outcome = try #require(try bench.runner.run([check], on: subject, Self.cached).first)
        #expect(outcome.result == .failed)
        #expect(!outcome.isCached)
    }

    /// What changes around the check, and whether it runs again.
    @Test(arguments: [
        ("true", false), ("echo 2 >tools/lint", true), ("touch -d @1 tools/lint", true),
        ("echo 2 >lock", true), ("rm lock", true), ("echo >venv/bin/other", false),
        ("mkdir venv/lib/python3.11/site-packages/pay-2.dist-info", true),
        ("touch -d @1 venv/lib/python3.11/site-packages/old-1.dist-info", true),
        ("mkdir venv/lib/python3.11/site-packages/__pycache__", false),
        ("echo $PWD/elsewhere >venv/lib/python3.11/site-packages/other.pth", true),
        ("echo $PWD/system >venv/lib/python3.11/site-packages/own.pth", true),
        ("mkdir system/node_modules/left-pad", true), ("echo 1 >system/unsaved", false),
    ])
    func goesByItsSurroundings(_ change: String, _ runsAgain: Bool) throws {
        let bench = try Bench()
        let subject = try bench.commit(
            "echo 1 >file; mkdir node_modules; echo node_modules >.gitignore")
        try bench.shell(
            """
            mkdir -p tools venv/bin venv/lib/python3.11/site-packages/old-1.dist-info elsewhere
            echo 1 >tools/lint; chmod +x tools/lint; echo 1 >lock; ln -s /bin/true venv/bin/python3
            """)
        let environment =
            bench.environment.filter { !$0.starts(with: "PATH=".utf8) }
            + [Array("PATH=\(bench.folder)/venv/bin:\(bench.folder)/tools:/usr/bin:/bin".utf8)]
        let check = counting(
            bench, version: ["\(bench.folder)/lock"], link: ["node_modules"],
            run: "lint --version; true")
        let runner = try CheckRunner(repository: bench.repository, environment: environment)
        #expect(try runner.run([check], on: subject, Self.cached).map(\.result) == [.passed])
        #expect(try runner.isCached([check], on: subject))
        try bench.shell(change)
        #expect(try runner.isCached([check], on: subject) == !runsAgain)
    }

    @Test func goesByDeclaredVariablesAlone() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let check = counting(bench, env: ["MODE"])
        func runner(_ more: String) throws -> CheckRunner {
            try CheckRunner(
                repository: bench.repository, environment: bench.environment + [Array(more.utf8)])
        }
        _ = try runner("MODE=a").run([check], on: subject, Self.cached)
        #expect(try runner("MODE=a").isCached([check], on: subject))
        #expect(try !runner("MODE=").isCached([check], on: subject))
        #expect(try !runner("OTHER=a").isCached([check], on: subject))
    }

    @Test func aCheckCanSayThatItIsNeverTheSame() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        for _ in 0..<2 {
            _ = try bench.runner.run([counting(bench, isCached: false)], on: subject, Self.cached)
        }
        #expect(try runs(bench) == 2)
    }

    /// What may become of the file of a result.
    @Test(arguments: [
        "truncate -s 20 $f", "printf x >>$f", ": >$f", "rm $f; mkdir $f",
        "rm $f; ln -s /etc/passwd $f",
        "sed -i s/ran/RAN/ $f", "chmod 000 $f; chmod 000 $(dirname $f)",
    ])
    func aDamagedResultIsNone(_ damage: String) throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let check = counting(bench)
        _ = try bench.runner.run([check], on: subject, Self.cached)
        try bench.shell(
            "f=$(find cache/gate/results -type f -name '????????????????????????????????*'); \(damage)"
        )
        let outcome = try #require(try bench.runner.run([check], on: subject, Self.cached).first)
        #expect(outcome.result == .passed)
        #expect(outcome.outputTail == Array("ran\n".utf8))
    }

    @Test func aResultLastsAWeek() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let outcome = try #require(try bench.run(check("true"), on: subject).first)
        let repository = try Repository.discover(from: bench.repository)
        let cache = try ResultCache(of: repository, environment: bench.environment)
        let key = ResultKey(digest: String(repeating: "a", count: 64))
        let now = currentTime()
        try cache.store(StoredResult(outcome, of: subject, now: now), as: key)
        #expect(cache.result(key, now: now + 7 * 86_400 - 1) != nil)
        #expect(cache.result(key, now: now + 7 * 86_400) == nil)
        #expect(cache.result(key, now: now - 8 * 86_400) == nil)
        #expect(try cache.entries().map(\.check) == ["check"])
        #expect(try cache.clear() == 1)
        #expect(try cache.entries().isEmpty)
    }

    @Test func theOldestMakeRoom() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        var outcome = try #require(try bench.run(check("true"), on: subject).first)
        outcome.outputTail = [UInt8](repeating: 0x78, count: 10 << 20)
        let repository = try Repository.discover(from: bench.repository)
        let cache = try ResultCache(of: repository, environment: bench.environment)
        let stored = StoredResult(outcome, of: subject, now: currentTime())
        for (position, digit) in "01234567".enumerated() {
            let name = String(repeating: digit, count: 64)
            try cache.store(stored, as: ResultKey(digest: name))
            // One a minute, the last one now.
            try bench.shell("touch -d '-\(8 - position) min' cache/gate/results/*/\(name)")
        }
        let left = try bench.shell("ls cache/gate/results/*/ | cut -c1 | tr -d '\\n'")
        #expect(left == "234567d")
    }

    @Test func storedResultsReadBackTheSame() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let outcome = CheckOutcome(
            definition: check("true"), result: .passed, startedOn: "a", finishedOn: "b",
            milliseconds: 12, tests: TestNames(passed: ["g.n", "m"], skipped: ["s"]),
            cases: [
                TestCase(group: "g", name: "n", state: .passed, seconds: "0.1"),
                TestCase(name: "m", state: .passed),
                TestCase(name: "s", state: .skipped, message: "not \"now\""),
            ],
            findings: [
                CheckFinding(path: "a.py", line: 3, severity: .warning, rule: "r", message: "m"),
                CheckFinding(path: "", message: "\u{1f600}\n"),
            ], outputTail: [0, 0xff, 0x0a, 0x0a], isOutputCut: true)
        let stored = StoredResult(outcome, of: subject, now: 5)
        let read = try #require(StoredResult(parsing: stored.bytes))
        #expect(read == stored)
        var expected = outcome
        expected.isCached = true
        #expect(read.outcome(check("true")) == expected)
    }
}
