import Evidence
import GitObjects
import History
import Policy

/// Finds the signed bypass that lifts one ruleset for one ref update.
struct Bypasses {
    let parent: UpdateJudge

    init(_ parent: UpdateJudge) {
        self.parent = parent
    }

    /// The bypass of this ruleset for exactly this update, by somebody whom the ruleset names; nil
    /// when there is none. A deletion's bypass is attached to the old tip.
    func bypass(
        of ruleset: Ruleset, lifting findings: [Finding]
    ) throws(GitError) -> UsedBypass? {
        let allowed = parent.policy.people.members(of: ruleset.bypass)
        if allowed.isEmpty { return nil }
        let update = parent.update
        let subject = update.isDeletion ? update.old : update.new
        for line in try parent.judge.evidence.lines(on: subject) {
            guard case .bypass(let bypass) = line.statement.predicate,
                line.statement.repository == parent.policy.people.repository,
                bypass.ref == update.ref, bypass.old == update.old, bypass.new == update.new,
                bypass.ruleset == ruleset.name
            else { continue }
            let principal: Principal
            do {
                principal = try line.signer(under: parent.policy.signers, arrival: nil)
            } catch {
                continue
            }
            if allowed.contains(principal) {
                return UsedBypass(
                    ruleset: ruleset.name, principal: principal, reason: bypass.reason,
                    line: line.digest, lifted: findings)
            }
        }
        return nil
    }
}
