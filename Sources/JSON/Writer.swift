extension JSON {
    /// The one form that is signed and hashed (docs/reference/evidence.md): members sorted by the
    /// bytes of their names, no white space, only `"`, `\` and U+0000–U+001F escaped. The bytes of
    /// Python's `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.
    public func canonical() -> [UInt8] {
        var writer = Writer()
        writer.writeCanonical(self)
        return writer.bytes
    }

    /// Indented by two spaces, members in their own order, no newline at the end. Control
    /// characters and marks that reorder text are escaped, so that it is safe on a terminal.
    public func pretty() -> [UInt8] {
        var writer = Writer()
        writer.writePretty(self, indentation: 0)
        return writer.bytes
    }
}

private struct Writer {
    var bytes: [UInt8] = []

    mutating func append(_ text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func writeCanonical(_ value: JSON) {
        switch value {
        case .array(let elements):
            append("[")
            for (position, element) in elements.enumerated() {
                if position > 0 { append(",") }
                writeCanonical(element)
            }
            append("]")
        case .object(let object):
            let sorted = object.members.sorted {
                $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
            }
            append("{")
            for (position, member) in sorted.enumerated() {
                if position > 0 { append(",") }
                writeString(member.name, forPeople: false)
                append(":")
                writeCanonical(member.value)
            }
            append("}")
        case .null, .bool, .integer, .double, .string:
            writeScalar(value, forPeople: false)
        }
    }

    mutating func writePretty(_ value: JSON, indentation: Int) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            append("[")
            for (position, element) in elements.enumerated() {
                if position > 0 { append(",") }
                newLine(indentation + 2)
                writePretty(element, indentation: indentation + 2)
            }
            newLine(indentation)
            append("]")
        case .object(let object) where !object.isEmpty:
            append("{")
            for (position, member) in object.members.enumerated() {
                if position > 0 { append(",") }
                newLine(indentation + 2)
                writeString(member.name, forPeople: true)
                append(": ")
                writePretty(member.value, indentation: indentation + 2)
            }
            newLine(indentation)
            append("}")
        case .array: append("[]")
        case .object: append("{}")
        case .null, .bool, .integer, .double, .string:
            writeScalar(value, forPeople: true)
        }
    }

    mutating func newLine(_ indentation: Int) {
        bytes.append(0x0a)
        bytes.append(contentsOf: repeatElement(0x20, count: indentation))
    }

    mutating func writeScalar(_ value: JSON, forPeople: Bool) {
        switch value {
        case .bool(true): append("true")
        case .bool(false): append("false")
        case .integer(let number): bytes.append(contentsOf: Array(number.description.utf8))
        case .double(let number) where number.isFinite:
            bytes.append(contentsOf: Array(number.description.utf8))
        case .string(let text): writeString(text, forPeople: forPeople)
        case .null, .double, .array, .object: append("null")
        }
    }

    mutating func writeString(_ text: String, forPeople: Bool) {
        append("\"")
        if forPeople {
            for scalar in text.unicodeScalars {
                writeForPeople(scalar)
            }
        } else {
            writeBytes(of: text)
        }
        append("\"")
    }

    /// Nearly all strings stand for themselves as a whole.
    private mutating func writeBytes(of text: String) {
        var text = text
        text.withUTF8 { buffer in
            let isPlain = buffer.allSatisfy { byte in
                byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            }
            if isPlain {
                bytes.append(contentsOf: buffer)
            } else {
                for byte in buffer {
                    writeByte(byte)
                }
            }
        }
    }

    mutating func writeByte(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x0c: append("\\f")
        case 0x0a: append("\\n")
        case 0x0d: append("\\r")
        case 0x09: append("\\t")
        case 0..<0x20: writeEscape(UInt16(byte))
        default: bytes.append(byte)
        }
    }

    /// C1 controls, the marks with which text is shown in another order than it has
    /// (CVE-2021-42574), and what is not shown at all.
    mutating func writeForPeople(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x7f..<0xa0, 0xad, 0x61c, 0x180e, 0x200b...0x200f, 0x2028...0x202e,
            0x2060...0x2069, 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe0fff:
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                writeEscape(unit)
            }
        default:
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                writeByte(byte)
            }
        }
    }

    mutating func writeEscape(_ value: UInt16) {
        let digits = Array("0123456789abcdef".utf8)
        append("\\u")
        for shift in [12, 8, 4, 0] {
            bytes.append(digits[Int(value >> UInt16(shift) & 15)])
        }
    }
}
