import Policy

/// A run of checks as JUnit XML, for CI systems that show it: a test suite for each check, with
/// the tests of its own report in it where it wrote one, otherwise itself as the only test.
///
/// Its form is what Jenkins and GitLab read: `testsuites` with `testsuite` with `testcase`, and
/// `failure`, `error` or `skipped` in it.
public struct JUnitDocument: Sendable {
    private let outcomes: [CheckOutcome]

    public init(_ outcomes: [CheckOutcome]) {
        self.outcomes = outcomes
    }

    public var bytes: [UInt8] {
        var text = Array(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gate\">\n".utf8)
        for outcome in outcomes { add(outcome, to: &text) }
        text += Array("</testsuites>\n".utf8)
        return text
    }

    private func add(_ outcome: CheckOutcome, to text: inout [UInt8]) {
        let tests = entries(of: outcome)
        func count(_ element: String) -> Int { tests.count { $0.problem?.element == element } }
        text += Array("  <testsuite".utf8)
        attribute("name", outcome.definition.name, &text)
        attribute("tests", String(tests.count), &text)
        attribute("failures", String(count("failure")), &text)
        attribute("errors", String(count("error")), &text)
        attribute("skipped", String(count("skipped")), &text)
        attribute("time", Self.seconds(outcome.milliseconds), &text)
        // xs:dateTime without a zone is what the common schemas want.
        attribute("timestamp", String(outcome.startedOn.prefix { $0 != "Z" }), &text)
        text += Array(">\n".utf8)
        if outcome.isCached {
            text += Array(
                "    <properties><property name=\"cached\" value=\"true\"/></properties>\n".utf8)
        }
        for test in tests { add(test, &text) }
        text += Array("  </testsuite>\n".utf8)
    }

    private struct Entry {
        var group: String
        var name: String
        var seconds: String
        var problem: (element: String, message: String, details: [UInt8])?
    }

    private func entries(of outcome: CheckOutcome) -> [Entry] {
        var entries = outcome.cases.map { test in
            Entry(
                group: test.group, name: test.name, seconds: test.seconds,
                problem: test.state == .passed
                    ? nil
                    : (
                        test.state == .failed ? "failure" : "skipped", test.message, test.details
                    ))
        }
        let isTold =
            outcome.result == .failed && entries.contains { $0.problem?.element == "failure" }
        // Also a check whose tests all passed can fail.
        if entries.isEmpty || !(outcome.result == .passed || isTold) {
            let name = outcome.definition.name
            entries.append(
                Entry(
                    group: "", name: name, seconds: Self.seconds(outcome.milliseconds),
                    problem: problem(of: outcome)))
        }
        return entries
    }

    private func problem(
        of outcome: CheckOutcome
    ) -> (element: String, message: String, details: [UInt8])? {
        let element: String
        switch outcome.result {
        case .passed: return nil
        case .failed: element = "failure"
        case .timedOut, .couldNotRun: element = "error"
        case .notRun: element = "skipped"
        }
        let findings = outcome.findings.flatMap { Array(($0.text + "\n").utf8) }
        return (element, outcome.reason, findings + outcome.outputTail)
    }

    private func add(_ test: Entry, _ text: inout [UInt8]) {
        text += Array("    <testcase".utf8)
        attribute("classname", test.group, &text)
        attribute("name", test.name, &text)
        if !test.seconds.isEmpty { attribute("time", test.seconds, &text) }
        guard let problem = test.problem else {
            text += Array("/>\n".utf8)
            return
        }
        text += Array("><\(problem.element)".utf8)
        attribute("message", problem.message, &text)
        text.append(UInt8(ascii: ">"))
        text += Self.escaped(problem.details)
        text += Array("</\(problem.element)></testcase>\n".utf8)
    }

    private func attribute(_ name: String, _ value: String, _ text: inout [UInt8]) {
        text += Array(" \(name)=\"".utf8) + Self.escaped(Array(value.utf8)) + [UInt8(ascii: "\"")]
    }

    private static func seconds(_ milliseconds: Int) -> String {
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    /// As text or a quoted value: what XML 1.0 cannot hold at all (control characters, U+FFFE)
    /// becomes U+FFFD, as does what is not UTF-8.
    static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "&": text += Array("&amp;".utf8)
            case "<": text += Array("&lt;".utf8)
            case ">": text += Array("&gt;".utf8)
            case "\"": text += Array("&quot;".utf8)
            case "\t", "\n", "\r": text += Array("&#\(scalar.value);".utf8)
            default:
                let isAllowed =
                    scalar.value >= 0x20 && scalar.value != 0xfffe && scalar.value != 0xffff
                text += Array(String(isAllowed ? scalar : "\u{fffd}").utf8)
            }
        }
        return text
    }
}

extension CheckFinding {
    /// `path:line:column: message [rule]`, as compilers write it and editors read it.
    public var text: String {
        var place = path
        if !place.isEmpty, let line {
            place += ":\(line)"
            if let column { place += ":\(column)" }
        }
        return (place.isEmpty ? "" : place + ": ") + message
            + (rule.isEmpty || message.isEmpty ? "" : " [\(rule)]")
    }
}
