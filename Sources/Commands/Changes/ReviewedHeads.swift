import Evidence
import Git
import GitObjects
import History
import Hooks
import Ledger
import Spawn

extension Workplace {
    /// Brings the other heads of a change here, on which there are reviews that may carry over: the
    /// server has them, and judges by them, though no branch may lead there any more.
    ///
    /// A head that cannot be fetched is left out; then the verdict here says so, and the server's
    /// own is the one that counts.
    func fetchReviewedHeads(of head: Head, onto target: Target) throws {
        let change = try Change(head: head.id, onto: target.tip, in: repository)
        guard let digest = change.digest else { return }
        var missing: Set<ObjectID> = []
        for line in try view.evidence().reviews(of: digest) {
            let subject = line.statement.subject
            if try repository.header(subject) == nil { missing.insert(subject) }
        }
        for id in missing.sorted() {
            let child = Child(
                [
                    "git", "--git-dir=\(repository.gitDirectory)", "fetch", "--quiet", "--no-tags",
                    "--no-write-fetch-head", "--no-auto-maintenance", clone.remote, id.hex,
                ], environment: Child.environmentForAnotherRepository(), timeout: 60)
            do {
                if try child.run().succeeded { repository.refresh() }
            } catch {
                throw CommandFailure(error)
            }
        }
    }
}
