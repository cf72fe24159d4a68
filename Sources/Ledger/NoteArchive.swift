public import Evidence
public import GitObjects
public import History

/// The evidence at every commit of `refs/notes/gate`, for judging landings by what there was when
/// they were made.
public final class NoteArchive: EvidenceHistory {
    private let history: any HistorySource
    private let latest: NoteStore
    /// The commits that the tip descends from, itself among them; nil until they are asked for.
    private var ancestors: Set<ObjectID>?
    private var last: NoteStore?

    /// - Parameters:
    ///   - tip: the commit to which `refs/notes/gate` points; nil when there is no such ref.
    ///   - gitFolder: the repository's git directory, in which the index is looked for.
    public init(
        _ history: any HistorySource, tip: ObjectID?, gitFolder: String? = nil
    ) throws(GitError) {
        self.history = history
        latest = try NoteStore(history, tip: tip, gitFolder: gitFolder)
    }

    public var newest: any EvidenceSource { latest }

    public func evidence(at commit: ObjectID) throws(GitError) -> (any EvidenceSource)? {
        guard let tip = latest.tip else { return nil }
        if commit == tip { return latest }
        // Landings that were made one after the other often name the same commit.
        if let last, last.tip == commit { return last }
        guard try allAncestors(of: tip).contains(commit) else { return nil }
        let store = try NoteStore(history, at: commit, before: latest)
        last = store
        return store
    }

    private func allAncestors(of tip: ObjectID) throws(GitError) -> Set<ObjectID> {
        if let ancestors { return ancestors }
        let all = Set(try history.commits(from: tip, notFrom: []))
        ancestors = all
        return all
    }
}
