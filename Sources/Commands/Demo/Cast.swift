import Files

/// The people of the demo, and what they have before the story begins.
struct Cast {
    /// Invented people of an invented company: nobody's address ends in `.example` (RFC 2606).
    static let people = ["alice", "bob", "carol", "ci"]

    static func address(of person: String) -> String { person + "@wrk.example" }

    let stage: Stage

    /// Gives everybody a home, a key and a git configuration.
    func assemble() throws {
        for person in Self.people + ["owner"] {
            let home = stage.home(of: person)
            try stage.attempt { () throws(FileError) in try Folder.make(home + "/.ssh") }
            let key = home + "/.ssh/id_ed25519"
            try stage.prepare(
                person,
                [
                    "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C",
                    Self.address(of: person), "-f", key,
                ], in: stage.folder)
            for (name, value) in [
                ("user.name", person == "ci" ? "CI" : person.capitalizedFirst),
                ("user.email", Self.address(of: person)),
                ("user.signingkey", key + ".pub"), ("gpg.format", "ssh"),
                ("init.defaultBranch", "master"), ("advice.detachedHead", "false"),
                ("push.default", "upstream"), ("pull.rebase", "true"),
            ] {
                try stage.prepare(
                    person, ["git", "config", "--global", name, value], in: stage.folder)
            }
        }
    }

    /// One line of allowed_signers for each person.
    func allowedSigners() throws -> String {
        var lines = ""
        for person in Self.people {
            var key = ""
            try stage.attempt { () throws(FileError) in
                let bytes = try File.read(stage.home(of: person) + "/.ssh/id_ed25519.pub")
                key = bytes.split(separator: 0x20).prefix(2)
                    .map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            }
            lines += "\(Self.address(of: person)) \(key)\n"
        }
        return lines
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
