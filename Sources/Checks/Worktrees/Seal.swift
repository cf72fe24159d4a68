import Crypto
import GitObjects

/// What gate knows of a checkout that it has left: git's index, and when each folder of the tree
/// was last changed.
///
/// It spares the next checkout work and nothing else: a run that makes a report reads everything.
/// It is written behind a checkout that was found to be the tree, and taken away before the next
/// begins, so that a run that was killed between the two, or a disk that failed, leaves none.
struct Seal {
    /// A folder as it was when all names in it were known: what stands here with the same device,
    /// number and times has the same names.
    struct Stamp: Hashable {
        let device: UInt64
        let number: UInt64
        /// Of its content (mtime) and of anything about it (ctime), in nanoseconds since 1970.
        /// Nobody can set the second back but by the system's clock.
        let changed: Int64
        let touched: Int64

        fileprivate static let size = 32
    }

    /// A stamp is kept of folders only that rested this long, in nanoseconds: two changes within one
    /// tick of the file system's clock have one time (as git's "racy" files); two seconds is the
    /// coarsest clock there is (FAT).
    static let restTime: Int64 = 2_000_000_000

    private(set) var stamps: [TreePath: (stamp: Stamp, count: Int)] = [:]

    init() {}

    mutating func add(_ stamp: Stamp, count: Int, of folder: TreePath) {
        stamps[folder] = (stamp, count)
    }

    /// Whether the folder was seen with so many names and nothing has happened to it since.
    func vouches(for folder: TreePath, count: Int, stamp: Stamp) -> Bool {
        guard let known = stamps[folder] else { return false }
        return known.stamp == stamp && known.count == count
    }

    // MARK: The file

    /// The digest of the index and of what follows, in hexadecimal, and a newline; then for each
    /// folder the four numbers, the count and the path's length as eight bytes each, and the path.
    func bytes(index: [UInt8]) -> [UInt8] {
        var rest: [UInt8] = []
        rest.reserveCapacity(stamps.count * 96)
        func append(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.littleEndian) { rest.append(contentsOf: $0) }
        }
        for (path, known) in stamps {
            append(known.stamp.device)
            append(known.stamp.number)
            append(known.stamp.changed)
            append(known.stamp.touched)
            append(Int64(known.count))
            append(Int64(path.bytes.count))
            rest.append(contentsOf: path.bytes)
        }
        return Self.digest(index, rest[...]) + [0x0a] + rest
    }

    /// nil when it is not of this index, or damaged.
    init?(_ bytes: [UInt8], index: [UInt8]) {
        guard let newline = bytes.firstIndex(of: 0x0a) else { return nil }
        let rest = bytes[(newline + 1)...]
        guard bytes[..<newline] == Self.digest(index, rest)[...] else { return nil }
        var position = rest.startIndex
        func number() -> UInt64 {
            let part = rest[position..<(position + 8)]
            position += 8
            return part.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        while rest.endIndex - position >= Stamp.size + 16 {
            let stamp = Stamp(
                device: number(), number: number(), changed: Int64(bitPattern: number()),
                touched: Int64(bitPattern: number()))
            let count = Int(truncatingIfNeeded: number())
            let length = Int(truncatingIfNeeded: number())
            guard (0...(rest.endIndex - position)).contains(length) else { return nil }
            add(stamp, count: count, of: TreePath(rest[position..<(position + length)]))
            position += length
        }
        guard position == rest.endIndex else { return nil }
    }

    private static func digest(_ index: [UInt8], _ rest: ArraySlice<UInt8>) -> [UInt8] {
        var hash = SHA256()
        index.withUnsafeBytes { hash.update(bufferPointer: $0) }
        rest.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Array(CacheFolder.hexadecimal(hash.finalize()).utf8)
    }
}
