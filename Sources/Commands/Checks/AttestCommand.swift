import ArgumentParser
import Checks
import Enforcement
import Evidence
import Git
import GitObjects
import JSON
import Policy

/// `gate attest`: signs the report of a run.
struct AttestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Signs a report of checks, so that its results count.",
        discussion: """
            A step of its own, so that the code under test never runs beside the key. FILE is what \
            gate check --report wrote. Each check in it becomes one signed test result on the \
            checked tree. Name with --rev what should have been checked: a report on anything else \
            is not signed, whatever code had its hands on it.

            Example:
              gate check --rev fix-payout --report report.json
              gate attest report.json --push --rev fix-payout

            Exit codes: 0 signed, 1 the report does not count here, 2 there is no such file, key or \
            commit, 3 could not sign or push.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("The report.", valueName: "file"))
    var report: String

    @Flag(
        help: "Push the results; without it they wait in this clone for the next push of evidence.")
    var push = false

    @Option(help: ArgumentHelp("The SSH key to sign with.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("Sign only a report on this commit.", valueName: "rev"))
    var rev: String?

    @Option(help: "Sign only a report on what merging --rev into this branch of the server gives.")
    var onto: String?

    func validate() throws {
        if onto != nil, rev == nil { throw ValidationError("--onto goes with --rev") }
    }

    func run() throws {
        let report = try readReport()
        let workplace = try Workplace(at: global.directory, branches: [onto])
        try requireSubject(of: report, in: workplace)
        let results = try AttestableResults(report, under: workplace.policy)
        let scribe = try Scribe(
            workplace, namespace: TestResult.namespace, key: key.map(global.path))
        guard workplace.policy.checkSigners().contains(scribe.principal) else {
            let signers = workplace.policy.checkSigners().sorted()
            throw CommandFailure.refused(
                "\(shown(scribe.principal.name.utf8)) is nobody whose test results count",
                details: ["those who may sign them: \(Checklist.names(signers))"],
                hint: "sign with their key: gate attest \(shellWord(self.report.utf8)) --key FILE")
        }
        for note in results.notes { Screen.note(note) }
        let lines = try results.results.map {
            try scribe.sign(.testResult($0), about: report.tree)
        }
        if push { try scribe.publish(lines) } else { try scribe.keep(lines) }
        if global.json {
            let signed = lines.map { EvidenceLine($0, principal: scribe.principal).json }
            Screen.result([
                "schemaVersion": 1, "kind": "Attestation", "tree": JSON(report.tree.hex),
                "pushed": JSON(push), "lines": JSON(signed),
            ])
            return
        }
        for result in results.results {
            Screen.result("\(shown(result.check.utf8)) \(result.result.rawValue)")
        }
        Screen.note(
            "signed by \(shown(scribe.principal.name.utf8)) on tree \(report.tree.short)"
                + (push ? " and pushed" : "; not pushed yet:"))
        if !push { Screen.note("  gate attest \(shellWord(self.report.utf8)) --push") }
    }

    /// The report's tree must be that of the commit that it names and, with `--rev`, of the commit
    /// that the caller means: the file came from where foreign code ran.
    private func requireSubject(of report: CheckReport, in workplace: Workplace) throws {
        let repository = workplace.repository
        // A commit that is not here may be somewhere else; what is signed names the tree only.
        if let commit = report.commit, try repository.header(commit)?.kind == .commit,
            try repository.commit(commit).tree != report.tree
        {
            throw CommandFailure.refused(
                "the report's tree \(report.tree.short) is not that of \(commit.short)",
                hint: "run the checks: gate check --report FILE")
        }
        guard let rev else { return }
        let commit = try workplace.clone.fetchedCommit(rev)
        var tree: ObjectID? = try repository.commit(commit).tree
        if let onto {
            let target = try workplace.target(onto)
            if try !repository.isAncestor(target.tip, of: commit) {
                tree = try workplace.prospect(of: Head(id: commit, branch: nil), onto: target).tree
            }
        }
        guard tree == report.tree else {
            throw CommandFailure.refused(
                "the report is not on \(shown(rev.utf8))"
                    + (onto.map { " merged into \(shown($0.utf8))" } ?? ""),
                details: ["it is on tree \(report.tree.short)"],
                hint: "run the checks: gate check --rev \(shellWord(rev.utf8)) --report FILE")
        }
    }

    private func readReport() throws -> CheckReport {
        do {
            return try CheckReport(readingFrom: global.path(report))
        } catch let error where error.kind == .notFound {
            throw CommandFailure.usage(error.description, hint: error.hint)
        }
    }
}

extension TestResult {
    /// In which test results are signed.
    static let namespace = "gate-check"
}

/// What of a report can be signed.
struct AttestableResults {
    private(set) var results: [TestResult] = []
    /// What was left out, and why.
    private(set) var notes: [String] = []

    /// Bytes that test names may take, so that a line of evidence stays below its limit: base64
    /// makes four bytes of three, and escapes some.
    private static let nameLimit = 30_000

    /// Holds the report against the policy.
    init(_ report: CheckReport, under policy: Policy) throws {
        let repository = policy.people.repository
        guard let named = report.repository, named.utf8.elementsEqual(repository.utf8) else {
            let found = report.repository.map { shown($0.utf8) } ?? "no repository"
            throw CommandFailure.refused(
                "the report is for \(found), and this repository is \(shown(repository.utf8))",
                hint: "run the checks here: gate check --report FILE")
        }
        var problems: [String] = []
        for entry in report.checks {
            let name = shown(entry.name.utf8)
            guard let definition = policy.check(named: entry.name) else {
                problems.append("\(name): the policy has no such check")
                continue
            }
            guard definition.digest == entry.definition else {
                problems.append("\(name): ran by another definition than the policy's present one")
                continue
            }
            guard !entry.isCached else {
                problems.append("\(name): was not run for this report, its result is a cached one")
                continue
            }
            if entry.result == .couldNotRun || entry.result == .notRun {
                let words = entry.result == .notRun ? "was not run" : "could not run"
                notes.append("\(name) \(words) (\(shown(entry.reason.utf8))): not signed")
                continue
            }
            results.append(result(of: entry))
        }
        if !problems.isEmpty {
            throw CommandFailure.refused(
                "the report does not count under the present policy", details: problems,
                hint: "run the checks again: gate check --report FILE")
        }
        if results.isEmpty {
            throw CommandFailure.refused(
                "the report has no result to sign", details: notes,
                hint: "run the checks: gate check --report FILE")
        }
    }

    private mutating func result(of entry: CheckReport.Entry) -> TestResult {
        var passed = entry.passedTests
        var failed = entry.failedTests
        if Self.size(passed) + Self.size(failed) > Self.nameLimit {
            passed = []
            while Self.size(failed) > Self.nameLimit { failed.removeLast() }
            notes.append(
                "\(shown(entry.name.utf8)): too many tests to name all of them in one line")
        }
        return TestResult(
            result: entry.result == .passed ? .passed : .failed, check: entry.name,
            definition: entry.definition, passedTests: passed, failedTests: failed)
    }

    private static func size(_ names: [String]) -> Int {
        names.reduce(0) { $0 + $1.utf8.count + 3 }
    }
}
