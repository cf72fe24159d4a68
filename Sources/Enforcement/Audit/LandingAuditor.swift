public import Evidence
public import GitObjects
public import History
import Policy

/// Judges landings that are made: each by the policy before it and by the evidence of its time,
/// with the engine that judged the push.
public struct LandingAuditor {
    /// What is audited.
    public struct Subject: Sendable {
        public let ref: RefName
        public let defaultBranch: RefName
        /// The commit whose policy judges every landing; nil: that of the landing's predecessor.
        public let policy: ObjectID?
        /// The tip of `refs/gate/heads`.
        public let keptHeads: ObjectID?
        /// The pushes of several landings for which somebody signed a bypass, by each landing that
        /// they brought.
        public let bypassedPushes: [ObjectID: [RefUpdate]]
        /// What the landings say by which evidence they were judged.
        public let namedEvidence: NamedEvidence

        public init(
            ref: RefName, defaultBranch: RefName, policy: ObjectID?, keptHeads: ObjectID?,
            bypassedPushes: [ObjectID: [RefUpdate]] = [:], namedEvidence: NamedEvidence
        ) {
            self.ref = ref
            self.defaultBranch = defaultBranch
            self.policy = policy
            self.keptHeads = keptHeads
            self.bypassedPushes = bypassedPushes
            self.namedEvidence = namedEvidence
        }
    }

    private let history: any HistorySource
    private let evidence: any EvidenceHistory
    private let policies: RememberedPolicies
    private let subject: Subject

    public init(
        _ subject: Subject, history: any HistorySource, evidence: any EvidenceHistory
    ) {
        self.subject = subject
        self.history = history
        self.evidence = evidence
        policies = RememberedPolicies(history: history)
    }

    /// What ``audit(_:)`` will ask about the merges that these landings are.
    public func mergeQuestions(
        about landings: some Sequence<ObjectID>
    ) throws(GitError) -> [MergeQuestion] {
        var questions: [MergeQuestion] = []
        for id in landings {
            guard let landing = Landing(try history.commit(id)) else { continue }
            switch landing.form {
            case .merge(let head), .squash(let head):
                guard try history.header(head)?.kind == .commit else { continue }
                let bases = try history.mergeBases(landing.predecessor, head)
                if bases.count == 1 {
                    questions.append(
                        MergeQuestion(
                            base: bases[0], ours: landing.predecessor, theirs: head,
                            result: landing.commit.tree))
                }
            case .single, .octopus, .ambiguousHead: continue
            }
        }
        return questions
    }

    /// Judges one landing.
    ///
    /// - Throws: when the landing itself or a policy cannot be read; what the engine cannot decide
    ///   is a landing that is ``AuditedLanding/State/undetermined``.
    public func audit(_ id: ObjectID) throws(GitError) -> AuditedLanding {
        let commit = try history.commit(id)
        guard let landing = Landing(commit) else {
            return AuditedLanding(ungated: commit, because: "it is the first commit")
        }
        let source = subject.policy ?? landing.predecessor
        let policy: Policy
        switch try policies.answer(at: source) {
        case .absent:
            return AuditedLanding(ungated: commit, because: "there was no policy before it")
        case .invalid(let invalid):
            let first = invalid.diagnostics.first?.description ?? "it is empty"
            let error = GitError(
                .unsupported, "the policy at \(source.short)",
                "is not valid: \(shown(first.utf8))",
                hint: "gate policy validate")
            return Draft(commit, policy: source, verdict: unreadable(landing, error)).landing()
        case .valid(let valid): policy = valid
        }
        guard !policy.rulesets(for: subject.ref).isEmpty else {
            return AuditedLanding(ungated: commit, because: "no ruleset was about \(subject.ref)")
        }
        let governing = GoverningPolicy(
            policy: policy, commit: source, defaultBranch: subject.defaultBranch, trusted: nil)
        return try judge(landing, governing)
    }

    private func judge(
        _ landing: Landing, _ governing: GoverningPolicy
    ) throws(GitError) -> AuditedLanding {
        let id = landing.commit.id
        let naming = subject.namedEvidence.naming(of: id)
        var then: (any EvidenceSource)?
        if let naming { then = try evidence.evidence(at: naming.evidence) }
        let source = then ?? evidence.newest
        let update = RefUpdate(ref: subject.ref, old: landing.predecessor, new: id)
        var draft = Draft(
            landing.commit, policy: governing.commit,
            verdict: verdict(on: update, governing, by: source))
        draft.evidence = source.tip
        draft.evidenceIsOfItsTime = then != nil
        draft.evidenceNamedBy = naming?.earlier
        if draft.verdict.outcome == .refused {
            if let lifted = try bypassedPush(of: id, governing, by: source) {
                draft.verdict = lifted
            } else if then != nil {
                let now = verdict(on: update, governing, by: evidence.newest)
                draft.holdsByNow = now.outcome == .allowed
            }
        }
        let proof = Proof(
            policy: governing.policy, evidence: evidence.newest, ref: subject.ref,
            defaultBranch: subject.defaultBranch)
        if !proof.requiredChecks.isEmpty {
            draft.isProven = try proof.missingChecks(on: landing.commit).isEmpty
        }
        return draft.landing()
    }

    private func verdict(
        on update: RefUpdate, _ governing: GoverningPolicy, by source: any EvidenceSource
    ) -> UpdateVerdict {
        let judge = Judge(
            governing: governing, history: history,
            references: References(ref: update.ref, target: update.old), evidence: source,
            policies: policies, keptHeads: subject.keptHeads, guardEvidence: { _ in [] })
        let verdict = judge.judge([update])
        return verdict.updates.first
            ?? UpdateVerdict(update: update, resolved: update.ref, outcome: .allowed)
    }

    /// The verdict on a push of several landings, this one among them, where a bypass lifted what
    /// it lacked.
    private func bypassedPush(
        of landing: ObjectID, _ governing: GoverningPolicy, by source: any EvidenceSource
    ) throws(GitError) -> UpdateVerdict? {
        for push in subject.bypassedPushes[landing] ?? [] {
            var governing = governing
            if subject.policy == nil {
                guard case .valid(let policy) = try policies.answer(at: push.old) else { continue }
                governing = GoverningPolicy(
                    policy: policy, commit: push.old, defaultBranch: subject.defaultBranch,
                    trusted: nil)
            }
            var verdict = verdict(on: push, governing, by: source)
            guard verdict.outcome == .allowed else { continue }
            verdict.landings.removeAll { $0.commit != landing }
            return verdict
        }
        return nil
    }

    private func unreadable(_ landing: Landing, _ error: GitError) -> UpdateVerdict {
        let update = RefUpdate(
            ref: subject.ref, old: landing.predecessor, new: landing.commit.id)
        return UpdateVerdict(
            update: update, resolved: subject.ref, outcome: .undetermined(error))
    }

    /// A landing that was judged, while it is being described.
    private struct Draft {
        let commit: Commit
        let policy: ObjectID
        var verdict: UpdateVerdict
        var evidence: ObjectID?
        var evidenceIsOfItsTime = false
        var evidenceNamedBy: ObjectID?
        var holdsByNow = false
        var isProven: Bool?

        init(_ commit: Commit, policy: ObjectID, verdict: UpdateVerdict) {
            self.commit = commit
            self.policy = policy
            self.verdict = verdict
        }

        private var state: AuditedLanding.State {
            switch verdict.outcome {
            case .allowed: verdict.bypasses.isEmpty ? .held : .bypassed
            case .refused: .refused
            case .undetermined: .undetermined
            }
        }

        func landing() -> AuditedLanding {
            AuditedLanding(
                commit: commit.id, predecessor: commit.parents.first,
                title: AuditedLanding.title(of: commit),
                time: commit.committer.time, state: state, reason: nil, policy: policy,
                evidence: evidence, evidenceIsOfItsTime: evidenceIsOfItsTime,
                evidenceNamedBy: evidenceNamedBy, holdsByNow: holdsByNow, isProven: isProven,
                verdict: verdict)
        }
    }

    /// The branch as it was before the landing.
    private struct References: ReferenceSource {
        let ref: RefName
        let target: ObjectID

        func resolve(_ name: RefName) -> ResolvedReference {
            ResolvedReference(name: name, target: name == ref ? target : nil)
        }

        func references(startingWith prefix: String) -> [ResolvedReference] {
            ref.starts(with: prefix) ? [ResolvedReference(name: ref, target: target)] : []
        }
    }
}
