import Evidence
public import GitObjects
public import History

/// The evidence by which each landing of a branch is judged, where it names one
/// (`Gate-Evidence: <commit>`).
///
/// Whoever lands past the hook writes what he likes there, an evidence older than somebody's
/// objection for one. But what a landing was judged by was there when the next one was made, so
/// each is judged by evidence at least as new as any landing before it names.
public struct NamedEvidence: Sendable {
    /// What a landing names.
    public struct Naming: Hashable, Sendable {
        /// The commit of `refs/notes/gate` that judges it.
        public let evidence: ObjectID
        /// An earlier landing, whose evidence it is, where its own lacks some of that.
        public let earlier: ObjectID?
    }

    private var namings: [ObjectID: Naming] = [:]

    /// Of a branch on which no landing names any.
    public init() {}

    /// Reads what landings name.
    ///
    /// - Parameters:
    ///   - landings: those that will be judged, oldest first, one behind the other.
    ///   - tip: the commit to which `refs/notes/gate` points.
    ///   - line: gives the first-parent line that ends before the first of them, newest first, from
    ///     the root on. Is asked only where one of them names evidence.
    public init(
        of landings: some BidirectionalCollection<ObjectID>, tip: ObjectID?,
        in history: some HistorySource,
        behind line: (_ first: ObjectID) throws(GitError) -> [ObjectID]
    ) throws(GitError) {
        guard let tip, let first = landings.first else { return }
        var isNamed = false
        for id in landings where try Self.named(by: id, in: history) != nil {
            isNamed = true
            break
        }
        guard isNamed else { return }
        var newest: (evidence: ObjectID, landing: ObjectID)?
        // Which commits are of the evidence; neighbours name the same one again and again.
        var known: [ObjectID: Bool] = [:]
        for id in try line(first).reversed() + Array(landings) {
            guard let named = try Self.named(by: id, in: history) else { continue }
            if known[named] == nil {
                known[named] = try Self.descends(tip, from: named, in: history)
            }
            guard known[named] == true else { continue }
            if let newest, newest.evidence != named,
                try !history.isAncestor(newest.evidence, of: named)
            {
                namings[id] = Naming(evidence: newest.evidence, earlier: newest.landing)
            } else {
                namings[id] = Naming(evidence: named, earlier: nil)
                newest = (named, id)
            }
        }
    }

    /// What judges a landing; nil where it names no commit of the evidence.
    public func naming(of landing: ObjectID) -> Naming? { namings[landing] }

    private static func named(
        by landing: ObjectID, in history: some HistorySource
    ) throws(GitError) -> ObjectID? {
        let values = Trailers(of: try history.commit(landing)).values(of: "Gate-Evidence")
        guard values.count == 1 else { return nil }
        return ObjectID(hex: values[0])
    }

    /// Whether it is a commit from which the evidence grew: another is somebody's word only.
    private static func descends(
        _ tip: ObjectID, from named: ObjectID, in history: some HistorySource
    ) throws(GitError) -> Bool {
        if named == tip { return true }
        guard try history.header(named)?.kind == .commit else { return false }
        return try history.isAncestor(named, of: tip)
    }
}
