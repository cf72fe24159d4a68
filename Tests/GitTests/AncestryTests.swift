import GitObjects
import History
import Spawn
import Testing

@testable import Git

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

@Suite struct AncestryTests {
    /// Commits with up to three random parents among the earlier ones; dates that mislead.
    private func history(
        _ test: TestRepository, _ random: inout Seeded
    ) throws -> [ObjectID] {
        var commits: [ObjectID] = []
        for number in 0..<18 {
            var parents: [ObjectID] = []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                guard let parent = commits.suffix(7).randomElement(using: &random),
                    !parents.contains(parent)
                else { continue }
                parents.append(parent)
            }
            let time = Int.random(in: 1_000_000...1_000_030, using: &random)
            commits.append(
                try test.commit(.emptyTree, parents, message: "\(number)", time: time))
        }
        return commits
    }

    // At 23, 24 and 39 dates mislead libgit2's own walk.
    @Test(arguments: [UInt64(1), 2, 3, 23, 24, 39], [false, true])
    func agreesWithGit(_ seed: UInt64, _ hasGraph: Bool) throws {
        var random = Seeded(seed)
        let test = try TestRepository(bare: true)
        try test.git("hash-object", "-w", "-t", "tree", "/dev/null")
        let commits = try history(test, &random)
        for (number, id) in commits.enumerated() { try test.setRef("refs/heads/\(number)", id) }
        if hasGraph {
            try test.git("-c", "commitGraph.generationVersion=1", "commit-graph", "write")
        }
        let repository = try test.open()
        for _ in 0..<12 {
            let pick = commits.shuffled(using: &random)
            let (one, other) = (pick[0], pick[1])
            #expect(
                try Set(repository.mergeBases(one, other))
                    == Set(test.ids("merge-base", "--all", one.hex, other.hex)))
            let isAncestor = try test.run(
                ["git", "merge-base", "--is-ancestor", one.hex, other.hex], mayFail: true
            ).succeeded
            #expect(try repository.isAncestor(one, of: other) == isAncestor)
            let hidden = Array(pick[1...Int.random(in: 1...3, using: &random)])
            let listed = try repository.commits(from: one, notFrom: hidden)
            // `git rev-list one --not hidden` itself may list too many where dates mislead.
            var expected = try Set(test.ids("rev-list", one.hex))
            for id in hidden { try expected.subtract(test.ids("rev-list", id.hex)) }
            #expect(Set(listed) == expected)
            #expect(listed.count == expected.count)
            #expect(try isChildrenFirst(listed, repository))
        }
    }

    /// More ends than are asked for one by one, and more than are painted at a time.
    @Test(arguments: UInt64(1)...6)
    func manyTargetsAtOnce(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let test = try TestRepository(bare: true)
        try test.git("hash-object", "-w", "-t", "tree", "/dev/null")
        var commits: [ObjectID] = []
        for number in 0..<110 {
            var parents: Set<ObjectID> = []
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                if let parent = commits.suffix(30).randomElement(using: &random) {
                    parents.insert(parent)
                }
            }
            let time = Int.random(in: 1_000_000...1_000_090, using: &random)
            commits.append(
                try test.commit(.emptyTree, parents.sorted(), message: "\(number)", time: time))
        }
        let repository = try test.open()
        let tips = Array(commits.shuffled(using: &random).prefix(2))
        var below: Set<ObjectID> = []
        for tip in tips { try below.formUnion(test.ids("rev-list", tip.hex)) }
        let graph = CommitGraph(repository.objects)
        let others = commits.filter { !below.contains($0) }
        #expect(others.count > 3)
        #expect(try !graph.reaches(anyOf: others, from: tips))
        for one in below.sorted() {
            #expect(try graph.reaches(anyOf: others + [one], from: tips), "\(one)")
        }
        #expect(try !graph.reaches(anyOf: [], from: tips))
    }

    /// For a report dates are believed where they agree, and only there.
    @Test(arguments: [UInt64(1), 23, 24, 39])
    func misleadingDatesInAReport(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let test = try TestRepository(bare: true)
        try test.git("hash-object", "-w", "-t", "tree", "/dev/null")
        var commits: [ObjectID] = []
        for number in 0..<30 {
            let parents = Set(commits.suffix(7).shuffled(using: &random).prefix(2))
            let day = Int.random(in: 0...30, using: &random)
            commits.append(
                try test.commit(
                    .emptyTree, parents.sorted(), message: "\(number)",
                    time: 1_000_000 + day * 100_000))
        }
        let (exact, reported) = (try test.open(), try test.open())
        // Not readForReport(), which is about the whole process, and so about the other tests.
        reported.isForReport = true
        for _ in 0..<12 {
            let pick = commits.shuffled(using: &random)
            #expect(
                try Set(reported.commits(from: pick[0], notFrom: [pick[1]]))
                    == Set(exact.commits(from: pick[0], notFrom: [pick[1]])))
        }
    }

    private func isChildrenFirst(_ commits: [ObjectID], _ repository: Repository) throws -> Bool {
        var seen: Set<ObjectID> = []
        for id in commits {
            if try repository.commit(id).parents.contains(where: seen.contains) { return false }
            seen.insert(id)
        }
        return true
    }

    // A graph of a branch answers as the repository does, whether it knows a commit or not.
    @Test(arguments: UInt64(1)...8)
    func aGraphOfLandingsGivesTheSameAnswers(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let test = try TestRepository(bare: true)
        try test.git("hash-object", "-w", "-t", "tree", "/dev/null")
        let commits = try history(test, &random)
        let tip = try #require(commits.last)
        let repository = try test.open()
        let line = try #require(
            try repository.firstParentChain(from: tip, until: nil, limit: 99))
        let graph = try LandingGraph(of: line.reversed(), in: repository)
        let graphed = GraphedHistory(repository, graph: graph)
        for one in commits {
            for other in commits {
                #expect(
                    try Set(graphed.mergeBases(one, other))
                        == Set(repository.mergeBases(one, other)))
                #expect(
                    try graphed.isAncestor(one, of: other)
                        == repository.isAncestor(one, of: other))
                let listed = try graphed.commits(from: one, notFrom: [other])
                #expect(
                    try Set(listed) == Set(repository.commits(from: one, notFrom: [other])))
                #expect(try isChildrenFirst(listed, repository))
            }
        }
    }

    /// libgit2 1.5 never frees its queue when looking for merge bases meets a missing commit: 64
    /// bytes before an answer that ends the program.
    @Test(.enabled(if: getenv("LSAN_OPTIONS") == nil))
    func missingCommitsAreErrors() throws {
        let test = try TestRepository(bare: true)
        let commit = try test.commit(test.tree(["f": "1"]))
        let missing = try test.id(hex: String(repeating: "1", count: 40))
        let repository = try test.open()
        #expect(throws: GitError.self) { try repository.mergeBases(commit, missing) }
        #expect(throws: GitError.self) { try repository.mergeBases(missing, missing) }
        #expect(throws: GitError.self) { try repository.isAncestor(missing, of: commit) }
        #expect(throws: GitError.self) { try repository.isAncestor(commit, of: missing) }
        #expect(throws: GitError.self) { try repository.commits(from: missing, notFrom: []) }
        #expect(throws: GitError.self) { try repository.commits(from: commit, notFrom: [missing]) }
    }

    @Test(.enabled(if: getenv("LSAN_OPTIONS") == nil))
    func aParentThatIsMissingIsAnError() throws {
        let test = try TestRepository(bare: true)
        let missing = String(repeating: "1", count: 40)
        try test.git("hash-object", "-w", "-t", "tree", "/dev/null")
        let people = "author A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n"
        let text = "tree \(ObjectID.emptyTree.hex)\nparent \(missing)\n\(people)\nm\n"
        let broken = try test.object(.commit, Array(text.utf8))
        let other = try test.commit(.emptyTree)
        let repository = try test.open()
        #expect(throws: GitError.self) { try repository.commits(from: broken, notFrom: []) }
        #expect(throws: GitError.self) { try repository.mergeBases(broken, other) }
        #expect(throws: GitError.self) { try repository.isAncestor(other, of: broken) }
    }

    @Test func firstParents() throws {
        let test = try TestRepository(bare: true)
        let tree = try test.tree(["f": "1"])
        let root = try test.commit(tree)
        let side = try test.commit(tree, [root], message: "side")
        let one = try test.commit(tree, [root], message: "one")
        let merge = try test.commit(tree, [one, side], message: "merge")
        let repository = try test.open()
        func chain(_ end: ObjectID?, limit: Int = 9) throws -> [ObjectID]? {
            try repository.firstParentChain(from: merge, until: end, limit: limit)
        }
        #expect(try chain(root) == [merge, one])
        #expect(try chain(nil) == [merge, one, root])
        #expect(try chain(merge) == [])
        #expect(try chain(side) == nil)
        #expect {
            try chain(root, limit: 1)
        } throws: {
            ($0 as? GitError)?.kind == .limit
        }
    }
}
