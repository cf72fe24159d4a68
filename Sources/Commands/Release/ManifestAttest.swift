import ArgumentParser
import Evidence
import GitObjects
import JSON
import Release

/// `gate manifest attest`: a manifest as a signed in-toto statement.
struct ManifestAttest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Wraps a manifest in a signed in-toto statement.",
        discussion: """
            A DSSE envelope on one line; its subjects are the commit and the images. gate manifest \
            verify reads it as it reads the manifest itself.

            Example: gate manifest attest manifest.json -o manifest.attestation
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The manifest.")
    var file: String

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Write it to this file.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("The SSH key to sign with.", valueName: "file"))
    var key: String?

    func run() throws {
        let manifest = try ManifestFile(path: global.path(file)).read()
        let office = try ReleaseOffice(global, train: manifest.train, key: key)
        let scribe = try office.scribe(for: try office.environment(manifest.environment))
        let attestation = try scribe.attest(manifest.statementPayload())
        guard let output else {
            Screen.result(String(decoding: attestation.bytes, as: UTF8.self))
            return
        }
        try ManifestFile.write(attestation.bytes + [0x0a], to: global.path(output))
    }
}
