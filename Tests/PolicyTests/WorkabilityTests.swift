import GitObjects
import Testing

@testable import Policy

/// A policy is valid only if another landing is possible under it, whoever made the change.
@Suite struct Workability {
    static func people(engineering: String, ci: String = "ci@wrk.example") -> String {
        """
        repository: wrk/system
        teams: {engineering: [\(engineering)], ci: [\(ci)], release-managers: []}
        """
    }

    @Test(arguments: [
        // reviewers in the team, count, whether another landing is possible
        ("alice@wrk.example", 1, false),
        ("alice@wrk.example, bob@wrk.example", 1, true),
        ("alice@wrk.example, bob@wrk.example", 2, false),
        ("alice@wrk.example, bob@wrk.example, carol@wrk.example", 2, true),
        ("alice@wrk.example, bob@wrk.example, carol@wrk.example", 3, false),
        // A change of the policy is reviewed whatever the count.
        ("alice@wrk.example", 0, false),
        ("alice@wrk.example, bob@wrk.example", 0, true),
        // A check signer does not count.
        ("alice@wrk.example, ci@wrk.example", 1, false),
        ("", 1, false),
    ])
    func enoughReviewers(_ team: String, _ count: Int, _ isWorkable: Bool) {
        let master = Fixture.replacing("count: 1", with: "count: \(count)", in: Fixture.master)
        let problems = Fixture.problems(
            Fixture.files([
                "policies/people.yml": Self.people(engineering: team),
                "policies/master.yml": master,
            ]))
        #expect(problems.isEmpty == isWorkable, "\(problems)")
        if !isWorkable {
            #expect(problems[0].hasPrefix("policies/master.yml:11:7: "), "\(problems)")
            #expect(problems[0].contains("too few: "), "\(problems)")
        }
    }

    @Test func emptySignerTeam() {
        let problems = Fixture.problems(
            Fixture.files([
                "policies/people.yml": Self.people(
                    engineering: "alice@wrk.example, bob@wrk.example", ci: "")
            ]))
        #expect(problems.count == 1)
        #expect(
            problems[0].contains("master.yml:17:7: no check could ever pass: ci has no members"))
    }

    @Test(arguments: [
        (RulesetEnforcement.active, false), (.evaluate, false), (.disabled, true),
    ])
    func enforcementDecides(_ enforcement: RulesetEnforcement, _ isWorkable: Bool) {
        let text = Fixture.replacing("count: 1", with: "count: 9", in: Fixture.master)
        let problems = Fixture.problems(
            Fixture.files([
                "policies/master.yml": Fixture.replacing(
                    "active", with: enforcement.rawValue, in: text)
            ]))
        #expect(problems.isEmpty == isWorkable, "\(problems)")
    }

    @Test func onePersonAloneCannotChangeThePolicy() {
        let problems = Fixture.problems(
            Fixture.files([
                "policies/master.yml":
                    "rulesets: [{name: x, include: [refs/heads/x], rules: {deletion: {}}}]",
                "policies/people.yml": "repository: a",
                "policies/allowed_signers": "alice@wrk.example \(Fixture.aliceKey)",
            ]))
        #expect(problems.count == 1)
        #expect(
            problems[0].hasPrefix("policies/master.yml:1:12: nobody could review"), "\(problems)")
    }

    @Test func eligibleReviewers() throws {
        let policy = try Policy.read(Fixture.files())
        var rule = PullRequestRule()
        // Everybody but the check signers.
        #expect(
            policy.eligibleReviewers(for: rule) == [
                "alice@wrk.example", "bob@wrk.example", "carol@wrk.example",
            ])
        rule.reviewers = ["release-managers", "bob@wrk.example", "ci"]
        #expect(policy.eligibleReviewers(for: rule) == ["alice@wrk.example", "bob@wrk.example"])
        #expect(policy.checkSigners() == ["ci@wrk.example"])
    }

    /// What an author may do is decided by everybody else: for each of them enough must remain.
    @Test(arguments: 0...4, 0...3)
    func forEveryAuthorEnoughRemain(_ reviewers: Int, _ count: Int) throws {
        let names: [Principal] = ["a", "b", "c", "d"]
        let eligible = Set(names.prefix(reviewers))
        let needed = max(count, 1)
        let isWorkable =
            !eligible.isEmpty
            && eligible.allSatisfy { eligible.subtracting([$0]).count >= needed }
        var rules = Rules()
        var rule = PullRequestRule()
        rule.requiredApprovingReviewCount = count
        rule.reviewers = eligible.map(\.name)
        rules.pullRequest = rule
        let location = SourceLocation(file: "policies/x.yml", line: 1, column: 1)
        let policy = Policy(
            rulesets: [
                Ruleset(
                    name: "x", include: ["refs/heads/x"].map { RefPattern($0) }, rules: rules,
                    location: location)
            ], checks: [], onPush: [],
            people: People(repository: "r", principals: Set(names)), signers: AllowedSigners(),
            codeOwners: nil)
        let log = DiagnosticLog()
        policy.checkWorkability(log)
        #expect(log.isEmpty == isWorkable)
    }
}
