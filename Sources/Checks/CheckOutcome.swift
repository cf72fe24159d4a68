public import Policy

/// What one run of one check came to.
public struct CheckOutcome: Hashable, Sendable {
    public enum Result: Hashable, Sendable {
        case passed
        case failed
        /// It was ended after `CheckDefinition.timeout` seconds.
        case timedOut
        /// It says nothing about the tree: the command does not exist, or its report is not one.
        case couldNotRun
        /// It was not begun or was ended before its time: a check that it needs has not passed, or
        /// another failed and the run was to end then.
        case notRun
    }

    public var definition: CheckDefinition
    public var result: Result
    /// Why, as a clause: "exit status 1", "2 of 14 tests failed". Empty when it passed.
    public var reason: String
    /// RFC 3339, UTC.
    public var startedOn: String
    public var finishedOn: String
    public var milliseconds: Int
    /// The tests by name, when the check writes a report of them.
    public var tests: TestNames?
    /// The same tests with all that the report says of them.
    public var cases: [TestCase]
    /// What its report complains of, place by place.
    public var findings: [CheckFinding]
    /// The end of what it wrote, both streams as they came.
    public var outputTail: [UInt8]
    /// Whether it wrote more than the tail.
    public var isOutputCut: Bool
    /// Whether it was not run now, but passed earlier on the same inputs: then all of this is of
    /// that run. Such an outcome is no evidence.
    public var isCached: Bool

    public init(
        definition: CheckDefinition, result: Result, reason: String = "", startedOn: String,
        finishedOn: String, milliseconds: Int, tests: TestNames? = nil, cases: [TestCase] = [],
        findings: [CheckFinding] = [], outputTail: [UInt8] = [], isOutputCut: Bool = false,
        isCached: Bool = false
    ) {
        self.definition = definition
        self.result = result
        self.reason = reason
        self.startedOn = startedOn
        self.finishedOn = finishedOn
        self.milliseconds = milliseconds
        self.tests = tests
        self.cases = cases
        self.findings = findings
        self.outputTail = outputTail
        self.isOutputCut = isOutputCut
        self.isCached = isCached
    }
}

extension CheckOutcome {
    /// A check that was not begun.
    init(notRun definition: CheckDefinition, because reason: String) {
        let now = Moment().timestamp
        self.init(
            definition: definition, result: .notRun, reason: reason, startedOn: now,
            finishedOn: now, milliseconds: 0)
    }
}

/// One complaint of a tool about one place.
public struct CheckFinding: Hashable, Sendable {
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        case error, warning, note
    }

    /// From the root of the tree; empty when it is about none.
    public var path: String
    /// From 1; nil when it is about the whole file.
    public var line: Int?
    /// From 1.
    public var column: Int?
    public var severity: Severity
    /// The tool's name of the rule: `missing-docstring`, `arg-type`, a test's name.
    public var rule: String
    public var message: String

    public init(
        path: String, line: Int? = nil, column: Int? = nil, severity: Severity = .error,
        rule: String = "", message: String
    ) {
        self.path = path
        self.line = line
        self.column = column
        self.severity = severity
        self.rule = rule
        self.message = message
    }
}

/// What a runner tells while it runs.
public enum CheckEvent: Sendable {
    /// Something about the tree that a check cannot see, said once: submodules, files kept
    /// outside git. A whole sentence.
    case note(String)
    /// What is going to run, in this order, and how many milliseconds each took the last time; nil
    /// when it has not run here yet. Comes once, behind the outcomes from the cache.
    case planned([(check: CheckDefinition, milliseconds: Int?)])
    /// The worktree in which the check will run is the tree; how long that took.
    case moved(CheckDefinition, microseconds: Int)
    case started(CheckDefinition)
    /// A piece of the check's output, ending anywhere.
    case output(CheckDefinition, ArraySlice<UInt8>)
    /// A moment has gone by: whoever shows a clock moves it on.
    case tick
    case finished(CheckOutcome)
}
