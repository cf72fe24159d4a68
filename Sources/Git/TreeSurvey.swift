public import GitObjects
public import History

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Repository {
    /// What each step from one tree to the next changes, on two threads: reading thousands of trees
    /// is what takes the time of a long range.
    public func changes(ofEach steps: [TreeStep]) throws(GitError) -> [[TreeChange]] {
        guard steps.count >= TreeSurvey.worthAThread else {
            return try TreeSurvey(self, steps[...]).changes()
        }
        // libgit2's handles are for one thread each, and so are the caches.
        let other = try Repository.open(gitDirectory: gitDirectory, quarantine: quarantine)
        for repository in [self, other] { repository.objects.keepManyTrees() }
        let middle = steps.count / 2
        let second = TreeSurvey(other, steps[middle...])
        let helper = try second.start()
        let first = Result { () throws(GitError) in
            try TreeSurvey(self, steps[..<middle]).changes()
        }
        let rest = try second.finish(helper)
        return try first.get() + rest.get()
    }
}

/// Compares trees one pair after another, perhaps on a thread of its own.
private final class TreeSurvey: @unchecked Sendable {
    /// Fewer steps take less time than another repository handle.
    static let worthAThread = 256

    private let repository: Repository
    private let steps: ArraySlice<TreeStep>
    /// Written by the thread, read when it has ended.
    private var outcome: Result<[[TreeChange]], GitError> = .success([])

    init(_ repository: Repository, _ steps: ArraySlice<TreeStep>) {
        self.repository = repository
        self.steps = steps
    }

    func changes() throws(GitError) -> [[TreeChange]] {
        var all: [[TreeChange]] = []
        all.reserveCapacity(steps.count)
        for step in steps {
            all.append(try repository.changes(from: step.old, to: step.new))
        }
        return all
    }

    private func run() {
        outcome = Result { () throws(GitError) in try changes() }
    }

    /// Starts a thread (`pthread_create`), which keeps this alive until it ends.
    func start() throws(GitError) -> pthread_t {
        let box = Unmanaged.passRetained(self).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
            let code = pthread_create(&thread, nil, { runSurvey($0) }, box)
            guard code == 0, let thread else { throw Self.failure(box) }
            return thread
        #else
            var thread = pthread_t()
            let code = pthread_create(&thread, nil, { $0.flatMap(runSurvey) }, box)
            guard code == 0 else { throw Self.failure(box) }
            return thread
        #endif
    }

    private static func failure(_ box: UnsafeMutableRawPointer) -> GitError {
        Unmanaged<TreeSurvey>.fromOpaque(box).release()
        return GitError(.io, "a second thread", "could not be started")
    }

    /// Waits for the thread's end.
    func finish(_ thread: pthread_t) throws(GitError) -> Result<[[TreeChange]], GitError> {
        guard pthread_join(thread, nil) == 0 else {
            throw GitError(.io, "the second thread", "could not be waited for")
        }
        return outcome
    }

    fileprivate static func run(_ box: UnsafeMutableRawPointer) {
        Unmanaged<TreeSurvey>.fromOpaque(box).takeRetainedValue().run()
    }
}

private func runSurvey(_ box: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    TreeSurvey.run(box)
    return nil
}
