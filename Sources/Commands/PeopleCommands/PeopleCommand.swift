import ArgumentParser
import JSON

/// `gate people`: who is known to the policy, and by which keys.
struct PeopleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "Edits and lists the people and keys of the policy.",
        discussion: """
            Example:
              gate people add bob@wrk.example --key bob.pub --team engineering
              gate people list
            """,
        subcommands: [PeopleAdd.self, PeopleImport.self, PeopleList.self])
}

/// `gate people list`.
struct PeopleList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the people of the policy with their teams, other names and keys.",
        discussion: """
            Example:
              gate people list
              gate people list --rev origin/master --json
            """)

    @OptionGroup var global: GlobalOptions

    @Option(name: .customLong("rev"), help: "Read the policy of this commit.")
    var revision: String?

    func run() throws {
        let place = try PolicyPlace(revision: revision, folder: global.directory)
        let people = PersonList(try place.policy()).people
        if global.json {
            Screen.result(["people": JSON(people.map(\.json))])
        } else if people.isEmpty {
            Screen.note("gate: \(place.name) names nobody")
            Screen.note("  gate people add NAME --key FILE")
        } else {
            for person in people { person.lines.forEach { Screen.result($0) } }
        }
    }
}
