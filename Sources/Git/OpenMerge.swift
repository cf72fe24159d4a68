import GitObjects
import History

/// One file that both sides changed differently.
struct ContentMerge {
    let path: TreePath
    let mode: EntryMode
    let base: ObjectID
    let ours: ObjectID
    let theirs: ObjectID
    let result: ObjectID
}

/// A merge of which only git can tell what comes out.
///
/// git gets two commits on one base that have no other history: finding the merge base is not its
/// task, and can take longer than the merge.
enum OpenMerge {
    /// Renames may come in.
    case trees(MergeWalk.Sides)
    /// Only the contents of these files are open. git is asked about them alone, in trees with
    /// nothing else, so that the time does not grow with the repository. No path being added or
    /// deleted, renames cannot come in.
    ///
    /// libgit2's `git_merge_file` finds the differences with Myers' algorithm and git's `ort` with
    /// histogram diff, so that they can disagree.
    case files([ContentMerge])

    /// The two commits to merge, written where git will look.
    func commits(in git: MergeTree) throws(GitError) -> MergeTree.Pair {
        let base = try git.write(commitOf: try tree(\.base, \.base, git), on: [])
        return (
            try git.write(commitOf: try tree(\.ours, \.ours, git), on: [base]),
            try git.write(commitOf: try tree(\.theirs, \.theirs, git), on: [base])
        )
    }

    private func tree(
        _ side: (MergeWalk.Sides) -> ObjectID?, _ version: (ContentMerge) -> ObjectID,
        _ git: MergeTree
    ) throws(GitError) -> ObjectID {
        switch self {
        case .trees(let sides): return side(sides) ?? .emptyTree
        case .files(let files):
            return try git.write(
                treeOf: files.enumerated().map { index, file in
                    TreeEntry(name: Self.name(index), mode: file.mode, id: version(file))
                })
        }
    }

    /// What git's outcome says about the result.
    func verification(
        _ outcome: MergeTree.Outcome, in git: MergeTree
    ) throws(GitError) -> MergeVerification {
        switch (self, outcome) {
        case (.trees(let sides), .clean(let tree)):
            return tree == sides.result
                ? .clean : .handMade("the tree is not what git's merge of the sides gives")
        case (.trees, .conflict(let paths)):
            return .handMade(Self.conflict(paths))
        case (.files(let files), .clean(let tree)):
            let merged = try git.tree(tree)
            for (index, file) in files.enumerated()
            where merged[Self.name(index)]?.id != file.result {
                return .handMade("\(file.path) is not the merge of both sides")
            }
            return .clean
        case (.files(let files), .conflict(let names)):
            let paths = files.enumerated().filter { index, _ in
                names.contains(TreePath(Self.name(index)))
            }
            return .handMade(Self.conflict(paths.map(\.element.path)))
        }
    }

    private static func name(_ index: Int) -> [UInt8] { Array("file-\(index)".utf8) }

    private static func conflict(_ paths: [TreePath]) -> String {
        let first = paths.first.map { " in \($0)" } ?? ""
        let more = paths.count > 1 ? " and \(paths.count - 1) more" : ""
        return "the sides conflict\(first)\(more)"
    }
}
