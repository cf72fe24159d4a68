import Evidence
import GitObjects
import History
import Policy
import Testing

@testable import Enforcement

/// The three methods, and what is none of them.
@Suite struct LandingTests {
    @Test func evilMergesNeedAReviewOfTheLandingItself() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        var files = scene.edited()
        files["lib/b.py"] = "backdoor"
        let evil = scene.merge(head, files, by: "carol@wrk.example")
        let verdict = scene.push(evil)
        #expect(verdict.rules == [.pullRequest])
        #expect(verdict.text.contains("hand-made"))
        try scene.review(evil, by: "carol@wrk.example")
        #expect(scene.push(evil).rules == [.pullRequest])
        try scene.review(evil, by: "bob@wrk.example")
        #expect(scene.push(evil).outcome == .allowed)
    }

    @Test func octopusesAreHandMade() throws {
        let scene = Scene()
        let one = scene.branch()
        var other = scene.files
        other["lib/b.py"] = "b2"
        let two = scene.picture.commit(other, parents: [scene.tip])
        other["lib/a.py"] = "a2"
        let octopus = scene.picture.commit(
            other, parents: [scene.tip, one, two], by: "carol@wrk.example")
        try scene.review(one, by: "bob@wrk.example")
        try scene.review(two, by: "bob@wrk.example")
        #expect(scene.push(octopus).text.contains("3 parents"))
    }

    @Test func twoMergeBasesAreHandMade() throws {
        // The change merges master in, keeps its own old version of a fixed file, and master
        // has merged an earlier commit of it: a criss-cross with two merge bases.
        let scene = Scene()
        let first = scene.branch()
        var fixed = scene.files
        fixed["lib/b.py"] = "fixed"
        let fix = scene.picture.commit(fixed, parents: [scene.tip], by: "carol@wrk.example")
        let onMaster = scene.picture.commit(
            fixed.merging(["lib/a.py": "a2"]) { $1 }, parents: [fix, first],
            by: "carol@wrk.example")
        let onBranch = scene.picture.commit(scene.edited(), parents: [first, fix])
        scene.picture.refs[Scene.master] = onMaster
        try scene.review(onBranch, by: "bob@wrk.example", base: onMaster)
        let landing = scene.merge(onBranch, scene.edited(), onto: onMaster)
        #expect(scene.push(landing).text.contains("2 merge bases"))
    }

    @Test func swappedParentsAreNamed() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        let swapped = scene.picture.commit(scene.edited(), parents: [head, scene.tip])
        #expect(scene.push(swapped).text.contains("swapped"))
    }

    @Test func eachLandingOfAPushIsJudged() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        let landing = scene.merge(head)
        let second = scene.picture.commit(scene.edited("a3"), parents: [landing])
        let verdict = scene.push(second)
        #expect(verdict.rules == [.pullRequest])
        #expect(verdict.findings.allSatisfy { $0.commit == second })
    }

    @Test func aSquashNamesAKeptHead() throws {
        let scene = Scene()
        let first = scene.branch()
        let head = scene.picture.commit(scene.edited("a3"), parents: [first])
        try scene.review(head, by: "bob@wrk.example")
        let squash = scene.picture.commit(
            scene.edited("a3"), parents: [scene.tip], by: "carol@wrk.example",
            message: "Change a\n\nGate-Head: \(head.hex)\n")
        #expect(scene.push(squash).text.contains("not kept"))
        scene.keptHeads = scene.picture.commit([:], parents: [scene.root, head])
        let verdict = scene.push(squash)
        #expect(verdict.outcome == .allowed)
        #expect(verdict.landings.first?.method == .squash)
    }

    @Test func aSquashWithAnExtraEditIsHandMade() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        scene.keptHeads = scene.picture.commit([:], parents: [scene.root, head])
        let squash = scene.picture.commit(
            scene.edited("evil"), parents: [scene.tip], by: "carol@wrk.example",
            message: "Change a\n\nGate-Head: \(head.hex)\n")
        #expect(scene.push(squash).text.contains("hand-made"))
    }

    @Test(arguments: ["Gate-Head: 12\n", "Gate-Head: HEAD\nGate-Head: HEAD\n"])
    func anAmbiguousHeadIsNoHead(trailer: String) throws {
        let scene = Scene()
        let squash = scene.picture.commit(
            scene.edited(), parents: [scene.tip], message: "Change a\n\n\(trailer)")
        #expect(scene.push(squash).rules == [.pullRequest])
    }

    @Test func aSquashWithoutTrailerIsKnownByItsDigest() throws {
        let scene = Scene()
        let first = scene.branch("half")
        let head = scene.picture.commit(scene.edited(), parents: [first])
        try scene.review(head, by: "bob@wrk.example")
        let squash = scene.picture.commit(
            scene.edited(), parents: [scene.tip], by: "carol@wrk.example")
        #expect(scene.push(squash).rules == [.pullRequest])
        scene.keptHeads = scene.picture.commit([:], parents: [scene.root, head])
        #expect(scene.push(squash).outcome == .allowed)
    }

    @Test func aFastForwardIsOneReviewedCommit() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        let verdict = scene.push(head)
        #expect(verdict.outcome == .allowed)
        #expect(verdict.landings.first?.method == .fastForward)
    }

    @Test func aFastForwardOfSeveralCommitsNeedsEachReviewed() throws {
        // A harmful commit added and removed inside one change, put on the first-parent line.
        let scene = Scene()
        let harmful = scene.branch("harmful")
        let head = scene.picture.commit(scene.edited(), parents: [harmful])
        try scene.review(head, by: "bob@wrk.example")
        let verdict = scene.push(head)
        #expect(verdict.rules == [.pullRequest])
        #expect(verdict.findings.contains { $0.commit == harmful })
    }

    @Test(arguments: MergeMethod.allCases)
    func onlyAllowedMethodsLand(method: MergeMethod) throws {
        let scene = Scene {
            var rule = PullRequestRule()
            rule.allowedMergeMethods = [method]
            $0.pullRequest = rule
        }
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        scene.keptHeads = scene.picture.commit([:], parents: [scene.root, head])
        let squash = scene.picture.commit(
            scene.edited(), parents: [scene.tip], by: "carol@wrk.example",
            message: "Change a\n\nGate-Head: \(head.hex)\n")
        let landings: [MergeMethod: ObjectID] = [
            .merge: scene.merge(head), .squash: squash, .fastForward: head,
        ]
        for (candidate, landing) in landings {
            #expect((scene.push(landing).outcome == .allowed) == (candidate == method))
        }
    }

    @Test func theEvidenceThatALandingNamesExists() throws {
        let scene = Scene()
        let head = scene.branch()
        try scene.review(head, by: "bob@wrk.example")
        let older = scene.picture.commit(["n": "1"])
        let notes = scene.picture.commit(["n": "2"], parents: [older])
        scene.notary.tip = notes
        let unborn = scene.picture.commit(["n": "3"], parents: [notes])
        for (named, isAllowed) in [
            (notes.hex, true), (older.hex, true), (unborn.hex, false), ("HEAD", false),
            ("\(notes.hex)\nGate-Evidence: \(notes.hex)", false),
        ] {
            let landing = scene.picture.commit(
                scene.edited(), parents: [scene.tip, head], by: "carol@wrk.example",
                message: "Merge change\n\nGate-Evidence: \(named)\n")
            #expect((scene.push(landing).outcome == .allowed) == isAllowed)
        }
    }

    @Test func aLongPushIsRefusedByItsFirstLandings() throws {
        let scene = Scene()
        var tip = scene.tip
        for number in 0..<150 {
            tip = scene.picture.commit(scene.edited("\(number)"), parents: [tip])
        }
        let verdict = scene.push(tip)
        #expect(verdict.rules == [.pullRequest])
        #expect(verdict.text.contains("50 landings behind these"))
    }
}
