@testable import Policy

/// A wildcard pattern, matched by what its documentation says and in no hurry: each pair of a
/// place in the pattern and a place in the name is asked once.
struct SlowGlob {
    private let pattern: [UInt8]
    private let isPath: Bool

    init(_ pattern: [UInt8], isPath: Bool) {
        self.pattern = pattern
        self.isPath = isPath
    }

    func matches(_ name: [UInt8]) -> Bool {
        var known: [Int: Bool] = [:]
        return matches(0, name, 0, &known)
    }

    private func matches(_ at: Int, _ name: [UInt8], _ place: Int, _ known: inout [Int: Bool])
        -> Bool
    {
        let key = at * (name.count + 1) + place
        if let answer = known[key] { return answer }
        let answer = asks(at, name, place, &known)
        known[key] = answer
        return answer
    }

    private func asks(_ at: Int, _ name: [UInt8], _ place: Int, _ known: inout [Int: Bool]) -> Bool
    {
        guard at < pattern.count else { return place == name.count }
        let slash = UInt8(ascii: "/")
        let startsLevel = at == 0 || pattern[at - 1] == slash
        let rest = pattern[at...]
        if startsLevel, rest.starts(with: "**/".utf8) {
            return (place...name.count).contains { end in
                (end == place || name[end - 1] == slash) && matches(at + 3, name, end, &known)
            }
        }
        if rest.starts(with: "**".utf8) {
            let least = startsLevel && at > 0 && rest.count == 2 ? 1 : 0
            guard place + least <= name.count else { return false }
            // What stands for at least one byte of a level does not begin with a slash.
            if least == 1, name[place] == slash { return false }
            return (place + least...name.count).contains { matches(at + 2, name, $0, &known) }
        }
        if pattern[at] == UInt8(ascii: "*") {
            let level = name[place...].prefix { $0 != slash }
            return (place...level.endIndex).contains { matches(at + 1, name, $0, &known) }
        }
        guard place < name.count else { return false }
        let byte = name[place]
        if pattern[at] == UInt8(ascii: "?") {
            return byte != slash && matches(at + 1, name, place + 1, &known)
        }
        if isPath, pattern[at] == UInt8(ascii: "\\") {
            return byte == pattern[at + 1] && matches(at + 2, name, place + 1, &known)
        }
        if isPath, pattern[at] == UInt8(ascii: "[") {
            let (isMember, end) = bracket(at, byte)
            return isMember && byte != slash && matches(end, name, place + 1, &known)
        }
        return byte == pattern[at] && matches(at + 1, name, place + 1, &known)
    }

    /// Whether a byte is in the set that begins at a place, and where the set ends.
    private func bracket(_ start: Int, _ byte: UInt8) -> (isMember: Bool, end: Int) {
        var at = start + 1
        let isNegated = pattern[at] == UInt8(ascii: "!") || pattern[at] == UInt8(ascii: "^")
        if isNegated { at += 1 }
        var isMember = false
        var isFirst = true
        while isFirst || pattern[at] != UInt8(ascii: "]") {
            isFirst = false
            if pattern[at] == UInt8(ascii: "\\") { at += 1 }
            let low = pattern[at]
            var high = low
            if pattern[at + 1] == UInt8(ascii: "-"), pattern[at + 2] != UInt8(ascii: "]") {
                high = pattern[at + 2]
                at += 2
            }
            if (low...high).contains(byte) { isMember = true }
            at += 1
        }
        return (isMember != isNegated, at + 1)
    }
}

/// A regular expression as a set of places: from here, where could it end? Written from the tree
/// that ``RegexReader`` makes, without the instructions and threads of the real search.
struct SlowRegex {
    private let node: RegexNode
    private let text: [UInt8]
    /// The scalar that begins at an offset, and where the next one does.
    private var scalars: [Int: (value: UInt32, end: Int)] = [:]
    private var known: [Int: Set<Int>] = [:]

    /// nil for what would take too long.
    init?(_ node: RegexNode, in text: [UInt8]) {
        guard text.count <= 32, Self.size(node) <= 200 else { return nil }
        self.node = node
        self.text = text
        var offset = 0
        while offset < text.count {
            var decoder = UTF8()
            var bytes = text[offset...].makeIterator()
            var (value, width): (UInt32, Int) = (0xfffd, 1)
            if case .scalarValue(let scalar) = decoder.decode(&bytes) {
                (value, width) = (scalar.value, UTF8.width(scalar))
            }
            scalars[offset] = (value, offset + width)
            offset += width
        }
    }

    private static func size(_ node: RegexNode) -> Int {
        switch node {
        case .sequence(let parts), .alternatives(let parts):
            return parts.reduce(1) { min($0 + size($1), 1_000_000) }
        case .repeated(let node, let minimum, let maximum, _):
            return min(size(node) * max(minimum, maximum ?? 1, 1), 1_000_000)
        default: return 1
        }
    }

    mutating func isFound() -> Bool {
        for start in 0...text.count where start == text.count || scalars[start] != nil {
            if !ends(from: start).isEmpty { return true }
        }
        return false
    }

    /// Where matches that start here can end; nothing inside of a scalar.
    mutating func ends(from start: Int) -> Set<Int> {
        guard start == text.count || scalars[start] != nil else { return [] }
        if let ends = known[start] { return ends }
        let ends = ends(of: node, from: [start])
        known[start] = ends
        return ends
    }

    private func ends(of node: RegexNode, from starts: Set<Int>) -> Set<Int> {
        switch node {
        case .empty: return starts
        case .scalar(let expected): return next(starts) { $0 == expected }
        case .set(let set): return next(starts) { set.contains($0) }
        case .any: return next(starts) { $0 != 0x0a }
        case .assertion(let assertion): return starts.filter { holds(assertion, at: $0) }
        case .sequence(let parts): return parts.reduce(starts) { ends(of: $1, from: $0) }
        case .alternatives(let branches):
            return branches.reduce(into: []) { $0.formUnion(ends(of: $1, from: starts)) }
        case .repeated(let node, let minimum, let maximum, _):
            var places = starts
            for _ in 0..<minimum { places = ends(of: node, from: places) }
            var all = places
            var rounds = 0
            while !places.isEmpty, maximum.map({ rounds < $0 - minimum }) ?? true {
                places = ends(of: node, from: places).subtracting(all)
                all.formUnion(places)
                rounds += 1
            }
            return all
        }
    }

    private func next(_ starts: Set<Int>, where isWanted: (UInt32) -> Bool) -> Set<Int> {
        var ends: Set<Int> = []
        for start in starts {
            if let scalar = scalars[start], isWanted(scalar.value) { ends.insert(scalar.end) }
        }
        return ends
    }

    private func holds(_ assertion: RegexAssertion, at place: Int) -> Bool {
        func isWord(_ offset: Int) -> Bool {
            guard text.indices.contains(offset) else { return false }
            switch text[offset] {
            case 0x30...0x39, 0x41...0x5a, 0x5f, 0x61...0x7a: return true
            default: return false
            }
        }
        switch assertion {
        case .start: return place == 0
        case .end: return place == text.count || text[place...].elementsEqual([0x0a])
        case .wordBoundary: return isWord(place - 1) != isWord(place)
        case .noWordBoundary: return isWord(place - 1) == isWord(place)
        }
    }
}
