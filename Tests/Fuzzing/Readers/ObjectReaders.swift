import CLibGit2

@testable import GitObjects

/// Raw commits, trees and tags, as a push brings them.
let objectReaders = [
    FuzzedReader(
        name: "commit",
        sources: [
            "GitObjects/CommitReader.swift", "GitObjects/HeaderScanner.swift",
        ], longest: 1_024, read: readCommit),
    FuzzedReader(
        name: "tree",
        sources: [
            "GitObjects/TreeReader.swift", "GitObjects/TreeScanner.swift",
            "GitObjects/DotGit.swift",
        ], longest: 512, read: readTree),
    FuzzedReader(
        name: "tag", sources: ["GitObjects/TagReader.swift"], longest: 1_024, read: readTag),
]

let anyID = ObjectID(hex: String(repeating: "9", count: 40)) ?? .zero

/// Whether libgit2 reads an object: what gate accepts, it must not refuse.
private func libgit2Reads(_ bytes: [UInt8], as kind: git_object_t) -> Bool {
    // Counted by libgit2: the second call and those after it cost nothing.
    git_libgit2_init()
    var isValid: Int32 = 0
    let code = bytes.withUnsafeBytes { buffer in
        git_object_rawcontent_is_valid(
            &isValid, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, kind)
    }
    return code == 0 && isValid == 1
}

private func readCommit(_ bytes: [UInt8]) throws -> Bool {
    let commit: Commit
    do throws(GitError) {
        commit = try Commit(parsing: bytes, id: anyID)
    } catch {
        try require(error.kind == .malformed, "a commit is refused as \(error.kind)")
        return false
    }
    try require(libgit2Reads(bytes, as: GIT_OBJECT_COMMIT), "libgit2 refuses this commit")
    try checkFields(of: commit, in: bytes)
    let header = headerLines(bytes)
    for name in ["tree", "author", "committer", "gpgsig", "gpgsig-sha256", "encoding"] {
        let count = header.count { $0.starts(with: Array("\(name) ".utf8)) }
        try require(count <= 1, "\(name) stands \(count) times in the header")
    }
    try require(
        (commit.signature == nil) == (commit.signedPayload == nil),
        "a signature without what it is over")
    if let payload = commit.signedPayload {
        try require(payload.count < bytes.count, "the signature is over itself")
        let unsigned = try Commit(parsing: payload, id: anyID)
        try require(unsigned.signature == nil, "two signatures")
        try require(
            unsigned.tree == commit.tree && unsigned.parents == commit.parents
                && unsigned.author == commit.author && unsigned.committer == commit.committer
                && unsigned.message == commit.message,
            "what is signed says something else than the commit")
    }
    return true
}

/// The fields, written again in git's order, are what the object begins with.
private func checkFields(of commit: Commit, in bytes: [UInt8]) throws {
    var start = "tree \(commit.tree)\n"
    for parent in commit.parents { start += "parent \(parent)\n" }
    try require(bytes.starts(with: start.utf8), "tree and parents are not what stands there")
    var rest = bytes.dropFirst(start.utf8.count)
    for (name, person) in [("author", commit.author), ("committer", commit.committer)] {
        let line = Array("\(name) ".utf8) + person.written
        try require(rest.starts(with: line), "the \(name) is not what stands there")
        // The time zone has more spellings than one: ±hhmm and the newline.
        rest = rest.dropFirst(line.count + 6)
    }
    try require(
        commit.message.isEmpty || bytes.hasSuffix([0x0a] + commit.message),
        "the message is not what stands there")
}

extension Signature {
    /// As an object has it, without the time zone.
    fileprivate var written: [UInt8] {
        name + " <".utf8 + email + "> \(time) ".utf8
    }
}

/// The lines of an object's header, continuations left out.
private func headerLines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    return lines.prefix { !$0.isEmpty }.filter { $0.first != 0x20 }
}

private func readTag(_ bytes: [UInt8]) throws -> Bool {
    let tag: Tag
    do throws(GitError) {
        tag = try Tag(parsing: bytes, id: anyID)
    } catch {
        try require(error.kind == .malformed, "a tag is refused as \(error.kind)")
        return false
    }
    try require(libgit2Reads(bytes, as: GIT_OBJECT_TAG), "libgit2 refuses this tag")
    let start = Array("object \(tag.target)\ntype \(tag.targetKind.rawValue)\ntag ".utf8) + tag.name
    try require(bytes.starts(with: start), "object, type and name are not what stands there")
    guard let signature = tag.signature, let payload = tag.signedPayload else {
        try require(
            tag.signature == nil && tag.signedPayload == nil, "a signature over nothing")
        try require(bytes.hasSuffix(tag.message), "the message is not what stands there")
        return true
    }
    try require(payload + signature == bytes, "the signed part and the signature are not the tag")
    let unsigned = try Tag(parsing: payload, id: anyID)
    try require(
        unsigned.target == tag.target && unsigned.name == tag.name
            && unsigned.tagger == tag.tagger
            && unsigned.message + (unsigned.signature ?? [])
                == tag.message,
        "what is signed says something else than the tag")
    return true
}

private func readTree(_ bytes: [UInt8]) throws -> Bool {
    let tree: Tree
    do throws(GitError) {
        tree = try Tree(parsing: bytes, id: anyID)
    } catch {
        try require(error.kind == .malformed, "a tree is refused as \(error.kind)")
        return false
    }
    try require(libgit2Reads(bytes, as: GIT_OBJECT_TREE), "libgit2 refuses this tree")
    try require(Tree.serialized(tree.entries) == bytes, "written again it is another tree")
    let names = tree.entries.map(\.name)
    try require(Set(names).count == names.count, "a name stands twice")
    for entry in tree.entries {
        let isPlain = !entry.name.contains { $0 == 0 || $0 == 0x2f }
        try require(isPlain && !entry.name.isEmpty, "a name that is no name")
        let folded = entry.name.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
        try require(
            ![".", "..", ".git", "git~1"].contains { folded.elementsEqual($0.utf8) },
            "a name that leaves its folder")
        try require(tree[entry.name] == entry, "a look-up finds another entry")
    }
    return true
}
