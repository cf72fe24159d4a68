import JSON
import Testing

@Suite struct CheckAndAttestTests {
    @Test func checksACommitAndNotTheWorktree() throws {
        let studio = try Studio()
        try studio.run("alice", "echo false > test.sh")
        let clean = try studio.gate("alice", "check", "--report", "r.json")
        #expect(clean.code == 0, "\(clean.errors)")
        #expect(clean.output.hasPrefix("unit  passed"))
        #expect(clean.errors.contains("not committed"))
        try studio.run("alice", "git commit -qam 'Break it'")
        let broken = try studio.gate("alice", "check", "unit")
        #expect(broken.code == 1)
        #expect(broken.errors.contains("  | looking\n"))
        #expect(try studio.gate("alice", "check", "no-such").code == 2)
    }

    @Test func theReportIsTheResult() throws {
        let studio = try Studio()
        let json = try studio.gate("alice", "check", "--json", "--report", "r.json")
        let report = try JSON(parsing: Array(studio.run("alice", "cat r.json").utf8))
        let shown = try json.json
        for member in ["schemaVersion", "kind", "repository", "commit", "tree"] {
            #expect(shown[member] == report[member], "\(member)")
        }
        #expect(shown["repository"] == "wrk/system")
        // What a tool found is told here only: no evidence is made of it.
        let checks = try #require(shown["checks"]?.arrayValue)
        #expect(checks.count == 1)
        #expect(checks[0]["name"] == "unit")
        #expect(checks[0]["findings"] == .array([]))
        #expect(try #require(report["checks"]?.arrayValue)[0]["findings"] == nil)
    }

    @Test(arguments: [
        (#""repository":"wrk/system""#, #""repository":"wrk/other""#, Int32(1)),
        (#""name":"unit""#, #""name":"other""#, 1),
        (#""definition":"[0-9a-f]{8}"#, #""definition":"00000000"#, 1),
        (#""result":"passed""#, #""result":"fine""#, 3),
        (#""result":"passed""#, #""result":"could_not_run""#, 1),
    ])
    func reportsThatDoNotCount(old: String, new: String, code: Int32) throws {
        let studio = try Studio()
        #expect(try studio.gate("ci", "check", "--report", "r.json").code == 0)
        try studio.run(
            "ci", "sed -E 's|\(old)|\(new)|' r.json > bad.json; ! cmp -s r.json bad.json")
        let before = try studio.serverRefs()
        #expect(try studio.gate("ci", "attest", "bad.json", "--push").code == code)
        #expect(try studio.serverRefs() == before)
        #expect(try studio.gate("ci", "attest", "r.json", "--push").code == 0)
    }

    @Test func onlyACheckSigner() throws {
        let studio = try Studio()
        #expect(try studio.gate("alice", "check", "--report", "r.json").code == 0)
        let answer = try studio.gate("alice", "attest", "r.json", "--push")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("ci@wrk.example"))
        #expect(try studio.gate("alice", "attest", "missing.json").code == 2)
    }

    @Test func onlyWhatWasMeant() throws {
        let studio = try Studio()
        try studio.run("ci", "git fetch -q")
        let check = try studio.gate("ci", "check", "--rev", "fix-payout", "--report", "r.json")
        #expect(check.code == 0, "\(check.errors)")
        let before = try studio.serverRefs()
        func attest(_ report: String, _ more: [String]) throws -> Studio.Run {
            try studio.gate("ci", ["attest", report, "--push"] + more)
        }
        let other = try attest("r.json", ["--rev", "origin/master"])
        #expect(other.code == 1)
        #expect(other.errors.contains("is not on origin/master"))
        // Code under test that writes the report can name another commit, or another tree.
        let master = try studio.id("master^{tree}")
        try studio.run(
            "ci", #"sed -E 's|"tree":"[0-9a-f]{40}"|"tree":"\#(master)"|' r.json > other.json"#)
        let mixed = try attest("other.json", [])
        #expect(mixed.code == 1)
        #expect(mixed.errors.contains("is not that of"))
        #expect(try attest("r.json", ["--onto", "master"]).code == 2)
        #expect(try attest("r.json", ["--rev", "no-such"]).code == 2)
        #expect(try studio.serverRefs() == before)
        // Nobody has moved master: the merge result is the head's own tree.
        #expect(try attest("r.json", ["--rev", "origin/fix-payout", "--onto", "master"]).code == 0)
    }

    @Test(arguments: ["/nosuch/key", "../mallory.key"])
    func aKeyThatIsNone(key: String) throws {
        let studio = try Studio()
        try studio.run(".", "ssh-keygen -q -t ed25519 -N '' -f mallory.key")
        #expect(try studio.gate("ci", "check", "--report", "r.json").code == 0)
        #expect(try studio.gate("ci", "attest", "r.json", "--key", key).code == 2)
    }

    @Test func keptUntilTheNextPushOfEvidence() throws {
        let studio = try Studio()
        try studio.run("ci", "git fetch -q")
        let check = try studio.gate(
            "ci", "check", "--rev", "fix-payout", "--report", "r.json")
        // The server's branch, which this clone has no branch of.
        #expect(check.code == 0, "\(check.errors)")
        #expect(try studio.gate("ci", "check", "--rev", "no-such").code == 2)
        let attested = try studio.gate("ci", "attest", "r.json")
        #expect(attested.code == 0)
        #expect(attested.errors.contains("gate attest r.json --push"))
        let tree = try studio.id("fix-payout^{tree}")
        #expect(try !studio.serverRefs().contains("refs/notes/gate"))
        #expect(try studio.gate("ci", "check", "--report", "master.json").code == 0)
        #expect(try studio.gate("ci", "attest", "master.json", "--push").code == 0)
        try studio.run("server.git", "git notes --ref=gate show \(tree)")
    }
}
