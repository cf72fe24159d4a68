import CLibYAML

/// What libyaml reports, in Swift's words.
struct Event {
    enum Kind: Equatable {
        case documentStart(hasDirectives: Bool)
        case streamEnd
        case scalar(Scalar)
        case sequenceStart, sequenceEnd
        case mappingStart, mappingEnd
        /// The start of the stream, the end of a document.
        case other
    }

    let kind: Kind
    let mark: Mark
}

/// The one place that calls libyaml (`yaml_parser_parse`).
///
/// Aliases, anchors and tags never get further than this: without them a document is a tree of the
/// size that it shows, and no reader can see another one in it.
final class EventParser {
    private var parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    /// libyaml reads the text in place, so it must stay where it is.
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(YAMLError) {
        input = .allocate(capacity: max(bytes.count, 1))
        _ = input.update(fromContentsOf: bytes)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            throw YAMLError(Mark(line: 1, column: 1), "libyaml has no memory left")
        }
        // Otherwise a byte-order mark could make it UTF-16.
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deinitialize(count: 1)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event.
    ///
    /// - Throws: ``YAMLError`` when the text is not YAML from here on, and at an alias, an anchor or
    ///   a tag. Must not be called again then.
    func next() throws(YAMLError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let mark = Mark(event.start_mark)
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            let start = event.data.document_start
            let hasDirectives =
                start.version_directive != nil
                || start.tag_directives.start != start.tag_directives.end
            return Event(kind: .documentStart(hasDirectives: hasDirectives), mark: mark)
        case YAML_STREAM_END_EVENT:
            return Event(kind: .streamEnd, mark: mark)
        case YAML_ALIAS_EVENT:
            throw YAMLError(mark, "an alias (*name) is not read here", hint: "write the value out")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            try refuse(anchor: scalar.anchor, tag: scalar.tag, at: mark)
            let text = String(
                decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length),
                as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return Event(kind: .scalar(Scalar(text: text, isPlain: isPlain)), mark: mark)
        case YAML_SEQUENCE_START_EVENT:
            let sequence = event.data.sequence_start
            try refuse(anchor: sequence.anchor, tag: sequence.tag, at: mark)
            return Event(kind: .sequenceStart, mark: mark)
        case YAML_SEQUENCE_END_EVENT:
            return Event(kind: .sequenceEnd, mark: mark)
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            try refuse(anchor: mapping.anchor, tag: mapping.tag, at: mark)
            return Event(kind: .mappingStart, mark: mark)
        case YAML_MAPPING_END_EVENT:
            return Event(kind: .mappingEnd, mark: mark)
        default:
            return Event(kind: .other, mark: mark)
        }
    }

    private func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?,
        at mark: Mark
    ) throws(YAMLError) {
        guard anchor == nil else {
            throw YAMLError(mark, "an anchor (&name) is not read here", hint: "leave it out")
        }
        guard tag == nil else {
            throw YAMLError(
                mark, "a tag (!name) is not read here",
                hint: "put a text that starts with ! in quotation marks")
        }
    }

    private func failure() -> YAMLError {
        let state = parser.pointee
        let problem = state.problem.map { String(cString: $0) } ?? "not YAML"
        let context = state.context.map { " " + String(cString: $0) } ?? ""
        // A reader error (bytes that are not UTF-8) has an offset and no mark.
        guard state.error == YAML_READER_ERROR else {
            return YAMLError(
                Mark(state.problem_mark), problem + context, hint: Self.hint(problem))
        }
        return YAMLError(mark(atOffset: state.problem_offset), "not UTF-8: \(problem)")
    }

    /// libyaml names what it looked for; what people did is mostly this.
    private static func hint(_ problem: String) -> String? {
        switch problem {
        case "did not find expected key", "did not find expected '-' indicator",
            "mapping values are not allowed in this context":
            "indent this line like the others of its block"
        case "found character that cannot start any token":
            "indent with blanks, not tabs; put a text with special characters in quotation marks"
        default: nil
        }
    }

    private func mark(atOffset offset: Int) -> Mark {
        let before = input.prefix(offset)
        let lineStart = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
        let scalars = before[lineStart...].count { $0 & 0xc0 != 0x80 }
        return Mark(line: before.count { $0 == 0x0a } + 1, column: scalars + 1)
    }
}

extension Mark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
