/// Bytes from a repository as text that is safe on a terminal and in a log.
///
/// Valid UTF-8 stays as it is; control characters (C0, DEL, C1), bidirectional overrides and
/// bytes that are not UTF-8 become `\xNN` or `\u{NN}`, so that a hostile path or message can
/// neither move the cursor nor reorder a line.
public func shown(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
        // Nearly all text is plain.
        if (0x20..<0x7f).contains(bytes[position]) {
            result.append(bytes[position])
            position += 1
            continue
        }
        // A decoder reads ahead, and says nothing of how far: each scalar has one of its own.
        var decoder = UTF8()
        var next = bytes[position..<min(position + 4, bytes.count)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&next) else {
            result += hexEscape(bytes[position])
            position += 1
            continue
        }
        let width = UTF8.width(scalar)
        if !isUnsafe(scalar) {
            result += bytes[position..<(position + width)]
        } else if scalar.value < 0x80 {
            result += hexEscape(UInt8(scalar.value))
        } else {
            result += Array("\\u{\(String(scalar.value, radix: 16))}".utf8)
        }
        position += width
    }
    return String(decoding: result, as: UTF8.self)
}

private func hexEscape(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
}

/// Control characters, and the marks with which text can be shown in another order than it has
/// ("Trojan Source", CVE-2021-42574).
private func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0: true
    case 0xad, 0x61c, 0x180e: true
    case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff: true
    case 0xfff9...0xfffb, 0xe0000...0xe0fff: true
    default: false
    }
}
