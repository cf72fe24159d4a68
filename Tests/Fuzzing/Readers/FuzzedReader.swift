import GitObjects

/// One reader of bytes that strangers write, as the fuzzer and the replay of its corpus call it.
struct FuzzedReader: Sendable {
    /// Also the name of its folder in Corpus/ and of its dictionary.
    let name: String
    /// The files of Sources/ whose lines its corpus must reach.
    let sources: [String]
    /// The longest input that the fuzzer makes, in bytes: enough for every construct a few times.
    let longest: Int
    /// Reads an input, and checks what must hold of any: whether the reader accepted it.
    ///
    /// - Throws: ``Violation`` where something does not hold.
    let read: @Sendable (_ input: [UInt8]) throws -> Bool

    static let all: [FuzzedReader] =
        objectReaders + textReaders + patternReaders + policyReaders + evidenceReaders
        + historyReaders + reportReaders + releaseReaders

    /// The reader with this name.
    static func named(_ name: String) -> FuzzedReader? { all.first { $0.name == name } }
}

/// Something that must hold of every input and does not.
struct Violation: Error, CustomStringConvertible {
    let description: String
}

func require(_ holds: Bool, _ claim: @autoclosure () -> String) throws {
    if !holds { throw Violation(description: claim()) }
}

/// Whether a text can be printed on a terminal as it is: what a stranger wrote must not steer it.
func requireSafe(_ text: String) throws {
    // Nearly all texts are plain; the rest is asked of whoever makes texts safe.
    let isPlain = text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
    try require(
        isPlain || shown(text.utf8) == text, "a message with raw bytes: \(shown(text.utf8))")
}

extension [UInt8] {
    /// The parts between separators: inputs of readers that take several things at once.
    func parts(separatedBy separator: UInt8, atMost count: Int) -> [[UInt8]] {
        split(separator: separator, maxSplits: count - 1, omittingEmptySubsequences: false)
            .map(Array.init)
    }

    func hasSuffix(_ suffix: [UInt8]) -> Bool {
        self.suffix(suffix.count).elementsEqual(suffix)
    }
}
