import GitObjects
import Testing

@testable import Policy

@Suite struct CodeOwnersTests {
    static func read(_ text: String) -> (CodeOwners, [String]) {
        let log = DiagnosticLog()
        let owners = CodeOwners(
            reading: Array(text.utf8), at: "CODEOWNERS", PolicyFile(file: "CODEOWNERS", log: log))
        return (owners, log.diagnostics.map(\.description))
    }

    /// The rows of GitHub's "About code owners", its example file and its notes.
    @Test(arguments: [
        ("*", "a", true), ("*", "a/b/c", true), ("*.js", "a.js", true), ("*.js", "a/b.js", true),
        ("*.js", "a.jsx", false), ("/build/logs/", "build/logs/a/b", true),
        ("/build/logs/", "x/build/logs/a", false), ("/build/logs/", "build/logs", false),
        ("docs/*", "docs/getting-started.md", true),
        ("docs/*", "docs/build-app/troubleshooting.md", false), ("docs/*", "x/docs/a", false),
        ("apps/", "apps/a/b", true), ("apps/", "x/y/apps/a", true), ("apps/", "apps", false),
        ("/docs/", "docs/a/b", true), ("/docs/", "x/docs/a", false),
        ("/scripts/", "scripts/a", true), ("**/logs", "build/logs/a", true),
        ("**/logs", "deeply/nested/logs/a", true), ("**/logs", "logs", true),
        ("/apps/github", "apps/github", true), ("/apps/github", "apps/github/a", true),
        ("/apps/github", "apps/githubx", false), ("apps/github", "x/apps/github", false),
        ("README", "a/README", true), ("README", "README/a", true), ("README", "READMEs", false),
        ("docs/**", "docs/a/b", true), ("docs/**", "docs", false), ("**", "a/b", true),
        ("a/**/b", "a/b", true), ("a/**/b", "a/x/y/b/c", true), ("a/**/b", "a/xb", false),
        ("/*", "a", true), ("/*", "a/b", false), ("/*.md", "a.md", true),
        ("/*.md", "x/a.md", false),
        ("a\\ b", "a b", true), ("a\\*", "a*", true), ("a\\*", "ab", false), ("a?", "ab", true),
        ("a?", "a/", false), ("Docs/", "docs/a", false), ("é", "x/é", true), ("a**b", "axxb", true),
        ("a**b", "ax/xb", false), ("/a/*/c", "a/b/c/d", true), ("/a/*/c", "a/c", false),
        ("**/*.tf", "x/y.tf", true), ("/a/b*", "a/bc/d", true),
    ])
    func patterns(_ pattern: String, _ path: String, _ matches: Bool) {
        let (owners, problems) = Self.read("\(pattern) @a")
        #expect(problems.isEmpty, "\(problems)")
        #expect((owners.rule(for: TreePath(path)) != nil) == matches)
        #expect(owners.rules.first?.matches(TreePath(path)) == matches)
    }

    @Test func theLastLineThatMatchesDecides() throws {
        let (owners, problems) = Self.read(
            """
            # Everything
            *       @wrk/all  alice@wrk.example
            *.js    @js-owner # inline comment
            /build/ @doctocat\t@octocat
            /build/generated
              /apps/a#b @x#y

            """)
        #expect(problems.isEmpty)
        #expect(owners.rules.count == 5)
        #expect(owners.rule(for: "README")?.owners == ["@wrk/all", "alice@wrk.example"])
        #expect(owners.rule(for: "x/y.js")?.owners == ["@js-owner"])
        #expect(owners.rule(for: "build/y.js")?.owners == ["@doctocat", "@octocat"])
        // A line without owners takes the path from everybody.
        #expect(owners.rule(for: "build/generated/y.js")?.owners == [])
        #expect(owners.rules[4].pattern == "/apps/a#b")
        #expect(owners.rules[4].owners == ["@x#y"])
        #expect(owners.rules[4].location == SourceLocation(file: "CODEOWNERS", line: 6, column: 3))
    }

    @Test(arguments: [
        ("!a @x", "1:1: pattern !a, character 1: !"),
        ("a[b] @x", "1:1: pattern a[b], character 2: [ ]"),
        ("[Section] @x", "1:1: pattern [Section], character 1: [ ]"),
        ("\\#a @x", "1:1: pattern \\#a, character 2: \\#"),
        ("a//b @x", "1:1: pattern a//b, character 1"),
        ("/ @x", "1:1: pattern /, character 1"), ("*** @x", "1:1: pattern ***, character 3"),
        ("a @x\n  b\\", "2:3: pattern b\\, character 2: a backslash"),
    ])
    func refused(_ text: String, _ expected: String) {
        let (_, problems) = Self.read(text)
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("CODEOWNERS:\(expected)") == true, "\(problems)")
    }

    @Test func whatGitHubWouldNotRead() {
        let (owners, problems) = Self.read("a @x\n" + String(repeating: "#", count: 3 << 20))
        #expect(problems.count == 1)
        #expect(owners.rules.isEmpty)
    }

    @Test(
        arguments: [
            ([".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"], ".github/CODEOWNERS"),
            (["CODEOWNERS", "docs/CODEOWNERS"], "CODEOWNERS"),
            (["docs/CODEOWNERS"], "docs/CODEOWNERS"),
            (["src/CODEOWNERS"], nil),
        ] as [([String], String?)])
    func theFirstPlaceCounts(_ places: [String], _ expected: String?) throws {
        var files = Fixture.files()
        for place in places { files.contents[TreePath(place)] = Array("* @alice".utf8) }
        #expect(try Policy.read(files).codeOwners?.path == expected.map { TreePath($0) })
    }

    /// Looked up by folder or one line after the other: the same answer.
    @Test func likeReadingLineByLine() {
        var random = SplitMix(state: 3)
        let names = ["a", "b", "ab", "*", "a*", "**", ""]
        let lines = (0..<300).map { line in
            (0...random.below(3)).map { _ in names[random.below(names.count)] }
                .joined(separator: "/") + " @o\(line)"
        }
        let (owners, _) = Self.read(lines.joined(separator: "\n"))
        #expect(owners.rules.count > 100)
        for _ in 0..<3_000 {
            let path = TreePath(
                (0...random.below(4)).map { _ in names[random.below(3)] }.joined(separator: "/"))
            let expected = owners.rules.last { $0.matches(path) }
            #expect(owners.rule(for: path)?.owners == expected?.owners)
        }
    }
}
