public import GitObjects

/// A CODEOWNERS file with GitHub's meaning: the last pattern that matches a path decides.
public struct CodeOwners: Sendable {
    /// One line: a pattern and its owners as written (`@alice`, `@wrk/engineering`, an address).
    public struct Rule: Sendable {
        public var pattern: String
        public var owners: [String]
        public var location: SourceLocation
        let glob: CodeOwnersGlob

        /// Whether the pattern matches a path, by itself.
        public func matches(_ path: TreePath) -> Bool { glob.matches(path.bytes) }
    }

    /// Where the file stands: `.github/CODEOWNERS`, `CODEOWNERS` or `docs/CODEOWNERS`.
    public let path: TreePath
    public let rules: [Rule]
    /// The rules by the folder with which everything that they match starts, each list in the order
    /// of the file. The folders are hashed: a collision only costs a comparison.
    private let rulesByFolder: [UInt64: [Int]]

    init(path: TreePath, rules: [Rule]) {
        self.path = path
        self.rules = rules
        var rulesByFolder: [UInt64: [Int]] = [:]
        for (index, rule) in rules.enumerated() {
            rulesByFolder[Self.hash(folder: rule.glob.folder), default: []].append(index)
        }
        self.rulesByFolder = rulesByFolder
    }

    /// The rule that decides about a path; nil when none matches. A rule without owners means
    /// that the path has none.
    public func rule(for path: TreePath) -> Rule? {
        // Whatever matches starts with one of the folders above the path, or with none.
        var last = -1
        var hash = Self.hashSeed
        last = max(last, self.last(in: hash, matching: path, after: last))
        for byte in path.bytes {
            hash = Self.extend(hash, byte)
            guard byte == Glob.separator else { continue }
            last = self.last(in: hash, matching: path, after: last)
        }
        return last < 0 ? nil : rules[last]
    }

    /// The last rule of a folder that matches, if it stands behind one that is known to.
    private func last(in folder: UInt64, matching path: TreePath, after known: Int) -> Int {
        for index in (rulesByFolder[folder] ?? []).reversed() {
            if index <= known { return known }
            if rules[index].glob.matches(path.bytes) { return index }
        }
        return known
    }

    // MARK: Hashes (FNV-1a)

    private static let hashSeed: UInt64 = 0xcbf2_9ce4_8422_2325

    private static func extend(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    private static func hash(folder: ArraySlice<UInt8>) -> UInt64 {
        folder.reduce(hashSeed, extend)
    }
}
