import GitObjects
import YAML

/// Adds a member to a team in the text of `people.yml`, and leaves every other byte as it is.
struct TeamEdit {
    private let text: [UInt8]
    private let root: Node

    init(_ text: [UInt8]) throws {
        self.text = text
        do {
            guard let root = try Node.read(text) else {
                throw CommandFailure.usage(
                    "policies/people.yml says nothing", hint: "gate init writes one")
            }
            self.root = root
        } catch let error as YAMLError {
            throw CommandFailure.usage(
                "policies/people.yml:\(error.description)", hint: "gate policy validate")
        }
    }

    /// The text with the member in the team, which is made where there is none.
    ///
    /// - Returns: nil when the member is in it.
    func adding(_ member: String, to team: String) throws -> [UInt8]? {
        let edited: [UInt8]
        guard case .mapping(let keys) = root.content else { throw unreadable(root.mark) }
        if let teams = keys.first(where: { $0.key == "teams" }) {
            guard case .mapping(let entries) = teams.value.content else {
                throw unreadable(teams.keyMark)
            }
            if let entry = entries.first(where: { $0.key == team }) {
                guard case .sequence(let members) = entry.value.content else {
                    throw unreadable(entry.keyMark)
                }
                if members.contains(where: { Self.text(of: $0) == member }) { return nil }
                edited = try adding(YAMLWord.quoted(member), to: members, of: entry)
            } else {
                edited = try adding(
                    "\(YAMLWord.quoted(team)): [\(YAMLWord.quoted(member))]", to: entries, of: teams
                )
            }
        } else {
            edited =
                text + (text.last == 0x0a ? [] : [0x0a])
                + Array("teams:\n  \(YAMLWord.quoted(team)): [\(YAMLWord.quoted(member))]\n".utf8)
        }
        try requireMember(member, of: team, in: edited)
        return edited
    }

    /// Behind the last member: in the list's own line, or in a new one with the same indentation.
    private func adding(
        _ word: String, to members: [Node], of entry: Node.Entry
    ) throws -> [UInt8] {
        let start = try offset(entry.value.mark)
        if text[start] == UInt8(ascii: "[") {
            guard let last = members.last else { return inserting(word, at: start + 1) }
            return inserting(", \(word)", at: try endOfScalar(last))
        }
        guard let last = members.last else { throw unreadable(entry.keyMark) }
        let line = try self.line(of: last.mark)
        let dash = text[line.start..<(try offset(last.mark))]
        guard dash.contains(UInt8(ascii: "-")) else { throw unreadable(last.mark) }
        return inserting(Array(dash) + Array(word.utf8), behind: line.end)
    }

    /// A new team behind the key `teams`, or first in its braces.
    private func adding(
        _ team: String, to entries: [Node.Entry], of teams: Node.Entry
    ) throws -> [UInt8] {
        let start = try offset(teams.value.mark)
        if text[start] == UInt8(ascii: "{") {
            return inserting(entries.isEmpty ? team : "\(team), ", at: start + 1)
        }
        guard let first = entries.first else { throw unreadable(teams.keyMark) }
        let indentation = text[try line(of: first.keyMark).start..<(try offset(first.keyMark))]
        return inserting(
            Array(indentation) + Array(team.utf8), behind: try line(of: teams.keyMark).end)
    }

    // MARK: Text

    private func inserting(_ word: String, at offset: Int) -> [UInt8] {
        Array(text[..<offset]) + Array(word.utf8) + text[offset...]
    }

    private func inserting(_ line: [UInt8], behind end: Int) -> [UInt8] {
        Array(text[..<end]) + [0x0a] + line + text[end...]
    }

    /// The first byte of a line, and that of its newline, or the end of the text.
    private func line(of mark: Mark) throws -> (start: Int, end: Int) {
        var start = 0
        for _ in 1..<mark.line {
            guard let newline = text[start...].firstIndex(of: 0x0a) else { throw unreadable(mark) }
            start = newline + 1
        }
        return (start, text[start...].firstIndex(of: 0x0a) ?? text.count)
    }

    /// The byte at a mark, whose columns count Unicode scalars.
    private func offset(_ mark: Mark) throws -> Int {
        let line = try line(of: mark)
        var offset = line.start
        for _ in 1..<mark.column {
            guard offset < line.end else { throw unreadable(mark) }
            offset += 1
            while offset < line.end, text[offset] & 0xc0 == 0x80 { offset += 1 }
        }
        guard offset < text.count else { throw unreadable(mark) }
        return offset
    }

    /// The byte behind a scalar in a flow list.
    private func endOfScalar(_ node: Node) throws -> Int {
        var offset = try offset(node.mark)
        let quote = text[offset]
        if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            guard let end = text[(offset + 1)...].firstIndex(of: quote) else {
                throw unreadable(node.mark)
            }
            return end + 1
        }
        let ends = Array(",]\n \t#".utf8)
        while offset < text.count, !ends.contains(text[offset]) { offset += 1 }
        return offset
    }

    /// The edit is read again: it must say what was meant, and nothing else may be different.
    private func requireMember(_ member: String, of team: String, in edited: [UInt8]) throws {
        let after: Node?
        do {
            after = try Node.read(edited)
        } catch {
            throw unreadable(error.mark)
        }
        guard let after, var teams = Self.teams(in: after) else { throw unreadable(root.mark) }
        let before = Self.teams(in: root) ?? [:]
        guard teams[team] == (before[team] ?? []) + [member] else { throw unreadable(root.mark) }
        teams[team] = before[team]
        guard teams == before else { throw unreadable(root.mark) }
    }

    private static func teams(in root: Node) -> [String: [String]]? {
        guard case .mapping(let keys) = root.content else { return nil }
        guard let teams = keys.first(where: { $0.key == "teams" }) else { return nil }
        guard case .mapping(let entries) = teams.value.content else { return nil }
        var found: [String: [String]] = [:]
        for entry in entries {
            guard case .sequence(let members) = entry.value.content else { continue }
            found[entry.key] = members.map { text(of: $0) ?? "" }
        }
        return found
    }

    private static func text(of node: Node) -> String? {
        guard case .scalar(let scalar) = node.content else { return nil }
        return scalar.text
    }

    private func unreadable(_ mark: Mark) -> CommandFailure {
        .usage(
            "policies/people.yml:\(mark.line):\(mark.column): the teams are written in a way that "
                + "gate does not edit", hint: "add the member by hand, then: gate policy validate")
    }
}
