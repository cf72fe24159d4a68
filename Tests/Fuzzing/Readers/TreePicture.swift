import GitObjects
import History

/// Objects in memory, for readers that go from one to the next.
struct TreePicture: HistorySource {
    var commits: [ObjectID: Commit] = [:]
    var blobs: [ObjectID: [UInt8]] = [:]
    /// What is at a path of any tree but the empty one.
    var entries: [ObjectID: [TreePath: TreeEntry]] = [:]
    /// Raw trees. Every id names one of them, so that all that an input may point at exists.
    var trees: [[UInt8]] = []
    private let reads = Reads()

    /// Trees that name each other are read without end, or until that is too often.
    private final class Reads {
        var count = 0
    }

    private func missing(_ id: ObjectID) -> GitError {
        GitError(.notFound, "\(id)", "is not there")
    }

    func commit(_ id: ObjectID) throws(GitError) -> Commit {
        guard let commit = commits[id] else { throw missing(id) }
        return commit
    }

    func tree(_ id: ObjectID) throws(GitError) -> Tree {
        guard !trees.isEmpty else { throw missing(id) }
        reads.count += 1
        guard reads.count <= 4_000 else { throw GitError(.limit, "trees", "are read for ever") }
        return try Tree(parsing: trees[Int(id.bytes[0]) % trees.count], id: id)
    }

    func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
        guard let blob = blobs[id] else { throw missing(id) }
        guard blob.count <= limit else { throw GitError(.limit, "\(id)", "is too large") }
        return blob
    }

    func entry(_ path: TreePath, in tree: ObjectID) throws(GitError) -> TreeEntry? {
        entries[tree]?[path]
    }

    // What no reader here asks for.

    func tag(_ id: ObjectID) throws(GitError) -> Tag { throw missing(id) }

    func header(_ id: ObjectID) throws(GitError) -> (kind: ObjectKind, size: Int)? { nil }

    func changes(from old: ObjectID?, to new: ObjectID?) throws(GitError) -> [TreeChange] { [] }

    func mergeBases(_ one: ObjectID, _ other: ObjectID) throws(GitError) -> [ObjectID] { [] }

    func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws(GitError) -> Bool {
        false
    }

    func commits(from head: ObjectID, notFrom hidden: [ObjectID]) throws(GitError) -> [ObjectID] {
        []
    }

    func verifyMerge(
        base: ObjectID, ours: ObjectID, theirs: ObjectID, result: ObjectID
    ) throws(GitError) -> MergeVerification { throw missing(result) }
}
