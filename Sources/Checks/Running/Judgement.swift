import GitObjects
import Policy
import Spawn

/// What a check's end and its report come to.
struct Judgement {
    private(set) var result: CheckOutcome.Result
    private(set) var reason: String
    private(set) var tests: TestNames?
    private(set) var cases: [TestCase] = []
    private(set) var findings: [CheckFinding] = []

    /// The largest report that is read, in bytes.
    static let reportLimit = 64 << 20

    init(
        of check: CheckDefinition, _ ended: Result<Child.Termination, SpawnError>, report: Folder,
        root: Folder, stopReason: String
    ) {
        switch ended {
        case .failure(let error): (result, reason) = (.couldNotRun, error.description)
        case .success(.timedOut):
            (result, reason) = (.timedOut, "not done after \(check.timeout) s")
        case .success(.stopped): (result, reason) = (.notRun, "ended: \(stopReason)")
        case .success(.signalled(let signal)):
            (result, reason) = (.failed, "ended by signal \(signal)")
        // sh(1): the command was found and may not be executed, or was not found.
        case .success(.exited(126)), .success(.exited(127)):
            (result, reason) = (.couldNotRun, "its command could not be run")
        case .success(.exited(let status)):
            (result, reason) = status == 0 ? (.passed, "") : (.failed, "exit status \(status)")
            if let format = check.report { read(report, as: format, root, status: status) }
        }
    }

    /// A check that promises a report passes only when the report is there and can be read, and
    /// says so too. One that fails may leave none: its tool had no chance to write it.
    private mutating func read(
        _ report: Folder, as format: CheckDefinition.ReportFormat, _ root: Folder, status: Int32
    ) {
        do throws(GitError) {
            guard let bytes = try report.read(limit: Self.reportLimit) else {
                if status == 0 {
                    (result, reason) = (.couldNotRun, "it wrote no report to $GATE_REPORT")
                }
                return
            }
            read(bytes, as: format, root, status: status)
        } catch {
            fail("its report \(error.problem)", status: status)
        }
    }

    private mutating func read(
        _ bytes: [UInt8], as format: CheckDefinition.ReportFormat, _ root: Folder, status: Int32
    ) {
        guard format == .junit else {
            do throws(ToolReportError) {
                findings = try ToolReport(parsing: bytes, as: format, root: root.path).findings
                let count = findings.count { $0.severity != .note }
                if result == .failed, count > 0 {
                    reason = count == 1 ? "1 finding" : "\(count) findings"
                }
            } catch {
                // A tool that broke down says so on its output: the status is the better reason.
                if status == 0 {
                    fail("its report \(error.problem)", status: status)
                }
            }
            return
        }
        do throws(XMLError) {
            let read = try JUnitReport(parsing: bytes)
            (tests, cases, findings) = (read.names, read.cases, read.findings)
            let failed = cases.count { $0.state == .failed }
            if failed > 0 {
                (result, reason) = (.failed, "\(failed) of \(cases.count) tests failed")
            }
        } catch {
            fail(
                "its report is no JUnit XML: line \(error.line): \(error.problem)", status: status)
        }
    }

    private mutating func fail(_ problem: String, status: Int32) {
        (result, reason) = (status == 0 ? .couldNotRun : .failed, problem)
    }
}
