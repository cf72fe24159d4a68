import GitObjects
import Policy
import Spawn

/// A kept checkout of one tree in a locked slot.
///
/// ```
/// <slot>/lock
/// <slot>/control/     the git folder with which gate moves the checkout; written anew each time
/// <slot>/seal         what gate knows of the checkout as it left it
/// <slot>/<name>/      the checkout, with a .git of its own for the check
/// <slot>/running      there as long as a check runs
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
        let (paths, content): (TrackedPaths, [UInt8])
        do {
            (paths, content) = try checkOut()
        } catch  where error.kind == .io || error.kind == .malformed {
            // A check may have left folders that cannot be written to, or changed a file in a way
            // that its times do not show: begin again from nothing.
            try control.remove()
            try root.remove()
            (paths, content) = try checkOut()
        }
        try trash.remove()
        try writeOwnGitFolder(index: content)
        return paths
    }

    /// - Returns: the paths in the tree, and the index.
    private func checkOut() throws(GitError) -> (TrackedPaths, [UInt8]) {
        if try root.kind != .folder { try root.remove() }
        try root.make()
        try root.appending(".git").move(to: trash, ifPresentAs: "git")
        try writeControlFolder()
        let seal = try breakSeal()
        try moveFiles()
        let content = try index.read(limit: 1 << 30) ?? []
        let paths: TrackedPaths
        if let read = TrackedPaths(index: content) {
            paths = read
        } else {
            paths = TrackedPaths(
                listing: try git(["ls-files", "--stage", "-z"], whatFailed: .io))
        }
        let fresh = try removeStrays(paths, believing: readsEveryFile ? nil : seal)
        // What is beside a submodule was not counted.
        if readsEveryFile || seal == nil || !paths.submodules.isEmpty { try verify() }
        try sealFile.write(fresh.bytes(index: content))
        return (paths, content)
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

    private var sealFile: Folder { slot.folder.appending("seal") }

    /// Takes the seal away.
    ///
    /// - Returns: nil when the index is not the one that gate left behind a checkout that it had
    ///   verified; then that is gone too.
    private func breakSeal() throws(GitError) -> Seal? {
        let said = try sealFile.kind == .file ? try sealFile.content(upTo: 1 << 30) : nil
        try sealFile.remove()
        guard try index.kind == .file, let content = try index.read(limit: 1 << 30) else {
            try index.remove()
            return nil
        }
        if let said, let seal = Seal(said, index: content) { return seal }
        try index.remove()
        return nil
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
    /// folder with as many names as the tree has there holds nothing else. One that has not changed
    /// since its names were counted needs no second look.
    ///
    /// - Returns: what can be said of the folders now.
    private func removeStrays(
        _ paths: TrackedPaths, believing seal: Seal?
    ) throws(GitError) -> Seal {
        // By the file system's own clock: written when this checkout began, or since.
        let now = try control.appending("HEAD").stamp().touched
        var fresh = Seal()
        for (path, count) in paths.folders {
            let folder = path.bytes.isEmpty ? root : root.appending(path.bytes)
            let stamp = try folder.stamp()
            if let seal, let count, seal.vouches(for: path, count: count, stamp: stamp) {
                fresh.add(stamp, count: count, of: path)
                continue
            }
            // A link in a folder's place is no folder of the tree: this throws.
            if try folder.count() == count {
                if let count, now - stamp.touched > Seal.restTime {
                    fresh.add(stamp, count: count, of: path)
                }
                continue
            }
            let names = try folder.names()
            let strays = names.filter { !paths.contains(path.appending($0)) }
            for name in strays {
                let number = try trash.count()
                try folder.appending(name).move(to: trash.appending(String(number)))
            }
            // git looks at a file through a link in the place of a folder above it, and may put the
            // folder back without that file.
            if let count, names.count - strays.count != count {
                throw GitError(.malformed, shown(folder.path), "lacks what the tree has there")
            }
        }
        return fresh
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
    private func writeOwnGitFolder(index content: [UInt8]) throws(GitError) {
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
        try own.appending("index").write(content)
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
                (Self.objects, own.appending("objects").path),
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

    private static let objects = "GIT_OBJECT_DIRECTORY"

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
        // Nothing is written there by what is run here; through the control folder's alternates
        // git would look for each object twice.
        if subject.objectFolders.isEmpty, !more.contains(where: { $0.name == Self.objects }) {
            variables.append((Self.objects, source.objects.path))
        }
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
