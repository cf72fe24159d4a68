public import Evidence
public import Git
public import GitObjects
import History
import Spawn

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Fetches evidence from a remote and pushes evidence to it.
///
/// What the remote has is kept under refs of gate's own, so that nobody has to configure a
/// refspec. `refs/notes/gate` of the clone is what the remote has and the clone's own lines that
/// are not pushed yet, in a commit on top of it: they survive a crash before the push.
public final class LedgerSync {
    /// The most tries, and the most seconds, for which others may be faster.
    private static let mostTries = 40
    private static let mostSeconds = 90.0

    private let writer: Writer
    private let remote: String
    private let git: GitCommand
    private let notesWriter: NotesWriter

    private var repository: Repository { writer.repository }

    /// - Parameter remote: the name of a remote, or its URL or path.
    public init(_ writer: Writer, remote: String) {
        self.writer = writer
        self.remote = remote
        git = GitCommand(writer.repository)
        notesWriter = NotesWriter(writer)
    }

    /// Where the remote's `refs/notes/gate` is kept.
    public var trackingNotes: RefName { tracking("notes") }
    /// Where the remote's `refs/gate/heads` is kept.
    public var trackingHeads: RefName { tracking("heads") }

    private func tracking(_ name: String) -> RefName {
        let isPlain = remote.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        // A URL has bytes that no ref can have.
        let folder =
            isPlain && !remote.isEmpty
            ? remote : "url-" + remote.utf8.map { String($0, radix: 16) }.joined()
        return RefName("refs/gate/tracking/\(folder)/\(name)")
    }

    /// Fetches what the remote has, and unites it with the clone's own lines in
    /// `refs/notes/gate`.
    ///
    /// - Returns: the remote's tip of `refs/notes/gate`; nil when it has no evidence.
    @discardableResult
    public func fetch() throws(LedgerError) -> ObjectID? {
        try inGit { () throws(GitError) in
            let tip = try fetchFromRemote()
            for _ in 0..<Self.mostTries {
                do throws(GitError) {
                    try unite(tip, with: [])
                    return tip
                } catch {
                    // Another gate in this clone was at it: look again.
                    guard error.kind == .contended else { throw error }
                }
            }
            throw GitError(.contended, "\(NoteStore.ref)", "is being moved all the time")
        }
    }

    /// Adds lines to the remote's evidence, together with what this clone has not pushed yet.
    ///
    /// Before the push they stand in the clone's `refs/notes/gate`. When the remote's hook refuses
    /// the push they are taken out again.
    ///
    /// - Returns: the new tip.
    @discardableResult
    public func append(_ lines: [Line]) throws(LedgerError) -> ObjectID? {
        var isFresh = false
        return try untilPushed(to: NoteStore.ref, tracking: trackingNotes) { () throws(GitError) in
            // First on top of what is known: mostly nobody else was there.
            let tip: ObjectID?
            if isFresh {
                tip = try self.fetchFromRemote()
            } else {
                tip = try self.repository.resolve(self.trackingNotes).target
            }
            isFresh = true
            let united = try self.unite(tip, with: lines)
            return (tip, united)
        } onRefusal: { () throws(GitError) in
            try self.withdraw(lines)
        }
    }

    /// Adds lines to the clone's own evidence; the next ``append(_:)`` pushes them.
    public func keep(_ lines: [Line]) throws(LedgerError) {
        try inGit { () throws(GitError) in
            let tip = try repository.resolve(trackingNotes).target
            _ = try unite(tip, with: lines)
        }
    }

    /// The clone's own lines that the remote has not, as far as the last fetch knows.
    public func pending() throws(LedgerError) -> [Line] {
        try inGit { () throws(GitError) in
            let tip = try repository.resolve(trackingNotes).target
            let local = try repository.resolve(NoteStore.ref).target
            var lines: [Line] = []
            for (_, rows) in try unpushed(local, beyond: tip).sorted(by: { $0.key < $1.key }) {
                for row in rows {
                    do throws(EvidenceError) {
                        lines.append(try Line(parsing: row))
                    } catch {
                        continue  // what is no line is not pushed either
                    }
                }
            }
            return lines
        }
    }

    /// Takes lines that the remote has not out of the clone's evidence again.
    public func drop(_ lines: [Line]) throws(LedgerError) {
        if lines.isEmpty { return }
        try inGit { () throws(GitError) in try withdraw(lines) }
    }

    /// Keeps heads reachable on the remote through `refs/gate/heads`; those that it keeps already
    /// are left out.
    ///
    /// - Returns: the new tip.
    @discardableResult
    public func keepHeads(_ heads: [ObjectID]) throws(LedgerError) -> ObjectID? {
        try untilPushed(to: HeadsGuard.ref, tracking: trackingHeads) { () throws(GitError) in
            try self.fetchFromRemote()
            let tip = try self.repository.resolve(self.trackingHeads).target
            var missing: [ObjectID] = []
            for head in heads where !missing.contains(head) {
                let isKept = try tip.map { tip throws(GitError) in
                    try self.repository.isAncestor(head, of: tip)
                }
                if isKept != true { missing.append(head) }
            }
            if missing.isEmpty { return (tip, tip) }
            return (tip, try self.notesWriter.link(keeping: missing, behind: tip))
        } onRefusal: { () throws(GitError) in
        }
    }

    private func inGit<T>(_ body: () throws(GitError) -> T) throws(LedgerError) -> T {
        do throws(GitError) {
            return try body()
        } catch {
            throw .git(error)
        }
    }
}

// MARK: - Fetching

extension LedgerSync {
    /// The remote's tip of `refs/notes/gate`. A remote without evidence, or without kept heads, is
    /// nothing unusual.
    @discardableResult
    private func fetchFromRemote() throws(GitError) -> ObjectID? {
        // No other ref can begin like this one: everything under refs/gate/ is gate's. With a
        // pattern it is no error when there is none.
        let heads = "+\(HeadsGuard.ref)*:\(trackingHeads)*"
        let notes = "+\(NoteStore.ref):\(trackingNotes)"
        let options = [
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
            "--no-recurse-submodules", "--refmap=", remote, heads,
        ]
        let result = try git.run(options + [notes])
        defer { repository.refresh() }
        if result.succeeded {
            repository.refresh()
            return try repository.resolve(trackingNotes).target
        }
        let isMissing = String(decoding: result.errorOutput, as: UTF8.self)
            .contains("couldn't find remote ref \(NoteStore.ref)")
        guard isMissing else { throw try fetchFailure(result.errorOutput) }
        let again = try git.run(options)
        guard again.succeeded else { throw try fetchFailure(again.errorOutput) }
        return nil
    }

    private func fetchFailure(_ output: [UInt8]) throws(GitError) -> GitError {
        let lines = output.split(separator: 0x0a).map { shown($0) }
        let text = lines.joined(separator: "; ")
        // Two fetches of one clone at once, or what one that was killed has left.
        let isContended = text.contains("cannot lock ref") || text.contains(".lock': File exists")
        if isContended {
            for ref in [trackingNotes, trackingHeads] {
                try AbandonedLocks.clear(ref, in: repository)
            }
        }
        return GitError(isContended ? .contended : .tool, "git fetch", "failed: \(text)")
    }

    /// Brings `refs/notes/gate` of the clone to the remote's tip, and on top of it what the clone
    /// has beside that, and these lines.
    ///
    /// - Returns: where the ref is now.
    @discardableResult
    private func unite(_ tip: ObjectID?, with lines: [Line]) throws(GitError) -> ObjectID? {
        let local = try repository.resolve(NoteStore.ref).target
        var missing = try unpushed(local, beyond: tip)
        let known: NoteStore = try NoteStore(repository, tip: tip)
        for line in lines {
            let object = line.statement.subject
            let isThere = try known.lines(on: object).contains(line)
            if !isThere && missing[object]?.contains(line.bytes) != true {
                missing[object, default: []].append(line.bytes)
            }
        }
        let united = missing.isEmpty ? tip : try notesWriter.commit(adding: missing, to: tip)
        try move(local, to: united)
        return united
    }

    private func move(_ local: ObjectID?, to united: ObjectID?) throws(GitError) {
        guard let united, united != local else { return }
        try writer.update(NoteStore.ref, from: local, to: united, message: "gate: evidence")
    }

    /// The lines of the clone that the remote has not. What is no statement stays behind: the
    /// remote would refuse it.
    private func unpushed(
        _ local: ObjectID?, beyond tip: ObjectID?
    ) throws(GitError) -> [ObjectID: [[UInt8]]] {
        guard let local, local != tip else { return [:] }
        if let tip, try repository.isAncestor(local, of: tip) { return [:] }
        let remote: NotesTree?
        if let tip {
            remote = try NotesTree(at: tip, in: repository)
        } else {
            remote = nil
        }
        var missing: [ObjectID: [[UInt8]]] = [:]
        for difference in try NotesTree(at: local, in: repository).differences(from: remote) {
            guard let own = difference.new else { continue }
            var known: Set<[UInt8]> = []
            if let theirs = difference.old {
                known = Set(Note(try repository.blob(theirs, limit: NoteStore.noteLimit)).lines)
            }
            let note = Note(try repository.blob(own, limit: NoteStore.noteLimit))
            for line in note.statements(on: difference.object)
            where known.insert(line.bytes).inserted {
                missing[difference.object, default: []].append(line.bytes)
            }
        }
        return missing
    }

    /// Takes lines that were refused out of the clone's notes again.
    private func withdraw(_ lines: [Line]) throws(GitError) {
        let tip = try repository.resolve(trackingNotes).target
        let local = try repository.resolve(NoteStore.ref).target
        var rest = try unpushed(local, beyond: tip)
        for line in lines {
            rest[line.statement.subject]?.removeAll { $0 == line.bytes }
        }
        rest = rest.filter { !$0.value.isEmpty }
        if let local, tip == nil, rest.isEmpty {
            try writer.delete(NoteStore.ref, from: local)
        } else {
            try move(local, to: rest.isEmpty ? tip : notesWriter.commit(adding: rest, to: tip))
        }
    }
}

// MARK: - Pushing

extension LedgerSync {
    /// Makes a commit and pushes it, again and again while others are faster.
    ///
    /// - Parameter make: the remote's tip as far as known, and the commit to push over it.
    private func untilPushed(
        to ref: RefName, tracking: RefName,
        _ make: () throws(GitError) -> (tip: ObjectID?, new: ObjectID?),
        onRefusal: () throws(GitError) -> Void
    ) throws(LedgerError) -> ObjectID? {
        let deadline = MonotonicClock.seconds + Self.mostSeconds
        var last = ""
        var tries = 0
        while tries < Self.mostTries, MonotonicClock.seconds < deadline {
            tries += 1
            let made: (tip: ObjectID?, new: ObjectID?)
            do throws(GitError) {
                made = try make()
            } catch {
                guard error.kind == .contended else { throw .git(error) }
                last = error.description
                Self.pause(after: tries)
                continue
            }
            guard let new = made.new, new != made.tip else { return made.tip }
            switch try inGit({ () throws(GitError) in try push(new, to: ref) }) {
            case .accepted:
                try inGit { () throws(GitError) in try remember(new, at: tracking, was: made.tip) }
                return new
            case .lostRace:
                last = "\(ref): somebody else was faster"
                Self.pause(after: tries)
            case .refused(let message):
                try inGit { () throws(GitError) in try onRefusal() }
                throw .refused(message: message)
            }
        }
        throw .busy(tries: tries, last: last)
    }

    /// The remote has it; that a fetch was faster to note it here is no matter.
    private func remember(
        _ new: ObjectID, at tracking: RefName, was old: ObjectID?
    ) throws(GitError) {
        do throws(GitError) {
            try writer.update(tracking, from: old, to: new, message: "gate: pushed")
        } catch {
            guard error.kind == .contended else { throw error }
        }
    }

    private func push(_ commit: ObjectID, to ref: RefName) throws(GitError) -> PushAnswer {
        let result = try git.run([
            "push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no",
            remote, "\(commit.hex):\(ref)",
        ])
        return try PushAnswer(result, ref: ref)
    }

    /// Waits a random time, longer after more tries, so that many writers do not meet again.
    private static func pause(after tries: Int) {
        let longest = min(2_000_000, 25_000 << UInt32(min(tries, 8)))
        usleep(UInt32.random(in: 10_000...UInt32(longest)))
    }
}
