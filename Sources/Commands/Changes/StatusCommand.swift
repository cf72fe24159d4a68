import ArgumentParser

/// `gate status`: what a change still lacks.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "What a change still lacks, with the command for each line.",
        discussion: """
            HEAD is a branch of the server, or a revision here; without it, what is checked out. It \
            is judged as a clean merge into the branch that --onto names, or the default branch.

            Example:
              gate status fix-payout

            Exit codes: 0 nothing is missing, 1 something is.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The change: a branch of the server, or a revision.")
    var head: String?

    @Option(help: "The branch that it is meant for.")
    var onto: String?

    func run() throws {
        var workplace = try Workplace(at: global.directory, branches: [head, onto])
        let target = try workplace.target(onto)
        let head = try workplace.head(head)
        let checklist = try workplace.checklist(of: head, onto: target)
        if global.json {
            Screen.result(checklist.json)
        } else {
            for line in checklist.lines { Screen.result(line) }
        }
        if !checklist.isComplete { throw ExitCode(1) }
    }
}
