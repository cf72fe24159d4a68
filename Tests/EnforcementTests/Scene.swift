import Evidence
import GitObjects
import History
import Policy
import Testing

@testable import Enforcement

/// A small server: alice, bob and carol review, ci checks, alice may bypass; master at one landing
/// after its root.
final class Scene {
    let picture = Picture()
    let notary = Notary()
    var policy: Policy
    let root: ObjectID
    let tip: ObjectID
    let files: Picture.Files = ["lib/a.py": "a", "lib/b.py": "b", "README": "r"]
    var keptHeads: ObjectID?
    var resultingPolicy: Result<Policy, InvalidPolicy>

    static let master: RefName = "refs/heads/master"

    init(_ change: (inout Rules) -> Void = { $0.pullRequest = PullRequestRule() }) {
        root = picture.commit(["README": "r"], message: "Start\n")
        tip = picture.commit(files, parents: [root], message: "Add\n")
        picture.refs[Self.master] = tip
        var rules = Rules()
        change(&rules)
        let people = People(
            repository: "wrk/system",
            teams: [
                "engineering": ["alice@wrk.example", "bob@wrk.example", "carol@wrk.example"],
                "ci": ["ci@wrk.example"], "release-managers": ["alice@wrk.example"],
            ],
            aliases: [
                "alice@home.example": "alice@wrk.example", "@bob": "bob@wrk.example",
                "@carol": "carol@wrk.example",
            ],
            outsiders: ["*@bots.example"],
            principals: Set(Notary.people.map { Principal($0) }))
        policy = Policy(
            rulesets: [
                Ruleset(
                    name: "master", include: [RefPattern("refs/heads/master")], rules: rules,
                    bypass: ["release-managers"],
                    location: SourceLocation(file: "policies/master.yml", line: 1, column: 1))
            ],
            checks: [
                CheckDefinition(name: "pylint", run: "pylint ."),
                CheckDefinition(name: "unit", run: "pytest"),
            ], onPush: [], people: people, signers: notary.signers, codeOwners: nil)
        resultingPolicy = .success(policy)
    }

    var judge: Judge {
        Judge(
            governing: GoverningPolicy(
                policy: policy, commit: tip, defaultBranch: Self.master, trusted: root),
            history: picture, references: picture, evidence: notary,
            policies: FixedPolicies(result: resultingPolicy), keptHeads: keptHeads,
            guardEvidence: { _ in [] })
    }

    /// The verdict on moving master, or another ref, to a commit.
    func push(_ new: ObjectID, to ref: RefName = Scene.master) -> UpdateVerdict {
        push([RefUpdate(ref: ref, old: picture.refs[ref] ?? .zero, new: new)]).updates[0]
    }

    func push(_ updates: [RefUpdate]) -> Verdict { judge.judge(updates) }

    /// A branch of one commit by alice that edits `lib/a.py`.
    func branch(
        _ content: String = "a2", by author: String = "alice@wrk.example",
        from base: ObjectID? = nil, message: String = "Change a\n"
    ) -> ObjectID {
        picture.commit(
            edited(content), parents: [base ?? tip], by: author, message: message)
    }

    func edited(_ content: String = "a2") -> Picture.Files {
        files.merging(["lib/a.py": content]) { $1 }
    }

    /// The clean merge of `head`, with these files, by carol.
    func merge(
        _ head: ObjectID, _ files: Picture.Files? = nil, onto: ObjectID? = nil,
        by author: String = "carol@wrk.example"
    ) -> ObjectID {
        picture.commit(
            files ?? edited(), parents: [onto ?? tip, head], by: author,
            message: "Merge change\n")
    }

    @discardableResult
    func review(
        _ head: ObjectID, by person: String, _ state: Review.State = .approved,
        base: ObjectID? = nil, target: RefName = Scene.master, supersedes: [LineDigest] = [],
        repository: String = "wrk/system"
    ) throws -> LineDigest {
        let change = try Change(head: head, onto: base ?? tip, in: picture)
        return try notary.say(
            .review(
                Review(
                    state: state, targetRef: target, base: base ?? tip,
                    changeDigest: change.digest, supersedes: supersedes,
                    createdOn: "2026-11-23T09:00:00Z")),
            about: head, as: person, repository: repository)
    }

    func check(
        _ name: String, on commit: ObjectID, _ result: TestResult.Result = .passed,
        by person: String = "ci@wrk.example", definition: String? = nil,
        repository: String = "wrk/system"
    ) throws {
        let digest = try #require(policy.check(named: name)).digest
        try notary.say(
            .testResult(
                TestResult(result: result, check: name, definition: definition ?? digest)),
            about: try picture.commit(commit).tree, as: person, kind: .tree,
            repository: repository)
    }
}

struct FixedPolicies: PolicyHistory {
    let result: Result<Policy, InvalidPolicy>

    func policy(at commit: ObjectID) throws(GitError) -> Result<Policy, InvalidPolicy> { result }
}

extension UpdateVerdict {
    /// The rules that refused, each once, in order.
    var rules: [RuleName] {
        findings.map(\.rule).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    var text: String { findings.map(\.problem).joined(separator: "; ") }
}
