public import GitObjects
public import History

/// Judges a push to `refs/gate/heads`, the chain of commits that keeps squashed heads reachable
/// (docs/reference/evidence.md).
public struct HeadsGuard {
    /// The ref of the chain.
    public static let ref: RefName = "refs/gate/heads"

    private let history: any HistorySource

    public init(_ history: any HistorySource) {
        self.history = history
    }

    /// What is wrong with moving the ref; nothing is wrong when the list is empty.
    ///
    /// - Parameters:
    ///   - old: the ref's target; nil or zero when it does not exist.
    ///   - new: what it shall be; nil or zero to delete it.
    public func problems(
        old: ObjectID?, new: ObjectID?
    ) throws(GitError) -> [EvidenceProblem] {
        let old = old.flatMap { $0.isZero ? nil : $0 }
        guard let new, !new.isZero else {
            return [EvidenceProblem(nil, "the kept heads may not be deleted")]
        }
        var next: ObjectID? = new
        while let id = next, id != old {
            let commit: Commit
            do throws(GitError) {
                commit = try history.commit(id)
            } catch {
                guard error.kind == .malformed || error.kind == .notFound else { throw error }
                return [EvidenceProblem(id, "is no commit that can be read: \(error.problem)")]
            }
            if let problem = try problem(with: commit) {
                return [EvidenceProblem(id, problem)]
            }
            next = commit.parents.first
        }
        guard next == old else {
            return [
                EvidenceProblem(
                    nil, "the kept heads may only be added to, along first parents",
                    hint: "git fetch origin refs/gate/heads and try again")
            ]
        }
        return []
    }

    private func problem(with commit: Commit) throws(GitError) -> String? {
        guard commit.tree == .emptyTree else {
            return "has a tree that is not empty, so it is no link of the chain of kept heads"
        }
        guard commit.parents.count != 1 else { return "keeps no head" }
        for head in commit.parents.dropFirst() {
            do throws(GitError) {
                _ = try history.commit(head)
            } catch {
                guard error.kind == .malformed || error.kind == .notFound else { throw error }
                return "keeps \(head.hex), which is no commit here"
            }
        }
        return nil
    }
}
