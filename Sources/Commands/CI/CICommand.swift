import ArgumentParser
import Enforcement
import Files
import Git
import GitObjects
import JSON
import Policy
import Spawn

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `gate ci`: supplies the test results that are missing.
struct CICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ci",
        abstract: "Runs the required checks that have no result yet, signs and pushes the results.",
        discussion: """
            For the heads of branches and for landings since the gate was closed. In a clone of the \
            server, or in the server's own repository. Several may work on one repository: each \
            claims what it runs. Without --once it goes on for ever, and looks again after each \
            --interval.

            The checks run in a process of their own without the key, but as the same user, who can \
            read the key's file: --run-as USER runs them as somebody else. Nobody's code but what \
            lies on branches of the repository is run.

            A check that failed is not run again for the same tree and definition, unless with \
            --retry; one that could not be run is tried again after ten minutes, then later and \
            later.

            Example:
              gate ci --once --key ~/.ssh/ci
              gate ci --status

            Exit codes: 0 nothing failed, 1 a check failed, 2 the key is not a check signer's, 3 a \
            check could not run, or the server could not be asked.
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Stop when nothing is left to do.")
    var once = false

    @Option(help: ArgumentHelp("How many checks run at the same time.", valueName: "n"))
    var jobs: Int?

    @Option(help: ArgumentHelp("The SSH key to sign with.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("Run the checks as this user of the machine.", valueName: "user"))
    var runAs: String?

    @Option(help: ArgumentHelp("Stop after so many trees; with --once 100.", valueName: "n"))
    var max: Int?

    @Option(help: ArgumentHelp("Begin nothing new after so many minutes.", valueName: "n"))
    var minutes: Int?

    @Option(help: ArgumentHelp("Leave commits alone that are older.", valueName: "days"))
    var since: Int?

    @Option(help: ArgumentHelp("Seconds between two looks at the server.", valueName: "n"))
    var interval = 60

    @Flag(help: "Run checks again that failed, or could not be run.")
    var retry = false

    @Flag(help: "Show what would be run, and run nothing.")
    var list = false

    @Flag(help: "Show what a runner here is doing and has done.")
    var status = false

    @Flag(help: .hidden) var background = false

    func validate() throws {
        for (name, value) in [
            ("--jobs", jobs), ("--max", max), ("--minutes", minutes), ("--since", since),
            ("--interval", interval),
        ] {
            if let value, !(1...1_000_000).contains(value) {
                throw ValidationError("\(name) takes a number from 1")
            }
        }
    }

    func run() throws {
        let place = try RunnerPlace(Repository.discover(from: global.directory))
        if status { return try RunnerStatus(place).show(asJSON: global.json) }
        let settings = try RunnerSettings(
            place.repository, key: key.map(global.path), user: runAs, jobs: jobs)
        Child.allowsForNestedChildren()
        guard let turn = try turn(at: place) else { return }
        defer { withExtendedLifetime(turn) {} }
        let log = background ? RunnerLog(path: place.log) : nil
        try log?.take()
        if background { Screen.note("\(UTCTime.text(now)) gate ci looks for work") }
        let run = try CIRun(
            place, settings: settings,
            bounds: CIRun.Bounds(
                trees: max ?? (once ? 100 : nil), until: minutes.map { now + Int64($0) * 60 },
                since: since.map { now - Int64($0) * 86_400 }),
            retries: retry, log: log)
        if list { return try show(try run.look().orders) }
        if global.json { run.onResult = { Screen.note($0) } }
        try work(run)
        try conclude(run)
    }

    private var now: Int64 { Int64(time(nil)) }

    /// The lock with which this may work; nil when another does, and this is not needed.
    private func turn(at place: RunnerPlace) throws -> FileLock? {
        if background { return try place.waitForTurn() }
        if list { return try place.takeTurn(waits: true) }
        if let turn = try place.takeTurn(waits: false) { return turn }
        Screen.note("another gate ci is at work here\(once ? "; gate ci --status" : ", waiting")")
        return once ? nil : try place.takeTurn(waits: true)
    }

    private func work(_ run: CIRun) throws {
        if once {
            if let reason = try run.work() { Screen.note("stopped \(reason)") }
            return
        }
        while true {
            do {
                if let reason = try run.work() { return Screen.note("stopped \(reason)") }
            } catch {
                // Bad usage does not become better by waiting; a server comes back.
                guard let failure = CommandFailure(translating: error), failure.exitCode != 2 else {
                    throw error
                }
                failure.show()
            }
            sleep(UInt32(interval))
        }
    }

    private func show(_ orders: [CheckOrder]) throws {
        if global.json {
            let items = orders.map { order -> JSON in
                [
                    "ref": JSON(shown(OpenWork.branch(order).bytes)),
                    "landing": JSON(OpenWork.isLanding(order)), "commit": JSON(order.commit.hex),
                    "tree": JSON(order.tree.hex), "checks": JSON(order.checks),
                ]
            }
            return Screen.result(["schemaVersion": 1, "kind": "OpenChecks", "open": JSON(items)])
        }
        if orders.isEmpty { Screen.note("nothing lacks a result") }
        for order in orders {
            let names = order.checks.map { shown($0.utf8) }.joined(separator: " ")
            Screen.result("\(OpenWork.title(order))  \(names)")
        }
    }

    private func conclude(_ run: CIRun) throws {
        let results = run.runs.flatMap(\.results)
        if global.json {
            Screen.result([
                "schemaVersion": 1, "kind": "CIRun", "runs": JSON(run.runs.map(\.json)),
            ])
        } else if results.isEmpty {
            Screen.note("nothing to run")
        }
        if run.elsewhere > 0 { Screen.note("  \(run.elsewhere) with others: gate ci --list") }
        if run.tooEarly > 0 {
            Screen.note("  \(run.tooEarly) that could not be run: gate ci --retry tries now")
        }
        if results.contains(where: { $0.result == "failed" || $0.result == "timed_out" }) {
            throw ExitCode(1)
        }
        if results.contains(where: { $0.result == "could_not_run" }) { throw ExitCode(3) }
    }
}
