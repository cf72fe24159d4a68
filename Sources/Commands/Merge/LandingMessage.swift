import Enforcement
import GitObjects
import History

/// The message of a landing commit.
struct LandingMessage {
    let head: Head
    let target: Target
    /// The change, children before parents.
    let commits: [Commit]
    /// What the user wants it to say; nil: what the commits say.
    let words: String?
    /// The tip of `refs/notes/gate` by which the landing is judged; nil when there is no evidence.
    let evidence: ObjectID?

    /// `Merge branch 'fix-payout'`, and the subjects of what it brings.
    var merge: [UInt8] {
        var text = words.map { Array($0.utf8) } ?? mergeWords
        text = Self.trimmed(text) + [0x0a]
        return text + trailers([])
    }

    /// One commit's own message, or the branch's name and all subjects; with the head that was
    /// squashed and everybody who wrote it.
    ///
    /// - Parameter author: of the landing commit, who need not be named again.
    func squash(author: Signature) -> [UInt8] {
        var text: [UInt8]
        if let words {
            text = Array(words.utf8)
        } else if commits.count == 1 {
            text = Self.withoutTrailers(commits[0].message)
        } else {
            text = Array(title.utf8) + [0x0a, 0x0a] + subjects
        }
        text = Self.trimmed(text) + [0x0a]
        var lines = ["Gate-Head: \(head.id.hex)"].map { Array($0.utf8) }
        lines += coAuthors(besides: author)
        return text + trailers(lines)
    }

    /// The branch in words: `fix-payout` as `Fix payout`.
    private var title: String {
        guard let branch = head.branch else { return "Squash \(head.id.short)" }
        let name = branch.short.split(separator: "/").last ?? ""
        let words = String(name.map { $0 == "-" || $0 == "_" ? " " : $0 })
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private var mergeWords: [UInt8] {
        let name = head.branch.map { "branch '\($0.short)'" } ?? "commit '\(head.id.short)'"
        let place = target.isDefault ? "" : " into \(target.ref.short)"
        return Array("Merge \(name)\(place)\n\n".utf8) + subjects
    }

    /// The subjects, oldest first. The star keeps a subject from being read as a trailer.
    private var subjects: [UInt8] {
        commits.reversed().flatMap { Array("* ".utf8) + $0.subject + [0x0a] }
    }

    private func trailers(_ lines: [[UInt8]]) -> [UInt8] {
        let all = lines + (evidence.map { [Array("Gate-Evidence: \($0.hex)".utf8)] } ?? [])
        return all.isEmpty ? [] : [0x0a] + all.flatMap { $0 + [0x0a] }
    }

    /// `Co-authored-by` lines for everybody whose work is squashed but the landing's author.
    private func coAuthors(besides author: Signature) -> [[UInt8]] {
        var seen: Set<[UInt8]> = [author.email]
        var lines: [[UInt8]] = []
        for commit in commits.reversed() {
            let own = commit.author.name + Array(" <".utf8) + commit.author.email + [0x3e]
            var people = [(commit.author.email, own)]
            let trailers = Trailers(of: commit)
            let named = trailers.values(of: "Co-authored-by")
            people += zip(trailers.coAuthorAddresses, named).map { ($0, $1) }
            for (address, person) in people where seen.insert(address).inserted {
                lines.append(Array("Co-authored-by: ".utf8) + person)
            }
        }
        return lines
    }

    /// A message without the lines that this one writes itself.
    private static func withoutTrailers(_ message: [UInt8]) -> [UInt8] {
        let own = ["Gate-Head", "Gate-Evidence", "Co-authored-by"]
        let lines = message.split(separator: 0x0a, omittingEmptySubsequences: false)
        let kept = lines.filter { line in
            let trailer = Trailers(message: Array(line))
            return own.allSatisfy { trailer.values(of: $0).isEmpty }
        }
        return Array(kept.joined(separator: [0x0a]))
    }

    private static func trimmed(_ text: [UInt8]) -> [UInt8] {
        var text = text[...]
        while let last = text.last, [0x0a, 0x0d, 0x20].contains(last) { text.removeLast() }
        return Array(text)
    }
}
