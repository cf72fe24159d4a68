/// A pattern of CODEOWNERS: gitignore's patterns as GitHub reads them ("About code owners", section
/// "CODEOWNERS syntax"): no `!`, no `[ ]`, no `\#`.
struct CodeOwnersGlob: Sendable {
    private enum Shape {
        /// A bare name (`apps/`, `*.js`): one level of the path, not the last where it must be a
        /// folder.
        case level(Glob, isFolder: Bool)
        /// The whole path; and, where the pattern may name a folder, what is inside.
        case path(Glob, inside: Glob?)
    }

    private let shape: Shape

    /// The folder, with its `/`, with which everything that the pattern matches starts; empty when
    /// there is none.
    let folder: ArraySlice<UInt8>

    private static let everything = Array("**".utf8)[...]
    private static let anything = Array("*".utf8)[...]

    init(parsing text: ArraySlice<UInt8>) throws(PatternError) {
        let segments = try Self.segments(text)
        if let glob = Self.bareName(segments) {
            shape = glob
            folder = []
            return
        }
        var tokens: [Glob.Token] = []
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            if segment == Self.everything {
                if isLast {
                    tokens += [.anyByte, .everything]
                } else if tokens.last != .levels {
                    tokens.append(.levels)
                }
                continue
            }
            tokens += Self.tokens(of: segment)
            if !isLast { tokens.append(.byte(Glob.separator)) }
        }
        // `docs/*` is what stands in docs, and not what stands deeper: GitHub says so, and differs
        // from gitignore there. Any other name may be a folder's.
        let mayBeFolder = segments.last != Self.everything && segments.last != Self.anything
        let inside = Glob(tokens + [.byte(Glob.separator), .anyByte, .everything])
        let whole = Glob(tokens)
        shape = .path(whole, inside: mayBeFolder ? inside : nil)
        let prefix = whole.literalPrefix
        let end = prefix.lastIndex(of: Glob.separator).map { $0 + 1 } ?? 0
        folder = prefix[..<end]
    }

    /// `**/name` and `**/name/**`; nil for any other pattern.
    private static func bareName(_ segments: [ArraySlice<UInt8>]) -> Shape? {
        guard segments.first == everything, segments.count == 2 || segments.count == 3,
            segments[1] != everything, segments[1] != anything
        else { return nil }
        if segments.count == 3, segments[2] != everything { return nil }
        return .level(Glob(tokens(of: segments[1])), isFolder: segments.count == 3)
    }

    func matches(_ path: [UInt8]) -> Bool {
        switch shape {
        case .path(let whole, let inside):
            return whole.matches(path) || inside?.matches(path) ?? false
        case .level(let glob, let isFolder):
            return path.withUnsafeBufferPointer { path in
                var start = 0
                for (index, byte) in path.enumerated() where byte == Glob.separator {
                    if glob.matches(UnsafeBufferPointer(rebasing: path[start..<index])) {
                        return true
                    }
                    start = index + 1
                }
                return !isFolder && glob.matches(UnsafeBufferPointer(rebasing: path[start...]))
            }
        }
    }

    /// The levels of a pattern, `**` put in front where it is not bound to the root and behind
    /// where it ends with `/`.
    private static func segments(
        _ text: ArraySlice<UInt8>
    ) throws(PatternError) -> [ArraySlice<UInt8>] {
        try check(text)
        var segments = text.split(separator: Glob.separator, omittingEmptySubsequences: false)
        let isBare = segments.count == 1 || segments.count == 2 && segments[1].isEmpty
        if segments[0].isEmpty {
            segments.removeFirst()
        } else if isBare, segments[0] != everything {
            segments.insert(everything, at: 0)
        }
        if segments.count > 1, segments.last?.isEmpty == true {
            segments[segments.count - 1] = everything
        }
        guard !segments.contains(where: \.isEmpty) else {
            throw PatternError(1, "an empty part between two /, or nothing but /")
        }
        return segments
    }

    private static func check(_ text: ArraySlice<UInt8>) throws(PatternError) {
        guard text.count <= GlobReader.longest else {
            throw PatternError(1, "longer than \(GlobReader.longest) bytes")
        }
        if text.first == UInt8(ascii: "!") {
            throw PatternError(1, "! is not read in CODEOWNERS (GitHub: \"About code owners\")")
        }
        var stars = 0
        var isEscaped = false
        for (index, byte) in text.enumerated() {
            stars = byte == UInt8(ascii: "*") ? stars + 1 : 0
            if stars == 3 { throw PatternError(index + 1, "more than two * in a row") }
            if !isEscaped, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") {
                throw PatternError(
                    index + 1, "[ ] is not read in CODEOWNERS (GitHub: \"About code owners\")")
            }
            if isEscaped, byte == UInt8(ascii: "#") {
                throw PatternError(
                    index + 1, "\\# is not read in CODEOWNERS (GitHub: \"About code owners\")")
            }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        }
        if isEscaped { throw PatternError(text.count, "a backslash at the end") }
    }

    private static func tokens(of segment: ArraySlice<UInt8>) -> [Glob.Token] {
        var tokens: [Glob.Token] = []
        var isEscaped = false
        for byte in segment {
            if isEscaped {
                tokens.append(.byte(byte))
                isEscaped = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "*"):
                // Two in a row say no more than one, but for a level of their own.
                if tokens.last != .level { tokens.append(.level) }
            case UInt8(ascii: "?"): tokens.append(.anyByte)
            default: tokens.append(.byte(byte))
            }
        }
        // A level that is only `*` has a name all the same.
        return tokens == [.level] ? [.anyByte, .level] : tokens
    }
}
