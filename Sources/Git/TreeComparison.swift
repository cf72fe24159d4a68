import GitObjects

/// Compares two trees and goes down only where their ids differ: what two versions share is not
/// even read. What is read is checked as it is (``TreeScanner``).
///
/// The answer is that of `git diff-tree -r --no-renames`, in its order.
struct TreeComparison {
    /// Deeper trees are not compared; git itself gives up at 2,048 (`core.maxTreeDepth`).
    static let depthLimit = 2048
    /// More entries than any tree that people work on has: a few dozen objects that name each
    /// other many times can spell out more paths than there is memory.
    static let entryLimit = 1_000_000
    /// And more bytes of paths.
    static let pathBytesLimit = 128 << 20

    /// The paths that differ; nil is the empty tree.
    static func changes(
        from old: ObjectID?, to new: ObjectID?, in objects: ObjectDatabase
    ) throws(GitError) -> [TreeChange] {
        guard old != new else { return [] }
        var comparison = TreeComparison(objects: objects)
        try comparison.enter(old, new, name: [])
        var entries = 0
        while !comparison.levels.isEmpty {
            try comparison.step()
            entries += 1
            if entries > entryLimit || comparison.pathBytes > pathBytesLimit {
                throw GitError(
                    .limit, "tree \((new ?? .emptyTree).hex)",
                    "differs in more paths than can be compared")
            }
        }
        return comparison.changes
    }

    /// Two trees of the same path, each read up to an entry.
    private struct Level {
        var old: Side
        var new: Side
        /// The length of the path to restore when the level is left.
        let pathLength: Int
    }

    /// One of them. An array of levels takes the place of recursion, so that depth costs memory
    /// and not stack.
    private struct Side {
        /// Owns the bytes that the scanner reads.
        let object: RawObject?
        var scanner: TreeScanner
        var entry: TreeScanner.Entry?

        init(_ id: ObjectID?, _ objects: ObjectDatabase) throws(GitError) {
            let isStored = id != nil && id != .emptyTree
            object = try id.flatMap { id throws(GitError) in
                isStored ? try objects.read(id, as: .tree) : nil
            }
            let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
            scanner = TreeScanner(object?.borrowedBytes ?? nothing, id: id ?? .emptyTree)
            entry = try scanner.next()
        }

        mutating func advance() throws(GitError) { entry = try scanner.next() }

        var name: Slice<UnsafeRawBufferPointer>? { entry.map { scanner[$0] } }
    }

    private let objects: ObjectDatabase
    private var levels: [Level] = []
    private var path: [UInt8] = []
    private var changes: [TreeChange] = []
    private var pathBytes = 0

    private init(objects: ObjectDatabase) {
        self.objects = objects
    }

    private mutating func enter(
        _ old: ObjectID?, _ new: ObjectID?, name: [UInt8]
    ) throws(GitError) {
        guard levels.count < Self.depthLimit else {
            throw GitError(
                .limit, shown(path.prefix(60)) + "…",
                "is a path of more than \(Self.depthLimit) folders")
        }
        let level = Level(
            old: try Side(old, objects), new: try Side(new, objects), pathLength: path.count)
        if !levels.isEmpty { path += name + [0x2f] }
        levels.append(level)
    }

    /// Looks at the next name of the deepest level.
    private mutating func step() throws(GitError) {
        let top = levels.count - 1
        let (old, new) = (levels[top].old.entry, levels[top].new.entry)
        let order = order(levels[top])
        guard old != nil || new != nil else {
            path.removeLast(path.count - levels[top].pathLength)
            levels.removeLast()
            return
        }
        let nameSide = order <= 0 ? levels[top].old : levels[top].new
        let (before, after) = (order <= 0 ? old : nil, order >= 0 ? new : nil)
        // The name is copied only where something differs.
        let isSame =
            before?.id == after?.id && before?.mode.canonical == after?.mode.canonical
        let name = isSame ? [] : nameSide.name.map { Array($0) } ?? []
        if before != nil { try levels[top].old.advance() }
        if after != nil { try levels[top].new.advance() }
        if isSame { return }
        if before?.mode == .tree || after?.mode == .tree {
            // Names and order being equal, both are trees or one is not there.
            try enter(before?.id, after?.id, name: name)
        } else {
            pathBytes += path.count + name.count
            changes.append(
                TreeChange(
                    path: TreePath(path + name),
                    old: before.map { BlobVersion(mode: $0.mode.canonical, id: $0.id) },
                    new: after.map { BlobVersion(mode: $0.mode.canonical, id: $0.id) }))
        }
    }

    private func order(_ level: Level) -> Int {
        guard let old = level.old.entry, let oldName = level.old.name else { return 1 }
        guard let new = level.new.entry, let newName = level.new.name else { return -1 }
        return TreeOrder.compare(oldName, old.mode == .tree, newName, new.mode == .tree)
    }
}

extension EntryMode {
    /// The mode as git compares and prints it (`canon_mode`): group-writable files are files.
    var canonical: EntryMode { self == .groupWritableBlob ? .blob : self }
}
