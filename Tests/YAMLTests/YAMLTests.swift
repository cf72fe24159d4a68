import Testing

@testable import YAML

@Suite struct Reading {
    @Test func positionsCountFromOne() throws {
        let root = try #require(try Node.read(Array("a:\n  - x\n  - 'é': \"z\"\n".utf8)))
        guard case .mapping(let entries) = root.content,
            case .sequence(let items) = entries[0].value.content,
            case .mapping(let inner) = items[1].content
        else {
            Issue.record("another shape")
            return
        }
        #expect(entries[0].keyMark == Mark(line: 1, column: 1))
        #expect(items[0].mark == Mark(line: 2, column: 5))
        #expect(items[0].content == .scalar(Scalar(text: "x", isPlain: true)))
        #expect(inner[0].key == "é")
        #expect(inner[0].value.mark == Mark(line: 3, column: 10))
        #expect(inner[0].value.content == .scalar(Scalar(text: "z", isPlain: false)))
    }

    @Test(arguments: ["", "# only a comment\n", "---\n", "---\n# nothing\n...\n"])
    func textsWithoutContent(_ text: String) throws {
        #expect(try Node.read(Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("a: &x 1", "1:4: an anchor (&name) is not read here"),
        ("a: *x", "1:4: an alias (*name) is not read here"),
        ("&x a: 1", "1:1: an anchor"),
        ("a: !!str 1", "1:4: a tag"),
        ("a: ! b", "1:4: a tag"),
        ("- !x []", "1:3: a tag"),
        ("a: 1\nb: 2\na: 3", "3:1: the key “a” stands twice"),
        ("'a': 1\n\"\\x61\": 2", "2:1: the key “a” stands twice"),
        ("[a]: 1", "1:1: a key must be a plain or quoted text"),
        ("? {a: 1}\n: 2", "1:3: a key must be a plain or quoted text"),
        ("a: 1\n---\nb: 2", "2:1: a second document"),
        ("%YAML 1.1\n---\na: 1", "1:1: directives"),
        ("%TAG ! tag:x,2000:\n---\na: 1", "1:1: directives"),
        ("a: [1, 2", "2:1: did not find expected ',' or ']'"),
        ("a: b: c", "1:5: mapping values are not allowed"),
        ("a:\n\t- b", "2:1: found character that cannot start any token"),
        ("\u{feff}a: 1", "1:1: the file starts with a byte-order mark"),
    ])
    func refused(_ text: String, _ message: String) {
        let error = #expect(throws: YAMLError.self) { try Node.read(Array(text.utf8)) }
        #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
    }

    @Test func bytesThatAreNotUTF8() {
        let error = #expect(throws: YAMLError.self) {
            try Node.read(Array("a: 1\nb: ".utf8) + [0xff])
        }
        #expect(
            error?.description.hasPrefix("2:4: not UTF-8") == true, "\(String(describing: error))")
        #expect(throws: YAMLError.self) { try Node.read([0xff, 0xfe, 0x61, 0, 0x3a, 0, 0x20, 0]) }
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func deepNesting(_ opening: String) {
        let text = String(repeating: opening, count: 200_000)
        let error = #expect(throws: YAMLError.self) { try Node.read(Array(text.utf8)) }
        #expect(error?.problem == "nested more than 32 levels deep", "\(String(describing: error))")
    }

    @Test func depthAtTheLimit() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(try Node.read(nested(32)) != nil)
        #expect(throws: YAMLError.self) { try Node.read(nested(33)) }
    }

    @Test func limitsOfSizeAndNumber() throws {
        let limits = Limits(size: 20, depth: 4, nodes: 5)
        #expect(try Node.read(Array("[1, 2, 3, 4]".utf8), limits: limits) != nil)
        #expect(throws: YAMLError(Mark(line: 1, column: 14), "the file has more than 5 values")) {
            try Node.read(Array("[1, 2, 3, 4, 5]".utf8), limits: limits)
        }
        #expect(
            throws: YAMLError(
                Mark(line: 1, column: 1), "the file has 21 bytes; at most 20 are read")
        ) {
            try Node.read(Array(repeating: 0x20, count: 21), limits: limits)
        }
    }

    @Test func twiceTheSameKeyInALargeMapping() {
        var lines = (0..<100).map { "key\($0): 1" }
        lines.append("key7: 2")
        let error = #expect(throws: YAMLError.self) {
            try Node.read(Array(lines.joined(separator: "\n").utf8))
        }
        #expect(error?.mark == Mark(line: 101, column: 1))
    }

    @Test(arguments: [
        ("a:", true), ("a: ~", true), ("a: null", true), ("a: ''", false), ("a: 'null'", false),
        ("a: no", false), ("a: |\n  null", false),
    ])
    func nothing(_ text: String, _ isNull: Bool) throws {
        let root = try #require(try Node.read(Array(text.utf8)))
        guard case .mapping(let entries) = root.content,
            case .scalar(let scalar) = entries[0].value.content
        else {
            Issue.record("another shape")
            return
        }
        #expect(scalar.isNull == isNull)
    }
}
