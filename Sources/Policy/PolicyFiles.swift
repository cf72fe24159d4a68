public import GitObjects

/// The files of which a policy is made, as one commit has them.
public struct PolicyFiles: Sendable {
    /// Path from the root of the tree to content: everything directly in `policies/` that gate
    /// reads, and the CODEOWNERS candidates.
    public var contents: [TreePath: [UInt8]]

    public init(contents: [TreePath: [UInt8]]) {
        self.contents = contents
    }

    /// The CODEOWNERS paths in the order in which GitHub looks for them.
    public static let codeOwnersPaths: [TreePath] = [
        ".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS",
    ]

    /// Whether a landing that touches this path changes the policy.
    public static func isPolicy(_ path: TreePath) -> Bool {
        path.isInside("policies") || codeOwnersPaths.contains(path)
    }
}

extension Policy {
    /// Reads and checks a whole policy, and that another landing is possible under it.
    ///
    /// - Throws: ``InvalidPolicy`` with everything that is wrong at once.
    public static func read(_ files: PolicyFiles) throws(InvalidPolicy) -> Policy {
        throw InvalidPolicy([])
    }
}
