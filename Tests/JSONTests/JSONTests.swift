import Testing

@testable import JSON

private func read(_ text: String) throws(JSONError) -> JSON {
    try JSON(parsing: Array(text.utf8))
}

private func canonical(_ value: JSON) -> String {
    String(decoding: value.canonical(), as: UTF8.self)
}

private func pretty(_ value: JSON) -> String {
    String(decoding: value.pretty(), as: UTF8.self)
}

@Suite struct ReaderTests {
    @Test(
        arguments: [
            ("null", JSON.null), (" true ", true), ("false", false), ("0", 0), ("-12", -12),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("1.5", 1.5), ("1e3", .double(1000)), ("-0.0", .double(-0.0)), ("\"\"", ""),
            ("[]", []), ("[1,[2]]", [1, [2]]), ("{}", [:]),
            ("{ \"b\" : 1,\r\n\t\"a\":[{}] }", ["b": 1, "a": [[:]]]),
            (#""\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\u0000""#, "\"\\/\u{8}\u{c}\n\r\tAé😀\0"),
        ] as [(String, JSON)])
    func reads(_ text: String, _ value: JSON) throws {
        #expect(try read(text) == value)
    }

    @Test(
        arguments: [
            ("", 0), (" ", 1), ("tru", 0), ("nul", 0), ("True", 0), ("01", 1), ("-", 1), ("+1", 0),
            ("1.", 2), (".5", 0), ("1e", 2), ("NaN", 0), ("1e999", 0), ("9223372036854775808", 0),
            ("[1,]", 3), ("[1 2]", 3), ("[", 1), ("{\"a\":1,}", 7), ("{a:1}", 1), ("{\"a\" 1}", 5),
            ("{\"a\":1} x", 8), ("\"a", 2), ("\"\n\"", 1), ("\"\\x\"", 1), ("\"\\u12g4\"", 5),
            ("\"\\ud800\"", 1), ("\"\\udc00\"", 1), ("\"\\ud800\\u0041\"", 1), ("\u{feff}1", 0),
            ("// c\n1", 0), ("'a'", 0),
            ("{\"a\":1,\"b\":2,\"a\":3}", 13), (#"{"a":1,"\u0061":3}"#, 7),
        ] as [(String, Int)])
    func refuses(_ text: String, at offset: Int) throws {
        let error = #expect(throws: JSONError.self) { try read(text) }
        #expect(error?.offset == offset, "\(text): \(error.map(String.init(describing:)) ?? "")")
    }

    @Test(arguments: [
        [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
    ])
    func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
        #expect(throws: JSONError(offset: 0, problem: "a string is not UTF-8")) {
            try JSON(parsing: bytes)
        }
    }

    @Test func boundsDepthAndSize() throws {
        let nested = { (depth: Int) in
            Array(
                (String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        _ = try JSON(parsing: nested(64))
        #expect(throws: JSONError(offset: 64, problem: "is nested too deeply")) {
            try JSON(parsing: nested(65))
        }
        #expect(throws: JSONError.self) { try JSON(parsing: nested(1_000_000)) }
        #expect(throws: JSONError(offset: 3, problem: "is larger than 3 bytes")) {
            try JSON(parsing: nested(2), limit: 3)
        }
    }

    /// Swift's `String` calls these two names equal; JSON does not.
    @Test func namesAreBytes() throws {
        let value = try read("{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{e9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(JSON.string("\u{e9}") != JSON.string("e\u{301}"))
    }
}

@Suite struct WriterTests {
    /// Expected bytes are what Python 3.11's json.dumps wrote, see ``JSON/canonical()``.
    @Test(
        arguments: [
            (
                ["b": 1, "a": nil, "B": true, "é": [], "😀": [:], "\u{ffff}": false] as JSON,
                "{\"B\":true,\"a\":null,\"b\":1,\"é\":[],\"\u{ffff}\":false,\"😀\":{}}"
            ),
            (
                "\"\\/\u{8}\u{c}\n\r\t\0\u{1f}\u{7f}é\u{2028}<>&",
                "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}é\u{2028}<>&\""
            ),
            ([1, -1, 1.5, 1e20], "[1,-1,1.5,1e+20]"),
        ] as [(JSON, String)])
    func writesCanonically(_ value: JSON, _ text: String) throws {
        #expect(canonical(value) == text)
        #expect(try read(text).canonical() == value.canonical())
    }

    @Test func writesForPeople() {
        let value: JSON = [
            "z": [1, "two\u{202e}\u{9b}"], "a": [:], "e": [], "n": .double(.nan),
        ]
        #expect(
            pretty(value) == """
                {
                  "z": [
                    1,
                    "two\\u202e\\u009b"
                  ],
                  "a": {},
                  "e": [],
                  "n": null
                }
                """)
    }

    @Test func buildsObjects() {
        var object: JSON.Object = ["a": 1, "b": 2, "a": 3]
        #expect(object.names == ["a", "b"])
        object["c"] = "x"
        object["b"] = nil
        #expect(JSON(object) == ["c": "x", "a": 3])
        #expect(JSON(object)["c"]?.stringValue == "x")
        #expect((["x", 2] as JSON)[1] == 2)
        #expect((["x", 2] as JSON)[2] == nil)
        #expect(JSON(["a", "b"]) == ["a", "b"])
    }

    /// Marks that are not in every list: Arabic's, a soft hyphen, Mongolian's, annotations, tags.
    @Test func prettyEscapesEveryInvisibleMark() {
        #expect(
            pretty("\u{61c}\u{ad}\u{180e}\u{fffa}\u{e0041}\u{7f}")
                == #""\u061c\u00ad\u180e\ufffa\udb40\udc41\u007f""#)
    }

    /// Of members with one name the last counts, in the place of the first, however many there are.
    @Test func largeObjects() {
        let members = (0..<100).map { ("n\($0 % 50)", JSON($0)) }
        let object = JSON.Object(members)
        #expect(object.names == (0..<50).map { "n\($0)" })
        #expect(object["n3"] == 53)
    }
}
