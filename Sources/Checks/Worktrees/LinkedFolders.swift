import GitObjects
import Policy

/// The folders of the developer's own worktree that a check asked for (`link:`), such as `.venv`
/// and `node_modules`: while it runs the checkout has symbolic links to them.
///
/// What the tree has at such a place is the commit's, and stays.
struct LinkedFolders {
    let check: CheckDefinition
    let worktree: Worktree

    /// Makes the links.
    ///
    /// - Returns: what people should know about those that were not made.
    func bring(_ paths: TrackedPaths) throws(GitError) -> [String] {
        var notes: [String] = []
        for link in check.link {
            let path = TreePath(link)
            guard !paths.contains(path) else {
                notes.append("\(path) is in the tree: \(check.name) gets the commit's, not yours.")
                continue
            }
            guard let own = worktree.source.worktree?.appending(link), try own.leadsToFolder else {
                notes.append("There is no folder \(path) here that \(check.name) could be given.")
                continue
            }
            guard let place = try worktree.place(for: link) else {
                notes.append("\(path) is not linked: the tree has no folder at its place.")
                continue
            }
            try place.link(to: own)
        }
        return notes
    }

    /// Takes them away again, and never what they lead to.
    func remove() throws(GitError) {
        for link in check.link {
            var place = worktree.root
            var isInside = true
            let parts = link.utf8.split(separator: UInt8(ascii: "/"))
            for part in parts.dropLast() where isInside {
                place = place.appending(part)
                // A check may have put a link there that leads out of the checkout.
                isInside = try place.kind == .folder
            }
            guard isInside, let last = parts.last else { continue }
            place = place.appending(last)
            if try place.kind == .other { try place.removeFile() }
        }
    }
}

extension Worktree {
    /// Where something that the tree does not have is put for a check; the folders above are made.
    ///
    /// - Parameter path: from the root, without `.` and `..` (as policies are read).
    /// - Returns: nil when something is there already, or the way leads through a link.
    func place(for path: String) throws(GitError) -> Folder? {
        var place = root
        let parts = path.utf8.split(separator: UInt8(ascii: "/"))
        for part in parts.dropLast() {
            place = place.appending(part)
            if try place.kind == .nothing { try place.make() }
            guard try place.kind == .folder else { return nil }
        }
        guard let last = parts.last else { return nil }
        place = place.appending(last)
        return try place.kind == .nothing ? place : nil
    }
}
