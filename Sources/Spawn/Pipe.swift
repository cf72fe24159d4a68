#if canImport(Darwin)
    import Darwin
#else
    import CSpawn
    import Glibc
#endif

/// One end of a pipe or another descriptor that is closed when nobody holds it.
final class Descriptor {
    private(set) var number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit { close() }

    func close() {
        guard number >= 0 else { return }
        // Not repeated on EINTR: on Linux the descriptor is gone then (close(2)).
        #if canImport(Darwin)
            _ = Darwin.close(number)
        #else
            _ = Glibc.close(number)
        #endif
        number = -1
    }

    var isOpen: Bool { number >= 0 }

    func setNonBlocking() -> Bool {
        let flags = fcntl(number, F_GETFL)
        return flags >= 0 && fcntl(number, F_SETFL, flags | O_NONBLOCK) >= 0
    }
}

/// A pipe whose ends are closed on exec and lie above the standard streams, so that moving them
/// there cannot overwrite one another.
struct Pipe {
    let reading: Descriptor
    let writing: Descriptor

    init(for program: String) throws(SpawnError) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Darwin)
            let made = pipe(&ends)
        #else
            let made = pipe2(&ends, O_CLOEXEC)
        #endif
        guard made == 0 else { throw .system(program, "cannot make a pipe", errno) }
        reading = try Self.raised(Descriptor(ends[0]), program)
        writing = try Self.raised(Descriptor(ends[1]), program)
    }

    private static func raised(
        _ end: Descriptor, _ program: String
    ) throws(SpawnError) -> Descriptor {
        #if !canImport(Darwin)
            if end.number > 2 { return end }
        #endif
        let raised = fcntl(end.number, F_DUPFD_CLOEXEC, 3)
        guard raised >= 0 else { throw .system(program, "cannot move a pipe", errno) }
        return Descriptor(raised)
    }
}

/// Writes to a pipe whose reader may have gone, without the signal that this would raise.
///
/// The signal is held back for this thread and then taken off it, so that gate's own handling of
/// SIGPIPE (`gate … | head`) stays as it is.
func writeWithoutSignal(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    var pipeSignal = sigset_t()
    var before = sigset_t()
    var pending = sigset_t()
    sigemptyset(&pipeSignal)
    sigaddset(&pipeSignal, SIGPIPE)
    sigpending(&pending)
    let wasPending = sigismember(&pending, SIGPIPE) == 1
    pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
    let written = write(descriptor, bytes.baseAddress, bytes.count)
    let problem = errno
    if written < 0, problem == EPIPE, !wasPending {
        sigpending(&pending)
        if sigismember(&pending, SIGPIPE) == 1 {
            var taken: Int32 = 0
            _ = sigwait(&pipeSignal, &taken)
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    errno = problem
    return written
}

extension SpawnError {
    /// A failed system call, with what errno says about it.
    static func system(_ program: String, _ what: String, _ code: Int32) -> SpawnError {
        SpawnError(
            program: program, problem: "\(what): \(String(cString: strerror(code)))",
            isMissing: code == ENOENT || code == EACCES || code == ENOTDIR || code == ENOEXEC)
    }
}
