import ArgumentParser
import Evidence

/// `gate people add`.
struct PeopleAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Adds a person's key to policies/allowed_signers, and the person to a team.",
        discussion: """
            NAME is the address by which the person commits. The edit is checked before it is \
            written; comments and formatting stay. Land it as any change of the policy.

            Example:
              gate people add bob@wrk.example --key ~/.ssh/id_ed25519.pub --team engineering
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The person's address: bob@wrk.example.")
    var name: String

    @Option(help: ArgumentHelp("Their public key: a .pub file.", valueName: "file"))
    var key: String

    @Option(help: "A team in policies/people.yml to add them to.")
    var team: String?

    func run() throws {
        let key = try PublicKeyFile(path: global.path(key)).key
        var edit = try PeopleEdit(in: global.directory)
        try edit.add(key: key, of: name)
        if let team { try edit.add(name, toTeam: team) }
        try edit.write()
        edit.show(asJSON: global.json)
    }
}
