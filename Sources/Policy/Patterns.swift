public import GitObjects

/// A pattern for whole ref names: `*` and `?` stay inside one level, `**` crosses levels. Matching
/// is linear in the name. Always matched against the full name (`refs/heads/master`).
public struct RefPattern: Hashable, Sendable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public func matches(_ name: RefName) -> Bool {
        Glob.matches(Array(text.utf8), name.bytes)
    }
}

/// A pattern for whole paths from the root of the tree: `*`, `?` and `[a-z]` stay inside one
/// level, `**/` stands for any folders or none, a trailing `/**` for everything inside.
public struct PathPattern: Hashable, Sendable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public func matches(_ path: TreePath) -> Bool {
        Glob.matches(Array(text.utf8), path.bytes)
    }
}
