/// The full name of a ref, as bytes: `refs/heads/master`. Never a short name.
///
/// git allows any bytes but a few (git-check-ref-format(1)); two names are the same only when their
/// bytes are, which Swift's `String` would not promise.
public struct RefName: Hashable, Sendable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    /// The bytes of the full name.
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

    /// Whether the name starts with these bytes.
    public func starts(with prefix: String) -> Bool {
        bytes.starts(with: prefix.utf8)
    }

    /// The name without `refs/heads/`, `refs/tags/` or `refs/`, for messages only.
    public var short: String {
        for prefix in ["refs/heads/", "refs/tags/", "refs/"] where starts(with: prefix) {
            return shown(bytes.dropFirst(prefix.utf8.count))
        }
        return shown(bytes)
    }

    /// The name made safe to show, see ``shown(_:)``.
    public var description: String { shown(bytes) }

    public static func < (left: RefName, right: RefName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
