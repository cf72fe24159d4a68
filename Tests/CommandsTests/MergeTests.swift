import JSON
import Testing

@Suite struct MergeTests {
    @Test func whatIsMissingIsSaidAndNothingIsPushed() throws {
        let studio = try Studio()
        let before = try studio.serverRefs()
        let answer = try studio.gate("alice", "merge", "fix-payout")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("pull_request"))
        #expect(answer.errors.contains("required_status_checks"))
        #expect(answer.errors.contains("nothing was pushed"))
        #expect(try studio.serverRefs() == before)
    }

    @Test(arguments: ["merge", "squash", "fast_forward"])
    func lands(method: String) throws {
        let studio = try Studio()
        try studio.supply()
        let head = try studio.id("fix-payout")
        let old = try studio.id("master")
        let answer = try studio.gate("alice", "merge", "fix-payout", "--method", method)
        #expect(answer.code == 0, "\(answer.errors)")
        let parents = try studio.run("server.git", "git log -1 --format=%P master")
        let message = try studio.run("server.git", "git log -1 --format=%B master")
        let evidence = try studio.id("refs/notes/gate")
        switch method {
        case "merge":
            #expect(parents == "\(old) \(head)")
            #expect(message.hasPrefix("Merge branch 'fix-payout'\n\n* Fix payout\n"))
            #expect(message.contains("Gate-Evidence: \(evidence)"))
        case "squash":
            #expect(parents == old)
            #expect(message.hasPrefix("Fix payout\n\nGate-Head: \(head)\n"))
            #expect(message.contains("Gate-Evidence: \(evidence)"))
            try studio.run("server.git", "git merge-base --is-ancestor \(head) refs/gate/heads")
        default:
            #expect(try studio.id("master") == head)
        }
        let again = try studio.gate("alice", "merge", "fix-payout")
        #expect(again.code == 0)
        #expect(again.output.contains(method == "squash" ? "changes nothing" : "already"))
    }

    @Test func aSquashOfSeveralPeople() throws {
        let studio = try Studio()
        try studio.run(
            "alice",
            """
            echo three > b
            git -c user.name=carol -c user.email=carol@wrk.example commit -qam 'Fix b'
            git push -q origin fix-payout
            """)
        try studio.supply()
        let answer = try studio.gate("bob", "merge", "fix-payout", "--method", "squash")
        #expect(answer.code == 0, "\(answer.errors)")
        let message = try studio.run("server.git", "git log -1 --format='%an %cn%n%B' master")
        #expect(message.hasPrefix("alice bob\nFix payout\n\n* Fix payout\n* Fix b\n"))
        #expect(message.contains("\nCo-authored-by: carol <carol@wrk.example>\n"))
    }

    @Test func theFirstMethodThatThePolicyAllows() throws {
        let studio = try Studio(
            pullRequest: "{reviewers: [engineering], allowed_merge_methods: [squash]}")
        try studio.supply()
        #expect(try studio.gate("bob", "status", "fix-payout").code == 0)
        #expect(try studio.gate("bob", "merge", "fix-payout", "--method", "merge").code == 1)
        #expect(try studio.gate("bob", "merge", "fix-payout", "--method", "rebase").code == 2)
        #expect(try studio.gate("bob", "merge", "fix-payout").code == 0)
        #expect(
            try studio.run("server.git", "git log -1 --format=%B master").contains("Gate-Head: "))
    }

    @Test func conflictsNameTheFilesAndTheRebase() throws {
        let studio = try Studio()
        try studio.supply()
        try studio.run(
            "alice",
            """
            git switch -qc other master; echo other > a; git commit -qam Other
            git push -q origin other
            """)
        #expect(try studio.gate("alice", "merge", "fix-payout").code == 0)
        let answer = try studio.gate("alice", "merge", "other")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("\n  a\n"))
        #expect(answer.errors.contains("git rebase FETCH_HEAD"))
        let status = try studio.gate("alice", "status", "other", "--json").json
        #expect(status["conflicts"] == ["a"])
    }

    /// Somebody else's landing of another file: the review still counts, the check of the merge
    /// result does not.
    @Test func aMovedTarget() throws {
        let studio = try Studio(tested: "merge_result")
        try studio.run(
            "alice",
            """
            git switch -qc other master; echo other > b; git commit -qam Other
            git push -q origin other
            """)
        try studio.supply()
        try studio.supply("other")
        #expect(try studio.gate("alice", "merge", "fix-payout").code == 0)
        let answer = try studio.gate("alice", "merge", "other")
        #expect(answer.code == 1)
        #expect(!answer.errors.contains("pull_request"))
        #expect(answer.errors.contains("required_status_checks"))
        try studio.run("ci", "git fetch -q")
        let check = try studio.gate(
            "ci", "check", "--rev", "origin/other", "--onto", "master", "--report", "m.json")
        #expect(check.code == 0, "\(check.errors)")
        #expect(try studio.gate("ci", "attest", "m.json", "--push").code == 0)
        #expect(try studio.gate("alice", "status", "other").code == 0)
        #expect(try studio.gate("alice", "merge", "other").code == 0)
    }

    @Test func withoutAPush() throws {
        let studio = try Studio()
        try studio.supply()
        let before = try studio.serverRefs()
        let answer = try studio.gate(
            "alice", "merge", "fix-payout", "--method", "squash", "--no-push")
        #expect(answer.code == 0)
        #expect(try studio.serverRefs() == before)
        let commands = answer.errors.split(separator: "\n").filter { $0.contains("git push") }
        #expect(commands.count == 2)
        try studio.run("alice", commands.joined(separator: "\n"))
        #expect(try studio.id("master") + "\n" == answer.output)
    }

    @Test func waitsForWhatIsMissing() async throws {
        let studio = try Studio()
        async let answer = Task.detached {
            try studio.gate("alice", "merge", "fix-payout", "--wait", "--timeout", "2")
        }.value
        try studio.supply()
        let landed = try await answer
        #expect(landed.code == 0, "\(landed.errors)")
        #expect(try studio.run("server.git", "git log -1 --format=%P master").contains(" "))
    }

    @Test func doesNotWaitForWhatCannotCome() throws {
        let studio = try Studio()
        try studio.run(
            "alice", "echo false > test.sh; git commit -qam 'Break it'; git push -q origin HEAD")
        try studio.run("ci", "git fetch -q")
        let rev = "origin/fix-payout"
        #expect(try studio.gate("ci", "check", "--rev", rev, "--report", "r.json").code == 1)
        #expect(try studio.gate("ci", "attest", "r.json", "--push").code == 0)
        let answer = try studio.gate("alice", "merge", "fix-payout", "--wait")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("unit failed"))
    }

    @Test func signsAsGitIsToldTo() throws {
        let studio = try Studio()
        try studio.supply()
        try studio.run("alice", "git config commit.gpgsign true")
        #expect(try studio.gate("alice", "merge", "fix-payout").code == 0)
        let commit = try studio.run("server.git", "git cat-file commit master")
        #expect(commit.contains("\ngpgsig -----BEGIN SSH SIGNATURE-----"))
    }
}
