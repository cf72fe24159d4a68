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

    /// gate's own environment as it is.
    public static func inheritedEnvironment() -> [[UInt8]] { [] }

    /// How the child ended.
    public enum Termination: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
        case timedOut
    }

    /// What the child left.
    public struct Result: Hashable, Sendable {
        public var termination: Termination
        public var output: [UInt8]
        public var errorOutput: [UInt8]
        /// Whether either stream was longer than the limit.
        public var truncated: Bool

        public var succeeded: Bool { termination == .exited(0) }
    }

    /// Runs it and waits.
    public func run() throws(SpawnError) -> Result {
        throw SpawnError(program: "", problem: "not built yet", isMissing: false)
    }
}

/// Why a program could not be run at all.
public struct SpawnError: Error, Hashable, Sendable, CustomStringConvertible {
    public let program: String
    public let problem: String
    /// The program does not exist or may not be executed.
    public let isMissing: Bool

    public init(program: String, problem: String, isMissing: Bool) {
        self.program = program
        self.problem = problem
        self.isMissing = isMissing
    }

    public var description: String { "\(program): \(problem)" }
}
