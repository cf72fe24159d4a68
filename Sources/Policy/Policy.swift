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

    public init(
        rulesets: [Ruleset], checks: [CheckDefinition], onPush: [String], people: People,
        signers: AllowedSigners, codeOwners: CodeOwners?
    ) {
        self.rulesets = rulesets
        self.checks = checks
        self.onPush = onPush
        self.people = people
        self.signers = signers
        self.codeOwners = codeOwners
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
}

/// Where something stands in a policy file; lines and columns count from 1.
public struct SourceLocation: Hashable, Sendable {
    public let file: String
    public let line: Int
    public let column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

/// Something wrong in the policy: shown as `policies/master.yml:12:7: unknown key …`.
public struct Diagnostic: Error, Hashable, Sendable, CustomStringConvertible {
    public let location: SourceLocation
    public let message: String
    /// What was probably meant, or what to do.
    public let hint: String?

    public init(_ location: SourceLocation, _ message: String, hint: String? = nil) {
        self.location = location
        self.message = message
        self.hint = hint
    }

    public var description: String {
        let position = "\(location.file):\(location.line):\(location.column): \(message)"
        return hint.map { "\(position) (\($0))" } ?? position
    }
}

/// All diagnostics of a policy that is not valid; never empty.
public struct InvalidPolicy: Error, Sendable {
    public let diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }
}
