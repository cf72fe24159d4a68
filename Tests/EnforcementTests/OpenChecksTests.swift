import Evidence
import GitObjects
import History
import Policy
import Testing

@testable import Enforcement

/// Which heads and landings lack which results.
@Suite struct OpenChecksTests {
    private static func scene(
        _ tested: RequiredStatusChecksRule.Tested = .head, checks: [String] = ["pylint", "unit"]
    ) -> Scene {
        Scene {
            $0.requiredStatusChecks = RequiredStatusChecksRule(
                checks: checks, tested: tested, signers: ["ci"])
        }
    }

    private func find(
        _ scene: Scene, as signer: Principal? = "ci@wrk.example", retry: Bool = false,
        trusted: ObjectID? = nil,
        merged: @escaping (ObjectID, ObjectID) throws(GitError) -> ObjectID? = {
            _, _ throws(GitError) in nil
        }
    ) throws -> [CheckOrder] {
        let result = try OpenChecks(
            governing: GoverningPolicy(
                policy: scene.policy, commit: scene.tip, defaultBranch: Scene.master,
                trusted: trusted),
            history: scene.picture, references: scene.picture, evidence: scene.notary,
            signer: signer, includesFailed: retry, merged: merged
        ).find()
        #expect(result.unreadable.isEmpty)
        return result.orders
    }

    @Test func aHeadLacksWhatHasNoResult() throws {
        let scene = Self.scene()
        let head = scene.branch()
        scene.picture.refs["refs/heads/fix"] = head
        let orders = try find(scene)
        #expect(orders.map(\.commit) == [head])
        #expect(orders.first?.checks == ["pylint", "unit"])
        #expect(orders.first?.reason == .head("refs/heads/fix", onto: Scene.master))
        #expect(orders.first?.parents == [])
        try scene.check("pylint", on: head)
        #expect(try find(scene).first?.checks == ["unit"])
        try scene.check("unit", on: head)
        #expect(try find(scene).isEmpty)
    }

    @Test func aFailureIsAResultUnlessItIsRetried() throws {
        let scene = Self.scene()
        let head = scene.branch()
        scene.picture.refs["refs/heads/fix"] = head
        try scene.check("pylint", on: head, .failed)
        try scene.check("unit", on: head)
        #expect(try find(scene).isEmpty)
        #expect(try find(scene, retry: true).first?.checks == ["pylint"])
    }

    @Test func onlyResultsThatCount() throws {
        let scene = Self.scene(checks: ["unit"])
        let head = scene.branch()
        scene.picture.refs["refs/heads/fix"] = head
        try scene.check("unit", on: head, by: "alice@wrk.example")
        try scene.check("unit", on: head, definition: String(repeating: "0", count: 64))
        #expect(try find(scene).count == 1)
        // Whoever may not sign them is not sent to run them.
        #expect(try find(scene, as: "alice@wrk.example").isEmpty)
        #expect(try find(scene, as: nil).count == 1)
    }

    @Test func nobodyWaitsFor() throws {
        let scene = Self.scene()
        let other = scene.branch("a3")
        // Landed, a tag, a branch of no history here, the protected branch itself.
        scene.picture.refs["refs/heads/landed"] = scene.tip
        scene.picture.refs["refs/heads/older"] = scene.root
        scene.picture.refs["refs/tags/v1"] = other
        #expect(try find(scene).isEmpty)
        for index in scene.policy.rulesets.indices {
            scene.policy.rulesets[index].enforcement = .evaluate
        }
        scene.picture.refs["refs/heads/fix"] = other
        #expect(try find(scene).isEmpty)
    }

    @Test func oneTreeIsCheckedOnce() throws {
        let scene = Self.scene()
        let one = scene.branch(message: "One\n")
        let two = scene.branch(message: "Two\n")
        scene.picture.refs["refs/heads/one"] = one
        scene.picture.refs["refs/heads/two"] = two
        #expect(one != two)
        #expect(try find(scene).count == 1)
    }

    @Test func landingsSinceTheGateClosed() throws {
        let scene = Self.scene()
        let head = scene.branch()
        let landing = scene.merge(head)
        scene.picture.refs[Scene.master] = landing
        // Watching: nothing has to be proven yet.
        #expect(try find(scene).isEmpty)
        #expect(try find(scene, trusted: landing).isEmpty)
        let orders = try find(scene, trusted: scene.root)
        #expect(orders.map(\.commit) == [landing, scene.tip])
        #expect(orders.first?.reason == .landing(of: Scene.master))
        try scene.check("pylint", on: landing)
        try scene.check("unit", on: landing)
        #expect(try find(scene, trusted: scene.root).map(\.commit) == [scene.tip])
        // A trusted commit that is gone is doctor's business, not a reason to run everything.
        #expect(try find(scene, trusted: ObjectID(bytes: [UInt8](repeating: 9, count: 20))).isEmpty)
    }

    @Test func theMergeResultIsWhatLands() throws {
        let scene = Self.scene(.mergeResult)
        let head = scene.branch("a2", from: scene.root)
        scene.picture.refs["refs/heads/fix"] = head
        let tree = scene.picture.treeID(scene.edited("a2"))
        var asked: [ObjectID] = []
        let merged = { (tip: ObjectID, head: ObjectID) throws(GitError) -> ObjectID? in
            asked = [tip, head]
            return tree
        }
        let orders = try find(scene, merged: merged)
        #expect(orders.map(\.tree) == [tree])
        #expect(orders.first?.parents == [scene.tip, head])
        #expect(asked == [scene.tip, head])
        // What does not merge has nothing to check yet.
        #expect(try find(scene).isEmpty)
        // A head on top of the tip is what lands.
        scene.picture.refs["refs/heads/fix"] = scene.branch()
        #expect(try find(scene).first?.parents == [])
    }

    @Test func theNearestProtectedBranchAndTheDefaultOne() throws {
        let scene = Self.scene(checks: ["unit"])
        var rules = Rules()
        rules.requiredStatusChecks = RequiredStatusChecksRule(checks: ["pylint"], signers: ["ci"])
        scene.policy.rulesets.append(
            Ruleset(
                name: "release", include: [RefPattern("refs/heads/release/*")], rules: rules,
                location: SourceLocation(file: "policies/release.yml", line: 1, column: 1)))
        // The release branch left master at the root and has gone on.
        scene.picture.refs["refs/heads/release/1"] = scene.picture.commit(
            ["README": "r", "notes": "1"], parents: [scene.root], message: "Note\n")
        let head = scene.branch()
        scene.picture.refs["refs/heads/fix"] = head
        #expect(try find(scene).first?.checks == ["unit"])
        let release = try #require(scene.picture.refs["refs/heads/release/1"])
        scene.picture.refs["refs/heads/fix"] = scene.picture.commit(
            ["README": "r", "notes": "2"], parents: [release], message: "Fix\n")
        #expect(try Set(#require(find(scene).first).checks) == ["pylint", "unit"])
    }

    @Test func whatCannotBeReadKeepsNobodyWaiting() throws {
        let scene = Self.scene()
        scene.picture.refs["refs/heads/broken"] = ObjectID(bytes: [UInt8](repeating: 7, count: 20))
        let head = scene.branch()
        scene.picture.refs["refs/heads/fix"] = head
        let result = try OpenChecks(
            governing: GoverningPolicy(
                policy: scene.policy, commit: scene.tip, defaultBranch: Scene.master, trusted: nil),
            history: Unreadable(scene.picture, "refs/heads/broken"), references: scene.picture,
            evidence: scene.notary, signer: nil, includesFailed: false,
            merged: { _, _ throws(GitError) in nil }
        ).find()
        #expect(result.orders.map(\.commit) == [head])
        #expect(result.unreadable.map(\.ref) == ["refs/heads/broken"])
    }

    @Test func floodsAreBounded() {
        let scene = Self.scene()
        func refs(_ count: Int) -> [RefUpdate] {
            (1...count).map { number in
                let tree = ObjectID(bytes: [UInt8(number)] + [UInt8](repeating: 1, count: 19))
                return RefUpdate(
                    ref: Claim.ref(for: tree ?? .zero), old: .zero, new: tree ?? .zero)
            }
        }
        #expect(scene.push(refs(64)).isAllowed)
        #expect(!scene.push(refs(65)).isAllowed)
    }
}

/// A history in which one branch's head cannot be read.
private struct Unreadable: HistorySource {
    let picture: Picture
    let broken: ObjectID?

    init(_ picture: Picture, _ ref: RefName) {
        self.picture = picture
        broken = picture.refs[ref]
    }

    private func require(_ id: ObjectID) throws(GitError) {
        if id == broken { throw GitError(.malformed, id.hex, "is broken") }
    }

    func commit(_ id: ObjectID) throws(GitError) -> Commit {
        try require(id)
        return try picture.commit(id)
    }
    func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws(GitError) -> Bool {
        try require(ancestor)
        return try picture.isAncestor(ancestor, of: descendant)
    }
    func tree(_ id: ObjectID) throws(GitError) -> Tree { try picture.tree(id) }
    func tag(_ id: ObjectID) throws(GitError) -> GitObjects.Tag { try picture.tag(id) }
    func header(_ id: ObjectID) throws(GitError) -> (kind: ObjectKind, size: Int)? {
        try picture.header(id)
    }
    func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
        try picture.blob(id, limit: limit)
    }
    func changes(from old: ObjectID?, to new: ObjectID?) throws(GitError) -> [TreeChange] {
        try picture.changes(from: old, to: new)
    }
    func entry(_ path: TreePath, in tree: ObjectID) throws(GitError) -> TreeEntry? {
        try picture.entry(path, in: tree)
    }
    func mergeBases(_ one: ObjectID, _ other: ObjectID) throws(GitError) -> [ObjectID] {
        try picture.mergeBases(one, other)
    }
    func commits(from head: ObjectID, notFrom hidden: [ObjectID]) throws(GitError) -> [ObjectID] {
        try picture.commits(from: head, notFrom: hidden)
    }
    func verifyMerge(
        base: ObjectID, ours: ObjectID, theirs: ObjectID, result: ObjectID
    ) throws(GitError) -> MergeVerification {
        try picture.verifyMerge(base: base, ours: ours, theirs: theirs, result: result)
    }
}
