#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reads the header lines of a raw commit or tag one after another.
///
/// The rules are those of git's `fsck.c` with every warning an error, as in
/// `git index-pack --strict`.
struct HeaderScanner {
    private let bytes: UnsafeRawBufferPointer
    private let kind: ObjectKind
    private let id: ObjectID
    private(set) var position = 0

    init(
        _ bytes: UnsafeRawBufferPointer, _ kind: ObjectKind, _ id: ObjectID
    ) throws(GitError) {
        self.bytes = bytes
        self.kind = kind
        self.id = id
        // git reads a message as a C string, so that what follows a NUL is seen by nobody.
        if let nul = bytes.position(of: 0, from: 0) {
            throw malformed("has a NUL byte at offset \(nul)")
        }
    }

    func malformed(_ problem: String) -> GitError {
        GitError(.malformed, "\(kind.rawValue) \(id)", problem)
    }

    /// What follows the empty line that ends the header, or nothing at the end of the object.
    mutating func message() throws(GitError) -> [UInt8] {
        guard position < bytes.count else { return [] }
        guard bytes[position] == newline else {
            throw malformed("has a header line where its message should begin")
        }
        return Array(bytes[(position + 1)...])
    }

    /// Whether the header goes on, with a line or a continuation.
    var isInHeader: Bool { position < bytes.count && bytes[position] != newline }

    /// The value of the next line if it is called `name`; the position then is behind it.
    mutating func value(of name: StaticString) throws(GitError) -> Range<Int>? {
        guard startsWith(name) else { return nil }
        let start = position + name.utf8CodeUnitCount + 1
        let end = try endOfLine(from: start)
        position = end + 1
        return start..<end
    }

    /// The same for a line that must be there.
    mutating func required(_ name: StaticString) throws(GitError) -> Range<Int> {
        guard let range = try value(of: name) else {
            throw malformed("has no `\(name)` line where it should be")
        }
        return range
    }

    /// The name of the next line, and its value with continuation lines; see git's
    /// `read_commit_extra_header_lines`.
    mutating func extraHeader() throws(GitError) -> (name: Range<Int>, value: Range<Int>) {
        let start = position
        var end = try endOfLine(from: start)
        guard bytes[start] != space, let gap = bytes[start..<end].firstIndex(of: space) else {
            throw malformed("has a header line that is no name and value")
        }
        while end + 1 < bytes.count, bytes[end + 1] == space {
            end = try endOfLine(from: end + 1)
        }
        position = end + 1
        return (start..<gap, (gap + 1)..<end)
    }

    func objectID(_ range: Range<Int>, in line: StaticString) throws(GitError) -> ObjectID {
        guard let id = ObjectID(hexDigits: UnsafeRawBufferPointer(rebasing: bytes[range])) else {
            throw malformed("has a `\(line)` line that is no object id")
        }
        return id
    }

    subscript(range: Range<Int>) -> Slice<UnsafeRawBufferPointer> { bytes[range] }

    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount && starts(at: range.lowerBound, text)
    }

    private func startsWith(_ name: StaticString) -> Bool {
        let end = position + name.utf8CodeUnitCount
        return end < bytes.count && bytes[end] == space && starts(at: position, name)
    }

    func starts(at start: Int, _ text: StaticString) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        return text.withUTF8Buffer { text in
            for index in 0..<text.count where bytes[start + index] != text[index] { return false }
            return true
        }
    }

    private func endOfLine(from start: Int) throws(GitError) -> Int {
        guard let end = bytes.position(of: newline, from: start) else {
            throw malformed("ends inside a header line")
        }
        return end
    }

    /// A name, address and time, by the rules of git's `fsck_ident`.
    func signature(_ range: Range<Int>, in line: StaticString) throws(GitError) -> Signature {
        let isAuthor = line.utf8CodeUnitCount == 6 && line.utf8Start[0] == 0x61
        func wrong(_ problem: String) -> GitError {
            malformed("has \(isAuthor ? "an" : "a") `\(line)` line \(problem)")
        }
        let text = bytes[range]
        guard let opening = text.firstIndex(where: { $0 == less || $0 == greater }),
            text[opening] == less
        else { throw wrong("without an address") }
        guard opening > range.lowerBound, text[opening - 1] == space else {
            throw wrong("without a space before its address")
        }
        let behind = text[(opening + 1)...]
        guard let closing = behind.firstIndex(where: { $0 == less || $0 == greater }),
            text[closing] == greater
        else { throw wrong("whose address does not end") }
        let parts = text[(closing + 1)...]
        guard parts.first == space,
            let gap = parts.dropFirst().firstIndex(of: space)
        else { throw wrong("without a time") }
        let digits = text[(closing + 2)..<gap]
        guard let time = number(digits), digits.count == 1 || digits.first != zero else {
            throw wrong("whose time is no number of seconds")
        }
        let zone = text[(gap + 1)...]
        guard zone.count == 5, zone.first == plus || zone.first == minus,
            let hoursAndMinutes = number(zone.dropFirst())
        else { throw wrong("whose time zone is not ±hhmm") }
        let offset = Int(hoursAndMinutes / 100 * 60 + hoursAndMinutes % 100)
        return Signature(
            name: Array(text[range.lowerBound..<(opening - 1)]),
            email: Array(text[(opening + 1)..<closing]), time: time,
            offset: zone.first == minus ? -offset : offset)
    }

    /// A number from at least one digit and nothing else, that fits.
    private func number(_ digits: Slice<UnsafeRawBufferPointer>) -> Int64? {
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (zero...nine).contains(digit) else { return nil }
            let (scaled, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = scaled.addingReportingOverflow(Int64(digit - zero))
            if tooLarge || overflow { return nil }
            value = sum
        }
        return value
    }
}

extension UnsafeRawBufferPointer {
    /// The offset of the first such byte at or behind `start`.
    fileprivate func position(of byte: UInt8, from start: Int) -> Int? {
        guard let base = baseAddress, start < count,
            let found = memchr(base + start, Int32(byte), count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}

private let newline: UInt8 = 0x0a
private let space: UInt8 = 0x20
private let less: UInt8 = 0x3c
private let greater: UInt8 = 0x3e
private let plus: UInt8 = 0x2b
private let minus: UInt8 = 0x2d
private let zero: UInt8 = 0x30
private let nine: UInt8 = 0x39
