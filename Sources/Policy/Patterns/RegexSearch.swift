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

    /// None yet, for the searches in one text.
    var deadEnds: DeadEnds { DeadEnds(size: program.instructions.count) }

    /// Whether there is a match anywhere.
    func isFound() -> Bool {
        var deadEnds = deadEnds
        return find(from: 0, stopsEarly: true, &deadEnds) != nil
    }

    /// The leftmost match at or behind an offset.
    ///
    /// - Parameters:
    ///   - stopsEarly: Whether any match will do; its range says nothing then.
    ///   - deadEnds: What earlier searches in this text have learned.
    func find(from start: Int, stopsEarly: Bool, _ deadEnds: inout DeadEnds) -> Range<Int>? {
        var current = Threads(size: program.instructions.count)
        var next = Threads(size: program.instructions.count)
        var found: Range<Int>?
        var offset = start
        var before = scalar(before: start)
        var previous = start
        defer { deadEnds.confirm() }
        while true {
            let (after, width) = scalar(at: offset)
            if found == nil, !program.isAnchored || offset == 0 {
                let place = place(offset, before, after)
                current.add(0, start: offset, at: place, in: program)
            }
            if found != nil, DeadEnds.isMilestone(offset, behind: previous) {
                current.list.removeAll { !deadEnds.note($0.instruction, at: offset) }
            }
            if current.list.isEmpty, found != nil || program.isAnchored { return found }
            let behind = offset + width
            let nextPlace = place(behind, after, scalar(at: behind).0)
            stepping: for thread in current.list {
                let goesOn: Bool
                switch program.instructions[thread.instruction] {
                case .match:
                    found = thread.start..<offset
                    deadEnds.forget()
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
            previous = offset
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

/// From where in a text a search leads nowhere.
///
/// A search that has a match goes on for the sake of preferred ways that are still open, perhaps to the
/// end of the text, and in vain. The next search starts where the match ended and would do the same:
/// a text with a thousand matches would be read a thousand times. What lies open at milestones
/// behind a match and comes to nothing is remembered, so that all searches together are linear.
struct DeadEnds {
    /// Bytes between milestones: memory for one in so many places, and so many steps in vain behind
    /// each match.
    private static let spacing = 64

    private let size: Int
    private var known: Set<Int> = []
    /// Seen behind the match that is the best so far.
    private var open: [Int] = []

    /// - Parameter size: the number of instructions of the program.
    init(size: Int) {
        self.size = size
    }

    /// Whether this is the first place behind a multiple of the spacing.
    static func isMilestone(_ offset: Int, behind previous: Int) -> Bool {
        offset / spacing != previous / spacing
    }

    /// Notes that a way is open; false when it is known to lead nowhere.
    mutating func note(_ instruction: Int, at offset: Int) -> Bool {
        let key = offset * size + instruction
        guard !known.contains(key) else { return false }
        open.append(key)
        return true
    }

    /// There is a match, to which some of them may have led.
    mutating func forget() {
        open.removeAll(keepingCapacity: true)
    }

    /// The search has ended without another match.
    mutating func confirm() {
        known.formUnion(open)
        forget()
    }
}
