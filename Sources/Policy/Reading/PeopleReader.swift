import YAML

/// Reads `policies/people.yml`.
struct PeopleReader {
    let source: PolicyFile
    private(set) var references: [Reference] = []
    /// Where each team and alias stands, for what can only be checked when all files are read.
    private(set) var teamLocations: [String: SourceLocation] = [:]
    private(set) var aliasLocations: [String: SourceLocation] = [:]

    init(_ source: PolicyFile) {
        self.source = source
    }

    static let keys = ["repository", "teams", "aliases", "outsiders", "rulesets"]

    mutating func read(_ fields: Fields) -> People? {
        let repository = fields.required("repository", hint: "repository: organisation/name")
            .flatMap(readRepository)
        var teams: [String: [Principal]] = [:]
        if let node = fields["teams"] { teams = readTeams(node) }
        var aliases: [String: Principal] = [:]
        if let node = fields["aliases"] { aliases = readAliases(node) }
        let outsiders = fields["outsiders"].flatMap { source.lines($0, "outsiders") } ?? []
        guard let repository else { return nil }
        return People(
            repository: repository, teams: teams, aliases: aliases, outsiders: outsiders)
    }

    private func readRepository(_ node: Node) -> String? {
        guard let text = source.line(node, "repository") else { return nil }
        // It stands in evidence for ever; what looks like another name must not be another name.
        guard text.utf8.count <= 200, text.utf8.allSatisfy({ (0x21..<0x7f).contains($0) }) else {
            source.report(
                node.mark, "repository must be ASCII without blanks", hint: "organisation/name")
            return nil
        }
        return text
    }

    private mutating func readTeams(_ node: Node) -> [String: [Principal]] {
        guard let entries = source.mapping(node, "teams") else { return [:] }
        var teams: [String: [Principal]] = [:]
        var seen: [String: String] = [:]
        for entry in entries {
            guard let name = source.identifier(entry.key, at: entry.keyMark, "a team") else {
                continue
            }
            if let other = seen.updateValue(name, forKey: People.folded(name)) {
                source.report(entry.keyMark, "the teams \(other) and \(name) differ in case only")
            }
            teamLocations[name] = source.location(entry.keyMark)
            teams[name] = members(entry.value, of: name)
        }
        return teams
    }

    private mutating func members(_ node: Node, of team: String) -> [Principal] {
        guard let names = source.lines(node, "team \(team)") else { return [] }
        if case .sequence(let items) = node.content {
            for item in items {
                if case .scalar(let scalar) = item.content { refer(to: scalar.text, at: item.mark) }
            }
        }
        return names.map { Principal($0) }
    }

    private mutating func refer(to principal: String, at mark: Mark) {
        references.append(
            Reference(kind: .principal, name: principal, location: source.location(mark)))
    }

    private mutating func readAliases(_ node: Node) -> [String: Principal] {
        guard let entries = source.mapping(node, "aliases") else { return [:] }
        var aliases: [String: Principal] = [:]
        for entry in entries {
            guard let alias = readAlias(entry),
                let name = source.line(entry.value, "alias \(PolicyFile.shown(entry.key))")
            else { continue }
            refer(to: name, at: entry.value.mark)
            if aliases.updateValue(Principal(name), forKey: alias) != nil {
                source.report(
                    entry.keyMark,
                    "the alias \(PolicyFile.shown(entry.key)) stands twice, in another case",
                    hint: "case does not count in addresses and handles")
            }
            aliasLocations[alias] = source.location(entry.keyMark)
        }
        return aliases
    }

    /// An address or a handle, folded.
    private func readAlias(_ entry: Node.Entry) -> String? {
        let key = entry.key
        let parts = key.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let isHandle = parts.count == 2 && parts[0].isEmpty && !parts[1].isEmpty
        let isAddress = parts.count >= 2 && !(parts.first?.isEmpty ?? true)
        let isPrintable = key.utf8.allSatisfy {
            $0 > 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
        }
        guard isHandle || isAddress, isPrintable, !(isHandle && key.utf8.contains(0x2f)) else {
            source.report(
                entry.keyMark,
                "the alias \(PolicyFile.shown(key)) is neither an address nor a handle",
                hint: "alice@home.example or '@alice'")
            return nil
        }
        return People.folded(key)
    }
}
