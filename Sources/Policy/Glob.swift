enum Glob {
    static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool { pattern == name }
}

/// A regular expression whose matching takes time linear in the text, whatever it says.
public struct LinearPattern: Hashable, Sendable {
    public let text: String

    /// Whether the pattern is found anywhere in the text.
    public func isFound(in text: [UInt8]) -> Bool { false }
}
