/// The path of a tree entry from the root of the tree, as bytes, parts joined with `/`.
public struct TreePath: Hashable, Sendable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    public let bytes: [UInt8]

    public init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    public init(_ text: String) {
        self.init(text.utf8)
    }

    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// The path of an entry called `name` in the tree at this path (the empty path is the root).
    public func appending(_ name: some Sequence<UInt8>) -> TreePath {
        bytes.isEmpty ? TreePath(name) : TreePath(bytes + [0x2f] + name)
    }

    /// Whether this is `folder` itself or lies in it.
    public func isInside(_ folder: String) -> Bool {
        let prefix = Array(folder.utf8)
        guard bytes.starts(with: prefix) else { return false }
        return bytes.count == prefix.count || bytes[prefix.count] == 0x2f
    }

    /// The path made safe to show, see ``shown(_:)``.
    public var description: String { shown(bytes) }

    /// All bytes at once: an array of them would be taken one by one.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(bytes.count)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    public static func < (left: TreePath, right: TreePath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
