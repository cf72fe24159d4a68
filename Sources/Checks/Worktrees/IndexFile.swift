import GitObjects

/// The paths in git's index file (gitformat-index(5)), version 2, which git writes unless it is
/// configured otherwise: read here because asking git costs a process.
struct IndexFile {
    /// Each entry's mode, and where its path is in the file; nil when it is another version or no
    /// index.
    let entries: [(mode: UInt32, path: Range<Int>)]

    init?(_ bytes: [UInt8]) {
        let entries = bytes.withUnsafeBufferPointer { Self.entries($0) }
        guard let entries else { return nil }
        self.entries = entries
    }

    private static func entries(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) -> [(mode: UInt32, path: Range<Int>)]? {
        func number(_ offset: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) }
        }
        guard bytes.count >= 32, bytes.starts(with: "DIRC".utf8), number(4) == 2 else { return nil }
        let count = Int(number(8))
        let end = bytes.count - 20
        var entries: [(mode: UInt32, path: Range<Int>)] = []
        entries.reserveCapacity(min(count, bytes.count / 62))
        var position = 12
        for _ in 0..<count {
            let name = position + 62
            guard name < end, let nul = bytes[name..<end].firstIndex(of: 0), nul > name else {
                return nil
            }
            // A stage other than 0 is a conflict, which a checkout of a tree does not have.
            guard bytes[position + 60] & 0x30 == 0 else { return nil }
            entries.append((number(position + 24), name..<nul))
            // Up to a multiple of eight, with at least one NUL.
            position += (nul - position + 8) / 8 * 8
        }
        return entries
    }
}

extension TrackedPaths {
    /// nil when the index cannot be read here.
    init?(index: [UInt8]) {
        guard let file = IndexFile(index) else { return nil }
        self.init(in: index, file.entries.lazy.map { ($0.mode == 0o160000, $0.path) })
    }
}
