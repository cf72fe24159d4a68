import ArgumentParser
import Evidence
import Files
import GitObjects

/// `gate people import`.
struct PeopleImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Adds the keys of an authorized_keys file to policies/allowed_signers.",
        discussion: """
            The comment of each key is the person's address, unless --as names one person for \
            all. Options of authorized_keys (command=, no-pty) are left out. A line that cannot \
            be imported is named and passed over; the exit code is 1 then.

            Example:
              gate people import ~git/.ssh/authorized_keys --team engineering
              gate people import bob-keys --as bob@wrk.example
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "A file in the format of authorized_keys (sshd(8)).")
    var file: String

    @Option(
        name: .customLong("as"), help: ArgumentHelp("Whose keys they all are.", valueName: "name"))
    var owner: String?

    @Option(help: "A team in policies/people.yml to add them all to.")
    var team: String?

    func run() throws {
        let path = global.path(file)
        let bytes: [UInt8]
        do {
            bytes = try File.read(path, limit: 16 << 20)
        } catch {
            throw CommandFailure.usage(shown(error.description.utf8))
        }
        var edit = try PeopleEdit(in: global.directory)
        var skipped = 0
        var number = 0
        for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            number += 1
            do {
                guard let found = try AuthorizedKey(line: line) else { continue }
                let name = try owner ?? found.address()
                try edit.add(key: found.key, of: name)
                if let team { try edit.add(name, toTeam: team) }
            } catch let error as EvidenceError {
                skipped += 1
                Screen.note("gate: \(shown(path.utf8)):\(number): \(error.description)")
            } catch let failure as CommandFailure {
                skipped += 1
                Screen.note("gate: \(shown(path.utf8)):\(number): \(failure.message)")
            }
        }
        try edit.write()
        edit.show(asJSON: global.json)
        if skipped > 0 { throw ExitCode(1) }
    }
}

/// One line of `authorized_keys`: `[options] type base64 [comment]`.
struct AuthorizedKey {
    let key: PublicKey
    let comment: String

    /// - Returns: nil for an empty line or a comment.
    init?(line: ArraySlice<UInt8>) throws(EvidenceError) {
        var rest = Self.trimmed(line)
        guard let first = rest.first, first != UInt8(ascii: "#") else { return nil }
        if !Self.startsWithKeyType(rest) { rest = Self.trimmed(rest[Self.endOfOptions(rest)...]) }
        guard Self.startsWithKeyType(rest) else {
            throw EvidenceError("has no key of a kind that signs")
        }
        key = try PublicKey(line: rest)
        let words = rest.split(maxSplits: 2, omittingEmptySubsequences: true) { $0 <= 0x20 }
        comment = words.count > 2 ? shown(Self.trimmed(words[2])) : ""
    }

    /// The comment, where it is an address.
    func address() throws -> String {
        let parts = comment.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }),
            comment.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x2c && $0 != 0x22 })
        else {
            throw CommandFailure.usage(
                comment.isEmpty
                    ? "the key has no comment that would say whose it is; say it with --as"
                    : "the comment \(comment) is no address; say whose key it is with --as")
        }
        return comment
    }

    private static func startsWithKeyType(_ bytes: ArraySlice<UInt8>) -> Bool {
        ["ssh-", "ecdsa-", "sk-"].contains { bytes.starts(with: $0.utf8) }
    }

    /// Options end at the first blank outside quotes; a quote may be escaped (sshd(8)).
    private static func endOfOptions(_ bytes: ArraySlice<UInt8>) -> Int {
        var isQuoted = false
        var isEscaped = false
        for index in bytes.indices {
            let byte = bytes[index]
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if !isQuoted, byte == 0x20 || byte == 0x09 {
                return index
            }
        }
        return bytes.endIndex
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = bytes.drop { $0 <= 0x20 }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        return bytes
    }
}
