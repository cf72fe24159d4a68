import Evidence
import Git
import GitObjects
import History
import Policy
import Testing

@testable import Ledger

/// A clone with evidence that the guard accepted, and what somebody tries next.
private struct Scene {
    let bench: Bench
    let writer: Writer
    let signers: [AllowedSigner]
    let first: Line
    let old: ObjectID

    init() throws {
        bench = try Bench()
        signers = [
            allowed("alice@wrk.example", try bench.makeKey("alice")),
            allowed("bob@wrk.example", try bench.makeKey("bob")),
            allowed("ci@wrk.example", try bench.makeKey("ci")),
        ]
        writer = try bench.clone("work")
        first = try bench.line(review(try object(1)), key: "alice")
        old = try NotesWriter(writer).commit(adding: [try object(1): [first.bytes]], to: nil)
    }

    func problems(
        _ new: ObjectID?, old: ObjectID?, signers: [AllowedSigner]? = nil
    ) throws -> [String] {
        try EvidenceGuard(
            writer.repository, policy: policy(signers ?? self.signers), arrival: now
        ).problems(old: old, new: new).map { $0.problem }
    }

    /// The problems with notes of these contents over the old ones.
    func problems(
        _ notes: [ObjectID: [UInt8]], signers: [AllowedSigner]? = nil
    ) throws -> [String] {
        let entries = try notes.map { try blobEntry($0.key.hex, writer, $0.value) }
        let new = try commitTree(writer, entries, parents: [old])
        return try problems(new, old: old, signers: signers)
    }

    /// A commit that the server has, another one for each number.
    func revision(_ number: Int) throws -> ObjectID {
        let blob = try writer.writeBlob(Array("\(number)\n".utf8))
        return try commitTree(
            writer, [TreeEntry(name: Array("a".utf8), mode: .blob, id: blob)])
    }

    /// The problems with adding one line where it belongs.
    func problems(
        adding statement: Statement, key: String, signers: [AllowedSigner]? = nil
    ) throws -> [String] {
        let line = try bench.line(statement, key: key)
        let new = try NotesWriter(writer).commit(
            adding: [statement.subject: [line.bytes]], to: old)
        return try problems(new, old: old, signers: signers)
    }
}

@Suite struct EvidenceGuardTests {
    @Test func acceptsWhatIsAdded() throws {
        let scene = try Scene()
        #expect(try scene.problems(scene.old, old: nil) == [])
        #expect(try scene.problems(scene.old, old: .zero) == [])
        #expect(try scene.problems(scene.old, old: scene.old) == [])
        for (statement, key) in [
            (review(try object(1), comment: "again"), "alice"), (review(try object(1)), "bob"),
            (review(try object(2)), "ci"), (testResult(try object(3)), "ci"),
            (deployment(try scene.revision(4), "production", after: nil), "alice"),
        ] {
            #expect(try scene.problems(adding: statement, key: key) == [])
        }
    }

    @Test func refusesWhatIsTakenAway() throws {
        let scene = try Scene()
        let second = try scene.bench.line(review(try object(1)), key: "bob")
        #expect(try scene.problems(nil, old: scene.old) == ["evidence may not be deleted"])
        #expect(try scene.problems(.zero, old: scene.old) == ["evidence may not be deleted"])
        #expect(try scene.problems([:]) == ["its evidence was removed"])
        let removed = "a line of its evidence was removed or edited"
        let one = try object(1)
        #expect(try scene.problems([one: []]) == [removed])
        #expect(try scene.problems([one: second.withNewline]) == [removed])
        let rewound = "evidence may only be added, and the new tip does not contain the old one"
        #expect(try scene.problems(try commitTree(scene.writer, []), old: scene.old) == [rewound])
    }

    /// Every line of it is good; but what a landing names as its evidence would lack the rest.
    @Test func refusesAHistoryBesideWhatIsThere() throws {
        let scene = try Scene()
        let line = try scene.bench.line(review(try object(2)), key: "bob")
        let notes = NotesWriter(scene.writer)
        let beside = try notes.commit(adding: [try object(2): [line.bytes]], to: nil)
        let entries = [
            try blobEntry(try object(1).hex, scene.writer, scene.first.withNewline),
            try blobEntry(try object(2).hex, scene.writer, line.withNewline),
        ]
        let joined = try commitTree(scene.writer, entries, parents: [scene.old, beside])
        #expect(
            try scene.problems(joined, old: scene.old)
                == ["starts evidence anew, beside what is there"])
        let added = try commitTree(scene.writer, entries, parents: [scene.old])
        #expect(try scene.problems(added, old: scene.old) == [])
    }

    @Test func refusesNotesThatSayNothingOrTooMuch() throws {
        let scene = try Scene()
        let (one, two) = (try object(1), try object(2))
        let good = scene.first.withNewline
        #expect(try scene.problems([one: good, two: []]).contains("its note is empty"))
        let flood = good + [UInt8](repeating: 0x0a, count: 50_001)
        let problems = try scene.problems([one: flood])
        #expect(problems.count == 1)
        #expect(problems.first?.hasSuffix("has more than 50000 lines") == true, "\(problems)")
    }

    @Test func refusesBadNotes() throws {
        let scene = try Scene()
        let one = try object(1)
        let line = scene.first.withNewline
        let second = try scene.bench.line(review(one), key: "bob")
        #expect(
            try scene.problems([one: line + [0x0a] + second.withNewline]) == [
                "its note has a blank line"
            ])
        #expect(
            try scene.problems([one: line + second.bytes]) == [
                "its note does not end with a newline"
            ])
        #expect(try scene.problems([one: line + line]) == ["line 2 stands there twice"])
        #expect(
            try scene.problems([one: second.withNewline + line + second.withNewline])
                == ["line 3 stands there twice"])
        #expect(try scene.problems([one: second.withNewline + line]) == [])
        let text = try scene.problems([one: line + Array("LGTM\n".utf8)])
        #expect(
            text.count == 1 && text[0].hasPrefix("line 2 is no evidence: the envelope is not JSON"))
        let spaced = try scene.problems([one: line + [0x20] + second.withNewline])
        #expect(spaced == ["line 2 is not in canonical form: the envelope"])
        let long = [UInt8](repeating: 0x61, count: 70_000) + [0x0a]
        #expect(try scene.problems([one: line + long]) == ["line 2 is longer than 65536 bytes"])
    }

    @Test func refusesStatementsThatDoNotBelongHere() throws {
        let scene = try Scene()
        let one = try object(1)
        let other = try scene.bench.line(review(try object(2)), key: "bob")
        let problem = try scene.problems([one: scene.first.withNewline + other.withNewline])
        #expect(problem == ["line 2 is about \(try object(2).hex), another object"])
        #expect(
            try scene.problems(adding: review(one, repository: "wrk/other"), key: "bob")
                == ["line 2 is for the repository 'wrk/other', and this one is 'wrk/system'"])
        #expect(
            try scene.problems(adding: testResult(try object(2)), key: "bob")
                == [])
        #expect(
            try scene.problems(
                adding: deployment(try object(2), "production", after: nil), key: "bob")
                == [
                    "line 1 is a deployment signed by bob@wrk.example, who is no operator of 'production' in policies/release.yml"
                ])
        #expect(
            try scene.problems(
                adding: deployment(try object(2), "canary", after: nil), key: "alice"
            )
            .count == 1)
        let tree = try scene.writer.writeTree([])
        #expect(
            try scene.problems(adding: review(tree), key: "bob")
                == ["is a tree, and the statement is about a commit"])
        #expect(try scene.problems(adding: testResult(tree), key: "ci") == [])
    }

    @Test func refusesSignaturesThatDoNotCount() throws {
        let scene = try Scene()
        let two = try object(2)
        let stranger = try scene.bench.makeKey("mallory")
        let unlisted = try scene.problems(adding: review(two), key: "mallory")
        #expect(
            unlisted == [
                "line 1 is signed with a key (\(stranger.fingerprint)) that policies/allowed_signers does not list"
            ])
        let bob = scene.signers[1]
        func bobs(_ change: (inout AllowedSigner) -> Void) throws -> [String] {
            var entry = bob
            change(&entry)
            return try scene.problems(
                adding: review(two), key: "bob", signers: [scene.signers[0], entry])
        }
        #expect(
            try bobs { $0.validBefore = now - 1 } == [
                "line 1 is signed with a key that has expired"
            ])
        #expect(try bobs { $0.validBefore = now } == [])
        #expect(
            try bobs { $0.validAfter = now + 1 } == [
                "line 1 is signed with a key that is not yet valid"
            ])
        #expect(
            try bobs { $0.namespaces = ["gate-check"] }
                == [
                    "line 1 is signed with a key that policies/allowed_signers does not let sign gate-review"
                ])
        // The old line's key is gone; it stays, and a new line of that key is refused.
        let without = Array(scene.signers.dropFirst())
        #expect(try scene.problems(adding: review(two), key: "bob", signers: without) == [])
        #expect(try scene.problems(adding: review(two), key: "alice", signers: without).count == 1)
    }

    @Test func refusesTreesThatReadTwoWays() throws {
        let scene = try Scene()
        let one = try object(1)
        let line = scene.first.withNewline
        let second = try scene.bench.line(review(one), key: "bob")
        let flat = try blobEntry(one.hex, scene.writer, line)
        func fanned(_ content: [UInt8]) throws -> TreeEntry {
            let hex = one.hex
            let name = Array(hex.utf8.prefix(2))
            let inner = try blobEntry(String(hex.dropFirst(2)), scene.writer, content)
            return TreeEntry(name: name, mode: .tree, id: try scene.writer.writeTree([inner]))
        }
        for content in [line, second.withNewline, line + second.withNewline] {
            let both = try commitTree(
                scene.writer, [flat, try fanned(content)], parents: [scene.old])
            #expect(
                try scene.problems(both, old: scene.old) == [
                    "the notes tree has two notes on \(one.hex)"
                ])
            #expect(
                try scene.problems(both, old: nil) == ["the notes tree has two notes on \(one.hex)"]
            )
        }
        // Moved into a folder, as git does it: nothing is lost.
        let moved = try commitTree(
            scene.writer, [try fanned(line + second.withNewline)], parents: [scene.old])
        #expect(try scene.problems(moved, old: scene.old) == [])
        let readme = try blobEntry("README", scene.writer, line)
        let junk = try commitTree(scene.writer, [flat, readme], parents: [scene.old])
        #expect(
            try scene.problems(junk, old: scene.old)
                == ["the notes tree has the entry README, which is no note"])
    }

    @Test func acceptsWhatGitMerges() throws {
        let scene = try Scene()
        let notes = NotesWriter(scene.writer)
        let bobs = try scene.bench.line(review(try object(1)), key: "bob")
        let cis = try scene.bench.line(testResult(try object(2)), key: "ci")
        let theirs = try notes.commit(adding: [try object(1): [bobs.bytes]], to: scene.old)
        let ours = try notes.commit(adding: [try object(2): [cis.bytes]], to: scene.old)
        let bench = scene.bench
        try bench.git("work", "update-ref", "refs/notes/gate", ours.hex)
        try bench.git(
            "work", "notes", "--ref=gate", "merge", "-q", "-s", "cat_sort_uniq", theirs.hex)
        scene.writer.repository.refresh()
        let merged = try bench.id("work", "refs/notes/gate")
        #expect(try scene.problems(merged, old: scene.old) == [])
        #expect(try scene.problems(merged, old: theirs) == [])
        let store = try NoteStore(scene.writer.repository, tip: merged)
        #expect(try Set(store.lines(on: try object(1))) == [scene.first, bobs])
        #expect(
            try bench.git("work", "notes", "--ref=gate", "show", try object(2).hex)
                == String(decoding: cis.bytes, as: UTF8.self))
    }

    @Test func deploymentsAreAChain() throws {
        let scene = try Scene()
        let notes = NotesWriter(scene.writer)
        func line(
            _ number: Int, after previous: Line?, _ outcome: Deployment.Outcome = .started
        ) throws -> Line {
            try scene.bench.line(
                deployment(
                    try scene.revision(number), "production", after: previous?.digest, outcome,
                    release: String(number)), key: "alice")
        }
        func push(_ lines: [Line], over old: ObjectID) throws -> (ObjectID, [String]) {
            var added: [ObjectID: [[UInt8]]] = [:]
            for line in lines { added[line.statement.subject, default: []].append(line.bytes) }
            let new = try notes.commit(adding: added, to: old)
            return (new, try scene.problems(new, old: old))
        }
        let first = try line(2, after: nil)
        let second = try line(2, after: first, .succeeded)
        // In whatever order the notes list them.
        let (tip, problems) = try push([second, first], over: scene.old)
        #expect(problems == [])
        let taken = "somebody else recorded the next deployment of production/all"
        #expect(try push([try line(4, after: first)], over: tip).1 == [taken])
        #expect(try push([try line(4, after: nil)], over: tip).1 == [taken])
        #expect(
            try push([try line(4, after: second), try line(5, after: second)], over: tip).1
                == [taken])
        #expect(try push([try line(4, after: second)], over: tip).1 == [])
        let stray = try line(6, after: nil)
        #expect(
            try push([try line(4, after: stray)], over: tip).1
                == ["a deployment follows one that is not known here"])
        #expect(
            try push([try line(4, after: second, .succeeded)], over: tip).1
                == ["succeeded of production/all has no started before it"])
        let missing = try scene.bench.line(
            deployment(try object(7), "production", after: second.digest), key: "alice")
        #expect(
            try push([missing], over: tip).1
                == ["a deployment of 7cccccc, which the server does not have"])
    }

    /// A commit between the tips that is not well formed.
    @Test func readsEveryCommitOnTheWay() throws {
        let scene = try Scene()
        let tree = try scene.writer.repository.commit(scene.old).tree
        let text =
            "tree \(tree.hex)\nparent \(scene.old.hex)\nauthor A <a@b> 0 +0000\n"
            + "author A <a@b> 0 +0000\ncommitter A <a@b> 0 +0000\n\nx\n"
        let odd = try scene.bench.git(
            "work", "hash-object", "--literally", "-w", "-t", "commit", "--stdin",
            input: Array(text.utf8))
        scene.writer.repository.refresh()
        let middle = try #require(ObjectID(hex: odd))
        let line = try blobEntry(try object(1).hex, scene.writer, scene.first.withNewline)
        let new = try commitTree(scene.writer, [line], parents: [middle])
        let problems = try scene.problems(new, old: scene.old)
        #expect(problems.count == 1, "\(problems)")
    }
}
