import GitObjects

/// A place in the bytes of a tree, which must outlive it. Unlike ``TreeCursor`` it finds where
/// entries begin and end and judges nothing: that is ``TreeScanner``'s.
struct TreePlace {
    struct Entry {
        /// As it is written.
        let mode: UnsafeRawBufferPointer
        let name: UnsafeRawBufferPointer
        let id: ObjectID
        let isTree: Bool
    }

    private let bytes: UnsafeRawBufferPointer
    /// Where the present entry is.
    private var start = 0
    private var nameStart = 0
    /// Where the NUL behind the name is.
    private var nameEnd = 0
    /// What is at ``start`` is no entry that git would write.
    private(set) var isBroken = false

    /// At the first entry; nil: the empty tree.
    init(_ object: RawObject?) {
        bytes = object?.borrowedBytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
        find()
    }

    private var isAtEnd: Bool { start >= bytes.count }
    private var next: Int { nameEnd + 1 + ObjectID.byteCount }
    private var name: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[nameStart..<nameEnd])
    }
    /// A folder's mode has five digits, all others six.
    private var isTree: Bool { nameStart - start == 6 }

    /// The present entry; nil behind the last.
    var entry: Entry? {
        guard !isAtEnd, !isBroken else { return nil }
        return Entry(
            mode: UnsafeRawBufferPointer(rebasing: bytes[start..<nameStart - 1]), name: name,
            id: ObjectID(unchecked: bytes, at: nameEnd + 1), isTree: isTree)
    }

    mutating func advance() {
        start = next
        find()
    }

    private mutating func find() {
        guard !isAtEnd, !isBroken else { return }
        // The shortest entry: `40000 a`, NUL, an id.
        guard bytes.count - start >= 8 + ObjectID.byteCount else {
            isBroken = true
            return
        }
        nameStart = start + (bytes[start + 5] == 0x20 ? 6 : 7)
        nameEnd = nameStart
        let last = bytes.count - 1 - ObjectID.byteCount
        while nameEnd < last, bytes[nameEnd] != 0 { nameEnd += 1 }
        if bytes[nameEnd] != 0 || bytes[nameStart - 1] != 0x20 { isBroken = true }
    }

    /// Goes on in both while their entries are the same bytes.
    ///
    /// - Returns: the number of entries left behind.
    mutating func skipShared(with other: inout TreePlace) -> Int {
        let end = start + sharedLength(other)
        var skipped = 0
        while !isAtEnd, !isBroken, next <= end {
            other.start += next - start
            advance()
            skipped += 1
        }
        if skipped > 0 { other.find() }
        return skipped
    }

    /// How many bytes from here on are the same in both.
    private func sharedLength(_ other: TreePlace) -> Int {
        let length = min(bytes.count - start, other.bytes.count - other.start)
        guard length > 0 else { return 0 }
        var shared = 0
        while shared + 8 <= length {
            let one = bytes.loadUnaligned(fromByteOffset: start + shared, as: UInt64.self)
            let two = other.bytes.loadUnaligned(
                fromByteOffset: other.start + shared, as: UInt64.self)
            if one != two { break }
            shared += 8
        }
        while shared < length, bytes[start + shared] == other.bytes[other.start + shared] {
            shared += 1
        }
        return shared
    }

    /// Less than zero: the present entry comes before the other's; an end comes last.
    func order(_ other: TreePlace) -> Int {
        guard !isAtEnd else { return 1 }
        guard !other.isAtEnd else { return -1 }
        return TreeOrder.compare(name[...], isTree, other.name[...], other.isTree)
    }
}

extension TreePlace.Entry {
    /// As git compares and prints it (`canon_mode`): group-writable files are files.
    ///
    /// - Precondition: the tree is checked, which lets git's own modes pass only.
    var canonicalMode: EntryMode {
        let value = mode.reduce(0) { $0 << 3 | UInt32($1 & 7) }
        return (EntryMode(rawValue: value) ?? .blob).canonical
    }
}

extension EntryMode {
    /// The mode as git compares and prints it (`canon_mode`): group-writable files are files.
    var canonical: EntryMode { self == .groupWritableBlob ? .blob : self }
}
