import GitObjects
import Testing

@testable import Policy

@Suite struct RefPatterns {
    @Test(arguments: [
        ("refs/heads/master", "refs/heads/master", true),
        ("refs/heads/master", "refs/heads/master-and-commander", false),
        ("refs/heads/master", "refs/heads/Master", false),
        ("refs/heads/master", "refs/heads/refs/heads/master", false),
        ("refs/heads/master", "xrefs/heads/master", false),
        ("refs/heads/master", "refs/heads/maste", false),
        ("refs/heads/*", "refs/heads/master", true),
        ("refs/heads/*", "refs/heads/a/b", false),
        ("refs/heads/*", "refs/heads/", true),
        ("refs/heads/release/*", "refs/heads/release/1.0", true),
        ("refs/heads/release/*", "refs/heads/release", false),
        ("refs/heads/release-?", "refs/heads/release-1", true),
        ("refs/heads/release-?", "refs/heads/release-12", false),
        ("refs/heads/a?b", "refs/heads/a/b", false),
        ("refs/heads/**", "refs/heads/a/b/c", true),
        ("refs/heads/**", "refs/heads/a", true),
        ("refs/heads/**", "refs/heads/", false),
        ("refs/heads/**", "refs/heads", false),
        ("refs/heads/**/fix", "refs/heads/fix", true),
        ("refs/heads/**/fix", "refs/heads/a/b/fix", true),
        ("refs/heads/**/fix", "refs/heads/a/bfix", false),
        ("refs/heads/**/fix", "refs/heads/a/fix/b", false),
        ("refs/heads/a**z", "refs/heads/a/b/z", true),
        ("refs/heads/a*/**/z*", "refs/heads/ab/c/d/zz", true),
        ("refs/heads/*a*b*", "refs/heads/xxaxxbxx", true),
        ("refs/heads/*a*b*", "refs/heads/xxbxxaxx", false),
        ("**", "refs/tags/v1", true),
    ])
    func whole(_ pattern: String, _ name: String, _ matches: Bool) throws {
        #expect(try RefPattern(parsing: pattern).matches(RefName(name)) == matches)
    }

    @Test(arguments: [
        ("", 1), ("refs/heads/a b", 13), ("refs/heads/[ab]", 12), ("refs/heads/", 11),
        ("/refs/heads/a", 1), ("refs/heads/***", 12), ("!refs/heads/a", 1), ("refs//heads", 6),
        ("refs/heads/a^", 13), ("refs/heads/a\u{7}", 13),
        (String(repeating: "a", count: 1_025), 1_025),
        ("refs/heads/é ", 13),
    ])
    func refused(_ pattern: String, _ position: Int) {
        let error = #expect(throws: PatternError.self) { try RefPattern(parsing: pattern) }
        #expect(error?.position == position)
    }

    /// Two spellings of é are two refs.
    @Test func bytesAndNotText() {
        let composed = "refs/heads/\u{e9}"
        let decomposed = "refs/heads/e\u{301}"
        #expect(RefPattern(composed).matches(RefName(composed)))
        #expect(!RefPattern(composed).matches(RefName(decomposed)))
        #expect(RefPattern(composed) != RefPattern(decomposed))
    }
}

@Suite struct PathPatterns {
    @Test(arguments: [
        ("**/*.pem", "key.pem", true), ("**/*.pem", "a/b/key.pem", true),
        ("**/*.pem", ".pem", true),
        ("**/*.pem", "key.pem/x", false), (".env", ".env", true), (".env", "a/.env", false),
        ("*.py", "a.py", true), ("*.py", "a/b.py", false),
        ("api/**", "api/a/b", true), ("api/**", "api", false), ("api/**", "apis/a", false),
        ("**/migrations/[0-9]*.py", "app/migrations/0042_x.py", true),
        ("**/migrations/[0-9]*.py", "app/migrations/x.py", false),
        ("**/migrations/**", "migrations/a/b", true), ("**/migrations/**", "a/migrations", false),
        ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b", true), ("a/**/b", "a/xb", false),
        ("[!a]", "b", true), ("[!a]", "a", false), ("[!a]", "/", false), ("[^a]", "b", true),
        ("[]a]", "]", true), ("[a-]", "-", true), ("[\\]]", "]", true), ("[a-c]x", "bx", true),
        ("\\*", "*", true), ("\\*", "a", false), ("\\{a\\}", "{a}", true),
        ("a?c", "abc", true), ("a?c", "a/c", false), ("[.-0]", "/", false), ("[.-0]", ".", true),
        ("**/a/**/b/**/c", "a/b/c", true), ("**/a/**/b/**/c", "x/a/y/b/z/c", true),
        ("**/a/**/b/**/c", "x/b/y/a/z/c", false),
        ("*a", "ba", true), ("*a", "aab", false), ("**", "a", true),
    ])
    func whole(_ pattern: String, _ path: String, _ matches: Bool) throws {
        #expect(try PathPattern(parsing: pattern).matches(TreePath(path)) == matches)
    }

    @Test(arguments: [
        ("", 1), ("/a", 1), ("./a", 1), ("a/", 2), ("!a", 1), ("a//b", 3), ("***", 1), ("[a", 1),
        ("a[b-a]", 2), ("*.{a,b}", 3), ("a\\", 2), ("[[:alpha:]]", 1), ("[é]", 1),
    ])
    func refused(_ pattern: String, _ position: Int) {
        let error = #expect(throws: PatternError.self) { try PathPattern(parsing: pattern) }
        #expect(error?.position == position)
    }

    @Test func pathsAreBytes() throws {
        #expect(try PathPattern(parsing: "*").matches(TreePath([0xff, 0x0a, 0xfe])))
        #expect(try !PathPattern(parsing: "a?").matches(TreePath("a\u{e9}")))
    }

    /// Against the plainest possible matcher, which tries everything one after the other.
    @Test func likeTheNaiveMatcher() throws {
        var random = SplitMix(state: 7)
        let parts = ["a", "b", "/", "*", "**", "**/", "?", "[ab]", "[!a]", "."]
        var compared = 0
        for _ in 0..<20_000 {
            let pattern = (0..<random.below(8)).map { _ in parts[random.below(parts.count)] }
                .joined()
            let name = (0..<random.below(9)).map { _ in ["a", "b", "/", "."][random.below(4)] }
                .joined()
            let tokens: [Glob.Token]
            do throws(PatternError) {
                tokens = try GlobReader.tokens(of: Array(pattern.utf8), dialect: .path)
            } catch {
                continue
            }
            compared += 1
            let expected = naive(tokens[...], Array(name.utf8)[...], atLevelStart: true)
            #expect(Glob(tokens).matches(Array(name.utf8)) == expected, "\(pattern) \(name)")
        }
        #expect(compared > 3_000)
    }

    private func naive(
        _ tokens: ArraySlice<Glob.Token>, _ name: ArraySlice<UInt8>, atLevelStart: Bool
    ) -> Bool {
        guard let token = tokens.first else { return name.isEmpty }
        let rest = tokens.dropFirst()
        let slash = UInt8(ascii: "/")
        switch token {
        case .byte(let byte):
            return name.first == byte && naive(rest, name.dropFirst(), atLevelStart: byte == slash)
        case .anyByte:
            return name.first.map { $0 != slash } ?? false
                && naive(rest, name.dropFirst(), atLevelStart: false)
        case .byteClass(let set):
            return name.first.map(set.contains) ?? false
                && naive(rest, name.dropFirst(), atLevelStart: false)
        case .level, .everything:
            if naive(rest, name, atLevelStart: atLevelStart) { return true }
            guard let first = name.first, token == .everything || first != slash else {
                return false
            }
            return naive(tokens, name.dropFirst(), atLevelStart: first == slash)
        case .levels:
            if naive(rest, name, atLevelStart: true) { return true }
            return name.indices.contains { index in
                name[index] == slash && naive(rest, name[(index + 1)...], atLevelStart: true)
            }
        }
    }

    /// Patterns that make a backtracking matcher try for hours.
    @Test(arguments: [
        String(repeating: "*a", count: 500), String(repeating: "**/", count: 300) + "x",
        String(repeating: "**a", count: 300), String(repeating: "a*/**/", count: 150) + "b",
    ])
    func hostile(_ text: String) throws {
        let pattern = try PathPattern(parsing: text)
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(!pattern.matches(TreePath(String(repeating: "a/aaaa", count: 833) + "c")))
        }
        #expect(time < .seconds(10))
    }
}

/// A small generator with a fixed seed: the same patterns on every machine.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
