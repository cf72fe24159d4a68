extension Tree {
    /// Reads a tree strictly: modes that git writes, as git writes them; names that are not empty
    /// and have no slash; none of `.`, `..` and `.git` in any disguise; in git's order; no name
    /// twice, not even as a file and a directory.
    ///
    /// git shows the first of two equal names and libgit2 may show the other; what they could read
    /// differently is refused with ``GitError/Kind/malformed``.
    ///
    /// - Parameters:
    ///   - bytes: the object's content, without git's `tree <size>` header.
    ///   - id: its id; the caller has verified that the bytes hash to it.
    public init(parsing bytes: UnsafeRawBufferPointer, id: ObjectID) throws(GitError) {
        var scanner = TreeScanner(bytes, id: id)
        var entries: [TreeEntry] = []
        // A mode, a space, a short name, a NUL, an id.
        entries.reserveCapacity(bytes.count / 36)
        while let entry = try scanner.next() {
            entries.append(
                TreeEntry(name: Array(scanner[entry]), mode: entry.mode, id: entry.id))
        }
        self.init(id: id, entries: entries)
    }

    /// ``init(parsing:id:)-(UnsafeRawBufferPointer,_)`` for bytes in an array.
    public init(parsing bytes: [UInt8], id: ObjectID) throws(GitError) {
        self = try withBytes(bytes) { buffer throws(GitError) in
            try Tree(parsing: buffer, id: id)
        }
    }

    /// The bytes of a tree with these entries, in git's order.
    public static func serialized(_ entries: some Sequence<TreeEntry>) -> [UInt8] {
        let sorted = entries.sorted {
            TreeOrder.compare($0.name, $0.mode == .tree, $1.name, $1.mode == .tree) < 0
        }
        var bytes: [UInt8] = []
        for entry in sorted {
            bytes += String(entry.mode.rawValue, radix: 8).utf8
            bytes.append(0x20)
            bytes += entry.name
            bytes.append(0)
            bytes += entry.id.bytes
        }
        return bytes
    }
}
