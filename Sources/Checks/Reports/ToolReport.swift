import JSON
import Policy

/// What a tool's own report in JSON says: places and what is wrong there.
///
/// Whether the check passed is said by the tool's exit status, which knows the project's
/// configuration (pylint's `fail-under`); the report says where and why.
struct ToolReport: Hashable, Sendable {
    private(set) var findings: [CheckFinding] = []

    /// - Parameters:
    ///   - root: the checked tree's folder, for tools that write absolute paths.
    init(
        parsing bytes: [UInt8], as format: CheckDefinition.ReportFormat, root: [UInt8]
    ) throws(ToolReportError) {
        switch format {
        case .junit: break
        // pylint 2 writes nothing where it has found nothing.
        case .pylint: if !bytes.isEmpty { try readPylint(try Self.json(bytes)) }
        case .ruff: try readRuff(try Self.json(bytes))
        case .mypy: try readMypy(bytes)
        }
        let start = String(decoding: root, as: UTF8.self) + "/"
        for index in findings.indices where findings[index].path.hasPrefix(start) {
            findings[index].path.removeFirst(start.count)
        }
    }

    private static func json(_ bytes: [UInt8]) throws(ToolReportError) -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw ToolReportError(problem: "is no JSON: \(error.description)")
        }
    }

    /// `[{"path", "line", "column", "type", "symbol", "message-id", "message"}]`
    /// (`--output-format=json`), or the same list as `messages` of an object (pylint 3, `json2`);
    /// columns are from 0.
    private mutating func readPylint(_ report: JSON) throws(ToolReportError) {
        guard let messages = report.arrayValue ?? report["messages"]?.arrayValue else {
            throw ToolReportError(problem: "has no list of messages, as pylint's json has")
        }
        for message in messages {
            let severity: CheckFinding.Severity =
                switch message["type"]?.stringValue {
                case "error", "fatal": .error
                default: .warning
                }
            try add(
                message, path: "path", line: message["line"], column: message["column"],
                columnsFrom: 0, rule: "symbol", severity)
        }
    }

    /// `[{"filename", "location": {"row", "column"}, "code", "message"}]`.
    private mutating func readRuff(_ report: JSON) throws(ToolReportError) {
        guard let messages = report.arrayValue else {
            throw ToolReportError(problem: "is not a list, as ruff's json is")
        }
        for message in messages {
            let place = message["location"]
            try add(
                message, path: "filename", line: place?["row"], column: place?["column"],
                columnsFrom: 1, rule: "code", .error)
        }
    }

    /// One `{"file", "line", "column", "message", "code", "severity"}` a line; columns are from 0,
    /// and -1 where there is none.
    private mutating func readMypy(_ bytes: [UInt8]) throws(ToolReportError) {
        for line in bytes.split(separator: 0x0a) {
            let message = try Self.json(Array(line))
            let isNote = message["severity"]?.stringValue == "note"
            try add(
                message, path: "file", line: message["line"], column: message["column"],
                columnsFrom: 0, rule: "code", isNote ? .note : .error)
        }
    }

    private mutating func add(
        _ message: JSON, path: String, line: JSON?, column: JSON?, columnsFrom first: Int,
        rule: String, _ severity: CheckFinding.Severity
    ) throws(ToolReportError) {
        guard let file = message[path]?.stringValue, let text = message["message"]?.stringValue
        else {
            throw ToolReportError(problem: "has an entry without '\(path)' and 'message'")
        }
        func number(_ value: JSON?, from first: Int) -> Int? {
            value?.integerValue.flatMap { Int(exactly: $0) }
                .flatMap { $0 >= first ? $0 - first + 1 : nil }
        }
        findings.append(
            CheckFinding(
                path: file, line: number(line, from: 1),
                column: number(column, from: first), severity: severity,
                rule: message[rule]?.stringValue ?? "", message: text))
    }
}

/// Why a report is not one of its tool's.
struct ToolReportError: Error, Hashable, Sendable {
    /// A clause about the report: "is no JSON: …".
    let problem: String
}
