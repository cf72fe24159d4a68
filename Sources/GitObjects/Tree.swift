/// What a tree entry is. The raw values are git's (`Documentation/gitformat-index`, "mode").
public enum EntryMode: UInt32, Hashable, Sendable {
    case tree = 0o040000
    case blob = 0o100644
    /// A group-writable file, written by git before 2005's end; reads as ``blob`` in a checkout.
    case groupWritableBlob = 0o100664
    case executable = 0o100755
    case symlink = 0o120000
    case submodule = 0o160000

    /// The six octal digits that `git diff-tree --raw` prints, where ``groupWritableBlob`` is
    /// `100644`.
    public var octal: String {
        switch self {
        case .tree: "040000"
        case .blob, .groupWritableBlob: "100644"
        case .executable: "100755"
        case .symlink: "120000"
        case .submodule: "160000"
        }
    }
}

/// One entry of a tree.
public struct TreeEntry: Hashable, Sendable {
    /// The name, one part of a path.
    public let name: [UInt8]
    public let mode: EntryMode
    public let id: ObjectID

    public init(name: [UInt8], mode: EntryMode, id: ObjectID) {
        self.name = name
        self.mode = mode
        self.id = id
    }
}

/// A tree, read strictly from its bytes: entries in git's order, no name twice, no `.`, `..`,
/// `.git`, `/` or NUL in a name.
public struct Tree: Hashable, Sendable {
    public let id: ObjectID
    public let entries: [TreeEntry]

    public init(id: ObjectID, entries: [TreeEntry]) {
        self.id = id
        self.entries = entries
    }

    /// The entry with this name.
    public subscript(name: some Collection<UInt8>) -> TreeEntry? {
        entries.first { $0.name.elementsEqual(name) }
    }
}

/// One side of a ``TreeChange``: what a path held.
public struct BlobVersion: Hashable, Sendable {
    public let mode: EntryMode
    public let id: ObjectID

    public init(mode: EntryMode, id: ObjectID) {
        self.mode = mode
        self.id = id
    }
}

/// One path that differs between two trees; a rename is a deletion and an addition.
public struct TreeChange: Hashable, Sendable {
    public let path: TreePath
    /// What was there before; nil for an addition.
    public let old: BlobVersion?
    /// What is there now; nil for a deletion.
    public let new: BlobVersion?

    public init(path: TreePath, old: BlobVersion?, new: BlobVersion?) {
        self.path = path
        self.old = old
        self.new = new
    }
}
