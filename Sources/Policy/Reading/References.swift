extension PolicyReader {
    /// Looks up every check that is named somewhere.
    mutating func resolveChecks() {
        let names = Set(checks.map(\.name))
        for reference in references {
            guard case .check = reference.kind, !names.contains(reference.name) else { continue }
            report(
                reference, "no check is called \(PolicyFile.shown(reference.name))", among: names,
                instead: "define it in policies/checks.yml")
        }
    }

    /// Looks up every team and principal that is named somewhere, and adds to the principals those
    /// whom only a certificate authority of `allowed_signers` vouches for.
    ///
    /// Without people or signers there is nothing to look up in, and that is reported by itself.
    mutating func resolvePeople() {
        guard let signers, var people else { return }
        var principals = signers.namedPrincipals
        let certifiers = signers.certifiers
        for reference in references {
            if case .check = reference.kind { continue }
            let principal = Principal(reference.name)
            let mayBePrincipal = reference.kind != .team
            if mayBePrincipal, principals.contains(principal) { continue }
            if reference.kind != .principal, people.teams[reference.name] != nil { continue }
            let name = Array(reference.name.utf8)
            if mayBePrincipal, certifiers.contains(where: { $0.matches(name) }) {
                principals.insert(principal)
                continue
            }
            reportUnknown(reference, people, principals)
        }
        checkAliases(people, principals)
        checkTeams(people, principals)
        people.principals = principals
        self.people = people
    }

    private func reportUnknown(
        _ reference: Reference, _ people: People, _ principals: Set<Principal>
    ) {
        // Listing all names for each of a thousand mistakes would take the product of both.
        guard !log.isFull else { return }
        let name = PolicyFile.shown(reference.name)
        switch reference.kind {
        case .check: break
        case .team:
            report(
                reference, "no team is called \(name)", among: people.teams.keys,
                instead: "define it under teams: in policies/people.yml")
        case .principal:
            report(
                reference, "allowed_signers names nobody called \(name)",
                among: principals.map(\.name),
                instead: "gate people add \(name) --key FILE")
        case .people:
            report(
                reference, "\(name) is neither a team nor a principal",
                among: principals.map(\.name) + people.teams.keys,
                instead:
                    "teams stand in policies/people.yml, principals in policies/allowed_signers")
        }
    }

    private func report(
        _ reference: Reference, _ message: String, among known: some Collection<String>,
        instead: String
    ) {
        guard !log.isFull else { return }
        let isShort = known.count <= Suggestion.mostKnown
        let closest = isShort ? Suggestion.closest(to: reference.name, among: known.sorted()) : nil
        log.report(
            Diagnostic(
                reference.location, message, hint: closest.map { "did you mean \($0)?" } ?? instead)
        )
    }

    /// An alias must not be another's own name, nor a handle the name of a team.
    private func checkAliases(_ people: People, _ principals: Set<Principal>) {
        var owners: [String: Principal] = [:]
        for principal in principals { owners[People.folded(principal.name)] = principal }
        var teamByHandle: [String: String] = [:]
        for team in people.teams.keys { teamByHandle["@" + People.folded(team)] = team }
        for (alias, principal) in people.aliases {
            guard let location = aliasLocations[alias] else { continue }
            if let owner = owners[alias], owner != principal {
                log.report(
                    Diagnostic(
                        location, "the alias \(PolicyFile.shown(alias)) is \(owner)'s own name",
                        hint: "one address, one person"))
            }
            if let team = teamByHandle[alias] {
                log.report(
                    Diagnostic(
                        location,
                        "the handle \(PolicyFile.shown(alias)) is also the team \(team)",
                        hint: "CODEOWNERS could mean either"))
            }
        }
    }

    /// A team must not be called like a principal: lists name both.
    private func checkTeams(_ people: People, _ principals: Set<Principal>) {
        var owners: [String: Principal] = [:]
        for principal in principals { owners[People.folded(principal.name)] = principal }
        for team in people.teams.keys {
            guard let location = teamLocations[team], let principal = owners[People.folded(team)]
            else { continue }
            log.report(
                Diagnostic(
                    location, "the team \(team) is called like the principal \(principal)",
                    hint: "give the team another name"))
        }
    }
}
