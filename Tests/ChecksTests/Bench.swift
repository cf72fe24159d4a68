import GitObjects
import Policy
import Spawn
import Testing

@testable import Checks

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A repository, a cache folder and a home of a test's own.
final class Bench: Sendable {
    let folder: String
    var repository: String { folder + "/system" }
    /// What checks inherit.
    let environment: [[UInt8]]
    private let plainEnvironment: [[UInt8]]

    init(secrets: [String] = []) throws {
        var template = Array("/tmp/gate-checks.XXXXXX\0".utf8).map { CChar(bitPattern: $0) }
        let made = try #require(mkdtemp(&template))
        folder = String(cString: made)
        plainEnvironment =
            [
                "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=\(folder)/home", "LC_ALL=C",
                "XDG_CACHE_HOME=\(folder)/cache", "GIT_CONFIG_NOSYSTEM=1",
                "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=Alice",
                "GIT_AUTHOR_EMAIL=alice@wrk.example", "GIT_AUTHOR_DATE=@1700000000 +0000",
                "GIT_COMMITTER_NAME=Alice", "GIT_COMMITTER_EMAIL=alice@wrk.example",
                "GIT_COMMITTER_DATE=@1700000000 +0000",
            ].map { Array($0.utf8) }
        environment = plainEnvironment + secrets.map { Array($0.utf8) }
        try shell("mkdir home system && git init -q -b master system")
    }

    deinit {
        for command in [["chmod", "-R", "u+rwX", folder], ["rm", "-rf", folder]] {
            do { _ = try Child(command).run() } catch { Issue.record(error) }
        }
    }

    /// Runs a script in the bench's folder and returns what it prints.
    @discardableResult
    func shell(_ script: String) throws -> String {
        let child = Child(
            ["/bin/sh", "-euc", script], environment: plainEnvironment, directory: folder)
        let result = try child.run()
        let errors = String(decoding: result.errorOutput, as: UTF8.self)
        try #require(result.succeeded, "\(script): \(errors)")
        return String(decoding: result.output, as: UTF8.self)
    }

    /// Runs a script in the repository, commits everything and returns the commit as a subject.
    func commit(_ script: String) throws -> CheckedTree {
        let ids = try shell(
            "cd system; \(script)\ngit add -A; git commit -q --allow-empty -m Change;"
                + " git rev-parse HEAD 'HEAD^{tree}'"
        ).split(separator: "\n")
        return CheckedTree(
            tree: try #require(ObjectID(hex: String(ids[1]))),
            commit: ObjectID(hex: String(ids[0])))
    }

    var runner: CheckRunner {
        get throws { try CheckRunner(repository: repository, environment: environment) }
    }

    func run(_ checks: CheckDefinition..., on subject: CheckedTree) throws -> [CheckOutcome] {
        try runner.run(checks, on: subject)
    }

    /// What one script prints when it is run as a check.
    func output(of script: String, on subject: CheckedTree) throws -> String {
        let outcome = try #require(try run(check(script), on: subject).first)
        #expect(outcome.result == .passed, "\(outcome.reason)")
        return String(decoding: outcome.outputTail, as: UTF8.self)
    }

    /// Everything in the repository's folder that a check must not change, as one text.
    func state() throws -> String {
        try shell(
            "cd system; find . -path ./.git/objects -prune -o -type f -print0 | sort -z"
                + " | xargs -0 sha1sum; git for-each-ref; find .git/objects -type f | sort")
    }
}

func check(
    _ run: String, name: String = "check", keep: [String] = [], timeout: Int = 60,
    report: CheckDefinition.ReportFormat? = nil
) -> CheckDefinition {
    CheckDefinition(name: name, run: run, keep: keep, timeout: timeout, report: report)
}
