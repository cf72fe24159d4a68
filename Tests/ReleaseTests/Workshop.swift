import Git
import GitObjects
import History
import JSON
import Policy
import Spawn
import Testing

@testable import Release

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A real repository in a folder of its own; git runs with blank configuration, and every commit
/// is a minute later than the one before.
final class Workshop {
    let folder: String
    let path: String
    private(set) var clock: Int64 = 1_700_000_000

    init() throws {
        var template = Array("/tmp/gate-release-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        folder = try #require(made)
        path = folder + "/system"
        try run(["git", "init", "-q", "-b", "master", path], in: folder)
    }

    deinit {
        _ = try? run(["rm", "-rf", folder], in: "/")
    }

    @discardableResult
    func run(_ arguments: [String], in directory: String? = nil, mayFail: Bool = false) throws
        -> Child.Result
    {
        let variables = [
            ("HOME", folder), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_AUTHOR_NAME", author), ("GIT_AUTHOR_EMAIL", "\(author)@wrk.example"),
            ("GIT_COMMITTER_NAME", author), ("GIT_COMMITTER_EMAIL", "\(author)@wrk.example"),
            ("GIT_AUTHOR_DATE", "\(clock) +0000"), ("GIT_COMMITTER_DATE", "\(clock) +0000"),
            ("LC_ALL", "C"),
        ]
        let environment = Child.environment(
            Child.environmentForAnotherRepository(),
            setting: variables.map { ($0.0, Array($0.1.utf8)) })
        let result = try Child(
            arguments, environment: environment, directory: directory ?? path, timeout: 120
        ).run()
        if !mayFail, !result.succeeded {
            let said = String(decoding: result.errorOutput, as: UTF8.self)
            throw GitError(.tool, arguments.joined(separator: " "), said)
        }
        return result
    }

    var author = "alice"

    @discardableResult
    func git(_ arguments: String...) throws -> String {
        let output = try run(["git"] + arguments).output
        return String(
            decoding: output.last == 0x0a ? output.dropLast() : output[...], as: UTF8.self)
    }

    func write(_ file: String, _ text: String) throws {
        let script = "mkdir -p \"$(dirname \"$1\")\" && printf %s \"$2\" > \"$1\""
        try run(["sh", "-c", script, "sh", file, text])
    }

    func id(_ revision: String = "HEAD") throws -> ObjectID {
        try #require(ObjectID(hex: git("rev-parse", "--verify", revision)))
    }

    /// Commits these files' new contents.
    @discardableResult
    func commit(_ message: String, _ files: [String: String] = [:]) throws -> ObjectID {
        for (file, text) in files { try write(file, text) }
        clock += 60
        try git("add", "-A")
        try git("commit", "-q", "--allow-empty", "-m", message)
        return try id()
    }

    /// Lands a branch of these commits by a merge with this message.
    @discardableResult
    func merge(_ message: String, _ commits: [(String, [String: String])]) throws -> ObjectID {
        try git("checkout", "-q", "-b", "topic")
        for (text, files) in commits { try commit(text, files) }
        try git("checkout", "-q", "master")
        clock += 60
        try git("merge", "-q", "--no-ff", "-m", message, "topic")
        try git("branch", "-q", "-D", "topic")
        return try id()
    }

    @discardableResult
    func revert(_ target: ObjectID) throws -> ObjectID {
        clock += 60
        let isMerge =
            try git("rev-list", "--parents", "-1", target.hex).split(separator: " ").count > 2
        try run(
            ["git", "revert", "--no-edit"] + (isMerge ? ["-m", "1"] : []) + [target.hex])
        return try id()
    }

    func repository() throws -> Repository {
        try Repository.open(gitDirectory: path + "/.git")
    }

    static let policy: ReleasePolicy = {
        var policy = ReleasePolicy(
            ref: "refs/heads/master", environments: ["staging", "production"], operators: [:],
            services: [
                .init(
                    name: "api", paths: [PathPattern("api/**"), PathPattern("lib/**")],
                    image: "registry.wrk.example/api"),
                .init(name: "worker", paths: [PathPattern("worker/**"), PathPattern("lib/**")]),
            ])
        policy.migrations = [PathPattern("**/migrations/[0-9]*.py")]
        policy.config = [PathPattern("deploy/**")]
        policy.flags = .init(files: ["flags.json"], format: .flagd)
        policy.tickets = try? LinearPattern(parsing: "\\b[A-Z]{2,}-\\d+\\b")
        policy.always = ["Sign in"]
        policy.changed = [.init(paths: [PathPattern("**/migrations/**")], text: "Rows counted")]
        return policy
    }()

    /// The next commit is a minute later.
    func tick() { clock += 60 }

    func plan(
        from base: ObjectID?, to head: ObjectID, policy: ReleasePolicy = Workshop.policy,
        keptHeads: ObjectID? = nil
    ) throws -> ReleasePlan {
        let repository = try repository()
        let range = try LandingRange(from: base, to: head, in: repository)
        var maker = try PlanMaker(
            repository,
            request: ReleasePlan.Request(
                environment: "production", train: "all", ref: "refs/heads/master",
                createdOn: Timestamp(seconds: 1_700_100_000), sourceURI: "wrk/system",
                policy: policy), keptHeads: keptHeads)
        return try maker.plan(range)
    }
}

extension ReleasePlan {
    /// `id state` of each change.
    var states: [String] { changes.map { "\($0.id) \($0.state.kind.rawValue)" } }
}
