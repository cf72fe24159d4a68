import GitObjects
import Testing

@testable import Policy

/// The keys of a check in `checks.yml`.
@Suite struct CheckReadingTests {
    private func read(_ text: String) throws(InvalidPolicy) -> [CheckDefinition] {
        try CheckList.read(Array(text.utf8)).checks
    }

    private func problems(_ text: String) -> [String] {
        do throws(InvalidPolicy) {
            _ = try read(text)
            return []
        } catch {
            return error.diagnostics.map {
                "\($0.location.line):\($0.location.column) \($0.message)"
            }
        }
    }

    @Test func readsEveryKey() throws {
        let check = try #require(
            try read(
                """
                checks:
                  build: {run: make}
                  unit:
                    run: make test
                    paths: ['**/*.c']
                    keep: [obj]
                    link: [.venv, web/node_modules]
                    needs: [build]
                    env: [CI, DATABASE_URL]
                    version: [gcc, deps.lock]
                    cache: false
                    timeout: 2m
                    report: junit
                    fix: make fix
                """
            ).last)
        #expect(
            check
                == CheckDefinition(
                    name: "unit", run: "make test", paths: [PathPattern("**/*.c")], keep: ["obj"],
                    link: [".venv", "web/node_modules"], needs: ["build"],
                    env: ["CI", "DATABASE_URL"], version: ["gcc", "deps.lock"], isCached: false,
                    timeout: 120, report: .junit, fix: "make fix"))
    }

    @Test(arguments: ["pylint", "mypy", "ruff", "pytest"])
    func aPresetNeedsNothingElse(_ preset: String) throws {
        let check = try #require(try read("checks: {x: {uses: \(preset)}}").first)
        #expect(check.name == "x")
        #expect(check.run.hasPrefix(preset))
        #expect(check.run.contains("$GATE_REPORT"))
        #expect(check.report != nil)
        for pattern in check.paths {
            #expect(throws: Never.self) { try PathPattern(parsing: pattern.text) }
        }
    }

    @Test func whatACheckSaysItselfGoesBeforeThePreset() throws {
        let check = try #require(
            try read(
                """
                checks:
                  types:
                    uses: mypy
                    run: mypy --strict pay
                    paths: [pay/**]
                    keep: []
                    timeout: 1m
                    fix: true it
                """
            ).first)
        #expect(
            check
                == CheckDefinition(
                    name: "types", run: "mypy --strict pay", paths: [PathPattern("pay/**")],
                    timeout: 60, report: .mypy, fix: "true it"))
    }

    @Test(arguments: [
        ("checks: {a: {uses: command}}", ["1:13 check a needs run:"]),
        ("checks: {a: {}}", ["1:13 check a needs run:"]),
        ("checks: {a: {uses: flake8}}", ["1:20 uses cannot be flake8", "1:13 check a needs run:"]),
        ("checks: {a: {run: x, needs: [b]}}", ["1:30 no check is called b"]),
        ("checks: {a: {run: x, needs: [a]}}", ["1:29 check a needs itself"]),
        (
            "checks:\n  a: {run: x, needs: [c]}\n  b: {run: x, needs: [a]}\n"
                + "  c: {run: x, needs: [b]}\n  d: {run: x, needs: [a]}",
            ["3:22 checks need one another: a needs c needs b needs a"]
        ),
        (
            "checks: {a: {run: x, link: [/etc]}}",
            ["1:29 link /etc: write it without a / at its ends"]
        ),
        ("checks: {a: {run: x, link: [../x]}}", ["1:29 link ../x: must not contain . or .."]),
        ("checks: {a: {run: x, link: [v], keep: [v]}}", ["1:28 v stands in keep and in link"]),
        ("checks: {a: {run: x, env: [A=b]}}", ["1:28 env A=b is no variable's name"]),
        ("checks: {a: {run: x, cache: no}}", ["1:29 cache must be true or false"]),
    ])
    func saysWhatIsWrongAndWhere(_ text: String, _ expected: [String]) {
        let found = problems(text)
        #expect(Set(found) == Set(expected))
    }

    @Test func aLongChainOfNeedsIsNoCircle() {
        let lines = (0..<500).map {
            "  c\($0): {run: x, needs: [\($0 == 499 ? "" : "c\($0 + 1)")]}"
        }
        #expect(problems((["checks:"] + lines).joined(separator: "\n")).isEmpty)
    }

    /// What changes whether a check passes changes the digest; what is only for the local run
    /// does not. The first digest is spelled out so that no change of the form goes unseen.
    @Test func theDigestCoversWhatDecides() throws {
        let plain = CheckDefinition(name: "unit", run: "make test")
        #expect(
            plain.digest == "b22a9b55ef497bcc6ef8edea2fbb4251417116cec9824d632507645bdc9bae68")
        var other = plain
        other.link = [".venv"]
        #expect(other.digest != plain.digest)
        other = plain
        other.needs = ["build"]
        other.env = ["CI"]
        other.version = ["gcc"]
        other.isCached = false
        other.fix = "make fix"
        #expect(other.digest == plain.digest)
    }
}
