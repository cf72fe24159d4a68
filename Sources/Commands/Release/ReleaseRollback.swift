import ArgumentParser
import Evidence
import GitObjects
import History
import Hooks
import Ledger
import Policy
import Release

/// `gate release rollback`: back to what ran before.
struct ReleaseRollback: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Starts the way back to the last revision that succeeded.",
        discussion: """
            The environment is the last one, unless --environment names another. \
            Names what stands in the way, and holds the changes back that it takes away, so that \
            tomorrow's push does not bring them again before they are reverted or released with \
            gate release unhold. It is a deployment like any other: deploy its manifest, then \
            record its outcome.

            Example: gate release rollback --environment production --reason 'Payouts fail'
                     gate release record --environment production --outcome rolled_back
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The environment; default: the last.", valueName: "name"))
    var environment: String?

    @OptionGroup var why: ReasonOption

    @Option(help: ArgumentHelp("The branch of both, for a hotfix.", valueName: "branch"))
    var ref: String?

    @Option(
        help: ArgumentHelp(
            "When the plan is made: 2026-11-23T06:30:00Z or seconds since 1970.",
            valueName: "time"))
    var created: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the manifest to this file.", valueName: "file"))
    var output: String?

    @Flag(
        name: .shortAndLong,
        help: "Do not ask; without a terminal nobody is asked.")
    var yes = false

    func run() throws {
        var office = try ReleaseOffice(global, train: step.train, key: step.key)
        let environment = try office.environment(
            self.environment ?? office.release.environments.last)
        try office.rollBack(
            ReleaseOffice.PlanRequest(
                environment: environment, ref: ref, created: created, allowReverted: true),
            reason: why.text ?? "taken back from \(environment)",
            isConsented: yes || !Screen.isInteractive)
        try ReleaseReport(global, output: output).tell(office.manifest(of: environment))
    }
}

extension ReleaseOffice {
    mutating func rollBack(
        _ request: PlanRequest, reason: String, isConsented: Bool
    ) throws {
        let environment = request.environment
        try settle(environment)
        let chain = try chain(environment)
        guard let last = chain.last, let target = chain.rollbackTarget else {
            throw CommandFailure.refused(
                "nothing that ran on \(environment) before can be gone back to",
                hint: "gate release status")
        }
        if chain.open != nil, try manifest(of: environment).isRollback {
            Screen.note("\(environment): the rollback to \(last.revision.short) is under way")
            return
        }
        var request = request
        request.to = target.revision.hex
        request.from = last.revision.hex
        let (plan, bytes) = try settledPlan(request)
        for line in plan.table(now: ReleaseOptions.now) { Screen.note(line) }
        let manifest = try ManifestFile.parse(bytes, called: "the plan")
        for obstacle in manifest.rollbackObstacles {
            Screen.note("in the way: \(shown(obstacle.utf8))")
        }
        _ = try scribe(for: environment)
        try Screen.requireConsent(
            "Take \(environment) back to \(target.revision.short)?", isAnswered: isConsented)
        try keep(bytes, as: ReleaseRefsGuard.plan(plan.id))
        var steps: [(deployment: Deployment, revision: ObjectID)] = []
        if chain.open != nil {
            var failed = last.deployment
            failed.outcome = .failed
            failed.createdOn = ReleaseOptions.now.description
            steps.append((failed, last.revision))
        }
        let start = Self.start(
            plan, bytes, images: target.deployment.images, overrides: [])
        steps.append((start, target.revision))
        try publish(
            steps, holds: try holds(on: plan, target: target.revision, reason), on: environment)
        try settle(environment)
    }

    /// Holds on what the rollback takes away and nobody holds back yet.
    private func holds(
        on plan: ReleasePlan, target: ObjectID, _ reason: String
    ) throws -> [(Hold, ObjectID)] {
        guard let bad = plan.range.base else { return [] }
        let range = try LandingRange(from: target, to: bad, in: repository)
        let states = try ChangeStates.of(range, in: repository)
        let held = try held(in: range)
        let hold = Hold(
            state: .held, ref: plan.request.ref, reason: reason,
            createdOn: ReleaseOptions.now.description)
        return range.landings.map(\.id)
            .filter { landing in
                states[landing]?.kind == .included
                    && !held.all.contains { $0.landing == landing }
            }
            .map { (hold, $0) }
    }
}
