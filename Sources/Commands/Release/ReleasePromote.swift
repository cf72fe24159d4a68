import ArgumentParser
import Evidence
import GitObjects
import History
import Policy
import Release

/// `gate release promote`: the same images for the next environment.
struct ReleasePromote: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Starts the deployment of what the environment before has proven.",
        discussion: """
            Refuses until that one succeeded with these very images, the required items of the \
            checklist are ticked and the preflight passed. The manifest names the proven images.

            Example: gate release promote --to production --yes -o production.json
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions
    @OptionGroup var overrides: OverrideOptions

    @Option(help: ArgumentHelp("The environment; default: the last.", valueName: "name"))
    var to: String?

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
        let environment = try office.environment(to ?? office.release.environments.last)
        guard
            try office.promote(
                to: environment, created: created, overrides.all,
                isConsented: yes || !Screen.isInteractive)
        else { return }
        try ReleaseReport(global, output: output).tell(office.manifest(of: environment))
    }
}

extension ReleaseOffice {
    /// - Returns: false when there is nothing to promote.
    mutating func promote(
        to environment: String, created: String?, _ given: Overrides, isConsented: Bool
    ) throws -> Bool {
        guard let before = self.environment(before: environment) else {
            throw CommandFailure.usage(
                "\(environment) is the first environment; nothing is proven before it",
                hint: "gate release start --environment \(environment)")
        }
        try settle(before)
        try settle(environment)
        let chain = try chain(environment)
        if let open = chain.open {
            Screen.note(
                "\(environment): \(shown(open.deployment.releaseID.utf8)) is under way, unknown"
                    + " since \(chain.beginning?.deployment.createdOn ?? "")")
            return true
        }
        let proven = try proven(before)
        let (plan, bytes, lifted) = try self.plan(
            PlanRequest(
                environment: environment, to: proven.revision.hex, ref: try branch(of: before),
                created: created), given)
        for line in plan.table(now: ReleaseOptions.now) { Screen.note(line) }
        guard plan.range.relation != .none else { return false }
        if plan.range.relation == .backward {
            throw CommandFailure.refused(
                "\(plan.range.head.short) of \(before) is older than what \(environment) has",
                hint: "gate release rollback --environment \(environment) --reason TEXT")
        }
        let open = plan.checklist.filter { !proven.deployment.ticks.contains($0.id) }
        guard open.isEmpty else {
            throw CommandFailure.refused(
                "\(open.count) \(open.count == 1 ? "item" : "items") of the checklist"
                    + " \(open.count == 1 ? "is" : "are") not ticked",
                details: open.map { "\($0.id)  \(shown($0.text.utf8))" },
                hint: "gate release tick --environment \(before)"
                    + " \(open.map(\.id).joined(separator: " "))")
        }
        _ = try scribe(for: environment)
        try Screen.requireConsent("Push these to \(environment)?", isAnswered: isConsented)
        try preflight(plan)
        try begin(plan, bytes, images: proven.deployment.images, overrides: lifted)
        return true
    }

    /// What an environment has proven: its last deployment, if that succeeded.
    func proven(_ environment: String) throws -> DeploymentChain.Link {
        let chain = try chain(environment)
        guard let last = chain.last else {
            throw CommandFailure.refused(
                "nothing was ever deployed to \(environment)",
                hint: "gate release start --environment \(environment)")
        }
        guard last.deployment.outcome == .succeeded, chain.proves(last.build) else {
            let word =
                last.deployment.outcome == .started
                ? "unknown since \(chain.beginning?.deployment.createdOn ?? "")"
                : "\(last.deployment.outcome.words) on \(last.deployment.createdOn)"
            throw CommandFailure.refused(
                "\(environment) has not proven \(shown(last.deployment.releaseID.utf8)): \(word)",
                hint: "gate release status")
        }
        return last
    }
}
