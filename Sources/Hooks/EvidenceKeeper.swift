import Enforcement
import Evidence
import Git
import GitObjects
import History
import Ledger
import Policy

/// Asks the ledger's guards about a push to one of gate's own refs, and words what they find.
struct EvidenceKeeper {
    let repository: Repository
    let policy: Policy
    /// What the server had before the push.
    let evidence: NoteStore
    /// The server's time in seconds since 1970, by which the keys of arriving lines are judged.
    let now: Int64

    /// More problems than these are not worth reading at once.
    private static let shownProblems = 10

    func findings(for update: RefUpdate) throws(GitError) -> [Finding] {
        let problems: [EvidenceProblem]
        if update.ref == NoteStore.ref {
            problems = try EvidenceGuard(
                repository, policy: policy, arrival: now, gitFolder: repository.commonDirectory
            ).problems(old: update.old, new: update.new)
        } else if let tree = Claim.tree(of: update.ref) {
            problems = try ClaimsGuard(
                repository, references: repository, policy: policy, now: now
            ).problems(on: tree, old: update.old, new: update.new)
        } else if update.ref.starts(with: "\(ReleaseRefsGuard.markers)/")
            || update.ref.starts(with: "\(ReleaseRefsGuard.plans)/")
        {
            problems = try ReleaseRefsGuard(repository, policy: policy, evidence: evidence)
                .problems(with: update.ref, old: update.old, new: update.new)
        } else if let release = policy.release, let tag = ReleaseTag(update.ref, in: release) {
            problems = try ReleaseTagGuard(repository, policy: policy, evidence: evidence)
                .problems(with: tag, old: update.old, new: update.new)
        } else {
            problems = try HeadsGuard(repository).problems(old: update.old, new: update.new)
        }
        var findings = problems.prefix(Self.shownProblems).map { problem in
            let subject = problem.object.map { "\($0.short): " } ?? ""
            return Finding(
                .evidence, ref: update.ref, commit: problem.object, subject + problem.problem,
                remedies: problem.hint.map { [.advice($0)] } ?? [])
        }
        let rest = problems.count - findings.count
        if rest > 0 {
            findings.append(Finding(.evidence, ref: update.ref, "and \(rest) more of the kind"))
        }
        return findings
    }
}
