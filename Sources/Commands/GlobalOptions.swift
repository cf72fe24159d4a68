import ArgumentParser
import JSON

/// What every command understands: `@OptionGroup var global: GlobalOptions`.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .customShort("C"),
        help: ArgumentHelp("Work in this folder, as git -C does.", valueName: "dir"))
    var directory = "."

    @Flag(help: "Write the result as JSON.")
    var json = false

    /// A path that the user gave, as seen from ``directory``.
    func path(_ given: String) -> String {
        given.hasPrefix("/") || directory == "." ? given : "\(directory)/\(given)"
    }
}

extension Screen {
    /// A result for machines.
    static func result(_ json: JSON) {
        result(String(decoding: json.pretty(), as: UTF8.self))
    }
}
