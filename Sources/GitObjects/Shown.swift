/// Bytes from a repository as text that is safe on a terminal and in a log.
///
/// Valid UTF-8 stays as it is; control characters (C0, DEL, C1), bidirectional overrides and
/// bytes that are not UTF-8 become `\xNN` or `\u{NN}`, so that a hostile path or message can
/// neither move the cursor nor reorder a line.
public func shown(_ bytes: some Sequence<UInt8>) -> String {
    var result = ""
    var decoder = UTF8()
    var iterator = ReplayingBytes(bytes: Array(bytes))
    decoding: while true {
        let start = iterator.position
        switch decoder.decode(&iterator) {
        case .emptyInput:
            break decoding
        case .error:
            // The decoder may have read ahead; show the first byte, go on behind it.
            result += hexEscape(iterator.bytes[start])
            iterator.position = start + 1
            decoder = UTF8()
        case .scalarValue(let scalar):
            if isUnsafe(scalar) {
                result +=
                    scalar.value < 0x80
                    ? hexEscape(UInt8(scalar.value))
                    : "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
    return result
}

private struct ReplayingBytes: IteratorProtocol {
    let bytes: [UInt8]
    var position = 0

    mutating func next() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }
}

private func hexEscape(_ byte: UInt8) -> String {
    let digits = Array("0123456789abcdef")
    return "\\x" + String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
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
