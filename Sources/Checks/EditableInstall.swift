import GitObjects
import Spawn

/// A Python package installed with `pip install -e .` is imported from the developer's own tree
/// even when its tests run elsewhere: they would pass on what is not committed.
///
/// Where an interpreter that the check may find has such an install of this very project,
/// `PYTHONPATH` puts the checked tree before it: Python searches it before `site-packages`, and
/// before the finders that newer setuptools hooks in. It is set only then, since it would also let
/// a file of the tree stand in for a module of Python's library.
struct EditableInstall {
    private let developersTree: Folder?
    private let environment: [[UInt8]]

    init(of source: SourceRepository, _ environment: [[UInt8]]) {
        developersTree = source.worktree
        self.environment = environment
    }

    /// The value of `PYTHONPATH` to set; nil when none is needed.
    func override(_ root: Folder) throws(GitError) -> [UInt8]? {
        guard let tree = developersTree else { return nil }
        var found = false
        for folder in try packageFolders() where !found {
            found = try mentions(tree, in: folder)
        }
        guard found else { return nil }
        var entries = [root.path]
        let sources = root.appending("src")
        if try sources.kind == .folder { entries.insert(sources.path, at: 0) }
        if let present = WorktreePool.value("PYTHONPATH", environment) {
            entries += present.split(separator: UInt8(ascii: ":")).map { Array($0) }
                .filter { !$0.starts(with: tree.path) }
        }
        return Array(entries.joined(separator: [UInt8(ascii: ":")]))
    }

    /// `site-packages` of the virtual environment, of the interpreters in `PATH`, and the user's.
    private func packageFolders() throws(GitError) -> [Folder] {
        var bases: [Folder] = []
        if let environment = WorktreePool.value("VIRTUAL_ENV", environment) {
            bases.append(Folder(environment))
        }
        for part in (WorktreePool.value("PATH", environment) ?? []).split(separator: 0x3a)
        where part.first == UInt8(ascii: "/") {
            let folder = Folder(part)
            guard try folder.appending("python3").kind != .nothing,
                let slash = part.lastIndex(of: UInt8(ascii: "/"))
            else { continue }
            bases.append(Folder(part[..<slash]))
        }
        if let home = WorktreePool.value("HOME", environment) {
            bases.append(Folder(home).appending(".local"))
        }
        var folders: [Folder] = []
        for base in bases {
            let library = base.appending("lib")
            guard try library.kind == .folder else { continue }
            for name in try library.names() where name.starts(with: "python".utf8) {
                folders.append(library.appending(name).appending("site-packages"))
            }
        }
        return folders
    }

    private func mentions(_ tree: Folder, in folder: Folder) throws(GitError) -> Bool {
        guard try folder.kind == .folder else { return false }
        for name in try folder.names() {
            let text = String(decoding: name, as: UTF8.self)
            guard
                text.hasSuffix(".pth") || text.hasSuffix(".egg-link")
                    || (text.hasPrefix("__editable__") && text.hasSuffix(".py"))
            else { continue }
            let file = folder.appending(name)
            guard try file.kind == .file, let content = try file.read(limit: 1 << 20) else {
                continue
            }
            if content.contains(tree.path, followedByAny: [0x2f, 0x0a, 0x0d, 0x22, 0x27]) {
                return true
            }
        }
        return false
    }
}

extension [UInt8] {
    /// Whether `needle` occurs, and one of `ends` or the end stands behind it.
    fileprivate func contains(_ needle: [UInt8], followedByAny ends: Set<UInt8>) -> Bool {
        guard let first = needle.first else { return false }
        for start in indices where self[start] == first {
            let rest = self[start...]
            guard rest.starts(with: needle) else { continue }
            let end = start + needle.count
            if end == count || ends.contains(self[end]) { return true }
        }
        return false
    }
}
