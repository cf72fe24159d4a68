import Enforcement
import Evidence
import Git
import GitObjects
import History
import JSON
import Ledger
import Policy

/// The evidence that a clone has, and the policy under which it is judged now; fetched anew where
/// the server can be reached, for both are needed offline too.
struct Archive {
    let policy: KnownPolicy
    private let clone: Clone
    private let notes: NotesTree?

    init(at folder: String) throws {
        clone = try Clone(at: folder)
        do {
            _ = try clone.view()
            let writer = try Writer.open(gitDirectory: clone.repository.gitDirectory)
            try LedgerSync(writer, remote: clone.remote).fetch()
        } catch {
            let reason = CommandFailure(translating: error)?.message ?? "\(error)"
            Screen.note("note: not fetched, this is what the clone has: \(reason)")
        }
        clone.repository.refresh()
        policy = try KnownPolicy(in: clone, orOf: try clone.commit("HEAD"))
        let repository = clone.repository
        notes = try repository.resolve(NoteStore.ref).target.map { tip in
            try NotesTree(at: tip, in: repository)
        }
    }

    /// One line of a note.
    struct Entry {
        let object: ObjectID
        /// Which line of the note, counted from 1.
        let number: Int
        /// nil: it is no statement of gate's.
        let evidence: EvidenceLine?
        let problem: String?

        var text: String {
            let name = evidence?.principal.map { shown($0.name.utf8) } ?? "not verified"
            let words = evidence?.words ?? "line \(number)"
            let note = problem.map { "  (\($0))" } ?? ""
            return "\(object.short)  \(words)  by \(name)\(note)"
        }

        var json: JSON {
            if let evidence { return evidence.json }
            return [
                "subject": JSON(object.hex), "number": JSON(number), "verified": false,
                "problem": JSON(problem),
            ]
        }
    }

    /// What a name stands for: a commit and its tree, or a tree.
    func objects(_ name: String) throws -> [ObjectID] {
        let output: [UInt8]
        do {
            output = try clone.git(
                ["rev-parse", "--verify", "--quiet", "--end-of-options", name],
                failure: .usage(
                    "\(shown(name.utf8)) names nothing here",
                    hint: "fetch it: git fetch \(shellWord(clone.remote.utf8))"))
        } catch let failure as CommandFailure where failure.exitCode == 2 {
            // A branch of the server, as last fetched.
            let tracking = RefName("refs/remotes/\(clone.remote)/\(name)")
            guard let id = try clone.repository.resolve(tracking).target else { throw failure }
            output = Array(id.hex.utf8)
        }
        guard let id = ObjectID(hex: output.prefix { $0 != 0x0a }) else {
            throw CommandFailure.undetermined("git rev-parse gave no object id")
        }
        // A tree that was checked elsewhere need not be here.
        guard let kind = try clone.repository.header(id)?.kind, kind != .tree, kind != .blob else {
            return [id]
        }
        let commit = try clone.commit(id.hex)
        return [commit, try clone.repository.commit(commit).tree]
    }

    /// Everything that has a note.
    func allObjects() throws -> [ObjectID] { try notes?.notes().keys.sorted() ?? [] }

    /// The lines on an object.
    func entries(on object: ObjectID) throws -> [Entry] {
        guard let blob = try notes?.note(on: object) else { return [] }
        let content = try clone.repository.blob(blob, limit: NoteStore.noteLimit)
        var entries: [Entry] = []
        var lines = content.split(separator: 0x0a, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for (position, bytes) in lines.enumerated() {
            entries.append(entry(Array(bytes), position + 1, on: object))
        }
        return entries
    }

    private func entry(_ bytes: [UInt8], _ number: Int, on object: ObjectID) -> Entry {
        do {
            let line = try Line(parsing: bytes)
            let evidence = EvidenceLine(line, under: policy.policy)
            var problem = evidence.problem
            if line.statement.subject != object {
                problem = "it is about \(line.statement.subject.short), another object"
            }
            return Entry(object: object, number: number, evidence: evidence, problem: problem)
        } catch {
            return Entry(object: object, number: number, evidence: nil, problem: error.problem)
        }
    }

    func json(_ kind: String, _ entries: [Entry]) -> JSON {
        [
            "schemaVersion": 1, "kind": JSON(kind), "policy": JSON(policy.commit.hex),
            "verified": JSON(entries.allSatisfy { $0.problem == nil }),
            "lines": JSON(entries.map(\.json)),
        ]
    }
}
