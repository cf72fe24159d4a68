import Policy

/// Lines that GitHub Actions shows beside the code (its documentation, "Workflow commands for
/// GitHub Actions": `::error file={name},line={line},col={column},title={title}::{message}`).
public struct Annotation: Sendable {
    /// More are not shown by GitHub: ten of a kind for each step.
    private static let limit = 10

    /// The lines of an outcome that did not pass, each without a newline.
    public static func lines(for outcome: CheckOutcome) -> [String] {
        let name = outcome.definition.name
        guard outcome.result != .passed, outcome.result != .notRun else { return [] }
        // Errors first: they are what it failed for.
        let findings =
            outcome.findings.filter { $0.severity == .error }
            + outcome.findings.filter { $0.severity == .warning }
        guard !findings.isEmpty else {
            return ["::error title=\(property(name))::" + data(outcome.reason)]
        }
        return findings.prefix(limit).map { finding in
            var properties: [String] = []
            if !finding.path.isEmpty {
                properties.append("file=\(property(finding.path))")
                if let line = finding.line { properties.append("line=\(line)") }
                if let column = finding.column { properties.append("col=\(column)") }
            }
            let rule = finding.rule.isEmpty ? "" : " \(finding.rule)"
            properties.append("title=\(property(name + rule))")
            return "::\(finding.severity == .error ? "error" : "warning") "
                + properties.joined(separator: ",") + "::" + data(finding.message)
        }
    }

    /// As `@actions/core` escapes the text: a newline would begin a command of its own.
    private static func data(_ text: String) -> String {
        escaped(text, [0x25: "%25", 0x0d: "%0D", 0x0a: "%0A"])
    }

    /// As it escapes a property.
    private static func property(_ text: String) -> String {
        escaped(text, [0x25: "%25", 0x0d: "%0D", 0x0a: "%0A", 0x3a: "%3A", 0x2c: "%2C"])
    }

    private static func escaped(_ text: String, _ replacements: [UInt8: String]) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if let replacement = replacements[byte] {
                bytes += Array(replacement.utf8)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
