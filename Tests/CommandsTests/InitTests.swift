import Testing

@Suite struct InitTests {
    /// From nothing to an active policy, by the commands that it prints.
    @Test func aPolicyForAPythonProject() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.write("[MAIN]\n", to: "clone/.pylintrc")
        try bench.write("[tool.mypy]\n\n[tool.pytest.ini_options]\n", to: "clone/pyproject.toml")
        try bench.git("add", "-A", in: "clone")
        try bench.git(
            "commit", "-q", "-m", "Code", "--author", "Bob <bob@wrk.example>", in: "clone")
        for name in ["alice", "bob", "ci"] { _ = try bench.key(name) }
        let answer = try bench.gate(
            "init", "--key", "../alice.pub", "--ci-key", "../ci.pub", in: "clone")
        #expect(answer.code == 0, "\(answer.all)")
        #expect(
            answer.output.contains(
                "pylint (.pylintrc), mypy (pyproject.toml), unit (pyproject.toml)"))
        #expect(!answer.output.contains("wrong "))
        #expect(answer.output.contains("a second person"))
        // Nothing could judge the first policy as a change.
        #expect(answer.output.contains(" && git push origin HEAD:refs/heads/master\n"))
        #expect(try bench.gate("policy", "validate", in: "clone").code == 0)
        #expect(try bench.read("clone/policies/people.yml").contains("#   bob@wrk.example  1"))
        let checks = try bench.read("clone/policies/checks.yml")
        #expect(checks.contains("\n  pylint:\n"))
        #expect(checks.contains("\n  # ruff:\n"))

        let again = try bench.gate("init", in: "clone")
        #expect(again.code == 2)
        #expect(again.errors.contains("overwrites nothing"))

        let bob = try bench.gate(
            "people", "add", "bob@wrk.example", "--key", "../bob.pub", "--team", "engineering",
            in: "clone")
        #expect(bob.code == 0, "\(bob.all)")
        let ruleset = try bench.read("clone/policies/master.yml")
        try bench.write(
            ruleset.replacing("enforcement: disabled", with: "enforcement: active"),
            to: "clone/policies/master.yml")
        let valid = try bench.gate("policy", "validate", in: "clone")
        #expect(valid.code == 0, "\(valid.all)")
        let shown = try bench.gate("policy", "show", "master", in: "clone")
        #expect(shown.output.contains("pylint mypy unit on the head, signed by ci"))
    }

    /// Without keys, checks or commits: still valid, and it says what is missing.
    @Test func aPolicyForAnEmptyRepository() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.git("symbolic-ref", "HEAD", "refs/heads/release", in: "clone")
        let answer = try bench.gate("init", in: "clone")
        #expect(answer.code == 0, "\(answer.all)")
        #expect(answer.output.contains("your public key: gate people add alice@wrk.example"))
        #expect(!answer.output.contains("wrong "))
        #expect(!bench.has("clone/policies/checks.yml"))
        // policies/release.yml is another file.
        #expect(try bench.read("clone/policies/default.yml").contains("refs/heads/release"))
        let valid = try bench.gate("policy", "validate", in: "clone")
        #expect(valid.code == 0, "\(valid.all)")
    }

    @Test func theCallersKeyIsFound() throws {
        let bench = try Bench()
        try bench.makeServer()
        let key = try bench.key("mine").split(separator: " ")
        try bench.git("config", "user.signingkey", "\(bench.path)/mine", in: "clone")
        #expect(try bench.gate("init", in: "clone").code == 0)
        #expect(
            try bench.read("clone/policies/allowed_signers")
                .contains("alice@wrk.example \(key[0]) \(key[1])\n"))
    }

    @Test func whatIsMissing() throws {
        let bench = try Bench()
        try bench.makeServer()
        #expect(try bench.gate("init", in: "server.git").code == 2)
        try bench.git("config", "--unset", "user.email", in: "clone")
        let answer = try bench.gate("init", in: "clone")
        #expect(answer.code == 2)
        #expect(answer.errors.contains("user.email is not set"))
    }
}
