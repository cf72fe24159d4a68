/// A position in a YAML text; lines and columns count from 1, columns in Unicode scalars.
public struct Mark: Hashable, Sendable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// One value of a YAML text, with the position where it starts.
///
/// This is the part of YAML that has one meaning for every reader: scalars, sequences and mappings
/// with scalar keys. What a scalar means (a number, a truth value, a text) is for the reader of the
/// node to say, who knows what belongs there; so `no` is never silently `false`.
public struct Node: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([Node])
        case mapping([Entry])
    }

    /// A key of a mapping with its value. No key stands twice in one mapping.
    public struct Entry: Hashable, Sendable {
        public let key: String
        public let keyMark: Mark
        public let value: Node

        public init(key: String, keyMark: Mark, value: Node) {
            self.key = key
            self.keyMark = keyMark
            self.value = value
        }
    }

    public let mark: Mark
    public let content: Content

    public init(mark: Mark, content: Content) {
        self.mark = mark
        self.content = content
    }

    /// "a mapping", "a list" or "a value": for messages about the wrong kind of node.
    public var kind: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "a value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// A text in a YAML file, and whether it was written without quotes.
public struct Scalar: Hashable, Sendable {
    public let text: String
    /// Neither quoted nor a block (`|`, `>`): only then may it be read as a number or a truth value.
    public let isPlain: Bool

    public init(text: String, isPlain: Bool) {
        self.text = text
        self.isPlain = isPlain
    }

    /// Whether it stands for no value at all: nothing, `~` or `null` without quotes (YAML 1.2,
    /// section 10.3.2).
    public var isNull: Bool {
        guard isPlain else { return false }
        switch text {
        case "", "~", "null", "Null", "NULL": return true
        default: return false
        }
    }
}

/// Why a text is not YAML, or not of the part of YAML that is read.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    public let mark: Mark
    /// What is wrong, as a clause without a full stop.
    public let problem: String
    /// What to write instead.
    public let hint: String?

    public init(_ mark: Mark, _ problem: String, hint: String? = nil) {
        self.mark = mark
        self.problem = problem
        self.hint = hint
    }

    public var description: String {
        let sentence = "\(mark.line):\(mark.column): \(problem)"
        return hint.map { "\(sentence) (\($0))" } ?? sentence
    }
}
