import GitObjects
import Spawn

@testable import History
@testable import Ledger

/// What is read out of commits and notes: messages, people, the tree of the evidence.
let historyReaders = [
    FuzzedReader(
        name: "message",
        sources: [
            "History/Trailers.swift", "History/ChangeLabel.swift",
            "History/MessageReferences.swift",
        ], longest: 512, read: readMessage),
    FuzzedReader(
        name: "mailmap", sources: ["History/Mailmap.swift"], longest: 256, read: readMailmap),
    FuzzedReader(
        name: "notes-tree", sources: ["Ledger/NotesTree.swift"], longest: 512, read: readNotes),
    FuzzedReader(
        name: "push-answer", sources: ["Ledger/PushAnswer.swift"], longest: 512,
        read: readPushAnswer),
]

private let person = Signature(
    name: Array("Alice".utf8), email: Array("alice@wrk.example".utf8), time: 1_795_424_400,
    offset: 0)

private func landing(_ message: [UInt8], parents: Int) -> Commit {
    Commit(
        id: anyID, tree: .emptyTree, parents: Array(repeating: anyID, count: parents),
        author: person, committer: person, message: message)
}

private func readMessage(_ bytes: [UInt8]) throws -> Bool {
    let lines = bytes.split(separator: 0x0a)
    let trailers = Trailers(message: bytes)
    for key in ["Gate-Head", "Gate-Evidence", "Change-Id", "Reviewed-by"] {
        let values = trailers.values(of: key)
        let begun = lines.count { line in
            line.count > key.utf8.count
                && zip(line, key.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
        }
        try require(values.count <= begun, "more values of \(key) than lines that begin so")
        try require(values.allSatisfy { !$0.contains(0x0a) }, "a value of two lines")
    }
    let coAuthors = trailers.coAuthorAddresses
    try require(
        coAuthors.count == trailers.values(of: "Co-authored-by").count, "a co-author overlooked")
    let references = MessageReferences(message: bytes)
    for id in references.reverted + references.picked {
        try require(bytes.contains(id.hex), "\(id) stands nowhere in the message")
    }
    for parents in 0...2 {
        let label = ChangeLabel(of: landing(bytes, parents: parents))
        try require(!label.title.contains(0x0a), "a title of two lines")
        if case .changeID(let id)? = label.reference {
            try require(bytes.contains(id), "\(id) stands nowhere in the message")
        }
        let other = ChangeLabel(
            of: landing(bytes, parents: parents), onlyCommit: landing(bytes, parents: 1))
        try require(other.reference == label.reference, "another commit's title is a reference")
    }
    return !references.isEmpty || !coAuthors.isEmpty
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return indices.contains { self[$0...].starts(with: wanted) }
    }
}

private func readMailmap(_ bytes: [UInt8]) throws -> Bool {
    // The last line is whom to look up: a name, a tab, an address.
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    let map = Mailmap(parsing: Array(lines.dropLast().joined(separator: [0x0a])))
    let fields = (lines.last.map(Array.init) ?? []).parts(separatedBy: 0x09, atMost: 2)
    let asked = Mailmap.Person(name: fields[0], email: fields.count == 2 ? fields[1] : [])
    let shownAs = map.resolve(asked)
    try require(
        !shownAs.name.contains(0x0a) && !shownAs.email.contains(0x0a), "a person of two lines")
    func upper(_ text: [UInt8]) -> [UInt8] {
        text.map { (0x61...0x7a).contains($0) ? $0 - 0x20 : $0 }
    }
    let loud = map.resolve(Mailmap.Person(name: upper(asked.name), email: upper(asked.email)))
    if shownAs != asked {
        try require(
            loud.name == shownAs.name || loud.name == upper(asked.name), "case counts in a name")
        try require(
            loud.email == shownAs.email || loud.email == upper(asked.email),
            "case counts in an address")
    }
    try require(
        [shownAs, asked].sorted() == [asked, shownAs].sorted(), "people without an order")
    try require(Mailmap().resolve(asked) == asked, "an empty file changes somebody")
    return shownAs != asked
}

/// An input is a list of raw trees, two bytes of length before each; the first is the present root, the
/// second the one before.
private func readNotes(_ bytes: [UInt8]) throws -> Bool {
    var picture = TreePicture()
    var rest = bytes[...]
    while rest.count >= 2, picture.trees.count < 8 {
        let count = Int(rest.removeFirst()) << 8 | Int(rest.removeFirst())
        picture.trees.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
    }
    guard !picture.trees.isEmpty else { return false }
    let old = ObjectID(bytes: [UInt8](repeating: 1, count: 20)) ?? .zero
    let new = ObjectID(bytes: [0] + [UInt8](repeating: 1, count: 19)) ?? .zero
    for root in [old, new] { picture.commits[root] = notesCommit(root) }
    var notes: [ObjectID: ObjectID] = [:]
    let tree: NotesTree
    do throws(GitError) {
        tree = try NotesTree(at: new, in: picture)
        notes = try tree.notes()
    } catch {
        try requireSafe(error.problem)
        try require([.malformed, .limit].contains(error.kind), "\(error.subject) \(error)")
        return false
    }
    for (object, blob) in notes.prefix(8) {
        try require(try tree.note(on: object) == blob, "a note is not found")
    }
    try require(try tree.place(of: anyID).blob == notes[anyID], "a note that is none")
    let all = try tree.differences(from: nil)
    try require(
        all.count == notes.count && all.allSatisfy { notes[$0.object] == $0.new },
        "what differs from nothing is not everything")
    try require(try tree.differences(from: tree).isEmpty, "a tree differs from itself")
    let before: [ObjectID: ObjectID]
    let differences: [NotesTree.Difference]
    do throws(GitError) {
        let older = try NotesTree(at: old, in: picture)
        before = try older.notes()
        differences = try tree.differences(from: older)
    } catch {
        try require([.malformed, .limit].contains(error.kind), "\(error.subject) \(error)")
        return true
    }
    var replayed = before
    for difference in differences {
        try require(before[difference.object] == difference.old, "another note was there before")
        replayed[difference.object] = difference.new
    }
    try require(replayed == notes, "the differences do not lead from one tree to the other")
    return true
}

private func notesCommit(_ root: ObjectID) -> Commit {
    Commit(id: root, tree: root, parents: [], author: person, committer: person, message: [])
}

private func readPushAnswer(_ bytes: [UInt8]) throws -> Bool {
    let parts = bytes.parts(separatedBy: 0, atMost: 2)
    let result = Child.Result(
        termination: .exited(1), output: parts[0], errorOutput: parts.count == 2 ? parts[1] : [])
    do throws(GitError) {
        switch try PushAnswer(result, ref: "refs/notes/gate") {
        case .refused(let words):
            for line in words.split(separator: "\n") { try requireAnswerSafe(line) }
        case .accepted, .lostRace: break
        }
        return true
    } catch {
        try requireSafe(error.description)
        return false
    }
}

private func requireAnswerSafe(_ line: Substring) throws(GitError) {
    if shown(line.utf8) != line { throw GitError(.io, "push", "shows raw bytes") }
}
