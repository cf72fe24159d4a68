import Testing

@testable import GitObjects

private let treeLine = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
private let parentLine = "parent 1111111111111111111111111111111111111111\n"
private let otherParent = "parent 2222222222222222222222222222222222222222\n"
private let person = "Alice Example <alice@wrk.example> 1700000000 +0130"
private let people = "author \(person)\ncommitter \(person)\n"
private let anyID = ObjectID(hex: String(repeating: "9", count: 40)) ?? .zero

private func commit(_ text: String) throws -> Commit {
    try Commit(parsing: Array(text.utf8), id: anyID)
}

private func tag(_ text: String) throws -> GitObjects.Tag {
    try GitObjects.Tag(parsing: Array(text.utf8), id: anyID)
}

/// A commit in pieces, and a part of what is wrong with it.
struct Refusal: Sendable {
    let pieces: [String]
    let problem: String

    init(_ pieces: [String], _ problem: String) {
        self.pieces = pieces
        self.problem = problem
    }
}

private let refusals: [Refusal] = [
    Refusal([""], "`tree`"),
    Refusal([treeLine], "`author`"),
    Refusal([parentLine, treeLine, people, "\nm"], "`tree`"),
    Refusal([treeLine, treeLine, people, "\nm"], "`author`"),
    Refusal([treeLine, parentLine, parentLine, people, "\nm"], "names a parent twice"),
    Refusal([treeLine, "parent 11\n", people, "\nm"], "no object id"),
    Refusal([treeLine.uppercased(), people, "\nm"], "`tree`"),
    Refusal(["tree 4B825dc642cb6eb9a060e54bf8d69288fbee4904\n", people, "\nm"], "no object id"),
    Refusal([treeLine, "author \(person)\n\nm"], "`committer`"),
    Refusal([treeLine, "author \(person)\n", people, "\nm"], "`committer`"),
    Refusal([treeLine, people, people, "\nm"], "`author` line out of its place"),
    Refusal([treeLine, people, "committer \(person)\n\nm"], "out of its place"),
    Refusal([treeLine, people, parentLine, "\nm"], "out of its place"),
    Refusal([treeLine, people, treeLine, "\nm"], "out of its place"),
    Refusal([treeLine, people, "gpgsig a\ngpgsig b\n\nm"], "two signatures"),
    Refusal([treeLine, people, "gpgsig-sha256 a\ngpgsig-sha256 b\n\nm"], "two signatures"),
    Refusal([treeLine, people, "gpgsigned a\n\nm"], "`gpgsigned`"),
    Refusal([treeLine, people, "encoding a\nencoding b\n\nm"], "two encodings"),
    Refusal([treeLine, people, " continued\n\nm"], "no name and value"),
    Refusal([treeLine, people, "word\n\nm"], "no name and value"),
    Refusal([treeLine, people, "unfinished line"], "ends inside a header"),
    Refusal([treeLine, people, "\nm\0n"], "NUL"),
    Refusal([treeLine, "author A\0 <a> 0 +0000\ncommitter \(person)\n\nm"], "NUL"),
]

@Suite struct CommitReaderTests {
    @Test func readsEveryPart() throws {
        let read = try commit(
            treeLine + parentLine + otherParent + people + "encoding UTF-8\n\nSubject\n\nBody\n")
        #expect(read.id == anyID)
        #expect(read.tree == .emptyTree)
        #expect(read.parents.map(\.hex.first) == ["1", "2"])
        #expect(read.author.name == Array("Alice Example".utf8))
        #expect(read.author.email == Array("alice@wrk.example".utf8))
        #expect(read.author.time == 1_700_000_000)
        #expect(read.committer.offset == 90)
        #expect(read.message == Array("Subject\n\nBody\n".utf8))
        #expect(read.signature == nil && read.signedPayload == nil)
    }

    @Test(arguments: [
        ("author  <a@b> 0 -0700", "", "a@b", Int64(0), -420),
        ("author A <> 5 +0000", "A", "", 5, 0),
        ("author A  B <a b> 9223372036854775807 +2359", "A  B", "a b", .max, 1439),
    ])
    func readsOddPeople(
        _ line: String, _ name: String, _ email: String, _ time: Int64, _ offset: Int
    ) throws {
        let read = try commit(treeLine + line + "\ncommitter \(person)\n\n").author
        #expect(
            read
                == Signature(
                    name: Array(name.utf8), email: Array(email.utf8), time: time, offset: offset))
    }

    @Test func takesTheSignatureOut() throws {
        let before = treeLine + people
        let read = try commit(
            before + "gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n \n -----END\nx-note y\n"
                + "gpgsig-sha256 zzz\n yyy\n\nmessage\ngpgsig no\n")
        #expect(
            read.signature == Array("-----BEGIN SSH SIGNATURE-----\nabc\n\n-----END".utf8))
        #expect(
            read.signedPayload == Array((before + "x-note y\n\nmessage\ngpgsig no\n").utf8))
    }

    @Test func keepsOtherHeadersWithContinuationLines() throws {
        let text =
            treeLine + people + "mergetag object 1\n type commit\n \n gpgsig inside\n\nm"
        #expect(try commit(text).message == Array("m".utf8))
    }

    @Test func theMessageMayBeMissing() throws {
        #expect(try commit(treeLine + people).message.isEmpty)
        #expect(try commit(treeLine + people + "\n").message.isEmpty)
    }

    @Test(arguments: refusals)
    func refuses(_ refusal: Refusal) {
        #expect {
            try commit(refusal.pieces.joined())
        } throws: {
            let error = $0 as? GitError
            return error?.kind == .malformed && error?.problem.contains(refusal.problem) == true
                && error?.subject == "commit \(anyID)"
        }
    }

    @Test(arguments: [
        "author <a@b> 0 +0000", "author A<a@b> 0 +0000", "author A <a@b 0 +0000",
        "author A a@b> 0 +0000", "author A <a<b> 0 +0000", "author A> <a> 0 +0000",
        "author A <a@b>0 +0000", "author A <a@b>  0 +0000", "author A <a@b> 01 +0000",
        "author A <a@b> -1 +0000", "author A <a@b> 9223372036854775808 +0000",
        "author A <a@b> x +0000", "author A <a@b> 0", "author A <a@b> 0 0000",
        "author A <a@b> 0 +00000", "author A <a@b> 0 +000", "author A <a@b> 0 +00a0",
        "author A <a@b> 0 +0000 ", "author A <a@b>", "author A", "author ",
    ])
    func refusesPeople(_ line: String) {
        #expect {
            try commit(treeLine + line + "\ncommitter \(person)\n\nm")
        } throws: {
            ($0 as? GitError)?.problem.contains("has an `author` line") == true
        }
    }
}

@Suite struct TagReaderTests {
    private let head =
        "object 1111111111111111111111111111111111111111\ntype commit\ntag v1\n"

    @Test func readsEveryPart() throws {
        let read = try tag(head + "tagger \(person)\n\nRelease\n")
        #expect(read.target.hex.first == "1")
        #expect(read.targetKind == .commit)
        #expect(read.name == Array("v1".utf8))
        #expect(read.tagger?.email == Array("alice@wrk.example".utf8))
        #expect(read.message == Array("Release\n".utf8))
        #expect(read.signature == nil)
    }

    @Test func theTaggerMayBeMissing() throws {
        #expect(try tag(head + "\nm").tagger == nil)
    }

    @Test(arguments: ["SSH SIGNATURE", "PGP SIGNATURE", "PGP MESSAGE", "SIGNED MESSAGE"])
    func takesTheLastSignatureOff(_ kind: String) throws {
        let armour = "-----BEGIN \(kind)-----\nabc\n"
        let before = head + "tagger \(person)\n\nRelease\n" + armour
        let read = try tag(before + armour)
        #expect(read.signature == Array(armour.utf8))
        #expect(read.signedPayload == Array(before.utf8))
        #expect(read.message == Array(("Release\n" + armour).utf8))
    }

    @Test func aSignatureBeginsALine() throws {
        let read = try tag(head + "\n see -----BEGIN SSH SIGNATURE-----\n")
        #expect(read.signature == nil)
    }

    @Test(arguments: [
        "", "object 11\ntype commit\ntag v1\n\nm",
        "object 1111111111111111111111111111111111111111\ntype thing\ntag v1\n\nm",
        "object 1111111111111111111111111111111111111111\ntag v1\ntype commit\n\nm",
        "object 1111111111111111111111111111111111111111\ntype commit\ntag \n\nm",
        "object 1111111111111111111111111111111111111111\ntype commit\ntag v\nextra x\n\nm",
        "object 1111111111111111111111111111111111111111\ntype commit\ntag v\n"
            + "tagger \(person)\ntagger \(person)\n\nm",
        "object 1111111111111111111111111111111111111111\ntype commit\ntag v\ntagger A\n\nm",
        "object 1111111111111111111111111111111111111111\ntype commit\ntag v\n\nm\0",
    ])
    func refuses(_ text: String) {
        #expect { try tag(text) } throws: { ($0 as? GitError)?.kind == .malformed }
    }
}
