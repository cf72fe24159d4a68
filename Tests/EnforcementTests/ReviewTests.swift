import Evidence
import GitObjects
import History
import Policy
import Testing

@testable import Enforcement

/// `pull_request`: each refusal with the nearest push that is allowed.
@Suite struct ReviewTests {
    @Test func directPushIsRefusedAndAReviewedMergeLands() throws {
        let scene = Scene()
        let head = scene.branch()
        #expect(scene.push(head).rules == [.pullRequest])
        #expect(scene.push(head).text.contains("direct push"))
        let landing = scene.merge(head)
        #expect(scene.push(landing).rules == [.pullRequest])
        try scene.review(head, by: "bob@wrk.example")
        let verdict = scene.push(landing)
        #expect(verdict.outcome == .allowed)
        #expect(verdict.landings.first?.method == .merge)
        #expect(verdict.landings.first?.approvers == ["bob@wrk.example"])
    }

    @Test(arguments: [
        "alice@wrk.example", "alice@home.example", "ALICE@wrk.example",
    ])
    func nobodyApprovesTheirOwnWork(author: String) throws {
        let scene = Scene()
        let head = scene.branch(by: author)
        try scene.review(head, by: "alice@wrk.example")
        #expect(scene.push(scene.merge(head)).rules == [.pullRequest])
        try scene.review(head, by: "bob@wrk.example")
        #expect(scene.push(scene.merge(head)).outcome == .allowed)
    }

    @Test(arguments: [
        "Co-authored-by: Bob <bob@wrk.example>", "co-authored-by:bob@wrk.example",
    ])
    func coAuthorsAreContributors(trailer: String) throws {
        let scene = Scene()
        let head = scene.branch(message: "Change a\n\n\(trailer)\n\nmore text\n")
        try scene.review(head, by: "bob@wrk.example")
        #expect(scene.push(scene.merge(head)).rules == [.pullRequest])
        try scene.review(head, by: "carol@wrk.example")
        #expect(scene.push(scene.merge(head)).outcome == .allowed)
    }

    @Test func unknownAuthorsAreAFindingAndOutsidersAreNot() throws {
        let scene = Scene()
        let stranger = scene.branch(by: "mallory@evil.example")
        try scene.review(stranger, by: "bob@wrk.example")
        let refused = scene.push(scene.merge(stranger))
        #expect(refused.rules == [.pullRequest])
        #expect(refused.text.contains("mallory@evil.example"))
        let robot = scene.branch("a3", by: "updates@bots.example")
        try scene.review(robot, by: "bob@wrk.example")
        #expect(scene.push(scene.merge(robot, scene.edited("a3"))).outcome == .allowed)
    }

    @Test func checkSignersDoNotReview() throws {
        let scene = Scene {
            $0.pullRequest = PullRequestRule()
            $0.requiredStatusChecks = RequiredStatusChecksRule(checks: ["unit"], signers: ["ci"])
        }
        let head = scene.branch()
        try scene.check("unit", on: head)
        try scene.review(head, by: "ci@wrk.example")
        #expect(scene.push(scene.merge(head)).rules == [.pullRequest])
    }

    @Test func aCommitSlippedInAfterTheApprovalIsRefused() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        let later = scene.picture.commit(scene.edited("a3"), parents: [head])
        #expect(scene.push(scene.merge(later, scene.edited("a3"))).rules == [.pullRequest])
    }

    @Test func requestedChangesStandForLaterHeadsUntilSuperseded() throws {
        let scene = Scene()
        let head = scene.branch()
        let objection = try scene.review(head, by: "bob@wrk.example", .changesRequested)
        let fixed = scene.picture.commit(scene.edited("a3"), parents: [head])
        try scene.review(fixed, by: "carol@wrk.example")
        let landing = scene.merge(fixed, scene.edited("a3"))
        #expect(scene.push(landing).text.contains("requested changes"))
        try scene.review(fixed, by: "bob@wrk.example", supersedes: [objection])
        #expect(scene.push(landing).outcome == .allowed)
    }

    @Test func nobodySupersedesAnother() throws {
        let scene = Scene()
        let head = scene.branch()
        let objection = try scene.review(head, by: "bob@wrk.example", .changesRequested)
        try scene.review(head, by: "carol@wrk.example", supersedes: [objection])
        #expect(scene.push(scene.merge(head)).rules == [.pullRequest])
    }

    @Test(arguments: [Review.State.withdrawn, .changesRequested])
    func ofSeveralReviewsTheMostRestrictiveCounts(state: Review.State) throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example", state)
        try scene.review(head, by: "bob@wrk.example")
        #expect(scene.push(scene.merge(head)).rules == [.pullRequest])
    }

    @Test func approvalsForAnotherTargetOrRepositoryDoNotCount() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example", target: "refs/heads/other")
        try scene.review(head, by: "carol@wrk.example", repository: "wrk/elsewhere")
        #expect(scene.push(scene.merge(head)).rules == [.pullRequest])
    }

    @Test func removedKeysDoNotCount() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        scene.policy.signers.entries.removeAll { $0.principal == "bob@wrk.example" }
        let verdict = scene.push(scene.merge(head))
        #expect(verdict.rules == [.pullRequest])
    }

    @Test func twoApprovalsAreOfTwoPeople() throws {
        let scene = Scene {
            var rule = PullRequestRule()
            rule.requiredApprovingReviewCount = 2
            $0.pullRequest = rule
        }
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        try scene.review(head, by: "bob@wrk.example")
        #expect(scene.push(scene.merge(head)).rules == [.pullRequest])
        try scene.review(head, by: "carol@wrk.example")
        #expect(scene.push(scene.merge(head)).outcome == .allowed)
    }

    @Test func aRebaseOverOtherFilesKeepsItsReviews() throws {
        for carryOver in PullRequestRule.CarryOver.allCases {
            let scene = Scene {
                var rule = PullRequestRule()
                rule.carryOver = carryOver
                $0.pullRequest = rule
            }
            let old = scene.branch()
            try scene.review(old, by: "bob@wrk.example")
            var files = scene.files
            files["lib/b.py"] = "b2"
            let upstream = scene.branch("a", by: "carol@wrk.example")
            let moved = scene.picture.commit(files, parents: [scene.tip], by: "carol@wrk.example")
            _ = upstream
            scene.picture.refs[Scene.master] = moved
            files["lib/a.py"] = "a2"
            let rebased = scene.picture.commit(files, parents: [moved])
            let verdict = scene.push(scene.merge(rebased, files, onto: moved))
            #expect((verdict.outcome == .allowed) == (carryOver == .equalDiff))
        }
    }

    @Test func carryingOverDoesNotHideWhoWroteTheReviewedHead() throws {
        let scene = Scene()
        let written = scene.branch(by: "bob@wrk.example")
        try scene.review(written, by: "bob@wrk.example")
        let forged = scene.branch(by: "carol@wrk.example")
        #expect(scene.push(scene.merge(forged)).rules == [.pullRequest])
    }

    /// The same difference, but nobody can say what landed since.
    @Test func aReviewOnABaseThatIsNotOnTheBranchDoesNotCount() throws {
        let scene = Scene()
        let head = scene.branch()
        let elsewhere = scene.picture.commit(
            scene.files.merging(["x": "y"]) { $1 }, parents: [scene.tip], by: "carol@wrk.example")
        try scene.review(head, by: "bob@wrk.example", base: elsewhere)
        #expect(scene.push(scene.merge(head)).rules == [.pullRequest])
        try scene.review(head, by: "bob@wrk.example")
        #expect(scene.push(scene.merge(head)).outcome == .allowed)
    }

    /// What a review says of its head is computed again.
    @Test func aReviewThatNamesAnotherDifferenceDoesNotCarryOver() throws {
        let scene = Scene()
        let harmless = scene.branch("a2")
        let harmful = scene.branch("a3")
        let claimed = try Change(head: harmful, onto: scene.tip, in: scene.picture).digest
        try scene.notary.say(
            .review(
                Review(
                    state: .approved, targetRef: Scene.master, base: scene.tip,
                    changeDigest: claimed, createdOn: "2026-11-23T09:00:00Z")),
            about: harmless, as: "bob@wrk.example")
        let landing = scene.merge(harmful, scene.edited("a3"))
        #expect(scene.push(landing).rules == [.pullRequest])
        try scene.review(harmful, by: "bob@wrk.example")
        #expect(scene.push(landing).outcome == .allowed)
    }

    @Test func anApprovalIsSpentByItsLanding() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        let landed = scene.merge(head)
        let reverted = scene.picture.commit(
            scene.files, parents: [landed], by: "carol@wrk.example", message: "Revert\n")
        scene.picture.refs[Scene.master] = reverted
        let again = scene.branch(from: reverted)
        let verdict = scene.push(scene.merge(again, onto: reverted))
        #expect(verdict.rules == [.pullRequest])
        #expect(
            verdict.findings.contains {
                $0.remedies.contains { "\($0)".contains("spent") }
            })
    }

    @Test func landingTheUpperOfTwoChangesSpendsTheApprovalOfTheLower() throws {
        let scene = Scene()
        let lower = scene.branch()
        try scene.review(lower, by: "bob@wrk.example")
        let upper = scene.picture.commit(scene.edited("a3"), parents: [lower])
        try scene.review(upper, by: "bob@wrk.example")
        scene.keptHeads = scene.picture.commit([:], parents: [scene.root, upper])
        let landed = scene.picture.commit(
            scene.edited("a3"), parents: [scene.tip], by: "carol@wrk.example",
            message: "Change a\n\nGate-Head: \(upper.hex)\n")
        #expect(scene.push(landed).outcome == .allowed)
        let reverted = scene.picture.commit(
            scene.files, parents: [landed], by: "carol@wrk.example", message: "Revert\n")
        scene.picture.refs[Scene.master] = reverted
        #expect(scene.push(scene.merge(lower, onto: reverted)).rules == [.pullRequest])
    }

    @Test func anApprovalIsOfOneDifferenceAlsoOnItsOwnHead() throws {
        // b stands on a; approved as both. a lands, and is reverted: b alone is another change.
        let scene = Scene()
        let lower = scene.branch()
        let upper = scene.picture.commit(
            scene.edited().merging(["lib/c.py": "c"]) { $1 }, parents: [lower])
        try scene.review(lower, by: "bob@wrk.example")
        try scene.review(upper, by: "bob@wrk.example")
        let landed = scene.merge(lower)
        #expect(scene.push(landed).outcome == .allowed)
        let reverted = scene.picture.commit(
            scene.files, parents: [landed], by: "carol@wrk.example", message: "Revert\n")
        scene.picture.refs[Scene.master] = reverted
        let landing = scene.merge(
            upper, scene.files.merging(["lib/c.py": "c"]) { $1 }, onto: reverted)
        #expect(scene.push(landing).rules == [.pullRequest])
        try scene.review(upper, by: "carol@wrk.example", base: reverted)
        scene.picture.refs[Scene.master] = reverted
        #expect(
            scene.push(
                scene.merge(
                    upper, scene.files.merging(["lib/c.py": "c"]) { $1 }, onto: reverted,
                    by: "bob@wrk.example")
            ).outcome == .allowed)
    }

    @Test func landingAChangeAmongOtherThingsSpendsItsApproval() throws {
        let scene = Scene()
        let small = scene.branch()
        try scene.review(small, by: "bob@wrk.example")
        let amended = scene.edited().merging(["lib/c.py": "c"]) { $1 }
        let large = scene.picture.commit(amended, parents: [scene.tip])
        try scene.review(large, by: "bob@wrk.example")
        let landed = scene.merge(large, amended)
        #expect(scene.push(landed).outcome == .allowed)
        let reverted = scene.picture.commit(
            scene.files, parents: [landed], by: "carol@wrk.example", message: "Revert\n")
        scene.picture.refs[Scene.master] = reverted
        #expect(scene.push(scene.merge(small, onto: reverted)).rules == [.pullRequest])
    }
}
