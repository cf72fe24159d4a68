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
