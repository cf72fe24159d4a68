import Files
import Git
import Policy

/// `info/exclude` of a repository (gitignore(5)), where gate has git ignore the developer's own
/// `.gate.local.yml` in all worktrees.
struct ExcludeFile {
    private let folder: String
    private var path: String { folder + "/exclude" }
    private static let line = Array("/\(LocalChecks.file)\n".utf8)

    init(of repository: Repository) {
        folder = repository.commonDirectory + "/info"
    }

    /// What was there before the line, so that it can be had back to the byte.
    private enum Before: String, CaseIterable {
        case lines = "# Added by gate install; gate uninstall takes it away."
        case openLine = "# Added by gate install behind a line without an end; gate uninstall …"
        case nothing = "# Added by gate install to a new file; gate uninstall takes it away."
        case noFolder = "# Added by gate install to a new file and folder; gate uninstall …"

        /// What stands for it in the file: the comment and the pattern.
        var block: [UInt8] {
            (self == .openLine ? [0x0a] : []) + Array("\(rawValue)\n".utf8) + ExcludeFile.line
        }
    }

    /// Has git ignore the file; changes nothing where it does already.
    func add() throws {
        do {
            let present = try File.readIfPresent(path, limit: 1 << 20)
            if let present {
                let isThere = present.split(separator: 0x0a).contains {
                    $0.elementsEqual(Self.line.dropLast())
                }
                if isThere { return }
            }
            let before: Before =
                switch present {
                case nil: File.isFolder(folder) ? .nothing : .noFolder
                case let bytes?: bytes.isEmpty || bytes.last == 0x0a ? .lines : .openLine
                }
            try Folder.make(folder)
            try replace(with: (present ?? []) + before.block)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Takes out what ``add()`` put in.
    func remove() throws {
        do {
            guard let present = try File.readIfPresent(path, limit: 1 << 20) else { return }
            for before in Before.allCases {
                let block = before.block
                guard let start = Self.position(of: block, in: present) else { continue }
                var rest = present
                rest.removeSubrange(start..<start + block.count)
                if rest.isEmpty, before == .nothing || before == .noFolder {
                    try File.remove(path)
                    if before == .noFolder, try Folder.names(in: folder).isEmpty {
                        try Folder.remove(folder)
                    }
                } else {
                    try replace(with: rest)
                }
                return
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The file keeps its mode, and stays where a link leads.
    private func replace(with bytes: [UInt8]) throws(FileError) {
        let mode = FileStatus(path, followsLinks: true)?.mode
        let place = mode == nil ? path : try File.realPath(path)
        try File.write(bytes, to: place)
        if let mode { try File.setMode(mode & 0o7777, of: place) }
    }

    private static func position(of block: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= block.count else { return nil }
        return (0...bytes.count - block.count).first { start in
            (start == 0 || block.first == 0x0a || bytes[start - 1] == 0x0a)
                && bytes[start..<start + block.count] == block[...]
        }
    }
}
