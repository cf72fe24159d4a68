public import Evidence
public import GitObjects
public import History

/// The evidence at one commit of `refs/notes/gate`.
///
/// The notes on one object are looked up in the notes tree. Which notes hold reviews of a given
/// change, wherever they are, the whole tree must be read for: an ``EvidenceIndex`` kept beside
/// the repository spares that.
public final class NoteStore: EvidenceSource {
    /// The ref under which evidence is kept.
    public static let ref: RefName = "refs/notes/gate"
    /// The largest note, in bytes, that is read.
    public static let noteLimit = 64 << 20

    public let tip: ObjectID?
    private let history: any HistorySource
    private let indexFolder: String?
    private let notes: NotesTree?
    private var index: EvidenceIndex?
    private var read: [ObjectID: [Line]] = [:]

    /// - Parameters:
    ///   - tip: the commit to which `refs/notes/gate` pointed; nil when there is no such ref.
    ///   - gitFolder: the repository's git directory, in which the index is looked for; nil to do
    ///     without one.
    public init(
        _ history: any HistorySource, tip: ObjectID?, gitFolder: String? = nil
    ) throws(GitError) {
        self.history = history
        self.tip = tip
        indexFolder = gitFolder
        if let tip {
            notes = try NotesTree(at: tip, in: history)
        } else {
            notes = nil
        }
    }

    /// The evidence at an earlier commit, with the index of a later one: lines are only ever added,
    /// so that it names every object that the earlier one needs.
    init(
        _ history: any HistorySource, at tip: ObjectID, before later: NoteStore
    ) throws(GitError) {
        self.history = history
        self.tip = tip
        indexFolder = nil
        notes = try NotesTree(at: tip, in: history)
        index = try later.completeIndex()
    }

    public func lines(on object: ObjectID) throws(GitError) -> [Line] {
        if let lines = read[object] { return lines }
        var lines: [Line] = []
        if let blob = try notes?.note(on: object) {
            lines = Note(try history.blob(blob, limit: Self.noteLimit)).statements(on: object)
        }
        read[object] = lines
        return lines
    }

    public func reviews(of digest: ChangeDigest) throws(GitError) -> [Line] {
        try lines(under: .review(of: digest)) { line in
            if case .review(let review) = line.statement.predicate {
                review.changeDigest == digest
            } else {
                false
            }
        }
    }

    public func reviews(superseding line: LineDigest) throws(GitError) -> [Line] {
        try lines(under: .supersedes(line)) { other in
            if case .review(let review) = other.statement.predicate {
                review.supersedes.contains(line)
            } else {
                false
            }
        }
    }

    /// All deployments on an environment and train, in no particular order: their `previous`
    /// makes them a chain.
    public func deployments(
        environment: String, train: String
    ) throws(GitError) -> [Line] {
        try lines(under: .deployment(environment: environment, train: train)) { line in
            if case .deployment(let deployment) = line.statement.predicate {
                deployment.environment == environment && deployment.train == train
            } else {
                false
            }
        }
    }

    /// All annotated objects, sorted.
    public func objects() throws(GitError) -> [ObjectID] {
        try notes?.notes().keys.sorted() ?? []
    }

    /// The index says where to look; what counts is what stands there.
    private func lines(
        under key: EvidenceIndex.Key, where isWanted: (Line) -> Bool
    ) throws(GitError) -> [Line] {
        var found: [Line] = []
        for object in try completeIndex()?.objects(under: key) ?? [] {
            found += try lines(on: object).filter(isWanted)
        }
        return found
    }

    /// The index, read when it is first needed; nil where there is no evidence.
    private func completeIndex() throws(GitError) -> EvidenceIndex? {
        if index == nil, let tip {
            index = try EvidenceIndex.current(for: tip, in: history, gitFolder: indexFolder)
        }
        return index
    }
}

/// The content of one note: a line of evidence in each line.
struct Note {
    /// The lines without their newlines, blank ones included.
    let lines: [[UInt8]]
    /// Whether the last line ends with a newline too.
    let isTerminated: Bool

    static let empty = Note([])

    init(_ content: [UInt8]) {
        isTerminated = content.last == 0x0a || content.isEmpty
        let body = isTerminated ? content.dropLast() : content[...]
        lines =
            content.isEmpty
            ? [] : body.split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
    }

    /// The lines that are statements about this object. Others prove nothing: plain notes of
    /// somebody's, and statements that were copied here from another object.
    func statements(on object: ObjectID) -> [Line] {
        lines.compactMap { bytes in
            do throws(EvidenceError) {
                let line = try Line(parsing: bytes)
                return line.statement.subject == object ? line : nil
            } catch {
                return nil
            }
        }
    }
}
