import Testing

@testable import GitObjects

private let anyID = ObjectID(hex: String(repeating: "9", count: 40)) ?? .zero
private let blobID = [UInt8](repeating: 0x11, count: 20)

/// A raw tree of entries `mode name`, all with the same id.
private func raw(_ entries: [String]) -> [UInt8] {
    entries.flatMap { Array($0.utf8) + [0] + blobID }
}

private func problem(_ bytes: [UInt8]) -> String? {
    do throws(GitError) {
        _ = try Tree(parsing: bytes, id: anyID)
        return nil
    } catch {
        return error.kind == .malformed ? error.problem : "not malformed"
    }
}

@Suite struct TreeReaderTests {
    @Test func readsEveryMode() throws {
        let bytes = raw([
            "100644 a", "100755 b", "120000 c", "40000 d", "160000 e", "100664 f",
        ])
        let tree = try Tree(parsing: bytes, id: anyID)
        #expect(
            tree.entries.map(\.mode)
                == [.blob, .executable, .symlink, .tree, .submodule, .groupWritableBlob])
        #expect(tree.entries.allSatisfy { $0.id.bytes == blobID })
        #expect(tree[Array("d".utf8)]?.mode == .tree)
        #expect(tree[Array("x".utf8)] == nil)
        #expect(Tree.serialized(tree.entries.reversed()) == bytes)
    }

    @Test func theEmptyTreeIsATree() throws {
        #expect(try Tree(parsing: [], id: .emptyTree).entries.isEmpty)
    }

    @Test(arguments: [
        ["100644 a", "40000 a-", "100644 a.b", "100644 b"],
        ["100644 a-b", "40000 a", "100644 a0"], ["40000 a.b", "40000 a", "100644 a0"],
        ["100644 a", "40000 ab", "100644 b"], ["100644 a", "100644 a-", "40000 ab"],
        ["100644 .github", "100644 .gitignore", "100644 .gitx", "100644 git", "100644 git~2"],
        ["100644 \u{e9}", "100644 \u{1f600}"], ["100644 \u{200c}git"], ["100644 a\nb"],
        ["100644 \(String(repeating: "n", count: 5000))"],
    ])
    func accepts(_ entries: [String]) {
        let sorted = entries.allSatisfy { $0.hasPrefix("1") } ? entries.sorted() : entries
        #expect(problem(raw(sorted)) == nil)
    }

    @Test(arguments: [
        ".", "..", ".git", ".GIT", ".gIt", "git~1", "GIT~1", ".git.", ".git ", ".git . .",
        "git~1 .", ".git::$INDEX_ALLOCATION", ".git:x", ".git\\x", "a\\.git", "a\\git~1",
        ".g\u{200c}it", "\u{feff}.git", ".git\u{202e}", ".\u{206f}GiT",
    ])
    func refusesTheName(_ name: String) {
        #expect(problem(raw(["100644 \(name)"]))?.contains("not allowed") == true)
        #expect(problem(raw(["40000 \(name)"]))?.contains("not allowed") == true)
    }

    @Test(arguments: [
        (["100644 a/b"], "slash"), (["100644 "], "without a name"),
        (["040000 a"], "mode"), (["100600 a"], "unknown mode"), (["100777 a"], "unknown mode"),
        (["0 a"], "mode"), ([" a"], "unknown mode"), (["10064x a"], "mode"),
        (["1000000000644 a"], "mode"),
        (["100644 b", "100644 a"], "not sorted"), (["40000 a", "100644 a-b"], "not sorted"),
        (["100644 a0", "40000 a"], "not sorted"),
        (["100644 a", "100644 a"], "two entries"), (["40000 a", "40000 a"], "two entries"),
        (["100644 a", "40000 a"], "two entries"),
        (["100644 a", "100644 a-b", "40000 a"], "two entries"),
        (["100644 a", "100644 a-", "40000 a-", "100644 a.b"], "two entries"),
        (["100644 a", "100644 a-", "40000 a-b", "40000 a"], "two entries"),
        (["120000 a", "160000 a+", "160000 a.", "40000 a"], "two entries"),
    ])
    func refuses(_ entries: [String], _ expected: String) {
        #expect(problem(raw(entries))?.contains(expected) == true)
    }

    @Test func refusesEveryTruncation() {
        let bytes = raw(["100644 a", "40000 b"])
        let whole = [0, raw(["100644 a"]).count, bytes.count]
        for length in 0..<bytes.count where !whole.contains(length) {
            #expect(problem(Array(bytes.prefix(length))) != nil, "at \(length)")
        }
    }

    @Test func refusesTheNullID() {
        #expect(
            problem(Array("100644 a\0".utf8) + [UInt8](repeating: 0, count: 20))?
                .contains("null id") == true)
    }

    @Test func anIDFromMemoryIsTheSameAsFromBytes() {
        let bytes = [UInt8](1...24)
        let fast = bytes.withUnsafeBytes { ObjectID(unchecked: $0, at: 3) }
        #expect(fast == ObjectID(bytes: bytes[3..<23]))
    }
}
