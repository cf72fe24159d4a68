import ArgumentParser
import Release

/// `gate manifest`: what a deploy script reads.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "The manifest of a release, for deploy scripts.",
        discussion: """
            Prints the plan of a push as JSON with sorted keys: the same bytes for the same \
            commits, policy, evidence and --created. See docs/reference/manifest.md.

            Example: gate manifest --environment production -o manifest.json
                     gate manifest get manifest.json 'services.*.name'
                     eval "$(gate manifest get manifest.json --format env)"
            """,
        subcommands: [
            Make.self, ManifestGet.self, ManifestSetImage.self, ManifestShow.self,
            ManifestAttest.self, ManifestVerify.self,
        ],
        defaultSubcommand: Make.self)

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make", abstract: "Make a manifest; what 'gate manifest' does.",
            discussion: """
                Example: gate manifest make --environment production -o manifest.json
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var release: ReleaseOptions

        @Option(
            name: .customLong("of"),
            help: ArgumentHelp(
                "The manifest of the release that was last started on this environment, with what "
                    + "signed statements have added.", valueName: "environment"))
        var started: String?

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Write it to this file.", valueName: "file"))
        var output: String?

        @Option(help: ArgumentHelp("json, markdown, html, env or tsv.", valueName: "format"))
        var format = ManifestFormat.json

        func run() throws {
            let bytes = try bytes()
            let text = try format.text(of: ManifestFile.parse(bytes, called: "the manifest"))
            guard let output else {
                Screen.result(text.hasSuffix("\n") ? String(text.dropLast()) : text)
                return
            }
            try ManifestFile.write(Array(text.utf8), to: global.path(output))
        }

        private func bytes() throws -> [UInt8] {
            guard let started else {
                return try ReleaseDesk(release, in: global.directory).plan()
                    .json().manifestBytes()
            }
            var office = try ReleaseOffice(global, train: release.train, key: nil)
            return try office.manifest(of: office.environment(started)).json.manifestBytes()
        }
    }
}
