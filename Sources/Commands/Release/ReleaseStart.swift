import ArgumentParser
import Evidence
import GitObjects
import History
import Release

/// `gate release start`: fixes the plan of a deployment and records that it was started.
struct ReleaseStart: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Fixes the plan of a release and records that its deployment has started.",
        discussion: """
            Looks at the limits and holds of the policy, runs its preflight commands, signs the \
            start, and pushes the plan and the tag. Said again it goes on where it stopped: a \
            release that was started stays the one that is under way until its outcome is recorded.

            Example: gate release start --yes -o manifest.json
                     gate release start --to 9ab03e7 --override-freeze 'Outage of payments'
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions
    @OptionGroup var overrides: OverrideOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The environment; default: the first.", valueName: "name"))
    var environment: String?

    @Option(
        help: ArgumentHelp(
            "The landing to deploy; default: the newest that is proven and not held back.",
            valueName: "rev"))
    var to: String?

    @Option(
        help: ArgumentHelp("Another branch than the policy's, for a hotfix.", valueName: "branch"))
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

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    func run() throws {
        var office = try ReleaseOffice(global, train: step.train, key: step.key)
        let environment = try office.environment(environment)
        if let before = office.environment(before: environment) {
            throw CommandFailure.usage(
                "\(environment) gets what \(before) has proven",
                hint: "gate release promote --to \(environment)")
        }
        let started = try office.start(
            ReleaseOffice.PlanRequest(
                environment: environment, to: to, ref: ref, created: created),
            overrides.all, isConsented: yes)
        guard started else { return }
        try ReleaseReport(global, output: output).tell(office.manifest(of: environment))
    }
}

extension ReleaseOffice {
    /// Starts a release of the first environment, or goes on with the one under way.
    ///
    /// - Returns: false when there is nothing to push.
    mutating func start(
        _ request: PlanRequest, _ given: Overrides, isConsented: Bool
    ) throws -> Bool {
        let environment = request.environment
        try settle(environment)
        let chain = try chain(environment)
        if let open = chain.open {
            try requireSame(request, open)
            Screen.note(
                "\(environment): \(shown(open.deployment.releaseID.utf8)) is under way, unknown"
                    + " since \(chain.beginning?.deployment.createdOn ?? "")")
            return true
        }
        let (plan, bytes, lifted) = try self.plan(request, given)
        for line in plan.table(now: ReleaseOptions.now) { Screen.note(line) }
        guard plan.range.relation != .none else { return false }
        if plan.range.relation == .backward {
            throw CommandFailure.refused(
                "\(plan.range.head.short) is older than what \(environment) has",
                hint: "gate release rollback --environment \(environment) --reason TEXT")
        }
        _ = try scribe(for: environment)
        try Screen.requireConsent("Push these to \(environment)?", isAnswered: isConsented)
        try preflight(plan)
        let manifest = try ManifestFile.parse(bytes, called: "the plan")
        try begin(
            plan, bytes, images: carriedImages(manifest, chain), overrides: lifted)
        return true
    }

    /// A release that is under way is gone on with only when it is the one that was asked for.
    private func requireSame(_ request: PlanRequest, _ open: DeploymentChain.Link) throws {
        guard let to = request.to else { return }
        let asked = try workplace.clone.commit(to)
        guard asked == open.revision else {
            throw CommandFailure.refused(
                "\(shown(open.deployment.releaseID.utf8)) is under way on \(request.environment),"
                    + " and its outcome is not known",
                hint: "gate release record --environment \(request.environment) --outcome failed")
        }
    }
}

/// What a step prints: the manifest to a file, and a line about it.
struct ReleaseReport {
    let global: GlobalOptions
    let output: String?

    init(_ global: GlobalOptions, output: String?) {
        self.global = global
        self.output = output
    }

    func tell(_ manifest: Manifest) throws {
        if let output {
            try ManifestFile.write(manifest.json.manifestBytes(), to: global.path(output))
        }
        if global.json {
            Screen.result(manifest.json)
        } else {
            Screen.result(manifest.releaseID)
        }
    }
}
