public import GitObjects

/// The `Key: value` lines of a commit message that gate understands.
///
/// git's own rule (git-interpret-trailers(1)) takes the last paragraph only and lets it be other
/// text in part. Where a line widens what somebody must show (a co-author is a contributor) or
/// names what is judged (`Gate-Head`), every line of the message counts instead: a line that one
/// reader calls a trailer and another does not must not be a way around a rule.
public struct Trailers: Sendable {
    private let message: [UInt8]

    public init(of commit: Commit) {
        self.init(message: commit.message)
    }

    public init(message: [UInt8]) {
        self.message = message
    }

    /// The values of every line that starts with `key:`, ASCII case ignored, blanks trimmed.
    public func values(of key: String) -> [[UInt8]] {
        var values: [[UInt8]] = []
        forEachValue(of: key) { values.append($0) }
        return values
    }

    /// The same, one by one: a message that is small as a push can have millions of lines, and a
    /// list of them takes many times as much memory as the message.
    private func forEachValue(of key: String, _ body: ([UInt8]) -> Void) {
        let wanted = Array(key.utf8).map(asciiLowercase)
        var rest = message[...]
        while !rest.isEmpty {
            let line = rest.prefix { $0 != 0x0a }
            rest = rest[min(line.endIndex + 1, rest.endIndex)...]
            if let value = Self.value(of: wanted, in: line) { body(value) }
        }
    }

    private static func value(of wanted: [UInt8], in line: ArraySlice<UInt8>) -> [UInt8]? {
        guard line.count > wanted.count,
            zip(line, wanted).allSatisfy({ asciiLowercase($0) == $1 })
        else { return nil }
        var rest = line.dropFirst(wanted.count)
        while let blank = rest.first, blank == 0x20 || blank == 0x09 { rest.removeFirst() }
        guard rest.first == 0x3a else { return nil }
        return trimmed(rest.dropFirst())
    }

    /// The addresses in `Co-authored-by: Name <address>`. A value without `<…>` is returned whole,
    /// so that it is judged an unknown address and not overlooked.
    public var coAuthorAddresses: [[UInt8]] {
        var addresses: [[UInt8]] = []
        forEachCoAuthorAddress { addresses.append($0) }
        return addresses
    }

    /// The same, one by one.
    public func forEachCoAuthorAddress(_ body: ([UInt8]) -> Void) {
        forEachValue(of: "Co-authored-by") { value in
            guard let open = value.lastIndex(of: 0x3c), let close = value.lastIndex(of: 0x3e),
                open < close
            else { return body(value) }
            body(trimmed(value[(open + 1)..<close]))
        }
    }
}

private func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let blanks: Set<UInt8> = [0x20, 0x09, 0x0d]
    var slice = bytes
    while let first = slice.first, blanks.contains(first) { slice.removeFirst() }
    while let last = slice.last, blanks.contains(last) { slice.removeLast() }
    return Array(slice)
}

private func asciiLowercase(_ byte: UInt8) -> UInt8 {
    (0x41...0x5a).contains(byte) ? byte + 0x20 : byte
}
