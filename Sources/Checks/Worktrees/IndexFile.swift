import GitObjects

/// The paths in git's index file (gitformat-index(5)), version 2, which git writes unless it is
/// configured otherwise: read here because asking git costs a process.
struct IndexFile {
    /// Each entry's mode and path; nil when it is another version or no index.
    let entries: [(mode: UInt32, path: [UInt8])]

    init?(_ bytes: [UInt8]) {
        func number(_ offset: Int) -> UInt32 {
            bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard bytes.count >= 32, bytes.starts(with: "DIRC".utf8), number(4) == 2 else { return nil }
        let count = Int(number(8))
        let end = bytes.count - 20
        var entries: [(mode: UInt32, path: [UInt8])] = []
        entries.reserveCapacity(min(count, bytes.count / 62))
        var position = 12
        for _ in 0..<count {
            let name = position + 62
            guard name < end, let nul = bytes[name..<end].firstIndex(of: 0), nul > name else {
                return nil
            }
            // A stage other than 0 is a conflict, which a checkout of a tree does not have.
            guard bytes[position + 60] & 0x30 == 0 else { return nil }
            entries.append((number(position + 24), Array(bytes[name..<nul])))
            // Up to a multiple of eight, with at least one NUL.
            position += (nul - position + 8) / 8 * 8
        }
        self.entries = entries
    }
}

extension TrackedPaths {
    /// nil when the index cannot be read here.
    init?(index: [UInt8]) {
        guard let file = IndexFile(index) else { return nil }
        self.init(file.entries.lazy.map { ($0.mode == 0o160000, $0.path) })
    }
}
