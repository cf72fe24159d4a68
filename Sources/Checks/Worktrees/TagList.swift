import GitObjects

/// The tags of a repository as a `packed-refs` file, read from where git keeps them
/// (gitrepository-layout(5)): packed, and one file each, which count more.
struct TagList {
    private var tags: [[UInt8]: [UInt8]] = [:]

    init(of gitFolder: Folder) throws(GitError) {
        if let packed = try gitFolder.appending("packed-refs").read(limit: 256 << 20) {
            // `<id> <name>`; comments begin with #, a tag's target with ^.
            for line in packed.split(separator: 0x0a) {
                guard line.count > 41, line[line.startIndex + 40] == 0x20 else { continue }
                add(Array(line.dropFirst(41)), Array(line.prefix(40)))
            }
        }
        try addLoose(in: gitFolder.appending("refs/tags"), prefix: Array("refs/tags/".utf8))
    }

    private mutating func addLoose(in folder: Folder, prefix: [UInt8]) throws(GitError) {
        guard try folder.kind == .folder else { return }
        for name in try folder.names() {
            let file = folder.appending(name)
            switch try file.kind {
            case .folder: try addLoose(in: file, prefix: prefix + name + [0x2f])
            case .file: add(prefix + name, Array((try file.read(limit: 4096) ?? []).prefix(40)))
            case .nothing, .other: break
            }
        }
    }

    /// What is not `<40 hex>` is no tag: a symbolic ref, a lock.
    private mutating func add(_ name: [UInt8], _ id: [UInt8]) {
        guard name.starts(with: "refs/tags/".utf8), ObjectID(hex: id) != nil else { return }
        tags[name] = id
    }

    var packed: [UInt8] {
        var lines = Array("# pack-refs with: sorted \n".utf8)
        for (name, id) in tags.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            lines += id + [0x20] + name + [0x0a]
        }
        return lines
    }
}
