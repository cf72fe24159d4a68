import GitObjects

/// Walks over one line of `allowed_signers`.
struct SignerLineCursor {
    private let line: ArraySlice<UInt8>
    private var position: Int

    init(_ line: ArraySlice<UInt8>) {
        self.line = line
        position = line.startIndex
    }

    /// Counting from 1, in bytes.
    var column: Int { position - line.startIndex + 1 }

    var peek: UInt8? { position < line.endIndex ? line[position] : nil }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    mutating func rewind(toColumn column: Int) {
        position = line.startIndex + column - 1
    }

    mutating func skipBlanks() {
        while let byte = peek, Self.isBlank(byte) { position += 1 }
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    /// What stands before the next byte that is no part of it.
    mutating func take(while isPart: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = position
        while let byte = peek, isPart(byte) { position += 1 }
        return line[start..<position]
    }

    /// The next word, and the blanks behind it.
    mutating func word() -> ArraySlice<UInt8> {
        let word = take { !Self.isBlank($0) }
        skipBlanks()
        return word
    }

    /// The principals: a word, or a text in quotation marks.
    mutating func names() throws(SignerLineError) -> ArraySlice<UInt8> {
        let start = column
        guard skip(UInt8(ascii: "\"")) else { return word() }
        let names = take { $0 != UInt8(ascii: "\"") }
        guard skip(UInt8(ascii: "\"")) else {
            throw SignerLineError(start, "a quotation mark is never closed")
        }
        skipBlanks()
        return names
    }

    /// The value of an option: a text in quotation marks, `\"` standing for one of them.
    mutating func quoted() throws(SignerLineError) -> [UInt8] {
        let start = column
        guard skip(UInt8(ascii: "\"")) else {
            throw SignerLineError(start, "the option's value must stand in quotation marks")
        }
        var value: [UInt8] = []
        while let byte = peek {
            position += 1
            if byte == UInt8(ascii: "\"") { return value }
            if byte == UInt8(ascii: "\\"), skip(UInt8(ascii: "\"")) {
                value.append(UInt8(ascii: "\""))
            } else {
                value.append(byte)
            }
        }
        throw SignerLineError(start, "a quotation mark is never closed")
    }
}

/// The options between the principals and the key.
struct SignerOptions {
    private(set) var isAuthority = false
    private(set) var namespaces: [String]?
    private(set) var validAfter: Int64?
    private(set) var validBefore: Int64?

    private static let names = ["cert-authority", "namespaces", "valid-after", "valid-before"]

    init() {}

    init(_ cursor: inout SignerLineCursor) throws(SignerLineError) {
        let start = cursor.column
        repeat {
            try readOne(&cursor)
        } while cursor.skip(UInt8(ascii: ","))
        guard cursor.peek == 0x20 || cursor.peek == 0x09 else {
            throw SignerLineError(cursor.column, "a comma or a blank is expected here")
        }
        cursor.skipBlanks()
        if let validAfter, let validBefore, validBefore <= validAfter {
            throw SignerLineError(start, "valid-before is not after valid-after: never valid")
        }
    }

    private mutating func readOne(_ cursor: inout SignerLineCursor) throws(SignerLineError) {
        let start = cursor.column
        let written = shown(
            cursor.take {
                $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") && $0 != 0x20 && $0 != 0x09
            })
        let name = People.folded(written)
        let isRepeated: Bool
        switch name {
        case "cert-authority":
            isRepeated = isAuthority
            isAuthority = true
        case "namespaces":
            isRepeated = namespaces != nil
            namespaces = try Self.namespaces(&cursor)
        case "valid-after":
            isRepeated = validAfter != nil
            validAfter = try Self.time(&cursor)
        case "valid-before":
            isRepeated = validBefore != nil
            validBefore = try Self.time(&cursor)
        default:
            let hint = Suggestion.hint(for: name, among: Self.names)
            throw SignerLineError(start, "unknown option \(written)", hint: hint)
        }
        guard !isRepeated else { throw SignerLineError(start, "the option \(name) stands twice") }
    }

    private static func value(_ cursor: inout SignerLineCursor) throws(SignerLineError) -> [UInt8] {
        guard cursor.skip(UInt8(ascii: "=")) else {
            throw SignerLineError(cursor.column, "the option needs a value: =\"…\"")
        }
        return try cursor.quoted()
    }

    private static func namespaces(
        _ cursor: inout SignerLineCursor
    ) throws(SignerLineError) -> [String] {
        let column = cursor.column
        let parts = try value(&cursor).split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        var namespaces: [String] = []
        for part in parts {
            // OpenSSH matches these as patterns; a pattern that nobody needs is one to get wrong.
            let isPlain = part.allSatisfy {
                (0x21..<0x7f).contains($0) && !"*?!\"".utf8.contains($0)
            }
            guard isPlain, !part.isEmpty else {
                throw SignerLineError(
                    column, "not a list of namespaces: \(shown(part))",
                    hint: "gate-review, gate-check, gate-bypass, gate-deploy, git")
            }
            namespaces.append(String(decoding: part, as: UTF8.self))
        }
        return namespaces
    }

    private static func time(_ cursor: inout SignerLineCursor) throws(SignerLineError) -> Int64 {
        let column = cursor.column
        let text = try value(&cursor)
        guard let time = SignerTime.seconds(text) else {
            throw SignerLineError(
                column, "not a time: \(shown(text))",
                hint: "YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC")
        }
        return time
    }
}

/// The times of `valid-after` and `valid-before`.
enum SignerTime {
    /// Seconds since 1970 of `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, each also with `Z`;
    /// nil for anything else. Without `Z` OpenSSH takes the time zone of the machine; here it is UTC
    /// on every machine (docs/decisions/signer-times.md).
    static func seconds(_ text: [UInt8]) -> Int64? {
        let digits = text.last == UInt8(ascii: "Z") ? text.dropLast() : text[...]
        guard [8, 12, 14].contains(digits.count),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        func number(_ range: Range<Int>) -> Int {
            guard range.upperBound <= digits.count else { return 0 }
            return digits[range].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        guard
            let date = CalendarDate(
                year: number(0..<4), month: number(4..<6), day: number(6..<8)),
            number(8..<10) < 24, number(10..<12) < 60, number(12..<14) < 60
        else { return nil }
        let minutes = (date.daysSince1970 * 24 + number(8..<10)) * 60 + number(10..<12)
        return Int64(minutes * 60 + number(12..<14))
    }
}
