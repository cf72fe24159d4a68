public import GitObjects

/// A CODEOWNERS file with GitHub's meaning: the last pattern that matches a path decides.
public struct CodeOwners: Sendable {
    /// One line: a pattern and its owners as written (`@alice`, `@wrk/engineering`, an address).
    public struct Rule: Sendable {
        public var pattern: String
        public var owners: [String]
        public var location: SourceLocation
    }

    /// Where the file stands: `.github/CODEOWNERS`, `CODEOWNERS` or `docs/CODEOWNERS`.
    public var path: TreePath
    public var rules: [Rule]

    /// The rule that decides about a path; nil when none matches. A rule without owners means
    /// that the path has none.
    public func rule(for path: TreePath) -> Rule? { nil }
}
