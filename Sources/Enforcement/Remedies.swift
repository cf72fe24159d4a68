import GitObjects
import History
import Policy

/// The commands that findings suggest, written so that they can be pasted as they stand.
struct Remedies {
    let policy: Policy
    let ref: RefName
    let defaultBranch: RefName

    /// Enough digits of an id that no repository of human size has two objects with them.
    func abbreviation(_ id: ObjectID) -> String { String(id.hex.prefix(12)) }

    /// ` --onto release/1`, where the target is not the default branch.
    var onto: String {
        ref == defaultBranch ? "" : " --onto " + shellWord(ref.bytes)
    }

    func approve(_ head: ObjectID) -> Remedy {
        .command("gate review approve \(abbreviation(head))\(onto)")
    }

    func check(
        _ names: [String], commit: ObjectID, signers: Set<Principal>
    ) -> [Remedy] {
        let checks = names.map { shellWord($0.utf8) }.joined(separator: " ")
        let names = signers.sorted().prefix(3).map(shortName)
        let who = names.isEmpty ? "a signer of checks" : joined(names, by: "or")
        return [
            .advice("\(who) says:"),
            .command(
                "gate check \(checks) --rev \(abbreviation(commit)) --report report.json"),
            .command("gate attest report.json --push"),
        ]
    }

    /// How a commit that was pushed directly becomes a change that can be reviewed.
    func propose(_ commit: ObjectID, reviewers: Set<Principal>, count: Int) -> [Remedy] {
        let branch = "change-" + commit.short
        return [
            .command("git push origin \(abbreviation(commit)):refs/heads/\(branch)"),
            .advice("then, when \(oneOf(reviewers, count: count)) approved:"),
            .command("gate merge \(abbreviation(commit))\(onto)"),
        ]
    }

    func bypass(_ ruleset: Ruleset) -> [Remedy] {
        let people = policy.people.members(of: ruleset.bypass)
        return people.isEmpty
            ? [] : [.command("gate bypass \(shellWord(ref.bytes)) --reason 'why'")]
    }

    /// "bob@… or carol@… has", "2 of bob@…, carol@… and dan@… have".
    func oneOf(_ people: Set<Principal>, count: Int) -> String {
        let names = people.sorted().map(shortName)
        if names.isEmpty { return "somebody who may review has" }
        if count == 1 && names.count <= 4 {
            return joined(names, by: "or") + " has"
        }
        let listed = names.count <= 4 ? names : Array(names.prefix(3)) + ["others"]
        return "\(count) of \(joined(listed, by: "and")) have"
    }

    /// The address without its domain, where all principals share one.
    func shortName(_ principal: Principal) -> String {
        let parts = principal.name.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return shown(principal.name.utf8) }
        let isShared = policy.people.principals.allSatisfy {
            $0.name.utf8.elementsEqual(principal.name.utf8)
                || $0.name.split(separator: "@").first != parts.first
        }
        return shown((isShared ? "\(parts[0])@…" : principal.name).utf8)
    }

    private func joined(_ names: [String], by word: String) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " \(word) " + last
    }
}
