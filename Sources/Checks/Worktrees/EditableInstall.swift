import GitObjects
import Spawn

/// A Python package installed with `pip install -e .` is imported from the developer's own tree
/// even when its tests run elsewhere: they would pass on what is not committed.
///
/// Where an interpreter that the check may find has such an install of this very project,
/// `PYTHONPATH` puts the checked tree before it: Python searches it before `site-packages`, and
/// before the finder that setuptools appends to `sys.meta_path`. It is set only then, since it
/// would also let a file of the tree stand in for a module of Python's library. A finder that puts
/// itself first (meson-python, scikit-build-core) cannot be overridden; the check is refused.
struct EditableInstall {
    private let developersTree: Folder?
    private let environment: [[UInt8]]
    /// The tops of further environments: those that the check links.
    private let linked: [Folder]

    init(of source: SourceRepository, _ environment: [[UInt8]], links: [String] = []) {
        developersTree = source.worktree
        self.environment = environment
        linked = links.compactMap { source.worktree?.appending($0) }
    }

    /// What was found.
    enum Finding: Hashable {
        case none
        /// The value of `PYTHONPATH` to set.
        case overridden([UInt8])
        /// The file that leads to the developer's tree before anything else is asked.
        case inTheWay(Folder)
    }

    func look(for root: Folder) throws(GitError) -> Finding {
        guard let tree = developersTree else { return .none }
        var isFound = false
        for folder in try PythonPackages(environment).folders(and: linked) {
            for pointer in try Pointer.all(in: folder) where try pointer.leads(to: tree) {
                if pointer.goesFirst { return .inTheWay(pointer.file) }
                isFound = true
            }
        }
        guard isFound else { return .none }
        var entries = [root.path]
        let sources = root.appending("src")
        if try sources.kind == .folder { entries.insert(sources.path, at: 0) }
        if let present = CacheFolder.value("PYTHONPATH", environment) {
            entries += present.split(separator: UInt8(ascii: ":")).map { Array($0) }
                .filter { !$0.starts(with: tree.path) }
        }
        return .overridden(Array(entries.joined(separator: [UInt8(ascii: ":")])))
    }

    /// A file in a package folder that leads Python elsewhere.
    struct Pointer {
        let file: Folder
        let content: [UInt8]

        /// - Parameter names: those in the folder, where they are known.
        static func all(
            in folder: Folder, names: [[UInt8]]? = nil
        ) throws(GitError) -> [Pointer] {
            var pointers: [Pointer] = []
            let names = if let names { names } else { try folder.names() }
            for name in names where PythonPackages.isPointer(name) {
                let file = folder.appending(name)
                guard try file.kind == .file, let content = try file.read(limit: 1 << 20) else {
                    continue
                }
                pointers.append(Pointer(file: file, content: content))
            }
            return pointers
        }

        /// Whether it names this folder or something in it, also by another way to it.
        func leads(to tree: Folder) throws(GitError) -> Bool {
            if content.contains(tree.path, followedByAny: [0x2f, 0x0a, 0x0d, 0x22, 0x27]) {
                return true
            }
            for folder in namedFolders {
                guard let real = folder.realPath else { continue }
                if real == tree || real.path.starts(with: tree.path + [0x2f]) { return true }
            }
            return false
        }

        /// The folders that a `.pth` or `.egg-link` names, one a line (site.py: what begins with
        /// `import` is run, the rest are paths).
        var namedFolders: [Folder] {
            guard !isCode else { return [] }
            return content.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }).compactMap { line in
                line.first == UInt8(ascii: "/") ? Folder(line) : nil
            }
        }

        var isCode: Bool { file.path.suffix(3).elementsEqual(".py".utf8) }

        /// A finder that is asked before `sys.path` is searched.
        var goesFirst: Bool {
            isCode && String(decoding: content, as: UTF8.self).contains("meta_path.insert(")
        }
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
