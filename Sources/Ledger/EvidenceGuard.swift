import Evidence
public import GitObjects
public import History
public import Policy

/// Something that a push to `refs/notes/gate` or `refs/gate/heads` may not do.
public struct EvidenceProblem: Hashable, Sendable {
    /// The object whose note it is about, or the commit of the chain; nil: the ref as a whole.
    public let object: ObjectID?
    /// What is wrong, as a clause with its subject: "line 3 is not in canonical form".
    public let problem: String
    /// What the pusher can do, if anything.
    public let hint: String?

    init(_ object: ObjectID?, _ problem: String, hint: String? = nil) {
        self.object = object
        self.problem = problem
        self.hint = hint
    }
}

/// Judges a push to `refs/notes/gate`: evidence is only ever added, and each added line is
/// somebody's good statement for this repository, whom the policy lets make it.
///
/// Whether a statement counts for anything is not asked here.
public struct EvidenceGuard {
    private let history: any HistorySource
    private let policy: Policy
    private let arrival: Int64
    private let gitFolder: String?

    /// - Parameters:
    ///   - history: what the server has and what was pushed.
    ///   - policy: the policy at the default branch's old tip.
    ///   - arrival: the server's time, in seconds since 1970.
    ///   - gitFolder: where an ``EvidenceIndex`` is, see ``NoteStore``.
    public init(
        _ history: any HistorySource, policy: Policy, arrival: Int64, gitFolder: String? = nil
    ) {
        self.history = history
        self.policy = policy
        self.arrival = arrival
        self.gitFolder = gitFolder
    }

    /// What is wrong with moving the ref; nothing is wrong when the list is empty.
    ///
    /// - Parameters:
    ///   - old: the ref's target; nil or zero when it does not exist.
    ///   - new: what it shall be; nil or zero to delete it.
    /// - Throws: what keeps the push from being judged: an old tree that is not well formed, a
    ///   failure to read.
    public func problems(
        old: ObjectID?, new: ObjectID?
    ) throws(GitError) -> [EvidenceProblem] {
        let old = old.flatMap { $0.isZero ? nil : $0 }
        guard let new, !new.isZero else {
            return [EvidenceProblem(nil, "evidence may not be deleted")]
        }
        guard try history.header(new)?.kind == .commit else {
            return [EvidenceProblem(new, "is no commit, and evidence is a chain of commits")]
        }
        var problems: [EvidenceProblem] = []
        var added: [Line] = []
        do throws(GitError) {
            if let old, try !history.isAncestor(old, of: new) {
                return [Self.rewound]
            }
            let commits = try history.commits(from: new, notFrom: old.map { [$0] } ?? [])
            for id in commits.reversed() {
                try judge(try history.commit(id), isFirst: old == nil, &problems, &added)
                if !problems.isEmpty { return problems }
            }
        } catch {
            // What was pushed is wrong, and not only unreadable.
            guard error.kind == .malformed else { throw error }
            return [EvidenceProblem(nil, "the \(error.subject) \(error.problem)", hint: error.hint)]
        }
        let store = try NoteStore(history, tip: old, gitFolder: gitFolder)
        problems += try DeploymentGuard(history, policy: policy, evidence: store)
            .problems(adding: added)
        return problems
    }

    /// The most lines that one object's note may have.
    private static let lineLimit = 50_000

    private static let rewound = EvidenceProblem(
        nil, "evidence may only be added, and the new tip does not contain the old one",
        hint: "git fetch origin refs/notes/gate, then git notes --ref=gate merge -s cat_sort_uniq"
            + " FETCH_HEAD")

    /// Judges one commit of the push against each of its parents. Every commit counts and not only
    /// the tip: a landing may name any of them as the evidence of its time.
    private func judge(
        _ commit: Commit, isFirst: Bool, _ problems: inout [EvidenceProblem], _ added: inout [Line]
    ) throws(GitError) {
        let tree = try NotesTree(at: commit.id, in: history)
        var parents: [NotesTree] = []
        for parent in commit.parents { parents.append(try NotesTree(at: parent, in: history)) }
        if parents.isEmpty && !isFirst {
            problems.append(
                EvidenceProblem(commit.id, "starts evidence anew, beside what is there"))
            return
        }
        var objects: Set<ObjectID> = []
        for difference in try tree.differences(from: parents.first) {
            objects.insert(difference.object)
        }
        for parent in parents.dropFirst() {
            for difference in try tree.differences(from: parent) {
                objects.insert(difference.object)
            }
        }
        for object in objects.sorted() {
            var before: [Note] = []
            for parent in parents { before.append(try note(try parent.note(on: object))) }
            try judge(
                object, before: before, blob: try tree.note(on: object), &problems, &added)
        }
    }

    /// Judges the note on one object against those that the commit's parents have.
    private func judge(
        _ object: ObjectID, before: [Note], blob: ObjectID?,
        _ problems: inout [EvidenceProblem], _ added: inout [Line]
    ) throws(GitError) {
        guard let blob else {
            problems.append(EvidenceProblem(object, "its evidence was removed"))
            return
        }
        let new = try note(blob)
        let newCounts = Self.count(new.lines)
        var oldCounts: [[UInt8]: Int] = [:]
        for note in before {
            oldCounts.merge(Self.count(note.lines)) { max($0, $1) }
        }
        if new.lines.isEmpty && oldCounts.isEmpty {
            problems.append(EvidenceProblem(object, "its note is empty"))
        }
        let removed = oldCounts.keys.count { newCounts[$0] == nil && !$0.isEmpty }
        if removed > 0 {
            let lines = removed == 1 ? "a line" : "\(removed) lines"
            problems.append(
                EvidenceProblem(object, "\(lines) of its evidence was removed or edited"))
        }
        if !new.isTerminated {
            problems.append(EvidenceProblem(object, "its note does not end with a newline"))
        }
        if newCounts[[], default: 0] > oldCounts[[], default: 0] {
            problems.append(
                EvidenceProblem(
                    object, "its note has a blank line",
                    hint: "git notes append adds one; use git notes --ref=gate merge, or gate"))
        }
        var seen: Set<[UInt8]> = []
        for (position, bytes) in new.lines.enumerated() where !bytes.isEmpty {
            let isFirst = seen.insert(bytes).inserted
            let isOld = oldCounts[bytes] != nil
            guard isFirst else {
                if newCounts[bytes, default: 0] > oldCounts[bytes, default: 1] {
                    problems.append(
                        EvidenceProblem(object, "line \(position + 1) stands there twice"))
                }
                continue
            }
            if isOld { continue }
            do throws(EvidenceError) {
                let line = try Line(parsing: bytes)
                try judge(line, on: object)
                added.append(line)
            } catch {
                problems.append(EvidenceProblem(object, "line \(position + 1) \(error.problem)"))
            }
        }
        if let kind = try history.header(object)?.kind {
            for line in added
            where line.statement.subject == object && line.statement.subjectKind != kind {
                problems.append(
                    EvidenceProblem(
                        object,
                        "is a \(kind.rawValue), and the statement is about a"
                            + " \(line.statement.subjectKind.rawValue)"))
            }
        }
    }

    private func note(_ blob: ObjectID?) throws(GitError) -> Note {
        guard let blob else { return .empty }
        let content = try history.blob(blob, limit: NoteStore.noteLimit)
        // Counted before they are taken apart: millions of empty lines are small as a push.
        guard content.count(where: { $0 == 0x0a }) <= Self.lineLimit else {
            throw GitError(
                .malformed, "note \(blob.hex)", "has more than \(Self.lineLimit) lines")
        }
        return Note(content)
    }

    private static func count(_ lines: [[UInt8]]) -> [[UInt8]: Int] {
        lines.reduce(into: [:]) { counts, line in counts[line, default: 0] += 1 }
    }

    private func judge(_ line: Line, on object: ObjectID) throws(EvidenceError) {
        let statement = line.statement
        guard statement.subject == object else {
            throw EvidenceError("is about \(statement.subject.hex), another object")
        }
        guard statement.repository.utf8.elementsEqual(policy.people.repository.utf8) else {
            throw EvidenceError(
                "is for the repository '\(shown(statement.repository.utf8))', and this one is"
                    + " '\(shown(policy.people.repository.utf8))'")
        }
        let signer = try line.signer(under: policy.signers, arrival: arrival)
        switch statement.predicate {
        case .deployment(let deployment):
            let operators = policy.release?.operators[deployment.environment] ?? []
            guard policy.people.members(of: operators).contains(signer) else {
                throw EvidenceError(
                    "is a deployment signed by \(signer), who is no operator of"
                        + " '\(shown(deployment.environment.utf8))' in policies/release.yml")
            }
            guard deployment.operator.utf8.elementsEqual(signer.name.utf8) else {
                throw EvidenceError(
                    "is a deployment signed by \(signer) in the name of"
                        + " \(shown(deployment.operator.utf8))")
            }
        case .hold:
            guard policy.releaseOperators.contains(signer) else {
                throw EvidenceError(
                    "is a hold signed by \(signer), who is no operator of any environment in"
                        + " policies/release.yml")
            }
        case .review, .testResult, .bypass:
            break
        }
    }
}
