public import GitObjects

extension Writer {
    /// Writes the tree of a notes ref that holds exactly these notes.
    ///
    /// The folders are those of git's `notes.c` (`determine_fanout`): two digits make a folder
    /// where each of the sixteen next digits begins at least two notes. The tree depends on the
    /// notes alone and not on how they came about, so that two clones that unite the same lines
    /// get the same tree.
    ///
    /// - Parameter notes: object to blob; the blobs are written already.
    public func writeNotesTree(_ notes: [ObjectID: ObjectID]) throws(GitError) -> ObjectID {
        let named = notes.map { Note(digits: Array($0.key.hex.utf8)[...], blob: $0.value) }
        return try writeFolder(named)
    }

    /// A note and what is left of its object's digits below a folder.
    private struct Note {
        let digits: ArraySlice<UInt8>
        let blob: ObjectID
    }

    private func writeFolder(_ notes: [Note]) throws(GitError) -> ObjectID {
        guard Self.needsFolders(notes) else {
            return try writeTree(
                notes.map { TreeEntry(name: Array($0.digits), mode: .blob, id: $0.blob) })
        }
        var entries: [TreeEntry] = []
        for (name, folder) in Dictionary(grouping: notes, by: { $0.digits.prefix(2) }) {
            let inner = folder.map { Note(digits: $0.digits.dropFirst(2), blob: $0.blob) }
            entries.append(
                TreeEntry(name: Array(name), mode: .tree, id: try writeFolder(inner)))
        }
        return try writeTree(entries)
    }

    private static func needsFolders(_ notes: [Note]) -> Bool {
        guard let digits = notes.first?.digits, digits.count > 2 else { return false }
        let beginnings = Dictionary(grouping: notes, by: { $0.digits.first })
        return beginnings.count == 16 && beginnings.values.allSatisfy { $0.count >= 2 }
    }
}
