#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The process groups that must not outlive gate.
///
/// The first child installs handlers for SIGINT, SIGTERM and SIGHUP, where nobody else has: they
/// end all groups, TERM then KILL, and let gate die of the same signal. After SIGINT it exits with
/// 130 instead, which is what a shell makes of a death by that signal: whoever starts gate without a
/// shell reads the same number.
public enum Interruption {
    /// Installs the handlers before there is a child, so that the exit code of an interrupted
    /// command does not hang on how far it has come.
    public static func watch() { prepare() }

    /// One slot for each running group, 0 when free; more children than slots are still run, but
    /// are not ended with gate.
    private static let slotCount = 256
    nonisolated(unsafe) private static let slots: UnsafeMutablePointer<pid_t> = {
        let slots = UnsafeMutablePointer<pid_t>.allocate(capacity: slotCount)
        slots.initialize(repeating: 0, count: slotCount)
        return slots
    }()
    nonisolated(unsafe) private static let lock: UnsafeMutablePointer<pthread_mutex_t> = {
        let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        return lock
    }()
    /// Tenths of a second between TERM and KILL.
    nonisolated(unsafe) private static let patience: UnsafeMutablePointer<Int32> = {
        let tenths = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        tenths.initialize(to: 20)
        return tenths
    }()

    /// See ``Child/allowsForNestedChildren()``.
    static func waitLonger() { patience.pointee = 40 }

    /// How many groups are being started.
    nonisolated(unsafe) private static let starting: UnsafeMutablePointer<Int32> = {
        let count = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        count.initialize(to: 0)
        return count
    }()
    private static let handlers: Void = {
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            var present = sigaction()
            guard sigaction(signal, nil, &present) == 0, isDefault(present) else { continue }
            var action = sigaction()
            #if canImport(Darwin)
                action.__sigaction_u.__sa_handler = { endAllAndDie($0) }
            #else
                action.__sigaction_handler.sa_handler = { endAllAndDie($0) }
            #endif
            sigfillset(&action.sa_mask)
            _ = sigaction(signal, &action, nil)
        }
    }()

    private static func isDefault(_ action: sigaction) -> Bool {
        #if canImport(Darwin)
            return action.__sigaction_u.__sa_handler == nil
        #else
            return action.__sigaction_handler.sa_handler == nil
        #endif
    }

    /// Makes the handlers and the table before there is a child to lose.
    private static func prepare() {
        _ = slots
        _ = lock
        _ = starting
        _ = patience
        _ = handlers
    }

    /// Starts a group and enters it in the table, with no moment between in which a signal could
    /// end gate and leave the group behind.
    ///
    /// Signals wait for this thread; the handler on another waits for the table to be complete.
    static func registering(_ start: () throws(SpawnError) -> pid_t) throws(SpawnError) -> pid_t {
        prepare()
        return try withoutSignals { () throws(SpawnError) in
            count(1)
            defer { count(-1) }
            let group = try start()
            register(group)
            return group
        }
    }

    /// No handler runs on this thread meanwhile. Whoever takes ``lock`` is inside: a handler on the
    /// holder's own thread would wait for a registration that waits for the lock.
    private static func withoutSignals<T, Failure: Error>(
        _ body: () throws(Failure) -> T
    ) throws(Failure) -> T {
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        for signal in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&blocked, signal) }
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }

    private static func count(_ change: Int32) {
        pthread_mutex_lock(lock)
        starting.pointee += change
        pthread_mutex_unlock(lock)
    }

    private static func register(_ group: pid_t) {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        if let free = (0..<slotCount).first(where: { slots[$0] == 0 }) { slots[free] = group }
    }

    static func unregister(_ group: pid_t) {
        withoutSignals {
            pthread_mutex_lock(lock)
            defer { pthread_mutex_unlock(lock) }
            for index in 0..<slotCount where slots[index] == group { slots[index] = 0 }
        }
    }

    /// Runs in the signal handler: only calls that signal-safety(7) allows.
    private static func endAllAndDie(_ number: Int32) {
        // The starter's own thread is never interrupted: it goes on, however busy the machine.
        for _ in 0..<10_000 where starting.pointee > 0 { _ = poll(nil, 0, 1) }
        if signalAll(SIGTERM) {
            for _ in 0..<patience.pointee where signalAll(0) { _ = poll(nil, 0, 100) }
            _ = signalAll(SIGKILL)
        }
        if number == SIGINT { _exit(130) }
        _ = signal(number, SIG_DFL)
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        sigaddset(&unblocked, number)
        _ = raise(number)
        pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    }

    /// Whether any group was there to get the signal.
    private static func signalAll(_ number: Int32) -> Bool {
        var any = false
        for index in 0..<slotCount where slots[index] > 0 {
            // A leader that has ended and was not waited for still counts: take it first.
            _ = waitpid(slots[index], nil, WNOHANG)
            if kill(-slots[index], number) == 0 { any = true }
        }
        return any
    }
}

/// The time in which a child has the terminal.
enum TerminalTurn {
    static func taking<T>(_ body: () throws(SpawnError) -> T) throws(SpawnError) -> T {
        let interrupt = signal(SIGINT, SIG_IGN)
        let quit = signal(SIGQUIT, SIG_IGN)
        defer {
            signal(SIGINT, interrupt)
            signal(SIGQUIT, quit)
        }
        return try body()
    }
}
