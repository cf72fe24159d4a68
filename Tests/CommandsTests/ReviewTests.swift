import JSON
import Testing

@Suite struct ReviewTests {
    @Test func anApprovalCounts() throws {
        let studio = try Studio()
        let before = try studio.gate("bob", "status", "fix-payout")
        #expect(before.code == 1)
        #expect(before.output.contains("[ ] reviewed"))
        let answer = try studio.gate("bob", "review", "approve", "fix-payout", "-m", "fine")
        #expect(answer.code == 0, "\(answer.errors)")
        #expect(answer.output.hasPrefix("bob@wrk.example approved fix-payout"))
        let after = try studio.gate("bob", "status", "fix-payout", "--json").json
        #expect(after["approvers"] == ["bob@wrk.example"])
        #expect(after["complete"] == false)
        let head = try studio.id("fix-payout")
        #expect(try studio.run("server.git", "git notes --ref=gate show \(head) | wc -l") == "1")
    }

    @Test func whoContributedCannotApprove() throws {
        let studio = try Studio()
        let before = try studio.serverRefs()
        let answer = try studio.gate("alice", "review", "approve", "fix-payout")
        #expect(answer.code == 1)
        #expect(answer.errors.contains("bob@wrk.example, carol@wrk.example"))
        #expect(try studio.serverRefs() == before)
        #expect(try studio.gate("alice", "review", "request-changes", "fix-payout").code == 0)
    }

    @Test func anObjectionIsOneOpenLine() throws {
        let studio = try Studio()
        let answer = try studio.gate(
            "bob", "review", "request-changes", "fix-payout", "-m", "Pays twice")
        #expect(answer.code == 0, "\(answer.errors)")
        let status = try studio.gate("alice", "status", "fix-payout").output
        let open = status.split(separator: "\n").filter { $0.hasPrefix("[ ] reviewed") }
        #expect(open.count == 1, "\(status)")
        #expect(open.first?.contains("bob@wrk.example") == true, "\(status)")
    }

    @Test func nothingToSay() throws {
        let studio = try Studio()
        #expect(try studio.gate("bob", "review", "withdraw", "fix-payout").code == 1)
        let landed = try studio.gate("bob", "review", "approve", "master")
        #expect(landed.code == 1)
        #expect(landed.errors.contains("nothing to review"))
        #expect(try studio.gate("bob", "review", "approve", "no-such").code == 2)
        #expect(try studio.gate("bob", "review", "approve", "fix-payout", "--onto", "x").code == 2)
    }

    @Test func aKeyThatNobodyKnows() throws {
        let studio = try Studio()
        try studio.run("bob", "ssh-keygen -q -t ed25519 -N '' -f ../other")
        let answer = try studio.gate(
            "bob", "review", "approve", "fix-payout", "--key", "../other")
        #expect(answer.code == 2)
        #expect(answer.errors.contains("allowed_signers"))
    }

    /// Each review replaces those before it: of the same head, of a commit below the head, and of
    /// what the head was before it was amended.
    @Test(arguments: [
        "true", "echo more >> a; git commit -qam More",
        "echo more >> a; git commit -qa --amend --no-edit",
    ])
    func laterReviewsReplaceEarlierOnes(change: String) throws {
        let studio = try Studio()
        let first = try studio.gate(
            "bob", "review", "request-changes", "fix-payout", "-m", "no", "--json"
        ).json
        try studio.run("alice", "\(change); git push -qf origin fix-payout")
        let second = try studio.gate("bob", "review", "approve", "fix-payout", "--json").json
        let line = try #require(first["line"])
        #expect(second["review"]?["supersedes"] == .array([line]))
        let status = try studio.gate("bob", "status", "fix-payout", "--json").json
        #expect(status["approvers"] == ["bob@wrk.example"])
    }

    /// Two changes that a script made in one second are two changes.
    @Test func reviewsOfOtherChangesStand() throws {
        let studio = try Studio()
        try studio.run(
            "alice",
            """
            git switch -qc other master; echo other > b; git commit -qam Other
            git push -q origin other
            """)
        #expect(try studio.gate("bob", "review", "approve", "fix-payout").code == 0)
        let other = try studio.gate("bob", "review", "approve", "other", "--json").json
        #expect(other["review"]?["supersedes"] == [])
    }

    @Test func anAbbreviatedIDOfABranchThatIsNotHereYet() throws {
        let studio = try Studio()
        let head = try studio.id("fix-payout")
        let answer = try studio.gate("bob", "review", "approve", String(head.prefix(12)))
        #expect(answer.code == 0, "\(answer.errors)")
    }

    @Test func theInbox() throws {
        let studio = try Studio()
        let waiting = try studio.gate("bob", "review")
        #expect(waiting.output.hasPrefix("fix-payout"))
        #expect(try studio.gate("alice", "review").output.isEmpty)
        #expect(try studio.gate("bob", "review", "approve", "fix-payout").code == 0)
        #expect(try studio.gate("bob", "review").output.isEmpty)
        #expect(try studio.gate("carol", "review").output.hasPrefix("fix-payout"))
        let json = try studio.gate("carol", "review", "--json").json
        #expect(json["changes"]?[0]?["approvers"] == ["bob@wrk.example"])
    }

    @Test func theList() throws {
        let studio = try Studio()
        #expect(try studio.gate("bob", "review", "approve", "fix-payout").code == 0)
        #expect(try studio.gate("bob", "review", "withdraw", "fix-payout").code == 0)
        let list = try studio.gate("carol", "review", "list", "fix-payout", "--json").json
        let reviews = try #require(list["reviews"]?.arrayValue)
        let states = reviews.map { $0["review"]?["state"]?.stringValue }
        #expect(states == ["approved", "withdrawn"])
        #expect(reviews.map { $0["stands"]?.boolValue } == [false, true])
    }
}
