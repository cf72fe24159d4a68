/// Words in the YAML that gate writes.
enum YAMLWord {
    /// A word as YAML reads it back: bare where that is safe, else in single quotes.
    static func quoted(_ word: String) -> String {
        let isPlain =
            (word.utf8.first.map { isLetter($0) } ?? false)
            && word.utf8.allSatisfy { isLetter($0) || Array("0123456789._+@/-".utf8).contains($0) }
            && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(
                word.lowercased())
        if isPlain { return word }
        return "'"
            + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            + "'"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
