import GitObjects
import Testing

@testable import Policy

@Suite struct LinearPatterns {
    /// Each row was checked with Python's `re` (flag ASCII).
    @Test(arguments: [
        ("^[A-Z].{0,71}$", "Fix it", true), ("^[A-Z].{0,71}$", "fix it", false),
        ("^[A-Z].{0,71}$", "F" + String(repeating: "é", count: 71), true),
        ("^[A-Z].{0,71}$", "F" + String(repeating: "x", count: 72), false),
        ("\\b[A-Z]{2,}-\\d+\\b", "see AB-12.", true), ("\\b[A-Z]{2,}-\\d+\\b", "A-12", false),
        ("\\b[A-Z]{2,}-\\d+\\b", "xAB-12", false),
        ("a|b|", "", true), ("^(feat|fix)(\\(\\w+\\))?: .+", "fix(api): x", true),
        ("^(feat|fix)(\\(\\w+\\))?: .+", "fixed: x", false),
        ("a.c", "a\nc", false), ("a[^b]c", "a\nc", true), ("^b", "a\nb", false),
        ("a$", "a\n", true), ("a$", "a\n\n", false), ("a$", "a\nb", false), ("^$", "", true),
        ("^$", "\n", true), ("x*", "", true), ("(a*)*b", "aaab", true), ("(a|aa)+$", "aaaa", true),
        ("\\s\\S", " a", true), ("\\s\\S", "a a", true), ("^\\W+$", "é!", true),
        ("\\Bb", "ab", true),
        ("\\Bb", " b", false), ("[\\]\\\\]", "\\", true), ("[a\\-z]", "-", true),
        ("[a\\-z]", "m", false),
        ("[^\\d\\s]", "1 2", false), ("[^\\d\\s]", "1 x", true), ("é+", "éé", true),
        ("[à-ü]", "é", true), ("[à-ü]", "z", false), ("^.$", "👍", true), ("a{0}b", "b", true),
        ("a{2,3}?$", "aaaa", true), ("^a{2,3}$", "a", false), ("^a{2,3}$", "aaaa", false),
        ("^(?:ab){2}$", "abab", true), ("\\.", "x", false), ("\\.", ".", true), ("]", "]", true),
        ("a}", "a}", true), ("^a|b$", "xb", true), ("^a|b$", "xa", false), ("[+*.]", "*", true),
    ])
    func found(_ pattern: String, _ text: String, _ isFound: Bool) throws {
        #expect(try LinearPattern(parsing: pattern).isFound(in: Array(text.utf8)) == isFound)
    }

    @Test(arguments: [
        ("(", 1), (")", 1), ("a**", 3), ("*", 1), ("a|*", 3), ("[a", 1), ("[b-a]", 3), ("[]", 2),
        ("a{2,1}", 2), ("a{", 2), ("a{,3}", 2), ("{2}", 1), ("a{1001}", 6), ("\\", 1), ("\\q", 1),
        ("(a)\\1", 4), ("(?=a)", 3), ("(?!a)", 3), ("(?<=a)", 3), ("(?P<n>a)", 3), ("(?i)a", 3),
        ("[[:alpha:]]", 2), ("^*", 1), ("\\b+", 1), ("a+*", 3), ("a++", 3), ("\\A", 1),
        ("\\p{L}", 1),
        ("[a-\\d]", 3), ("é(", 2), (String(repeating: "a", count: 1_025), 1_025),
        (String(repeating: "(", count: 60), 52),
    ])
    func refused(_ pattern: String, _ position: Int) {
        let error = #expect(throws: PatternError.self) { try LinearPattern(parsing: pattern) }
        #expect(error?.position == position, "\(String(describing: error))")
    }

    /// Repetitions of repetitions are refused before they are written out.
    @Test(arguments: [
        "((((a{1000}){1000}){1000}){1000}){1000}", "((((){1000}){1000}){1000}){1000}",
        "(a{100}){100}", "((((a?){1000})?){1000})*",
    ])
    func tooLarge(_ pattern: String) {
        let time = ContinuousClock().measure {
            let error = #expect(throws: PatternError.self) { try LinearPattern(parsing: pattern) }
            #expect(error?.problem.hasPrefix("too large") == true)
        }
        #expect(time < .seconds(2))
    }

    /// Patterns for which a backtracking engine needs longer than the universe has.
    @Test(arguments: [
        "^(a*)*$", "(a|aa)+$", "^(a|a?)+$", "(.*a){20}$", "^(([a-z])+.)+[A-Z]([a-z])+$",
    ])
    func hostile(_ text: String) throws {
        let pattern = try LinearPattern(parsing: text)
        let time = ContinuousClock().measure {
            #expect(!pattern.isFound(in: Array(repeating: 0x61, count: 5_000) + [0x21]))
        }
        #expect(time < .seconds(10))
    }

    @Test(arguments: [
        ("\\b[A-Z]{2,}-\\d+\\b", "AB-1, CD-22 (xEF-3) GH-4", ["AB-1", "CD-22", "GH-4"]),
        ("a|ab", "abab", ["a", "a"]), ("ab|a", "abab", ["ab", "ab"]),
        ("a+?", "aaa", ["a", "a", "a"]),
        ("a+", "aaabaa", ["aaa", "aa"]), ("a*", "baac", ["aa"]), ("x", "", []),
        ("(a|b)*c|a", "ababd", ["a", "a"]), (".é", "xéyé", ["xé", "yé"]), ("^a", "aaa", ["a"]),
        ("\\w+$", "ab cd\n", ["cd"]), ("a{2,3}", "aaaaa", ["aaa", "aa"]),
    ])
    func matches(_ pattern: String, _ text: String, _ expected: [String]) throws {
        let bytes = Array(text.utf8)
        let ranges = try LinearPattern(parsing: pattern).matches(in: bytes)
        #expect(ranges.map { String(decoding: bytes[$0], as: UTF8.self) } == expected)
    }

    /// Behind each match the search goes on for the preferred alternative, which never comes.
    @Test(arguments: ["a.*b|a", "(a+b|a)+?", "(?:[^b]*b)?a"])
    func manyMatches(_ text: String) throws {
        let pattern = try LinearPattern(parsing: text)
        let subject = [UInt8](repeating: 0x61, count: 20_000)
        let time = ContinuousClock().measure {
            #expect(pattern.matches(in: subject).count == subject.count)
        }
        // A square of steps takes minutes; a sanitizer makes of seconds many.
        #expect(time < .seconds(60))
        // What was learned behind one match is not held against what another one leads to.
        let end = Array(String(repeating: "a", count: 300).utf8) + [0x62, 0x61]
        let ranges = pattern.matches(in: end)
        let slow = end.indices.filter { start in
            ranges.contains { $0.lowerBound == start }
        }
        #expect(slow.count == ranges.count && ranges.last?.upperBound == end.count)
    }

    @Test func bytesThatAreNotUTF8() throws {
        let pattern = try LinearPattern(parsing: "^a.b$")
        #expect(pattern.isFound(in: [0x61, 0xff, 0x62]))
        #expect(pattern.isFound(in: [0x61, 0xef, 0xbf, 0xbd, 0x62]))
        #expect(!pattern.isFound(in: [0x61, 0xff, 0xff, 0x62]))
        #expect(try LinearPattern(parsing: "b$").isFound(in: [0xf0, 0x9f, 0x62]))
    }
}
