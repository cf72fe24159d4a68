import Evidence
import GitObjects
import History
import Policy
import Testing

@testable import Enforcement

/// The policy protects itself, whatever its rulesets say.
@Suite struct PolicyGuardTests {
    private func policyChange(_ scene: Scene, by author: String = "alice@wrk.example") -> ObjectID {
        scene.picture.commit(
            scene.files.merging(["policies/master.yml": "x"]) { $1 }, parents: [scene.tip],
            by: author)
    }

    @Test(arguments: ["policies/master.yml", "policies/deep/x", "CODEOWNERS", ".github/CODEOWNERS"])
    func policyChangesAreReviewedWithoutAnyRule(path: String) throws {
        let scene = Scene { _ in }
        let head = scene.picture.commit(
            scene.files.merging([path: "x"]) { $1 }, parents: [scene.tip])
        #expect(scene.push(head).rules == [.policy])
        try scene.review(head, by: "bob@wrk.example")
        #expect(scene.push(head).outcome == .allowed)
        let harmless = scene.branch()
        #expect(scene.push(harmless).outcome == .allowed)
    }

    @Test func policyChangesComeLast() throws {
        let scene = Scene()
        let head = policyChange(scene)
        try scene.review(head, by: "bob@wrk.example")
        let next = scene.picture.commit(
            scene.edited().merging(["policies/master.yml": "x"]) { $1 }, parents: [head],
            by: "alice@wrk.example")
        try scene.review(next, by: "bob@wrk.example", base: head)
        #expect(scene.push(next).rules.contains(.policy))
        #expect(scene.push(head).outcome == .allowed)
    }

    @Test func noLandingLeavesAnInvalidPolicy() throws {
        let scene = Scene()
        let head = policyChange(scene)
        try scene.review(head, by: "bob@wrk.example")
        scene.resultingPolicy = .failure(
            InvalidPolicy([
                Diagnostic(
                    SourceLocation(file: "policies/master.yml", line: 2, column: 3),
                    "unknown key \"inlude\"", hint: "include")
            ]))
        #expect(scene.push(head).rules == [.policy])
        #expect(scene.push(head).text.contains("policies/master.yml:2:3"))
    }

    @Test func theDefaultBranchIsNeverDeletedAndNeverLeavesTheTrustedCommit() {
        let scene = Scene { _ in }
        #expect(scene.push(.zero).rules == [.policy])
        let orphan = scene.picture.commit(["README": "r"])
        #expect(scene.push(orphan).rules.contains(.policy))
        #expect(scene.push(orphan).text.contains("does not descend from \(scene.root.short)"))
        scene.picture.refs[Scene.master] = nil
        #expect(scene.push(orphan).text.contains("starts refs/heads/master anew"))
    }

    @Test func aForcedPushDoesNotBringAnotherPolicy() {
        let scene = Scene { _ in }
        let head = scene.picture.commit(
            ["README": "r", "policies/master.yml": "x"], parents: [scene.root])
        #expect(scene.push(head).rules == [.policy])
        let harmless = scene.picture.commit(["README": "r"], parents: [scene.root])
        #expect(scene.push(harmless).outcome == .allowed)
    }

    @Test func aBypassOfTheRulesetDoesNotSpareThePolicyItsReview() throws {
        let scene = Scene()
        let head = policyChange(scene, by: "bob@wrk.example")
        try scene.notary.say(
            .bypass(
                Bypass(
                    ref: Scene.master, old: scene.tip, new: head, ruleset: "master",
                    reason: "let me in")),
            about: head, as: "alice@wrk.example")
        #expect(scene.push(head).rules == [.policy])
        try scene.review(head, by: "carol@wrk.example")
        #expect(scene.push(head).outcome == .allowed)
    }
}
