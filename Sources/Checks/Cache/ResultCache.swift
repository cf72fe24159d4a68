#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif
public import Git
public import GitObjects
public import Spawn

/// Results of checks that passed, by the digest of what they depend on (`ResultKey`), and how long
/// each check took the last time.
///
/// ```
/// <cache>/gate/results/<digest of the repository's path>/<key>         one result
/// <cache>/gate/results/<digest of the repository's path>/durations     milliseconds by name
/// ```
///
/// It only spares work: an entry that is missing, too old, damaged or somebody else's is a check
/// that runs. Only passes are kept: whoever is told that a check failed wants to see it fail.
public struct ResultCache: Sendable {
    /// Seconds after which an entry no longer counts: a week, for what no digest sees (a service
    /// that a test asks, a file that nobody named).
    public static let ageLimit = 7 * 86_400
    /// Bytes that the results of one repository may take; the oldest go first.
    public static let sizeLimit = 64 << 20
    /// Bytes of one entry that are read.
    private static let entryLimit = 16 << 20

    private let folder: Folder

    public init(
        of repository: Repository, environment: [[UInt8]] = Child.inheritedEnvironment()
    ) throws(GitError) {
        folder = try CacheFolder.place("results", of: repository, environment)
    }

    // MARK: Results

    /// The result with this key; nil when there is none that counts.
    func result(_ key: ResultKey, now: Int = currentTime()) -> StoredResult? {
        do throws(GitError) {
            guard try folder.kind == .folder else { return nil }
            try CacheFolder.requireOwn(folder)
            guard let bytes = try folder.appending(key.digest).read(limit: Self.entryLimit),
                let result = StoredResult(parsing: bytes),
                // A clock that was set back makes no entry last longer.
                abs(now - result.storedAt) < Self.ageLimit
            else { return nil }
            return result
        } catch {
            return nil
        }
    }

    func store(_ result: StoredResult, as key: ResultKey) throws(GitError) {
        let bytes = result.bytes
        guard bytes.count < Self.entryLimit else { return }
        try write(bytes, to: key.digest)
        try prune(now: result.storedAt)
    }

    private func write(_ bytes: [UInt8], to name: String) throws(GitError) {
        try folder.make()
        try CacheFolder.requireOwn(folder)
        let partial = folder.appending("\(Self.partialPrefix)\(name).\(getpid())")
        do throws(GitError) {
            try partial.write(bytes)
            try partial.move(to: folder.appending(name))
        } catch {
            partial.discard()
            throw error
        }
    }

    private static let partialPrefix = "new."

    // MARK: Durations

    /// How many milliseconds each check took the last time it ran here.
    func durations() -> [String: Int] {
        do throws(GitError) {
            guard let bytes = try folder.appending("durations").read(limit: 1 << 20) else {
                return [:]
            }
            return Durations(parsing: bytes).milliseconds
        } catch {
            return [:]
        }
    }

    func add(durations: [String: Int]) throws(GitError) {
        guard !durations.isEmpty else { return }
        let all = self.durations().merging(durations) { _, new in new }
        try write(Durations(milliseconds: all).bytes, to: "durations")
    }

    // MARK: Keeping it small

    /// One result, for people.
    public struct Entry: Sendable {
        public let check: String
        public let tree: ObjectID
        /// The commit for which it ran; another with the same inputs has the same result.
        public let commit: ObjectID?
        public let milliseconds: Int
        /// Seconds since 1970.
        public let storedAt: Int
        public let size: Int
        /// Seconds since then.
        public var age: Int { max(0, currentTime() - storedAt) }
        /// Whether it is too old to count.
        public let isExpired: Bool
    }

    public var path: String { shown(folder.path) }

    /// What is stored, newest first; what cannot be read is left out.
    public func entries() throws(GitError) -> [Entry] {
        let now = currentTime()
        var entries: [Entry] = []
        for file in try files() where file.isResult {
            guard let bytes = try file.place.content(upTo: Self.entryLimit),
                let stored = StoredResult(parsing: bytes)
            else { continue }
            entries.append(
                Entry(
                    check: stored.check, tree: stored.tree, commit: stored.commit,
                    milliseconds: stored.milliseconds, storedAt: stored.storedAt,
                    size: bytes.count, isExpired: abs(now - stored.storedAt) >= Self.ageLimit))
        }
        return entries.sorted {
            ($1.storedAt, $0.check, $0.tree.hex) < ($0.storedAt, $1.check, $1.tree.hex)
        }
    }

    /// Removes every result. The durations stay: they say nothing about what passed.
    ///
    /// - Returns: how many there were.
    public func clear() throws(GitError) -> Int {
        var count = 0
        for file in try files() {
            try file.place.removeFile()
            if file.isResult { count += 1 }
        }
        return count
    }

    private struct File {
        let place: Folder
        let isResult: Bool
        let size: Int
        let changedAt: Int
    }

    /// The results, and what a killed run has left half written.
    private func files() throws(GitError) -> [File] {
        guard try folder.kind == .folder else { return [] }
        var files: [File] = []
        for name in try folder.names() {
            let isResult =
                name.count == 64
                && name.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            guard isResult || name.starts(with: Self.partialPrefix.utf8) else { continue }
            let place = folder.appending(name)
            guard let status = place.sizeAndTime else { continue }
            files.append(
                File(place: place, isResult: isResult, size: status.size, changedAt: status.time))
        }
        return files
    }

    /// Removes what is too old, and then the oldest, until the rest has room.
    private func prune(now: Int) throws(GitError) {
        var room = Self.sizeLimit
        for file in try files().sorted(by: { $0.changedAt > $1.changedAt }) {
            room -= file.size
            let isHalfWritten = !file.isResult && now - file.changedAt > 3600
            if room < 0 || isHalfWritten || now - file.changedAt > Self.ageLimit {
                try file.place.removeFile()
            }
        }
    }
}

/// Seconds since 1970.
func currentTime() -> Int { time(nil) }
