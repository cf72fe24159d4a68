/// A regular expression as instructions for ``RegexSearch``.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case scalar(UInt32)
        case set(ScalarSet)
        case any
        case assertion(RegexAssertion)
        /// Go on at both, the first preferred.
        case split(Int, Int)
        case jump(Int)
        case match
    }

    /// What a pattern may grow to when its repetitions are written out.
    static let mostInstructions = 4_000

    private(set) var instructions: [Instruction] = []
    /// Whether a match can only start where the text does.
    let isAnchored: Bool
    /// Steps of the compiler: repetitions of nothing make no instructions and take time all the same.
    private var steps = 0

    /// - Throws: ``PatternError`` when it becomes too large.
    init(_ node: RegexNode) throws(PatternError) {
        isAnchored = Self.isAnchored(node)
        try compile(node)
        instructions.append(.match)
    }

    private static func isAnchored(_ node: RegexNode) -> Bool {
        switch node {
        case .assertion(.start): true
        case .sequence(let parts): parts.first.map(isAnchored) ?? false
        case .alternatives(let branches): branches.allSatisfy(isAnchored)
        default: false
        }
    }

    private mutating func append(_ instruction: Instruction) {
        instructions.append(instruction)
    }

    private mutating func compile(_ node: RegexNode) throws(PatternError) {
        steps += 1
        guard steps <= Self.mostInstructions, instructions.count <= Self.mostInstructions else {
            throw PatternError(
                1,
                "too large: more than \(Self.mostInstructions) steps with repetitions written out")
        }
        switch node {
        case .empty: break
        case .scalar(let scalar): append(.scalar(scalar))
        case .set(let set): append(.set(set))
        case .any: append(.any)
        case .assertion(let assertion): append(.assertion(assertion))
        case .sequence(let parts):
            for part in parts { try compile(part) }
        case .alternatives(let branches):
            try compile(alternatives: branches)
        case .repeated(let node, let minimum, let maximum, let isLazy):
            for _ in 0..<minimum { try compile(node) }
            if let maximum {
                try compile(node, optional: maximum - minimum, isLazy: isLazy)
            } else {
                try compile(loop: node, isLazy: isLazy)
            }
        }
    }

    private mutating func compile(alternatives branches: [RegexNode]) throws(PatternError) {
        var jumps: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index < branches.count - 1 else {
                try compile(branch)
                break
            }
            let split = instructions.count
            append(.split(split + 1, split))
            try compile(branch)
            jumps.append(instructions.count)
            append(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func compile(
        _ node: RegexNode, optional count: Int, isLazy: Bool
    ) throws(PatternError) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(instructions.count)
            append(.jump(0))
            try compile(node)
        }
        let end = instructions.count
        for split in splits { instructions[split] = Self.choice(split + 1, end, isLazy: isLazy) }
    }

    private mutating func compile(loop node: RegexNode, isLazy: Bool) throws(PatternError) {
        let split = instructions.count
        append(.jump(0))
        try compile(node)
        append(.jump(split))
        instructions[split] = Self.choice(split + 1, instructions.count, isLazy: isLazy)
    }

    private static func choice(_ more: Int, _ enough: Int, isLazy: Bool) -> Instruction {
        isLazy ? .split(enough, more) : .split(more, enough)
    }
}

/// Follows all ways through a program at once (Pike's algorithm, "Regular Expression Matching: the
/// Virtual Machine Approach"): at each scalar of the text every instruction is reached at most once.
struct RegexSearch {
    private let program: RegexProgram
    private let text: [UInt8]

    init(_ program: RegexProgram, in text: [UInt8]) {
        self.program = program
        self.text = text
    }

    private struct Thread {
        var instruction: Int
        /// Where in the text its match would start.
        var start: Int
    }

    /// The threads at one place of the text, the preferred ones first.
    private struct Threads {
        var list: [Thread] = []
        private var seen: [Int]
        private var pending: [Int] = []

        init(size: Int) {
            seen = Array(repeating: -1, count: size)
            list.reserveCapacity(size)
        }

        /// Adds what is reached from an instruction without reading.
        mutating func add(
            _ instruction: Int, start: Int, at place: Place, in program: RegexProgram
        ) {
            pending.append(instruction)
            while let instruction = pending.popLast() {
                guard seen[instruction] != place.offset else { continue }
                seen[instruction] = place.offset
                switch program.instructions[instruction] {
                case .jump(let target): pending.append(target)
                case .split(let preferred, let other):
                    pending.append(other)
                    pending.append(preferred)
                case .assertion(let assertion):
                    if place.satisfies(assertion) { pending.append(instruction + 1) }
                case .scalar, .set, .any, .match:
                    list.append(Thread(instruction: instruction, start: start))
                }
            }
        }
    }

    /// A place between two scalars of the text.
    private struct Place {
        let offset: Int
        let before: UInt32?
        let after: UInt32?
        /// Whether what follows is nothing, or one newline.
        let isEnd: Bool

        func satisfies(_ assertion: RegexAssertion) -> Bool {
            switch assertion {
            case .start: before == nil
            case .end: isEnd
            case .wordBoundary: isWordBoundary
            case .noWordBoundary: !isWordBoundary
            }
        }

        private var isWordBoundary: Bool {
            (before.map(ScalarSet.word.contains) ?? false)
                != (after.map(ScalarSet.word.contains) ?? false)
        }
    }

    /// The leftmost match at or behind an offset.
    ///
    /// - Parameter stopsEarly: Whether any match will do; its range says nothing then.
    func find(from start: Int, stopsEarly: Bool) -> Range<Int>? {
        var current = Threads(size: program.instructions.count)
        var next = Threads(size: program.instructions.count)
        var found: Range<Int>?
        var offset = start
        var before = scalar(before: start)
        while true {
            let (after, width) = scalar(at: offset)
            if found == nil, !program.isAnchored || offset == 0 {
                let place = place(offset, before, after)
                current.add(0, start: offset, at: place, in: program)
            }
            if current.list.isEmpty, found != nil || program.isAnchored { return found }
            let behind = offset + width
            let nextPlace = place(behind, after, scalar(at: behind).0)
            stepping: for thread in current.list {
                let goesOn: Bool
                switch program.instructions[thread.instruction] {
                case .match:
                    found = thread.start..<offset
                    if stopsEarly { return found }
                    // The threads behind this one are less preferred.
                    break stepping
                case .scalar(let expected): goesOn = after == expected
                case .set(let set): goesOn = after.map(set.contains) ?? false
                case .any: goesOn = after != nil && after != 0x0a
                case .split, .jump, .assertion: goesOn = false
                }
                if goesOn {
                    next.add(
                        thread.instruction + 1, start: thread.start, at: nextPlace, in: program)
                }
            }
            guard after != nil else { return found }
            swap(&current, &next)
            next.list.removeAll(keepingCapacity: true)
            offset = behind
            before = after
        }
    }

    /// The offset of the next scalar.
    func position(after offset: Int) -> Int {
        offset + max(scalar(at: offset).1, 1)
    }

    private func place(_ offset: Int, _ before: UInt32?, _ after: UInt32?) -> Place {
        Place(
            offset: offset, before: before, after: after,
            isEnd: after == nil || after == 0x0a && offset + 1 == text.count)
    }

    private func scalar(before offset: Int) -> UInt32? {
        guard offset > 0 else { return nil }
        // Only whether it is a word's character matters, and those are single bytes.
        return text[offset - 1] < 0x80 ? UInt32(text[offset - 1]) : 0xfffd
    }

    /// The scalar at an offset and its bytes; U+FFFD for a byte that is not UTF-8.
    private func scalar(at offset: Int) -> (UInt32?, Int) {
        guard offset < text.count else { return (nil, 0) }
        let first = text[offset]
        if first < 0x80 { return (UInt32(first), 1) }
        var decoder = UTF8()
        var bytes = text[offset..<min(offset + 4, text.count)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return (0xfffd, 1) }
        return (scalar.value, UTF8.width(scalar))
    }
}
