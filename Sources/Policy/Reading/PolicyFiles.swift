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

    /// The entries of a tree under which everything that is policy stands.
    public static let roots: [TreePath] = ["policies"] + codeOwnersPaths

    /// Whether a landing that touches this path changes the policy.
    public static func isPolicy(_ path: TreePath) -> Bool {
        path.isInside("policies") || codeOwnersPaths.contains(path)
    }
}

extension PolicyFiles {
    /// Whether this path is among the files that ``Policy/read(_:)`` looks at: what stands directly
    /// in `policies/` and is YAML or `allowed_signers`, and the places of CODEOWNERS.
    public static func isRead(_ path: TreePath) -> Bool {
        if codeOwnersPaths.contains(path) { return true }
        guard let name = nameInPolicies(path) else { return false }
        return isYAML(name) || name.elementsEqual("allowed_signers".utf8)
    }

    /// The name of a file directly in `policies/`; nil for any other path.
    static func nameInPolicies(_ path: TreePath) -> ArraySlice<UInt8>? {
        let folder = "policies/".utf8
        guard path.bytes.starts(with: folder) else { return nil }
        let name = path.bytes.dropFirst(folder.count)
        return name.isEmpty || name.contains(UInt8(ascii: "/")) ? nil : name
    }

    /// Whether a name says that the file is YAML, in any spelling: one that gate would not read must
    /// be noticed.
    static func isYAML(_ name: ArraySlice<UInt8>) -> Bool {
        let folded = name.suffix(5).map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
        return folded.suffix(4).elementsEqual(".yml".utf8) || folded.elementsEqual(".yaml".utf8)
    }

    /// Where a key belongs that stands in the wrong file.
    static func home(ofKey key: String) -> String? {
        switch key {
        case "checks", "on_push": "it belongs in policies/checks.yml"
        case "repository", "teams", "aliases", "outsiders": "it belongs in policies/people.yml"
        case _ where ReleaseReader.keys.contains(key): "it belongs in policies/release.yml"
        default: nil
        }
    }
}
