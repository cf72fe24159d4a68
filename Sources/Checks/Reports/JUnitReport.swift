import GitObjects

/// The names of the tests in a JUnit report, as pytest's `--junitxml` and many others write it.
public struct TestNames: Hashable, Sendable {
    /// In the order of the report; a test is `classname.name`.
    public var passed: [String]
    /// Those with a `failure` or an `error`.
    public var failed: [String]
    public var skipped: [String]

    public init(passed: [String] = [], failed: [String] = [], skipped: [String] = []) {
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
    }
}

/// One test of a JUnit report.
public struct TestCase: Hashable, Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        case passed, failed, skipped
    }

    /// `classname.name`, or the name alone.
    public var fullName: String { group.isEmpty ? name : "\(group).\(name)" }
    /// `classname`; empty when it has none.
    public var group: String
    public var name: String
    public var state: State
    /// As the report says it, in seconds; empty when it does not.
    public var seconds: String
    /// Why it failed or was skipped, in one line.
    public var message: String
    /// What else the report says about a failure, the end of it.
    public var details: [UInt8]

    public init(
        group: String = "", name: String, state: State, seconds: String = "",
        message: String = "", details: [UInt8] = []
    ) {
        self.group = group
        self.name = name
        self.state = state
        self.seconds = seconds
        self.message = message
        self.details = details
    }
}

/// What a JUnit report says.
///
/// There is no standard; what is read is what the programs that write it have in common:
/// `testcase` elements with a `name` and often a `classname`, in `testsuite` elements, in
/// `testsuites` or alone.
struct JUnitReport: Hashable, Sendable {
    private(set) var cases: [TestCase] = []
    /// Where tests failed.
    private(set) var findings: [CheckFinding] = []

    /// Bytes of one failure's text that are kept.
    private static let detailsLimit = 16 << 10

    /// Reads a report.
    init(parsing bytes: [UInt8]) throws(XMLError) {
        let root = try XMLReader.root(of: bytes)
        guard root.name == "testsuites" || root.name == "testsuite" else {
            throw XMLError(
                line: 1, problem: "the root element is '\(shown(root.name.utf8))', not 'testsuites'"
            )
        }
        try collect(root)
    }

    var names: TestNames {
        func named(_ state: TestCase.State) -> [String] {
            cases.filter { $0.state == state }.map(\.fullName)
        }
        return TestNames(
            passed: named(.passed), failed: named(.failed), skipped: named(.skipped))
    }

    private mutating func collect(_ element: XMLElement) throws(XMLError) {
        for child in element.children {
            switch child.name {
            case "testsuite": try collect(child)
            case "testcase": try add(child, suite: element.attributes["name"] ?? "")
            default: break
            }
        }
    }

    private mutating func add(_ test: XMLElement, suite: String) throws(XMLError) {
        guard let name = test.attributes["name"] else {
            throw XMLError(line: 1, problem: "a 'testcase' has no name")
        }
        var found = TestCase(
            group: test.attributes["classname"] ?? "", name: name, state: .passed,
            seconds: test.attributes["time"] ?? "")
        let problem =
            test.children.first { $0.name == "failure" || $0.name == "error" }
            ?? test.children.first { $0.name == "skipped" }
        if let problem {
            found.state = problem.name == "skipped" ? .skipped : .failed
            found.message = Self.firstLine(Array((problem.attributes["message"] ?? "").utf8))
            if found.message.isEmpty { found.message = Self.firstLine(problem.text) }
            found.details = problem.text.suffix(Self.detailsLimit)
        }
        cases.append(found)
        guard found.state == .failed else { return }
        findings.append(finding(found, test, isPytest: suite == "pytest"))
    }

    private func finding(
        _ found: TestCase, _ test: XMLElement, isPytest: Bool
    ) -> CheckFinding {
        let file = test.attributes["file"] ?? ""
        var line = test.attributes["line"].flatMap { Int($0) }
        // pytest counts from 0 there, and names the failing line itself in what it prints.
        if isPytest { line = line.flatMap { $0 < .max ? $0 + 1 : nil } }
        if !file.isEmpty, let failing = Self.lastLine(naming: file, in: found.details) {
            line = failing
        }
        return CheckFinding(
            path: file, line: line.flatMap { $0 > 0 ? $0 : nil }, rule: found.fullName,
            message: found.message.isEmpty ? "failed" : found.message)
    }

    /// The number in the last line that begins with `<file>:<number>:`.
    private static func lastLine(naming file: String, in text: [UInt8]) -> Int? {
        let start = Array("\(file):".utf8)
        for line in text.split(separator: 0x0a).reversed() where line.starts(with: start) {
            let digits = line.dropFirst(start.count).prefix { (0x30...0x39).contains($0) }
            if let number = Int(String(decoding: digits, as: UTF8.self)) { return number }
        }
        return nil
    }

    private static func firstLine(_ text: [UInt8]) -> String {
        let line = text.drop { $0 == 0x0a || $0 == 0x20 }.prefix { $0 != 0x0a }
        return String(decoding: line, as: UTF8.self)
    }
}
