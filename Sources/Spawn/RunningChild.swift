#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A child between its start and its end.
struct RunningChild: ~Copyable {
    enum StandardStreams {
        case piped
        case inherited
    }

    /// Seconds between TERM and KILL.
    private static let grace = 2.0
    /// Seconds for which a child that has ended may have left output in the pipes that others
    /// still hold.
    private static let drainTime = 0.2
    /// Milliseconds between two looks at a child that may have ended without closing its pipes.
    private static let lookInterval: Int32 = 20
    /// Microseconds between the first two looks at a child that has closed its pipes: as a rule it
    /// is ending. They grow to ``lookInterval`` / 10.
    private static let firstNap: UInt32 = 50

    private let program: String
    private let process: pid_t
    private let ownGroup: Bool
    private var input: [UInt8] = []
    private var written = 0
    private var inputEnd: Descriptor?
    private var outputEnd: Descriptor?
    private var errorEnd: Descriptor?
    private var isReaped = false

    private init(program: String, process: pid_t, ownGroup: Bool) {
        self.program = program
        self.process = process
        self.ownGroup = ownGroup
    }

    /// Starts it, on pipes or on gate's own streams.
    static func start(
        _ child: Child, standardStreams: StandardStreams
    ) throws(SpawnError) -> RunningChild {
        let name = child.arguments.first ?? []
        let program = String(decoding: name, as: UTF8.self)
        let path = try Program.path(of: name, environment: child.environment)
        guard !(child.arguments + child.environment).contains(where: { $0.contains(0) }) else {
            throw SpawnError(
                program: program, problem: "an argument contains a NUL byte", isMissing: false)
        }
        let ownGroup = standardStreams == .piped && !child.asksAtTerminal
        // The leader of a session leads a group of the same number (setsid(2)).
        let ownSession = ownGroup && child.hasOwnSession
        var setup = try SpawnSetup(
            program: program, standardStreams: standardStreams,
            ownGroup: ownGroup && !ownSession, ownSession: ownSession)
        defer { setup.destroy() }
        if let directory = child.directory { try setup.changeDirectory(directory) }
        guard standardStreams == .piped else {
            let process = try setup.start(path, child.arguments, child.environment)
            return RunningChild(program: program, process: process, ownGroup: false)
        }
        let output = try Pipe(for: program)
        let error = try Pipe(for: program)
        let toChild = child.input.isEmpty ? nil : try Pipe(for: program)
        try setup.connect(
            input: toChild?.reading.number, output: output.writing.number,
            error: error.writing.number)
        for end in [toChild?.writing, output.reading, error.reading].compactMap({ $0 })
        where !end.setNonBlocking() {
            throw .system(program, "cannot prepare a pipe", errno)
        }
        let process =
            ownGroup
            ? try Interruption.registering { () throws(SpawnError) in
                try setup.start(path, child.arguments, child.environment)
            } : try setup.start(path, child.arguments, child.environment)
        var running = RunningChild(program: program, process: process, ownGroup: ownGroup)
        running.input = child.input
        running.inputEnd = toChild?.writing
        running.outputEnd = output.reading
        running.errorEnd = error.reading
        return running
    }

    deinit {
        guard !isReaped else { return }
        // Left by an error: nothing of it may live on.
        _ = kill(signalTarget, SIGKILL)
        if ownGroup { Interruption.unregister(process) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    }

    /// The whole group where it has one of its own.
    private var signalTarget: pid_t { ownGroup ? -process : process }

    /// Waits for the end, without limit.
    mutating func wait() throws(SpawnError) -> Child.Termination {
        if ownGroup { Interruption.unregister(process) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw .system(program, "cannot wait for it", errno) }
        }
        isReaped = true
        // wait(2): the low seven bits are the signal, the next byte the exit status.
        let signal = status & 0x7f
        return signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal)
    }

    /// Feeds it, reads it, waits for it and ends what is left of its group.
    mutating func finish(
        timeout: Double?, outputLimit: Int, shouldStop: () -> Bool,
        onOutput: (Child.Stream, ArraySlice<UInt8>) -> Void
    ) throws(SpawnError) -> Child.Result {
        var collected = CollectedOutput(limit: outputLimit)
        let start = MonotonicClock.seconds
        var deadline = timeout.map { start + $0 }
        var timedOut = false
        var isStopped = false
        var isKilled = false
        var drainUntil: Double?
        var nap = Self.firstNap
        while true {
            let now = MonotonicClock.seconds
            if drainUntil == nil, try hasEnded() {
                drainUntil = now + Self.drainTime
            }
            if let limit = drainUntil, !isReading || now >= limit { break }
            if drainUntil == nil, !timedOut, shouldStop() {
                isStopped = true
                deadline = now
            }
            if drainUntil == nil, let limit = deadline, now >= limit {
                let isRefused = kill(signalTarget, timedOut ? SIGKILL : SIGTERM) != 0
                if timedOut, isRefused, errno == EPERM { return abandon(collected) }
                isKilled = timedOut
                timedOut = true
                deadline = isKilled ? nil : now + Self.grace
            }
            var pause = Self.lookInterval
            if let next = drainUntil ?? deadline {
                pause = max(1, min(pause, Int32(max(0, min(1000, (next - now) * 1000)))))
            }
            if isReading || isWriting {
                try exchange(for: pause, &collected, onOutput)
            } else {
                usleep(nap)
                nap = min(2 * nap, UInt32(Self.lookInterval) * 100)
            }
        }
        // The leader has ended and is not waited for yet, so its group's number is still its own.
        if ownGroup { _ = kill(-process, SIGKILL) }
        try exchange(for: 0, &collected, onOutput)
        inputEnd?.close()
        let termination = try wait()
        return Child.Result(
            termination: isStopped ? .stopped : timedOut ? .timedOut : termination,
            output: collected.output,
            errorOutput: collected.errorOutput, truncated: collected.truncated)
    }

    /// Its time is up, and it is another user's by now (sudo(8), kill(2)): it cannot be ended from
    /// here. To wait for it would give it gate's own time.
    private mutating func abandon(_ collected: CollectedOutput) -> Child.Result {
        if ownGroup { Interruption.unregister(process) }
        isReaped = true
        inputEnd?.close()
        return Child.Result(
            termination: .timedOut, output: collected.output,
            errorOutput: collected.errorOutput, truncated: collected.truncated)
    }

    private var isReading: Bool { outputEnd?.isOpen == true || errorEnd?.isOpen == true }
    private var isWriting: Bool { inputEnd?.isOpen == true }

    /// Whether the child has ended; it stays to be waited for.
    private func hasEnded() throws(SpawnError) -> Bool {
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) < 0 {
            guard errno == EINTR else { throw .system(program, "cannot wait for it", errno) }
        }
        return information.si_signo == SIGCHLD
    }

    /// One look at the pipes.
    private mutating func exchange(
        for milliseconds: Int32, _ collected: inout CollectedOutput,
        _ onOutput: (Child.Stream, ArraySlice<UInt8>) -> Void
    ) throws(SpawnError) {
        // poll(2) passes over negative descriptors.
        var polled = [
            pollfd(fd: outputEnd?.number ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errorEnd?.number ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: inputEnd?.number ?? -1, events: Int16(POLLOUT), revents: 0),
        ]
        let ready = poll(&polled, nfds_t(polled.count), milliseconds)
        guard ready >= 0 else {
            if errno == EINTR { return }
            throw .system(program, "cannot read from it", errno)
        }
        if ready == 0 { return }
        if polled[0].revents != 0, let end = outputEnd {
            try read(end, .output, &collected, onOutput)
        }
        if polled[1].revents != 0, let end = errorEnd {
            try read(end, .errorOutput, &collected, onOutput)
        }
        if polled[2].revents != 0, let end = inputEnd { try feed(end) }
    }

    private func read(
        _ end: Descriptor, _ stream: Child.Stream, _ collected: inout CollectedOutput,
        _ onOutput: (Child.Stream, ArraySlice<UInt8>) -> Void
    ) throws(SpawnError) {
        var problem: Int32 = 0
        let piece = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, count in
            #if canImport(Darwin)
                let got = Darwin.read(end.number, buffer.baseAddress, buffer.count)
            #else
                let got = Glibc.read(end.number, buffer.baseAddress, buffer.count)
            #endif
            problem = got < 0 ? errno : 0
            count = max(0, got)
        }
        if problem == EINTR || problem == EAGAIN { return }
        guard problem == 0 else { throw .system(program, "cannot read from it", problem) }
        if piece.isEmpty {
            end.close()
        } else {
            collected.append(piece, to: stream)
            onOutput(stream, piece[...])
        }
    }

    private mutating func feed(_ end: Descriptor) throws(SpawnError) {
        let from = written
        let count = input.withUnsafeBytes { bytes in
            writeWithoutSignal(end.number, UnsafeRawBufferPointer(rebasing: bytes[from...]))
        }
        if count < 0 {
            switch errno {
            case EINTR, EAGAIN: return
            // It does not read all of its input: its own affair.
            case EPIPE: end.close()
            case let code: throw .system(program, "cannot write to it", code)
            }
            return
        }
        written += count
        if written == input.count {
            end.close()
            input = []
        }
    }
}

/// What was read so far, up to a limit.
private struct CollectedOutput {
    let limit: Int
    var output: [UInt8] = []
    var errorOutput: [UInt8] = []
    var truncated = false

    mutating func append(_ piece: [UInt8], to stream: Child.Stream) {
        let room = limit - (stream == .output ? output.count : errorOutput.count)
        if piece.count > room { truncated = true }
        switch stream {
        case .output: output += piece.prefix(max(0, room))
        case .errorOutput: errorOutput += piece.prefix(max(0, room))
        }
    }
}
