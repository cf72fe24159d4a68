import GitObjects
import Testing

@testable import Policy

@Suite struct PolicyReading {
    @Test func everythingThatTheContractShows() throws {
        let policy = try Policy.read(Fixture.files())
        let ruleset = try #require(policy.rulesets.first)
        #expect(policy.rulesets.count == 1)
        #expect(ruleset.name == "master")
        #expect(ruleset.enforcement == .active)
        #expect(ruleset.bypass == ["release-managers"])
        let rules = ruleset.rules
        #expect(rules.creation && rules.deletion && rules.nonFastForward)
        #expect(rules.requiredSignatures && rules.requiredLinearHistory)
        let pullRequest = try #require(rules.pullRequest)
        #expect(pullRequest.requiredApprovingReviewCount == 1)
        #expect(pullRequest.reviewers == ["engineering"])
        #expect(pullRequest.carryOver == .equalDiff)
        #expect(pullRequest.allowedMergeMethods == [.merge, .squash, .fastForward])
        let checks = try #require(rules.requiredStatusChecks)
        #expect(checks.checks == ["pylint", "mypy", "unit"])
        #expect(checks.tested == .head)
        #expect(checks.signers == ["ci"])
        #expect(rules.commitMessagePattern?.pattern.text == "^[A-Z].{0,71}$")
        #expect(rules.filePathRestriction?.forbid.map(\.text) == ["**/*.pem", ".env"])
        #expect(rules.maxFileSize?.bytes == 5_000_000)
        #expect(rules.maxFilePathLength?.bytes == 255)
        #expect(rules.locations[.pullRequest]?.line == 11)
        #expect(rules.locations[.pullRequest]?.column == 7)
        #expect(policy.check(named: "pylint")?.timeout == 300)
        #expect(policy.check(named: "mypy")?.keep == [".mypy_cache"])
        #expect(policy.check(named: "unit")?.report == .junit)
        #expect(policy.onPush == ["pylint"])
        #expect(policy.people.repository == "wrk/system")
        #expect(policy.people.principals.count == 4)
        #expect(policy.signers.entries.count == 4)
        #expect(policy.isProtected("refs/heads/master"))
        #expect(!policy.isProtected("refs/heads/master-and-commander"))
        #expect(policy.checkSigners() == ["ci@wrk.example"])
    }
}
