import Files
import Git
import GitObjects
import Spawn

/// A repository in which gate is installed, or will be: a server's bare one, or a clone.
struct Site {
    enum Kind: String {
        case server, clone
    }

    let repository: Repository
    let kind: Kind
    /// Where git looks for this repository's hooks (githooks(5)); of linked worktrees their common
    /// one.
    let hooksFolder: String

    /// Opens the repository that a folder is in.
    init(at folder: String) throws {
        do {
            repository = try Repository.discover(from: folder)
        } catch {
            throw CommandFailure(error)
        }
        kind = repository.worktree == nil ? .server : .clone
        hooksFolder = try Self.hooksFolder(of: repository)
    }

    var hooks: [HookFile] {
        (kind == .server ? HookScript.server : HookScript.clone)
            .map { HookFile(script: $0, folder: hooksFolder) }
    }

    /// How messages name the repository.
    var name: String { shown((repository.worktree ?? repository.gitDirectory).utf8) }

    private static func hooksFolder(of repository: Repository) throws -> String {
        let found = try repository.git(["rev-parse", "--git-path", "hooks"])
        let path = String(decoding: found.prefix { $0 != 0x0a }, as: UTF8.self)
        // A relative core.hooksPath counts from where hooks run (git-config(1)).
        let folder =
            path.hasPrefix("/")
            ? path : "\(repository.worktree ?? repository.gitDirectory)/\(path)"
        return folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    }

    /// `core.hooksPath`, when it is set anywhere but in the repository itself: all repositories
    /// share those hooks, and gate must not put its own there.
    func sharedHooksPath() throws -> (scope: String, path: String)? {
        guard
            let line = try repository.setting("core.hooksPath", ["--show-scope"]),
            let tab = line.firstIndex(of: "\t")
        else { return nil }
        let scope = String(line[..<tab])
        if scope == "local" || scope == "worktree" { return nil }
        return (scope, String(line[line.index(after: tab)...]))
    }

    /// Writes what makes walks through the history fast. libgit2 reads a commit-graph of the first
    /// generation only; without it every push is slower, and nothing else, so that a failure is
    /// only said.
    ///
    /// - Returns: whether it was written.
    func writeCommitGraph() throws -> Bool {
        let result = try repository.runGit(
            ["commit-graph", "write", "--reachable", "--no-progress"])
        if result.succeeded { return true }
        Screen.note("gate: no commit-graph could be written, so pushes are judged more slowly")
        for line in result.errorOutput.split(separator: 0x0a) { Screen.note("  \(shown(line))") }
        return false
    }
}
