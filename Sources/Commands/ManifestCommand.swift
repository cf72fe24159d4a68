import ArgumentParser
import Files
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
                     gate manifest get manifest.json services --format lines
            """,
        subcommands: [Make.self],
        defaultSubcommand: Make.self)

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make", abstract: "Make a manifest; what 'gate manifest' does.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var release: ReleaseOptions

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("Write it to this file.", valueName: "file"))
        var output: String?

        func run() throws {
            let plan = try ReleaseDesk(release, in: global.directory).plan()
            let bytes = plan.json().manifestBytes()
            guard let output else {
                Screen.result(String(decoding: bytes.dropLast(), as: UTF8.self))
                return
            }
            do {
                try File.write(bytes, to: global.path(output))
            } catch {
                throw CommandFailure.undetermined("\(error)")
            }
        }
    }
}
