import Testing

@Suite struct PolicyCommandTests {
    @Test func aValidPolicyInTheWorkingTreeAndInACommit() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        let tree = try bench.gate("policy", "validate", in: "clone/policies")
        #expect(tree.code == 0)
        #expect(tree.output.contains("valid: 1 ruleset, 0 checks, 2 principals"))
        try bench.git("add", "-A", in: "clone")
        try bench.git("commit", "-q", "-m", "Policy", in: "clone")
        try bench.write("rulesets: []\n# no more\nx: 1\n", to: "clone/policies/master.yml")
        #expect(try bench.gate("policy", "validate", "--rev", "HEAD", in: "clone").code == 0)
        #expect(try bench.gate("policy", "validate", in: "clone").code == 2)
    }

    @Test func everyProblemHasItsPlace() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        let bad = Bench.ruleset
            .replacing("deletion: {}", with: "deletoin: {}")
            .replacing("[engineering]", with: "[enginering]")
        try bench.write(bad, to: "clone/policies/master.yml")
        let answer = try bench.gate("policy", "validate", in: "clone")
        #expect(answer.code == 2)
        #expect(answer.output.contains("policies/master.yml:5:7: "))
        #expect(answer.output.contains("deletion"))
        #expect(answer.output.contains("policies/master.yml:6:"))
        let json = try bench.gate("policy", "validate", "--json", in: "clone")
        #expect(json.code == 2)
        #expect(json.output.contains("\"valid\": false"))
        #expect(json.output.contains("\"line\": 5"))
        let revision = try bench.gate("policy", "validate", "--rev", "nothing", in: "clone")
        #expect(revision.code == 2)
        #expect(revision.errors.contains("nothing names no commit here"))
    }

    /// A file is judged as if it lay in policies/; a folder is one that has policies/, or is it.
    @Test func filesAndFolders() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        try bench.write(Bench.ruleset.replacing("- name: master", with: "- name: x"), to: "new.yml")
        #expect(try bench.gate("policy", "validate", "../new.yml", in: "clone").code == 0)
        try bench.write(Bench.ruleset.replacing("alice@", with: "eve@"), to: "master.yml")
        let file = try bench.gate("policy", "validate", "../master.yml", in: "clone")
        #expect(file.code == 2)
        #expect(file.output.contains("eve@wrk.example"))
        for folder in ["clone", "clone/", "clone/policies"] {
            let answer = try bench.gate("policy", "validate", folder)
            #expect(answer.code == 0, "\(folder): \(answer.all)")
        }
        #expect(try bench.gate("policy", "validate", "home").code == 2)
        #expect(try bench.gate("policy", "validate", "clone/none.yml").code == 2)
        #expect(try bench.gate("policy", "validate", "clone", "--rev", "HEAD").code == 2)
    }

    @Test func aLinkIsNoPolicyFile() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        try bench.run(["ln", "-s", "/etc/passwd", "clone/policies/other.yml"]).expectSuccess()
        let answer = try bench.gate("policy", "validate", in: "clone")
        #expect(answer.code == 2)
        #expect(answer.errors.contains("other.yml is no regular file"))
    }

    @Test func whatAppliesToARef() throws {
        let bench = try Bench()
        try bench.makeServer()
        try bench.writePolicy()
        let master = try bench.gate("policy", "show", "master", in: "clone")
        #expect(master.code == 0)
        for text in [
            "refs/heads/master  protected", "policies/master.yml:2", "(policies/master.yml:5)",
            "1 approval of engineering", "reviewers     alice@wrk.example bob@wrk.example",
        ] {
            #expect(master.output.contains(text), "\(text) is not in \(master.output)")
        }
        let other = try bench.gate("policy", "show", "refs/tags/master", in: "clone")
        #expect(other.output.hasPrefix("refs/tags/master  not protected"))
        let json = try bench.gate("policy", "show", "master", "--json", in: "clone")
        #expect(json.output.contains("\"rule\": \"pull_request\""))
    }
}
