import CLibGit2
import GitObjects

/// One file that both sides changed differently.
struct ContentMerge {
    let path: TreePath
    let mode: EntryMode
    let base: ObjectID
    let ours: ObjectID
    let theirs: ObjectID
    let result: ObjectID

    /// Why not every result is git's merge of its three versions; nil when each is.
    ///
    /// libgit2's `git_merge_file` finds the differences with Myers' algorithm and git's `ort`
    /// with histogram diff, so that they can disagree. git itself is asked, but about these files
    /// only: commits of trees with nothing else in them, so that the time does not grow with the
    /// repository. No path being added or deleted, renames cannot come in.
    static func problem(
        with merges: [ContentMerge], in repository: Repository
    ) throws(GitError) -> String? {
        guard !merges.isEmpty else { return nil }
        let git = try MergeTree(objectFolders: repository.objectFolders)
        let objects = try git.objects()
        func commit(_ side: (ContentMerge) -> ObjectID, _ parents: [ObjectID]) throws(GitError)
            -> ObjectID
        {
            let entries = merges.enumerated().map { index, merge in
                TreeEntry(name: Self.name(index), mode: merge.mode, id: side(merge))
            }
            let tree = try objects.write(Tree.serialized(entries), as: .tree)
            return try objects.write(Self.commit(tree, parents), as: .commit)
        }
        let base = try commit(\.base, [])
        let ours = try commit(\.ours, [base])
        let theirs = try commit(\.theirs, [base])
        switch try git.merge(ours, theirs) {
        case .clean(let tree):
            objects.refresh()
            let merged = try objects.read(tree, as: .tree).withBytes { bytes throws(GitError) in
                try Tree(parsing: bytes, id: tree)
            }
            for (index, merge) in merges.enumerated()
            where merged[Self.name(index)]?.id != merge.result {
                return "\(merge.path) is not the merge of both sides"
            }
            return nil
        case .conflict(let names):
            let paths = merges.enumerated().filter { index, _ in
                names.contains(TreePath(Self.name(index)))
            }.map(\.element.path)
            return Repository.conflict(paths)
        }
    }

    private static func name(_ index: Int) -> [UInt8] { Array("file-\(index)".utf8) }

    private static func commit(_ tree: ObjectID, _ parents: [ObjectID]) -> [UInt8] {
        let lines = ["tree \(tree.hex)"] + parents.map { "parent \($0.hex)" }
        let people = ["author", "committer"].map { "\($0) gate <gate@localhost> 0 +0000" }
        return Array(((lines + people).joined(separator: "\n") + "\n\nside\n").utf8)
    }
}

extension ObjectDatabase {
    /// Writes an object, unless it is there.
    func write(_ content: [UInt8], as kind: ObjectKind) throws(GitError) -> ObjectID {
        var oid = git_oid()
        try Library.call("a new \(kind.rawValue)") {
            content.withUnsafeBytes {
                git_odb_write(&oid, handle, $0.baseAddress, $0.count, kind.type)
            }
        }
        return ObjectID(oid)
    }
}

extension ObjectKind {
    var type: git_object_t {
        switch self {
        case .commit: GIT_OBJECT_COMMIT
        case .tree: GIT_OBJECT_TREE
        case .blob: GIT_OBJECT_BLOB
        case .tag: GIT_OBJECT_TAG
        }
    }
}
