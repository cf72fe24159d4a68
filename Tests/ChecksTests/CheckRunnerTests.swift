import GitObjects
import Policy
import Testing

@testable import Checks

@Suite struct CheckRunnerTests {
    @Test(arguments: [
        ("true", CheckOutcome.Result.passed, ""), ("exit 3", .failed, "exit status 3"),
        ("kill -9 $$", .failed, "ended by signal 9"),
        ("no-such-command-here", .couldNotRun, "its command could not be run"),
        ("cat; exit $?", .passed, ""),
    ])
    func saysWhatCameOfIt(_ run: String, _ result: CheckOutcome.Result, _ reason: String) throws {
        let bench = try Bench()
        let outcomes = try bench.run(check(run), on: try bench.commit("echo 1 >file"))
        #expect(outcomes.map(\.result) == [result])
        #expect(outcomes.map(\.reason) == [reason])
    }

    @Test func endsTheWholeGroupWhenTimeIsUp() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let mark = "31\(bench.folder.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) % 100_000 })"
        let outcome = try #require(
            try bench.run(
                check("sleep \(mark) & sleep \(mark); true", timeout: 1), on: subject
            ).first)
        #expect(outcome.result == .timedOut)
        #expect(outcome.reason == "not done after 1 s")
        #expect(outcome.milliseconds >= 1000)
        #expect(try bench.shell("pgrep -f 'sleep \(mark)$' || true").isEmpty)
    }

    @Test func runsAllWhateverFails() throws {
        let bench = try Bench()
        let outcomes = try bench.run(
            check("false", name: "a"), check("true", name: "b"), check("false", name: "c"),
            on: try bench.commit("echo 1 >file"))
        #expect(outcomes.map(\.result) == [.failed, .passed, .failed])
        #expect(outcomes.map(\.definition.name) == ["a", "b", "c"])
    }

    @Test func seesNeitherSecretsNorTheRepositoryItRunsFrom() throws {
        let secrets = [
            "SSH_AUTH_SOCK=/s", "SSH_AGENT_PID=1", "GITHUB_TOKEN=s", "GITLAB_TOKEN_X=s",
            "MY_SECRET=s", "DB_PASSWORD=s", "AWS_ACCESS_KEY_ID=s", "NPM_CONFIG__AUTH_TOKEN=s",
            "GIT_DIR=/s", "GIT_QUARANTINE_PATH=/s", "GIT_SSH_COMMAND=s", "GATE_SIGNING_KEY=s",
            "GATE=0", "GATE_SKIP=s", "GPG_AGENT_INFO=s", "DBUS_SESSION_BUS_ADDRESS=s",
            "GOOGLE_APPLICATION_CREDENTIALS=s", "api_key=s",
        ]
        let bench = try Bench(secrets: secrets + ["PLAIN=kept", "MONKEY=kept"])
        let child = try bench.commit("echo 1 >file")
        let seen = try bench.output(of: "env", on: child).split(separator: "\n")
        let names = Set(seen.compactMap { $0.split(separator: "=").first.map { String($0) } })
        for secret in secrets {
            let name = try #require(secret.split(separator: "=").first.map { String($0) })
            #expect(!names.contains(name), "\(name)")
        }
        #expect(
            names.isSuperset(of: ["PLAIN", "MONKEY", "PATH", "HOME", "GATE_REPORT", "GATE_SLOT"]))
    }

    @Test func cannotReachTheRepositoryThroughGit() throws {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let before = try bench.state()
        let evil = """
            git config core.hooksPath /evil; git config user.email evil@wrk.example
            git update-ref refs/heads/master HEAD; git tag evil; git commit -q --allow-empty -m x
            echo evil | git hash-object -w --stdin; echo x >"$(git rev-parse --git-path hooks)/pre-push"
            git gc -q --prune=now; git push -q . HEAD:refs/heads/evil; true
            """
        _ = try bench.output(of: evil, on: subject)
        #expect(try bench.state() == before)
        #expect(
            try bench.output(of: "git config core.hooksPath || echo none", on: subject) == "none\n")
    }

    @Test func keepsTheEndOfTheOutput() throws {
        let bench = try Bench()
        let outcome = try #require(
            try bench.run(
                check("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo the end"),
                on: try bench.commit("echo 1 >file")
            ).first)
        #expect(outcome.isOutputCut)
        #expect(outcome.outputTail.count == CheckRunner.tailLimit)
        #expect(outcome.outputTail.suffix(9).elementsEqual("\nthe end\n".utf8))
    }

    private static let passing =
        "<testsuites><testsuite><testcase classname='t.A' name='one'/></testsuite></testsuites>"
    private static let failing =
        "<testsuite><testcase name='one'/><testcase name='two'><failure/></testcase></testsuite>"

    /// A check that promises a report passes only with a report that agrees.
    @Test(arguments: [
        ("printf %s \"\(passing)\" >$GATE_REPORT", CheckOutcome.Result.passed, ""),
        ("printf %s \"\(passing)\" >$GATE_REPORT; exit 1", .failed, "exit status 1"),
        ("printf %s \"\(failing)\" >$GATE_REPORT", .failed, "1 of 2 tests failed"),
        ("printf %s \"\(failing)\" >$GATE_REPORT; exit 1", .failed, "1 of 2 tests failed"),
        ("true", .couldNotRun, "it wrote no report to $GATE_REPORT"),
        ("exit 4", .failed, "exit status 4"),
        (
            "echo '<a' >$GATE_REPORT", .couldNotRun,
            "its report is no JUnit XML: line 2: expected a name"
        ),
        ("mkfifo $GATE_REPORT", .couldNotRun, "its report is not a regular file"),
    ])
    func believesAReportOnlyWhenItAgrees(
        _ run: String, _ result: CheckOutcome.Result, _ reason: String
    ) throws {
        let bench = try Bench()
        let outcome = try #require(
            try bench.run(check(run, report: .junit), on: try bench.commit("echo 1 >file")).first)
        #expect(outcome.result == result)
        #expect(outcome.reason == reason)
    }

    @Test func aReportOfAnotherCheckIsNotBelieved() throws {
        let bench = try Bench()
        let outcomes = try bench.run(
            check("printf %s \"\(Self.passing)\" >$GATE_REPORT", name: "a", report: .junit),
            check("true", name: "b", report: .junit), on: try bench.commit("echo 1 >file"))
        #expect(outcomes.map(\.result) == [.passed, .couldNotRun])
        #expect(outcomes.map { $0.tests?.passed } == [["t.A.one"], nil])
    }

    /// An installation with `pip install -e .` leads Python to the developer's own tree.
    @Test(arguments: [true, false]) func anEditableInstallDoesNotWin(_ installed: Bool) throws {
        let bench = try Bench()
        let subject = try bench.commit(
            "mkdir -p src/pay; echo 'WHERE = \"commit\"' >src/pay/__init__.py")
        try bench.shell("echo 'WHERE = \"unsaved\"' >system/src/pay/__init__.py")
        let environment = bench.environment + [Array("VIRTUAL_ENV=\(bench.folder)/venv".utf8)]
        try bench.shell(
            """
            python3 -m venv --without-pip venv
            site=$(venv/bin/python -c 'import site; print(site.getsitepackages()[0])')
            \(installed ? "echo \"$PWD/system/src\" >\"$site/pay.pth\"" : "")
            """)
        let runner = try CheckRunner(repository: bench.repository, environment: environment)
        let script =
            "\(bench.folder)/venv/bin/python -c 'import pay; print(pay.WHERE)' 2>/dev/null;"
            + " echo \"${PYTHONPATH-none}\" | grep -c src"
        let outcome = try #require(try runner.run([check(script + "; true")], on: subject).first)
        #expect(
            String(decoding: outcome.outputTail, as: UTF8.self)
                == (installed ? "commit\n1\n" : "0\n"))
    }
}
