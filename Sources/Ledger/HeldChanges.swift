public import Evidence
public import GitObjects
public import History
public import Policy

/// The landings of a range that somebody holds back.
public struct HeldChanges: Sendable {
    /// A landing with a hold that stands.
    public struct Held: Hashable, Sendable {
        public let landing: ObjectID
        public let by: Principal
        public let hold: Hold
        /// The hold's own line, which a release of it names.
        public let line: LineDigest
    }

    /// Oldest landing first.
    public let all: [Held]
    /// Those that the head of the range would deploy: not the ones that it takes back itself.
    public let included: [Held]

    public init(
        _ range: LandingRange, in history: some HistorySource, evidence: some EvidenceSource,
        policy: Policy
    ) throws(GitError) {
        guard evidence.tip != nil else {
            all = []
            included = []
            return
        }
        var all: [Held] = []
        for landing in range.landings {
            all += try Self.holds(on: landing.id, evidence: evidence, policy: policy)
        }
        self.all = all
        guard !all.isEmpty else {
            included = []
            return
        }
        let states = try ChangeStates.of(range, in: history)
        included = all.filter { states[$0.landing]?.kind == .included }
    }

    /// The holds that stand on one landing.
    public static func holds(
        on landing: ObjectID, evidence: some EvidenceSource, policy: Policy
    ) throws(GitError) -> [Held] {
        var holds: [Held] = []
        var released: Set<LineDigest> = []
        for line in try evidence.lines(on: landing) {
            guard case .hold(let hold) = line.statement.predicate,
                line.statement.repository.utf8.elementsEqual(policy.people.repository.utf8),
                let signer = signer(of: line, policy)
            else { continue }
            switch hold.state {
            case .held:
                holds.append(Held(landing: landing, by: signer, hold: hold, line: line.digest))
            case .released: released.formUnion(hold.supersedes)
            }
        }
        return holds.filter { !released.contains($0.line) }.sorted { $0.line < $1.line }
    }

    /// nil: nobody who may hold.
    private static func signer(of line: Line, _ policy: Policy) -> Principal? {
        do throws(EvidenceError) {
            let signer = try line.signer(under: policy.signers, arrival: nil)
            return policy.releaseOperators.contains(signer) ? signer : nil
        } catch {
            return nil
        }
    }
}

extension Policy {
    /// Whoever may deploy to any environment.
    public var releaseOperators: Set<Principal> {
        guard let release else { return [] }
        return Set(people.members(of: release.operators.values.flatMap { $0 }))
    }
}
