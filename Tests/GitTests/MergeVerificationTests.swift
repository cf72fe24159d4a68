import GitObjects
import History
import Spawn
import Testing

@testable import Git

/// A history of one base and two sides.
private struct Sides {
    let base: ObjectID
    let ours: ObjectID
    let theirs: ObjectID
}

private typealias Files = [String: (mode: String, text: String)]

@Suite struct MergeVerificationTests {
    /// Written in-process: hundreds of histories in a test.
    private func commit(
        _ test: TestRepository, _ files: Files, _ parents: [ObjectID]
    ) throws -> ObjectID {
        let writer = try Writer.open(gitDirectory: test.gitDirectory)
        let someone = Signature(
            name: Array("Alice".utf8), email: Array("alice@wrk.example".utf8), time: 0, offset: 0)
        return try writer.writeCommit(
            tree: try tree(writer, files), parents: parents, author: someone, committer: someone,
            message: [])
    }

    private func tree(_ writer: Writer, _ files: Files) throws -> ObjectID {
        var entries: [TreeEntry] = []
        var folders: [String: Files] = [:]
        for (path, file) in files {
            let parts = path.split(separator: "/", maxSplits: 1).map(String.init)
            if parts.count == 2 {
                folders[parts[0], default: [:]][parts[1]] = file
            } else {
                entries.append(
                    TreeEntry(
                        name: Array(path.utf8), mode: file.mode == "100755" ? .executable : .blob,
                        id: try writer.writeBlob(Array(file.text.utf8))))
            }
        }
        for (name, files) in folders {
            let id = try tree(writer, files)
            entries.append(TreeEntry(name: Array(name.utf8), mode: .tree, id: id))
        }
        return try writer.writeTree(entries)
    }

    private func sides(
        _ test: TestRepository, _ base: Files, _ ours: Files, _ theirs: Files
    ) throws -> Sides {
        let root = try commit(test, base, [])
        return Sides(
            base: root, ours: try commit(test, ours, [root]),
            theirs: try commit(test, theirs, [root]))
    }

    /// git's own merge: the tree and whether it is without conflict.
    private func git(_ test: TestRepository, _ sides: Sides) throws -> (ObjectID, Bool) {
        let result = try test.run(
            [
                "git", "merge-tree", "--write-tree", "--no-messages", "--name-only",
                sides.ours.hex, sides.theirs.hex,
            ], mayFail: true)
        let id = try #require(ObjectID(hex: result.output.prefix(40)))
        return (id, result.succeeded)
    }

    private func files(_ texts: [String: String]) -> Files {
        texts.mapValues { ("100644", $0) }
    }

    private static let lines = (1...12).map { "line \($0)\n" }

    /// `lines` with one replaced.
    private func text(_ changes: [Int: String] = [:]) -> String {
        Self.lines.enumerated().map { changes[$0.offset] ?? $0.element }.joined()
    }

    @Test(arguments: [
        (["a": "1"], ["a": "1", "b": "2"], ["a": "3"]),
        (["d/a": "1", "d/b": "1"], ["d/a": "2", "d/b": "1"], ["d/a": "1", "d/b": "3"]),
        (["a": "1", "b": "1"], ["b": "1"], ["a": "1", "b": "2"]),
        (["a": "1"], ["a": "2"], ["a": "2"]),
    ])
    func whatOneSideChangedIsThatSides(
        _ base: [String: String], _ ours: [String: String], _ theirs: [String: String]
    ) throws {
        let test = try TestRepository(bare: true)
        let sides = try sides(test, files(base), files(ours), files(theirs))
        let (tree, isClean) = try git(test, sides)
        #expect(isClean)
        let repository = try test.open()
        let trees = MergeWalk.Sides(
            base: try repository.commit(sides.base).tree,
            ours: try repository.commit(sides.ours).tree,
            theirs: try repository.commit(sides.theirs).tree, result: tree)
        var walk = MergeWalk(repository: repository)
        // Decided without git.
        guard case .told(.clean) = try walk.verdict(on: trees) else {
            Issue.record("not decided by the trees alone")
            return
        }
    }

    @Test func filesThatBothChangedAreMerged() throws {
        let test = try TestRepository(bare: true)
        let sides = try sides(
            test, files(["f": text()]), files(["f": text([1: "ours\n"])]),
            files(["f": text([9: "theirs\n"])]))
        let repository = try test.open()
        let good = try test.tree(["f": text([1: "ours\n", 9: "theirs\n"])])
        let evil = try test.tree(["f": text([1: "ours\n", 9: "theirs\n", 5: "more\n"])])
        let one = try repository.commit(sides.ours).tree
        #expect(try verify(repository, sides, good) == .clean)
        #expect(
            try verify(repository, sides, evil) == .handMade("f is not the merge of both sides"))
        #expect(
            try verify(repository, sides, one) == .handMade("f is not the merge of both sides"))
    }

    @Test func aConflictIsHandMadeWhateverTheResult() throws {
        let test = try TestRepository(bare: true)
        let sides = try sides(
            test, files(["d/f": text()]), files(["d/f": text([1: "ours\n"])]),
            files(["d/f": text([1: "theirs\n"])]))
        let repository = try test.open()
        for tree in [sides.ours, sides.theirs] {
            #expect(
                try verify(repository, sides, repository.commit(tree).tree)
                    == .handMade("the sides conflict in d/f"))
        }
    }

    @Test func attributesAndConfigurationHaveNoSay() throws {
        let test = try TestRepository()
        let attributes = "f merge=union\n"
        let sides = try sides(
            test, files(["f": text(), ".gitattributes": attributes]),
            files(["f": text([1: "ours\n"]), ".gitattributes": attributes]),
            files(["f": text([1: "theirs\n"]), ".gitattributes": attributes]))
        try test.git("config", "merge.default", "union")
        try test.git("config", "merge.renames", "false")
        try test.git("update-ref", "refs/heads/master", sides.ours.hex)
        try test.git("reset", "-q", "--hard")
        try test.run(["sh", "-c", "echo '* merge=union' >.git/info/attributes"])
        let repository = try test.open()
        let union = try test.tree([
            "f": text([1: "ours\ntheirs\n"]), ".gitattributes": attributes,
        ])
        #expect(
            try verify(repository, sides, union) == .handMade("the sides conflict in f"))
        let renamed = try self.sides(
            test, files(["f": text()]), files(["g": text()]),
            files(["f": text([3: "changed\n"])]))
        let moved = try test.tree(["g": text([3: "changed\n"])])
        #expect(try verify(repository, renamed, moved) == .clean)
    }

    @Test func manyAtOnceAreAnsweredAsOneByOne() throws {
        let test = try TestRepository(bare: true)
        let clean = try sides(
            test, files(["f": text()]), files(["f": text([1: "ours\n"])]),
            files(["f": text([9: "theirs\n"])]))
        let conflicting = try sides(
            test, files(["d/f": text(), "d/g": text()]),
            files(["d/f": text([1: "ours\n"]), "d/g": text([1: "ours\n"])]),
            files(["d/f": text([1: "theirs\n"]), "d/g": text([1: "theirs\n"])]))
        let renamed = try sides(
            test, files(["f": text()]), files(["g": text()]), files(["f": text([3: "x\n"])]))
        let merged = try test.tree(["f": text([1: "ours\n", 9: "theirs\n"])])
        let moved = try test.tree(["g": text([3: "x\n"])])
        let kept = try test.tree(["f": text(), "g": text()])
        let both = try test.tree([
            "d/f": text([1: "ours\n"]), "d/g": text([1: "ours\n"]),
        ])
        let absent = try #require(ObjectID(hex: String(repeating: "7", count: 40)))
        let repository = try test.open()
        var questions: [MergeQuestion] = []
        for (sides, result) in [
            (clean, merged), (clean, kept), (conflicting, both), (renamed, moved),
            (renamed, kept), (clean, absent),
        ] {
            questions.append(
                MergeQuestion(
                    base: sides.base, ours: sides.ours, theirs: sides.theirs, result: result))
        }
        func answers(_ repository: Repository) -> [Result<MergeVerification, GitError>] {
            questions.map { question in
                Result { () throws(GitError) in
                    try repository.verifyMerge(
                        base: question.base, ours: question.ours, theirs: question.theirs,
                        result: question.result)
                }
            }
        }
        let alone = answers(repository)
        repository.prepareMerges(questions)
        #expect(repository.verifiedMerges.count == 5)
        #expect(answers(repository) == alone)
        #expect(
            alone.map { $0 == .success(.clean) } == [true, false, false, true, false, false])
        #expect(alone[2] == .success(.handMade("the sides conflict in d/f and 1 more")))
    }

    @Test func aMergeWritesNothingIntoTheRepository() throws {
        let test = try TestRepository(bare: true)
        let sides = try sides(
            test, files(["f": text()]), files(["f": text([1: "ours\n"])]),
            files(["f": text([9: "theirs\n"])]))
        let before = try test.git("count-objects", "-v")
        let wrong = try test.open().commit(sides.ours).tree
        _ = try verify(test.open(), sides, wrong)
        #expect(try test.git("count-objects", "-v") == before)
    }

    @Test func alternatesWithOddPathsAreFound() throws {
        let test = try TestRepository(bare: true, name: "a:b \"c\"\\ \u{e9}\n")
        let sides = try sides(
            test, files(["f": text()]), files(["g": text()]), files(["f": text([3: "x\n"])]))
        let moved = try test.tree(["g": text([3: "x\n"])])
        #expect(try verify(test.open(), sides, moved) == .clean)
    }

    private func verify(
        _ repository: Repository, _ sides: Sides, _ result: ObjectID
    ) throws -> MergeVerification {
        try repository.verifyMerge(
            base: sides.base, ours: sides.ours, theirs: sides.theirs, result: result)
    }

    // MARK: - The same answer as git's

    /// A seed makes ten merges in one repository.
    @Test(arguments: UInt64(1)...32)
    func agreesWithGit(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let test = try TestRepository(bare: true)
        let repository = try test.open()
        for _ in 0..<10 {
            let base = Self.someFiles(&random)
            let sides = try sides(
                test, base, Self.edited(base, &random), Self.edited(base, &random))
            repository.refresh()
            let (tree, isClean) = try git(test, sides)
            let verdict = try verify(repository, sides, tree)
            #expect((verdict == .clean) == isClean, "seed \(seed): \(sides)")
            // What is not git's merge is never clean.
            let ours = try repository.commit(sides.ours).tree
            if ours != tree { #expect(try verify(repository, sides, ours) != .clean) }
        }
    }

    private static let folders = ["", "a/", "b/", "a/x/", "a/y/", "c/"]

    private static func someText(_ random: inout Seeded) -> String {
        let word = Int.random(in: 0..<1000, using: &random)
        return (0..<12).map { "\(word) line \($0)\n" }.joined()
    }

    private static func someFiles(_ random: inout Seeded) -> Files {
        var files: Files = [:]
        for _ in 0..<Int.random(in: 2...10, using: &random) {
            files[somePath(&random)] = ("100644", someText(&random))
        }
        return files
    }

    private static func somePath(_ random: inout Seeded) -> String {
        let folder = folders.randomElement(using: &random) ?? ""
        return folder + "f\(Int.random(in: 0..<6, using: &random))"
    }

    /// One to four edits: changes, additions, deletions, renames with and without changes,
    /// renames of whole folders, modes, files that become folders.
    private static func edited(_ base: Files, _ random: inout Seeded) -> Files {
        var files = base
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard let path = files.keys.sorted().randomElement(using: &random),
                let file = files[path]
            else { return files }
            switch Int.random(in: 0..<14, using: &random) {
            case 0...4: files[path] = (file.mode, changed(file.text, &random))
            case 5: files[somePath(&random)] = ("100644", someText(&random))
            case 6: files[path] = nil
            case 7, 8:
                files[path] = nil
                files[somePath(&random)] = file
            case 9:
                files[path] = nil
                files[somePath(&random)] = (file.mode, changed(file.text, &random))
            case 10, 11:
                let from = folders.randomElement(using: &random) ?? ""
                let to = ["d/", "e/", "b/", "a/z/"].randomElement(using: &random) ?? "d/"
                for (path, file) in files where path.hasPrefix(from) && !path.hasPrefix(to) {
                    files[path] = nil
                    files[to + path.dropFirst(from.count)] = file
                }
            case 12: files[path] = (file.mode == "100644" ? "100755" : "100644", file.text)
            default:
                files[path] = nil
                files[path + "/inner"] = file
            }
        }
        // A file and a folder of one name: the file goes.
        return files.filter { path, _ in !files.keys.contains { $0.hasPrefix(path + "/") } }
    }

    private static func changed(_ text: String, _ random: inout Seeded) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let index = Int.random(in: 0..<lines.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: lines.insert("inserted \(Int.random(in: 0..<3, using: &random))", at: index)
        case 1: lines.remove(at: index)
        case 2: lines.insert(lines[index], at: index)
        default: lines[index] = "changed \(Int.random(in: 0..<9, using: &random))"
        }
        return lines.joined(separator: "\n")
    }
}
