/// A regular expression as a tree.
indirect enum RegexNode: Sendable {
    case empty
    case scalar(UInt32)
    case set(ScalarSet)
    /// Anything but a newline.
    case any
    case assertion(RegexAssertion)
    case sequence([RegexNode])
    /// The first that leads to a match is preferred.
    case alternatives([RegexNode])
    /// `maximum` is nil for "any number of times".
    case repeated(RegexNode, minimum: Int, maximum: Int?, isLazy: Bool)
}

enum RegexAssertion: Hashable, Sendable {
    case start, end, wordBoundary, noWordBoundary
}

/// Reads the syntax that ``LinearPattern`` describes.
struct RegexReader {
    /// Parentheses inside one another.
    static let deepest = 50
    /// Scalars of a pattern.
    static let longest = 1_024
    /// The largest number in `{m,n}`.
    static let mostRepetitions = 1_000

    private let scalars: [UInt32]
    private var position = 0
    private var depth = 0

    init(_ text: String) {
        scalars = text.unicodeScalars.map(\.value)
    }

    mutating func read() throws(PatternError) -> RegexNode {
        guard scalars.count <= Self.longest else {
            throw PatternError(Self.longest + 1, "longer than \(Self.longest) characters")
        }
        let node = try alternatives()
        guard position == scalars.count else {
            throw problem("a ) without its (", hint: "write \\)")
        }
        return node
    }

    private func problem(_ problem: String, hint: String? = nil) -> PatternError {
        PatternError(position + 1, problem, hint: hint)
    }

    private var current: Character? { character(at: position) }

    /// What stands at a position, if it is ASCII: syntax always is.
    private func character(at position: Int) -> Character? {
        guard position < scalars.count, let byte = UInt8(exactly: scalars[position]), byte < 0x80
        else { return nil }
        return Character(Unicode.Scalar(byte))
    }

    private mutating func skip(_ expected: Character) -> Bool {
        guard current == expected else { return false }
        position += 1
        return true
    }

    private mutating func alternatives() throws(PatternError) -> RegexNode {
        var branches = [try sequence()]
        while skip("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(PatternError) -> RegexNode {
        var parts: [RegexNode] = []
        while position < scalars.count, current != "|", current != ")" {
            let start = position
            let part = try atom()
            parts.append(try quantified(part, from: start))
        }
        return parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func atom() throws(PatternError) -> RegexNode {
        switch current {
        case "(": return try group()
        case "[": return .set(try set())
        case "\\": return try escape()
        case ".":
            position += 1
            return .any
        case "^":
            position += 1
            return .assertion(.start)
        case "$":
            position += 1
            return .assertion(.end)
        case "*", "+", "?":
            throw problem("nothing to repeat before this", hint: "write \\ before it")
        case "{":
            throw problem("nothing to repeat before {", hint: "write \\{ for a brace")
        default:
            defer { position += 1 }
            return .scalar(scalars[position])
        }
    }

    private mutating func group() throws(PatternError) -> RegexNode {
        let opening = position
        position += 1
        if skip("?") {
            guard skip(":") else {
                switch current {
                case "=", "!":
                    throw problem("lookahead is not read: it cannot be matched in linear time")
                case "<", "P": throw problem("lookbehind and named groups are not read")
                default: throw problem("(? is not read here", hint: "write (?: or (")
                }
            }
        }
        depth += 1
        guard depth <= Self.deepest else {
            throw problem("more than \(Self.deepest) parentheses inside one another")
        }
        let node = try alternatives()
        guard skip(")") else {
            throw PatternError(opening + 1, "( is never closed", hint: "write \\(")
        }
        depth -= 1
        return node
    }

    private mutating func quantified(
        _ node: RegexNode, from start: Int
    ) throws(PatternError) -> RegexNode {
        let minimum: Int
        let maximum: Int?
        switch current {
        case "*": (minimum, maximum) = (0, nil)
        case "+": (minimum, maximum) = (1, nil)
        case "?": (minimum, maximum) = (0, 1)
        case "{": (minimum, maximum) = try bounds()
        default: return node
        }
        if case .assertion = node {
            throw PatternError(start + 1, "a place in the text cannot be repeated")
        }
        position += 1
        let isLazy = skip("?")
        switch current {
        case "*", "+", "?", "{":
            throw problem(
                "a repetition of a repetition", hint: "put parentheses around the inner one")
        default: break
        }
        return .repeated(node, minimum: minimum, maximum: maximum, isLazy: isLazy)
    }

    /// `{3}`, `{2,}`, `{0,71}`; leaves the position at the closing brace.
    private mutating func bounds() throws(PatternError) -> (Int, Int?) {
        let opening = position
        position += 1
        let low = try number()
        var high = low
        if skip(",") { high = current == "}" ? nil : try number() }
        guard current == "}", let low else {
            throw PatternError(
                opening + 1, "{ is no repetition like {2} or {2,5}", hint: "write \\{ for a brace")
        }
        if let high, high < low {
            throw PatternError(opening + 1, "{\(low),\(high)} runs backwards")
        }
        return (low, high)
    }

    private mutating func number() throws(PatternError) -> Int? {
        var value: Int?
        while let digit = current?.wholeNumberValue {
            value = (value ?? 0) * 10 + digit
            guard value ?? 0 <= Self.mostRepetitions else {
                throw problem("more than \(Self.mostRepetitions) repetitions")
            }
            position += 1
        }
        return value
    }

    private mutating func escape() throws(PatternError) -> RegexNode {
        switch character(at: position + 1) {
        case "b":
            position += 2
            return .assertion(.wordBoundary)
        case "B":
            position += 2
            return .assertion(.noWordBoundary)
        default:
            return switch try escapedMember() {
            case .one(let scalar): .scalar(scalar)
            case .many(let set): .set(set)
            }
        }
    }

    private enum Member {
        case one(UInt32)
        case many(ScalarSet)
    }

    /// What a backslash makes of the character behind it, inside brackets and outside.
    private mutating func escapedMember() throws(PatternError) -> Member {
        guard position + 1 < scalars.count else {
            throw problem("a backslash at the end", hint: "write \\\\ for a backslash")
        }
        let scalar = scalars[position + 1]
        switch character(at: position + 1) {
        case "d": return member(.many(.digits))
        case "D": return member(.many(.digits.inverted))
        case "w": return member(.many(.word))
        case "W": return member(.many(.word.inverted))
        case "s": return member(.many(.space))
        case "S": return member(.many(.space.inverted))
        case "n": return member(.one(0x0a))
        case "t": return member(.one(0x09))
        case "r": return member(.one(0x0d))
        case "A": throw problem("\\A is not read", hint: "write ^")
        case "z", "Z": throw problem("\\z is not read", hint: "write $")
        case let digit? where ("1"..."9").contains(digit):
            throw problem("a backreference cannot be matched in linear time")
        case let letter? where letter.isLetter || letter.isNumber:
            throw problem("\\\(letter) is not read")
        default: return member(.one(scalar))
        }
    }

    private mutating func member(_ member: Member) -> Member {
        position += 2
        return member
    }

    private mutating func set() throws(PatternError) -> ScalarSet {
        let opening = position
        position += 1
        let isNegated = skip("^")
        guard current != "]" else { throw problem("[ ] is empty", hint: "write \\] for a bracket") }
        var set = ScalarSet()
        while !skip("]") {
            guard position < scalars.count else {
                throw PatternError(opening + 1, "[ is never closed", hint: "write \\[")
            }
            if current == "[", character(at: position + 1) == ":" {
                throw problem(
                    "[[:name:]] is not read", hint: "write \\d, \\w, \\s or the characters")
            }
            switch try setMember() {
            case .many(let others): set.formUnion(others)
            case .one(let low):
                guard current == "-", position + 1 < scalars.count,
                    character(at: position + 1) != "]"
                else {
                    set.insert(low...low)
                    continue
                }
                let dash = position
                position += 1
                guard case .one(let high) = try setMember(), low <= high else {
                    throw PatternError(
                        dash + 1, "a range that is none", hint: "write \\- for a dash")
                }
                set.insert(low...high)
            }
        }
        return isNegated ? set.inverted : set
    }

    private mutating func setMember() throws(PatternError) -> Member {
        if current == "\\" { return try escapedMember() }
        defer { position += 1 }
        return .one(scalars[position])
    }
}
