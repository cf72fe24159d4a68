import Evidence
import Files
import GitObjects
import JSON
import Policy

/// A change of `allowed_signers` and `people.yml`, checked as a whole before any of it is written.
struct PeopleEdit {
    private static let signers: TreePath = "policies/allowed_signers"
    private static let people: TreePath = "policies/people.yml"

    private let place: PolicyPlace
    private let root: String
    private var files: PolicyFiles
    private var added: [(name: String, key: PublicKey)] = []
    private var joined: [(name: String, team: String)] = []
    /// Whose each key is that the file has by now.
    private var owners: [[UInt8]: String]

    /// Starts from the working tree that a folder is in.
    init(in folder: String) throws {
        place = try PolicyPlace(workingTree: folder)
        guard let root = place.root, File.isFolder(root + "/policies") else {
            throw CommandFailure.usage(
                "there is no folder policies in \(shown((place.root ?? folder).utf8))",
                hint: "gate init writes a policy to start from")
        }
        self.root = root
        files = place.files
        owners = [:]
        for line in (files.contents[Self.signers] ?? []).split(separator: 0x0a) {
            if let (name, blob) = Self.entry(line) { owners[blob] = name }
        }
    }

    /// Adds a line to `allowed_signers`; nothing when it is there.
    mutating func add(key: PublicKey, of name: String) throws {
        if let owner = owners[key.blob] {
            if owner.utf8.elementsEqual(name.utf8) { return }
            throw CommandFailure.usage(
                "the key \(key.fingerprint) is \(shown(owner.utf8))'s already",
                details: ["one key answers to one person; other addresses are aliases in"]
                    + ["policies/people.yml"])
        }
        if key.type.contains("-cert-v01@") {
            throw CommandFailure.usage(
                "\(key.fingerprint) is a certificate",
                hint: "add its authority by hand, with the option cert-authority")
        }
        var text = files.contents[Self.signers] ?? []
        if let last = text.last, last != 0x0a { text.append(0x0a) }
        text += Array("\(name) \(key.line)\n".utf8)
        files.contents[Self.signers] = text
        owners[key.blob] = name
        added.append((name, key))
    }

    /// Adds a person to a team; nothing when they are in it.
    mutating func add(_ name: String, toTeam team: String) throws {
        guard let text = files.contents[Self.people] else {
            throw CommandFailure.usage(
                "there is no \(place.prefix)policies/people.yml, and so no team",
                hint: "gate init writes one")
        }
        guard let edited = try TeamEdit(text).adding(name, to: team) else { return }
        files.contents[Self.people] = edited
        joined.append((name, team))
    }

    /// Writes what was added, unless it is what makes the policy invalid.
    func write() throws {
        // Where there were no keys at all, those who have none yet are no fault of this edit.
        var earlier = place.files
        if earlier.contents[Self.signers] == nil { earlier.contents[Self.signers] = [] }
        // Without the hints: whose name is like whose depends on who is there.
        let before = Set(problems(of: earlier).map(\.message))
        let new = problems(of: files).filter { !before.contains($0.message) }
        if !new.isEmpty {
            throw CommandFailure.usage(
                "nothing was written: the edit would not be valid",
                details: new.map { shown(($0.message + $0.hint).utf8) })
        }
        for path in [Self.signers, Self.people] {
            guard let bytes = files.contents[path], bytes != place.files.contents[path] else {
                continue
            }
            do {
                try File.write(bytes, to: "\(root)/\(path)")
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    func show(asJSON: Bool) {
        if asJSON {
            Screen.result([
                "keys": JSON(
                    added.map { name, key -> JSON in
                        ["name": .string(name), "fingerprint": .string(key.fingerprint)]
                    }),
                "teams": JSON(
                    joined.map { name, team -> JSON in
                        ["name": .string(name), "team": .string(team)]
                    }),
            ])
            return
        }
        for (name, key) in added {
            Screen.result("added   \(shown(name.utf8))  \(key.type)  \(key.fingerprint)")
        }
        for (name, team) in joined {
            Screen.result("added   \(shown(name.utf8)) to the team \(shown(team.utf8))")
        }
        if added.isEmpty, joined.isEmpty {
            Screen.result("nothing to add: it is there already")
        } else {
            Screen.note("gate: commit policies/ and land it; the present policy judges that change")
            Screen.note("  gate policy validate")
        }
    }

    /// What is wrong in the two files, without the places, which an edit moves.
    private func problems(of files: PolicyFiles) -> [(message: String, hint: String)] {
        do {
            _ = try Policy.read(files)
            return []
        } catch {
            let edited = [Self.signers, Self.people].map(\.description)
            return error.diagnostics.filter { edited.contains($0.location.file) }
                .map { diagnostic in
                    let hint = diagnostic.hint.map { " (\($0))" } ?? ""
                    return ("\(diagnostic.location.file): \(diagnostic.message)", hint)
                }
        }
    }

    /// The name and key of a line of `allowed_signers`, as far as it is a plain one.
    private static func entry(_ line: ArraySlice<UInt8>) -> (name: String, blob: [UInt8])? {
        let words = line.split { $0 <= 0x20 }
        guard let name = words.first, name.first != UInt8(ascii: "#") else { return nil }
        for index in words.indices.dropFirst().dropLast() {
            let pair = Array(words[index]) + [0x20] + words[index + 1]
            do {
                return (shown(name), try PublicKey(line: pair).blob)
            } catch {
                continue
            }
        }
        return nil
    }
}
