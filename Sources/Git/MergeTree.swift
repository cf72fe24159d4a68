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

    private let folder: TemporaryFolder
    private let writtenObjects: String?

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

    /// A database to write into before a merge and to read from after it.
    func objects() throws(GitError) -> ObjectDatabase {
        var database: OpaquePointer?
        let path = folder.path + "/objects"
        try Library.call(path) { git_odb_open(&database, path) }
        guard let database else { throw GitError(.io, path, "could not be opened") }
        return ObjectDatabase(owning: database)
    }

    /// Merges two commits.
    func merge(_ ours: ObjectID, _ theirs: ObjectID) throws(GitError) -> Outcome {
        let arguments = [
            "git", "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages",
            ours.hex, theirs.hex,
        ]
        let child = Child(arguments, environment: environment, timeout: Self.timeout)
        let result: Child.Result
        do throws(SpawnError) {
            result = try child.run()
        } catch {
            throw GitError(.tool, "git merge-tree", error.problem, hint: Self.hint)
        }
        let parts = result.output.split(separator: 0, omittingEmptySubsequences: false)
        let tree = parts.first.flatMap { ObjectID(hex: $0) }
        switch (result.termination, tree) {
        case (.exited(0), let tree?):
            return .clean(tree)
        case (.exited(1), .some):
            return .conflict(parts.dropFirst().filter { !$0.isEmpty }.map { TreePath($0) })
        case (.timedOut, _):
            throw GitError(
                .limit, "git merge-tree", "took more than \(Int(Self.timeout)) seconds")
        default:
            let said = shown(result.errorOutput.prefix { $0 != 0x0a }.prefix(200))
            throw GitError(
                .tool, "git merge-tree", "failed: \(said)", hint: Self.hint)
        }
    }

    private static let hint = "git 2.38 or later must be in PATH"

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
