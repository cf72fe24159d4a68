/// A program that gate runs to its end, without a shell.
///
/// The child gets its own process group, default signal handling, an empty signal mask and no
/// descriptor of gate's but the three standard ones; when time is up or gate is interrupted the
/// whole group is ended, TERM then KILL.
public struct Child: Sendable {
    /// The program and its arguments; a program without `/` is looked up in `PATH`.
    public var arguments: [[UInt8]]
    /// The whole environment, `NAME=value`.
    public var environment: [[UInt8]]
    /// Where it runs; nil: where gate runs.
    public var directory: String?
    /// What it reads from standard input, which is empty otherwise.
    public var input: [UInt8]
    /// Seconds until it is ended; nil: no limit.
    public var timeout: Double?
    /// The largest output, in bytes, that is kept of each stream.
    public var outputLimit: Int
    /// Whether it may ask its user something at the terminal (`/dev/tty`), as ssh and ssh-keygen
    /// do for a passphrase. It stays in gate's process group then, for a terminal stops whoever
    /// reads it from another (SIGTTIN); only the child itself is ended when time is up.
    public var asksAtTerminal = false
    /// Whether it gets a session of its own, and so no terminal: whoever shares gate's can write to
    /// it past gate and type into it (TIOCSTI, ioctl_tty(2)), as another user too. It is ended with
    /// gate like any other child.
    public var hasOwnSession = false

    public init(
        _ arguments: [String], environment: [[UInt8]] = Child.inheritedEnvironment(),
        directory: String? = nil, input: [UInt8] = [], timeout: Double? = nil,
        outputLimit: Int = 64 << 20
    ) {
        self.arguments = arguments.map { Array($0.utf8) }
        self.environment = environment
        self.directory = directory
        self.input = input
        self.timeout = timeout
        self.outputLimit = outputLimit
    }

    /// How the child ended.
    public enum Termination: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
        /// Ended because whoever ran it asked for it.
        case stopped
    }

    /// What the child left.
    public struct Result: Hashable, Sendable {
        public var termination: Termination
        public var output: [UInt8]
        public var errorOutput: [UInt8]
        /// Whether either stream was longer than the limit.
        public var truncated: Bool

        public init(
            termination: Termination, output: [UInt8] = [], errorOutput: [UInt8] = [],
            truncated: Bool = false
        ) {
            self.termination = termination
            self.output = output
            self.errorOutput = errorOutput
            self.truncated = truncated
        }

        public var succeeded: Bool { termination == .exited(0) }
    }

    /// One of the two streams that a child writes.
    public enum Stream: Hashable, Sendable {
        case output
        case errorOutput
    }

    /// Runs it and waits.
    ///
    /// A grandchild that outlives the child and holds its pipes is ended, not waited for.
    public func run() throws(SpawnError) -> Result {
        try run(onOutput: { _, _ in })
    }

    /// Runs it and waits, and shows what it writes as it comes.
    ///
    /// - Parameters:
    ///   - shouldStop: is asked again and again; when it says so the child is ended as if its time
    ///     were up.
    ///   - onOutput: is called with each piece of output, in the order in which it was read, also
    ///     behind ``outputLimit``. Pieces end anywhere, not only at the end of a line.
    public func run(
        shouldStop: () -> Bool = { false },
        onOutput: (_ stream: Stream, _ piece: ArraySlice<UInt8>) -> Void
    ) throws(SpawnError) -> Result {
        var process = try RunningChild.start(self, standardStreams: .piped)
        return try process.finish(
            timeout: timeout, outputLimit: outputLimit, shouldStop: shouldStop,
            onOutput: onOutput)
    }

    /// To be said once by a program whose children are gate's too, and end children of their own
    /// when they are ended: waits twice as long before it kills, so that they come to it.
    public static func allowsForNestedChildren() { Interruption.waitLonger() }

    /// Runs it on gate's own terminal and standard streams and waits: a pager, an editor, an
    /// interactive git. ``input``, ``timeout`` and ``outputLimit`` are not used.
    ///
    /// The child stays in gate's process group, so that the terminal's keys reach it; gate itself
    /// ignores interrupt and quit meanwhile, as system(3) does.
    public func runOnTerminal() throws(SpawnError) -> Termination {
        try TerminalTurn.taking { () throws(SpawnError) in
            var process = try RunningChild.start(self, standardStreams: .inherited)
            return try process.wait()
        }
    }
}
