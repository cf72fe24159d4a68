import Enforcement
import Evidence
import Git
import GitObjects
import History
import Ledger
import Policy

/// Which landing of a branch is pushed.
struct HeadChoice {
    let repository: Repository
    let ref: RefName
    let tip: ObjectID
    /// Says which landings are proven; nil without a policy: all are.
    let proof: Proof?
    /// In which holds are looked for; nil: there are none.
    var evidence: NoteStore?
    /// Says whose holds count; nil: nobody's.
    var policy: Policy?

    /// Longer first-parent lines are not searched.
    private static let lineLimit = 10_000_000

    /// The landing that the user named.
    func landing(_ asked: ObjectID) throws -> ObjectID {
        let line = try repository.firstParentChain(
            from: tip, until: asked, limit: Self.lineLimit)
        guard line != nil else {
            throw CommandFailure.usage(
                "\(asked.short) is no landing of \(ref)",
                hint: "git log --first-parent --oneline \(ref.short)")
        }
        return asked
    }

    /// The newest proven landing that has not been deployed and deploys nothing that is held back;
    /// the deployed one itself when there is nothing behind it.
    ///
    /// - Returns: the landing, and the holds for which it is no newer one, oldest landing first.
    func newestProven(
        after base: ObjectID?
    ) throws -> (landing: ObjectID, stoppedBy: [HeldChanges.Held]) {
        var limit = tip
        var stoppedBy: [HeldChanges.Held] = []
        while true {
            let candidate = try newestProven(upTo: limit, after: base)
            let all = candidate == base ? [] : try held(base, candidate)
            guard let held = all.first else { return (candidate, stoppedBy) }
            if stoppedBy.isEmpty { stoppedBy = all }
            guard let before = try repository.commit(held.landing).parents.first else {
                throw CommandFailure.refused(
                    "every landing of \(ref.short) has \(held.landing.short), which"
                        + " \(held.by) holds back: \(shown(held.hold.reason.utf8))",
                    hint: "gate release unhold \(held.landing.short) --reason TEXT")
            }
            if let base, try repository.isAncestor(before, of: base) { return (base, stoppedBy) }
            limit = before
        }
    }

    private func held(
        _ base: ObjectID?, _ candidate: ObjectID
    ) throws -> [HeldChanges.Held] {
        guard let policy, let evidence, evidence.tip != nil else { return [] }
        let range = try LandingRange(from: base, to: candidate, in: repository)
        return try HeldChanges(range, in: repository, evidence: evidence, policy: policy).included
    }

    private func newestProven(upTo tip: ObjectID, after base: ObjectID?) throws -> ObjectID {
        guard let proof, !proof.requiredChecks.isEmpty else { return tip }
        if tip == base { return tip }
        var current: ObjectID? = tip
        var passed = 0
        while let id = current, id != base, passed < Self.searchLimit {
            let landing = try repository.commit(id)
            if try proof.missingChecks(on: landing).isEmpty { return id }
            passed += 1
            current = landing.parents.first
        }
        let missing = try proof.missingChecks(on: try repository.commit(tip))
        throw CommandFailure.refused(
            base == current
                ? "no landing of \(ref.short) behind the deployed one is proven"
                : "none of the last \(passed) landings of \(ref.short) is proven",
            details: [
                "\(tip.short) lacks \(missing.map { shown($0.utf8) }.joined(separator: ", "))",
                "to choose a landing all the same: --to \(tip.hex.prefix(12)); to prove it:",
            ],
            hint: "gate check \(missing.map { shellWord($0.utf8) }.joined(separator: " "))"
                + " --rev \(tip.hex.prefix(12)) --report report.json"
                + " && gate attest report.json --push")
    }

    /// Whoever has not proven anything for so long does not mean to.
    private static let searchLimit = 2_000
}
