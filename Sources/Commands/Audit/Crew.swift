import GitObjects

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Threads that share a list of work. Each has tools of its own, because a repository that is open
/// belongs to one thread.
final class Crew<Item: Sendable, Output: Sendable>: @unchecked Sendable {
    /// Works on a few neighbouring items; gives one output for each.
    typealias Work = (ArraySlice<Item>) throws(GitError) -> [Output]

    private let items: [Item]
    private let equip: @Sendable () throws(GitError) -> Work
    private let lock = Lock()
    // Used under the lock only.
    private var next = 0
    private var done = 0
    private var outputs: [Output?]
    private var failure: GitError?

    /// How many items a thread takes at once: neighbours share much of what is read for them.
    private static var share: Int { 32 }
    /// How often progress is told, in microseconds.
    private static var interval: UInt32 { 10_000 }

    /// - Parameter equip: makes one thread's tools, in that thread.
    init(_ items: [Item], equip: @escaping @Sendable () throws(GitError) -> Work) {
        self.items = items
        self.equip = equip
        outputs = Array(repeating: nil, count: items.count)
    }

    /// Does all the work.
    ///
    /// - Parameters:
    ///   - count: how many threads work; this one only looks on.
    ///   - onProgress: is told now and then how many items are done.
    /// - Returns: what came of each item, in their order.
    /// - Throws: the first failure; the rest is then left undone.
    func work(threads count: Int, onProgress: (Int) -> Void) throws(GitError) -> [Output] {
        var threads: [Thread] = []
        for _ in 0..<max(1, min(count, items.count)) {
            threads.append(try Thread { self.toil() })
        }
        while true {
            let state = lock.held { (done, done == items.count || failure != nil) }
            onProgress(state.0)
            if state.1 { break }
            usleep(Self.interval)
        }
        for thread in threads { thread.join() }
        if let failure { throw failure }
        return outputs.compactMap { $0 }
    }

    private func toil() {
        do throws(GitError) {
            let work = try equip()
            while let range = nextRange() {
                let made = try work(items[range])
                lock.held {
                    for (index, output) in zip(range, made) { outputs[index] = output }
                    done += range.count
                }
            }
        } catch {
            lock.held { failure = failure ?? error }
        }
    }

    private func nextRange() -> Range<Int>? {
        lock.held {
            guard failure == nil, next < items.count else { return nil }
            let range = next..<min(next + Self.share, items.count)
            next = range.upperBound
            return range
        }
    }
}

/// pthread_mutex_init(3).
private final class Lock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() { pthread_mutex_init(mutex, nil) }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    func held<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}

/// pthread_create(3).
private struct Thread {
    private final class Errand {
        let run: () -> Void

        init(_ run: @escaping () -> Void) { self.run = run }
    }

    private let handle: pthread_t

    init(_ run: @escaping @Sendable () -> Void) throws(GitError) {
        let errand = Unmanaged.passRetained(Errand(run))
        #if canImport(Glibc)
            var made = pthread_t()
            let code = pthread_create(
                &made, nil,
                { context in
                    if let context {
                        Unmanaged<Errand>.fromOpaque(context).takeRetainedValue().run()
                    }
                    return nil
                }, errand.toOpaque())
            let handle: pthread_t? = made
        #else
            var handle: pthread_t?
            let code = pthread_create(
                &handle, nil,
                { context in
                    Unmanaged<Errand>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                }, errand.toOpaque())
        #endif
        guard code == 0, let handle else {
            errand.release()
            throw GitError(
                .io, "a thread", "could not be started: \(String(cString: strerror(code)))")
        }
        self.handle = handle
    }

    func join() { pthread_join(handle, nil) }
}
