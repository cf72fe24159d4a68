import ArgumentParser
import Evidence
import GitObjects
import JSON
import Policy

/// `gate evidence`.
struct EvidenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Evidence in words, and how to verify it by hand.",
        discussion: """
            Example:
              gate evidence show HEAD
              gate evidence verify

            Works without the server on what this clone has.
            """,
        subcommands: [EvidenceShowCommand.self, EvidenceVerifyCommand.self])
}

struct EvidenceShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "What is signed about an object, and the commands to check it without gate.",
        discussion: """
            For a commit: what is said about it and about its tree.

            Example:
              gate evidence show fix-payout
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A commit or tree; without it, HEAD.")
    var object: String?

    func run() throws {
        let archive = try Archive(at: global.directory)
        let objects = try archive.objects(object ?? "HEAD")
        let entries = try objects.flatMap { try archive.entries(on: $0) }
        if global.json {
            Screen.result(archive.json("Evidence", entries))
            return
        }
        for entry in entries { Screen.result(entry.text) }
        if entries.isEmpty {
            Screen.note("there is no evidence on \(objects.map(\.short).joined(separator: " or "))")
            return
        }
        for line in HandVerification(policyCommit: archive.policy.commit).lines(entries) {
            Screen.result(line)
        }
    }
}

struct EvidenceVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verifies evidence under the present policy.",
        discussion: """
            Each line is in canonical form, about the object it stands on, for this repository, \
            and signed by somebody whose key the policy lists. Without OBJECT, all of it.

            Example:
              gate evidence verify

            Exit codes: 0 all lines verify, 1 some do not.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A commit or tree; without it, everything.")
    var object: String?

    func run() throws {
        let archive = try Archive(at: global.directory)
        let objects = try object.map(archive.objects) ?? archive.allObjects()
        let entries = try objects.flatMap { try archive.entries(on: $0) }
        let failed = entries.filter { $0.problem != nil }
        if global.json {
            Screen.result(archive.json("EvidenceVerification", entries))
        } else {
            for entry in failed { Screen.result(entry.text) }
            let count = entries.count - failed.count
            Screen.result("\(count) verified, \(failed.count) not")
        }
        if !failed.isEmpty { throw ExitCode(1) }
    }
}
