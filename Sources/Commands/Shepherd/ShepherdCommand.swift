import ArgumentParser
import Git
import GitObjects
import JSON
import Policy
import Release

/// `gate shepherd`: who pushes today.
struct ShepherdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shepherd",
        abstract: "Draws the shepherd of a day from the whole team.",
        discussion: """
            Everybody once in a cycle, nobody twice in a row; whoever is away keeps the turn. The \
            draw is a function of the policies on the default branch and the date: everybody can \
            draw it again. See docs/reference/shepherd.md.

            Example: gate shepherd
                     gate shepherd --date 2026-11-24 --explain
                     gate shepherd --format mail | sendmail -t
                     gate shepherd list --days 30
            """,
        subcommands: [Draw.self, List.self], defaultSubcommand: Draw.self)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, mail
    }

    struct Draw: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "draw", abstract: "Draw for one day; what 'gate shepherd' does.",
            discussion: "Example: gate shepherd draw --date 2026-03-02 --explain")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var day: ShepherdOptions

        @Flag(help: "Show how it was drawn.")
        var explain = false

        @Option(help: ArgumentHelp("text or mail.", valueName: "format"))
        var format = Format.text

        func run() throws {
            let draw = try ShepherdDesk(day, in: global.directory).draw()
            if global.json {
                Screen.result(draw.json())
                return
            }
            guard let principal = draw.principal else {
                // Nothing on standard output: no mail is sent, no variable set.
                Screen.note("nobody pushes on \(draw.date): \(draw.reason)")
                if explain { for line in draw.explanation() { Screen.note("  " + line) } }
                return
            }
            switch format {
            case .text: Screen.result(shown(principal.name.utf8))
            case .mail: Screen.result(ShepherdMail(draw, to: principal).text)
            }
            if explain {
                for line in draw.explanation() { Screen.result("  " + line) }
            }
        }

        func validate() throws {
            if explain, format == .mail {
                throw ValidationError("--explain is for people: leave out --format mail")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The shepherds of the next days.",
            discussion: """
                As the roster is now: who joins, leaves or goes away changes what is to come.

                Example: gate shepherd list --days 30
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var day: ShepherdOptions

        @Option(help: ArgumentHelp("For how many days.", valueName: "number"))
        var days = 30

        func run() throws {
            let draws = try ShepherdDesk(day, in: global.directory).draws(days: days)
            if global.json {
                Screen.result(JSON(draws.map { $0.json() }))
                return
            }
            for draw in draws {
                let who = draw.principal.map { shown($0.name.utf8) } ?? "– \(draw.reason)"
                Screen.result("\(draw.date)  \(draw.date.weekday.rawValue)  \(who)")
            }
        }

        func validate() throws {
            guard (1...3660).contains(days) else {
                throw ValidationError("--days takes a number from 1 to 3660")
            }
        }
    }
}

/// From when, and whom to ask.
struct ShepherdOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The day, in UTC; default: today.", valueName: "date"))
    var date: String?

    @Flag(help: "Ask no server: read what this clone knows.")
    var offline = false
}
