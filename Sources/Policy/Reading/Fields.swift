import YAML

/// The entries of a mapping of which every key is known.
struct Fields {
    let mark: Mark
    private let entries: [Node.Entry]
    private let what: String
    private let source: PolicyFile

    /// - Parameters:
    ///   - what: What the mapping is, for messages: "a ruleset".
    ///   - keys: The keys that it may have; any other is reported.
    /// - Returns: nil, and reported, when the node is no mapping.
    init?(_ node: Node, _ what: String, keys: [String], in source: PolicyFile) {
        guard let entries = source.mapping(node, what) else { return nil }
        mark = node.mark
        self.entries = entries
        self.what = what
        self.source = source
        for entry in entries where !keys.contains(entry.key) {
            guard !source.log.isFull else { return }
            source.report(
                entry.keyMark, "unknown key \(PolicyFile.shown(entry.key)) in \(what)",
                hint: Suggestion.hint(for: entry.key, among: keys))
        }
    }

    func entry(_ key: String) -> Node.Entry? {
        entries.first { $0.key == key }
    }

    subscript(key: String) -> Node? { entry(key)?.value }

    /// The value of a key without which the rest has no meaning.
    func required(_ key: String, hint: String? = nil) -> Node? {
        if let node = self[key] { return node }
        source.report(mark, "\(what) needs \(key):", hint: hint)
        return nil
    }
}
