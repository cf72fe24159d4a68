/// What was probably meant by a word that nobody knows.
enum Suggestion {
    /// Longer words are no slips of the pen, and comparing them costs the product of their lengths.
    private static let longest = 64
    /// Nor is it looked for among more words than people give names to.
    static let mostKnown = 1_000

    /// "did you mean …?", or the list of what there is when it is short; nil when neither helps.
    static func hint(for word: String, among known: some Collection<String>) -> String? {
        if let match = closest(to: word, among: known) { return "did you mean \(match)?" }
        guard !known.isEmpty, known.count <= 12 else { return nil }
        return "known: \(known.joined(separator: ", "))"
    }

    /// The known word that differs least, case, `-` and `_` not counting; nil when all differ by
    /// more than about a third.
    static func closest(to word: String, among known: some Collection<String>) -> String? {
        let folded = fold(word)
        guard folded.count <= longest, known.count <= mostKnown else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in known {
            let other = fold(candidate)
            guard other.count <= longest else { continue }
            let length = max(folded.count, other.count)
            let most = min(max(1, (length + 1) / 3), length - 1, (best?.distance ?? .max) - 1)
            // What is so much longer or shorter need not be compared: most words are.
            guard abs(folded.count - other.count) <= most else { continue }
            let distance = distance(folded, other)
            if distance <= most {
                best = (candidate, distance)
            }
        }
        return best?.word
    }

    private static func fold(_ word: String) -> [UInt8] {
        People.folded(word).utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other
    /// ("optimal string alignment").
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...other.count)
        for (row, byte) in one.enumerated() {
            var current = [row + 1]
            for (column, otherByte) in other.enumerated() {
                var cost = min(
                    previous[column] + (byte == otherByte ? 0 : 1),
                    previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, byte == other[column - 1], one[row - 1] == otherByte {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            (before, previous) = (previous, current)
        }
        return previous[other.count]
    }
}
