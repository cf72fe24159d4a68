/// A compiled wildcard pattern over bytes.
///
/// It is matched by following all possibilities at once (Thompson's simulation of a
/// nondeterministic automaton), never by trying one after the other: the time is bounded by the
/// length of the pattern times the length of the name, whatever either of them says.
struct Glob: Sendable {
    enum Token: Hashable, Sendable {
        case byte(UInt8)
        /// `?`: one byte of a level.
        case anyByte
        /// `[a-z]`: one byte out of a set.
        case byteClass(ByteClass)
        /// `*`: any bytes of one level, or none.
        case level
        /// `**`: any bytes, or none.
        case everything
        /// `**/` at the start of a level: any whole levels, or none.
        case levels
    }

    static let separator: UInt8 = 0x2f

    /// The bytes with which every match starts, and ends: most names are told apart by these.
    private let prefix: [UInt8]
    private let suffix: [UInt8]
    /// What stands between prefix and suffix; empty when the pattern is all prefix.
    private let middle: [Token]
    private let foldsCase: Bool

    /// - Parameter foldsCase: Whether ASCII letters match in either case; the tokens must be in
    ///   lower case then.
    init(_ tokens: [Token], foldsCase: Bool = false) {
        var rest = tokens[...]
        var prefix: [UInt8] = []
        while case .byte(let byte)? = rest.first {
            prefix.append(byte)
            rest.removeFirst()
        }
        var suffix: [UInt8] = []
        while case .byte(let byte)? = rest.last {
            suffix.append(byte)
            rest.removeLast()
        }
        self.prefix = prefix
        self.suffix = suffix.reversed()
        self.middle = Array(rest)
        self.foldsCase = foldsCase
    }

    /// The bytes with which every match starts.
    var literalPrefix: [UInt8] { prefix }

    /// Whether the pattern matches the whole name.
    func matches(_ name: [UInt8]) -> Bool {
        name.withUnsafeBufferPointer { matches($0) }
    }

    /// Whether the pattern matches all of these bytes.
    func matches(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard name.count >= prefix.count + suffix.count else { return false }
        if middle.isEmpty, name.count != prefix.count { return false }
        // The last bytes tell names apart sooner than the first: files of one folder share those.
        let end = name.count - suffix.count
        for (index, byte) in suffix.enumerated() where fold(name[end + index]) != byte {
            return false
        }
        for (index, byte) in prefix.enumerated() where fold(name[index]) != byte {
            return false
        }
        if middle.isEmpty { return true }
        return simulate(UnsafeBufferPointer(rebasing: name[prefix.count..<end]))
    }

    @inline(__always)
    private func fold(_ byte: UInt8) -> UInt8 {
        foldsCase && byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    private func simulate(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // These shapes match most of what people write; they need no automaton.
        switch middle {
        case [.everything], [.levels, .level]: return true
        case [.level]: return !text.contains(Self.separator)
        case [.levels]: return text.isEmpty || text.last == Self.separator
        default: break
        }
        let size = middle.count + 1
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: size * 3) { memory in
            memory.initialize(repeating: -1)
            var states = States(
                current: .init(rebasing: memory[..<size]),
                next: .init(rebasing: memory[size..<size * 2]),
                seen: .init(rebasing: memory[(size * 2)...]))
            states.enter(0, of: middle, step: 0)
            states.swap()
            for (index, byte) in text.enumerated() {
                if states.count == 0 { return false }
                advance(&states, over: fold(byte), step: index + 1)
                states.swap()
            }
            return states.contains(middle.count)
        }
    }

    @inline(__always)
    private func advance(_ states: inout States, over byte: UInt8, step: Int) {
        for index in 0..<states.count {
            let state = states[index]
            guard state < middle.count else { continue }
            switch middle[state] {
            case .byte(let expected):
                if byte == expected { states.enter(state + 1, of: middle, step: step) }
            case .anyByte:
                if byte != Self.separator { states.enter(state + 1, of: middle, step: step) }
            case .byteClass(let set):
                if set.contains(byte) { states.enter(state + 1, of: middle, step: step) }
            case .level:
                if byte != Self.separator { states.enter(state, of: middle, step: step) }
            case .everything:
                states.enter(state, of: middle, step: step)
            case .levels:
                states.stay(state, step: step)
                if byte == Self.separator { states.enter(state + 1, of: middle, step: step) }
            }
        }
    }
}

/// The positions in a pattern that are possible at one byte of the name, each at most once.
private struct States {
    private var current: UnsafeMutableBufferPointer<Int>
    private var next: UnsafeMutableBufferPointer<Int>
    /// For each position, the step at which it was last entered.
    private let seen: UnsafeMutableBufferPointer<Int>
    private(set) var count = 0
    private var nextCount = 0

    init(
        current: UnsafeMutableBufferPointer<Int>, next: UnsafeMutableBufferPointer<Int>,
        seen: UnsafeMutableBufferPointer<Int>
    ) {
        self.current = current
        self.next = next
        self.seen = seen
    }

    subscript(index: Int) -> Int { current[index] }

    func contains(_ state: Int) -> Bool {
        current.prefix(count).contains(state)
    }

    /// Makes a position possible, without what it can skip.
    mutating func stay(_ state: Int, step: Int) {
        guard seen[state] != step else { return }
        seen[state] = step
        next[nextCount] = state
        nextCount += 1
    }

    /// Makes a position possible, and those behind it as far as tokens may stand for nothing.
    mutating func enter(_ first: Int, of tokens: [Glob.Token], step: Int) {
        var state = first
        while true {
            let isKnown = seen[state] == step
            stay(state, step: step)
            guard state < tokens.count, tokens[state].canBeNothing else { return }
            // `levels` that merely stayed has not opened what is behind it; the others have.
            if isKnown, tokens[state] != .levels { return }
            state += 1
        }
    }

    mutating func swap() {
        (current, next) = (next, current)
        count = nextCount
        nextCount = 0
    }
}

extension Glob.Token {
    fileprivate var canBeNothing: Bool {
        switch self {
        case .level, .everything, .levels: true
        case .byte, .anyByte, .byteClass: false
        }
    }
}
