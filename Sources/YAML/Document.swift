/// How much of a YAML text is read before it is refused.
public struct Limits: Hashable, Sendable {
    /// Bytes of the text.
    public var size: Int
    /// Collections inside one another.
    public var depth: Int
    /// Scalars (keys included), sequences and mappings together.
    public var nodes: Int

    public init(size: Int = 1 << 20, depth: Int = 32, nodes: Int = 200_000) {
        self.size = size
        self.depth = depth
        self.nodes = nodes
    }
}

extension Node {
    /// Reads the one document of a YAML text.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, without a byte-order mark.
    ///   - limits: What is refused for its size alone, before any memory is spent on it.
    /// - Returns: The root of the document; nil when the text has none (it is empty or only has
    ///   comments).
    /// - Throws: ``YAMLError`` at the first thing that cannot be read. Refused beside what is not
    ///   YAML: aliases, anchors, tags, directives, keys that are not scalars, a key that stands
    ///   twice, a second document.
    public static func read(
        _ bytes: [UInt8], limits: Limits = Limits()
    ) throws(YAMLError) -> Node? {
        let start = Mark(line: 1, column: 1)
        guard bytes.count <= limits.size else {
            throw YAMLError(
                start, "the file has \(bytes.count) bytes; at most \(limits.size) are read")
        }
        guard !bytes.starts(with: [0xef, 0xbb, 0xbf]) else {
            throw YAMLError(
                start, "the file starts with a byte-order mark", hint: "save it as plain UTF-8")
        }
        let events = try EventParser(bytes)
        var builder = NodeBuilder(events: events, limits: limits)
        return try builder.document()
    }
}

/// Puts nodes together from events, without recursion deeper than the limit.
private struct NodeBuilder {
    let events: EventParser
    let limits: Limits
    var nodes = 0

    init(events: EventParser, limits: Limits) {
        self.events = events
        self.limits = limits
    }

    mutating func document() throws(YAMLError) -> Node? {
        _ = try events.next()
        let opening = try events.next()
        guard case .documentStart(let hasDirectives) = opening.kind else { return nil }
        guard !hasDirectives else {
            throw YAMLError(opening.mark, "directives (%YAML, %TAG) are not read")
        }
        let root = try node(try events.next(), depth: 1)
        _ = try events.next()
        let closing = try events.next()
        guard closing.kind == .streamEnd else {
            throw YAMLError(
                closing.mark, "a second document starts here", hint: "one file, one document")
        }
        // A file of comments and `---` has a document without content.
        if case .scalar(let scalar) = root.content, scalar.isPlain, scalar.text.isEmpty {
            return nil
        }
        return root
    }

    mutating func node(_ event: Event, depth: Int) throws(YAMLError) -> Node {
        nodes += 1
        guard nodes <= limits.nodes else {
            throw YAMLError(event.mark, "the file has more than \(limits.nodes) values")
        }
        switch event.kind {
        case .scalar(let scalar):
            return Node(mark: event.mark, content: .scalar(scalar))
        case .sequenceStart:
            try check(depth: depth, at: event.mark)
            return Node(mark: event.mark, content: .sequence(try items(depth: depth)))
        case .mappingStart:
            try check(depth: depth, at: event.mark)
            return Node(mark: event.mark, content: .mapping(try entries(depth: depth)))
        case .documentStart, .streamEnd, .sequenceEnd, .mappingEnd, .other:
            throw YAMLError(event.mark, "a value is expected here")
        }
    }

    private func check(depth: Int, at mark: Mark) throws(YAMLError) {
        guard depth <= limits.depth else {
            throw YAMLError(mark, "nested more than \(limits.depth) levels deep")
        }
    }

    private mutating func items(depth: Int) throws(YAMLError) -> [Node] {
        var items: [Node] = []
        while true {
            let event = try events.next()
            if event.kind == .sequenceEnd { return items }
            items.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws(YAMLError) -> [Node.Entry] {
        var entries: [Node.Entry] = []
        // A set costs more than it saves in the small mappings that policies are made of.
        var seen: Set<String> = []
        while true {
            let event = try events.next()
            if event.kind == .mappingEnd { return entries }
            guard case .scalar(let scalar) = event.kind else {
                throw YAMLError(event.mark, "a key must be a plain or quoted text")
            }
            let key = scalar.text
            let isRepeated: Bool
            if entries.count < 16 {
                isRepeated = entries.contains { $0.key == key }
            } else {
                if seen.isEmpty { seen = Set(entries.map(\.key)) }
                isRepeated = !seen.insert(key).inserted
            }
            guard !isRepeated else {
                throw YAMLError(event.mark, "the key \(display(key)) stands twice in one mapping")
            }
            nodes += 1
            let value = try node(try events.next(), depth: depth + 1)
            entries.append(Node.Entry(key: key, keyMark: event.mark, value: value))
        }
    }

    /// A key in quotation marks, cut short and without anything that could steer a terminal or turn a
    /// line round.
    private func display(_ key: String) -> String {
        let safe = key.unicodeScalars.prefix(60).map { scalar in
            let isPlain =
                (0x20..<0x7f).contains(scalar.value) || scalar.properties.isAlphabetic
            return isPlain ? String(scalar) : "?"
        }
        return "“\(safe.joined())”"
    }
}
