import Crypto
import Evidence
import Files
public import GitObjects
public import History

/// Where in the notes tree to look for the reviews of a change, for what supersedes a line, and
/// for the deployments of an environment.
///
/// It may name an object too many, never one too few. A file `gate/evidence.index` in the git
/// directory keeps it: written by post-receive and by clients, never before a push is accepted;
/// read only when its checksum is right, and brought up to date by comparing the notes tree that
/// it describes with the present one. Without the file the whole notes tree is read.
///
/// The file: a first line with the version, the 20 bytes of the notes commit, records of 53 bytes
/// (kind, 32 bytes of key, 20 bytes of object), sorted, none twice, and the SHA-256 of all before.
public struct EvidenceIndex: Sendable {
    /// Under what an object is found.
    struct Key: Hashable, Sendable {
        fileprivate static let size = 33
        fileprivate let bytes: [UInt8]

        private init(_ kind: Character, _ hash: some Sequence<UInt8>) {
            bytes = Array(String(kind).utf8) + hash
        }

        static func review(of digest: ChangeDigest) -> Key { Key("r", binary(digest.hex)) }
        static func supersedes(_ line: LineDigest) -> Key { Key("s", binary(line.hex)) }

        static func deployment(environment: String, train: String) -> Key {
            Key("d", SHA256.hash(data: Array("\(environment)\0\(train)".utf8)))
        }

        /// The bytes of a digest, which was checked to be hexadecimal when it was made.
        private static func binary(_ hex: String) -> [UInt8] {
            let digits = hex.utf8.map { $0 < 0x3a ? $0 - 0x30 : $0 - 0x61 + 10 }
            return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        }
    }

    private static let firstLine = Array("gate evidence index 1\n".utf8)
    private static let sizeLimit = 1 << 30
    private static let recordSize = Key.size + ObjectID.byteCount

    /// The notes commit that is described.
    public let tip: ObjectID
    /// Records from the file, sorted.
    private var sorted: ArraySlice<UInt8> = []
    /// Records of what came since.
    private var added: [Key: Set<ObjectID>] = [:]

    private init(tip: ObjectID) {
        self.tip = tip
    }

    /// The index of a notes commit: from the file as far as it goes.
    static func current(
        for tip: ObjectID, in history: any HistorySource, gitFolder: String?
    ) throws(GitError) -> EvidenceIndex {
        var index = EvidenceIndex(tip: tip)
        var described: NotesTree?
        if let gitFolder, let file = Self.file(in: gitFolder),
            let (oldTip, records) = Self.parse(file),
            // A commit that is gone (after a repair by hand) describes nothing.
            try history.header(oldTip)?.kind == .commit
        {
            index.sorted = records
            if oldTip == tip { return index }
            described = try NotesTree(at: oldTip, in: history)
        }
        let notes = try NotesTree(at: tip, in: history)
        for difference in try notes.differences(from: described) {
            guard let blob = difference.new else { continue }
            let note = Note(try history.blob(blob, limit: NoteStore.noteLimit))
            for line in note.statements(on: difference.object) {
                index.add(line)
            }
        }
        return index
    }

    /// Brings the file in a git directory up to date with a notes commit.
    ///
    /// - Throws: when the notes cannot be read or the file cannot be written.
    public static func refresh(
        for tip: ObjectID, in history: any HistorySource, gitFolder: String
    ) throws(GitError) {
        let index = try current(for: tip, in: history, gitFolder: gitFolder)
        do throws(FileError) {
            try Folder.make(gitFolder + "/gate")
            try File.write(index.encoded(), to: path(in: gitFolder))
        } catch {
            throw GitError(.io, shown(error.path.utf8), error.problem)
        }
    }

    private static func path(in gitFolder: String) -> String { gitFolder + "/gate/evidence.index" }

    /// The file's bytes; nil when there is none, and also when it cannot be read: the notes can.
    private static func file(in gitFolder: String) -> [UInt8]? {
        do throws(FileError) {
            return try File.readIfPresent(path(in: gitFolder), limit: sizeLimit)
        } catch {
            return nil
        }
    }

    private mutating func add(_ line: Line) {
        let object = line.statement.subject
        switch line.statement.predicate {
        case .review(let review):
            if let digest = review.changeDigest {
                added[.review(of: digest), default: []].insert(object)
            }
            for superseded in review.supersedes {
                added[.supersedes(superseded), default: []].insert(object)
            }
        case .deployment(let deployment):
            let key = Key.deployment(environment: deployment.environment, train: deployment.train)
            added[key, default: []].insert(object)
        case .testResult, .bypass, .hold:
            break
        }
    }

    /// The objects whose notes have lines with this key, sorted.
    func objects(under key: Key) -> [ObjectID] {
        var objects = added[key] ?? []
        var record = firstRecord(notBefore: key.bytes)
        while record + Self.recordSize <= sorted.endIndex,
            sorted[record..<record + Key.size].elementsEqual(key.bytes)
        {
            let bytes = sorted[record + Key.size..<record + Self.recordSize]
            if let object = ObjectID(bytes: bytes) { objects.insert(object) }
            record += Self.recordSize
        }
        return objects.sorted()
    }

    private func firstRecord(notBefore key: [UInt8]) -> Int {
        var low = 0
        var high = sorted.count / Self.recordSize
        while low < high {
            let middle = (low + high) / 2
            let start = sorted.startIndex + middle * Self.recordSize
            if sorted[start..<start + Key.size].lexicographicallyPrecedes(key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return sorted.startIndex + low * Self.recordSize
    }
}

extension EvidenceIndex {
    private func encoded() -> [UInt8] {
        var records: Set<[UInt8]> = []
        for start in stride(from: sorted.startIndex, to: sorted.endIndex, by: Self.recordSize) {
            records.insert(Array(sorted[start..<start + Self.recordSize]))
        }
        for (key, objects) in added {
            for object in objects {
                records.insert(key.bytes + object.bytes)
            }
        }
        var bytes = Self.firstLine + tip.bytes
        for record in records.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            bytes += record
        }
        return bytes + Self.checksum(of: bytes)
    }

    static func checksum(of bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// The notes commit and the records; nil when the file is not as it was written.
    private static func parse(_ bytes: [UInt8]) -> (ObjectID, ArraySlice<UInt8>)? {
        let start = firstLine.count + ObjectID.byteCount
        let end = bytes.count - SHA256.byteCount
        guard bytes.starts(with: firstLine), end >= start, (end - start) % recordSize == 0,
            SHA256.hash(data: bytes[..<end]) == bytes[end...],
            let tip = ObjectID(bytes: bytes[firstLine.count..<start])
        else { return nil }
        return (tip, bytes[start..<end])
    }
}
