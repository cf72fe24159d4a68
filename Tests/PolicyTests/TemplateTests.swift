import GitObjects
import Testing
import YAML

@testable import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The files that people copy, and the schemas that their editors read.
@Suite struct Templates {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    private static func content(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen("\(root)/\(path)", "rb"), "\(path) is missing")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return bytes
    }

    private static let names = [
        "master", "release-branches", "tags", "checks", "people", "release",
    ]

    private static func policyOfTemplates() throws -> Policy {
        var contents: [TreePath: [UInt8]] = [:]
        for name in names {
            contents[TreePath("policies/\(name).yml")] = try content(
                "policies/templates/\(name).yml")
        }
        contents["policies/allowed_signers"] = Array(Fixture.signers.utf8)
        return try Policy.read(PolicyFiles(contents: contents))
    }

    @Test func areAValidPolicy() throws {
        let policy = try Self.policyOfTemplates()
        #expect(policy.rulesets.map(\.name) == ["master", "release branches", "versions"])
        #expect(policy.isProtected("refs/heads/release/1.0"))
        #expect(policy.isProtected("refs/tags/v1.0"))
        #expect(policy.release?.services.map(\.name) == ["api", "worker"])
    }

    @Test(arguments: names)
    func nameTheirSchema(_ name: String) throws {
        let schema = ["checks", "people", "release"].contains(name) ? name : "rulesets"
        let text = try Self.content("policies/templates/\(name).yml")
        let comment = "# yaml-language-server: $schema=schema/\(schema).schema.json\n"
        #expect(text.starts(with: comment.utf8))
    }

    @Test func thisRepositorysOwnChecks() throws {
        let list = try CheckList.read(try Self.content("policies/checks.yml"))
        #expect(list.checks.map(\.name) == ["build", "test", "format"])
    }

    // MARK: Schemas

    /// A value inside a schema; JSON is YAML.
    private static func schema(_ name: String, _ path: String...) throws -> [String: Node] {
        var node = try #require(try Node.read(try content("policies/schema/\(name).schema.json")))
        for key in path {
            guard case .mapping(let entries) = node.content else { break }
            node = try #require(entries.first { $0.key == key }?.value, "\(name) lacks \(key)")
        }
        guard case .mapping(let entries) = node.content else { return [:] }
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
    }

    /// What a reader knows, its schema knows, and nothing else.
    @Test func schemasHaveTheKeysOfTheReaders() throws {
        func keys(_ name: String, _ path: String...) throws -> Set<String> {
            var node = try Self.schema(name)
            for key in path {
                guard case .mapping(let entries)? = node[key]?.content else {
                    Issue.record("\(name) lacks \(key)")
                    return []
                }
                node = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
            }
            return Set(node.keys)
        }
        let ruleset = try keys("rulesets", "$defs", "ruleset", "properties")
        #expect(ruleset == Set(RulesetReader.keys))
        let rules = try keys("rulesets", "$defs", "ruleset", "properties", "rules", "properties")
        #expect(rules == Set(RuleName.inRulesets.map(\.rawValue)))
        #expect(try keys("checks", "$defs", "check", "properties") == Set(ChecksReader.keys))
        #expect(try keys("local", "properties") == Set(LocalChecks.keys))
        #expect(try keys("people", "properties") == Set(PeopleReader.keys))
        #expect(try keys("release", "properties") == Set(ReleaseReader.keys))
    }
}
