import ArgumentParser
import Release

/// `gate range`: what a push would bring.
struct RangeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "range",
        abstract: "What has landed since the last deployment.",
        discussion: """
            One line for each landing between the environment's marker and the newest proven \
            landing: number, title, authors and reviewers, services, age. Reverted and already \
            shipped changes are named as such.

            Example: gate range --environment staging
                     gate range --from v1.4 --to master --json
                     gate range --from 'production-*'
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var release: ReleaseOptions

    func run() throws {
        let plan = try ReleaseDesk(release, in: global.directory, isForReport: true)
            .plan(judging: global.json)
        if global.json {
            Screen.result(plan.json())
            return
        }
        for line in plan.table(now: try release.createdOn()) { Screen.result(line) }
    }
}
