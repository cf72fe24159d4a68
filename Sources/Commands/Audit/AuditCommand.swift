import ArgumentParser
import Enforcement
import GitObjects

/// `gate audit`: judges landings that are made.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Judges the landings of a branch again, from a clone.",
        discussion: """
            Every landing is judged by the policy right before it and by the evidence that it was \
            made with, by the engine of the server's hook. Nothing but the repository is needed; \
            with --offline no server is asked, and what the clone has is audited. RANGE is A..B, or the landing up to which to go; without it, the whole branch.

            --policy judges every landing as if the policy of that commit had always been law: \
            what would it have said about this history?

            Example: what has landed since the last audit?
              gate audit v1.4..master
              gate audit --only-refused --json > audit.json

            Exit codes: 0 every landing since the branch is gated held, 1 one did not, 3 one \
            could not be decided.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(
        help: ArgumentHelp("Which landings: A..B, A.., or up to B.", valueName: "range"))
    var range: String?

    @Option(
        help: ArgumentHelp("The branch; default: the server's default branch.", valueName: "ref"))
    var ref: String?

    @Option(
        help: ArgumentHelp(
            "Judge every landing by the policy of this commit.", valueName: "rev"))
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "How many landings to judge at once; default: one for each core.", valueName: "n"))
    var jobs: Int?

    @Flag(help: "Ask no server: read what this clone has.")
    var offline = false

    @Flag(help: "List only the landings that did not hold.")
    var onlyRefused = false

    func validate() throws {
        if let jobs, !(1...256).contains(jobs) {
            throw ValidationError("--jobs takes a number from 1 to 256")
        }
    }

    func run() throws {
        let inspection = try Inspection(self)
        let audit = try inspection.audit(jobs: jobs)
        if global.json {
            Screen.result(audit.json(onlyRefused: onlyRefused))
        } else {
            for line in AuditText(audit).lines(onlyRefused: onlyRefused) { Screen.result(line) }
        }
        if audit.exitCode != 0 { throw ExitCode(audit.exitCode) }
    }
}
