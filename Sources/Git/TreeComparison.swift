import GitObjects

/// Compares two trees and goes down only where their ids differ: what two versions share is not
/// even read. What is read is checked, each tree once (``TreeScanner``).
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
        var comparison = TreeComparison(objects: objects, subject: new ?? .emptyTree)
        try comparison.enter(old, new)
        while !comparison.levels.isEmpty { try comparison.walk() }
        return comparison.changes
    }

    /// Two trees of the same path, each read up to an entry. An array of levels takes the place of
    /// recursion, so that depth costs memory and not stack. It holds bytes only, which a walk over
    /// thousands of entries moves without counting references.
    private struct Level {
        var old: TreePlace
        var new: TreePlace
        /// The new tree is not known to be without fault. As long as it has nothing but names that
        /// the old one has, which is, in the same order and of the same kind, it need not be read
        /// through.
        var isUnchecked: Bool
        let newID: ObjectID
        /// The length of the path before its entries' names, with the slash.
        let prefixLength: Int
    }

    private let objects: ObjectDatabase
    /// For the error.
    private let subject: ObjectID
    private var levels: [Level] = []
    /// Own the bytes of the levels, two for each.
    private var owners: [RawObject?] = []
    private var path: [UInt8] = []
    private var changes: [TreeChange] = []
    private var pathBytes = 0
    private var entries = 0

    private init(objects: ObjectDatabase, subject: ObjectID) {
        self.objects = objects
        self.subject = subject
    }

    /// Goes down to two trees whose path is ``path``.
    private mutating func enter(_ old: ObjectID?, _ new: ObjectID?) throws(GitError) {
        guard levels.count < Self.depthLimit else {
            throw GitError(
                .limit, shown(path.prefix(60)) + "…",
                "is a path of more than \(Self.depthLimit) folders")
        }
        let (before, after) = (try read(old), try read(new))
        if let before, let old { try objects.check(before, old) }
        if !path.isEmpty { path.append(0x2f) }
        owners.append(before)
        owners.append(after)
        let newID = new ?? .emptyTree
        levels.append(
            Level(
                old: TreePlace(before), new: TreePlace(after),
                isUnchecked: after != nil && !objects.isChecked(newID), newID: newID,
                prefixLength: path.count))
    }

    private func read(_ id: ObjectID?) throws(GitError) -> RawObject? {
        guard let id, id != .emptyTree else { return nil }
        return try objects.read(id, as: .tree)
    }

    /// Walks the deepest level up to a pair of folders that differ, or to its end.
    private mutating func walk() throws(GitError) {
        var level = levels[levels.count - 1]
        while true {
            entries += level.old.skipShared(with: &level.new)
            guard entries <= Self.entryLimit, pathBytes <= Self.pathBytesLimit else {
                throw GitError(
                    .limit, "tree \(subject.hex)", "differs in more paths than can be compared")
            }
            if level.new.isBroken || level.old.isBroken {
                try check(&level)
                throw GitError(
                    .malformed, "tree \(level.newID)", "has an entry that git never wrote")
            }
            let order = level.old.order(level.new)
            let before = order <= 0 ? level.old.entry : nil
            let after = order >= 0 ? level.new.entry : nil
            guard let name = before?.name ?? after?.name else { break }
            if level.isUnchecked, let after, !isKnown(after, before) { try check(&level) }
            entries += 1
            if before != nil { level.old.advance() }
            if after != nil { level.new.advance() }
            let (oldMode, newMode) = (before?.canonicalMode, after?.canonicalMode)
            if before?.id == after?.id, oldMode == newMode { continue }
            if oldMode == .tree || newMode == .tree {
                // Names and order being equal, both are trees or one is not there.
                levels[levels.count - 1] = level
                path += name
                try enter(before?.id, after?.id)
                return
            }
            pathBytes += path.count + name.count
            changes.append(
                TreeChange(path: TreePath(path + name), old: before?.version, new: after?.version))
        }
        if level.isUnchecked { objects.remember(checked: level.newID) }
        levels.removeLast()
        owners.removeLast(2)
        // Without the folder's own name, too.
        path.removeLast(path.count - (levels.last?.prefixLength ?? 0))
    }

    /// Whether an entry of a tree that is not checked has nothing that an entry of one that is has
    /// not.
    private func isKnown(_ new: TreePlace.Entry, _ old: TreePlace.Entry?) -> Bool {
        guard let old else { return false }
        return !new.id.isZero && new.mode.elementsEqual(old.mode)
    }

    private func check(_ level: inout Level) throws(GitError) {
        if let tree = owners[owners.count - 1] { try objects.check(tree, level.newID) }
        level.isUnchecked = false
    }
}

extension TreePlace.Entry {
    fileprivate var version: BlobVersion { BlobVersion(mode: canonicalMode, id: id) }
}
