import Files
public import GitObjects

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Locks of gate's own refs that nobody will open any more.
///
/// git and libgit2 lock a ref by a file `REF.lock`, which stays where its maker is killed and keeps
/// everybody out from then on (git's `lockfile.h`). git asks people to take it away; but of
/// `refs/notes/gate` and `refs/gate/` in a clone they need not know. Locks of other refs are left
/// alone, and so are all on a server, where gate itself writes no ref.
public enum AbandonedLocks {
    /// Seconds. A ref is locked for milliseconds; who has not let go of it in so long is no more.
    private static let age = 10.0
    /// Seconds between two looks, and for which a lock must not have changed.
    private static let interval = 0.1

    /// Waits until a ref is not locked, and takes its lock away when that is nobody's.
    ///
    /// - Returns: whether it was locked: what failed for it may succeed now.
    @discardableResult
    public static func clear(
        _ ref: RefName, in repository: Repository
    ) throws(GitError) -> Bool {
        guard isOwn(ref), File.exists(path(of: ref, in: repository)) else { return false }
        let turn = try turn(in: repository)
        defer { withExtendedLifetime(turn) {} }
        return try clearInTurn(ref, in: repository)
    }

    /// Whether only gate writes this ref in a clone.
    static func isOwn(_ ref: RefName) -> Bool {
        ref == "refs/notes/gate" || ref.starts(with: "refs/gate/")
    }

    /// Held by whoever writes one of these refs here, or takes a lock away: a lock that is there
    /// meanwhile is no other gate's that works. The operating system lets go of this one.
    static func turn(in repository: Repository) throws(GitError) -> FileLock? {
        let folder = repository.commonDirectory + "/gate"
        return try reporting { () throws(FileError) in
            try Folder.make(folder)
            return try FileLock(folder + "/refs.turn", waits: true)
        }
    }

    /// The same as ``clear(_:in:)`` for who has the turn.
    static func clearInTurn(_ ref: RefName, in repository: Repository) throws(GitError) -> Bool {
        let lock = path(of: ref, in: repository)
        guard var seen = Files.FileStatus(lock) else { return false }
        var waited = 0.0
        while true {
            usleep(UInt32(interval * 1_000_000))
            waited += interval
            guard let now = Files.FileStatus(lock) else { return true }
            if now != seen {
                seen = now
                waited = 0
            }
            // By its date, or, should the clock have been set back, by how long it was watched.
            let isOld = Double(time(nil)) - Double(now.modified) > age
            if isOld || waited > age {
                try reporting { () throws(FileError) in try File.remove(lock) }
                return true
            }
        }
    }

    private static func path(of ref: RefName, in repository: Repository) -> String {
        "\(repository.commonDirectory)/\(String(decoding: ref.bytes, as: UTF8.self)).lock"
    }

    private static func reporting<T>(
        _ body: () throws(FileError) -> T
    ) throws(GitError) -> T {
        do throws(FileError) {
            return try body()
        } catch {
            throw GitError(.io, shown(error.path.utf8), error.problem)
        }
    }
}
