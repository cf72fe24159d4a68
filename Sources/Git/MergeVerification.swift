public import GitObjects
public import History

extension Repository {
    public func verifyMerge(
        base: ObjectID, ours: ObjectID, theirs: ObjectID, result: ObjectID
    ) throws(GitError) -> MergeVerification {
        var walk = MergeWalk(repository: self)
        let trees = MergeWalk.Sides(
            base: try commit(base).tree, ours: try commit(ours).tree,
            theirs: try commit(theirs).tree, result: result)
        switch try walk.verdict(on: trees) {
        case .clean: return .clean
        case .handMade(let reason): return .handMade(reason)
        case .unclear: break
        }
        switch try MergeTree(objectFolders: objectFolders).merge(ours, theirs) {
        case .clean(let tree):
            return tree == result
                ? .clean : .handMade("the tree is not what git's merge of the sides gives")
        case .conflict(let paths):
            return .handMade(Self.conflict(paths))
        }
    }

    /// The `objects` folders of the repository and of the push.
    var objectFolders: [String] {
        [commonDirectory + "/objects"] + (quarantine.map { [$0] } ?? [])
    }

    static func conflict(_ paths: [TreePath]) -> String {
        let first = paths.first.map { " in \($0)" } ?? ""
        let more = paths.count > 1 ? " and \(paths.count - 1) more" : ""
        return "the sides conflict\(first)\(more)"
    }
}

/// Compares the four trees of a merge, going down only where both sides differ from their base.
///
/// It decides what cannot depend on renames: a path that one side alone changed is that side's;
/// where both changed the same file, git merges that file alone. git's `ort` strategy looks for
/// renames when a path that one side deleted was changed or deleted by the other, or when one
/// side added files to a folder that the other emptied (`merge-ort.c`, "relevant" renames); these,
/// and whatever else both sides touched, are left to git itself.
struct MergeWalk {
    enum Verdict {
        case clean
        case handMade(String)
        case unclear
    }

    /// The trees of one folder; nil where there is none.
    struct Sides {
        var base: ObjectID?
        var ours: ObjectID?
        var theirs: ObjectID?
        var result: ObjectID?
        var path = TreePath([])
    }

    /// What the trees of one folder hold under one name.
    private struct Entries {
        var base: TreeEntry?
        var ours: TreeEntry?
        var theirs: TreeEntry?
        var result: TreeEntry?

        var hasGroupWritableFile: Bool {
            [base, ours, theirs, result].contains { $0?.mode == .groupWritableBlob }
        }
    }

    private let repository: Repository
    private var pending: [Sides] = []
    private var contents: [ContentMerge] = []
    private var firstProblem: String?

    init(repository: Repository) {
        self.repository = repository
    }

    mutating func verdict(on trees: Sides) throws(GitError) -> Verdict {
        pending = [trees]
        // A difference is no answer before the whole walk has shown that no rename explains it.
        while let folder = pending.popLast() {
            guard try compare(folder) else { return .unclear }
        }
        if let firstProblem { return .handMade(firstProblem) }
        if let reason = try ContentMerge.problem(with: contents, in: repository) {
            return .handMade(reason)
        }
        return .clean
    }

    /// False: only git can tell.
    private mutating func compare(_ sides: Sides) throws(GitError) -> Bool {
        guard sides.path.bytes.count < 1 << 16 else {
            throw GitError(.limit, shown(sides.path.bytes.prefix(60)) + "…", "is too long a path")
        }
        let names = try entries(of: sides)
        if sides.path.bytes.isEmpty, Self.mayHaveMovedTheRoot(names.values) { return false }
        for (name, entry) in names {
            // git writes it back as an ordinary file where it rewrites the folder at all.
            if entry.hasGroupWritableFile { return false }
            let path = sides.path.appending(name)
            if same(entry.ours, entry.base) {
                expect(entry.theirs, entry.result, path)
            } else if same(entry.theirs, entry.base) {
                expect(entry.ours, entry.result, path)
            } else if !compareBothChanged(entry, path) {
                return false
            }
        }
        return true
    }

    private mutating func compareBothChanged(_ entry: Entries, _ path: TreePath) -> Bool {
        guard let base = entry.base, let ours = entry.ours, let theirs = entry.theirs else {
            return false
        }
        if base.mode == .tree, ours.mode == .tree, theirs.mode == .tree {
            if let result = entry.result, result.mode != .tree || result.id == .emptyTree {
                note("\(path) is neither side's")
            }
            pending.append(
                Sides(
                    base: base.id, ours: ours.id, theirs: theirs.id,
                    result: entry.result?.mode == .tree ? entry.result?.id : nil, path: path))
            return true
        }
        guard [.blob, .executable].contains(base.mode), ours.mode == base.mode,
            theirs.mode == base.mode
        else { return false }
        if ours.id == theirs.id {
            expect(ours, entry.result, path)
        } else if let result = entry.result, result.mode == base.mode {
            contents.append(
                ContentMerge(
                    path: path, mode: base.mode, base: base.id, ours: ours.id,
                    theirs: theirs.id, result: result.id))
        } else {
            note("\(path) is not the merge of both sides")
        }
        return true
    }

    private mutating func expect(_ side: TreeEntry?, _ result: TreeEntry?, _ path: TreePath) {
        if !same(side, result) { note("\(path) is not what git's merge gives") }
    }

    private mutating func note(_ problem: String) {
        if firstProblem == nil { firstProblem = problem }
    }

    private func same(_ one: TreeEntry?, _ other: TreeEntry?) -> Bool {
        one?.id == other?.id && one?.mode == other?.mode
    }

    /// A side that has none of the base's files at the top any more may have moved them all into
    /// a folder, and then git moves there what the other side adds at the top.
    private static func mayHaveMovedTheRoot(_ entries: some Collection<Entries>) -> Bool {
        func isFile(_ entry: TreeEntry?) -> Bool { entry.map { $0.mode != .tree } ?? false }
        let files = entries.filter { isFile($0.base) }
        func moves(_ side: (Entries) -> TreeEntry?, _ other: (Entries) -> TreeEntry?) -> Bool {
            files.allSatisfy { !isFile(side($0)) }
                && entries.contains { $0.base == nil && isFile(other($0)) }
        }
        return !files.isEmpty && (moves(\.ours, \.theirs) || moves(\.theirs, \.ours))
    }

    private func entries(of sides: Sides) throws(GitError) -> [[UInt8]: Entries] {
        var names: [[UInt8]: Entries] = [:]
        for entry in try tree(sides.base) { names[entry.name, default: Entries()].base = entry }
        for entry in try tree(sides.ours) { names[entry.name, default: Entries()].ours = entry }
        for entry in try tree(sides.theirs) {
            names[entry.name, default: Entries()].theirs = entry
        }
        for entry in try tree(sides.result) {
            names[entry.name, default: Entries()].result = entry
        }
        return names
    }

    private func tree(_ id: ObjectID?) throws(GitError) -> [TreeEntry] {
        guard let id else { return [] }
        return try repository.tree(id).entries
    }
}
