public import GitObjects
public import History

/// The tree of a notes ref, read strictly: blobs at the object's 40 digits, which slashes may
/// part after every two ("fan-out", git's `notes.c`), one for each object, and nothing else.
///
/// git joins the notes of an object that has two entries, libgit2 shows one of them: whoever can
/// make such a tree could hide a line from one of the two. Here it is an error.
public struct NotesTree {
    /// One object whose note differs between two trees.
    public struct Difference: Hashable, Sendable {
        public let object: ObjectID
        /// The note before; nil when there was none.
        public let old: ObjectID?
        /// The note now; nil when there is none.
        public let new: ObjectID?
    }

    private let history: any HistorySource
    private let root: ObjectID

    /// The notes tree of a commit.
    public init(at commit: ObjectID, in history: any HistorySource) throws(GitError) {
        self.history = history
        root = try history.commit(commit).tree
    }

    /// The blob that is the note on an object; nil when there is none.
    public func note(on object: ObjectID) throws(GitError) -> ObjectID? {
        try place(of: object).blob
    }

    /// Where the note on an object is, or where a new one belongs, and its blob.
    ///
    /// A new note goes into the folders that are there; where there are many notes and none for
    /// it, into a new one, as git does it.
    func place(of object: ObjectID) throws(GitError) -> (path: TreePath, blob: ObjectID?) {
        var places: [(path: TreePath, blob: ObjectID?)] = []
        try search(root, for: Array(object.hex.utf8), at: TreePath(""), 0, &places)
        let notes = places.filter { $0.blob != nil }
        guard notes.count <= 1, let place = notes.first ?? places.last else {
            throw Self.ambiguous(object)
        }
        return place
    }

    /// All notes: object to blob.
    public func notes() throws(GitError) -> [ObjectID: ObjectID] {
        var notes: [ObjectID: ObjectID] = [:]
        var visits = 0
        try collect(root, behind: [], into: &notes, &visits)
        return notes
    }

    /// The objects whose notes differ, sorted. Subtrees that both have are not read.
    ///
    /// Every object that differs is looked up in the new tree again, so that a second entry for it
    /// in a part that did not change is found too.
    public func differences(from old: NotesTree?) throws(GitError) -> [Difference] {
        var before: [ObjectID: ObjectID] = [:]
        var after: [ObjectID: ObjectID] = [:]
        var visits = 0
        try compare(old?.root ?? .emptyTree, root, behind: [], &before, &after, &visits)
        var differences: [Difference] = []
        for object in Set(before.keys).union(after.keys).sorted() {
            let difference = Difference(
                object: object, old: before[object], new: after[object])
            guard difference.old != difference.new else { continue }
            guard try note(on: object) == difference.new else { throw Self.ambiguous(object) }
            differences.append(difference)
        }
        return differences
    }

    /// One entry of a tree, and what its name means.
    private enum Entry {
        case note(ObjectID, blob: ObjectID)
        case folder(digits: [UInt8], tree: ObjectID)
    }

    private func entries(of id: ObjectID, behind digits: [UInt8]) throws(GitError) -> [Entry] {
        // The empty tree need not be stored.
        if id == .emptyTree { return [] }
        let tree = try history.tree(id)
        var entries: [Entry] = []
        entries.reserveCapacity(tree.entries.count)
        for entry in tree.entries {
            entries.append(try Self.read(entry, behind: digits))
        }
        return entries
    }

    private static func read(
        _ entry: TreeEntry, behind digits: [UInt8]
    ) throws(GitError) -> Entry {
        let name = digits + entry.name
        switch entry.mode {
        case .blob:
            if let object = ObjectID(hex: name) { return .note(object, blob: entry.id) }
        case .tree where entry.name.count == 2 && name.count < ObjectID.byteCount * 2:
            let isHexadecimal = entry.name.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }
            if isHexadecimal && entry.id != .emptyTree {
                return .folder(digits: name, tree: entry.id)
            }
        case .tree, .groupWritableBlob, .executable, .symlink, .submodule:
            break
        }
        throw GitError(
            .malformed, "notes tree", "has the entry \(shown(name)), which is no note",
            hint: "look at it with: git ls-tree -r refs/notes/gate")
    }

    private static func ambiguous(_ object: ObjectID) -> GitError {
        GitError(
            .malformed, "notes tree", "has two notes on \(object.hex)",
            hint: "look at it with: git ls-tree -r refs/notes/gate | tr -d / | sort -k 4")
    }

    /// How many notes a folder may have before new ones go into folders below it.
    private static let crowd = 256

    /// Finds the notes on one object, in the folders in which there can be one; behind them, where
    /// a new one belongs.
    private func search(
        _ tree: ObjectID, for hex: [UInt8], at path: TreePath, _ depth: Int,
        _ places: inout [(path: TreePath, blob: ObjectID?)]
    ) throws(GitError) {
        let digits = Array(hex.prefix(depth))
        let rest = hex.dropFirst(depth)
        let entries = try entries(of: tree, behind: digits)
        var below: ObjectID?
        for entry in entries {
            switch entry {
            case .note(let object, let blob):
                if object.hex.utf8.elementsEqual(hex) {
                    places.append((path.appending(rest), blob))
                }
            case .folder(let digits, let tree):
                if hex.starts(with: digits) { below = tree }
            }
        }
        let folder = path.appending(rest.prefix(2))
        if let below {
            try search(below, for: hex, at: folder, depth + 2, &places)
        } else if entries.count < Self.crowd {
            places.append((path.appending(rest), nil))
        } else {
            places.append((folder.appending(rest.dropFirst(2)), nil))
        }
    }

    private func collect(
        _ tree: ObjectID, behind digits: [UInt8], into notes: inout [ObjectID: ObjectID],
        _ visits: inout Int
    ) throws(GitError) {
        for entry in try entries(of: tree, behind: digits) {
            switch entry {
            case .note(let object, let blob):
                guard notes.updateValue(blob, forKey: object) == nil else {
                    throw Self.ambiguous(object)
                }
            case .folder(let digits, let tree):
                try Self.enter(&visits)
                try collect(tree, behind: digits, into: &notes, &visits)
            }
        }
    }

    /// More folders than notes on millions of objects need. A few folders that name each other 256
    /// times on each level would be read for ever.
    private static let folderLimit = 100_000

    /// Counts a folder that is read.
    private static func enter(_ visits: inout Int) throws(GitError) {
        visits += 1
        guard visits <= folderLimit else {
            throw GitError(
                .malformed, "notes tree", "has more than \(folderLimit) folders",
                hint: "look at it with: git ls-tree -r -t refs/notes/gate")
        }
    }

    /// Collects what stands in only one of two trees.
    private func compare(
        _ old: ObjectID, _ new: ObjectID, behind digits: [UInt8],
        _ before: inout [ObjectID: ObjectID], _ after: inout [ObjectID: ObjectID],
        _ visits: inout Int
    ) throws(GitError) {
        guard old != new else { return }
        var oldFolders: [[UInt8]: ObjectID] = [:]
        for entry in try entries(of: old, behind: digits) {
            switch entry {
            case .note(let object, let blob):
                guard before.updateValue(blob, forKey: object) == nil else {
                    throw Self.ambiguous(object)
                }
            case .folder(let digits, let tree):
                oldFolders[digits] = tree
            }
        }
        for entry in try entries(of: new, behind: digits) {
            switch entry {
            case .note(let object, let blob):
                guard after.updateValue(blob, forKey: object) == nil else {
                    throw Self.ambiguous(object)
                }
            case .folder(let digits, let tree):
                try Self.enter(&visits)
                let oldTree = oldFolders.removeValue(forKey: digits)
                try compare(
                    oldTree ?? .emptyTree, tree, behind: digits, &before, &after, &visits)
            }
        }
        var visitsBefore = 0
        for (digits, tree) in oldFolders {
            try collect(tree, behind: digits, into: &before, &visitsBefore)
        }
    }
}
