import ArgumentParser
import Evidence
import GitObjects
import History
import Ledger
import Policy
import Release

/// `gate release` itself: the next step, and the one after it when it is said again.
struct ReleaseNext: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Looks where things stand and asks for the next step; what 'gate release' does.",
        discussion: """
            In this order: an outcome that nobody recorded, the checklist of what the first \
            environment runs, its promotion, the next push. With --yes it starts and promotes \
            without asking; what a person must have seen it never answers itself.

            Example: gate release
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions
    @OptionGroup var overrides: OverrideOptions

    @Flag(name: .shortAndLong, help: "Do not ask before a push.")
    var yes = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the manifest to this file.", valueName: "file"))
    var output: String?

    func run() throws {
        var office = try ReleaseOffice(global, train: step.train, key: step.key)
        let environments = office.release.environments
        for environment in environments {
            try office.settle(environment)
            if try office.chain(environment).open != nil {
                return try settleOpen(environment, &office)
            }
        }
        for environment in environments {
            guard let next = office.environment(after: environment),
                try waits(environment, next, office)
            else { continue }
            try tickOpen(environment, &office)
            guard
                try office.promote(
                    to: next, created: nil, overrides.all, isConsented: yes)
            else { continue }
            return try tell(next, &office)
        }
        guard let first = environments.first,
            try office.start(
                ReleaseOffice.PlanRequest(environment: first), overrides.all, isConsented: yes)
        else { return try tellWhyNothing(environments, &office) }
        try tell(first, &office)
    }

    /// What stands between the first environment, which has everything, and those behind it.
    private func tellWhyNothing(_ environments: [String], _ office: inout ReleaseOffice) throws {
        guard let first = environments.first else { return }
        let build = try office.chain(first).last?.build
        for environment in environments.dropFirst()
        where try office.chain(environment).last?.build != build {
            for line in try office.standing(environment).lines { Screen.note(line) }
        }
        for (held, label) in try office.standingHolds() {
            for line in ReleasePlan.Stop(held, label).lines { Screen.note(line) }
        }
    }

    /// Whether what one environment has proven is not on the next one.
    private func waits(
        _ environment: String, _ next: String, _ office: ReleaseOffice
    ) throws -> Bool {
        let chain = try office.chain(environment)
        guard let last = chain.last, last.deployment.outcome == .succeeded,
            chain.proves(last.build)
        else { return false }
        let there = try office.chain(next)
        // What failed there is not tried again by itself.
        guard there.last?.build != last.build, there.deployed?.build != last.build else {
            return false
        }
        guard there.hasDeployed(last.build) else { return true }
        // It was taken back there: not again before somebody has lifted the holds.
        let range = try LandingRange(
            from: there.deployed?.revision, to: last.revision, in: office.repository)
        return try range.relation == .forward && office.held(in: range).included.isEmpty
    }

    /// Asks what became of a deployment.
    private func settleOpen(_ environment: String, _ office: inout ReleaseOffice) throws {
        for line in try office.standing(environment).lines { Screen.note(line) }
        let record = "gate release record --environment \(environment) --outcome"
        guard Screen.isInteractive, !yes else {
            // Deployed or not, nobody here can know: the deploy script runs again and records it.
            Screen.note("deploy its manifest again, or record what became of it:")
            Screen.note("  \(record) succeeded")
            Screen.note("  \(record) failed")
            return try tell(environment, &office, isShown: true)
        }
        Screen.prompt("What became of it? [s]ucceeded, [f]ailed, or nothing yet: ")
        switch readLine(strippingNewline: true)?.lowercased() {
        case "s", "succeeded": try office.record(.succeeded, on: environment, nil, called: "")
        case "f", "failed": try office.record(.failed, on: environment, nil, called: "")
        default:
            Screen.note("left as it is")
            return try tell(environment, &office, isShown: true)
        }
        try tell(environment, &office)
    }

    /// Asks for the items of the checklist that are not ticked.
    private func tickOpen(_ environment: String, _ office: inout ReleaseOffice) throws {
        guard Screen.isInteractive, !yes else { return }
        let open = try office.standing(environment).checklist.filter { !$0.isDone }
        var done: [String] = []
        for item in open where Screen.confirms("\(shown(item.text.utf8)): done?") {
            done.append(item.id)
        }
        if !done.isEmpty { try office.tick(done, on: environment) }
    }

    /// The release's id, for scripts, and for people what stands there now and what is next.
    private func tell(
        _ environment: String, _ office: inout ReleaseOffice, isShown: Bool = false
    ) throws {
        try ReleaseReport(global, output: output).tell(office.manifest(of: environment))
        if isShown { return }
        for line in try office.standing(environment).lines { Screen.note(line) }
    }
}
