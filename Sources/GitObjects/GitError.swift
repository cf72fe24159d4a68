/// Why something about a git repository could not be read, decided or done.
public struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// The object, ref or repository does not exist.
        case notFound
        /// A folder that is in no repository: gate was called in a wrong place.
        case noRepository
        /// It exists and is not well formed.
        case malformed
        /// A repository of a kind that gate does not read: sha256, reftable, shallow, an unknown
        /// extension.
        case unsupported
        /// The repository belongs to somebody else (git-config(1), `safe.directory`).
        case ownership
        /// It moved or was locked by somebody else meanwhile; the same call may succeed later.
        case contended
        /// A limit of gate's own was reached: it was too large to be decided.
        case limit
        /// The operating system or libgit2 failed.
        case io
        /// A program that gate runs (git, ssh-keygen) failed or is missing.
        case tool
    }

    public let kind: Kind
    /// What it is about: a ref, an object, a path; already safe to show.
    public let subject: String
    /// What is wrong, as a clause without a full stop.
    public let problem: String
    /// What the user can do: a command that can be pasted, or a sentence.
    public let hint: String?

    public init(_ kind: Kind, _ subject: String, _ problem: String, hint: String? = nil) {
        self.kind = kind
        self.subject = subject
        self.problem = problem
        self.hint = hint
    }

    public var description: String { "\(subject): \(problem)" }
}
