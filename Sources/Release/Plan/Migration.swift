public import GitObjects

/// What happened to a file between two trees.
public enum FileEvent: String, Hashable, Sendable, CaseIterable {
    case added, edited, removed

    public init(_ change: TreeChange) {
        switch (change.old, change.new) {
        case (nil, _): self = .added
        case (_, nil): self = .removed
        default: self = .edited
        }
    }
}

/// A migration script that a push adds, edits or removes.
public struct Migration: Hashable, Sendable {
    public let path: TreePath
    public let event: FileEvent

    /// The part of the system that it belongs to: the folder above `migrations`, else the folder
    /// that it is in.
    public var app: [UInt8] {
        let folders = path.bytes.split(separator: 0x2f).dropLast()
        let above = folders.last.map { $0.elementsEqual("migrations".utf8) } ?? false
        let folder = above ? folders.dropLast().last : folders.last
        return folder.map(Array.init) ?? []
    }

    /// The file's name without its last extension.
    public var name: [UInt8] {
        let file = path.bytes.split(separator: 0x2f).last ?? []
        guard let dot = file.lastIndex(of: 0x2e), dot > file.startIndex else { return Array(file) }
        return Array(file[..<dot])
    }
}
