import ArgumentParser
import Release

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What `gate range` and `gate manifest` understand: from where to where, and for whom.
struct ReleaseOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The environment; default: the last one in policies/release.yml.", valueName: "name"))
    var environment: String?

    @Option(help: ArgumentHelp("The train; default: the first.", valueName: "name"))
    var train: String?

    @Option(
        help: ArgumentHelp(
            "The deployed revision, or a pattern: the newest tag of that name on the branch; "
                + "default: the environment's marker.", valueName: "rev"))
    var from: String?

    @Option(
        help: ArgumentHelp(
            "The landing to push; default: the newest that is proven.", valueName: "rev"))
    var to: String?

    @Option(
        help: ArgumentHelp(
            "Another branch than the policy's, for a hotfix.", valueName: "branch"))
    var ref: String?

    @Option(
        help: ArgumentHelp(
            "When the plan is made: 2026-11-23T06:30:00Z or seconds since 1970; default: "
                + "$SOURCE_DATE_EPOCH, else now.", valueName: "time"))
    var created: String?

    @Option(
        help: ArgumentHelp(
            "What the repository is called in the manifest, an https address for links; default: "
                + "its name in policies/people.yml.", valueName: "uri"))
    var sourceURI: String?

    /// How many releases of this head there were today, this one included.
    @Option(help: .private)
    var attempt = 1

    @Flag(help: "Ask no server: read what this clone knows.")
    var offline = false

    @Flag(help: "End the range between a change and its revert all the same.")
    var allowReverted = false

    /// When the plan is made.
    func createdOn() throws -> Timestamp {
        let variable = getenv("SOURCE_DATE_EPOCH").map { String(cString: $0) }
        guard let given = created ?? variable else { return Self.now }
        guard let time = Timestamp(given) else {
            let name = created == nil ? "SOURCE_DATE_EPOCH" : "--created"
            throw CommandFailure.usage(
                "\(name) is no time in UTC", hint: "--created 2026-11-23T06:30:00Z")
        }
        return time
    }

    static var now: Timestamp { Timestamp(seconds: Int64(time(nil))) }
}
