import GitObjects
import Policy

/// The folders that a check asked to keep between its runs (`keep:`), such as `.mypy_cache`.
///
/// They are in the checkout only while their own check runs, and lie aside meanwhile. A run that
/// is killed loses them, which costs time and nothing else.
struct KeptFolders {
    let check: CheckDefinition
    let worktree: Worktree

    private func store(_ position: Int) -> Folder {
        // A check's name may have any byte; its hexadecimal form is one folder's name.
        let name = check.name.utf8.reduce(into: "") { text, byte in
            text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        return worktree.slot.folder.appending("keep/\(name)/\(position)")
    }

    /// The places in the checkout, without those that leave it.
    private var places: [(position: Int, parts: [ArraySlice<UInt8>])] {
        check.keep.enumerated().compactMap { position, path in
            let parts = Array(path.utf8).split(separator: UInt8(ascii: "/"))
            let isInside = parts.allSatisfy { part in
                !part.elementsEqual("..".utf8) && !part.elementsEqual(".".utf8)
                    && !part.elementsEqual(".git".utf8)
            }
            return parts.isEmpty || !isInside ? nil : (position, parts)
        }
    }

    /// Puts them into the checkout, where the tree has nothing at their place.
    func bring() throws(GitError) {
        for (position, parts) in places {
            let store = store(position)
            guard try store.kind == .folder else { continue }
            let path = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
            if let place = try worktree.place(for: path) { try store.move(to: place) }
        }
    }

    /// Lays them aside.
    func take(_ paths: TrackedPaths) throws(GitError) {
        for (position, parts) in places {
            let path = TreePath(Array(parts.joined(separator: [UInt8(ascii: "/")])))
            guard !paths.contains(path) else { continue }
            // No part may be a link that leads out of the checkout.
            var place = worktree.root
            var isThere = true
            for part in parts where isThere {
                place = place.appending(part)
                isThere = try place.kind == .folder
            }
            guard isThere else { continue }
            let store = store(position)
            try store.remove()
            try store.make()
            try place.move(to: store)
        }
    }
}
