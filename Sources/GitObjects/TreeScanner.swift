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
    /// Files whose name could come again as a directory: each is the beginning of the one behind.
    private var candidates: [Range<Int>] = []

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
        if let previous {
            let order = TreeOrder.compare(
                bytes[previous.name], previous.mode == .tree, name, entry.mode == .tree)
            guard order < 0, !isSameName(previous.name, entry.name) else {
                throw malformed(
                    order > 0
                        ? "is not sorted at \(shown(name))" : "has two entries \(shown(name))")
            }
        }
        try checkCandidates(entry, name)
    }

    /// `a` and `a/` need not be neighbours: `a-b` sorts between them (git's `fsck.c`,
    /// `verify_ordered`).
    private mutating func checkCandidates(
        _ entry: Entry, _ name: Slice<UnsafeRawBufferPointer>
    ) throws(GitError) {
        while let last = candidates.last, !isPrefix(last, of: entry.name) {
            candidates.removeLast()
        }
        if entry.mode == .tree {
            if let last = candidates.last, last.count == entry.name.count {
                throw malformed("has two entries \(shown(name))")
            }
        } else {
            candidates.append(entry.name)
        }
    }

    private func isPrefix(_ short: Range<Int>, of long: Range<Int>) -> Bool {
        guard short.count <= long.count else { return false }
        for index in 0..<short.count
        where bytes[short.lowerBound + index] != bytes[long.lowerBound + index] {
            return false
        }
        return true
    }

    private func isSameName(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        one.count == other.count && isPrefix(one, of: other)
    }
}

/// git's order of tree entries (`base_name_compare`): by bytes, a directory as if its name ended
/// in a slash.
package enum TreeOrder {
    /// Less than, equal to or greater than zero.
    package static func compare(
        _ one: some Collection<UInt8>, _ oneIsTree: Bool, _ other: some Collection<UInt8>,
        _ otherIsTree: Bool
    ) -> Int {
        var left = one.makeIterator()
        var right = other.makeIterator()
        var leftEnded = false
        var rightEnded = false
        while true {
            let a = next(&left, oneIsTree, &leftEnded)
            let b = next(&right, otherIsTree, &rightEnded)
            guard let a, let b else { return a == nil ? (b == nil ? 0 : -1) : 1 }
            if a != b { return Int(a) - Int(b) }
        }
    }

    /// The next byte, a slash once behind a directory's name.
    private static func next(
        _ bytes: inout some IteratorProtocol<UInt8>, _ isTree: Bool, _ ended: inout Bool
    ) -> UInt8? {
        if let byte = bytes.next() { return byte }
        guard isTree, !ended else { return nil }
        ended = true
        return slash
    }
}

private let slash: UInt8 = 0x2f
private let backslash: UInt8 = 0x5c
private let dot: UInt8 = 0x2e
