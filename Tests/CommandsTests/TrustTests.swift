import Testing

@Suite struct TrustTests {
    @Test func theOwnerClosesTheGate() throws {
        let bench = try Bench()
        try bench.makeGuardedServer()
        let tip = try bench.git("rev-parse", "master", in: "server.git")
        let asked = try bench.gate("trust", "-C", "server.git")
        #expect(asked.code == 2)
        #expect(asked.errors.contains("no terminal to ask at"))
        // It can be pasted from anywhere.
        #expect(asked.errors.contains("  gate trust --yes -C \(bench.path)/server.git\n"))
        #expect(try bench.setting("gate.trust") == "watching")

        let answer = try bench.gate("trust", "--yes", "-C", "server.git")
        #expect(answer.code == 0)
        let alice = try bench.run(["ssh-keygen", "-lf", "alice.pub"]).output.split(separator: " ")[
            1]
        for text in [
            "pull_request: 1 approval of engineering", "may be bypassed by alice@wrk.example",
            "alice@wrk.example  engineering", String(alice),
        ] {
            #expect(answer.output.contains(text))
        }
        #expect(try bench.setting("gate.trust") == tip)
        #expect(try bench.git("rev-parse", "refs/gate/trusted", in: "server.git") == tip)
    }

    /// Saying it again trusts the present tip, whatever happened to the branch.
    @Test func itIsTheRecovery() throws {
        let bench = try Bench()
        try bench.makeGuardedServer()
        #expect(try bench.gate("trust", "--yes", "-C", "server.git").code == 0)
        try bench.git("checkout", "-q", "--orphan", "other", in: "clone")
        try bench.git("commit", "-q", "-m", "Another beginning", in: "clone")
        try bench.git("fetch", "-q", "../clone", "+other:master", in: "server.git")
        let tip = try bench.git("rev-parse", "master", in: "server.git")
        let answer = try bench.gate("trust", "--yes", "--json", "-C", "server.git")
        #expect(answer.code == 0)
        #expect(answer.errors.contains("does not descend from"))
        #expect(answer.output.contains("\"trusted\": \"\(tip)\""))
        #expect(try bench.setting("gate.trust") == tip)
    }

    @Test func notFromAHook() throws {
        let bench = try Bench()
        try bench.makeGuardedServer()
        for name in ["GIT_DIR", "GIT_QUARANTINE_PATH", "GIT_PUSH_OPTION_COUNT"] {
            let answer = try bench.gate(
                "trust", "--yes", in: "server.git", setting: [(name, ".")])
            #expect(answer.code == 2)
            #expect(answer.errors.contains(name))
        }
        #expect(try bench.setting("gate.trust") == "watching")
    }

    @Test func whatCannotBeTrusted() throws {
        let bench = try Bench()
        try bench.makeServer()
        func refuses(_ sentence: String, _ line: Int = #line) throws {
            let answer = try bench.gate("trust", "--yes", "-C", "server.git")
            #expect(answer.code == 2, "line \(line): \(answer.all)")
            #expect(answer.all.contains(sentence), "line \(line): \(answer.all)")
        }
        try refuses("gate is not installed")
        #expect(try bench.gate("install", "--server", "server.git").code == 0)
        try refuses("does not exist yet")
        try bench.git("commit", "-q", "--allow-empty", "-m", "One", in: "clone")
        #expect(try bench.push("HEAD:refs/heads/master").code == 0)
        try refuses("there is no policy")

        try bench.write("rulesets: [{nam: x}]\n", to: "clone/policies/master.yml")
        try bench.git("add", "-A", in: "clone")
        try bench.git("commit", "-q", "-m", "Bad", in: "clone")
        #expect(try bench.push("HEAD:refs/heads/master").code == 0)
        try refuses("policies/master.yml:1:")

        try bench.writePolicy()
        try bench.write(
            Bench.ruleset.split(separator: "\n").map { line in
                line.contains("include") ? "    enforcement: disabled\n\(line)" : String(line)
            }.joined(separator: "\n") + "\n", to: "clone/policies/master.yml")
        try bench.git("add", "-A", in: "clone")
        try bench.git("commit", "-q", "-m", "Off", in: "clone")
        #expect(try bench.push("HEAD:refs/heads/master").code == 0)
        try refuses("no ruleset in force")

        try bench.git("config", "receive.fsckObjects", "false", in: "server.git")
        try refuses("does not check the objects")
        try bench.git("config", "receive.fsckObjects", "true", in: "server.git")
        try bench.git("update-ref", "--no-deref", "HEAD", "refs/heads/master", in: "server.git")
        try refuses("names no branch")
        #expect(try bench.setting("gate.trust") == "watching")
        #expect(try bench.gate("trust", "-C", "clone").code == 2)
    }
}
