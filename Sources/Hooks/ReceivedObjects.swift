import Enforcement
import Git
import GitObjects
import Policy

/// The objects of the push itself: every commit, tree and tag among them is read strictly, to
/// whatever ref it comes. git's own checks let things through that two readers read differently (a
/// second `committer` line, an unknown mode), and what lies on an unprotected branch today is
/// merged tomorrow.
struct ReceivedObjects {
    private let repository: Repository

    init(_ repository: Repository) {
        self.repository = repository
    }

    /// What is wrong with the first object that is not well formed; nil when all are.
    func finding(about ref: RefName) throws(GitError) -> Finding? {
        // Most of what a large push brings was read when it was judged.
        for id in try repository.receivedObjects() where !repository.isChecked(id) {
            do throws(GitError) {
                switch try repository.header(id)?.kind {
                case .commit: _ = try repository.commit(id)
                case .tree: _ = try repository.tree(id)
                case .tag: _ = try repository.tag(id)
                case .blob, nil: break
                }
            } catch {
                guard error.kind == .malformed else { throw error }
                return Finding(
                    .wellFormed, ref: ref, commit: id, "\(error.subject) \(error.problem)",
                    remedies: error.hint.map { [.advice($0)] } ?? [])
            }
        }
        return nil
    }
}
