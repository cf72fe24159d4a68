import YAML

/// Everything that is found wrong while a policy is read.
final class DiagnosticLog {
    /// More than anybody reads at once; a file of a million mistakes must not cost a minute.
    static let most = 100

    private var found: Set<Diagnostic> = []

    var isEmpty: Bool { found.isEmpty }
    /// Whether there is room for more: what finds a hint need not be asked when there is none.
    var isFull: Bool { found.count >= Self.most }

    func report(_ diagnostic: Diagnostic) {
        guard !isFull else { return }
        found.insert(diagnostic)
    }

    /// What was found, by file, line and column.
    var diagnostics: [Diagnostic] {
        found.sorted {
            ($0.location.file, $0.location.line, $0.location.column, $0.message)
                < ($1.location.file, $1.location.line, $1.location.column, $1.message)
        }
    }
}

/// One file of the policy, and where to say what is wrong in it.
struct PolicyFile {
    /// Bytes of a file that is read.
    static let largestFile = 1 << 20

    let file: String
    let log: DiagnosticLog

    func location(_ mark: Mark) -> SourceLocation {
        SourceLocation(file: file, line: mark.line, column: mark.column)
    }

    func location(line: Int, column: Int = 1) -> SourceLocation {
        SourceLocation(file: file, line: line, column: column)
    }

    func report(_ mark: Mark, _ message: String, hint: String? = nil) {
        log.report(Diagnostic(location(mark), message, hint: hint))
    }

    func report(line: Int, column: Int = 1, _ message: String, hint: String? = nil) {
        log.report(Diagnostic(location(line: line, column: column), message, hint: hint))
    }

    /// The root of a YAML file; nil, and reported, when there is none.
    func root(of bytes: [UInt8]) -> Node? {
        do throws(YAMLError) {
            if let root = try Node.read(bytes, limits: Limits(size: Self.largestFile)) {
                return root
            }
            report(
                line: 1, "the file says nothing",
                hint: "remove it, or take one of policies/templates/")
        } catch {
            report(error.mark, error.problem, hint: error.hint)
        }
        return nil
    }
}
