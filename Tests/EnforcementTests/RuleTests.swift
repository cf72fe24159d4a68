import Evidence
import GitObjects
import History
import Testing

@testable import Enforcement
@testable import Policy

/// Each rule refuses one push and lets its neighbour pass; switched off, it lets both pass.
@Suite struct RuleTests {
    @Test func deletion() {
        let scene = Scene { $0.deletion = true }
        scene.policy.rulesets[0].include = [RefPattern("refs/heads/release/*")]
        scene.picture.refs["refs/heads/release/1"] = scene.tip
        #expect(scene.push(.zero, to: "refs/heads/release/1").rules == [.deletion])
        scene.policy.rulesets[0].rules.deletion = false
        #expect(scene.push(.zero, to: "refs/heads/release/1").outcome == .allowed)
    }

    @Test func creation() {
        let scene = Scene { $0.creation = true }
        scene.policy.rulesets[0].include += [RefPattern("refs/heads/release/*")]
        let elsewhere = scene.branch()
        #expect(scene.push(elsewhere, to: "refs/heads/release/1").rules == [.creation])
        #expect(scene.push(scene.tip, to: "refs/heads/release/1").outcome == .allowed)
        #expect(scene.push(scene.root, to: "refs/heads/release/1").outcome == .allowed)
        scene.policy.rulesets[0].rules.creation = false
        #expect(scene.push(elsewhere, to: "refs/heads/release/1").outcome == .allowed)
    }

    @Test func aNewProtectedBranchIsNotExemptFromReview() throws {
        let scene = Scene()
        scene.policy.rulesets[0].include += [RefPattern("refs/heads/release/*")]
        let head = scene.branch()
        #expect(scene.push(head, to: "refs/heads/release/1").rules == [.pullRequest])
        try scene.review(head, by: "bob@wrk.example", target: "refs/heads/release/1")
        #expect(scene.push(head, to: "refs/heads/release/1").outcome == .allowed)
        let orphan = scene.picture.commit(["x": "y"])
        #expect(scene.push(orphan, to: "refs/heads/release/2").rules == [.pullRequest])
    }

    @Test func aBranchThatIsHardlyGuardedIsNoPlaceToStartAReviewedOneFrom() throws {
        let scene = Scene {
            $0.creation = true
            $0.pullRequest = PullRequestRule()
        }
        scene.policy.rulesets[0].include += [RefPattern("refs/heads/release/*")]
        var weak = scene.policy.rulesets[0]
        weak.name = "sizes"
        weak.include = [RefPattern("refs/heads/**")]
        weak.rules = Rules()
        weak.rules.maxFileSize = MaxFileSizeRule(bytes: 1000)
        scene.policy.rulesets.append(weak)
        let evil = scene.branch()
        scene.picture.refs["refs/heads/topic"] = evil
        #expect(
            scene.push(evil, to: "refs/heads/release/1").rules == [.creation, .pullRequest])
        #expect(scene.push(scene.tip, to: "refs/heads/release/1").outcome == .allowed)
    }

    @Test func aBranchThatAsksForLessIsNoPlaceToStartOneFromThatAsksForMore() throws {
        let scene = Scene()
        var strict = scene.policy.rulesets[0]
        strict.name = "release"
        strict.include = [RefPattern("refs/heads/release/*")]
        strict.rules.pullRequest?.requiredApprovingReviewCount = 2
        var dev = scene.policy.rulesets[0]
        dev.name = "dev"
        dev.include = [RefPattern("refs/heads/dev/*")]
        scene.policy.rulesets += [strict, dev]
        let landed = scene.branch()
        scene.picture.refs["refs/heads/dev/x"] = landed
        #expect(scene.push(landed, to: "refs/heads/release/1").rules == [.pullRequest])
        #expect(scene.push(scene.tip, to: "refs/heads/release/1").outcome == .allowed)
    }

    @Test func nonFastForward() {
        let scene = Scene { $0.nonFastForward = true }
        #expect(scene.push(scene.root).rules == [.nonFastForward])
        #expect(scene.push(scene.branch()).outcome == .allowed)
        scene.policy.rulesets[0].rules.nonFastForward = false
        #expect(scene.push(scene.root).outcome == .allowed)
    }

    @Test func requiredStatusChecks() throws {
        let scene = Scene {
            $0.requiredStatusChecks = RequiredStatusChecksRule(
                checks: ["pylint", "unit"], signers: ["ci"])
        }
        let head = scene.branch()
        let landing = scene.merge(head)
        #expect(scene.push(landing).rules == [.requiredStatusChecks])
        try scene.check("pylint", on: head)
        try scene.check("unit", on: head, .failed)
        #expect(scene.push(landing).text.contains("unit failed"))
        try scene.check("unit", on: head, by: "alice@wrk.example")
        try scene.check("unit", on: head, definition: String(repeating: "0", count: 64))
        #expect(scene.push(landing).rules == [.requiredStatusChecks])
        try scene.check("unit", on: head, repository: "wrk/other")
        #expect(scene.push(landing).rules == [.requiredStatusChecks])
        try scene.check("unit", on: head)
        #expect(scene.push(landing).outcome == .allowed)
    }

    @Test func mergeResultIsTestedWhereItIsAskedFor() throws {
        let scene = Scene {
            $0.requiredStatusChecks = RequiredStatusChecksRule(
                checks: ["unit"], tested: .mergeResult, signers: ["ci"])
        }
        var files = scene.files
        files["NEW"] = "n"
        let side = scene.picture.commit(["README": "r", "NEW": "n"], parents: [scene.root])
        let landing = scene.merge(side, files)
        try scene.check("unit", on: side)
        #expect(scene.push(landing).rules == [.requiredStatusChecks])
        try scene.check("unit", on: landing)
        #expect(scene.push(landing).outcome == .allowed)
    }

    @Test func commitMessagePattern() throws {
        let pattern = try LinearPattern(parsing: "^[A-Z].{0,71}$")
        let scene = Scene { $0.commitMessagePattern = CommitMessagePatternRule(pattern: pattern) }
        #expect(scene.push(scene.branch(message: "change a\n")).rules == [.commitMessagePattern])
        #expect(scene.push(scene.branch(message: "Change a\n")).outcome == .allowed)
    }

    @Test func filePathRestriction() throws {
        let scene = Scene {
            $0.filePathRestriction = FilePathRestrictionRule(
                forbid: [PathPattern("**/*.pem"), PathPattern(".env")])
        }
        func adding(_ path: String) -> ObjectID {
            scene.picture.commit(scene.files.merging([path: "x"]) { $1 }, parents: [scene.tip])
        }
        #expect(scene.push(adding("a/b/key.pem")).rules == [.filePathRestriction])
        #expect(scene.push(adding(".env")).rules == [.filePathRestriction])
        #expect(scene.push(adding("a/.env")).outcome == .allowed)
        let removedAgain = scene.picture.commit(scene.files, parents: [adding("key.pem")])
        #expect(scene.push(removedAgain).rules == [.filePathRestriction])
    }

    @Test func sizesAndLengths() {
        let scene = Scene {
            $0.maxFileSize = MaxFileSizeRule(bytes: 3)
            $0.maxFilePathLength = MaxFilePathLengthRule(bytes: 10)
        }
        func adding(_ path: String, _ content: String) -> ObjectID {
            scene.picture.commit(scene.files.merging([path: content]) { $1 }, parents: [scene.tip])
        }
        #expect(scene.push(adding("x", "abcd")).rules == [.maxFileSize])
        #expect(scene.push(adding("x", "abc")).outcome == .allowed)
        #expect(scene.push(adding("abcdefghijk", "a")).rules == [.maxFilePathLength])
        #expect(scene.push(adding("abcdefghij", "a")).outcome == .allowed)
        let hidden = scene.picture.commit(scene.files, parents: [adding("x", "abcd")])
        #expect(scene.push(hidden).rules == [.maxFileSize])
    }

    @Test func requiredSignaturesAndLinearHistory() {
        let signed = Scene { $0.requiredSignatures = true }
        #expect(signed.push(signed.branch()).rules == [.requiredSignatures])
        let linear = Scene { $0.requiredLinearHistory = true }
        let head = linear.branch()
        #expect(linear.push(linear.merge(head)).rules == [.requiredLinearHistory])
        #expect(linear.push(head).outcome == .allowed)
    }

    /// A file that was there before its kind was forbidden comes into a branch by a merge; only
    /// another version of it is brought. However many paths differ, by either way to find out.
    @Test(arguments: [0, 300])
    func aMergeBringsWhatNoParentHas(others: Int) {
        let scene = Scene {
            $0.filePathRestriction = FilePathRestrictionRule(forbid: [PathPattern("**/*.pem")])
        }
        var files = scene.files.merging(["old.pem": "1", "lib/key.pem/readme": "1"]) { $1 }
        for number in 0..<others { files["more/\(number)"] = "1" }
        let tip = scene.picture.commit(files, parents: [scene.tip])
        scene.picture.refs[Scene.master] = tip
        let branch = scene.picture.commit(scene.edited(), parents: [scene.tip])
        func merge(_ change: Picture.Files) -> UpdateVerdict {
            var result = files.merging(["lib/a.py": "a2"]) { $1 }
            result["lib/key.pem/readme"] = nil
            result.merge(change) { $1 }
            return scene.push(scene.picture.commit(result, parents: [branch, tip]))
        }
        #expect(merge([:]).outcome == .allowed)
        #expect(merge(["old.pem": "2"]).rules == [.filePathRestriction])
        #expect(merge(["lib/key.pem": "1"]).rules == [.filePathRestriction])
        #expect(merge(["new.pem": "1"]).rules == [.filePathRestriction])
    }

    @Test func evaluateReportsAndLetsPass() {
        let scene = Scene()
        scene.policy.rulesets[0].enforcement = .evaluate
        let verdict = scene.push(scene.branch())
        #expect(verdict.outcome == .allowed)
        #expect(verdict.observations.map(\.rule) == [.pullRequest])
    }

    @Test func aBypassLiftsItsOwnRulesetForItsOwnUpdate() throws {
        let scene = Scene()
        let head = scene.branch(by: "bob@wrk.example")
        func bypass(
            _ person: String, old: ObjectID, ruleset: String = "master",
            ref: RefName = Scene.master
        ) throws {
            try scene.notary.say(
                .bypass(
                    Bypass(ref: ref, old: old, new: head, ruleset: ruleset, reason: "outage")),
                about: head, as: person)
        }
        try bypass("bob@wrk.example", old: scene.tip)
        try bypass("alice@wrk.example", old: scene.root)
        try bypass("alice@wrk.example", old: scene.tip, ruleset: "other")
        try bypass("alice@wrk.example", old: scene.tip, ref: "refs/heads/other")
        #expect(scene.push(head).rules == [.pullRequest])
        try bypass("alice@wrk.example", old: scene.tip)
        let verdict = scene.push(head)
        #expect(verdict.outcome == .allowed)
        #expect(verdict.bypasses.map(\.principal) == ["alice@wrk.example"])
    }

    @Test(arguments: [
        "refs/gate/heads/x", "refs/gate/deployed", "refs/gate", "refs/notes", "refs/notes/gate/x",
        "refs/replace/abc", "refs/gate/trusted", "HEAD",
    ])
    func reservedNamesAreRefused(name: String) {
        let scene = Scene()
        #expect(scene.push(scene.tip, to: RefName(name)).rules == [.reservedRef])
    }

    @Test(arguments: [
        "refs/heads/refs/heads/master", "refs/heads/HEAD", "refs/heads/Master",
        "refs/heads/master-and-commander", "refs/tags/master", "refs/notes/gateway",
    ])
    func namesThatOnlyLookLikeItAreNotProtected(name: String) {
        let scene = Scene()
        #expect(scene.push(scene.branch(), to: RefName(name)).outcome == .allowed)
    }

    @Test func symbolicRefsAreJudgedAsWhatTheyMove() {
        let scene = Scene()
        scene.picture.symbolicRefs["refs/heads/alias"] = Scene.master
        let update = RefUpdate(ref: "refs/heads/alias", old: scene.tip, new: scene.branch())
        #expect(scene.push([update]).updates[0].rules == [.pullRequest])
        let twice = scene.push([
            update, RefUpdate(ref: Scene.master, old: scene.tip, new: scene.branch()),
        ])
        #expect(twice.updates[1].rules.contains(.reservedRef))
    }

    @Test func aPushOfWhatMovedMeanwhileIsNotJudged() {
        let scene = Scene { _ in }
        let head = scene.branch()
        #expect(scene.push(head).outcome == .allowed)
        let stale = RefUpdate(ref: Scene.master, old: scene.root, new: head)
        guard case .undetermined(let error) = scene.push([stale]).updates[0].outcome else {
            Issue.record("judged against what is there no more")
            return
        }
        #expect(error.kind == .contended)
    }

    @Test func codeOwners() throws {
        let scene = Scene {
            var rule = PullRequestRule()
            rule.requireCodeOwnerReview = true
            $0.pullRequest = rule
        }
        let head = scene.branch()
        let landing = scene.merge(head)
        try scene.review(head, by: "carol@wrk.example")
        #expect(scene.push(landing).text.contains("no CODEOWNERS"))
        scene.policy.codeOwners = owners("* @carol\n/lib/ @bob\n")
        #expect(scene.push(landing).text.contains("lib/a.py belongs to bob"))
        try scene.review(head, by: "bob@wrk.example")
        #expect(scene.push(landing).outcome == .allowed)
        scene.policy.codeOwners = owners("* @nobody\n")
        #expect(scene.push(landing).text.contains("@nobody"))
    }

    /// Who signs test results approves nothing, also what they own.
    @Test func anOwnerWhoSignsChecks() throws {
        let scene = Scene {
            var rule = PullRequestRule()
            rule.requireCodeOwnerReview = true
            $0.pullRequest = rule
            $0.requiredStatusChecks = RequiredStatusChecksRule(checks: ["unit"], signers: ["ci"])
        }
        scene.policy.codeOwners = owners("* ci@wrk.example bob@wrk.example\n")
        let head = scene.branch()
        let landing = scene.merge(head)
        try scene.check("unit", on: head)
        try scene.review(head, by: "carol@wrk.example")
        try scene.review(head, by: "ci@wrk.example")
        #expect(scene.push(landing).rules == [.pullRequest])
        try scene.review(head, by: "bob@wrk.example")
        #expect(scene.push(landing).outcome == .allowed)
    }

    private func owners(_ text: String) -> CodeOwners {
        CodeOwners(
            reading: Array(text.utf8), at: "CODEOWNERS",
            PolicyFile(file: "CODEOWNERS", log: DiagnosticLog()))
    }
}
