public import GitObjects

/// The evidence as it is, and as it was when a landing was made. `Ledger.NoteArchive` is the real
/// one.
public protocol EvidenceHistory {
    /// All that there is.
    var newest: any EvidenceSource { get }
    /// The evidence at an earlier commit of its ref.
    ///
    /// - Returns: nil when the ref's tip does not descend from that commit: such a commit is
    ///   somebody's word only.
    func evidence(at commit: ObjectID) throws(GitError) -> (any EvidenceSource)?
}
