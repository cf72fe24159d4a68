import ArgumentParser
import Release

/// `gate manifest get`: one value, for bash.
struct ManifestGet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Reads values out of a manifest.",
        discussion: """
            PATH is names joined by dots: release.id, services.api.image.uri, changes[0].title, \
            changes.*.id. In a list a name stands for the element of that name or id. What \
            '--format env' prints is safe to eval whatever a commit message says; it always has \
            REVISION, LAST_DEPLOYED_SHA, ENVIRONMENT and RELEASE_ID.

            Example: gate manifest get manifest.json 'services.*.name'
                     eval "$(gate manifest get manifest.json --format env)"
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The manifest.")
    var file: String

    @Argument(help: "What to read; default: everything.")
    var path: String?

    @Option(help: ArgumentHelp("lines, tsv, env or json.", valueName: "format"))
    var format = ValueFormat.lines

    func run() throws {
        let manifest = try ManifestFile(path: global.path(file)).read()
        let format = global.json ? .json : format
        let text: String
        do {
            if path == nil, format == .env {
                text = manifest.text(of: [], as: .env)
            } else {
                let place = try path.map { text throws(ManifestError) in
                    try ManifestPath(parsing: text)
                }
                let found = try manifest.values(at: place ?? ManifestPath())
                text = manifest.text(of: found, as: format)
            }
        } catch {
            throw ManifestFile.failure(error, file)
        }
        if !text.isEmpty { Screen.result(String(text.dropLast())) }
    }
}
