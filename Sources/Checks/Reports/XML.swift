import GitObjects

/// An element of an XML document.
struct XMLElement: Hashable, Sendable {
    var name: String
    var attributes: [String: String] = [:]
    var children: [XMLElement] = []
    /// The text between its tags, that of its children left out, as bytes: what tests print need
    /// not be UTF-8.
    var text: [UInt8] = []
}

/// Why bytes are no XML document that is read here.
struct XMLError: Error, Hashable, Sendable {
    /// Lines from 1.
    let line: Int
    let problem: String
}

/// Reads as much of XML 1.0 as test reports use: elements, attributes, the five named entities
/// and numeric ones, comments, CDATA, processing instructions, in UTF-8. A document type is refused: with it come entities that expand without bound.
struct XMLReader {
    /// How deep elements may be nested.
    static let depthLimit = 64

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The document's root element.
    static func root(of bytes: [UInt8]) throws(XMLError) -> XMLElement {
        let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
        var reader = XMLReader(
            bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes)
        try reader.skipMiscellany()
        guard reader.next == UInt8(ascii: "<") else { throw reader.error("expected an element") }
        let element = try reader.element(depth: 0)
        try reader.skipMiscellany()
        guard reader.next == nil else { throw reader.error("more text behind the root element") }
        return element
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ problem: String) -> XMLError {
        let line = bytes[..<min(position, bytes.count)].reduce(1) { $1 == 0x0a ? $0 + 1 : $0 }
        return XMLError(line: line, problem: problem)
    }

    private func isAt(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        return bytes[position...].starts(with: wanted)
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard isAt(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    @discardableResult
    private mutating func skipSpace() -> Bool {
        let start = position
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
        }
        return position > start
    }

    private mutating func skip(past end: StaticString, of what: String) throws(XMLError) {
        while position < bytes.count {
            if take(end) { return }
            position += 1
        }
        throw error("ends inside \(what)")
    }

    /// Space, comments and processing instructions around the root element.
    private mutating func skipMiscellany() throws(XMLError) {
        while true {
            skipSpace()
            if take("<?") {
                try skip(past: "?>", of: "a processing instruction")
            } else if take("<!--") {
                try skip(past: "-->", of: "a comment")
            } else if isAt("<!") {
                throw error("a document type, which is not read")
            } else {
                return
            }
        }
    }

    private mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth < Self.depthLimit else {
            throw error("more than \(Self.depthLimit) elements inside one another")
        }
        position += 1
        var element = XMLElement(name: try name())
        while true {
            let spaced = skipSpace()
            if take("/>") { return element }
            if take(">") { break }
            guard spaced else { throw error("expected '>' or an attribute") }
            let attribute = try name()
            skipSpace()
            guard take("=") else { throw error("expected '=' behind \(shown(attribute.utf8))") }
            skipSpace()
            guard element.attributes.updateValue(try value(), forKey: attribute) == nil else {
                throw error("the attribute \(shown(attribute.utf8)) stands twice")
            }
        }
        while true {
            if take("</") {
                let closing = try name()
                guard closing == element.name else {
                    throw error(
                        "'</\(shown(closing.utf8))>' closes '<\(shown(element.name.utf8))>'")
                }
                skipSpace()
                guard take(">") else { throw error("expected '>'") }
                return element
            } else if take("<!--") {
                try skip(past: "-->", of: "a comment")
            } else if take("<![CDATA[") {
                let start = position
                try skip(past: "]]>", of: "character data")
                element.text += bytes[start..<(position - 3)]
            } else if take("<?") {
                try skip(past: "?>", of: "a processing instruction")
            } else if next == UInt8(ascii: "<") {
                element.children.append(try self.element(depth: depth + 1))
            } else if next == UInt8(ascii: "&") {
                element.text += Array(String(try reference()).utf8)
            } else if next == nil {
                throw error("ends inside '<\(shown(element.name.utf8))>'")
            } else {
                let start = position
                while let byte = next, byte != UInt8(ascii: "<"), byte != UInt8(ascii: "&") {
                    position += 1
                }
                element.text += bytes[start..<position]
            }
        }
    }

    private mutating func name() throws(XMLError) -> String {
        let start = position
        while let byte = next, Self.isPartOfName(byte) { position += 1 }
        guard position > start else { throw error("expected a name") }
        return try text(bytes[start..<position])
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: ":"), 0x80...0xff:
            true
        default: false
        }
    }

    private mutating func value() throws(XMLError) -> String {
        guard let quote = next, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw error("expected a quoted value")
        }
        position += 1
        var content: [UInt8] = []
        while let byte = next, byte != quote {
            if byte == UInt8(ascii: "<") { throw error("'<' in the value of an attribute") }
            if byte == UInt8(ascii: "&") {
                content += Array(String(try reference()).utf8)
            } else {
                content.append(byte)
                position += 1
            }
        }
        guard next == quote else { throw error("ends inside a value") }
        position += 1
        return try text(content[...])
    }

    /// What stands between `&` and `;`.
    private mutating func reference() throws(XMLError) -> Character {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: ";"), position - start < 10 { position += 1 }
        let name = try text(bytes[start..<position])
        guard take(";") else { throw error("'&' without ';'") }
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        let digits = name.utf8.dropFirst()
        let isHexadecimal = digits.first == UInt8(ascii: "x")
        guard name.utf8.first == UInt8(ascii: "#"),
            let number = UInt32(
                String(decoding: isHexadecimal ? digits.dropFirst() : digits, as: UTF8.self),
                radix: isHexadecimal ? 16 : 10),
            number != 0, let scalar = Unicode.Scalar(number)
        else { throw error("the entity '&\(shown(name.utf8));' is not known") }
        return Character(scalar)
    }

    private func text(_ slice: ArraySlice<UInt8>) throws(XMLError) -> String {
        let text = String(decoding: slice, as: UTF8.self)
        guard text.utf8.elementsEqual(slice) else { throw error("a name or value is not UTF-8") }
        return text
    }
}
