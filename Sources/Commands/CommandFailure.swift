import Evidence
import Files
import GitObjects
import Ledger
import Policy
import Spawn

/// Why a command did not do what was asked, as the user reads it: what and where, why, and the
/// next command.
struct CommandFailure: Error {
    let exitCode: Int32
    /// One sentence without a full stop.
    let message: String
    /// Further lines.
    let details: [String]
    /// The next command, or a sentence.
    let hint: String?

    private init(_ exitCode: Int32, _ message: String, _ details: [String], _ hint: String?) {
        self.exitCode = exitCode
        self.message = message
        self.details = details
        self.hint = hint
    }

    /// Refused, or a check failed: 1.
    static func refused(
        _ message: String, details: [String] = [], hint: String? = nil
    ) -> CommandFailure {
        CommandFailure(1, message, details, hint)
    }

    /// Bad usage or bad policy: 2.
    static func usage(
        _ message: String, details: [String] = [], hint: String? = nil
    ) -> CommandFailure {
        CommandFailure(2, message, details, hint)
    }

    /// Could not decide or do it: 3.
    static func undetermined(
        _ message: String, details: [String] = [], hint: String? = nil
    ) -> CommandFailure {
        CommandFailure(3, message, details, hint)
    }

    init(_ error: GitError) {
        // Called in a wrong place is called wrong; whatever else could not be read is an error.
        self.init(error.kind == .noRepository ? 2 : 3, error.description, [], error.hint)
    }

    init(_ error: SpawnError) {
        self.init(
            3, error.description, [],
            error.isMissing ? "install \(error.program) and say it again" : nil)
    }

    init(_ error: FileError) {
        self.init(3, shown(error.description.utf8), [], nil)
    }

    init(_ error: EvidenceError) {
        self.init(3, "the statement \(error.problem)", [], nil)
    }

    init(_ error: LedgerError) {
        switch error {
        case .refused(let message):
            let lines = message.split(separator: "\n").map(String.init)
            self.init(1, "the server refused the evidence", lines, nil)
        case .badKey: self.init(2, error.description, [], error.hint)
        case .busy, .cannotSign, .git:
            self.init(3, error.description, [], error.hint)
        }
    }

    /// The failure behind an error of any room; nil for one of the argument parser's.
    init?(translating error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as GitError: self.init(error)
        case let error as SpawnError: self.init(error)
        case let error as FileError: self.init(error)
        case let error as EvidenceError: self.init(error)
        case let error as LedgerError: self.init(error)
        case let error as InvalidPolicy: self.init(error)
        default: return nil
        }
    }

    init(_ error: InvalidPolicy) {
        let count = error.diagnostics.count
        self.init(
            2, "the policy is not valid: \(count) \(count == 1 ? "problem" : "problems")",
            error.diagnostics.map { shown($0.description.utf8) }, "gate policy validate")
    }

    func show() {
        Screen.note("gate: \(message)")
        for line in details { Screen.note("  \(line)") }
        if let hint { Screen.note("  \(hint)") }
    }
}
