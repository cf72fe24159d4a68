/// Names that are no entry's name: `.`, `..`, and whatever some file system takes for `.git`.
enum DotGit {
    static func isForbidden(_ name: Slice<UnsafeRawBufferPointer>) -> Bool {
        if name.elementsEqual([dot]) || name.elementsEqual([dot, dot]) { return true }
        if isForHFS(name) || isForNTFS(name) { return true }
        // On Windows a backslash separates: `a\.git` (git's `fsck.c`, `fsck_tree`).
        var rest = name
        while let index = rest.firstIndex(of: backslash) {
            rest = rest[(index + 1)...]
            if isForNTFS(rest) { return true }
        }
        return false
    }

    /// git's `is_ntfs_dotgit`: `.git` or its short name `git~1` in any case, then dots and spaces
    /// only, up to the end, a separator or the name of a stream.
    private static func isForNTFS(_ name: Slice<UnsafeRawBufferPointer>) -> Bool {
        let rest: Slice<UnsafeRawBufferPointer>
        if let behind = behind(".git", name) {
            rest = behind
        } else if let behind = behind("git~1", name) {
            rest = behind
        } else {
            return false
        }
        for byte in rest {
            if byte == backslash || byte == 0x2f || byte == 0x3a { return true }
            if byte != dot && byte != 0x20 { return false }
        }
        return true
    }

    private static func behind(
        _ start: StaticString, _ name: Slice<UnsafeRawBufferPointer>
    ) -> Slice<UnsafeRawBufferPointer>? {
        let length = start.utf8CodeUnitCount
        guard name.count >= length else { return nil }
        let matches = start.withUTF8Buffer { start in
            zip(name, start).allSatisfy { lowered($0) == $1 }
        }
        return matches ? name.dropFirst(length) : nil
    }

    /// git's `is_hfs_dotgit`: `.git` in any case with code points in between that HFS+ ignores.
    /// What is not UTF-8 ends the name, as there.
    private static func isForHFS(_ name: Slice<UnsafeRawBufferPointer>) -> Bool {
        var decoder = UTF8()
        var bytes = name.makeIterator()
        func nextScalar() -> UInt32? {
            while case .scalarValue(let scalar) = decoder.decode(&bytes) {
                if !isIgnored(scalar.value) { return scalar.value }
            }
            return nil
        }
        for expected in ".git".unicodeScalars {
            guard let scalar = nextScalar() else { return false }
            let lower = scalar < 0x80 ? UInt32(lowered(UInt8(scalar))) : scalar
            guard lower == expected.value else { return false }
        }
        return nextScalar() == nil
    }

    /// git's `next_hfs_char`.
    private static func isIgnored(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x200c...0x200f, 0x202a...0x202e, 0x206a...0x206f, 0xfeff: true
        default: false
        }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
    }
}

private let dot: UInt8 = 0x2e
private let backslash: UInt8 = 0x5c
