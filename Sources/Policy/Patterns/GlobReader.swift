/// Reads wildcard patterns as people write them.
struct GlobReader {
    /// What the pattern is for decides what it may say.
    enum Dialect {
        /// Ref names, in which git allows neither brackets nor backslashes
        /// (git-check-ref-format(1)).
        case ref
        /// Paths: sets of bytes in brackets, and a backslash before a byte that stands for itself.
        case path
    }

    /// A pattern is short; a longer one is an attack on whoever matches it.
    static let longest = 1_024

    private let text: [UInt8]
    private let dialect: Dialect
    private var position = 0
    private var tokens: [Glob.Token] = []

    /// - Throws: ``PatternError`` where the pattern has no meaning, or surely not the meant one.
    static func tokens(
        of text: [UInt8], dialect: Dialect
    ) throws(PatternError) -> [Glob.Token] {
        var reader = GlobReader(text: text, dialect: dialect)
        return try reader.read()
    }

    private init(text: [UInt8], dialect: Dialect) {
        self.text = text
        self.dialect = dialect
    }

    private mutating func read() throws(PatternError) -> [Glob.Token] {
        guard !text.isEmpty else { throw PatternError(1, "an empty pattern matches nothing") }
        guard text.count <= Self.longest else {
            throw PatternError(Self.longest + 1, "longer than \(Self.longest) bytes")
        }
        try checkEnds()
        while position < text.count {
            let byte = text[position]
            switch byte {
            case UInt8(ascii: "*"): try readStars()
            case UInt8(ascii: "?"): append(.anyByte)
            case UInt8(ascii: "[") where dialect == .path: try readClass()
            case UInt8(ascii: "\\") where dialect == .path: try readEscape()
            case UInt8(ascii: "{") where dialect == .path:
                throw problem("{a,b} is not read", hint: "write one pattern for each, or \\{")
            case UInt8(ascii: "/") where position > 0 && text[position - 1] == byte:
                throw problem("// matches nothing: no part of a name is empty")
            case 0..<0x20, 0x7f:
                throw problem("a control character in a pattern")
            default:
                if dialect == .ref { try checkAllowedInRef(byte) }
                append(.byte(byte))
            }
        }
        return tokens
    }

    private mutating func append(_ token: Glob.Token) {
        tokens.append(token)
        position += 1
    }

    private func problem(_ problem: String, hint: String? = nil) -> PatternError {
        // Positions are for people, who count characters and not continuation bytes.
        PatternError(text[..<position].count { $0 & 0xc0 != 0x80 } + 1, problem, hint: hint)
    }

    private func checkEnds() throws(PatternError) {
        if text.first == UInt8(ascii: "!") {
            throw PatternError(1, "! does not negate here", hint: "use exclude, or leave it out")
        }
        if text.first == Glob.separator {
            throw PatternError(
                1, "starts with /; names are matched as a whole, from their start",
                hint: "leave the / out")
        }
        if text.starts(with: [UInt8(ascii: "."), Glob.separator]) {
            throw PatternError(1, "starts with ./", hint: "leave the ./ out")
        }
        if text.last == Glob.separator {
            throw PatternError(
                text.count, "ends with /; no name does",
                hint: "to match what is inside, end with /**")
        }
    }

    private func checkAllowedInRef(_ byte: UInt8) throws(PatternError) {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "]"):
            // git allows a closing bracket in a ref's name; a pattern with one is a mistake.
            throw problem("[ ] has no meaning in a pattern of refs", hint: "use *, ? and **")
        case UInt8(ascii: " "), UInt8(ascii: "~"), UInt8(ascii: "^"), UInt8(ascii: ":"),
            UInt8(ascii: "\\"):
            throw problem("no ref's name has this character (git-check-ref-format)")
        default: break
        }
    }

    private mutating func readStars() throws(PatternError) {
        var end = position
        while end < text.count, text[end] == UInt8(ascii: "*") { end += 1 }
        let startsLevel = position == 0 || text[position - 1] == Glob.separator
        switch end - position {
        case 1:
            tokens.append(.level)
        case 2:
            let isWholeLevel = startsLevel && end < text.count && text[end] == Glob.separator
            if isWholeLevel {
                end += 1
                // `**/**/` says no more than `**/`.
                if tokens.last != .levels { tokens.append(.levels) }
            } else {
                // At the end, behind a /, it stands for what is inside: at least one byte.
                if startsLevel, position > 0, end == text.count { tokens.append(.anyByte) }
                tokens.append(.everything)
            }
        default:
            throw problem("more than two * in a row")
        }
        position = end
    }

    private mutating func readEscape() throws(PatternError) {
        guard position + 1 < text.count else {
            throw problem("a backslash at the end", hint: "write \\\\ for a backslash")
        }
        position += 1
        append(.byte(text[position]))
    }

    /// `[a-z_]`, `[!a]`, `[^a]`; a `]` right behind the opening stands for itself (fnmatch(3)).
    private mutating func readClass() throws(PatternError) {
        var end = position + 1
        var isNegated = false
        if end < text.count, text[end] == UInt8(ascii: "!") || text[end] == UInt8(ascii: "^") {
            isNegated = true
            end += 1
        }
        var set = ByteClass()
        let firstMember = end
        while end < text.count, text[end] != UInt8(ascii: "]") || end == firstMember {
            var low = text[end]
            if low == UInt8(ascii: "["), end + 1 < text.count, text[end + 1] == UInt8(ascii: ":") {
                throw problem("[[:name:]] is not read", hint: "write the characters out")
            }
            if low == UInt8(ascii: "\\"), end + 1 < text.count {
                end += 1
                low = text[end]
            }
            guard low < 0x80 else {
                throw problem("only ASCII characters can stand in [ ]")
            }
            var high = low
            if end + 2 < text.count, text[end + 1] == UInt8(ascii: "-"),
                text[end + 2] != UInt8(ascii: "]")
            {
                high = text[end + 2]
                end += 2
            }
            guard low <= high, high < 0x80 else {
                throw problem("a range in [ ] runs backwards or leaves ASCII")
            }
            set.insert(low...high)
            end += 1
        }
        guard end < text.count else {
            throw problem("[ is never closed", hint: "write \\[ for a bracket")
        }
        if isNegated { set.invert() }
        // A set stays inside a level as * and ? do.
        set.remove(Glob.separator)
        tokens.append(.byteClass(set))
        position = end + 1
    }
}
