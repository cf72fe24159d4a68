import CLibGit2
import Files
public import GitObjects
public import History

/// A git repository, to be read only.
///
/// In a hook it sees the quarantined objects of the push, too. It cannot write: git forbids that
/// in quarantine and libgit2 does not know (githooks(5), "pre-receive"); see ``Writer``.
///
/// Replace refs and grafts are not followed.
public final class Repository: HistorySource, ReferenceSource {
    /// The folder that git calls `$GIT_DIR`; of a linked worktree its own.
    public let gitDirectory: String
    /// Where refs, objects and configuration are: `$GIT_COMMON_DIR`, mostly the same folder.
    public let commonDirectory: String
    /// The top of the worktree; nil when bare.
    public let worktree: String?
    /// Where the objects of a push wait for the hooks' answer.
    public let quarantine: String?

    let handle: OpaquePointer
    let objects: ObjectDatabase
    var isForReport = false
    private var commits: [ObjectID: Commit] = [:]
    private static let cachedCommits = 4096
    /// The commits of more than ``plainSize`` bytes that were read, and by how many together.
    private var largeCommits: Set<ObjectID> = []
    private var excess = 0
    /// Of one commit; people write no larger ones.
    private static let plainSize = 16 << 10
    /// Of all commits that are read, beyond what is plain of each.
    private static let excessLimit = 64 << 20
    private static let manySteps = 256
    /// The commits that questions about ancestry have met.
    private(set) lazy var graph = CommitGraph(objects)
    /// The last answer of ``commits(from:notFrom:)``: several rules ask about the same update.
    var lastListed: (head: ObjectID, hidden: [ObjectID], commits: [ObjectID])?
    /// libgit2's walker, made when it is first needed.
    var walker: OpaquePointer?
    /// What ``prepareMerges(_:)`` found.
    var verifiedMerges: [MergeQuestion: MergeVerification] = [:]

    private init(owning handle: OpaquePointer, quarantine: String?) throws(GitError) {
        self.handle = handle
        self.quarantine = quarantine
        gitDirectory = Self.path(git_repository_path(handle)) ?? ""
        commonDirectory = Self.path(git_repository_commondir(handle)) ?? gitDirectory
        worktree = Self.path(git_repository_workdir(handle))
        var database: OpaquePointer?
        let subject = gitDirectory
        do throws(GitError) {
            try Library.call(subject) { git_repository_odb(&database, handle) }
            guard let database else { throw GitError(.io, subject, "has no object database") }
            objects = ObjectDatabase(owning: database)
        } catch {
            git_repository_free(handle)
            throw error
        }
    }

    deinit {
        git_revwalk_free(walker)
        git_repository_free(handle)
    }

    /// Opens the repository whose `$GIT_DIR` this is, without looking anywhere else and whatever
    /// the environment says.
    ///
    /// - Parameters:
    ///   - gitDirectory: a bare repository, a worktree's `.git` folder, or the folder of a linked
    ///     worktree in `.git/worktrees`.
    ///   - quarantine: `GIT_QUARANTINE_PATH` of a hook; it must exist.
    public static func open(
        gitDirectory: String, quarantine: String? = nil
    ) throws(GitError) -> Repository {
        try Library.start()
        var existing: String?
        if let quarantine { existing = try existingQuarantine(quarantine) }
        let flags =
            GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue | GIT_REPOSITORY_OPEN_NO_DOTGIT.rawValue
        var handle: OpaquePointer?
        do throws(GitError) {
            try Library.call(shown(gitDirectory.utf8)) {
                git_repository_open_ext(&handle, gitDirectory, flags, nil)
            }
        } catch {
            throw try RepositoryFormat.explain(error, gitDirectory: gitDirectory)
        }
        guard let handle else {
            throw GitError(.io, shown(gitDirectory.utf8), "could not be opened")
        }
        let repository = try Repository(owning: handle, quarantine: existing)
        try RepositoryFormat.check(commonDirectory: repository.commonDirectory)
        if let existing {
            try Library.call(shown(existing.utf8)) {
                git_odb_add_disk_alternate(repository.objects.handle, existing)
            }
        }
        return repository
    }

    /// Opens the repository that `folder` is in, as git finds it: `folder` itself or the nearest
    /// one above.
    public static func discover(from folder: String = ".") throws(GitError) -> Repository {
        try Library.start()
        var found = git_buf()
        defer { git_buf_dispose(&found) }
        do throws(GitError) {
            try Library.call(shown(folder.utf8)) { git_repository_discover(&found, folder, 0, nil) }
        } catch {
            guard error.kind == .notFound else { throw error }
            throw GitError(
                .noRepository, shown(folder.utf8), "is in no git repository",
                hint: "run it inside a clone, or name one with -C")
        }
        guard let path = path(found.ptr) else {
            throw GitError(.io, shown(folder.utf8), "is in a repository without a path")
        }
        return try open(gitDirectory: path)
    }

    /// The absolute path of a quarantine that is there; libgit2 takes a folder that is not for an
    /// empty one.
    private static func existingQuarantine(_ path: String) throws(GitError) -> String {
        let absolute: String
        do throws(FileError) {
            absolute = try File.realPath(path)
        } catch {
            throw GitError(.notFound, shown(path.utf8), "the quarantine of the push is missing")
        }
        guard File.isFolder(absolute) else {
            throw GitError(.notFound, shown(path.utf8), "the quarantine of the push is no folder")
        }
        return absolute
    }

    private static func path(_ text: UnsafePointer<CChar>?) -> String? {
        guard let text else { return nil }
        let path = String(cString: text)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// From here on history is read as git reads it, by commands that only report what has landed:
    /// in the whole process it is not verified again that objects hash to their ids, and here dates
    /// that agree with each other are believed.
    public func readForReport() throws(GitError) {
        try Library.call("libgit2") { gate_set_hash_verification(0) }
        // A history is gone through once: what is kept for the next steps is kept here.
        try Library.call("libgit2") { gate_set_cached_object_limit(GIT_OBJECT_TREE, 0) }
        isForReport = true
        gate_keep_freed_memory()
        // Such a command's process ends when it has said what it has to: to free what was read of a
        // long history, object by object, would take it a twelfth of its time.
        _ = Unmanaged.passRetained(self)
    }

    /// Objects that other programs have written since are seen from here on.
    public func refresh() { objects.refresh() }

    // MARK: - Objects

    public func commit(_ id: ObjectID) throws(GitError) -> Commit {
        if let known = commits[id] { return known }
        let commit = try objects.read(id, as: .commit).withBytes { bytes throws(GitError) in
            try admit(id, size: bytes.count)
            return try Commit(parsing: bytes, id: id)
        }
        objects.remember(checked: id)
        if commits.count >= Self.cachedCommits { commits.removeAll(keepingCapacity: true) }
        commits[id] = commit
        return commit
    }

    /// Whoever judges a change has all its commits in memory. A thousand of ten megabytes each, the
    /// same but for a number, are small as a push.
    private func admit(_ id: ObjectID, size: Int) throws(GitError) {
        guard size > Self.plainSize, largeCommits.insert(id).inserted else { return }
        excess += size - Self.plainSize
        guard excess <= Self.excessLimit else {
            throw GitError(
                .limit, "commit \(id)",
                "and the large ones read before it have more than"
                    + " \(Self.excessLimit >> 20) MB together",
                hint: "shorten their messages")
        }
    }

    /// Whether this tree or commit was read strictly before and has no fault.
    public func isChecked(_ object: ObjectID) -> Bool { objects.isChecked(object) }

    public func tree(_ id: ObjectID) throws(GitError) -> Tree {
        guard id != .emptyTree else { return Tree(id: id, entries: []) }
        return try objects.read(id, as: .tree).withBytes { bytes throws(GitError) in
            try Tree(parsing: bytes, id: id)
        }
    }

    public func tag(_ id: ObjectID) throws(GitError) -> Tag {
        return try objects.read(id, as: .tag).withBytes { bytes throws(GitError) in
            try Tag(parsing: bytes, id: id)
        }
    }

    public func header(_ id: ObjectID) throws(GitError) -> (kind: ObjectKind, size: Int)? {
        if id == .emptyTree { return (.tree, 0) }
        return try objects.header(id)
    }

    public func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
        guard let header = try header(id) else {
            throw GitError(.notFound, "blob \(id)", "is not in the repository")
        }
        guard header.kind == .blob else {
            throw GitError(.malformed, "object \(id)", "is a \(header.kind.rawValue), not a blob")
        }
        guard header.size <= limit else {
            throw GitError(
                .limit, "blob \(id)", "has \(header.size) bytes, more than the limit of \(limit)")
        }
        return try objects.read(id, as: .blob).withBytes { Array($0) }
    }

    public func entry(_ path: TreePath, in tree: ObjectID) throws(GitError) -> TreeEntry? {
        let parts = path.bytes.split(separator: 0x2f, omittingEmptySubsequences: false)
        guard !path.bytes.isEmpty, parts.allSatisfy({ !$0.isEmpty }) else {
            throw GitError(.malformed, "\(path)", "is not the path of a tree entry")
        }
        var folder = tree
        for (index, part) in parts.enumerated() {
            guard let found = try entry(named: part, in: folder) else { return nil }
            if index == parts.count - 1 { return found }
            guard found.mode == .tree else { return nil }
            folder = found.id
        }
        return nil
    }

    /// Reads the whole tree, so that a malformed one is an error wherever the name is.
    private func entry(
        named name: ArraySlice<UInt8>, in tree: ObjectID
    ) throws(GitError) -> TreeEntry? {
        guard tree != .emptyTree else { return nil }
        return try objects.read(tree, as: .tree).withBytes { bytes throws(GitError) in
            var scanner = TreeScanner(bytes, id: tree)
            var found: TreeEntry?
            while let entry = try scanner.next() {
                if entry.name.count == name.count, scanner[entry].elementsEqual(name) {
                    found = TreeEntry(name: Array(name), mode: entry.mode, id: entry.id)
                }
            }
            return found
        }
    }

    public func changes(
        from old: ObjectID?, to new: ObjectID?
    ) throws(GitError) -> [TreeChange] {
        try TreeComparison.changes(from: old, to: new, in: objects)
    }

    /// On one thread: libgit2 takes a lock of the whole process for each look into a pack, and two
    /// threads that wait for each other took half as much time again as one.
    public func changes(ofEach steps: [TreeStep]) throws(GitError) -> [[TreeChange]] {
        if steps.count >= Self.manySteps { objects.keepManyTrees() }
        var all: [[TreeChange]] = []
        all.reserveCapacity(steps.count)
        for step in steps { all.append(try changes(from: step.old, to: step.new)) }
        return all
    }
}
