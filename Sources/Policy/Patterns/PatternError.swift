/// Why a pattern cannot be used, and where in it.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The character at which it goes wrong, counting from 1.
    public let position: Int
    /// What is wrong, as a clause without a full stop.
    public let problem: String
    /// What to write instead.
    public let hint: String?

    public init(_ position: Int, _ problem: String, hint: String? = nil) {
        self.position = position
        self.problem = problem
        self.hint = hint
    }

    public var description: String { "at character \(position): \(problem)" }
}
