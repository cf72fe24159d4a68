import GitObjects

/// Text as one word of a shell command: quoted where a POSIX shell would read anything but the
/// text itself (POSIX.1-2017, 2.2.2).
public func shellWord(_ bytes: some Sequence<UInt8>) -> String {
    let bytes = Array(bytes)
    let isPlain = !bytes.isEmpty && bytes.allSatisfy(isPlainInShell)
    let text = String(decoding: bytes, as: UTF8.self)
    if isPlain { return text }
    // What would not show as it is, is written as printf writes it.
    if shown(bytes) != text {
        let octal = bytes.map { byte in
            let digits = String(byte, radix: 8)
            return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
        return "\"$(printf '\(octal.joined())')\""
    }
    return "'"
        + text.split(separator: "'", omittingEmptySubsequences: false)
        .joined(separator: "'\\''") + "'"
}

private func isPlainInShell(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    case 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x3a, 0x3d, 0x40, 0x5f: true
    default: false
    }
}
