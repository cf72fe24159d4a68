import JSON
import Testing

@Suite struct TryTests {
    @Test(arguments: [
        ("HEAD:master", Int32(1), "refused", "pull_request"),
        (":master", 1, "refused", "deletion"),
        ("HEAD:new-branch", 0, "allowed", ""),
        (":fix-payout", 0, "allowed", ""),
        ("HEAD:refs/gate/mine", 1, "refused", "reserved_ref"),
        ("master:fix-payout", 0, "allowed", ""),
    ])
    func verdicts(push: String, code: Int32, word: String, rule: String) throws {
        let studio = try Studio()
        let before = try studio.serverRefs()
        let text = try studio.gate("alice", "try", push)
        #expect(text.code == code, "\(text.errors)")
        #expect(text.output.hasPrefix(word))
        #expect(text.output.contains(rule))
        let json = try studio.gate("alice", "try", push, "--json").json
        #expect(json["verdict"]?.stringValue == word)
        let rules = json["updates"]?[0]?["findings"]?.arrayValue?.compactMap {
            $0["rule"]?.stringValue
        }
        #expect(rule.isEmpty ? rules == [] : rules?.contains(rule) == true)
        #expect(try studio.serverRefs() == before)
    }

    @Test func foretellsWhatTheServerSays() throws {
        let studio = try Studio()
        #expect(try studio.gate("alice", "try", "HEAD:master").code == 1)
        let push = try studio.run("alice", "git push origin HEAD:master 2>&1 || true")
        #expect(push.contains("pull_request"))
    }

    @Test func badUsage() throws {
        let studio = try Studio()
        #expect(try studio.gate("alice", "try", "nowhere:master").code == 2)
        #expect(try studio.gate("alice", "try", ":").code == 2)
        let same = try studio.gate("alice", "try")
        #expect(same.code == 2)
        #expect(same.errors.contains("nothing to push"))
        #expect(try studio.gate(".", "try").code == 2)
        #expect(try studio.gate(".", "-C", "alice", "try", "HEAD:x").code == 0)
    }

    @Test func aServerWithoutAPolicy() throws {
        let studio = try Studio()
        try studio.run(
            ".",
            """
            git init -q --bare -b master other.git
            git -C alice remote add other ../other.git
            git -C alice config gate.remote other
            """)
        #expect(try studio.gate("alice", "try", "HEAD:master").code == 3)
        try studio.run(
            "alice",
            "git switch -q --orphan empty; git commit -q --allow-empty -m x; git push -q other empty:master"
        )
        let answer = try studio.gate("alice", "try", "HEAD:x")
        #expect(answer.code == 2)
        #expect(answer.errors.contains("gate init"))
    }
}
