import GitObjects

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Ends gate, with a sentence, when a call of libgit2 does not come back.
///
/// libgit2 1.5 reads for ever in a loose object whose file ends too early: it asks zlib for the rest
/// again and again (`git_zstream_get_output`). After a full disk or a loss of power a hook would
/// keep every pusher waiting, where what cannot be decided is to be refused. Nothing leads out of
/// such a call, so that the process says what it was at and ends.
///
/// The time is the processor's: a machine that is busy with others makes nobody give up. Only the
/// calls of the main thread are watched; every hook works in it.
public enum StuckCalls {
    /// How long a call may take, in looks at it.
    enum Patience: Int32 {
        /// For reading one object, which is milliseconds' work.
        case object = 2
        /// For what goes through a history.
        case history = 15
    }

    /// Seconds of the processor's time between two looks.
    private static let interval = 2

    private struct State {
        var watched: pthread_t
        /// Counts calls, so that two looks can tell whether it is the same.
        var call: UInt64 = 0
        var isInside = false
        var patience: Int32 = 0
        var object: ObjectID?
        var seen: UInt64 = 0
        var looks: Int32 = 0
    }

    /// Read by the handler, which interrupts the thread that writes it.
    nonisolated(unsafe) private static var state: UnsafeMutablePointer<State>?

    /// Starts watching the calls of this thread.
    public static func watch() {
        guard state == nil else { return }
        let made = UnsafeMutablePointer<State>.allocate(capacity: 1)
        made.initialize(to: State(watched: pthread_self()))
        state = made
        var action = sigaction()
        #if canImport(Darwin)
            action.__sigaction_u.__sa_handler = { _ in StuckCalls.look() }
        #else
            action.__sigaction_handler.sa_handler = { _ in StuckCalls.look() }
        #endif
        action.sa_flags = Int32(SA_RESTART)
        guard sigaction(SIGPROF, &action, nil) == 0 else { return }
        // A child does not inherit it (setitimer(2)).
        let time = timeval(tv_sec: interval, tv_usec: 0)
        var timer = itimerval(it_interval: time, it_value: time)
        #if canImport(Darwin)
            setitimer(ITIMER_PROF, &timer, nil)
        #else
            setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
        #endif
    }

    /// Calls libgit2 under watch.
    static func watching<T>(
        _ patience: Patience, _ object: ObjectID? = nil, _ body: () -> T
    ) -> T {
        guard let state, pthread_equal(state.pointee.watched, pthread_self()) != 0 else {
            return body()
        }
        state.pointee.call &+= 1
        state.pointee.patience = patience.rawValue
        state.pointee.object = object
        state.pointee.isInside = true
        defer { state.pointee.isInside = false }
        return body()
    }

    /// Runs in the signal handler: only calls that signal-safety(7) allows.
    private static func look() {
        guard let state else { return }
        if pthread_equal(state.pointee.watched, pthread_self()) == 0 {
            // The main thread lives as long as the process.
            pthread_kill(state.pointee.watched, SIGPROF)
            return
        }
        guard state.pointee.isInside, state.pointee.call == state.pointee.seen else {
            state.pointee.seen = state.pointee.call
            state.pointee.looks = 0
            return
        }
        state.pointee.looks += 1
        if state.pointee.looks < state.pointee.patience { return }
        say("refused\n  undetermined   ")
        if let object = state.pointee.object {
            say("object ")
            say(object)
        } else {
            say("an object")
        }
        say(": its file is damaged, reading it does not end\n")
        say("                 which it is, says: git fsck\n")
        _exit(3)
    }

    private static func say(_ words: StaticString) {
        _ = write(STDERR_FILENO, words.utf8Start, words.utf8CodeUnitCount)
    }

    private static func say(_ id: ObjectID) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * ObjectID.byteCount) { text in
            withUnsafeTemporaryAllocation(byteCount: ObjectID.byteCount, alignment: 1) { bytes in
                id.store(to: bytes)
                for (index, byte) in bytes.enumerated() {
                    text[2 * index] = digit(byte >> 4)
                    text[2 * index + 1] = digit(byte & 15)
                }
            }
            _ = write(STDERR_FILENO, text.baseAddress, text.count)
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
