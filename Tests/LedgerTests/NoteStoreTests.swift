import Evidence
import Files
import Git
import GitObjects
import History
import Testing

@testable import Ledger

@Suite struct NoteStoreTests {
    @Test func readsWhatGitWrote() throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let writer = try bench.clone("work")
        try bench.git("work", "commit", "-q", "--allow-empty", "-m", "One")
        let head = try bench.id("work", "HEAD")
        let line = try bench.line(review(head), key: "alice")
        let elsewhere = try bench.line(review(try object(1)), key: "alice")
        for text in [line.bytes, Array("I like it".utf8), elsewhere.bytes] {
            try File.write(text + [0x0a], to: "\(bench.folder)/line")
            try bench.git(
                "work", "notes", "--ref=gate", "append", "-F", "\(bench.folder)/line", "HEAD")
        }
        let store = try NoteStore(writer.repository, tip: try bench.id("work", "refs/notes/gate"))
        #expect(try store.lines(on: head) == [line])
        #expect(try store.lines(on: try object(1)) == [])
        #expect(try store.objects() == [head])
        let empty = try NoteStore(writer.repository, tip: nil)
        #expect(try empty.lines(on: head) == [])
        #expect(try empty.reviews(of: try digest(1)) == [])
    }

    /// git fans out when notes become many; the same lines are found.
    @Test func followsFanOut() throws {
        let bench = try Bench()
        let writer = try bench.clone("work")
        let note = try blobEntry(try fanned(0).hex, writer, [0x30, 0x0a])
        let start = try commitTree(writer, [note])
        try bench.git("work", "update-ref", "refs/notes/gate", start.hex)
        let copies = try (1..<600).map { "\(try fanned(0).hex) \(try fanned($0).hex)\n" }
        try bench.git(
            "work", "notes", "--ref=gate", "copy", "--stdin", input: Array(copies.joined().utf8))
        try #require(try bench.git("work", "ls-tree", "refs/notes/gate").contains(" tree "))
        let tip = try bench.id("work", "refs/notes/gate")
        let tree = try NotesTree(at: tip, in: writer.repository)
        #expect(try tree.notes().count == 600)
        for number in [0, 1, 599] {
            let blob = try #require(try tree.note(on: try fanned(number)))
            #expect(blob == note.id)
        }
        #expect(try tree.note(on: try object(0xdd)) == nil)
        // What gate adds goes where git's fan-out has it, and git reads it.
        let added = try NotesWriter(writer).commit(
            adding: [try fanned(1): [[0x31]], try fanned(700): [[0x32]]], to: tip)
        let grown = try NotesTree(at: added, in: writer.repository)
        #expect(try grown.notes().count == 601)
        #expect(
            try Set(grown.differences(from: tree).map(\.object))
                == [try fanned(1), try fanned(700)])
        try bench.git("work", "update-ref", "refs/notes/gate", added.hex)
        for (number, text) in [(1, "0\n1"), (700, "2"), (2, "0")] {
            #expect(
                try bench.git("work", "notes", "--ref=gate", "show", try fanned(number).hex)
                    == text)
        }
    }

    private func fanned(_ number: Int) throws -> ObjectID {
        try #require(
            ObjectID(
                bytes: [UInt8(number % 251), UInt8(number / 251)] + [UInt8](repeating: 1, count: 18)
            ))
    }

    @Test func refusesMalformedTrees() throws {
        let bench = try Bench()
        let writer = try bench.clone("work")
        let hex = try object(0xab).hex
        let note = try blobEntry(hex, writer, [0x61, 0x0a])
        let rest = TreeEntry(
            name: Array("ab".utf8), mode: .tree,
            id: try writer.writeTree([
                TreeEntry(name: Array(hex.utf8.dropFirst(2)), mode: .blob, id: note.id)
            ]))
        let executable = TreeEntry(name: note.name, mode: .executable, id: note.id)
        let named = { (name: String) in
            TreeEntry(name: Array(name.utf8), mode: .blob, id: note.id)
        }
        let folder = { (name: String) in
            TreeEntry(name: Array(name.utf8), mode: .tree, id: rest.id)
        }
        let trees: [([TreeEntry], String)] = [
            ([note, rest], "has two notes on \(hex)"),
            ([named("README")], "README, which is no note"),
            ([named(String(hex.dropLast()))], "which is no note"),
            ([named(hex.uppercased())], "which is no note"),
            ([executable], "which is no note"),
            ([folder("abc")], "which is no note"),
            ([folder("AB")], "which is no note"),
            ([folder(hex)], "which is no note"),
        ]
        for (entries, clause) in trees {
            let tip = try commitTree(writer, entries)
            let tree = try NotesTree(at: tip, in: writer.repository)
            let error = #expect(throws: GitError.self) { try tree.notes() }
            #expect(error?.kind == .malformed)
            #expect(error?.problem.contains(clause) == true, "\(error?.problem ?? "")")
            let store = try NoteStore(writer.repository, tip: tip)
            #expect(throws: GitError.self) { try store.lines(on: try object(0xab)) }
            #expect(throws: GitError.self) { try store.reviews(of: try digest(1)) }
        }
    }

    @Test func findsReviewsWhereverTheyAre() throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let writer = try bench.clone("work")
        let gitFolder = writer.repository.commonDirectory
        let first = try bench.line(review(try object(1), change: try digest(1)), key: "alice")
        let second = try bench.line(
            review(try object(2), change: try digest(1), supersedes: [first.digest]), key: "alice")
        let third = try bench.line(review(try object(3), change: try digest(2)), key: "alice")
        let deployed = try bench.line(
            deployment(try object(3), "staging", after: nil), key: "alice")
        let notes = NotesWriter(writer)
        let early = try notes.commit(
            adding: [try object(1): [first.bytes], try object(3): [deployed.bytes]], to: nil)
        let late = try notes.commit(
            adding: [try object(2): [second.bytes], try object(3): [third.bytes]], to: early)

        func check(_ folder: String?) throws {
            let store = try NoteStore(writer.repository, tip: late, gitFolder: folder)
            #expect(try Set(store.reviews(of: try digest(1))) == [first, second])
            #expect(try store.reviews(of: try digest(2)) == [third])
            #expect(try store.reviews(of: try digest(3)) == [])
            #expect(try store.reviews(superseding: first.digest) == [second])
            #expect(try store.reviews(superseding: second.digest) == [])
            #expect(try store.deployments(environment: "staging", train: "all") == [deployed])
            #expect(try store.deployments(environment: "staging", train: "web") == [])
            let before = try NoteStore(writer.repository, tip: early, gitFolder: folder)
            #expect(try before.reviews(of: try digest(1)) == [first])
            #expect(try before.reviews(superseding: first.digest) == [])
        }

        try check(nil)
        try check(gitFolder)
        let file = gitFolder + "/gate/evidence.index"
        #expect(!File.exists(file))
        for tip in [early, late, early] {
            try EvidenceIndex.refresh(for: tip, in: writer.repository, gitFolder: gitFolder)
            try check(gitFolder)
        }
        // Whatever becomes of the file, the answer is the same.
        let good = try File.read(file)
        for position in stride(from: 0, to: good.count, by: 7) {
            var bad = good
            bad[position] ^= 1
            try File.write(bad, to: file)
            try check(gitFolder)
        }
        for bad in [[], Array(good.dropLast()), good + [0], Array(good.prefix(60))] {
            try File.write(bad, to: file)
            try check(gitFolder)
        }
        try EvidenceIndex.refresh(for: late, in: writer.repository, gitFolder: gitFolder)
        try check(gitFolder)
    }

    /// A fresh index is believed without reading the notes: so it is read at all.
    @Test func theIndexSparesReadingTheNotes() throws {
        let bench = try Bench()
        _ = try bench.makeKey("alice")
        let writer = try bench.clone("work")
        let line = try bench.line(review(try object(1), change: try digest(1)), key: "alice")
        let broken = TreeEntry(
            name: Array(try object(2).hex.utf8), mode: .blob, id: try object(0xee))
        let good = try blobEntry(try object(1).hex, writer, line.withNewline)
        let whole = try commitTree(writer, [good])
        let gitFolder = writer.repository.commonDirectory
        let torn = try commitTree(writer, [good, broken])
        let store = try NoteStore(writer.repository, tip: torn, gitFolder: gitFolder)
        #expect(throws: GitError.self) { try store.reviews(of: try digest(1)) }
        try EvidenceIndex.refresh(for: whole, in: writer.repository, gitFolder: gitFolder)
        // Says that it describes the torn notes, with a good checksum.
        let index = try File.read(gitFolder + "/gate/evidence.index")
        let start = try #require(index.firstIndex(of: 0x0a)) + 1
        var forged = Array(index.dropLast(32))
        forged.replaceSubrange(start..<start + 20, with: torn.bytes)
        try File.write(
            forged + EvidenceIndex.checksum(of: forged), to: gitFolder + "/gate/evidence.index")
        let indexed = try NoteStore(writer.repository, tip: torn, gitFolder: gitFolder)
        #expect(try indexed.reviews(of: try digest(1)) == [line])
    }
}
