public import GitObjects
public import JSON
import Policy

/// What a run of checks leaves for `gate attest`: which tree, which checks, what came of them.
///
/// It is not signed and proves nothing by itself: it carries the result from where the code under
/// test ran to where the key is. The form is documented in docs/reference/check-report.md.
public struct CheckReport: Hashable, Sendable {
    /// The value of `schemaVersion`.
    public static let version: Int64 = 1
    /// The largest report that is read, in bytes.
    public static let sizeLimit = 64 << 20

    /// One check's result.
    public struct Entry: Hashable, Sendable {
        public enum Result: String, Hashable, Sendable, CaseIterable {
            case passed, failed
            case timedOut = "timed_out"
            case couldNotRun = "could_not_run"
            case notRun = "not_run"
        }

        public var name: String
        /// `CheckDefinition.digest` of the definition that ran.
        public var definition: String
        public var result: Result
        public var reason: String
        public var startedOn: String
        public var finishedOn: String
        public var milliseconds: Int
        /// Whether it did not run for this report, but passed earlier on the same inputs: then it
        /// is nothing to sign.
        public var isCached: Bool
        public var passedTests: [String]
        public var failedTests: [String]
        public var skippedTests: [String]
    }

    /// `People.repository` of the policy; nil where there is none.
    public var repository: String?
    /// nil for a merge result that was no commit.
    public var commit: ObjectID?
    public var tree: ObjectID
    /// `linux-x86_64`, `macos-arm64`.
    public var platform: String
    public var checks: [Entry]

    public init(
        repository: String?, subject: CheckedTree, outcomes: [CheckOutcome],
        platform: String = CheckReport.platform
    ) {
        self.repository = repository
        commit = subject.commit
        tree = subject.tree
        self.platform = platform
        checks = outcomes.map(Entry.init)
    }

    /// The system that this program was built for.
    public static var platform: String {
        #if os(macOS)
            let system = "macos"
        #else
            let system = "linux"
        #endif
        #if arch(arm64)
            return system + "-arm64"
        #else
            return system + "-x86_64"
        #endif
    }
}

extension CheckReport.Entry {
    init(_ outcome: CheckOutcome) {
        name = outcome.definition.name
        definition = outcome.definition.digest
        result =
            switch outcome.result {
            case .passed: .passed
            case .failed: .failed
            case .timedOut: .timedOut
            case .couldNotRun: .couldNotRun
            case .notRun: .notRun
            }
        reason = outcome.reason
        startedOn = outcome.startedOn
        finishedOn = outcome.finishedOn
        milliseconds = outcome.milliseconds
        isCached = outcome.isCached
        passedTests = outcome.tests?.passed ?? []
        failedTests = outcome.tests?.failed ?? []
        skippedTests = outcome.tests?.skipped ?? []
    }
}

// MARK: Writing

extension CheckReport {
    /// The report as JSON.
    public var json: JSON {
        [
            "schemaVersion": .integer(Self.version), "kind": "CheckReport",
            "repository": JSON(repository), "commit": JSON(commit?.hex), "tree": JSON(tree.hex),
            "platform": JSON(platform), "checks": JSON(checks.map(\.json)),
        ]
    }

    /// The same with what each check complains of (`findings`), for whoever shows it.
    public func json(with outcomes: [CheckOutcome]) -> JSON {
        var entries: [JSON] = []
        for (entry, outcome) in zip(checks, outcomes) {
            var members = entry.json.objectValue ?? JSON.Object()
            members["findings"] = JSON(outcome.findings.map(\.json))
            entries.append(JSON(members))
        }
        var members = json.objectValue ?? JSON.Object()
        members["checks"] = JSON(entries)
        return JSON(members)
    }

    /// The file: the canonical form and a newline.
    public var bytes: [UInt8] { json.canonical() + [0x0a] }

    /// Writes the file whole or not at all, in place of what is there.
    public func write(to path: String) throws(GitError) {
        let partial = Folder(path + ".partial")
        try partial.remove()
        try partial.write(bytes)
        try partial.move(to: Folder(path))
    }
}

extension CheckReport.Entry {
    fileprivate var json: JSON {
        [
            "name": JSON(name), "definition": JSON(definition), "result": JSON(result.rawValue),
            "reason": JSON(reason), "startedOn": JSON(startedOn), "finishedOn": JSON(finishedOn),
            "milliseconds": JSON(milliseconds), "cached": JSON(isCached),
            "passedTests": JSON(passedTests),
            "failedTests": JSON(failedTests), "skippedTests": JSON(skippedTests),
        ]
    }
}
