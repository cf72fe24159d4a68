public import GitObjects

/// What the message of a landing says its change is called. It only labels: nothing is decided
/// by it, and no network is asked.
public struct ChangeLabel: Hashable, Sendable {
    /// The name that a forge gave the change.
    public enum Reference: Hashable, Sendable, CustomStringConvertible {
        /// GitHub's, Bitbucket's and others': `#12`.
        case pullRequest(Int)
        /// GitLab's: `!12`.
        case mergeRequest(Int)
        /// Gerrit's `Change-Id`: `I` and 40 hexadecimal digits.
        case changeID(String)

        public var description: String {
            switch self {
            case .pullRequest(let number): "#\(number)"
            case .mergeRequest(let number): "!\(number)"
            case .changeID(let id): id
            }
        }
    }

    /// nil when the message names none.
    public let reference: Reference?
    /// One line, as written.
    public let title: [UInt8]

    /// Reads the message of a landing.
    ///
    /// - Parameter onlyCommit: the change's commit where a merge brings exactly one in: it gives
    ///   the title when the merge has none of its own.
    public init(of landing: Commit, onlyCommit: Commit? = nil) {
        let message = MessageLines(landing.message)
        let subject = message.subject
        let isMerge = landing.parents.count > 1
        func titled(_ own: ArraySlice<UInt8>?) -> [UInt8] {
            Array(own ?? onlyCommit.map { MessageLines($0.message).subject } ?? subject)
        }
        if let number = subject.number(between: "Merge pull request #", and: " from ") {
            reference = .pullRequest(number)
            title = titled(message.firstLineOfBody)
        } else if let number = subject.number(between: "Merged PR ", and: ": ")
            ?? subject.number(between: "Pull request #", and: ": ")
        {
            reference = .pullRequest(number)
            title = Array(subject.behindFirst(": "))
        } else if subject.starts(with: "Merged in ".utf8),
            let (_, number) = subject.suffixNumber("(pull request #")
        {
            reference = .pullRequest(number)
            title = titled(message.firstLineOfBody)
        } else if let (rest, number) = subject.suffixNumber("(#") {
            reference = .pullRequest(number)
            title = Array(rest)
        } else if let (rest, number) = subject.suffixNumber("(!") {
            reference = .mergeRequest(number)
            title = Array(rest)
        } else if let number = message.mergeRequest {
            reference = .mergeRequest(number)
            title =
                subject.starts(with: "Merge branch '".utf8)
                ? titled(message.firstLineOfBody) : Array(subject)
        } else {
            let ids = Trailers(of: landing).values(of: "Change-Id")
            reference = ids.last.flatMap(Self.changeID).map(Reference.changeID)
            let hasNoTitle = isMerge && subject.starts(with: "Merge ".utf8)
            title = hasNoTitle ? titled(message.firstLineOfBody) : Array(subject)
        }
    }

    /// `I` and the 40 digits of an object id (Gerrit's commit-msg hook).
    private static func changeID(_ value: [UInt8]) -> String? {
        guard value.first == UInt8(ascii: "I"), let id = ObjectID(hex: value.dropFirst()) else {
            return nil
        }
        return "I" + id.hex
    }
}

/// A message in lines, blanks at both ends of each trimmed.
struct MessageLines {
    private let lines: [ArraySlice<UInt8>]

    init(_ message: [UInt8]) {
        lines = message.split(separator: 0x0a, omittingEmptySubsequences: true)
            .map { $0.trimmingBlanks }.filter { !$0.isEmpty }
    }

    var subject: ArraySlice<UInt8> { lines.first ?? [] }

    /// The first line behind the subject that is no trailer and not GitLab's reference.
    /// Of a list of the commits, as gate's own merges have it, the first one's subject.
    var firstLineOfBody: ArraySlice<UInt8>? {
        let line = lines.dropFirst().first { line in
            !line.isTrailer && !line.starts(with: Self.seeMergeRequest)
        }
        guard let line, line.starts(with: "* ".utf8) else { return line }
        return line.dropFirst(2).trimmingBlanks
    }

    private static let seeMergeRequest = Array("See merge request ".utf8)

    /// The number in GitLab's `See merge request group/project!12`.
    var mergeRequest: Int? {
        for line in lines.dropFirst() where line.starts(with: Self.seeMergeRequest) {
            if let mark = line.lastIndex(of: UInt8(ascii: "!")),
                let number = Int(forge: line[(mark + 1)...])
            {
                return number
            }
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    var trimmingBlanks: ArraySlice<UInt8> {
        var slice = self
        while let first = slice.first, first == 0x20 || first == 0x09 || first == 0x0d {
            slice.removeFirst()
        }
        while let last = slice.last, last == 0x20 || last == 0x09 || last == 0x0d {
            slice.removeLast()
        }
        return slice
    }

    /// The number in `prefix12suffix…`, when the line starts like this.
    fileprivate func number(between prefix: String, and suffix: String) -> Int? {
        guard starts(with: prefix.utf8) else { return nil }
        let digits = dropFirst(prefix.utf8.count).prefix { (0x30...0x39).contains($0) }
        guard self[digits.endIndex...].starts(with: suffix.utf8) else { return nil }
        return Int(forge: digits)
    }

    /// The line without `(#12)` at its end, and the number; `open` is what stands before it.
    fileprivate func suffixNumber(_ open: String) -> (rest: ArraySlice<UInt8>, number: Int)? {
        guard last == UInt8(ascii: ")") else { return nil }
        let digits = dropLast().digitsAtEnd
        let before = self[..<digits.startIndex]
        guard before.count > open.utf8.count,
            before.suffix(open.utf8.count).elementsEqual(open.utf8),
            let number = Int(forge: digits)
        else { return nil }
        let rest = before.dropLast(open.utf8.count)
        // A blank before it: `f(#1)` is a word.
        guard rest.last == 0x20 else { return nil }
        return (rest.trimmingBlanks, number)
    }

    private var digitsAtEnd: ArraySlice<UInt8> {
        var start = endIndex
        while start > startIndex, (0x30...0x39).contains(self[start - 1]) { start -= 1 }
        return self[start...]
    }

    fileprivate func behindFirst(_ text: String) -> ArraySlice<UInt8> {
        let wanted = Array(text.utf8)
        for start in indices where self[start...].starts(with: wanted) {
            return self[(start + wanted.count)...].trimmingBlanks
        }
        return self
    }

    /// `Token: value`, the token of letters, digits and hyphens (git-interpret-trailers(1)).
    fileprivate var isTrailer: Bool {
        let token = prefix { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d: true
            default: false
            }
        }
        return token.contains(0x2d) && self[token.endIndex...].starts(with: ": ".utf8)
    }
}

extension Int {
    /// The number of a pull request: digits that do not start with 0, at most 18.
    fileprivate init?(forge digits: ArraySlice<UInt8>) {
        guard (1...18).contains(digits.count), digits.first != 0x30,
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        self = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}

extension ChangeLabel {
    /// Reads the message of a landing of a range.
    public init(of landing: RangeLanding) {
        let only = landing.commits.count == 1 ? landing.commits.first : nil
        self.init(of: landing.commit, onlyCommit: only)
    }

    /// What people call the change: its number, else its landing's short id.
    public func id(of landing: ObjectID) -> String { reference?.description ?? landing.short }
}
