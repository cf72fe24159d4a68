import GitObjects
import JSON
import Policy
import Testing

@testable import Checks

@Suite struct JUnitReportTests {
    @Test func readsWhatPytestWrites() throws {
        let report = """
            <?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="1"
             failures="1" skipped="1" tests="4" time="0.1"><testcase classname="tests.test_pay"
             name="test_cad" time="0.001"/><testcase classname="tests.test_pay" name="test_a[&lt;&#233;&gt;]">
            <failure message="assert 1 == 2&#10;">def test():  &gt; <![CDATA[<x>]]></failure></testcase>
            <testcase classname="" name="test_err"><error/></testcase><!-- c --><testcase
             classname="t" name="s"><skipped type="pytest.skip"/><system-out>x</system-out></testcase>
            </testsuite></testsuites>\n
            """
        let names = try JUnitReport(parsing: Array(report.utf8)).names
        #expect(
            names
                == TestNames(
                    passed: ["tests.test_pay.test_cad"],
                    failed: ["tests.test_pay.test_a[<é>]", "test_err"], skipped: ["t.s"]))
    }

    @Test(arguments: [
        ("", 1, "expected an element"), ("text", 1, "expected an element"),
        ("<testsuite>", 1, "ends inside '<testsuite>'"),
        ("<testsuite>\n</suite>", 2, "'</suite>' closes '<testsuite>'"),
        ("<a/>", 1, "the root element is 'a', not 'testsuites'"),
        ("<testsuite/><testsuite/>", 1, "more text behind the root element"),
        ("<testsuite a='1' a='2'/>", 1, "the attribute a stands twice"),
        ("<testsuite a=1/>", 1, "expected a quoted value"),
        ("<testsuite a='&x;'/>", 1, "the entity '&x;' is not known"),
        ("<testsuite a='&#0;'/>", 1, "the entity '&#0;' is not known"),
        ("<testsuite><testcase/></testsuite>", 1, "a 'testcase' has no name"),
        (
            "<!DOCTYPE a [<!ENTITY x 'y'>]><testsuite/>", 1,
            "a document type, which is not read"
        ),
        (
            String(repeating: "<testsuite>", count: 65), 1,
            "more than 64 elements inside one another"
        ),
    ])
    func refusesTheRest(_ text: String, _ line: Int, _ problem: String) {
        #expect(throws: XMLError(line: line, problem: problem)) {
            try JUnitReport(parsing: Array(text.utf8))
        }
    }

    /// pytest counts lines from 0; whoever wrote this one did not.
    @Test func aLineBeyondAllFiles() throws {
        let report = """
            <testsuite name="pytest"><testcase name="a" file="x.py" line="9223372036854775807">
            <failure/></testcase></testsuite>
            """
        let findings = try JUnitReport(parsing: Array(report.utf8)).findings
        #expect(findings.map(\.line) == [nil])
    }

    @Test func whatItSaysOfNamesIsSafeToShow() {
        #expect(throws: XMLError(line: 1, problem: "the entity '&\\x1b[2J;' is not known")) {
            try JUnitReport(parsing: Array("<testsuite>&\u{1b}[2J;</testsuite>".utf8))
        }
        #expect(throws: XMLError(line: 1, problem: "ends inside '<a\\u{202e}>'")) {
            try JUnitReport(parsing: Array("<a\u{202e}>".utf8))
        }
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(throws: XMLError.self) {
            try JUnitReport(parsing: Array("<testsuite name='".utf8) + [0xff] + Array("'/>".utf8))
        }
    }
}

@Suite struct PylintReportTests {
    private static let message =
        "{\"type\":\"warning\",\"path\":\"/w/a.py\",\"line\":3,\"column\":0,"
        + "\"symbol\":\"unused-import\",\"message\":\"Unused import os\"}"

    @Test(arguments: ["[\(message)]", "{\"messages\":[\(message)],\"statistics\":{}}"])
    func readsBothFormsOfItsReport(_ text: String) throws {
        let report = try ToolReport(
            parsing: Array(text.utf8), as: .pylint, root: Array("/w".utf8))
        #expect(
            report.findings == [
                CheckFinding(
                    path: "a.py", line: 3, column: 1, severity: .warning, rule: "unused-import",
                    message: "Unused import os")
            ])
    }

    /// pylint 2 writes nothing where it has found nothing.
    @Test(arguments: ["", "[]", "{\"messages\":[]}"])
    func readsThatNothingWasFound(_ text: String) throws {
        #expect(try ToolReport(parsing: Array(text.utf8), as: .pylint, root: []).findings == [])
    }

    @Test(arguments: ["{}", "3", "[{}]", "x"])
    func refusesTheRest(_ text: String) {
        #expect(throws: ToolReportError.self) {
            try ToolReport(parsing: Array(text.utf8), as: .pylint, root: [])
        }
    }
}

@Suite struct CheckReportTests {
    private func report() throws -> CheckReport {
        let bench = try Bench()
        let subject = try bench.commit("echo 1 >file")
        let junit = "<testsuite><testcase name='b'/><testcase name='a'/></testsuite>"
        let outcomes = try bench.run(
            check("printf %s \"\(junit)\" >$GATE_REPORT", name: "unit", report: .junit),
            check("exit 1", name: "pylint"), check("nothing-here", name: "mypy"),
            check("sleep 9", name: "slow", timeout: 1), on: subject)
        return CheckReport(repository: "wrk/system", subject: subject, outcomes: outcomes)
    }

    @Test func comesBackAsItWasWritten() throws {
        let bench = try Bench()
        let report = try report()
        #expect(
            report.checks.map(\.result) == [.passed, .failed, .couldNotRun, .timedOut])
        #expect(report.checks[0].passedTests == ["b", "a"])
        let path = bench.folder + "/report.json"
        try report.write(to: path)
        #expect(try CheckReport(readingFrom: path) == report)
        #expect(try bench.shell("ls") == "home\nreport.json\nsystem\n")
        let python =
            "import json,sys; v=json.load(open('report.json')); print(v['kind'], v['checks'][0]['result'],"
            + " open('report.json').read() == json.dumps(v, sort_keys=True, separators=(',', ':'),"
            + " ensure_ascii=False) + chr(10))"
        #expect(try bench.shell("python3 -c \"\(python)\"") == "CheckReport passed True\n")
    }

    @Test func withoutRepositoryAndCommitToo() throws {
        let tree = ObjectID.emptyTree
        let report = CheckReport(
            repository: nil, subject: CheckedTree(tree: tree), outcomes: [],
            platform: "linux-x86_64")
        #expect(try CheckReport(parsing: report.bytes) == report)
    }

    private static let entry =
        "{\"cached\":false,\"definition\":\"\(String(repeating: "a", count: 64))\",\"failedTests\":[],\"finishedOn\":\"x\","
        + "\"milliseconds\":1,\"name\":\"unit\",\"passedTests\":[],\"reason\":\"\","
        + "\"result\":\"passed\",\"skippedTests\":[],\"startedOn\":\"x\"}"
    private static let good =
        "{\"checks\":[\(entry)],\"commit\":null,\"kind\":\"CheckReport\",\"platform\":\"p\","
        + "\"repository\":null,\"schemaVersion\":1,\"tree\":\"\(ObjectID.emptyTree.hex)\"}"

    @Test func theTemplateOfTheseTestsIsGood() throws {
        #expect(try CheckReport(parsing: Array(Self.good.utf8)).checks.map(\.name) == ["unit"])
    }

    @Test(arguments: [
        ("\"schemaVersion\":1", "\"schemaVersion\":2", "schemaVersion is 2, and this gate reads 1"),
        ("\"kind\":\"CheckReport\"", "\"kind\":\"Other\"", "kind is not 'CheckReport'"),
        (
            "\"commit\":null", "\"commit\":\"master\"",
            "'commit' of the report is not an object id or null"
        ),
        ("\"platform\":\"p\",", "", "the report has no member 'platform'"),
        (
            "\"platform\":\"p\"", "\"platform\":\"p\",\"extra\":1",
            "the report has a member 'extra', which is not known"
        ),
        (
            "\"result\":\"passed\"", "\"result\":\"maybe\"",
            "checks[0].result is 'maybe', not one of passed, failed, timed_out, could_not_run, not_run"
        ),
        ("\"milliseconds\":1", "\"milliseconds\":-1", "checks[0].milliseconds is negative"),
        ("\"failedTests\":[]", "\"failedTests\":[\"x\"]", "checks[0] passed and has failed tests"),
        (
            "\"failedTests\":[]", "\"failedTests\":[1]",
            "'failedTests' of checks[0] is not a list of strings"
        ),
        (
            "\"definition\":\"a", "\"definition\":\"A",
            "checks[0].definition is not 64 hexadecimal digits in lower case"
        ),
        ("\"checks\":[", "\"checks\":[\(entry),", "a check stands twice in it"),
        ("{\"checks\"", "[{\"checks\"", "byte "),
    ])
    func refusesWhatIsNotExactlyOne(_ from: String, _ to: String, _ problem: String) throws {
        let start = try #require(Self.good.firstRange(of: from))
        let text = Self.good.replacingCharacters(start, with: to)
        let error = #expect(throws: CheckReportError.self) {
            try CheckReport(parsing: Array(text.utf8))
        }
        let said = try #require(error?.problem)
        #expect(problem == "byte " ? said.hasPrefix(problem) : said == problem)
    }

    @Test func aMissingFileIsSaidAndHowToMakeOne() throws {
        let bench = try Bench()
        let error = #expect(throws: GitError.self) {
            try CheckReport(readingFrom: bench.folder + "/none.json")
        }
        #expect(error?.kind == .notFound)
        #expect(error?.hint?.contains("gate check --report") == true)
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<String.Index>, with text: String) -> String
    {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}
