import ArgumentParser

/// `gate policy`: checks policies and says what they mean.
struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Checks policy files, and says what applies to a ref.",
        discussion: """
            Example:
              gate policy validate
              gate policy show master
            """,
        subcommands: [PolicyValidate.self, PolicyShow.self])
}
