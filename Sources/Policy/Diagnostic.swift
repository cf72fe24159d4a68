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
