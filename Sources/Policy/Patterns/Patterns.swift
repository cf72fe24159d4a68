public import GitObjects

/// A pattern for whole ref names: `*` and `?` stay inside one level, `**` crosses levels, `**/`
/// stands for any levels or none. Matching is linear in the name. Always matched against the full
/// name (`refs/heads/master`).
public struct RefPattern: Hashable, Sendable {
    public let text: String
    private let glob: Glob

    /// A pattern; a text that ``init(parsing:)`` would refuse matches nothing but itself.
    public init(_ text: String) {
        self.text = text
        glob = Glob(lenient: text, dialect: .ref)
    }

    /// - Throws: ``PatternError`` when the text can match no ref, or surely not what was meant.
    public init(parsing text: String) throws(PatternError) {
        self.text = text
        glob = Glob(try GlobReader.tokens(of: Array(text.utf8), dialect: .ref))
    }

    public func matches(_ name: RefName) -> Bool {
        glob.matches(name.bytes)
    }

    public static func == (left: RefPattern, right: RefPattern) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

/// A pattern for whole paths from the root of the tree: `*`, `?` and `[a-z]` stay inside one
/// level, `**/` stands for any folders or none, a trailing `/**` for everything inside; `\` takes
/// the meaning from the character behind it. Matching is linear in the path.
public struct PathPattern: Hashable, Sendable {
    public let text: String
    private let glob: Glob

    /// A pattern; a text that ``init(parsing:)`` would refuse matches nothing but itself.
    public init(_ text: String) {
        self.text = text
        glob = Glob(lenient: text, dialect: .path)
    }

    /// - Throws: ``PatternError`` when the text can match no path, or surely not what was meant.
    public init(parsing text: String) throws(PatternError) {
        self.text = text
        glob = Glob(try GlobReader.tokens(of: Array(text.utf8), dialect: .path))
    }

    public func matches(_ path: TreePath) -> Bool {
        glob.matches(path.bytes)
    }

    public static func == (left: PathPattern, right: PathPattern) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

extension Glob {
    fileprivate init(lenient text: String, dialect: GlobReader.Dialect) {
        let bytes = Array(text.utf8)
        do throws(PatternError) {
            self.init(try GlobReader.tokens(of: bytes, dialect: dialect))
        } catch {
            self.init(bytes.map(Token.byte))
        }
    }
}
