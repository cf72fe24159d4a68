import ArgumentParser
import Enforcement
import Evidence
import Git
import GitObjects
import History
import Hooks
import JSON
import Policy

/// `gate bypass`: lifts rulesets for one ref update, signed.
struct BypassCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bypass",
        abstract: "Signs a bypass of a ruleset for one update of one ref.",
        discussion: """
            For somebody whom the ruleset names in bypass:. It lifts that ruleset only, for moving \
            REF from where the server has it to exactly one commit, and stays on record. The push \
            itself is yours to make afterwards.

            Example:
              gate bypass master --reason 'outage: roll back the payout change'
              git push origin HEAD:master

            Exit codes: 0 signed and pushed, 1 you may not, 3 could not do it.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The branch or full ref to be updated.")
    var ref: String

    @Option(help: ArgumentHelp("Why; everybody will read it.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("Where it shall be; without it, HEAD.", valueName: "commit"))
    var to: String?

    @Flag(help: "The ref shall be deleted.")
    var delete = false

    @Option(help: ArgumentHelp("Only this ruleset.", valueName: "name"))
    var ruleset: String?

    @Option(help: ArgumentHelp("The SSH key to sign with.", valueName: "file"))
    var key: String?

    func validate() throws {
        if delete && to != nil { throw ValidationError("--to and --delete exclude each other") }
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is not empty") }
    }

    func run() throws {
        let workplace = try Workplace(at: global.directory, branches: [ref])
        let update = try update(in: workplace)
        let verdict = try workplace.judge().judge([update])
        let refusing = try refusing(verdict, workplace)
        let scribe = try Scribe(workplace, namespace: Bypass.namespace, key: key.map(global.path))
        let lifted = try liftable(refusing, by: scribe.principal, workplace)
        let lines = try lifted.map { name in
            try scribe.sign(
                .bypass(
                    Bypass(
                        ref: update.ref, old: update.old, new: update.new, ruleset: name,
                        reason: reason)),
                about: update.isDeletion ? update.old : update.new)
        }
        try scribe.publish(lines)
        tell(lines, by: scribe, update, workplace)
    }

    /// The one update that it is for; of the ref that is really moved.
    private func update(in workplace: Workplace) throws -> RefUpdate {
        let resolved = try workplace.view.resolve(Clone.branch(ref))
        let old = resolved.target ?? .zero
        let new = delete ? .zero : try workplace.clone.commit(to ?? "HEAD")
        if old == new {
            throw CommandFailure.usage(
                delete
                    ? "\(resolved.name) does not exist on \(workplace.server)"
                    : "\(resolved.name) on \(workplace.server) is already at \(new.short)")
        }
        return RefUpdate(ref: resolved.name, old: old, new: new)
    }

    /// The names of the rulesets that would refuse the update, in the policy's order.
    private func refusing(_ verdict: Verdict, _ workplace: Workplace) throws -> [Ruleset] {
        for update in verdict.updates {
            if case .undetermined(let error) = update.outcome { throw error }
        }
        if verdict.isAllowed {
            throw CommandFailure.refused(
                "nothing to bypass: the server would allow it as it is",
                hint: verdict.updates.first.map { push($0.update, workplace) })
        }
        let findings = verdict.updates.flatMap(\.findings)
        let names = Set(findings.compactMap(\.ruleset))
        let builtIn = findings.filter { $0.ruleset == nil }
        if !builtIn.isEmpty {
            throw CommandFailure.refused(
                "nobody can bypass what refuses this update",
                details: builtIn.map { "\($0.rule.rawValue): \($0.problem)" })
        }
        if let ruleset, !names.contains(ruleset) {
            throw CommandFailure.refused(
                "\(shown(ruleset.utf8)) does not refuse this update",
                details: [
                    "what does: \(names.sorted().map { shown($0.utf8) }.joined(separator: ", "))"
                ])
        }
        return workplace.policy.rulesets.filter {
            names.contains($0.name) && (ruleset == nil || $0.name == ruleset)
        }
    }

    private func liftable(
        _ refusing: [Ruleset], by principal: Principal, _ workplace: Workplace
    ) throws -> [String] {
        var lifted: [String] = []
        var others: [String] = []
        for ruleset in refusing {
            let people = workplace.policy.people.members(of: ruleset.bypass)
            if people.contains(principal) {
                lifted.append(ruleset.name)
            } else {
                let names = people.isEmpty ? "nobody" : Checklist.names(people.sorted())
                others.append("\(shown(ruleset.name.utf8)) may be bypassed by \(names)")
            }
        }
        if lifted.isEmpty {
            let push = (delete ? "" : to ?? "HEAD") + ":" + ref
            throw CommandFailure.refused(
                "\(shown(principal.name.utf8)) may not bypass what refuses this update",
                details: others,
                hint: "gate try \(shellWord(push.utf8))")
        }
        for text in others { Screen.note("note: still refuses: \(text)") }
        return lifted
    }

    private func tell(
        _ lines: [Line], by scribe: Scribe, _ update: RefUpdate, _ workplace: Workplace
    ) {
        let command = push(update, workplace)
        if global.json {
            Screen.result([
                "schemaVersion": 1, "kind": "Bypass", "push": JSON(command),
                "lines": JSON(lines.map { EvidenceLine($0, principal: scribe.principal).json }),
            ])
            return
        }
        for line in lines {
            Screen.result(EvidenceLine(line, principal: scribe.principal).words)
        }
        Screen.note("signed by \(shown(scribe.principal.name.utf8)) and pushed; next:")
        Screen.note("  \(command)")
    }

    /// The command that makes the update.
    private func push(_ update: RefUpdate, _ workplace: Workplace) -> String {
        let remote = shellWord(workplace.clone.remote.utf8)
        let source = update.isDeletion ? "" : update.new.hex
        return
            "git push \(remote) \(force(update, workplace))\(source):\(shellWord(update.ref.bytes))"
    }

    /// `+` where git itself would not push otherwise.
    private func force(_ update: RefUpdate, _ workplace: Workplace) -> String {
        if update.isCreation || update.isDeletion { return "" }
        do {
            let isForward = try workplace.repository.isAncestor(update.old, of: update.new)
            return isForward ? "" : "+"
        } catch {
            return "+"
        }
    }
}

extension Bypass {
    /// In which bypasses are signed.
    static let namespace = "gate-bypass"
}
