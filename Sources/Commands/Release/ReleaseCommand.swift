import ArgumentParser

/// `gate release`: what is to be done next, and the commands under it for scripts.
struct ReleaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Starts, records and promotes deployments; says what is to be done next.",
        discussion: """
            Without a subcommand it looks where things stand and asks for the next step; saying it \
            again goes on where the last one stopped. What happened is signed and guarded by the \
            server: docs/reference/release.md.

            Example: gate release
                     gate release start --yes -o manifest.json
                     gate release record --environment staging --outcome succeeded
                     gate release promote --to production --yes

            Exit codes: 0 done, 1 refused, 2 bad usage or no policies/release.yml, 3 could not \
            do it.
            """,
        subcommands: [
            ReleaseNext.self, ReleaseStart.self, ReleaseRecord.self, ReleaseTick.self,
            ReleasePromote.self, ReleaseRollback.self, ReleaseHold.self, ReleaseUnhold.self,
            ReleaseStatus.self,
        ],
        defaultSubcommand: ReleaseNext.self)
}

/// What every command of a release understands.
struct ReleaseStepOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The train; default: the first.", valueName: "name"))
    var train: String?

    @Option(help: ArgumentHelp("The SSH key to sign with.", valueName: "file"))
    var key: String?
}

/// What a start may lift.
struct OverrideOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Push on a frozen day; goes on record.", valueName: "reason"))
    var overrideFreeze: String?

    @Option(
        help: ArgumentHelp(
            "Push more changes than limits.max_changes; goes on record.", valueName: "reason"))
    var overrideMaxChanges: String?

    @Option(
        help: ArgumentHelp(
            "Push a change that is held back; goes on record.", valueName: "reason"))
    var overrideHold: String?

    @Flag(help: "End the range between a change and its revert all the same; goes on record.")
    var allowReverted = false

    func validate() throws {
        for reason in [overrideFreeze, overrideMaxChanges, overrideHold] {
            if let reason, reason.allSatisfy(\.isWhitespace) {
                throw ValidationError("a reason is not empty")
            }
        }
    }

    var all: Overrides {
        Overrides(
            freeze: overrideFreeze, maxChanges: overrideMaxChanges, hold: overrideHold,
            allowReverted: allowReverted)
    }
}

extension Screen {
    /// Asks before something is signed.
    ///
    /// - Parameter isAnswered: whether `--yes` was given.
    static func requireConsent(_ question: String, isAnswered: Bool) throws {
        if isAnswered { return }
        guard isInteractive else {
            throw CommandFailure.usage(
                "nobody can be asked: \(question)", hint: "say --yes in a script")
        }
        guard confirms(question) else { throw CommandFailure.refused("not confirmed") }
    }
}
