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
    }

    public var definition: CheckDefinition
    public var result: Result
    /// Why, as a clause: "exit status 1", "2 of 14 tests failed". Empty when it passed.
    public var reason: String
    /// RFC 3339, UTC.
    public var startedOn: String
    public var finishedOn: String
    public var milliseconds: Int
    /// The tests by name, when the check writes a report.
    public var tests: TestNames?
    /// The end of what it wrote, both streams as they came.
    public var outputTail: [UInt8]
    /// Whether it wrote more than the tail.
    public var isOutputCut: Bool

    public init(
        definition: CheckDefinition, result: Result, reason: String = "", startedOn: String,
        finishedOn: String, milliseconds: Int, tests: TestNames? = nil, outputTail: [UInt8] = [],
        isOutputCut: Bool = false
    ) {
        self.definition = definition
        self.result = result
        self.reason = reason
        self.startedOn = startedOn
        self.finishedOn = finishedOn
        self.milliseconds = milliseconds
        self.tests = tests
        self.outputTail = outputTail
        self.isOutputCut = isOutputCut
    }
}

/// What a runner tells while it runs.
public enum CheckEvent: Sendable {
    /// Something about the tree that a check cannot see, said once: submodules, files kept
    /// outside git. A whole sentence.
    case note(String)
    case started(CheckDefinition)
    /// A piece of the check's output, ending anywhere.
    case output(CheckDefinition, ArraySlice<UInt8>)
    case finished(CheckOutcome)
}
