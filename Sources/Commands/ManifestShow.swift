import ArgumentParser
import Release

/// `gate manifest show`: a manifest in a file, for people.
struct ManifestShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Renders a manifest that was made before.",
        discussion: """
            Example: gate manifest show manifest.json --format html > release.html
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The manifest.")
    var file: String

    @Option(help: ArgumentHelp("json, markdown, html, env or tsv.", valueName: "format"))
    var format = ManifestFormat.markdown

    func run() throws {
        let manifest = try ManifestFile(path: global.path(file)).read()
        let text = try (global.json ? .json : format).text(of: manifest)
        Screen.result(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    }
}
