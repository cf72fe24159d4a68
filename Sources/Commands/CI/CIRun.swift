import Checks
import Enforcement
import Evidence
import Git
import GitObjects
import History
import JSON
import Ledger
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The work of `gate ci`: looks for what lacks results, claims it, runs the checks, signs what came
/// of them and pushes that; and looks again.
final class CIRun {
    /// Where a run ends by itself.
    struct Bounds {
        /// The most trees; nil: no bound.
        var trees: Int?
        /// When it starts nothing new, in seconds since 1970; nil: never.
        var until: Int64?
        /// Only commits that are not older, in seconds since 1970.
        var since: Int64?
    }

    private let place: RunnerPlace
    private let settings: RunnerSettings
    private let folder: String
    private let copy: ServerCopy?
    private let bounds: Bounds
    private let retries: Bool
    private let log: RunnerLog?
    private let runner: String
    private var attempts: Attempts
    private var state: RunnerState
    /// Trees that others were faster with, and until when they are left to them.
    private var left: [ObjectID: Int64] = [:]
    /// Trees and checks that were run here: with `--retry` once is enough.
    private var done: Set<String> = []
    private var claimsAreTaken = true
    private(set) var runs: [RunnerState.Run] = []
    /// Trees that lack results and were left: others are at them, or it is too early to try again.
    private(set) var elsewhere = 0
    private(set) var tooEarly = 0

    private var now: Int64 { Int64(time(nil)) }

    init(
        _ place: RunnerPlace, settings: RunnerSettings, bounds: Bounds, retries: Bool,
        log: RunnerLog?
    ) throws {
        self.place = place
        self.settings = settings
        self.bounds = bounds
        self.retries = retries
        self.log = log
        runner = try place.runner()
        attempts = try Attempts(in: place.folder)
        state = try RunnerState(in: place.folder)
        if place.isServer {
            let copy = ServerCopy(of: place.repository, in: place.folder)
            try copy.prepare()
            self.copy = copy
            folder = copy.path
        } else {
            copy = nil
            folder = place.repository.worktree ?? place.repository.gitDirectory
        }
    }

    /// Works until nothing is left, or a bound is reached.
    ///
    /// - Returns: what stopped it; nil: nothing is left to do here.
    func work() throws -> String? {
        state.process = Int64(getpid())
        state.startedOn = UTCTime.text(now)
        state.finishedOn = nil
        state.current = nil
        state.problem = nil
        try state.write()
        do {
            let stopped = try workOn()
            try finish(problem: nil)
            return stopped
        } catch {
            try finish(
                problem: CommandFailure(translating: error)?.message ?? "\(error)")
            throw error
        }
    }

    private func finish(problem: String?) throws {
        state.current = nil
        state.problem = problem
        state.finishedOn = UTCTime.text(now)
        try state.write()
        try copy?.tidy()
    }

    private func workOn() throws -> String? {
        try pushWhatWasLeft()
        while true {
            if let trees = bounds.trees, runs.count >= trees { return "after \(trees) trees" }
            if let until = bounds.until, now >= until { return "because the time is up" }
            try log?.take()
            let work = try look()
            guard let order = next(in: work) else { return nil }
            try perform(order, in: work)
        }
    }

    /// Pushes what an earlier run has signed and could not push, so that it is not run again.
    private func pushWhatWasLeft() throws {
        let workplace = try Workplace(at: folder)
        guard try workplace.repository.resolve(NoteStore.ref).target != nil else { return }
        let scribe = try Scribe(
            workplace, namespace: TestResult.namespace, key: settings.key)
        do {
            try scribe.publish([])
        } catch let error as LedgerError {
            guard case .refused = error else { throw error }
            // The server takes it no more, as when its key was removed; it is in nobody's way here.
            if let copy { return try copy.make() }
            Screen.note("gate ci: the server refuses evidence that this clone has not pushed yet")
        }
    }

    /// What there is to do now, and what others are at, without doing any of it.
    func look() throws -> OpenWork {
        do {
            return try OpenWork(at: folder, key: settings.key, includesFailed: retries)
        } catch let error as GitError {
            guard let copy else { throw error }
            // What the copy refers to may be gone from the server since; it has nothing of its own.
            Screen.note("gate ci: \(error.description); making \(shown(copy.path.utf8)) anew")
            try copy.make()
            return try OpenWork(at: folder, key: settings.key, includesFailed: retries)
        }
    }

    /// The first order that nobody else is at, with the checks that it makes sense to run now.
    private func next(in work: OpenWork) -> CheckOrder? {
        (elsewhere, tooEarly) = (0, 0)
        for order in work.orders {
            if let since = bounds.since, order.time < since { continue }
            let isLeft = left[order.tree].map { $0 > now } ?? false
            if isLeft || work.claims[order.tree]?.stands(against: runner, at: now) == true {
                elsewhere += 1
                continue
            }
            let checks = runnable(order, under: work.workplace.policy)
            if !checks.isEmpty { return order.with(checks: checks) }
            tooEarly += 1
        }
        return nil
    }

    private func runnable(_ order: CheckOrder, under policy: Policy) -> [String] {
        order.checks.filter { name in
            guard let definition = policy.check(named: name)?.digest else { return false }
            if done.contains("\(order.tree.hex) \(definition)") { return false }
            return retries || attempts.allows(definition, on: order.tree, at: now)
        }
    }

    // MARK: - One tree

    private func perform(_ order: CheckOrder, in work: OpenWork) throws {
        let policy = work.workplace.policy
        let definitions = order.checks.compactMap { policy.check(named: $0) }
        var claim = try ClaimHolder(
            on: order.tree, work: work, runner: runner, isUsed: claimsAreTaken)
        guard try mayRun(order, with: &claim, over: work.claims) else {
            left[order.tree] = now + 30
            return
        }
        let title = OpenWork.title(order)
        state.current =
            "\(title): " + order.checks.map { shown($0.utf8) }.joined(separator: " ")
        try state.write()
        let process = CheckProcess(
            user: settings.user, spareCache: place.isServer ? place.folder + "/cache" : nil)
        let isOwn = order.parents.isEmpty
        let job = CheckJob(
            repository: work.workplace.repository.gitDirectory, tree: order.tree,
            commit: isOwn ? order.commit : nil, parents: order.parents,
            policy: work.workplace.governing.commit, checks: order.checks, jobs: settings.jobs)
        let longest = definitions.reduce(0) { $0 + $1.timeout }
        let outcome = try process.run(job, timeout: Double(longest + 600)) { claim.renew() }
        for definition in definitions { done.insert("\(order.tree.hex) \(definition.digest)") }
        var run = RunnerState.Run(
            branch: OpenWork.branch(order).short, isLanding: OpenWork.isLanding(order),
            commit: order.commit.hex, tree: order.tree.hex, finishedOn: UTCTime.text(now),
            results: [])
        switch outcome {
        case .nothing(let reason):
            for definition in definitions {
                run.results.append(
                    RunnerState.Result(
                        check: definition.name, result: "could_not_run", reason: reason))
            }
            try record(run, title, definitions, on: order.tree)
        case .report(let report):
            try requireAnswer(report, to: job)
            run.results = report.checks.map { entry in
                RunnerState.Result(
                    check: entry.name, result: entry.result.rawValue, reason: entry.reason)
            }
            // Pushed before it is told: what is told is there.
            do {
                try publish(report, key: settings.key)
            } catch {
                // Not to be run again and again for a server that does not take it.
                for definition in definitions {
                    try attempts.note(definition.digest, on: order.tree, ran: false, at: now)
                }
                throw error
            }
            try record(run, title, definitions, on: order.tree)
        }
    }

    /// Claims the tree.
    ///
    /// - Returns: false when somebody else has it.
    private func mayRun(
        _ order: CheckOrder, with claim: inout ClaimHolder, over claims: [ObjectID: Claims.Standing]
    ) throws -> Bool {
        var claims = claims
        for _ in 0..<2 {
            switch try claim.take(over: claims) {
            case .taken: return true
            case .refused(let words):
                claimsAreTaken = false
                Screen.note("gate ci: the server takes no claim, so others may run the same:")
                words.split(separator: "\n").forEach { Screen.note("  \($0)") }
                return true
            case .lost:
                claims = try look().claims
                if claims[order.tree]?.stands(against: runner, at: now) == true { return false }
            }
        }
        // Nobody has it, and still it cannot be had: something lies where claims belong.
        Screen.note("gate ci: no claim can be put on the server, so others may run the same")
        return true
    }

    /// What ran the checks is not believed: it must speak of what it was told to run.
    private func requireAnswer(_ report: CheckReport, to job: CheckJob) throws {
        let names = report.checks.map(\.name)
        guard report.tree == job.tree, report.commit == job.commit, names == job.checks else {
            throw CommandFailure.refused(
                "what ran the checks of tree \(job.tree.short) reports on something else",
                hint: "nothing was signed")
        }
    }

    /// Signs what ran, by the policy as it is now, and pushes it.
    private func publish(_ report: CheckReport, key: String?) throws {
        var report = report
        report.checks.removeAll { $0.result == .couldNotRun }
        if report.checks.isEmpty { return }
        let workplace = try Workplace(at: folder)
        // A definition that changed meanwhile: what ran counts for nothing now.
        report.checks.removeAll { entry in
            let isPresent =
                workplace.policy.check(named: entry.name)?.digest == entry.definition
            if !isPresent { Screen.note("\(shown(entry.name.utf8)) was changed while it ran") }
            return !isPresent
        }
        if report.checks.isEmpty { return }
        let results = try AttestableResults(report, under: workplace.policy).results
        let tree = report.tree
        do {
            try publish(results, on: tree, from: workplace, key: key)
        } catch let error as LedgerError {
            guard let copy, case .refused = error else { throw error }
            // A line that a killed run has left here may be one that the server takes no more, as
            // when its key was removed. Without it these may be taken.
            try copy.make()
            try publish(results, on: tree, from: try Workplace(at: folder), key: key)
        }
    }

    private func publish(
        _ results: [TestResult], on tree: ObjectID, from workplace: Workplace, key: String?
    ) throws {
        let scribe = try Scribe(workplace, namespace: TestResult.namespace, key: key)
        try scribe.publish(try results.map { try scribe.sign(.testResult($0), about: tree) })
    }

    private func record(
        _ run: RunnerState.Run, _ title: String, _ definitions: [CheckDefinition],
        on tree: ObjectID
    ) throws {
        for result in run.results {
            if let definition = definitions.first(where: { $0.name == result.check }) {
                try attempts.note(
                    definition.digest, on: tree, ran: result.result != "could_not_run", at: now)
            }
            onResult(Self.line(result, title))
        }
        runs.append(run)
        state.add(run)
        state.current = nil
        try state.write()
    }

    /// Is told each result in words.
    var onResult: (String) -> Void = { Screen.result($0) }

    private static func line(_ result: RunnerState.Result, _ title: String) -> String {
        let words = result.result.split(separator: "_").joined(separator: " ")
        let reason = result.reason.isEmpty ? "" : ": \(shown(result.reason.utf8))"
        return "\(shown(result.check.utf8))  \(words)  \(title)\(reason)"
    }
}

extension CheckOrder {
    fileprivate func with(checks: [String]) -> CheckOrder {
        var order = self
        order.restrict(to: checks)
        return order
    }
}
