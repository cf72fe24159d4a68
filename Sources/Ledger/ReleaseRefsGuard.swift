import Evidence
public import GitObjects
public import History
import JSON
public import Policy

/// Judges pushes to the refs that only repeat what signed deployments say:
///
/// - `refs/gate/deployed/<environment>/<train>`, the marker: the commit that the last `succeeded`
///   or `rolled_back` names;
/// - `refs/gate/releases/<id>`, the plan: the blob whose digest a deployment names.
///
/// Whoever pushes them need not be anybody: nothing but the truth is accepted.
public struct ReleaseRefsGuard {
    public static let markers: RefName = "refs/gate/deployed"
    public static let plans: RefName = "refs/gate/releases"
    /// The largest plan, in bytes.
    public static let planLimit = 32 << 20

    private let history: any HistorySource
    private let policy: Policy
    private let evidence: NoteStore

    /// - Parameter evidence: what the server had before the push.
    public init(_ history: any HistorySource, policy: Policy, evidence: NoteStore) {
        self.history = history
        self.policy = policy
        self.evidence = evidence
    }

    /// The ref of an environment's marker.
    public static func marker(environment: String, train: String) -> RefName {
        RefName("\(markers)/\(environment)/\(train)")
    }

    /// The ref of a release's plan.
    public static func plan(_ id: String) -> RefName { RefName("\(plans)/\(id)") }

    /// What is wrong with moving one of the refs; nothing is wrong when the list is empty.
    public func problems(
        with ref: RefName, old: ObjectID?, new: ObjectID?
    ) throws(GitError) -> [EvidenceProblem] {
        let old = old.flatMap { $0.isZero ? nil : $0 }
        let new = new.flatMap { $0.isZero ? nil : $0 }
        let parts = ref.bytes.split(separator: 0x2f, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        if ref.starts(with: "\(Self.markers)/"), parts.count == 5 {
            return try marker(environment: parts[3], train: parts[4], to: new)
        }
        if ref.starts(with: "\(Self.plans)/"), parts.count == 4 {
            return try plan(parts[3], old: old, new: new)
        }
        return [EvidenceProblem(nil, "is no name of a marker or of a plan")]
    }

    private func marker(
        environment: String, train: String, to new: ObjectID?
    ) throws(GitError) -> [EvidenceProblem] {
        guard let new else { return [EvidenceProblem(nil, "a marker may not be deleted")] }
        let chain = try evidence.chain(environment: environment, train: train, under: policy)
        let place = "\(shown(environment.utf8))/\(shown(train.utf8))"
        guard let deployed = chain.deployed else {
            return [
                EvidenceProblem(
                    new, "no signed statement says that anything is deployed to \(place)",
                    hint: "gate release record, which signs one and moves the marker")
            ]
        }
        guard deployed.revision == new else {
            return [
                EvidenceProblem(
                    new,
                    "the signed statements say that \(place) is at \(deployed.revision.short)",
                    hint: "gate release status")
            ]
        }
        return []
    }

    private func plan(
        _ id: String, old: ObjectID?, new: ObjectID?
    ) throws(GitError) -> [EvidenceProblem] {
        guard let new else { return [EvidenceProblem(nil, "a plan may not be deleted")] }
        guard old == nil else {
            return [EvidenceProblem(new, "a plan is fixed when its release starts")]
        }
        // Before anything of it is read: whoever has no key could have much of it read, as often as
        // there are names.
        let named = try planDigests(of: id)
        guard !named.isEmpty else {
            return [
                EvidenceProblem(
                    new, "no signed deployment is called \(shown(id.utf8))",
                    hint: "gate release start, which signs one and pushes its plan")
            ]
        }
        guard let header = try history.header(new), header.kind == .blob else {
            return [EvidenceProblem(new, "is no blob, and a plan is one")]
        }
        guard header.size <= Self.planLimit else {
            return [EvidenceProblem(new, "is larger than \(Self.planLimit) bytes")]
        }
        let content = try history.blob(new, limit: Self.planLimit)
        let digest = PlanDigest.of(content)
        guard named.contains(digest) else {
            return [
                EvidenceProblem(
                    new, "no signed deployment names this plan",
                    hint: "gate release start, which signs one and pushes its plan")
            ]
        }
        let plan: JSON
        do throws(JSONError) {
            plan = try JSON(parsing: content)
        } catch {
            return [EvidenceProblem(new, "is no plan: \(error)")]
        }
        guard plan["kind"]?.stringValue == "ReleaseManifest" else {
            return [EvidenceProblem(new, "is no plan of a release")]
        }
        guard plan["release"]?["id"]?.stringValue?.utf8.elementsEqual(id.utf8) == true else {
            return [EvidenceProblem(new, "is the plan of another release")]
        }
        return []
    }
}

extension ReleaseRefsGuard {
    /// The digests by which signed deployments of this name name their plan.
    private func planDigests(of id: String) throws(GitError) -> Set<String> {
        var digests: Set<String> = []
        for environment in policy.release?.environments ?? [] {
            for train in policy.release?.trains ?? [] {
                let chain = try evidence.chain(
                    environment: environment, train: train.name, under: policy)
                for link in chain.links
                where link.deployment.releaseID.utf8.elementsEqual(id.utf8) {
                    digests.insert(link.deployment.planDigest)
                }
            }
        }
        return digests
    }
}

/// SHA-256 (hex) of a plan's bytes, by which deployments name it.
public enum PlanDigest {
    public static func of(_ plan: [UInt8]) -> String {
        LineDigest(hashing: plan).hex
    }
}
