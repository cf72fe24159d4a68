import GitObjects

/// The paths that a tree has.
struct TrackedPaths: Sendable {
    /// Files and symbolic links, sorted: where each path is in `text`. They are many, and seldom
    /// looked at.
    private var files: [Range<Int>] = []
    private let text: [UInt8]
    /// Every folder above one of them, and the submodules, with how many names the tree has in
    /// it; nil for what is or has a submodule, whose folder nobody looks after.
    private(set) var folders: [TreePath: Int?] = [:]
    /// The submodules alone: folders without content.
    private(set) var submodules: [TreePath] = []

    /// As `git ls-files --stage -z` lists them.
    init(listing: [UInt8]) {
        self.init(
            in: listing,
            listing.split(separator: 0).compactMap { record in
                record.firstIndex(of: 0x09).map { tab in
                    (record.starts(with: "160000 ".utf8), (tab + 1)..<record.endIndex)
                }
            })
    }

    /// - Parameters:
    ///   - text: has the paths.
    ///   - entries: where, sorted by their bytes, as in git's index.
    init(in text: [UInt8], _ entries: some Sequence<(isSubmodule: Bool, path: Range<Int>)>) {
        self.text = text
        folders[TreePath("")] = .some(0)
        // Files of one folder stand together: it is looked up once for all of them.
        var folder: ArraySlice<UInt8> = []
        var count = 0
        for (isSubmodule, range) in entries {
            let path = text[range]
            let above = Self.above(path)
            if above != folder {
                add(count, to: TreePath(folder))
                (folder, count) = (above, 0)
            }
            if isSubmodule {
                submodules.append(TreePath(path))
                add(0, to: TreePath(above))
                folders[TreePath(path)] = .some(nil)
                folders[TreePath(above)] = .some(nil)
            } else {
                files.append(range)
                count += 1
            }
        }
        add(count, to: TreePath(folder))
    }

    /// The folder that a path is in.
    private static func above(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
    }

    /// Counts names in a folder; one that is new is a name in the folder above it.
    private mutating func add(_ count: Int, to folder: TreePath) {
        if let known = folders[folder] {
            folders[folder] = .some(known.map { $0 + count })
        } else {
            folders[folder] = .some(count)
            add(1, to: TreePath(Self.above(folder.bytes[...])))
        }
    }

    /// Whether there is a file, a folder or a submodule at this path.
    func contains(_ path: TreePath) -> Bool {
        if folders[path] != nil { return true }
        var (low, high) = (0, files.count)
        while low < high {
            let middle = (low + high) / 2
            if text[files[middle]].lexicographicallyPrecedes(path.bytes) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < files.count && text[files[low]] == path.bytes[...]
    }
}

extension TrackedPaths {
    /// The first file that is a git-lfs pointer: they are small and begin with one line (git-lfs'
    /// specification). Only asked where `.gitattributes` names that filter.
    func firstLargeFilePointer(in root: Folder) throws(GitError) -> TreePath? {
        let name = Array(".gitattributes".utf8)
        let attributes = files.filter { text[$0].suffix(name.count) == name[...] }
        var isUsed = false
        for file in attributes where !isUsed {
            let place = root.appending(text[file])
            guard try place.kind == .file else { continue }
            let content = try place.read(limit: 16 << 20) ?? []
            isUsed = String(decoding: content, as: UTF8.self).contains("filter=lfs")
        }
        guard isUsed else { return nil }
        let beginning = Array("version https://git-lfs.github.com/spec/".utf8)
        for file in files {
            let place = root.appending(text[file])
            guard try place.kind == .file, let content = try place.content(upTo: 1024),
                content.starts(with: beginning)
            else { continue }
            return TreePath(text[file])
        }
        return nil
    }
}
