import GitObjects
import History
import Spawn
import Testing

@testable import Git

@Suite struct WriterTests {
    private let alice = Signature(
        name: Array("Alice".utf8), email: Array("alice@wrk.example".utf8), time: 1_700_000_000,
        offset: -90)

    private func kind(_ body: () throws -> Void) -> GitError.Kind? {
        do { try body() } catch { return (error as? GitError)?.kind }
        return nil
    }

    @Test func writesWhatGitWrites() throws {
        let test = try TestRepository(bare: true)
        let writer = try Writer.open(gitDirectory: test.path)
        let blob = try writer.writeBlob(Array("hello\n".utf8))
        #expect(try blob == test.blob("hello\n"))
        let entries = [
            TreeEntry(name: Array("b".utf8), mode: .executable, id: blob),
            TreeEntry(name: Array("a".utf8), mode: .blob, id: blob),
        ]
        let tree = try writer.writeTree(entries)
        #expect(
            try tree
                == test.tree([
                    (Array("a".utf8), "100644", blob), (Array("b".utf8), "100755", blob),
                ]))
        let commit = try writer.writeCommit(
            tree: tree, parents: [], author: alice, committer: alice,
            message: Array("subject\n".utf8))
        #expect(
            try test.git("log", "-1", "--format=%an|%ae|%ad|%s", "--date=raw", commit.hex)
                == "Alice|alice@wrk.example|1700000000 -0130|subject")
        #expect(try test.git("fsck", "--strict", "--no-dangling") == "")
        #expect(try writer.repository.commit(commit).author == alice)
    }

    @Test func writesNothingThatWouldNotBeRead() throws {
        let test = try TestRepository(bare: true)
        let writer = try Writer.open(gitDirectory: test.path)
        let blob = try writer.writeBlob([])
        let twice = TreeEntry(name: [0x61], mode: .blob, id: blob)
        #expect(kind { _ = try writer.writeTree([twice, twice]) } == .malformed)
        #expect(kind { _ = try writer.writeCommit(Array("tree x\n\nm".utf8)) } == .malformed)
    }

    @Test func refsAreComparedBeforeTheyAreSet() throws {
        let test = try TestRepository(bare: true)
        let one = try test.commit(test.tree(["f": "1"]))
        let other = try test.commit(test.tree(["f": "2"]))
        let writer = try Writer.open(gitDirectory: test.path)
        let name: RefName = "refs/heads/x"
        #expect(kind { try writer.update(name, from: one, to: other, message: "m") } == .contended)
        try writer.update(name, from: nil, to: one, message: "m")
        #expect(try test.id("refs/heads/x") == one)
        #expect(kind { try writer.update(name, from: nil, to: other, message: "m") } == .contended)
        #expect(
            kind { try writer.update(name, from: other, to: other, message: "m") } == .contended)
        try writer.update(name, from: one, to: other, message: "m")
        #expect(try test.id("refs/heads/x") == other)
        #expect(kind { try writer.delete(name, from: one) } == .contended)
        try writer.delete(name, from: other)
        #expect(try writer.repository.resolve(name).target == nil)
        #expect(kind { try writer.delete(name, from: other) } == .contended)
        try test.git("symbolic-ref", "refs/heads/s", "refs/heads/y")
        #expect(
            kind { try writer.update("refs/heads/s", from: nil, to: one, message: "m") }
                == .malformed)
    }

    @Test func aLockedRefIsContended() throws {
        let test = try TestRepository(bare: true)
        let one = try test.commit(test.tree(["f": "1"]))
        try test.run(["touch", test.path + "/refs/heads/x.lock"])
        let writer = try Writer.open(gitDirectory: test.path)
        #expect(
            kind { try writer.update("refs/heads/x", from: nil, to: one, message: "m") }
                == .contended)
    }

    /// Whoever was killed left it; a branch's is for git's users to take away.
    @Test func aLockOfGatesOwnThatNobodyHoldsIsTakenAway() throws {
        let test = try TestRepository(bare: true)
        let one = try test.commit(test.tree(["f": "1"]))
        let two = try test.commit(test.tree(["f": "2"]))
        let writer = try Writer.open(gitDirectory: test.path)
        for name in ["refs/notes/gate", "refs/gate/tracking/origin/notes"] {
            let lock = "\(test.path)/\(name).lock"
            try writer.update(RefName(name), from: nil, to: one, message: "m")
            try test.run(["touch", "-d", "1 minute ago", lock])
            try writer.update(RefName(name), from: one, to: two, message: "m")
            #expect(try test.id(name) == two)
            try test.run(["touch", "-d", "1 minute ago", lock])
            try writer.delete(RefName(name), from: two)
            #expect(try test.run(["find", test.path, "-name", "*.lock"]).output == [])
        }
        try test.run(["touch", "-d", "1 minute ago", test.path + "/refs/heads/x.lock"])
        #expect(
            kind { try writer.update("refs/heads/x", from: nil, to: one, message: "m") }
                == .contended)
        #expect(try AbandonedLocks.clear("refs/heads/x", in: writer.repository) == false)
        #expect(try AbandonedLocks.clear("refs/notes/gate", in: writer.repository) == false)
        try test.run(["test", "-e", test.path + "/refs/heads/x.lock"])
    }

    @Test(arguments: [0, 1, 40, 300, 3000])
    func notesAreWrittenSoThatGitReadsThem(_ count: Int) throws {
        var random = Seeded(UInt64(count) + 1)
        let test = try TestRepository(bare: true)
        let writer = try Writer.open(gitDirectory: test.path)
        var notes: [ObjectID: ObjectID] = [:]
        for number in 0..<count {
            let bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &random) }
            let object = try #require(ObjectID(bytes: bytes))
            notes[object] = try writer.writeBlob(Array("note \(number % 7)\n".utf8))
        }
        let tree = try writer.writeNotesTree(notes)
        let commit = try writer.writeCommit(
            tree: tree, parents: [], author: alice, committer: alice, message: [])
        try writer.update("refs/notes/gate", from: nil, to: commit, message: "notes")
        let listed = try test.git("notes", "--ref=gate", "list").split(separator: "\n")
        let expected = notes.map { "\($0.value.hex) \($0.key.hex)" }
        #expect(Set(listed.map(String.init)) == Set(expected))
        #expect(listed.count == count)
    }

    @Test func notesHaveGitsFolders() throws {
        var random = Seeded(7)
        let test = try TestRepository(bare: true)
        let writer = try Writer.open(gitDirectory: test.path)
        var notes: [ObjectID: ObjectID] = [:]
        let tree = try test.tree(["f": "1"])
        for number in 0..<120 {
            let blob = try writer.writeBlob(Array("\(number) \(random.next())".utf8))
            notes[blob] = blob
        }
        // git's `notes copy --stdin` builds its tree with all notes in memory.
        try test.setRef("refs/heads/x", test.commit(tree))
        let first = try writer.writeBlob(Array("first".utf8))
        try test.git("notes", "--ref=git", "add", "-C", first.hex, first.hex)
        let lines = notes.keys.map { "\(first.hex) \($0.hex)\n" }.joined()
        try test.git("notes", "--ref=git", "copy", "--stdin", input: Array(lines.utf8))
        var same = Dictionary(uniqueKeysWithValues: notes.keys.map { ($0, first) })
        same[first] = first
        #expect(try writer.writeNotesTree(same) == test.id("refs/notes/git^{tree}"))
    }

    @Test func mergesAsItVerifies() throws {
        let test = try TestRepository()
        let old = (1...9).map { "\($0)\n" }.joined()
        let base = try test.commit(test.tree(["f": old]))
        let ours = try test.commit(test.tree(["f": "0\n" + old]), [base])
        let theirs = try test.commit(test.tree(["f": old + "10\n"]), [base])
        let against = try test.commit(test.tree(["f": "x\n" + old]), [base])
        let writer = try Writer.open(gitDirectory: test.gitDirectory)
        let merged = try test.tree(["f": "0\n" + old + "10\n"])
        #expect(try writer.merge(ours, with: theirs) == .clean(tree: merged))
        #expect(try writer.merge(ours, with: against) == .conflict(["f"]))
        #expect(
            try writer.repository.verifyMerge(
                base: base, ours: ours, theirs: theirs, result: merged) == .clean)
    }

    @Test func theMergedTreeIsWrittenIntoTheClone() throws {
        let test = try TestRepository()
        let base = try test.commit(test.tree(["d/a": "1", "d/b": "1"]))
        let ours = try test.commit(test.tree(["d/a": "2", "d/b": "1"]), [base])
        let theirs = try test.commit(test.tree(["d/a": "1", "d/b": "3"]), [base])
        let writer = try Writer.discover(from: test.path)
        guard case .clean(let tree) = try writer.merge(ours, with: theirs) else {
            Issue.record("conflict")
            return
        }
        #expect(try test.git("cat-file", "-t", tree.hex) == "tree")
        let paths = try writer.repository.changes(
            from: writer.repository.commit(base).tree, to: tree
        ).map(\.path)
        #expect(paths == ["d/a", "d/b"])
    }

    @Test func commitsInTheUsersName() throws {
        let test = try TestRepository()
        try test.git("config", "user.name", "Bob")
        try test.git("config", "user.email", "bob@wrk.example")
        let tree = try test.tree(["f": "1"])
        let parent = try test.commit(tree)
        let writer = try Writer.discover(from: test.path)
        let id = try writer.commitAsUser(
            tree: tree, parents: [parent], message: Array("subject\n\nbody\n".utf8))
        let commit = try writer.repository.commit(id)
        #expect(commit.parents == [parent] && commit.tree == tree)
        #expect(commit.message == Array("subject\n\nbody\n".utf8))
        #expect(commit.signature == nil)
    }
}
