/// Why bytes are no JSON text that is accepted here.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, in bytes from the beginning.
    public let offset: Int
    /// What is wrong, as a clause.
    public let problem: String

    public init(offset: Int, problem: String) {
        self.offset = offset
        self.problem = problem
    }

    public var description: String { "byte \(offset): \(problem)" }
}

extension JSON {
    /// Reads one JSON text, strictly as RFC 8259 says: no comments, no trailing commas, no
    /// byte-order mark, UTF-8 only. What RFC 8259 leaves open is refused: a name that stands twice
    /// in an object, half a surrogate pair, an integer beyond 64 bits, a number beyond a double.
    ///
    /// - Parameters:
    ///   - depth: how many arrays and objects may be nested.
    ///   - limit: the largest size in bytes.
    public init(
        parsing bytes: [UInt8], depth: Int = 64, limit: Int = 64 << 20
    ) throws(JSONError) {
        guard bytes.count <= limit else {
            throw JSONError(offset: limit, problem: "is larger than \(limit) bytes")
        }
        var reader = Reader(bytes: bytes)
        self = try reader.document(depth: depth)
    }
}

/// A recursive-descent reader over bytes; `position` is always within or right behind them.
private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document(depth: Int) throws(JSONError) -> JSON {
        skipWhiteSpace()
        let value = try self.value(depth: depth)
        skipWhiteSpace()
        guard position == bytes.count else { throw error("more text behind the value") }
        return value
    }

    func error(_ problem: String, at offset: Int? = nil) -> JSONError {
        JSONError(offset: offset ?? position, problem: problem)
    }

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipWhiteSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
        }
    }

    /// Takes this byte if it is next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func value(depth: Int) throws(JSONError) -> JSON {
        switch next {
        case UInt8(ascii: "{"):
            guard depth > 0 else { throw error("is nested too deeply") }
            return .object(try object(depth: depth - 1))
        case UInt8(ascii: "["):
            guard depth > 0 else { throw error("is nested too deeply") }
            return .array(try array(depth: depth - 1))
        case UInt8(ascii: "\""):
            return .string(try string())
        case UInt8(ascii: "t"):
            return try word("true", .bool(true))
        case UInt8(ascii: "f"):
            return try word("false", .bool(false))
        case UInt8(ascii: "n"):
            return try word("null", .null)
        case .some(0x30...0x39), UInt8(ascii: "-"):
            return try number()
        case nil:
            throw error("ends where a value should stand")
        default:
            throw error("no value begins like this")
        }
    }

    mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[index]) else {
                throw error("no value begins like this", at: start)
            }
        }
        return value
    }

    mutating func array(depth: Int) throws(JSONError) -> [JSON] {
        position += 1
        var elements: [JSON] = []
        skipWhiteSpace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            skipWhiteSpace()
            elements.append(try value(depth: depth))
            skipWhiteSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw error("expected ',' or ']'") }
        }
    }

    mutating func object(depth: Int) throws(JSONError) -> JSON.Object {
        position += 1
        var members: [JSON.Object.Member] = []
        var offsets: [Int] = []
        skipWhiteSpace()
        if take(UInt8(ascii: "}")) { return JSON.Object(unique: members) }
        while true {
            skipWhiteSpace()
            offsets.append(position)
            guard next == UInt8(ascii: "\"") else { throw error("expected a member's name") }
            let name = try string()
            skipWhiteSpace()
            guard take(UInt8(ascii: ":")) else { throw error("expected ':'") }
            skipWhiteSpace()
            members.append(JSON.Object.Member(name, try value(depth: depth)))
            skipWhiteSpace()
            if take(UInt8(ascii: "}")) { break }
            guard take(UInt8(ascii: ",")) else { throw error("expected ',' or '}'") }
        }
        try refuseDuplicates(members, offsets)
        return JSON.Object(unique: members)
    }

    /// By sorting, so that an object of a million members is not a million squared comparisons.
    func refuseDuplicates(_ members: [JSON.Object.Member], _ offsets: [Int]) throws(JSONError) {
        let sorted = members.indices.sorted {
            members[$0].name.utf8.lexicographicallyPrecedes(members[$1].name.utf8)
        }
        for (one, other) in zip(sorted, sorted.dropFirst())
        where members[one].name.hasSameBytes(as: members[other].name) {
            throw error("a member's name stands twice", at: offsets[max(one, other)])
        }
    }
}

extension Reader {
    /// A string at its opening quotation mark. Nearly all are one run without escapes.
    mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var content: [UInt8] = []
        while true {
            let run = plainRun()
            guard let byte = next else {
                throw error("ends inside a string that began at byte \(start)")
            }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                if content.isEmpty { return try text(bytes[run], from: start) }
                return try text((content + bytes[run])[...], from: start)
            case UInt8(ascii: "\\"):
                content += bytes[run]
                content += Array(String(try escape()).utf8)
            default:
                throw error("a control character stands in a string")
            }
        }
    }

    /// Passes over the bytes that stand for themselves in a string.
    private mutating func plainRun() -> Range<Int> {
        let start = position
        position = bytes.withUnsafeBufferPointer { bytes in
            var position = start
            while position < bytes.count, bytes[position] >= 0x20,
                bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\")
            {
                position += 1
            }
            return position
        }
        return start..<position
    }

    /// Decoding repairs what is not UTF-8, so different bytes come back exactly then.
    private func text(_ content: ArraySlice<UInt8>, from start: Int) throws(JSONError) -> String {
        var text = String(decoding: content, as: UTF8.self)
        let isSame = text.withUTF8 { decoded in
            content.withUnsafeBufferPointer { $0.elementsEqual(decoded) }
        }
        guard isSame else { throw error("a string is not UTF-8", at: start) }
        return text
    }

    /// An escape at its backslash.
    mutating func escape() throws(JSONError) -> Character {
        let start = position
        position += 1
        guard let letter = next else { throw error("ends inside a string") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try escapedScalar(from: start))
        default: throw error("no such escape", at: start)
        }
    }

    /// The four digits behind `\u`, and a second escape when they are the first of a surrogate
    /// pair (RFC 8259, section 7).
    mutating func escapedScalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xd800..<0xdc00).contains(first), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u"))
        else { throw error("half a surrogate pair", at: start) }
        let second = try fourDigits()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw error("half a surrogate pair", at: start) }
        return scalar
    }

    mutating func fourDigits() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            switch next {
            case .some(let digit) where (0x30...0x39).contains(digit):
                value = value << 4 | UInt32(digit - 0x30)
            case .some(let digit) where (0x41...0x46).contains(digit):
                value = value << 4 | UInt32(digit - 0x41 + 10)
            case .some(let digit) where (0x61...0x66).contains(digit):
                value = value << 4 | UInt32(digit - 0x61 + 10)
            default:
                throw error("expected four hexadecimal digits")
            }
            position += 1
        }
        return value
    }

    mutating func number() throws(JSONError) -> JSON {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger {
            guard let value = Int64(text) else {
                throw error("an integer has more than 64 bits", at: start)
            }
            return .integer(value)
        }
        guard let value = Double(text), value.isFinite else {
            throw error("a number is too large", at: start)
        }
        return .double(value)
    }

    /// One digit or more.
    mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, (0x30...0x39).contains(byte) {
            position += 1
        }
        guard position > start else { throw error("expected a digit") }
    }
}
