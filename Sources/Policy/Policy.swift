public import GitObjects

/// Everything that `policies/` and CODEOWNERS at one commit of the default branch say.
public struct Policy: Sendable {
    /// All rulesets of all files, in the order of file name and position.
    public var rulesets: [Ruleset]
    /// What a check is, in the order of `policies/checks.yml`.
    public var checks: [CheckDefinition]
    /// The checks that the local pre-push hook runs (`on_push`).
    public var onPush: [String]
    public var people: People
    public var signers: AllowedSigners
    /// The CODEOWNERS file that GitHub would read; nil when there is none.
    public var codeOwners: CodeOwners?
    /// `policies/release.yml`; nil when there is none.
    public var release: ReleasePolicy?

    public init(
        rulesets: [Ruleset], checks: [CheckDefinition], onPush: [String], people: People,
        signers: AllowedSigners, codeOwners: CodeOwners?, release: ReleasePolicy? = nil
    ) {
        self.rulesets = rulesets
        self.checks = checks
        self.onPush = onPush
        self.people = people
        self.signers = signers
        self.codeOwners = codeOwners
        self.release = release
    }

    /// The rulesets whose patterns match this ref, `disabled` ones left out.
    public func rulesets(for ref: RefName) -> [Ruleset] {
        rulesets.filter { $0.enforcement != .disabled && $0.matches(ref) }
    }

    /// Whether an active ruleset matches this ref.
    public func isProtected(_ ref: RefName) -> Bool {
        rulesets.contains { $0.enforcement == .active && $0.matches(ref) }
    }

    /// The definition of the check with this name.
    public func check(named name: String) -> CheckDefinition? {
        checks.first { $0.name == name }
    }

    /// The checks with these names and all that they need, in the order of `checks.yml`; names
    /// that are no check's are passed over.
    public func checks(named names: [String]) -> [CheckDefinition] {
        var wanted: Set<String> = []
        var open = names
        while let name = open.popLast() {
            guard wanted.insert(name).inserted, let check = check(named: name) else { continue }
            open += check.needs
        }
        return checks.filter { wanted.contains($0.name) }
    }
}
