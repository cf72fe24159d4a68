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
