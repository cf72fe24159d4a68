import CLibGit2
import GitObjects

/// An object's bytes as libgit2 holds them, valid as long as this is.
final class RawObject {
    private let handle: OpaquePointer
    let kind: ObjectKind

    init(owning handle: OpaquePointer, kind: ObjectKind) {
        self.handle = handle
        self.kind = kind
    }

    deinit { git_odb_object_free(handle) }

    /// The bytes for the length of a call.
    func withBytes<T>(
        _ body: (UnsafeRawBufferPointer) throws(GitError) -> T
    ) throws(GitError) -> T {
        defer { withExtendedLifetime(self) {} }
        return try body(borrowedBytes)
    }

    /// The bytes for as long as the caller keeps this object.
    var borrowedBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: git_odb_object_data(handle), count: git_odb_object_size(handle))
    }
}

/// A repository's object database with, in a hook, the quarantine of the push beside it.
final class ObjectDatabase {
    let handle: OpaquePointer
    private var isFresh = false
    /// Trees that were read lately, in two generations: neighbours in a history share one side.
    private var trees: (new: [ObjectID: RawObject], old: [ObjectID: RawObject]) = ([:], [:])
    private var bytesOfNewTrees = 0
    /// When a generation is full. A hook that looks at a few landings shall stay small; who goes
    /// through a long history comes back to a folder after hundreds of others.
    private var treeLimit = (trees: 64, bytes: 4 << 20)
    private var checkedObjects: Set<ObjectID> = []
    private static let rememberedObjects = 1 << 19

    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { git_odb_free(handle) }

    /// From here on more trees are kept: for a walk through a long history.
    func keepManyTrees() { treeLimit = (trees: 16_384, bytes: 16 << 20) }

    /// From here on objects count that came meanwhile.
    func refresh() { isFresh = false }

    /// Whether the object is there. A miss looks for new packs, but once only: it costs as much
    /// as there are packs.
    func contains(_ id: ObjectID) throws(GitError) -> Bool {
        var oid = git_oid(id)
        let flags = UInt32(GIT_ODB_LOOKUP_NO_REFRESH.rawValue)
        if git_odb_exists_ext(handle, &oid, flags) == 1 { return true }
        if isFresh { return false }
        try Library.call("the object database") { git_odb_refresh(handle) }
        isFresh = true
        return git_odb_exists_ext(handle, &oid, flags) == 1
    }

    func header(_ id: ObjectID) throws(GitError) -> (kind: ObjectKind, size: Int)? {
        guard try contains(id) else { return nil }
        var oid = git_oid(id)
        var size = 0
        var type = GIT_OBJECT_INVALID
        try Library.call("object \(id)") {
            StuckCalls.watching(.object, id) { git_odb_read_header(&size, &type, handle, &oid) }
        }
        return (try Self.kind(type, id), size)
    }

    /// Reads an object; its bytes are verified to hash to `id`.
    func read(_ id: ObjectID) throws(GitError) -> RawObject {
        var oid = git_oid(id)
        var object: OpaquePointer?
        // A miss has looked for new packs itself.
        let found = try Library.callIfFound("object \(id)") {
            StuckCalls.watching(.object, id) { git_odb_read(&object, handle, &oid) }
        }
        if found == nil {
            throw GitError(.notFound, "object \(id)", "is not in the repository")
        }
        guard let object else { throw GitError(.io, "object \(id)", "could not be read") }
        return RawObject(owning: object, kind: try Self.kind(git_odb_object_type(object), id))
    }

    /// Reads an object that must be of this kind.
    func read(_ id: ObjectID, as kind: ObjectKind) throws(GitError) -> RawObject {
        if kind == .tree, let known = trees.new[id] ?? trees.old[id] { return known }
        let object = try read(id)
        guard object.kind == kind else {
            throw GitError(
                .malformed, "object \(id)", "is a \(object.kind.rawValue), not a \(kind.rawValue)")
        }
        if kind == .tree {
            if trees.new.count >= treeLimit.trees || bytesOfNewTrees >= treeLimit.bytes {
                trees = ([:], trees.new)
                bytesOfNewTrees = 0
            }
            trees.new[id] = object
            bytesOfNewTrees += object.borrowedBytes.count
        }
        return object
    }

    /// Whether a tree or a commit was found to be without fault before. Neighbours in a history
    /// share most of their trees; each is checked once.
    func isChecked(_ object: ObjectID) -> Bool { checkedObjects.contains(object) }

    /// From here on this object is one without fault.
    func remember(checked object: ObjectID) {
        if checkedObjects.count >= Self.rememberedObjects { checkedObjects.removeAll() }
        checkedObjects.insert(object)
    }

    /// Reads a tree through by the rules of ``TreeScanner``, unless that was done before.
    func check(_ tree: RawObject, _ id: ObjectID) throws(GitError) {
        if isChecked(id) { return }
        var scanner = TreeScanner(tree.borrowedBytes, id: id)
        while try scanner.next() != nil {}
        remember(checked: id)
    }

    private static func kind(_ type: git_object_t, _ id: ObjectID) throws(GitError) -> ObjectKind {
        switch type {
        case GIT_OBJECT_COMMIT: .commit
        case GIT_OBJECT_TREE: .tree
        case GIT_OBJECT_BLOB: .blob
        case GIT_OBJECT_TAG: .tag
        default: throw GitError(.malformed, "object \(id)", "is of no known kind")
        }
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
