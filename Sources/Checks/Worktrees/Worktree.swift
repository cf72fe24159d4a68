import Crypto
import GitObjects
import Policy
import Spawn

/// A kept checkout of one tree in a locked slot.
///
/// ```
/// <slot>/lock
/// <slot>/control/     the git folder with which gate moves the checkout; written anew each time
/// <slot>/seal         the digest of that folder's index as gate left it
/// <slot>/<name>/      the checkout, with a .git of its own for the check
/// <slot>/keep/        folders that checks asked to keep, each check's apart
/// <slot>/trash/       what was found in the checkout and is not in the tree
/// ```
///
/// The checkout belongs to the code under test: gate never runs git with the `.git` that lies in
/// it, where a check may have left hooks, filters or an `fsmonitor`; and the check gets no git
/// folder that is anybody else's. The files are the bytes of the blobs: attributes of the tree
/// that would rewrite them (`eol`, `ident`, `filter`, `working-tree-encoding`) do not apply.
struct Worktree {
    let source: SourceRepository
    let slot: WorktreeSlot
    let subject: CheckedTree
    /// Whether every file is read again after the checkout, also where git's index says that
    /// nothing was touched.
    var readsEveryFile = true

    var root: Folder { slot.folder.appending(source.name) }
    var control: Folder { slot.folder.appending("control") }
    private var trash: Folder { slot.folder.appending("trash") }
    private var index: Folder { control.appending("index") }

    /// Makes the checkout be exactly the tree, whatever was there.
    ///
    /// - Returns: the paths in the tree.
    func prepare() throws(GitError) -> TrackedPaths {
        try slot.folder.make()
        try trash.remove()
        try trash.make()
        let paths: TrackedPaths
        do {
            paths = try checkOut()
        } catch  where error.kind == .io || error.kind == .malformed {
            // A check may have left folders that cannot be written to, or changed a file in a way
            // that its times do not show: begin again from nothing.
            try control.remove()
            try root.remove()
            paths = try checkOut()
        }
        try trash.remove()
        try writeOwnGitFolder()
        return paths
    }

    private func checkOut() throws(GitError) -> TrackedPaths {
        if try root.kind != .folder { try root.remove() }
        try root.make()
        try root.appending(".git").move(to: trash, ifPresentAs: "git")
        try writeControlFolder()
        let isSealed = try breakSeal()
        try moveFiles()
        let content = try index.read(limit: 1 << 30) ?? []
        let paths: TrackedPaths
        if let read = TrackedPaths(index: content) {
            paths = read
        } else {
            paths = TrackedPaths(
                listing: try git(["ls-files", "--stage", "-z"], whatFailed: .io))
        }
        try removeStrays(paths)
        if readsEveryFile || !isSealed { try verify() }
        try seal.write(Self.sealOf(content))
        return paths
    }

    /// Has git write what differs, and look at every other file.
    private func moveFiles() throws(GitError) {
        if let commit = subject.commit {
            // It believes the index which trees lie below unchanged folders; read-tree reads every
            // tree of both sides again, twice. What is written is the same: both look at each file.
            _ = try git(
                ["checkout", "--quiet", "--force", "--detach", commit.hex, "--"], whatFailed: .io)
        } else {
            _ = try git(["read-tree", "--reset", "-u", subject.tree.hex], whatFailed: .io)
        }
    }

    // MARK: The seal

    private var seal: Folder { slot.folder.appending("seal") }

    private static func sealOf(_ index: [UInt8]) -> [UInt8] {
        Array(CacheFolder.hexadecimal(SHA256.hash(data: index)).utf8)
    }

    /// Whether the index is the one that gate left behind a checkout that it had verified. Any
    /// other is thrown away: a run that was killed between the two, a disk that failed.
    private func breakSeal() throws(GitError) -> Bool {
        let said = try seal.kind == .file ? try seal.content(upTo: 1024) : nil
        try seal.remove()
        guard try index.kind == .file, let content = try index.read(limit: 1 << 30) else {
            try index.remove()
            return false
        }
        if said == Self.sealOf(content) { return true }
        try index.remove()
        return false
    }

    /// Reads every file again: an index that knows no times believes none.
    private func verify() throws(GitError) {
        let fresh = control.appending("fresh-index")
        try fresh.remove()
        _ = try git(["read-tree", subject.tree.hex], index: fresh, whatFailed: .io)
        // diff-files alone goes by times; an index without any makes the refresh read it all.
        _ = try git(
            ["update-index", "-q", "--refresh"], index: fresh, mayFail: true, whatFailed: .io)
        let differing = try git(
            ["diff-files", "--name-only", "-z"], index: fresh, whatFailed: .io)
        guard differing.isEmpty else {
            throw GitError(
                .malformed, shown(differing.prefix { $0 != 0 }),
                "is not what the tree says after the checkout",
                hint: "is the disk full, or is something else writing to \(root.text)?")
        }
    }

    /// Moves away what the tree does not have. git has just seen or written every file of it: a
    /// folder with as many names as the tree has there holds nothing else.
    private func removeStrays(_ paths: TrackedPaths) throws(GitError) {
        for (path, count) in paths.folders {
            let folder = path.bytes.isEmpty ? root : root.appending(path.bytes)
            // A link in a folder's place is no folder of the tree: this throws.
            if try folder.count() == count { continue }
            for name in try folder.names() where !paths.contains(path.appending(name)) {
                let number = try trash.count()
                try folder.appending(name).move(to: trash.appending(String(number)))
            }
        }
    }

    // MARK: The two git folders

    /// The git folder that gate uses. Nothing in it is believed from the last time but the index,
    /// and that only to save work: the checkout is verified without it.
    private func writeControlFolder() throws(GitError) {
        try control.make()
        for name in try control.names()
        where name != Array("index".utf8) && name != Array("objects".utf8) {
            try control.appending(name).remove()
        }
        try control.appending("refs").make()
        try control.appending("objects/info").make()
        try control.appending("info").make()
        try control.appending("HEAD").write(Array("ref: refs/heads/none\n".utf8))
        try control.appending("config").write(
            Array(
                """
                [core]
                \trepositoryformatversion = 0
                \tfilemode = true
                \tsymlinks = true
                \tautocrlf = false
                \tfsmonitor = false
                \tuntrackedCache = false
                \thooksPath = /dev/null
                \tlogAllRefUpdates = false
                \tattributesFile = /dev/null
                \texcludesFile = /dev/null

                """.utf8))
        // gitattributes(5): this file goes before every .gitattributes of the tree.
        try control.appending("info/attributes").write(
            Array("* -text -ident -filter !eol !working-tree-encoding\n".utf8))
        try control.appending("objects/info/alternates").write(alternates)
    }

    /// The git folder that a check finds: its `HEAD` and tags are those of the repository, so
    /// that `git ls-files` and `git describe` work; what a check writes stays in it.
    private func writeOwnGitFolder() throws(GitError) {
        let own = root.appending(".git")
        try own.appending("refs/heads").make()
        try own.appending("objects/info").make()
        try own.appending("objects/info/alternates").write(alternates)
        try own.appending("config").write(
            Array(
                """
                [core]
                \trepositoryformatversion = 0
                \tfilemode = true
                \tbare = false

                """.utf8))
        try own.appending("packed-refs").write(try TagList(of: source.gitFolder).packed)
        if let boundary = try source.gitFolder.appending("shallow").read(limit: 64 << 20) {
            try own.appending("shallow").write(boundary)
        }
        if let content = try index.read(limit: 1 << 30) {
            try own.appending("index").write(content)
        }
        let head = if let commit = subject.commit { commit } else { try makeCommit(in: own) }
        try own.appending("HEAD").write(Array((head.hex + "\n").utf8))
    }

    /// git's `objects/info/alternates` (gitrepository-layout(5)); a path that could be read as a
    /// comment or as quoted is quoted as in C.
    private var alternates: [UInt8] {
        var lines: [UInt8] = []
        for path in [source.objects.path] + subject.objectFolders.map({ Array($0.utf8) }) {
            guard path.contains(where: { $0 == 0x0a || $0 == 0x22 || $0 == 0x5c }) else {
                lines += path + [0x0a]
                continue
            }
            lines.append(0x22)
            for byte in path {
                switch byte {
                case 0x0a: lines += Array("\\n".utf8)
                case 0x22, 0x5c: lines += [0x5c, byte]
                default: lines.append(byte)
                }
            }
            lines += [0x22, 0x0a]
        }
        return lines
    }

    /// A commit for a tree that has none, the same one each time.
    private func makeCommit(in own: Folder) throws(GitError) -> ObjectID {
        var arguments = ["commit-tree", "-m", "Merge result under check"]
        for parent in subject.parents { arguments += ["-p", parent.hex] }
        let printed = try git(
            arguments + [subject.tree.hex],
            more: [
                ("GIT_OBJECT_DIRECTORY", own.appending("objects").path),
                ("GIT_AUTHOR_NAME", Array("gate".utf8)),
                ("GIT_AUTHOR_EMAIL", Array("gate@localhost".utf8)),
                ("GIT_AUTHOR_DATE", Array("@0 +0000".utf8)),
                ("GIT_COMMITTER_NAME", Array("gate".utf8)),
                ("GIT_COMMITTER_EMAIL", Array("gate@localhost".utf8)),
                ("GIT_COMMITTER_DATE", Array("@0 +0000".utf8)),
            ], whatFailed: .tool)
        guard let commit = ObjectID(hex: printed.prefix { $0 != 0x0a }) else {
            throw GitError(.tool, "git commit-tree", "printed no object id")
        }
        return commit
    }

    // MARK: git

    /// Runs git with no configuration but the control folder's.
    private func git(
        _ arguments: [String], folder: Folder? = nil, index: Folder? = nil,
        more: [(name: String, value: [UInt8])] = [], mayFail: Bool = false,
        whatFailed: GitError.Kind
    ) throws(GitError) -> [UInt8] {
        var variables: [(name: String, value: [UInt8])] = [
            ("GIT_DIR", (folder ?? control).path), ("GIT_WORK_TREE", root.path),
            ("GIT_INDEX_FILE", (index ?? self.index).path),
            ("GIT_CONFIG_NOSYSTEM", [0x31]), ("GIT_ATTR_NOSYSTEM", [0x31]),
            ("GIT_CONFIG_GLOBAL", Array("/dev/null".utf8)),
            ("GIT_NO_REPLACE_OBJECTS", [0x31]), ("GIT_TERMINAL_PROMPT", [0x30]),
            ("LC_ALL", [0x43]),
        ]
        variables += more
        let environment = Child.environment(
            Child.environmentForAnotherRepository(), setting: variables)
        let result = try runGit(
            Child(["git"] + arguments, environment: environment, directory: root.text))
        guard result.succeeded || mayFail else {
            let said = shown(result.errorOutput.prefix { $0 != 0x0a })
            throw GitError(
                whatFailed, "the worktree of tree \(subject.tree.short)",
                "git \(arguments[0]) failed: \(said)",
                hint: slot.folder.hasNoRoom
                    ? "No space left on device: make room in \(slot.folder.text)" : nil)
        }
        guard !result.truncated else {
            throw GitError(.limit, "tree \(subject.tree.short)", "has too many paths to check out")
        }
        return result.output
    }
}

extension Folder {
    /// Moves it into `folder` under `name`; nothing when it is not there.
    func move(to folder: Folder, ifPresentAs name: String) throws(GitError) {
        guard try kind != .nothing else { return }
        try move(to: folder.appending(name))
    }
}

/// The paths that a tree has.
struct TrackedPaths: Hashable, Sendable {
    /// Files and symbolic links, sorted.
    private(set) var files: [TreePath] = []
    /// Every folder above one of them, and the submodules, with how many names the tree has in
    /// it; nil for what is or has a submodule, whose folder nobody looks after.
    private(set) var folders: [TreePath: Int?] = [:]
    /// The submodules alone: folders without content.
    private(set) var submodules: [TreePath] = []

    /// As `git ls-files --stage -z` lists them.
    init(listing: [UInt8]) {
        self.init(
            listing.split(separator: 0).compactMap { record in
                record.firstIndex(of: 0x09).map { tab in
                    (record.starts(with: "160000 ".utf8), Array(record[(tab + 1)...]))
                }
            })
    }

    /// - Parameter entries: sorted by the bytes of their paths, as in git's index.
    init(_ entries: some Sequence<(isSubmodule: Bool, path: [UInt8])>) {
        folders[TreePath("")] = .some(0)
        // Files of one folder stand together: it is looked up once for all of them.
        var folder: ArraySlice<UInt8> = []
        var count = 0
        for (isSubmodule, path) in entries {
            let above = Self.above(path[...])
            if above != folder {
                add(count, to: TreePath(folder))
                (folder, count) = (above, 0)
            }
            if isSubmodule {
                submodules.append(TreePath(path))
                add(0, to: TreePath(above))
                folders[TreePath(path)] = .some(nil)
                folders[TreePath(above)] = .some(nil)
            } else {
                files.append(TreePath(path))
                count += 1
            }
        }
        add(count, to: TreePath(folder))
    }

    /// The folder that a path is in.
    private static func above(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
    }

    /// Counts names in a folder; one that is new is a name in the folder above it.
    private mutating func add(_ count: Int, to folder: TreePath) {
        if let known = folders[folder] {
            folders[folder] = .some(known.map { $0 + count })
        } else {
            folders[folder] = .some(count)
            add(1, to: TreePath(Self.above(folder.bytes[...])))
        }
    }

    /// Whether there is a file, a folder or a submodule at this path.
    func contains(_ path: TreePath) -> Bool {
        if folders[path] != nil { return true }
        var (low, high) = (0, files.count)
        while low < high {
            let middle = (low + high) / 2
            if files[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low < files.count && files[low] == path
    }
}

extension TrackedPaths {
    /// The first file that is a git-lfs pointer: they are small and begin with one line (git-lfs'
    /// specification). Only asked where `.gitattributes` names that filter.
    func firstLargeFilePointer(in root: Folder) throws(GitError) -> TreePath? {
        let attributes = files.filter {
            $0.bytes.suffix(14).elementsEqual(".gitattributes".utf8)
        }
        var isUsed = false
        for file in attributes where !isUsed {
            let place = root.appending(file.bytes)
            guard try place.kind == .file else { continue }
            let content = try place.read(limit: 16 << 20) ?? []
            isUsed = String(decoding: content, as: UTF8.self).contains("filter=lfs")
        }
        guard isUsed else { return nil }
        let beginning = Array("version https://git-lfs.github.com/spec/".utf8)
        for file in files {
            let place = root.appending(file.bytes)
            guard try place.kind == .file, let content = try place.content(upTo: 1024),
                content.starts(with: beginning)
            else { continue }
            return file
        }
        return nil
    }
}

extension Folder {
    /// The content of a file that is no larger than this; nil when it is.
    func content(upTo limit: Int) throws(GitError) -> [UInt8]? {
        do {
            return try read(limit: limit)
        } catch  where error.kind == .limit {
            return nil
        }
    }
}
