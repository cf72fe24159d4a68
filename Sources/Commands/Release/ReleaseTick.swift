import ArgumentParser
import Evidence
import GitObjects
import Release

/// `gate release tick`: an item of the checklist is done.
struct ReleaseTick: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tick",
        abstract: "Records that items of the checklist are done.",
        discussion: """
            The items are those of the release on this environment, and those that the next one \
            will ask for: gate release status lists them.

            Example: gate release tick always-1 changed-1
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The environment; default: the first.", valueName: "name"))
    var environment: String?

    @Argument(help: ArgumentHelp("The items.", valueName: "item"))
    var items: [String]

    func run() throws {
        var office = try ReleaseOffice(global, train: step.train, key: step.key)
        let environment = try office.environment(environment)
        try office.tick(items, on: environment)
        for line in try office.standing(environment).lines { Screen.note(line) }
        try ReleaseReport(global, output: nil).tell(office.manifest(of: environment))
    }
}

extension ReleaseOffice {
    mutating func tick(_ items: [String], on environment: String) throws {
        try settle(environment)
        let chain = try chain(environment)
        guard let last = chain.last, last.deployment.outcome == .succeeded else {
            throw CommandFailure.refused(
                "\(environment) has not succeeded, so nothing on it can have been looked at",
                hint: "gate release status")
        }
        let known = try checklist(of: environment)
        for item in items where !known.contains(where: { $0.id == item }) {
            throw CommandFailure.usage(
                "the checklist has no item \(shown(item.utf8))",
                details: known.map { "\($0.id)  \(shown($0.text.utf8))" })
        }
        var next = last.deployment
        next.ticks = Set(next.ticks + items)
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard next.ticks != last.deployment.ticks else {
            Screen.note("ticked before")
            return
        }
        next.createdOn = ReleaseOptions.now.description
        try publish([(next, last.revision)], on: environment)
        try settle(environment)
    }

    /// The items of the release on an environment, and of what the next one would get: that one may
    /// be further behind. Needed are the next one's: what a hotfix from there takes away here, its
    /// promotion does not ask about.
    mutating func checklist(
        of environment: String
    ) throws -> [(id: String, text: String, isNeeded: Bool)] {
        let after = self.environment(after: environment)
        var items = try manifest(of: environment).requiredItems.map { item in
            (id: item.id, text: item.text, isNeeded: after == nil)
        }
        guard let after, let last = try chain(environment).last else { return items }
        let plan = try plan(
            PlanRequest(
                environment: after, to: last.revision.hex, ref: try branch(of: environment),
                allowReverted: true))
        for item in plan.checklist {
            if let index = items.firstIndex(where: { $0.id == item.id }) {
                items[index].isNeeded = true
            } else {
                items.append((item.id, item.text, true))
            }
        }
        return items
    }

    /// The branch of the release on an environment.
    mutating func branch(of environment: String) throws -> String {
        try manifest(of: environment).sourceRef
    }
}
