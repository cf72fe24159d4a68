public import GitObjects
public import History

extension Repository {
    public func verifyMerge(
        base: ObjectID, ours: ObjectID, theirs: ObjectID, result: ObjectID
    ) throws(GitError) -> MergeVerification {
        let question = MergeQuestion(base: base, ours: ours, theirs: theirs, result: result)
        if let known = verifiedMerges[question] { return known }
        switch try verdict(on: question) {
        case .told(let answer): return answer
        case .open(let open):
            let git = try MergeTree(objectFolders: objectFolders)
            let outcomes = try git.merge([try open.commits(in: git)])
            guard let outcome = outcomes.first else { throw MergeTree.unreadable }
            return try open.verification(outcome, in: git)
        }
    }

    /// Finds the answers to many questions at once, so that git is asked once for all that only git
    /// can tell; ``verifyMerge(base:ours:theirs:result:)`` knows them until the next call. What
    /// fails here fails there, when its turn comes.
    public func prepareMerges(_ questions: [MergeQuestion]) {
        verifiedMerges = [:]
        var open: [(question: MergeQuestion, merge: OpenMerge)] = []
        for question in questions {
            do throws(GitError) {
                switch try verdict(on: question) {
                case .told(let answer): verifiedMerges[question] = answer
                case .open(let merge): open.append((question, merge))
                }
            } catch {
                continue
            }
        }
        if open.isEmpty { return }
        do throws(GitError) {
            let git = try MergeTree(objectFolders: objectFolders)
            var pairs: [MergeTree.Pair] = []
            for (_, merge) in open { pairs.append(try merge.commits(in: git)) }
            for ((question, merge), outcome) in zip(open, try git.merge(pairs)) {
                verifiedMerges[question] = try merge.verification(outcome, in: git)
            }
        } catch {
            return
        }
    }

    private func verdict(on question: MergeQuestion) throws(GitError) -> MergeWalk.Verdict {
        var walk = MergeWalk(repository: self)
        return try walk.verdict(
            on: MergeWalk.Sides(
                base: try commit(question.base).tree, ours: try commit(question.ours).tree,
                theirs: try commit(question.theirs).tree, result: question.result))
    }

    /// The `objects` folders of the repository and of the push.
    var objectFolders: [String] {
        [commonDirectory + "/objects"] + (quarantine.map { [$0] } ?? [])
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
        case told(MergeVerification)
        /// Only git can tell.
        case open(OpenMerge)
    }

    /// The trees of one folder; nil where there is none.
    struct Sides {
        var base: ObjectID?
        var ours: ObjectID?
        var theirs: ObjectID?
        var result: ObjectID?
        var path = TreePath([])
    }

    /// What one tree holds under a name.
    private struct Entry: Equatable {
        let mode: EntryMode
        let id: ObjectID
    }

    /// What the trees of one folder hold under one name. A file and a folder of the same name are
    /// two: where one side made the one of the other, one went and one came.
    private struct Entries {
        var base: Entry?
        var ours: Entry?
        var theirs: Entry?
        var result: Entry?

        var areEqual: Bool { base == ours && base == theirs && base == result }

        var hasGroupWritableFile: Bool {
            base?.mode == .groupWritableBlob || ours?.mode == .groupWritableBlob
                || theirs?.mode == .groupWritableBlob || result?.mode == .groupWritableBlob
        }
    }

    private let repository: Repository
    private var pending: [Sides] = []
    private var contents: [ContentMerge] = []
    /// What is wrong at the first path, in the order of paths, at which something is.
    private var firstProblem: (path: TreePath, problem: String)?

    init(repository: Repository) {
        self.repository = repository
    }

    mutating func verdict(on trees: Sides) throws(GitError) -> Verdict {
        pending = [trees]
        // A difference is no answer before the whole walk has shown that no rename explains it.
        while let folder = pending.popLast() {
            guard try compare(folder) else { return .open(.trees(trees)) }
        }
        if let firstProblem {
            return .told(.handMade("\(firstProblem.path) \(firstProblem.problem)"))
        }
        if contents.isEmpty { return .told(.clean) }
        return .open(.files(contents.sorted { $0.path < $1.path }))
    }

    /// False: only git can tell.
    private mutating func compare(_ sides: Sides) throws(GitError) -> Bool {
        guard sides.path.bytes.count < 1 << 16 else {
            throw GitError(.limit, shown(sides.path.bytes.prefix(60)) + "…", "is too long a path")
        }
        var table = try EntryTable(sides, in: repository.objects)
        var root = RootFiles()
        while let entries = try table.next() {
            // git writes it back as an ordinary file where it rewrites the folder at all.
            if entries.hasGroupWritableFile { return false }
            if sides.path.bytes.isEmpty { root.count(entries) }
            if entries.areEqual { continue }
            let path = sides.path.appending(table.name)
            if entries.ours == entries.base {
                expect(entries.theirs, entries.result, path)
            } else if entries.theirs == entries.base {
                expect(entries.ours, entries.result, path)
            } else if !compareBothChanged(entries, path) {
                return false
            }
        }
        return !root.mayHaveMoved
    }

    private mutating func compareBothChanged(_ entry: Entries, _ path: TreePath) -> Bool {
        guard let base = entry.base, let ours = entry.ours, let theirs = entry.theirs else {
            return false
        }
        if base.mode == .tree, ours.mode == .tree, theirs.mode == .tree {
            if let result = entry.result, result.mode != .tree || result.id == .emptyTree {
                note(path, "is neither side's")
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
            note(path, "is not the merge of both sides")
        }
        return true
    }

    private mutating func expect(_ side: Entry?, _ result: Entry?, _ path: TreePath) {
        if side != result { note(path, "is not what git's merge gives") }
    }

    private mutating func note(_ path: TreePath, _ problem: String) {
        if let firstProblem, firstProblem.path <= path { return }
        firstProblem = (path, problem)
    }

    /// Reads the four trees of a folder side by side.
    private struct EntryTable {
        /// Base, ours, theirs, result.
        private var cursors: [TreeCursor] = []
        private(set) var name: [UInt8] = []

        init(_ sides: Sides, in objects: ObjectDatabase) throws(GitError) {
            for id in [sides.base, sides.ours, sides.theirs, sides.result] {
                cursors.append(try TreeCursor(id, in: objects))
            }
        }

        /// What the trees hold under the next name; nil behind the last. ``name`` is set where they
        /// differ.
        mutating func next() throws(GitError) -> Entries? {
            var first = 0
            var matches = 1
            for index in 1..<cursors.count {
                let order = cursors[index].order(cursors[first])
                if order < 0 {
                    first = index
                    matches = 1 << index
                } else if order == 0 {
                    matches |= 1 << index
                }
            }
            guard cursors[first].entry != nil else { return nil }
            func entry(_ index: Int) -> Entry? {
                guard matches & 1 << index != 0 else { return nil }
                return cursors[index].entry.map { Entry(mode: $0.mode, id: $0.id) }
            }
            let entries = Entries(
                base: entry(0), ours: entry(1), theirs: entry(2), result: entry(3))
            if !entries.areEqual { name = cursors[first].name.map { Array($0) } ?? [] }
            for index in cursors.indices where matches & 1 << index != 0 {
                try cursors[index].advance()
            }
            return entries
        }
    }

    /// A side that has none of the base's files at the top any more may have moved them all into
    /// a folder, and then git moves there what the other side adds at the top.
    private struct RootFiles {
        private var wereThere = false
        private var oursKept = false
        private var theirsKept = false
        private var oursAdded = false
        private var theirsAdded = false

        mutating func count(_ entries: Entries) {
            let ours = Self.isFile(entries.ours)
            let theirs = Self.isFile(entries.theirs)
            if Self.isFile(entries.base) {
                wereThere = true
                oursKept = oursKept || ours
                theirsKept = theirsKept || theirs
            } else if entries.base == nil {
                oursAdded = oursAdded || ours
                theirsAdded = theirsAdded || theirs
            }
        }

        var mayHaveMoved: Bool {
            wereThere && (!oursKept && theirsAdded || !theirsKept && oursAdded)
        }

        private static func isFile(_ entry: Entry?) -> Bool {
            entry.map { $0.mode != .tree } ?? false
        }
    }
}
