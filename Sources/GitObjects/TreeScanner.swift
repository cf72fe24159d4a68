/// Reads the entries of a raw tree one after another and checks each by the rules of
/// ``Tree/init(parsing:id:)-([UInt8],_)``. Names are ranges of the bytes: nothing is copied.
package struct TreeScanner {
    /// One entry; its name is ``TreeScanner/subscript(_:)``.
    package struct Entry {
        package let mode: EntryMode
        package let name: Range<Int>
        package let id: ObjectID
    }

    package let bytes: UnsafeRawBufferPointer
    private let id: ObjectID
    private var position = 0
    private var previous: Entry?
    /// The lengths of the beginnings of the previous name that were files and could come again as
    /// directories.
    private var candidates: [Int] = []

    package init(_ bytes: UnsafeRawBufferPointer, id: ObjectID) {
        self.bytes = bytes
        self.id = id
    }

    package subscript(entry: Entry) -> Slice<UnsafeRawBufferPointer> { bytes[entry.name] }

    /// The next entry; nil behind the last.
    package mutating func next() throws(GitError) -> Entry? {
        guard position < bytes.count else { return nil }
        let (mode, nameStart) = try readMode()
        var nameEnd = nameStart
        var isSuspicious = false
        while nameEnd < bytes.count, bytes[nameEnd] != 0 {
            let byte = bytes[nameEnd]
            if byte == slash { throw malformed("has an entry with a slash in its name") }
            if byte >= 0x80 || byte == backslash { isSuspicious = true }
            nameEnd += 1
        }
        guard nameEnd + ObjectID.byteCount < bytes.count else {
            throw malformed("ends inside an entry")
        }
        let name = nameStart..<nameEnd
        let entry = Entry(mode: mode, name: name, id: ObjectID(unchecked: bytes, at: nameEnd + 1))
        try check(entry, isSuspicious: isSuspicious)
        position = nameEnd + 1 + ObjectID.byteCount
        previous = entry
        return entry
    }

    private func malformed(_ problem: String) -> GitError {
        GitError(.malformed, "tree \(id)", problem)
    }

    /// Octal digits without a leading zero, one of git's own modes, a space.
    private func readMode() throws(GitError) -> (EntryMode, Int) {
        var value: UInt32 = 0
        var index = position
        while index < bytes.count, index < position + 7, bytes[index] != 0x20 {
            guard (0x30...0x37).contains(bytes[index]), value > 0 || bytes[index] != 0x30 else {
                throw malformed("has an entry whose mode is not written as git does")
            }
            value = value << 3 | UInt32(bytes[index] - 0x30)
            index += 1
        }
        guard index < bytes.count, bytes[index] == 0x20 else {
            throw malformed("ends inside an entry or has a mode that is too long")
        }
        guard let mode = EntryMode(rawValue: value) else {
            throw malformed("has an entry of the unknown mode \(String(value, radix: 8))")
        }
        return (mode, index + 1)
    }

    private mutating func check(_ entry: Entry, isSuspicious: Bool) throws(GitError) {
        let name = bytes[entry.name]
        guard let first = name.first else { throw malformed("has an entry without a name") }
        if isSuspicious || first == dot || first | 0x20 == 0x67, DotGit.isForbidden(name) {
            throw malformed("has an entry called \(shown(name)), which is not allowed")
        }
        if entry.id.isZero {
            throw malformed("has an entry \(shown(name)) that points at the null id")
        }
        try checkOrder(entry, name)
    }

    /// In git's order and no name twice. `a` and `a/` need not be neighbours, as `a-b` sorts
    /// between them (git's `fsck.c`, `verify_ordered`).
    private mutating func checkOrder(
        _ entry: Entry, _ name: Slice<UnsafeRawBufferPointer>
    ) throws(GitError) {
        let isTree = entry.mode == .tree
        var shared = 0
        if let previous {
            let before = bytes[previous.name]
            shared = TreeOrder.sharedLength(before, name)
            let isSameName = shared == before.count && shared == name.count
            let left = TreeOrder.key(before, at: shared, isTree: previous.mode == .tree)
            let right = TreeOrder.key(name, at: shared, isTree: isTree)
            guard !isSameName else { throw malformed("has two entries \(shown(name))") }
            guard left < right else { throw malformed("is not sorted at \(shown(name))") }
        }
        // Each candidate is a beginning of the previous name; those that go beyond what it shares
        // with this one cannot come again.
        while let length = candidates.last, length > shared { candidates.removeLast() }
        if !isTree {
            candidates.append(name.count)
        } else if candidates.last == name.count {
            throw malformed("has two entries \(shown(name))")
        }
    }
}

/// git's order of tree entries (`base_name_compare`): by bytes, a directory as if its name ended
/// in a slash.
package enum TreeOrder {
    /// Less than, equal to or greater than zero.
    package static func compare(
        _ one: Slice<UnsafeRawBufferPointer>, _ oneIsTree: Bool,
        _ other: Slice<UnsafeRawBufferPointer>, _ otherIsTree: Bool
    ) -> Int {
        let shared = sharedLength(one, other)
        if shared == one.count, shared == other.count, oneIsTree == otherIsTree { return 0 }
        return key(one, at: shared, isTree: oneIsTree)
            - key(other, at: shared, isTree: otherIsTree)
    }

    /// ``compare(_:_:_:_:)-(Slice<UnsafeRawBufferPointer>,_,_,_)`` for names in arrays.
    package static func compare(
        _ one: [UInt8], _ oneIsTree: Bool, _ other: [UInt8], _ otherIsTree: Bool
    ) -> Int {
        one.withUnsafeBytes { one in
            other.withUnsafeBytes { other in
                compare(one[...], oneIsTree, other[...], otherIsTree)
            }
        }
    }

    /// How many bytes two names begin with in common.
    static func sharedLength(
        _ one: Slice<UnsafeRawBufferPointer>, _ other: Slice<UnsafeRawBufferPointer>
    ) -> Int {
        let (left, right) = (
            UnsafeRawBufferPointer(rebasing: one), UnsafeRawBufferPointer(rebasing: other)
        )
        let length = min(left.count, right.count)
        var shared = 0
        while shared < length, left[shared] == right[shared] { shared += 1 }
        return shared
    }

    /// What git compares at a position of a name: the byte, or behind the end a slash for a
    /// directory and nothing for anything else.
    static func key(
        _ name: Slice<UnsafeRawBufferPointer>, at position: Int, isTree: Bool
    ) -> Int {
        if position < name.count { return Int(name[name.startIndex + position]) }
        return isTree ? Int(slash) : 0
    }
}

private let slash: UInt8 = 0x2f
private let backslash: UInt8 = 0x5c
private let dot: UInt8 = 0x2e
