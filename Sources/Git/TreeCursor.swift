import GitObjects

/// One tree that is read entry by entry, in git's order, beside others of the same path.
struct TreeCursor {
    /// Owns the bytes that the scanner reads.
    private let object: RawObject?
    private var scanner: TreeScanner
    /// The present entry; nil behind the last.
    private(set) var entry: TreeScanner.Entry?

    /// - Parameter id: nil is the empty tree.
    init(_ id: ObjectID?, in objects: ObjectDatabase) throws(GitError) {
        let isStored = id != nil && id != .emptyTree
        object = try id.flatMap { id throws(GitError) in
            isStored ? try objects.read(id, as: .tree) : nil
        }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        scanner = TreeScanner(object?.borrowedBytes ?? nothing, id: id ?? .emptyTree)
        entry = try scanner.next()
    }

    mutating func advance() throws(GitError) { entry = try scanner.next() }

    /// The name of the present entry.
    var name: Slice<UnsafeRawBufferPointer>? { entry.map { scanner[$0] } }

    /// Where this stands beside another: less than zero when its entry comes before the other's,
    /// zero when they are of one name and both folders or both not. Behind the last entry is behind
    /// everything.
    func order(_ other: borrowing TreeCursor) -> Int {
        guard let entry, let name else { return other.entry == nil ? 0 : 1 }
        guard let otherEntry = other.entry, let otherName = other.name else { return -1 }
        return TreeOrder.compare(
            name, entry.mode == .tree, otherName, otherEntry.mode == .tree)
    }
}
