import JSON
import Testing

@Suite struct EvidenceCommandTests {
    @Test func wordsAndHands() throws {
        let studio = try Studio()
        try studio.supply()
        let answer = try studio.gate("alice", "evidence", "show", "fix-payout")
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.output.contains("approved for master"))
        #expect(answer.output.contains("unit PASSED  by ci@wrk.example"))
        // What is below "By hand:" is pasted into a shell as it stands.
        let script = try #require(answer.output.components(after: "By hand:\n"))
        let verified = try studio.run("alice", script)
        #expect(verified.components(after: "Good \"gate-review\" signature") != nil)
        #expect(verified.components(after: "Good \"gate-check\" signature") != nil)
    }

    @Test func verifiesAllOrSaysWhatDoesNot() throws {
        let studio = try Studio()
        try studio.supply()
        let good = try studio.gate("alice", "evidence", "verify")
        #expect(good.code == 0)
        #expect(good.output == "2 verified, 0 not\n")
        let offline = try studio.run("alice", "git remote set-url origin /nowhere; git rev-parse @")
        #expect(try studio.gate("alice", "evidence", "verify").code == 0)
        try studio.run("alice", "git notes --ref=gate append -m 'looks fine to me' \(offline)")
        let bad = try studio.gate("alice", "evidence", "verify", "--json")
        #expect(bad.code == 1)
        #expect(try bad.json["verified"] == false)
        #expect(try studio.gate("alice", "evidence", "verify", "\(offline)^{tree}").code == 0)
    }
}

@Suite struct BypassTests {
    @Test func liftsOneRulesetForOneUpdate() throws {
        let studio = try Studio()
        let push = "origin/fix-payout:master"
        try studio.run("carol", "git fetch -q")
        #expect(try studio.gate("carol", "try", push).code == 1)
        let answer = try studio.gate(
            "carol", "bypass", "master", "--to", "origin/fix-payout", "--reason", "outage",
            "--json")
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(try studio.gate("carol", "try", push).code == 0)
        let command = try #require(try answer.json["push"]?.stringValue)
        try studio.run("carol", command)
        #expect(try studio.id("master") == studio.id("fix-payout"))
    }

    @Test func onlyForWhomTheRulesetNames() throws {
        let studio = try Studio()
        let before = try studio.serverRefs()
        let answer = try studio.gate("alice", "bypass", "master", "--reason", "outage")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("carol@wrk.example"))
        #expect(try studio.gate("alice", "bypass", "master", "--reason", " ").code == 2)
        #expect(try studio.gate("carol", "bypass", "fix-payout", "--reason", "x").code == 1)
        #expect(try studio.serverRefs() == before)
    }

    /// The default branch holds the policy, which no ruleset protects and so no bypass lifts.
    @Test func notWhatIsBuiltIn() throws {
        let studio = try Studio()
        let before = try studio.serverRefs()
        let answer = try studio.gate(
            "carol", "bypass", "master", "--delete", "--reason", "renamed")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("policy: "))
        #expect(try studio.serverRefs() == before)
    }
}

extension String {
    /// What stands behind the first occurrence; nil when there is none.
    fileprivate func components(after mark: String) -> String? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(mark) { return String(rest.dropFirst(mark.count)) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
