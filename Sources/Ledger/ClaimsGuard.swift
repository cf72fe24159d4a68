import Evidence
public import GitObjects
public import History
public import Policy

/// Judges a push to `refs/gate/claims/<tree>` (docs/decisions/claims-of-runners.md).
///
/// Only who may sign test results claims, for a short time, and nobody takes a claim away before it
/// has ended. What must never depend on claims is whether a change lands: nothing reads them but
/// runners.
public struct ClaimsGuard {
    private let history: any HistorySource
    private let references: any ReferenceSource
    private let policy: Policy
    private let now: Int64

    /// - Parameters:
    ///   - history: what the server has and what was pushed.
    ///   - references: the refs before the push.
    ///   - policy: the policy at the default branch's old tip.
    ///   - now: the server's time, in seconds since 1970.
    public init(
        _ history: any HistorySource, references: any ReferenceSource, policy: Policy, now: Int64
    ) {
        self.history = history
        self.references = references
        self.policy = policy
        self.now = now
    }

    /// What is wrong with moving a claim's ref; nothing is wrong when the list is empty.
    ///
    /// - Parameters:
    ///   - tree: the one that the ref's name is about.
    ///   - old: the ref's target; nil or zero when it does not exist.
    ///   - new: what it shall be; nil or zero to delete it.
    public func problems(
        on tree: ObjectID, old: ObjectID?, new: ObjectID?
    ) throws(GitError) -> [EvidenceProblem] {
        let standing = try standing(old.flatMap { $0.isZero ? nil : $0 })
        guard let new, !new.isZero else {
            guard let standing else { return [] }
            return [
                problem(
                    tree, "the claim is in force for another \(standing.claim.expires - now) s",
                    hint: "it ends by itself; a claim that has ended may be deleted")
            ]
        }
        let signed: SignedClaim
        let principal: Principal
        do throws(EvidenceError) {
            signed = try read(new)
            principal = try signed.signer(under: policy.signers, arrival: now)
        } catch {
            return [problem(tree, "the claim \(error.problem)")]
        }
        if let words = objection(to: signed.claim, on: tree, by: principal) {
            return [problem(tree, words.problem, hint: words.hint)]
        }
        if let standing {
            guard try isSame(standing, principal, signed.claim) else {
                return [
                    problem(
                        tree,
                        "\(shown(standing.claim.runner.utf8)) has it for another"
                            + " \(standing.claim.expires - now) s",
                        hint: "run something else meanwhile")
                ]
            }
            return signed.claim.expires > standing.claim.expires
                ? [] : [problem(tree, "the claim does not end later than the one that stands")]
        }
        if old?.isZero ?? true {
            let count = try references.references(startingWith: Claim.refPrefix).count
            if count >= Claim.mostAtOnce {
                return [
                    problem(
                        tree, "there are \(count) claims, and no more are taken",
                        hint: "gate ci deletes those that have ended")
                ]
            }
        }
        return []
    }

    private func objection(
        to claim: Claim, on tree: ObjectID, by principal: Principal
    ) -> (problem: String, hint: String?)? {
        guard policy.checkSigners().contains(principal) else {
            return (
                "\(shown(principal.name.utf8)) may not sign test results, and so not claim", nil
            )
        }
        guard claim.tree == tree else {
            return ("the claim is on \(claim.tree.short), and its ref on \(tree.short)", nil)
        }
        guard claim.repository.utf8.elementsEqual(policy.people.repository.utf8) else {
            return ("the claim is for the repository \(shown(claim.repository.utf8))", nil)
        }
        guard claim.expires > now else { return ("the claim has ended", Self.clocks) }
        guard claim.expires - now <= Claim.longest else {
            return (
                "the claim ends in \(claim.expires - now) s, and may last \(Claim.longest)",
                Self.clocks
            )
        }
        return nil
    }

    private static let clocks = "compare the clocks of the runner and the server"

    /// The claim that stands; nil when there is none, it has ended, or does not count any more.
    private func standing(_ blob: ObjectID?) throws(GitError) -> SignedClaim? {
        guard let blob else { return nil }
        do throws(EvidenceError) {
            let signed = try read(blob)
            let principal = try signed.signer(under: policy.signers, arrival: nil)
            guard policy.checkSigners().contains(principal) else { return nil }
            return signed.claim.stands(at: now) ? signed : nil
        } catch {
            return nil
        }
    }

    private func isSame(
        _ standing: SignedClaim, _ principal: Principal, _ claim: Claim
    ) throws(GitError) -> Bool {
        guard standing.claim.runner.utf8.elementsEqual(claim.runner.utf8) else { return false }
        do throws(EvidenceError) {
            return try standing.signer(under: policy.signers, arrival: nil) == principal
        } catch {
            return false
        }
    }

    private func read(_ blob: ObjectID) throws(EvidenceError) -> SignedClaim {
        do {
            guard try history.header(blob)?.kind == .blob else {
                throw EvidenceError("is no blob")
            }
            return try SignedClaim(
                parsing: try history.blob(blob, limit: SignedClaim.byteLimit))
        } catch let error as EvidenceError {
            throw error
        } catch let error as GitError {
            throw EvidenceError("cannot be read: \(error.problem)")
        } catch {
            throw EvidenceError("cannot be read")
        }
    }

    private func problem(
        _ tree: ObjectID, _ problem: String, hint: String? = nil
    ) -> EvidenceProblem {
        EvidenceProblem(tree, problem, hint: hint)
    }
}
