/// How checks are run.
public struct RunOptions: Hashable, Sendable {
    /// What the cache of results is used for.
    public enum CacheUse: Hashable, Sendable {
        /// Nothing: every check runs, and its result is for this run alone.
        case none
        /// Every check runs; those that pass are stored.
        case write
        /// A check that has passed on the same inputs is not run again.
        case readAndWrite
    }

    /// How many checks run at once, from 1; each in a worktree of its own.
    public var jobs: Int
    /// Whether the first check that does not pass ends the run: those that run are ended, the
    /// others not begun.
    public var failFast: Bool
    public var cache: CacheUse
    /// Whether every file of the worktree is read again before each check. Without it git's index
    /// is believed, which goes by a file's times, size and number; a run that is to become evidence
    /// wants it.
    public var readsEveryFile: Bool

    public init(
        jobs: Int = 1, failFast: Bool = false, cache: CacheUse = .none, readsEveryFile: Bool = true
    ) {
        self.jobs = jobs
        self.failFast = failFast
        self.cache = cache
        self.readsEveryFile = readsEveryFile
    }
}
