import Enforcement
import Git
import GitObjects
import History

/// Whether and how a head would merge into its target.
struct MergeProspect {
    /// The tree that the landing would have; nil when there is none without somebody's work.
    let tree: ObjectID?
    /// Why git's merge of the two would not be clean; nil when it is.
    let obstacle: Obstacle?

    struct Obstacle {
        /// A clause: "conflicts with master".
        let problem: String
        let paths: [TreePath]
    }
}

extension Workplace {
    /// What a head still lacks to land on a branch.
    func checklist(of head: Head, onto target: Target) throws -> Checklist {
        try fetchReviewedHeads(of: head, onto: target)
        let prospect = try prospect(of: head, onto: target)
        let assessment = try judge().assess(
            head: head.id, onto: target.ref, result: prospect.tree)
        return Checklist(
            assessment, obstacle: prospect.obstacle, head: head, target: target,
            rebase: rebase(onto: target))
    }

    /// Merges, without a commit.
    func prospect(of head: Head, onto target: Target) throws -> MergeProspect {
        if try repository.isAncestor(head.id, of: target.tip) {
            return MergeProspect(tree: nil, obstacle: nil)
        }
        let bases = try repository.mergeBases(target.tip, head.id).count
        if bases != 1 {
            let history = bases == 0 ? "no history in common" : "\(bases) merge bases"
            return MergeProspect(
                tree: nil,
                obstacle: MergeProspect.Obstacle(
                    problem: "has \(history) with \(target.ref.short): no merge of it is clean",
                    paths: []))
        }
        let writer = try Writer.open(gitDirectory: repository.gitDirectory)
        switch try writer.merge(target.tip, with: head.id) {
        case .clean(let tree):
            repository.refresh()
            return MergeProspect(tree: tree, obstacle: nil)
        case .conflict(let paths):
            return MergeProspect(
                tree: nil,
                obstacle: MergeProspect.Obstacle(
                    problem: "conflicts with \(target.ref.short)", paths: paths))
        }
    }

    /// The command that brings a change onto its target's tip. A rebase, not a merge of the target
    /// into the branch: that leaves two merge bases as soon as the target moves on.
    func rebase(onto target: Target) -> String {
        let remote = shellWord(clone.remote.utf8)
        return "git fetch \(remote) \(shellWord(target.ref.bytes)) && git rebase FETCH_HEAD"
    }
}
