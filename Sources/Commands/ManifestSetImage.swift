import ArgumentParser
import Release

/// `gate manifest set-image`: which image a service was built into.
struct ManifestSetImage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-image",
        abstract: "Adds an image's digest to a manifest.",
        discussion: """
            The image must be the one that policies/release.yml names for the service. A digest \
            that stands already is not replaced: what one environment proved is what the next one \
            gets.

            Example: gate manifest set-image api "$IMAGE" --file manifest.json
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The service.")
    var service: String

    @Argument(help: "The image by its digest: registry.wrk.example/api@sha256:…")
    var image: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The manifest.", valueName: "file"))
    var file = "manifest.json"

    func run() throws {
        let place = ManifestFile(path: global.path(file))
        var manifest = try place.read()
        do {
            try manifest.setImage(of: service, to: image)
        } catch {
            throw ManifestFile.failure(error, file)
        }
        try ManifestFile.write(manifest.json.manifestBytes(), to: place.path)
    }
}
