public import GitObjects

extension CodeOwners {
    /// What GitHub reads: "CODEOWNERS file size", a larger one is as good as none there.
    static let largestFile = 3 << 20

    /// Reads a CODEOWNERS file by itself.
    ///
    /// - Throws: ``InvalidPolicy`` with every line that GitHub would not read.
    public static func read(
        _ bytes: [UInt8], at path: TreePath
    ) throws(InvalidPolicy) -> CodeOwners {
        let log = DiagnosticLog()
        let owners = CodeOwners(
            reading: bytes, at: path, PolicyFile(file: shown(path.bytes), log: log))
        try log.throwIfAny()
        return owners
    }

    /// Reads a CODEOWNERS file. What GitHub would leave out with a mark in its web page is reported:
    /// a line that is left out hands its paths to the owners of an earlier one.
    init(reading bytes: [UInt8], at path: TreePath, _ source: PolicyFile) {
        guard bytes.count <= Self.largestFile else {
            source.report(
                line: 1,
                "the file has \(bytes.count) bytes; GitHub reads none of one over \(Self.largestFile)"
            )
            self.init(path: path, rules: [])
            return
        }
        var rules: [Rule] = []
        var number = 0
        for line in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            number += 1
            let words = Self.words(line.last == 0x0d ? line.dropLast() : line)
            guard let first = words.first else { continue }
            let location = source.location(
                line: number, column: first.startIndex - line.startIndex + 1)
            do throws(PatternError) {
                let glob = try CodeOwnersGlob(parsing: first)
                rules.append(
                    Rule(
                        pattern: shown(first), owners: words.dropFirst().map { shown($0) },
                        location: location, glob: glob))
            } catch {
                source.report(
                    line: number, column: location.column,
                    "pattern \(shown(first.prefix(80))), character \(error.position): \(error.problem)",
                    hint: error.hint)
            }
        }
        self.init(path: path, rules: rules)
    }

    /// The words of a line up to a comment; a backslash keeps a blank inside a word.
    private static func words(_ line: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var words: [ArraySlice<UInt8>] = []
        var start: Int?
        var isEscaped = false
        for index in line.indices {
            let byte = line[index]
            let isBlank = (byte == 0x20 || byte == 0x09) && !isEscaped
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if isBlank {
                if let wordStart = start { words.append(line[wordStart..<index]) }
                start = nil
            } else if start == nil {
                if byte == UInt8(ascii: "#") { return words }
                start = index
            }
        }
        if let start { words.append(line[start...]) }
        return words
    }
}
