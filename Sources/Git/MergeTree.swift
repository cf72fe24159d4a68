import CLibGit2
import GitObjects
import Spawn

/// Asks `git merge-tree --write-tree`, the reference of what a merge is, with default options.
///
/// It runs in an empty repository of its own that borrows the objects of the real one, so that no
/// configuration, attribute, replace ref or graft of that one, of its user or of the system has a
/// say.
final class MergeTree {
    enum Outcome {
        case clean(ObjectID)
        case conflict([TreePath])
    }

    /// Seconds; a merge that takes longer is not decided.
    private static let timeout = 300.0

    /// Two commits: ours and theirs.
    typealias Pair = (ours: ObjectID, theirs: ObjectID)

    private let folder: TemporaryFolder
    private let writtenObjects: String?
    private var database: ObjectDatabase?

    /// - Parameters:
    ///   - objectFolders: where the objects of the sides are.
    ///   - writingTo: the `objects` folder that gets what the merge makes; nil: it is lost.
    init(objectFolders: [String], writingTo: String? = nil) throws(GitError) {
        folder = try TemporaryFolder()
        writtenObjects = writingTo
        for name in ["objects", "objects/info", "objects/pack", "refs", "info"] {
            try folder.makeFolder(name)
        }
        try folder.write(Array("ref: refs/heads/none\n".utf8), to: "HEAD")
        try folder.write(
            Array("[core]\n\trepositoryformatversion = 0\n\tbare = true\n".utf8), to: "config")
        var alternates: [UInt8] = []
        for folder in objectFolders { alternates += Self.quoted(folder) + [0x0a] }
        try folder.write(alternates, to: "objects/info/alternates")
    }

    /// Writes a tree for a merge to use.
    func write(treeOf entries: [TreeEntry]) throws(GitError) -> ObjectID {
        try objects().write(Tree.serialized(entries), as: .tree)
    }

    /// Writes a commit for a merge to use.
    func write(commitOf tree: ObjectID, on parents: [ObjectID]) throws(GitError) -> ObjectID {
        let lines = ["tree \(tree.hex)"] + parents.map { "parent \($0.hex)" }
        let people = ["author", "committer"].map { "\($0) gate <gate@localhost> 0 +0000" }
        let content = (lines + people).joined(separator: "\n") + "\n\nside\n"
        return try objects().write(Array(content.utf8), as: .commit)
    }

    /// Reads a tree that a merge made.
    func tree(_ id: ObjectID) throws(GitError) -> Tree {
        let objects = try objects()
        objects.refresh()
        return try objects.read(id, as: .tree).withBytes { bytes throws(GitError) in
            try Tree(parsing: bytes, id: id)
        }
    }

    private func objects() throws(GitError) -> ObjectDatabase {
        if let database { return database }
        var opened: OpaquePointer?
        let path = folder.path + "/objects"
        try Library.call(path) { git_odb_open(&opened, path) }
        guard let opened else { throw GitError(.io, path, "could not be opened") }
        let objects = ObjectDatabase(owning: opened)
        database = objects
        return objects
    }

    /// Merges pairs of commits, each by itself.
    ///
    /// - Returns: what came of each, in their order.
    func merge(_ pairs: [Pair]) throws(GitError) -> [Outcome] {
        let arguments = [
            "git", "merge-tree", "--write-tree", "--stdin", "--name-only", "--no-messages",
        ]
        let lines = pairs.map { "\($0.ours.hex) \($0.theirs.hex)\n" }
        let child = Child(
            arguments, environment: environment, input: Array(lines.joined().utf8),
            timeout: Self.timeout)
        let result: Child.Result
        do throws(SpawnError) {
            result = try child.run()
        } catch {
            throw GitError(.tool, "git merge-tree", error.problem, hint: Self.hint)
        }
        guard result.succeeded else {
            if case .timedOut = result.termination {
                throw GitError(
                    .limit, "git merge-tree", "took more than \(Int(Self.timeout)) seconds")
            }
            let said = shown(result.errorOutput.prefix { $0 != 0x0a }.prefix(200))
            throw GitError(.tool, "git merge-tree", "failed: \(said)", hint: Self.hint)
        }
        let outcomes = try Self.outcomes(result.output)
        guard outcomes.count == pairs.count else { throw Self.unreadable }
        return outcomes
    }

    /// Reads what `--stdin` gives (git-merge-tree(1), "OUTPUT"): for each merge `1` or, with
    /// conflicts, `0`, then the tree, the paths with conflicts, and nothing; all ended by NUL.
    private static func outcomes(_ output: [UInt8]) throws(GitError) -> [Outcome] {
        var fields = output.split(separator: 0, omittingEmptySubsequences: false)[...]
        // What stands behind the last NUL.
        guard fields.popLast()?.isEmpty == true else { throw unreadable }
        var outcomes: [Outcome] = []
        while let status = fields.popFirst() {
            guard let tree = fields.popFirst().flatMap({ ObjectID(hex: $0) }) else {
                throw unreadable
            }
            var paths: [TreePath] = []
            while let path = fields.popFirst(), !path.isEmpty { paths.append(TreePath(path)) }
            // A folder that was renamed to two places is a conflict without a path.
            switch (Array(status), paths.isEmpty) {
            case ([0x31], true): outcomes.append(.clean(tree))
            case ([0x30], _): outcomes.append(.conflict(paths))
            default: throw unreadable
            }
        }
        return outcomes
    }

    static let unreadable = GitError(
        .tool, "git merge-tree", "gave an answer that gate does not understand", hint: hint)

    private static let hint = "git 2.39 or later must be in PATH"

    private var environment: [[UInt8]] {
        let home = Array(folder.path.utf8)
        var variables: [(name: String, value: [UInt8])] = [
            ("GIT_DIR", home), ("HOME", home), ("XDG_CONFIG_HOME", home),
            ("GIT_CONFIG_NOSYSTEM", Array("1".utf8)),
            ("GIT_CONFIG_GLOBAL", Array("/dev/null".utf8)),
            ("GIT_ATTR_NOSYSTEM", Array("1".utf8)),
            ("GIT_NO_REPLACE_OBJECTS", Array("1".utf8)), ("LC_ALL", Array("C".utf8)),
        ]
        if let writtenObjects {
            variables.append(("GIT_OBJECT_DIRECTORY", Array(writtenObjects.utf8)))
        }
        return Child.environment(Child.environmentForAnotherRepository(), setting: variables)
    }

    /// A line of `objects/info/alternates`, quoted so that any path can be one (gitrepository-
    /// layout(5); git's `quote.c`).
    private static func quoted(_ path: String) -> [UInt8] {
        var line: [UInt8] = [0x22]
        for byte in path.utf8 {
            switch byte {
            case 0x22, 0x5c: line += [0x5c, byte]
            case 0..<0x20, 0x7f...:
                line += [0x5c, 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
            default: line.append(byte)
            }
        }
        return line + [0x22]
    }
}
