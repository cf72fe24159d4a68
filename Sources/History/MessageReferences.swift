public import GitObjects

/// The commits that a message says it reverts or was picked from. A claim: what was really done is
/// seen in the trees.
public struct MessageReferences: Hashable, Sendable {
    /// From `This reverts commit <id>` (git-revert(1)), also across a line break.
    public let reverted: [ObjectID]
    /// From GitHub's `Reverts owner/name#12`, and from `Revert "Title (#12)"` in the subject.
    public let revertedNumbers: [Int]
    /// From `(cherry picked from commit <id>)` (git-cherry-pick(1), `-x`).
    public let picked: [ObjectID]

    public init(message: [UInt8]) {
        // Most messages say none of it.
        guard message.contains(phrase: Self.quick) || message.contains(phrase: Self.quickPick)
        else {
            reverted = []
            revertedNumbers = []
            picked = []
            return
        }
        reverted = Self.ids(behind: Self.reverts, in: message)
        picked = Self.ids(behind: Self.picks, in: message)
        revertedNumbers = Self.numbers(in: message)
    }

    public var isEmpty: Bool { reverted.isEmpty && revertedNumbers.isEmpty && picked.isEmpty }

    private static let quick = Array("evert".utf8)
    private static let quickPick = Array("cherry picked".utf8)
    private static let reverts = Array("This reverts commit".utf8)
    private static let picks = Array("(cherry picked from commit".utf8)

    private static func ids(behind phrase: [UInt8], in message: [UInt8]) -> [ObjectID] {
        var found: [ObjectID] = []
        // A message may name as many as it has room for.
        var known: Set<ObjectID> = []
        var position = 0
        while let start = message.firstIndex(ofPhrase: phrase, from: position) {
            position = start + phrase.count
            let rest = message[position...].drop { $0 == 0x20 || $0 == 0x0a || $0 == 0x0d }
            let digits = rest.prefix(ObjectID.byteCount * 2)
            if let id = ObjectID(hex: digits), known.insert(id).inserted { found.append(id) }
        }
        return found
    }

    private static func numbers(in message: [UInt8]) -> [Int] {
        var numbers: [Int] = []
        for (index, line) in message.split(separator: 0x0a).enumerated() {
            let isSubject = index == 0
            if isSubject, line.starts(with: "Revert \"".utf8),
                let close = line.lastIndex(of: UInt8(ascii: "\""))
            {
                numbers += number(atEndOf: line[..<close].dropLast(ending(")", line[..<close])))
            } else if line.starts(with: "Reverts ".utf8), line.dropFirst(8).contains(0x23) {
                numbers += number(atEndOf: line.trimmingBlanks)
            }
        }
        return numbers
    }

    private static func ending(_ text: String, _ line: ArraySlice<UInt8>) -> Int {
        line.suffix(text.utf8.count).elementsEqual(text.utf8) ? text.utf8.count : 0
    }

    /// The number in `…#12`, when the line ends so.
    private static func number(atEndOf line: ArraySlice<UInt8>) -> [Int] {
        guard let mark = line.lastIndex(of: 0x23) else { return [] }
        let digits = line[(mark + 1)...]
        guard (1...18).contains(digits.count),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return [] }
        return [digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }]
    }
}

extension [UInt8] {
    fileprivate func contains(phrase: [UInt8]) -> Bool {
        firstIndex(ofPhrase: phrase, from: 0) != nil
    }

    fileprivate func firstIndex(ofPhrase phrase: [UInt8], from position: Int) -> Int? {
        withUnsafeBufferPointer { bytes in
            guard let first = phrase.first, bytes.count >= phrase.count else { return nil }
            var start = position
            let last = bytes.count - phrase.count
            while start <= last {
                if bytes[start] == first,
                    phrase.indices.allSatisfy({ bytes[start + $0] == phrase[$0] })
                {
                    return start
                }
                start += 1
            }
            return nil
        }
    }
}
