import GitObjects
import JSON
import Spawn
import Testing

@testable import Release

@Suite struct ManifestTests {
    private static let hostile =
        "it's $(touch pwned) `touch pwned` \"; touch pwned; '\\'' | \\ & <script>alert(1)</script>"

    private func manifest() throws -> (Workshop, Manifest) {
        let workshop = try Workshop()
        let base = try workshop.commit("Begin", ["api/app.py": "1\n"])
        try workshop.commit(Self.hostile, ["api/app.py": "2\n", "worker/app.py": "1\n"])
        let plan = try workshop.plan(from: base, to: try workshop.id())
        return (workshop, try Manifest(parsing: plan.json().manifestBytes()))
    }

    private func get(_ path: String, _ manifest: Manifest, _ format: ValueFormat) throws -> String {
        manifest.text(of: try manifest.values(at: try ManifestPath(parsing: path)), as: format)
    }

    @Test func paths() throws {
        let (_, manifest) = try manifest()
        #expect(try get("services.*.name", manifest, .lines) == "api\nworker\n")
        #expect(try get("services.api.changed", manifest, .lines) == "true\n")
        #expect(try get("services[1].name", manifest, .lines) == "worker\n")
        #expect(try get("range.relation", manifest, .json) == "\"forward\"\n")
        #expect(
            try get(
                "services.api.image.annotations[\"org.opencontainers.image.source\"]", manifest,
                .lines) == "wrk/system\n")
        #expect(try get("services.api.paths", manifest, .lines) == "api/app.py\n")
        for wrong in ["services.nobody", "nothing", "release.id.x", "services[", "a..b", "[\"x\""] {
            #expect(throws: ManifestError.self) { try get(wrong, manifest, .lines) }
        }
    }

    /// What a shell makes of it is the title and nothing else.
    @Test func aShellMayEvaluateWhateverTheMessageSays() throws {
        let (workshop, manifest) = try manifest()
        let text = try get("changes[0].title", manifest, .env)
        #expect(text.hasPrefix("CHANGES_0_TITLE='it'\\''s "))
        for shell in ["sh", "bash"] {
            let result = try workshop.run([
                shell, "-c", "eval \"$1\"; printf '%s|%s' \"$CHANGES_0_TITLE\" \"$ENVIRONMENT\"",
                shell, text,
            ])
            #expect(String(decoding: result.output, as: UTF8.self) == Self.hostile + "|production")
        }
        let files = try workshop.run(["ls"]).output
        #expect(!String(decoding: files, as: UTF8.self).contains("pwned"))
        let names = manifest.text(of: [], as: .env).split(separator: "\n").map {
            String($0.prefix { $0 != "=" })
        }
        #expect(names == ["REVISION", "LAST_DEPLOYED_SHA", "ENVIRONMENT", "RELEASE_ID"])
    }

    @Test func tables() throws {
        let (_, manifest) = try manifest()
        let rows = try get("services", manifest, .tsv).split(separator: "\n")
        #expect(rows.count == 3)
        #expect(
            rows.allSatisfy {
                $0.filter { $0 == "\t" }.count == rows[0].filter { $0 == "\t" }.count
            })
    }

    /// A value among objects would stand under the name of one of their members.
    @Test func aListOfSeveralKindsIsNoTable() throws {
        var (_, manifest) = try manifest()
        manifest.replace("flags", with: [["name": "a", "file": "f"], "b", 3])
        #expect(try get("flags", manifest, .tsv) == "{\"file\":\"f\",\"name\":\"a\"}\nb\n3\n")
    }

    @Test func nothingSteersATerminal() throws {
        let workshop = try Workshop()
        let base = try workshop.commit("Begin", ["api/app.py": "1\n"])
        try workshop.commit("A\u{1b}[2J\u{7f}\u{9b}31m B\tC", ["api/app.py": "2\n"])
        let plan = try workshop.plan(from: base, to: try workshop.id())
        let manifest = try Manifest(parsing: plan.json().manifestBytes())
        let table = try get("changes", manifest, .tsv)
        #expect(table.contains("A\\u001b[2J\\u007f\\u009b31m B\\tC\t"))
        let compact = try get("changes[0]", manifest, .json)
        #expect(compact.contains("\"title\":\"A\\u001b[2J\\u007f\\u009b31m B\\tC\""))
        let again = try JSON(parsing: Array(compact.utf8))
        #expect(again["title"]?.stringValue == "A\u{1b}[2J\u{7f}\u{9b}31m B\tC")
        for path in ["changes", "changes[0]", "changes[0].title"] {
            for format in [ValueFormat.lines, .tsv, .json] {
                let bytes = try get(path, manifest, format).unicodeScalars
                #expect(
                    !bytes.contains {
                        $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
                    }, "\(path) as \(format)")
            }
        }
        for text in [manifest.markdown(), manifest.html()] {
            #expect(!text.unicodeScalars.contains { $0 == "\u{1b}" || $0 == "\u{9b}" })
        }
    }

    @Test func images() throws {
        var (_, manifest) = try manifest()
        let digest = String(repeating: "ab", count: 32)
        let image = "registry.wrk.example/api@sha256:\(digest)"
        try manifest.setImage(of: "api", to: image)
        #expect(try get("services.api.image.digest.sha256", manifest, .lines) == digest + "\n")
        // Again the same is nothing new.
        try manifest.setImage(of: "api", to: image)
        let refused = [
            ("api", "registry.wrk.example/api@sha256:" + String(repeating: "cd", count: 32)),
            ("api", "registry.wrk.example/other@sha256:\(digest)"),
            ("api", "registry.wrk.example/api:latest"),
            ("api", "registry.wrk.example/api@sha256:\(digest.uppercased())"),
            ("worker", image), ("nobody", image),
        ]
        for (service, reference) in refused {
            #expect(throws: ManifestError.self) {
                try manifest.setImage(of: service, to: reference)
            }
        }
        let again = try Manifest(parsing: manifest.json.manifestBytes())
        #expect(again.json == manifest.json)
    }

    @Test(arguments: [
        ("\"schemaVersion\": 1", "\"schemaVersion\": 2", "schema version 2"),
        ("\"kind\": \"ReleaseManifest\"", "\"kind\": \"Other\"", "no release manifest"),
        ("\"holds\"", "\"held\"", "unknown member: held"),
        ("{", "", "no JSON"),
    ])
    func edited(_ from: String, _ to: String, _ problem: String) throws {
        let (_, manifest) = try manifest()
        let text = String(decoding: manifest.json.manifestBytes(), as: UTF8.self)
        let parts = text.split(separator: from, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        do {
            _ = try Manifest(parsing: Array((parts[0] + to + parts[1]).utf8))
            Issue.record("was read")
        } catch {
            #expect(error.problem.contains(problem))
        }
    }

    /// Every value is text: in HTML no tag of a title, in Markdown no link.
    @Test func renderingsEscape() throws {
        let (_, manifest) = try manifest()
        let html = manifest.html()
        #expect(!html.contains("<script"))
        #expect(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(!html.contains("http:") && !html.contains("src="))
        let markdown = manifest.markdown()
        #expect(markdown.contains("\\<script\\>"))
        #expect(markdown.split(separator: "<script").dropLast().allSatisfy { $0.hasSuffix("\\") })
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2024-02-29T23:59:59Z", 1_709_251_199),
            ("2026-11-23T06:30:00Z", 1_795_415_400), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)])
    func bothWays(_ text: String, _ seconds: Int64) {
        #expect(Timestamp(text)?.seconds == seconds)
        #expect(Timestamp(seconds: seconds).description == text)
        #expect(Timestamp(String(seconds))?.seconds == seconds)
    }

    @Test(arguments: [
        "", "-1", "2026-11-23", "2026-02-30T00:00:00Z", "2026-11-23T24:00:00Z",
        "2026-11-23T06:30:00+01:00", "2026-11-23 06:30:00Z",
    ])
    func noTimes(_ text: String) {
        #expect(Timestamp(text) == nil)
    }
}
