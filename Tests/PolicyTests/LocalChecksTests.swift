import Testing

@testable import Policy

@Suite struct LocalChecksTests {
    private func read(_ text: String) -> Result<LocalChecks, InvalidPolicy> {
        do {
            return .success(try LocalChecks.read(Array(text.utf8), policyChecks: ["unit", "mypy"]))
        } catch {
            return .failure(error)
        }
    }

    @Test func addsAndLeavesOut() throws {
        let local = try read(
            "checks:\n  spell: {run: codespell, timeout: 30s}\nskip: [unit, other]\n"
        ).get()
        #expect(local.checks == [CheckDefinition(name: "spell", run: "codespell", timeout: 30)])
        #expect(local.skip == ["unit", "other"])
        #expect(try read("skip: []\n").get().checks.isEmpty)
    }

    @Test(arguments: [
        ("checks:\n  unit: {run: 'true'}\n", 2, 3, "unit is a check of the policy"),
        ("on_push: [unit]\n", 1, 1, "unknown key on_push in .gate.local.yml"),
        ("skp: [unit]\n", 1, 1, "unknown key skp"),
        ("skip: unit\n", 1, 7, "skip must be a list"),
        ("skip: [unit, unit]\n", 1, 14, "unit stands twice in skip"),
        ("checks:\n  spell: {runs: x}\n", 2, 11, "unknown key runs"),
        ("", 1, 1, "the file says nothing"),
        ("skip: [\n", 2, 1, ""),
    ])
    func whatIsWrongIsSaidWithItsPlace(_ text: String, _ line: Int, _ column: Int, _ words: String)
    {
        guard case .failure(let invalid) = read(text) else {
            Issue.record("valid: \(text)")
            return
        }
        let found = invalid.diagnostics.contains {
            $0.location == SourceLocation(file: ".gate.local.yml", line: line, column: column)
                && $0.message.contains(words)
        }
        #expect(found, "\(invalid.diagnostics)")
    }
}
