/// The names of the tests in a JUnit report, as pytest's `--junitxml` and many others write it.
///
/// There is no standard; what is read is what they have in common: `testcase` elements with a
/// `name` and often a `classname`, in `testsuite` elements, in `testsuites` or alone.
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

    /// Reads a report.
    init(junit bytes: [UInt8]) throws(XMLError) {
        self.init()
        let root = try XMLReader.root(of: bytes)
        guard root.name == "testsuites" || root.name == "testsuite" else {
            throw XMLError(
                line: 1, problem: "the root element is '\(root.name)', not 'testsuites'")
        }
        try collect(root)
    }

    private mutating func collect(_ element: XMLElement) throws(XMLError) {
        for child in element.children {
            switch child.name {
            case "testsuite": try collect(child)
            case "testcase": try add(child)
            default: break
            }
        }
    }

    private mutating func add(_ test: XMLElement) throws(XMLError) {
        guard let ownName = test.attributes["name"] else {
            throw XMLError(line: 1, problem: "a 'testcase' has no name")
        }
        let parts = [test.attributes["classname"] ?? "", ownName].filter { !$0.isEmpty }
        let name = parts.joined(separator: ".")
        let states = Set(test.children.map(\.name))
        if states.contains("failure") || states.contains("error") {
            failed.append(name)
        } else if states.contains("skipped") {
            skipped.append(name)
        } else {
            passed.append(name)
        }
    }
}
