public import Evidence
public import GitObjects
public import History
public import Policy

/// The policy of the default branch's old tip, by which a whole push is judged.
public struct GoverningPolicy: Sendable {
    public let policy: Policy
    /// The commit that it was read from.
    public let commit: ObjectID
    /// The branch that HEAD of the server names.
    public let defaultBranch: RefName
    /// The commit that the server's owner trusted; nil while the server only watches.
    public let trusted: ObjectID?

    public init(
        policy: Policy, commit: ObjectID, defaultBranch: RefName, trusted: ObjectID?
    ) {
        self.policy = policy
        self.commit = commit
        self.defaultBranch = defaultBranch
        self.trusted = trusted
    }
}

/// Reads the policy that a commit would leave behind.
public protocol PolicyHistory {
    /// - Returns: the policy, or everything that is wrong with it.
    func policy(at commit: ObjectID) throws(GitError) -> Result<Policy, InvalidPolicy>
}

/// The one engine: policy × history × evidence → verdict. The server's hook, the local hook,
/// `gate try`, `gate status` and `gate audit` are its callers; they differ only in where they
/// read from.
public struct Judge {
    let governing: GoverningPolicy
    let history: any HistorySource
    let references: any ReferenceSource
    let evidence: any EvidenceSource
    let policies: any PolicyHistory
    /// The tip of `refs/gate/heads` before the push.
    let keptHeads: ObjectID?
    /// What is wrong with an update of a ref that repeats or holds evidence: `refs/notes/gate`,
    /// `refs/gate/heads`, a claim, a marker, a plan, the tag of a release.
    let guardEvidence: (RefUpdate) throws(GitError) -> [Finding]
    let cleanCommits = CleanCommits()

    var policy: Policy { governing.policy }

    public init(
        governing: GoverningPolicy, history: any HistorySource,
        references: any ReferenceSource, evidence: any EvidenceSource,
        policies: any PolicyHistory, keptHeads: ObjectID?,
        guardEvidence: @escaping (RefUpdate) throws(GitError) -> [Finding]
    ) {
        self.governing = governing
        self.history = history
        self.references = references
        self.evidence = evidence
        self.policies = policies
        self.keptHeads = keptHeads
        self.guardEvidence = guardEvidence
    }

    /// Judges every update of a push. All findings are reported at once.
    public func judge(_ updates: [RefUpdate]) -> Verdict {
        var verdicts: [UpdateVerdict] = []
        var seen: Set<RefName> = []
        for update in updates {
            var verdict = judge(update)
            if !seen.insert(verdict.resolved).inserted {
                verdict.findings.append(
                    Finding(
                        .reservedRef, ref: update.ref,
                        "is updated twice in one push, by this name or another",
                        remedies: [.advice("push each ref once")]))
                verdict.outcome = .refused
            }
            verdicts.append(verdict)
        }
        refuseFlood(&verdicts)
        return Verdict(updates: verdicts)
    }

    /// The most claims that one push may bring or take away: their number on the server is bounded,
    /// and each update of a push is judged by what was there before it.
    private static let mostClaims = 64

    private func refuseFlood(_ verdicts: inout [UpdateVerdict]) {
        let claims = verdicts.indices.filter { ReservedRefs.isClaim(verdicts[$0].resolved) }
        guard claims.count > Self.mostClaims, let first = claims.first else { return }
        verdicts[first].findings.append(
            Finding(
                .reservedRef, ref: verdicts[first].update.ref,
                "\(claims.count) claims in one push, and at most \(Self.mostClaims) are taken",
                remedies: [.advice("a runner claims what it runs next, nothing else")]))
        verdicts[first].outcome = .refused
    }

    private func judge(_ update: RefUpdate) -> UpdateVerdict {
        var verdict = UpdateVerdict(update: update, resolved: update.ref, outcome: .allowed)
        do {
            let resolved = try references.resolve(update.ref)
            verdict = UpdateVerdict(update: update, resolved: resolved.name, outcome: .allowed)
            try judge(update, resolved, into: &verdict)
            if !verdict.findings.isEmpty { verdict.outcome = .refused }
        } catch {
            // Who was faster says nothing about what was pushed.
            let isKnown = error.kind == .malformed || error.kind == .contended
            let cause = isKnown ? error : malformedCommit(of: update) ?? error
            if cause.kind == .malformed {
                verdict.findings.append(
                    Finding(
                        .wellFormed, ref: update.ref, "\(cause.subject) \(cause.problem)",
                        remedies: cause.hint.map { [.advice($0)] } ?? []))
                verdict.outcome = .refused
            } else {
                verdict.outcome = .undetermined(cause)
            }
        }
        return verdict
    }

    private func judge(
        _ update: RefUpdate, _ resolved: ResolvedReference, into verdict: inout UpdateVerdict
    ) throws(GitError) {
        if let finding = ReservedRefs.finding(for: update.ref, resolved: resolved.name) {
            verdict.findings.append(finding)
            return
        }
        guard (resolved.target ?? .zero) == update.old else {
            throw GitError(
                .contended, update.ref.description,
                "points at \((resolved.target ?? .zero).short), not at \(update.old.short)",
                hint: "git fetch, look at what came, and push again")
        }
        if ReservedRefs.isGuarded(resolved.name) {
            verdict.findings += try guardEvidence(
                RefUpdate(ref: resolved.name, old: update.old, new: update.new))
            return
        }
        let moved = RefUpdate(ref: resolved.name, old: update.old, new: update.new)
        if let release = policy.release, ReleaseTag(moved.ref, in: release) != nil {
            verdict.findings += try guardEvidence(moved)
        }
        let judge = UpdateJudge(self, moved)
        try judge.judge(into: &verdict)
    }

    /// The first commit of an update that is not well formed, where a question about ancestry
    /// failed: who walks the history may have read it less strictly, and says less about it.
    private func malformedCommit(of update: RefUpdate) -> GitError? {
        var open = [update.new]
        var seen: Set<ObjectID> = [update.old]
        while let next = open.popLast(), seen.count < Self.searchedCommits {
            guard seen.insert(next).inserted else { continue }
            do throws(GitError) {
                open += try history.commit(next).parents
            } catch {
                return error.kind == .malformed ? error : nil
            }
        }
        return nil
    }

    private static let searchedCommits = 100_000

    /// Whether `refs/gate/heads` keeps a commit.
    func isKept(_ head: ObjectID) throws(GitError) -> Bool {
        guard let keptHeads, try history.header(head)?.kind == .commit else { return false }
        return try history.isAncestor(head, of: keptHeads)
    }
}
