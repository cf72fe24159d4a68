public import GitObjects

/// Why evidence could not be signed, fetched or pushed.
public enum LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The server's hook refused it; what it said, without git's `remote: `.
    case refused(message: String)
    /// Others were faster each time; what was in the way the last time.
    case busy(tries: Int, last: String)
    /// The key that was named is none, or nobody's here: a clause with its subject, and what to do.
    case badKey(problem: String, hint: String?)
    /// There is no signature: a clause with its subject, and what to do.
    case cannotSign(problem: String, hint: String?)
    /// git failed, or the repository cannot be read.
    case git(GitError)

    public var description: String {
        switch self {
        case .refused(let message): "the server refused it:\n\(message)"
        case .busy(let tries, let last):
            "others were at the evidence all the time: gave up after \(tries) tries (\(last))"
        case .badKey(let problem, _), .cannotSign(let problem, _): problem
        case .git(let error): error.description
        }
    }

    /// What the user can do: a command that can be pasted, or a sentence.
    public var hint: String? {
        switch self {
        case .refused: nil
        case .busy: "say it again: what was signed is kept in refs/notes/gate"
        case .badKey(_, let hint), .cannotSign(_, let hint): hint
        case .git(let error): error.hint
        }
    }
}
