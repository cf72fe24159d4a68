import GitObjects
import History

/// A history in memory: commits with whole trees as dictionaries, so that a test reads like the
/// drawing that one would make of it.
final class Picture: HistorySource, ReferenceSource {
    typealias Files = [String: String]

    private var commits: [ObjectID: Commit] = [:]
    private var trees: [ObjectID: [TreePath: BlobVersion]] = [:]
    private var blobs: [ObjectID: [UInt8]] = [:]
    private var counter: UInt8 = 0
    private var high: UInt8 = 0
    private var treeIDs: [[TreePath: BlobVersion]: ObjectID] = [:]
    private var blobIDs: [[UInt8]: ObjectID] = [:]
    var refs: [RefName: ObjectID] = [:]
    var symbolicRefs: [RefName: RefName] = [:]

    private func nextID() -> ObjectID {
        if counter == 255 { high += 1 }
        counter &+= 1
        let bytes = [high, counter] + [UInt8](repeating: 0xab, count: 18)
        return ObjectID(bytes: bytes) ?? .zero
    }

    private func blobID(_ content: [UInt8]) -> ObjectID {
        if let known = blobIDs[content] { return known }
        let id = nextID()
        blobIDs[content] = id
        blobs[id] = content
        return id
    }

    func treeID(_ files: Files) -> ObjectID {
        var tree: [TreePath: BlobVersion] = [:]
        for (path, content) in files {
            tree[TreePath(path)] = BlobVersion(mode: .blob, id: blobID(Array(content.utf8)))
        }
        return treeID(tree)
    }

    private func treeID(_ tree: [TreePath: BlobVersion]) -> ObjectID {
        if let known = treeIDs[tree] { return known }
        let id = nextID()
        treeIDs[tree] = id
        trees[id] = tree
        return id
    }

    /// Adds a commit.
    func commit(
        _ files: Files, parents: [ObjectID] = [], by author: String = "alice@wrk.example",
        committer: String? = nil, message: String = "Change\n"
    ) -> ObjectID {
        let id = nextID()
        func person(_ address: String) -> Signature {
            Signature(name: Array("X".utf8), email: Array(address.utf8), time: 1, offset: 0)
        }
        commits[id] = Commit(
            id: id, tree: treeID(files), parents: parents, author: person(author),
            committer: person(committer ?? author), message: Array(message.utf8))
        return id
    }

    func commit(_ id: ObjectID) throws(GitError) -> Commit {
        guard let commit = commits[id] else { throw GitError(.notFound, id.hex, "is missing") }
        return commit
    }

    func tree(_ id: ObjectID) throws(GitError) -> Tree {
        throw GitError(.unsupported, id.hex, "this picture has no nested trees")
    }

    func tag(_ id: ObjectID) throws(GitError) -> Tag {
        throw GitError(.notFound, id.hex, "is missing")
    }

    func header(_ id: ObjectID) throws(GitError) -> (kind: ObjectKind, size: Int)? {
        if commits[id] != nil { return (.commit, 200) }
        if trees[id] != nil { return (.tree, 30) }
        return blobs[id].map { (.blob, $0.count) }
    }

    func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
        guard let content = blobs[id] else { throw GitError(.notFound, id.hex, "is missing") }
        return content
    }

    func changes(from old: ObjectID?, to new: ObjectID?) throws(GitError) -> [TreeChange] {
        let before = old.flatMap { trees[$0] } ?? [:]
        let after = new.flatMap { trees[$0] } ?? [:]
        return Set(before.keys).union(after.keys).sorted()
            .filter { before[$0] != after[$0] }
            .map { TreeChange(path: $0, old: before[$0], new: after[$0]) }
    }

    func entry(_ path: TreePath, in tree: ObjectID) throws(GitError) -> TreeEntry? {
        guard let whole = trees[tree] else { return nil }
        if let version = whole[path] {
            return TreeEntry(name: path.bytes, mode: version.mode, id: version.id)
        }
        let inside = whole.filter { $0.key.bytes.starts(with: path.bytes + [0x2f]) }
        return inside.isEmpty
            ? nil : TreeEntry(name: path.bytes, mode: .tree, id: treeID(inside))
    }

    private func ancestors(_ id: ObjectID) -> Set<ObjectID> {
        var found: Set<ObjectID> = []
        var open = [id]
        while let next = open.popLast() {
            if found.insert(next).inserted { open += commits[next]?.parents ?? [] }
        }
        return found
    }

    func mergeBases(_ one: ObjectID, _ other: ObjectID) throws(GitError) -> [ObjectID] {
        let common = ancestors(one).intersection(ancestors(other))
        return common.filter { candidate in
            !common.contains { $0 != candidate && ancestors($0).contains(candidate) }
        }.sorted()
    }

    func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws(GitError) -> Bool {
        ancestors(descendant).contains(ancestor)
    }

    func commits(from head: ObjectID, notFrom hidden: [ObjectID]) throws(GitError) -> [ObjectID] {
        let hiddenCommits = hidden.reduce(into: Set<ObjectID>()) { $0.formUnion(ancestors($1)) }
        let open = ancestors(head).subtracting(hiddenCommits)
        return open.sorted { ancestors($0).count > ancestors($1).count }
    }

    func verifyMerge(
        base: ObjectID, ours: ObjectID, theirs: ObjectID, result: ObjectID
    ) throws(GitError) -> MergeVerification {
        let base = trees[try commit(base).tree] ?? [:]
        let ours = trees[try commit(ours).tree] ?? [:]
        let theirs = trees[try commit(theirs).tree] ?? [:]
        let result = trees[result] ?? [:]
        for path in Set(base.keys).union(ours.keys).union(theirs.keys).union(result.keys).sorted() {
            let wanted = ours[path] == base[path] ? theirs[path] : ours[path]
            let isConflict =
                ours[path] != base[path] && theirs[path] != base[path] && ours[path] != theirs[path]
            if isConflict || result[path] != wanted {
                return .handMade("\(path) is not what git's merge gives")
            }
        }
        return .clean
    }

    func resolve(_ name: RefName) throws(GitError) -> ResolvedReference {
        let target = symbolicRefs[name] ?? name
        return ResolvedReference(name: target, target: refs[target])
    }

    func references(startingWith prefix: String) throws(GitError) -> [ResolvedReference] {
        refs.filter { $0.key.starts(with: prefix) }.sorted { $0.key < $1.key }
            .map { ResolvedReference(name: $0.key, target: $0.value) }
    }
}
