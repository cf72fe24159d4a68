public import GitObjects
public import History

/// Reads the evidence at one fixed tip of `refs/notes/gate`. `Ledger.NoteStore` is the real one.
///
/// What comes back has been read strictly and is not yet believed: whose signature it is, and
/// whether it is good, `Line.signer(under:)` says for the policy that judges. Lines that
/// are no statement of gate's (plain `git notes append` by somebody, before the gate was closed)
/// are left out: they can prove nothing.
public protocol EvidenceSource {
    /// The tip that is read; nil when there is no evidence yet.
    var tip: ObjectID? { get }
    /// The lines attached to an object, in the order of the note.
    func lines(on object: ObjectID) throws(GitError) -> [Line]
    /// All reviews of changes with this digest, on whatever head.
    func reviews(of digest: ChangeDigest) throws(GitError) -> [Line]
    /// All reviews that name this line in `supersedes`, on whatever head.
    func reviews(superseding line: LineDigest) throws(GitError) -> [Line]
}
