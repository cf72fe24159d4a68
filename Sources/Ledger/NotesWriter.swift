import Git
import GitObjects
import History

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Writes commits of `refs/notes/gate` and `refs/gate/heads`; moves no ref.
struct NotesWriter {
    private let writer: Writer

    init(_ writer: Writer) {
        self.writer = writer
    }

    /// A commit on top of `tip` whose notes have these lines, too.
    func commit(
        adding lines: [ObjectID: [[UInt8]]], to tip: ObjectID?
    ) throws(GitError) -> ObjectID {
        let repository = writer.repository
        var additions: [(path: [[UInt8]], blob: ObjectID)] = []
        let notes: NotesTree?
        if let tip {
            notes = try NotesTree(at: tip, in: repository)
        } else {
            notes = nil
        }
        for (object, added) in lines.sorted(by: { $0.key < $1.key }) {
            let place = try notes?.place(of: object)
            var content: [UInt8] = []
            if let blob = place?.blob {
                content = try repository.blob(blob, limit: NoteStore.noteLimit)
                if content.last != 0x0a { content.append(0x0a) }
            }
            for line in added {
                content += line + [0x0a]
            }
            let path = place?.path ?? TreePath(object.hex)
            let parts = path.bytes.split(separator: 0x2f).map(Array.init)
            additions.append((parts, try writer.writeBlob(content)))
        }
        let old = try tip.map { tip throws(GitError) in try repository.commit(tip).tree }
        let tree = try write(additions, over: old ?? .emptyTree)
        return try commit(tree, [tip].compactMap { $0 }, "Evidence added by gate\n")
    }

    /// A tree with these blobs over another tree.
    private func write(
        _ additions: [(path: [[UInt8]], blob: ObjectID)], over tree: ObjectID
    ) throws(GitError) -> ObjectID {
        var entries: [[UInt8]: TreeEntry] = [:]
        if tree != .emptyTree {
            for entry in try writer.repository.tree(tree).entries {
                entries[entry.name] = entry
            }
        }
        var below: [[UInt8]: [(path: [[UInt8]], blob: ObjectID)]] = [:]
        for (path, blob) in additions {
            guard let name = path.first else { continue }
            if path.count == 1 {
                entries[name] = TreeEntry(name: name, mode: .blob, id: blob)
            } else {
                below[name, default: []].append((Array(path.dropFirst()), blob))
            }
        }
        for (name, additions) in below {
            let subtree = try write(additions, over: entries[name]?.id ?? .emptyTree)
            entries[name] = TreeEntry(name: name, mode: .tree, id: subtree)
        }
        return try writer.writeTree(Array(entries.values))
    }

    /// A link of the chain of kept heads on top of `tip`; without one, the chain's first too.
    func link(keeping heads: [ObjectID], behind tip: ObjectID?) throws(GitError) -> ObjectID {
        let empty = try writer.writeTree([])
        let start: ObjectID
        if let tip {
            start = tip
        } else {
            start = try commit(empty, [], "Heads kept by gate\n")
        }
        return try commit(empty, [start] + heads, "Heads kept by gate\n")
    }

    private func commit(
        _ tree: ObjectID, _ parents: [ObjectID], _ message: String
    ) throws(GitError) -> ObjectID {
        let repository = writer.repository
        let name = try repository.configuration("user.name") ?? "gate"
        let email = try repository.configuration("user.email") ?? "gate@localhost"
        let signature = Signature(
            name: Array(name.utf8), email: Array(email.utf8), time: Int64(time(nil)), offset: 0)
        return try writer.writeCommit(
            tree: tree, parents: parents, author: signature, committer: signature,
            message: Array(message.utf8))
    }
}
