import Git
import GitObjects
import Ledger
import Policy

/// Which landing of a branch is pushed.
struct HeadChoice {
    let repository: Repository
    let ref: RefName
    let tip: ObjectID
    let policy: Policy?
    let evidence: NoteStore

    /// Longer first-parent lines are not searched.
    private static let lineLimit = 10_000_000

    /// - Parameter asked: what the user named; nil for the default.
    func head(_ asked: ObjectID?, base: ObjectID?) throws -> ObjectID {
        guard let asked else { return tip }
        let line = try repository.firstParentChain(
            from: tip, until: asked, limit: Self.lineLimit)
        guard line != nil else {
            throw CommandFailure.usage(
                "\(asked.short) is no landing of \(ref)",
                hint: "git log --first-parent --oneline \(ref.short)")
        }
        return asked
    }
}
