import YAML

/// `.gate.local.yml` at the root of a developer's worktree, ignored by git: what this developer's
/// pre-push hook runs besides, and what it does not run.
///
/// It is for the local hook alone. What a policy calls a check cannot be redefined here, and what
/// the server asks stays as it is.
public struct LocalChecks: Sendable {
    /// Its name at the root of the worktree.
    public static let file = ".gate.local.yml"
    /// The largest that is read, in bytes.
    public static let sizeLimit = PolicyFile.largestFile
    static let keys = ["checks", "skip"]

    /// Run on every push, in the order of the file.
    public var checks: [CheckDefinition]
    /// Checks that are not run, by name.
    public var skip: [String]

    public init(checks: [CheckDefinition] = [], skip: [String] = []) {
        self.checks = checks
        self.skip = skip
    }

    /// Reads it as strictly as a policy.
    ///
    /// - Parameters:
    ///   - file: What diagnostics call it.
    ///   - policyChecks: The names that the policy has given to checks.
    /// - Throws: ``InvalidPolicy`` with everything that is wrong at once.
    public static func read(
        _ bytes: [UInt8], file: String = LocalChecks.file, policyChecks: Set<String>
    ) throws(InvalidPolicy) -> LocalChecks {
        let log = DiagnosticLog()
        let source = PolicyFile(file: file, log: log)
        var reader = ChecksReader(source)
        var local = LocalChecks()
        if let root = source.root(of: bytes),
            let fields = Fields(root, file, keys: keys, in: source)
        {
            if let node = fields["checks"] {
                local.checks = reader.checks(node)
                reportRedefinitions(node, of: policyChecks, source)
            }
            if let node = fields["skip"] { local.skip = source.lines(node, "skip") ?? [] }
        }
        let names = policyChecks.union(local.checks.map(\.name))
        for reference in reader.references where !names.contains(reference.name) {
            log.report(
                Diagnostic(
                    reference.location,
                    "no check is called \(PolicyFile.shown(reference.name))",
                    hint: Suggestion.hint(for: reference.name, among: names.sorted())))
        }
        try log.throwIfAny()
        return local
    }

    private static func reportRedefinitions(
        _ node: Node, of policyChecks: Set<String>, _ source: PolicyFile
    ) {
        guard case .mapping(let entries) = node.content else { return }
        for entry in entries where policyChecks.contains(entry.key) {
            source.report(
                entry.keyMark,
                "\(PolicyFile.shown(entry.key)) is a check of the policy, which is not redefined "
                    + "here",
                hint: "give it another name; to leave the policy's out: "
                    + "skip: [\(PolicyFile.shown(entry.key))]")
        }
    }
}
