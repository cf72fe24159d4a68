/// A regular expression whose matching takes time linear in the text, whatever it says.
///
/// The syntax is the part that Python, PCRE and RE2 read alike: literals, `.`, `[a-z]`, `[^a-z]`,
/// `\d \w \s \b` and their negations (ASCII), `^`, `$`, `( )`, `(?: )`, `|`, `* + ? {m,n}` and their
/// lazy forms. Backreferences and lookaround are refused: they cannot be matched in linear time.
/// It works on Unicode scalars; bytes that are not UTF-8 read as U+FFFD. `.` is anything but a
/// newline; `^` and `$` stand for the ends of the text, `$` also for the place before a newline that
/// ends it.
public struct LinearPattern: Hashable, Sendable {
    public let text: String
    private let program: RegexProgram

    /// - Throws: ``PatternError`` with the position of what cannot be read.
    public init(parsing text: String) throws(PatternError) {
        self.text = text
        var reader = RegexReader(text)
        program = try RegexProgram(try reader.read())
    }

    /// Whether the pattern is found anywhere in the text.
    public func isFound(in text: [UInt8]) -> Bool {
        RegexSearch(program, in: text).isFound()
    }

    /// Where the pattern is found, as ranges of bytes from left to right, none of them empty and no
    /// two overlapping; of the matches that start at one place the one that Python would choose.
    public func matches(in text: [UInt8]) -> [Range<Int>] {
        let search = RegexSearch(program, in: text)
        var found: [Range<Int>] = []
        var position = 0
        var deadEnds = search.deadEnds
        while position <= text.count,
            let range = search.find(from: position, stopsEarly: false, &deadEnds)
        {
            if range.isEmpty {
                position = search.position(after: range.upperBound)
            } else {
                found.append(range)
                position = range.upperBound
            }
        }
        return found
    }

    public static func == (left: LinearPattern, right: LinearPattern) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}
