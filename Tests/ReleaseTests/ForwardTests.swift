import GitObjects
import History
import JSON
import Policy
import Testing

@testable import Release

@Suite struct ForwardTests {
    /// A marker, then a squash, a merge, a direct commit and a migration.
    private func workshop() throws -> (Workshop, base: ObjectID) {
        let workshop = try Workshop()
        try workshop.commit(
            "Begin",
            [
                "api/app.py": "1\n", "worker/app.py": "1\n",
                ".mailmap": "Carol Smith <carol@wrk.example> <carolyn@wrk.example>\n",
                "flags.json": #"{"flags": {"cad": {"state": "DISABLED", "variants": "#
                    + #"{"on": true, "off": false}, "defaultVariant": "on"}}}"#,
            ])
        let base = try workshop.id()
        workshop.author = "bob"
        try workshop.commit(
            "Pay out in CAD (#12)\n\nPAY-7 and PAY-3\n\n"
                + "Co-authored-by: C <carolyn@wrk.example>\nReviewed-by: A <alice@wrk.example>",
            ["api/cad.py": "1\n", "api/migrations/0042_cad.py": "1\n"])
        try workshop.merge(
            "Merge pull request #14 from wrk/sign-in\n\nFix sign-in",
            [("one", ["worker/sign.py": "1\n"]), ("two", ["worker/sign.py": "2\n"])])
        workshop.author = "alice"
        try workshop.commit(
            "Tidy",
            [
                "deploy/x.jsonnet": "{}\n",
                "flags.json": #"{"flags": {"cad": {"state": "ENABLED", "variants": "#
                    + #"{"on": true, "off": false}, "defaultVariant": "on"}}}"#,
            ])
        return (workshop, base)
    }

    @Test func everyFactOfAForwardPush() throws {
        let (workshop, base) = try workshop()
        let head = try workshop.id()
        let plan = try workshop.plan(from: base, to: head)
        #expect(plan.range.relation == .forward)
        #expect(plan.kind == .regular)
        #expect(
            plan.changes.map { String(decoding: $0.title, as: UTF8.self) }
                == ["Pay out in CAD", "Fix sign-in", "Tidy"])
        #expect(plan.changes.map(\.id) == ["#12", "#14", head.short])
        #expect(plan.changes.map(\.services) == [["api"], ["worker"], []])
        #expect(plan.changes[0].tickets == ["PAY-3", "PAY-7"])
        #expect(
            plan.changes[0].authors.map { String(decoding: $0.name, as: UTF8.self) }
                == ["bob", "Carol Smith"])
        #expect(
            plan.changes[0].reviewers.map { String(decoding: $0.email, as: UTF8.self) }
                == ["alice@wrk.example"])
        #expect(plan.changes[1].landing.commits.count == 2)
        #expect(plan.range.commitCount == 5)
        #expect(plan.migrations.map(\.name) == [Array("0042_cad".utf8)])
        #expect(plan.migrations.map(\.app) == [Array("api".utf8)])
        #expect(plan.config.map { "\($0.path) \($0.event)" } == ["deploy/x.jsonnet added"])
        #expect(plan.flags.map { "\($0.name) \($0.event) \($0.turnsOn)" } == ["cad switched true"])
        #expect(plan.changes[2].flags == ["cad"])
        #expect(
            plan.services.map { "\($0.service.name) \($0.reason)" }
                == ["api changes", "worker changes"])
        #expect(plan.checklist.map(\.text) == ["Sign in", "Rows counted"])
        #expect(plan.checklist.map(\.services) == [[], ["api"]])
        #expect(plan.warnings.isEmpty)
    }

    /// The ids and authors are those that git itself prints.
    @Test func gitAgrees() throws {
        let (workshop, base) = try workshop()
        let plan = try workshop.plan(from: base, to: try workshop.id())
        let line = try workshop.git(
            "rev-list", "--first-parent", "--reverse", "\(base)..master")
        #expect(plan.changes.map(\.landing.id.hex) == line.split(separator: "\n").map(String.init))
        for change in plan.changes {
            let landing = change.landing
            let parent = try #require(landing.predecessor)
            let paths = try workshop.git(
                "diff-tree", "-r", "--name-only", "--no-renames", parent.hex, landing.id.hex)
            let api = paths.split(separator: "\n").contains { $0.hasPrefix("api/") }
            #expect(change.services.contains("api") == api)
        }
    }

    @Test func theSameBytesAfterRepacking() throws {
        let (workshop, base) = try workshop()
        let head = try workshop.id()
        let before = try workshop.plan(from: base, to: head).json().manifestBytes()
        try workshop.git("repack", "-adq")
        try workshop.git("commit-graph", "write", "--reachable")
        let after = try workshop.plan(from: base, to: head).json().manifestBytes()
        #expect(before == after)
        let json = try JSON(parsing: before)
        #expect(json["range"]?["changeCount"]?.integerValue == 3)
        #expect(json["release"]?["createdOn"]?.stringValue == "2023-11-16T02:00:00Z")
        #expect(json["services"]?[0]?["image"]?["uri"]?.stringValue == "registry.wrk.example/api")
    }

    @Test func firstNoneAndBackward() throws {
        let (workshop, base) = try workshop()
        let head = try workshop.id()
        let first = try workshop.plan(from: nil, to: head)
        #expect(first.range.relation == .first)
        #expect(first.changes.count == 4)
        #expect(first.services.allSatisfy { $0.reason == .first && $0.changed })
        let none = try workshop.plan(from: head, to: head)
        #expect(none.range.relation == .none)
        #expect(none.changes.isEmpty && none.services.allSatisfy { !$0.changed })
        let backward = try workshop.plan(from: head, to: base)
        #expect(backward.kind == .rollback)
        #expect(
            backward.states.map { $0.split(separator: " ")[1] }
                == ["removed", "removed", "removed"])
        #expect(backward.warnings.map(\.kind) == [.editedMigration])
        #expect(backward.services.map(\.reason) == [.removal, .removal])
    }
}
