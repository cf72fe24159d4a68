import GitObjects
import Testing

@Suite struct ShownTests {
    @Test(
        arguments: [
            ([], ""), (Array("caf\u{e9} \u{1f600}".utf8), "caf\u{e9} \u{1f600}"),
            ([0x61, 0x1b, 0x5b, 0x7f, 0x0a], "a\\x1b[\\x7f\\x0a"),
            (Array("a\u{202e}b\u{9b}c\u{61c}".utf8), "a\\u{202e}b\\u{9b}c\\u{61c}"),
            // A sequence that is cut off, by the end and by another byte.
            ([0xf1, 0x80, 0x80], "\\xf1\\x80\\x80"),
            ([0xf1, 0x80, 0x80, 0x61], "\\xf1\\x80\\x80a"),
            ([0xe2, 0x82, 0xe2, 0x82, 0xac], "\\xe2\\x82\u{20ac}"), ([0xff, 0xfe], "\\xff\\xfe"),
            ([0xc3, 0xc3, 0xa9], "\\xc3\u{e9}"), ([0x61, 0xc3], "a\\xc3"),
            // Longer than necessary, a surrogate, beyond Unicode.
            ([0xc0, 0xaf], "\\xc0\\xaf"), ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
            ([0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
        ] as [([UInt8], String)])
    func shows(_ bytes: [UInt8], _ expected: String) {
        #expect(shown(bytes) == expected)
    }

    /// Whatever the bytes: nothing is lost, and what is valid stays as it is.
    @Test func everyPairAndTriple() {
        let interesting: [UInt8] = [
            0x00, 0x41, 0x7f, 0x80, 0xbf, 0xc1, 0xc3, 0xe0, 0xa0, 0xed, 0xef, 0xf0, 0x90, 0xf4,
            0xf5,
        ]
        for one in interesting {
            for other in interesting {
                for third in interesting {
                    let text = shown([one, other, third, 0x42])
                    #expect(text.utf8.last == 0x42)
                    #expect(shown(text.utf8) == text)
                }
            }
        }
    }
}
