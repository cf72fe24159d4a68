import Files
import Git
import GitObjects
import Spawn
import Testing

@testable import Hooks

/// The state of the gate is read from the server's own configuration, and what is not said there
/// refuses.
@Suite struct ServerTests {
    /// A bare repository in a folder of its own, removed when the test is done.
    private final class Bare {
        let folder: String
        var path: String { folder + "/s.git" }

        init() throws {
            folder = try Folder.makeTemporary(prefix: "gate-hooks")
            try git("init", "--quiet", "--bare", "--initial-branch=master", path)
        }

        deinit {
            do {
                try Folder.remove(folder)
            } catch {
                Issue.record(error)
            }
        }

        @discardableResult
        func git(_ arguments: String...) throws -> String {
            let result = try Child(
                ["git"] + arguments,
                environment: [
                    "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=\(folder)",
                    "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=A", "GIT_COMMITTER_NAME=A",
                    "GIT_AUTHOR_EMAIL=a@wrk.example", "GIT_COMMITTER_EMAIL=a@wrk.example",
                ].map { Array($0.utf8) }, directory: folder
            ).run()
            try #require(result.succeeded)
            return String(decoding: result.output.prefix { $0 != 0x0a }, as: UTF8.self)
        }

        func commit() throws -> String {
            let tree = try git("--git-dir", path, "mktree", "--missing")
            let commit = try git("--git-dir", path, "commit-tree", "-m", "Start", tree)
            try git("--git-dir", path, "update-ref", "refs/heads/master", commit)
            return commit
        }
    }

    @Test func withoutAStateNothingIsDecided() throws {
        let bare = try Bare()
        #expect(throws: GitError.self) { try Server(gitDirectory: bare.path, quarantine: nil) }
    }

    @Test(arguments: ["", "open", "WATCHING", "0123", "true"])
    func anyOtherStateIsAnError(state: String) throws {
        let bare = try Bare()
        try bare.git("--git-dir", bare.path, "config", Server.trustKey, state)
        #expect(throws: GitError.self) { try Server(gitDirectory: bare.path, quarantine: nil) }
    }

    @Test func watchingHasNoPolicyAndTrustingNeedsOne() throws {
        let bare = try Bare()
        try bare.git("--git-dir", bare.path, "config", Server.trustKey, Server.watching)
        let watching = try Server(gitDirectory: bare.path, quarantine: nil)
        #expect(watching.trusted == nil)
        let hasPolicy = try watching.governingPolicy() != nil
        #expect(!hasPolicy)
        let commit = try bare.commit()
        try bare.git("--git-dir", bare.path, "config", Server.trustKey, commit)
        let closed = try Server(gitDirectory: bare.path, quarantine: nil)
        #expect(closed.trusted?.hex == commit)
        #expect(closed.defaultBranch == "refs/heads/master")
        #expect(throws: GitError.self) { _ = try closed.governingPolicy() }
    }

    @Test func aHeadThatNamesNoBranchIsAnError() throws {
        let bare = try Bare()
        try bare.git("--git-dir", bare.path, "config", Server.trustKey, Server.watching)
        let commit = try bare.commit()
        try bare.git("--git-dir", bare.path, "update-ref", "--no-deref", "HEAD", commit)
        #expect(throws: GitError.self) { try Server(gitDirectory: bare.path, quarantine: nil) }
    }

    @Test func theRecordOfDescentIsForOneTrustedCommit() throws {
        let bare = try Bare()
        let record = DescentRecord(bare.path)
        let tip = try #require(ObjectID(hex: String(repeating: "a", count: 40)))
        let trusted = try #require(ObjectID(hex: String(repeating: "b", count: 40)))
        #expect(record.tip(descendingFrom: trusted) == nil)
        try record.write(tip: tip, descendingFrom: trusted)
        #expect(record.tip(descendingFrom: trusted) == tip)
        #expect(record.tip(descendingFrom: tip) == nil)
        try File.write(Array("\(trusted.hex)\n\(tip.hex)".utf8), to: bare.path + "/gate/descent")
        #expect(record.tip(descendingFrom: trusted) == nil)
    }
}
