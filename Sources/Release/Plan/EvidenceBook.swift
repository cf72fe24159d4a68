public import Evidence
public import GitObjects
public import History
public import Policy

/// What signed statements say about landings, for people: who approved, who bypassed what.
public struct EvidenceBook {
    /// A ruleset that was lifted for a landing.
    public struct Bypassed: Hashable, Sendable {
        public var principal: Principal
        public var ruleset: String
        public var reason: String
    }

    private let source: any EvidenceSource
    private let policy: Policy
    private let refs: Set<RefName>

    /// - Parameters:
    ///   - policy: whose signers count.
    ///   - ref: the branch that is released: reviews and bypasses must be about it, or about the
    ///     policy's, on which what a hotfix takes away has landed.
    public init(_ source: any EvidenceSource, policy: Policy, ref: RefName) {
        self.source = source
        self.policy = policy
        refs = Set([ref] + (policy.release.map { [$0.ref] } ?? []))
    }

    /// Who approved what landed: its head, itself, or another head with the same difference.
    ///
    /// - Parameter digest: the digest of the landing's own difference.
    public func approvers(
        of landing: RangeLanding, digest: ChangeDigest?
    ) throws(GitError) -> [Principal] {
        guard source.tip != nil else { return [] }
        var lines: [Line] = []
        for object in Set([landing.id] + [head(of: landing)]).sorted() {
            lines += try source.lines(on: object)
        }
        if let digest { lines += try source.reviews(of: digest) }
        var superseded: Set<LineDigest> = []
        var approved: [(line: LineDigest, by: Principal)] = []
        for line in lines {
            guard case .review(let review) = line.statement.predicate,
                refs.contains(review.targetRef),
                let signer = signer(of: line)
            else { continue }
            superseded.formUnion(review.supersedes)
            if review.state == .approved { approved.append((line.digest, signer)) }
        }
        return Set(approved.filter { !superseded.contains($0.line) }.map(\.by)).sorted()
    }

    public func bypasses(of landing: ObjectID) throws(GitError) -> [Bypassed] {
        guard source.tip != nil else { return [] }
        var found: Set<Bypassed> = []
        for line in try source.lines(on: landing) {
            guard case .bypass(let bypass) = line.statement.predicate, refs.contains(bypass.ref),
                bypass.new == landing, let signer = signer(of: line)
            else { continue }
            found.insert(
                Bypassed(principal: signer, ruleset: bypass.ruleset, reason: bypass.reason))
        }
        return found.sorted {
            ($0.principal.name, $0.ruleset, $0.reason) < ($1.principal.name, $1.ruleset, $1.reason)
        }
    }

    private func head(of landing: RangeLanding) -> ObjectID {
        Landing(landing.commit)?.head ?? landing.id
    }

    /// nil: the signature does not count, and the line says nothing.
    private func signer(of line: Line) -> Principal? {
        guard line.statement.repository == policy.people.repository else { return nil }
        do throws(EvidenceError) {
            return try line.signer(under: policy.signers, arrival: nil)
        } catch {
            return nil
        }
    }
}
