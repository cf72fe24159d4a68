import Evidence
import Files
import Git
import GitObjects
import History
import Policy
import Spawn
import Testing

@testable import Ledger

/// The server's time in all tests: 2026-11-23T09:00:00Z.
let now: Int64 = 1_795_424_400

/// A temporary folder with real repositories and real keys: `server.git` and clones of it.
final class Bench: Sendable {
    let folder: String

    init() throws {
        folder = try Folder.makeTemporary(prefix: "gate-ledger")
        try git(nil, "init", "-q", "--bare", "-b", "master", "server.git")
    }

    deinit {
        do {
            try Folder.remove(folder)
        } catch {
            Issue.record("\(error)")
        }
    }

    var environment: [[UInt8]] {
        [
            "PATH=/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin", "HOME=\(folder)", "TZ=UTC",
            "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
            "GIT_AUTHOR_NAME=Alice", "GIT_AUTHOR_EMAIL=alice@wrk.example",
            "GIT_AUTHOR_DATE=1795420800 +0000", "GIT_COMMITTER_NAME=Alice",
            "GIT_COMMITTER_EMAIL=alice@wrk.example", "GIT_COMMITTER_DATE=1795420800 +0000",
        ].map { Array($0.utf8) }
    }

    func attempt(_ arguments: [String], input: [UInt8] = []) throws -> Child.Result {
        try Child(
            arguments, environment: environment, directory: folder, input: input, timeout: 120
        ).run()
    }

    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = []) throws -> String {
        let result = try attempt(arguments, input: input)
        try #require(result.succeeded, "\(arguments): \(shown(result.errorOutput))")
        var text = String(decoding: result.output, as: UTF8.self)
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    /// git in one of the repositories.
    @discardableResult
    func git(_ repository: String?, _ arguments: String..., input: [UInt8] = []) throws -> String {
        try run(["git"] + (repository.map { ["-C", $0] } ?? []) + arguments, input: input)
    }

    func id(_ repository: String, _ revision: String) throws -> ObjectID {
        try #require(ObjectID(hex: try git(repository, "rev-parse", "--verify", revision)))
    }

    func clone(_ name: String) throws -> Writer {
        try git(nil, "clone", "-q", "server.git", name)
        try git(name, "config", "user.name", name)
        try git(name, "config", "user.email", "\(name)@wrk.example")
        return try Writer.discover(from: "\(folder)/\(name)")
    }

    func server() throws -> Repository {
        try Repository.open(gitDirectory: "\(folder)/server.git")
    }

    func makeKey(_ name: String, passphrase: String = "") throws -> PublicKey {
        try run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", name])
        return try PublicKey(line: try File.read("\(folder)/\(name).pub"))
    }

    /// A signed line, made without gate's own signer.
    func line(_ statement: Statement, key: String) throws -> Line {
        let armored = try attempt(
            [
                "ssh-keygen", "-q", "-Y", "sign", "-n", statement.predicate.namespace, "-f", key,
            ], input: try Line.messageToSign(for: statement))
        try #require(armored.succeeded, "\(shown(armored.errorOutput))")
        return try Line(statement, signature: SSHSignature(armored: armored.output))
    }
}

/// An object that nobody has.
func object(_ number: Int) throws -> ObjectID {
    let digits = String(number, radix: 16)
    return try #require(
        ObjectID(hex: digits + String(repeating: "c", count: 40 - digits.utf8.count)))
}

func digest(_ number: Int) throws -> ChangeDigest {
    let digits = String(number, radix: 16)
    return try #require(
        ChangeDigest(hex: digits + String(repeating: "0", count: 64 - digits.utf8.count)))
}

func review(
    _ subject: ObjectID, repository: String = "wrk/system", change: ChangeDigest? = nil,
    supersedes: [LineDigest] = [], comment: String = ""
) -> Statement {
    Statement(
        subject: subject, repository: repository,
        predicate: .review(
            Review(
                state: .approved, targetRef: "refs/heads/master", base: .zero,
                changeDigest: change, supersedes: supersedes, comment: comment,
                createdOn: "2026-11-23T09:00:00Z")))
}

func testResult(_ subject: ObjectID) -> Statement {
    Statement(
        subject: subject, repository: "wrk/system",
        predicate: .testResult(
            TestResult(
                result: .passed, check: "unit", definition: String(repeating: "0", count: 64))))
}

func deployment(
    _ subject: ObjectID, _ environment: String, after previous: LineDigest?,
    _ outcome: Deployment.Outcome = .started, release: String = "1"
) -> Statement {
    Statement(
        subject: subject, repository: "wrk/system",
        predicate: .deployment(
            Deployment(
                environment: environment, train: "all", releaseID: release,
                planDigest: String(repeating: "0", count: 64), outcome: outcome,
                operator: "alice@wrk.example", previous: previous,
                createdOn: "2026-11-23T09:00:00Z")))
}

func allowed(
    _ name: Principal, _ key: PublicKey, namespaces: [String]? = nil, until: Int64? = nil
) -> AllowedSigner {
    AllowedSigner(
        principal: name, keyType: key.type, keyBlob: key.blob, namespaces: namespaces,
        validBefore: until,
        location: SourceLocation(file: "policies/allowed_signers", line: 1, column: 1))
}

/// alice and bob are engineers, ci signs test results, alice deploys to production.
func policy(_ signers: [AllowedSigner]) -> Policy {
    let place = SourceLocation(file: "policies/master.yml", line: 1, column: 1)
    var rules = Rules()
    rules.requiredStatusChecks = RequiredStatusChecksRule(checks: ["unit"], signers: ["ci"])
    return Policy(
        rulesets: [
            Ruleset(
                name: "master", include: [RefPattern("refs/heads/master")], rules: rules,
                location: place)
        ],
        checks: [], onPush: [],
        people: People(
            repository: "wrk/system",
            teams: ["ci": ["ci@wrk.example"], "operators": ["alice@wrk.example"]],
            principals: ["alice@wrk.example", "bob@wrk.example", "ci@wrk.example"]),
        signers: AllowedSigners(entries: signers), codeOwners: nil,
        release: ReleasePolicy(
            ref: "refs/heads/master", environments: ["production"],
            operators: ["production": ["operators"]]))
}

/// A notes tree, entry by entry, that no git would write.
func commitTree(
    _ writer: Writer, _ entries: [TreeEntry], parents: [ObjectID] = []
) throws -> ObjectID {
    let person = Signature(
        name: Array("Mallory".utf8), email: Array("mallory@other.example".utf8), time: now,
        offset: 0)
    return try writer.writeCommit(
        tree: try writer.writeTree(entries), parents: parents, author: person, committer: person,
        message: Array("notes\n".utf8))
}

func blobEntry(_ name: String, _ writer: Writer, _ content: [UInt8]) throws -> TreeEntry {
    TreeEntry(name: Array(name.utf8), mode: .blob, id: try writer.writeBlob(content))
}

extension Line {
    var withNewline: [UInt8] { bytes + [0x0a] }
}
