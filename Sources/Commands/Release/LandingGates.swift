import Enforcement
import Evidence
import Git
import GitObjects
import History
import Ledger
import Policy
import Release

/// The engine's verdicts on landings that were made, as `gate audit` gives them.
struct LandingGates {
    private let repository: Repository
    private let ref: RefName
    private let refs: ReleaseRefs
    private let evidence: NoteStore

    init(
        _ repository: Repository, ref: RefName, refs: ReleaseRefs, evidence: NoteStore
    ) {
        self.repository = repository
        self.ref = ref
        self.refs = refs
        self.evidence = evidence
    }

    /// The verdicts, oldest landing first. A landing that nobody judged has none: the gate was not
    /// closed yet, or no ruleset was about the branch.
    func gates(of range: LandingRange) throws(GitError) -> [LandingGate] {
        let landings = try closed(range.landings.map(\.id))
        let subject = LandingAuditor.Subject(
            ref: ref, defaultBranch: refs.defaultBranch,
            policy: ref == refs.defaultBranch ? nil : try refs.target(refs.defaultBranch),
            keptHeads: try refs.target(HeadsGuard.ref),
            bypassedPushes: try bypassedPushes(of: range),
            namedEvidence: try NamedEvidence(
                of: landings, tip: evidence.tip, in: repository
            ) { (first: ObjectID) throws(GitError) in
                try repository.firstParentLine(before: first)
            })
        let archive = try NoteArchive(
            repository, tip: evidence.tip, gitFolder: repository.commonDirectory)
        let auditor = LandingAuditor(subject, history: repository, evidence: archive)
        var gates: [LandingGate] = []
        for id in landings {
            if let gate = try gate(try auditor.audit(id)) { gates.append(gate) }
        }
        return gates
    }

    /// The landings behind the commit that the server's owner trusted.
    private func closed(_ landings: [ObjectID]) throws(GitError) -> ArraySlice<ObjectID> {
        guard let trusted = try refs.target("refs/gate/trusted") else { return landings[...] }
        guard let index = landings.firstIndex(of: trusted) else { return landings[...] }
        return landings[(index + 1)...]
    }

    private func gate(_ audited: AuditedLanding) throws(GitError) -> LandingGate? {
        guard let policy = audited.policy, let verdict = audited.verdict else { return nil }
        if case .undetermined(let error) = verdict.outcome { throw error }
        let isAllowed = verdict.outcome == .allowed || audited.holdsByNow
        let problems =
            isAllowed ? [] : verdict.findings.map { "\($0.rule.rawValue): \($0.problem)" }
        return LandingGate(
            landing: audited.commit, policy: policy, passed: isAllowed, problems: problems,
            evidence: Set(verdict.landings.flatMap(\.evidence)).sorted())
    }

    /// The pushes of several landings of the range that somebody's bypass let in, by landing.
    private func bypassedPushes(
        of range: LandingRange
    ) throws(GitError) -> [ObjectID: [RefUpdate]] {
        guard evidence.tip != nil else { return [:] }
        let landings = range.landings.map(\.id)
        var pushes: [ObjectID: [RefUpdate]] = [:]
        for (end, id) in landings.enumerated() {
            for line in try evidence.lines(on: id) {
                guard case .bypass(let bypass) = line.statement.predicate, bypass.ref == ref,
                    bypass.new == id
                else { continue }
                let start =
                    bypass.old == range.base
                    ? 0 : landings.firstIndex(of: bypass.old).map { $0 + 1 }
                guard let start, start < end else { continue }
                let push = RefUpdate(ref: ref, old: bypass.old, new: bypass.new)
                for covered in landings[start...end] { pushes[covered, default: []].append(push) }
            }
        }
        return pushes
    }
}
