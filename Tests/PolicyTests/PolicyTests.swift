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

@Suite struct CheckDefinitions {
    /// Computed with Python's json and hashlib, see docs/reference/evidence.md.
    @Test func digests() {
        let mypy = CheckDefinition(
            name: "mypy", run: "mypy \"a\"\n", paths: [PathPattern("**/*.py"), PathPattern("é")],
            keep: [".mypy_cache"], timeout: 300)
        #expect(mypy.digest == "8efe8ab1e15cf4db73900f9e0b6e495ea8889134997a8922c165d68f62b12a46")
        let unit = CheckDefinition(name: "unit", run: "pytest", report: .junit)
        #expect(unit.digest == "626d3d49055fdeff0685d0a44dfd7ec41b2d968b01a0e7bb85d0b7d5c15b62e2")
    }
}
