import ArgumentParser
import Evidence
import Git
import GitObjects
import History
import Hooks
import Ledger
import Policy
import Release

/// Where releases are recorded: the server's chains of signed deployments, and what repeats them.
struct ReleaseOffice {
    let folder: String
    private(set) var workplace: Workplace
    let release: ReleasePolicy
    let train: String
    let key: String?
    private let isOffline: Bool

    var repository: Repository { workplace.repository }
    var policy: Policy { workplace.policy }

    /// Asks the server.
    ///
    /// - Parameters:
    ///   - train: nil: the first.
    ///   - isOffline: this repository itself stands in for the server.
    init(
        _ global: GlobalOptions, train: String?, key: String?, isOffline: Bool = false
    ) throws {
        folder = global.directory
        self.isOffline = isOffline
        workplace = try Workplace(at: global.directory, remote: isOffline ? "." : nil)
        guard let release = workplace.policy.release else {
            throw CommandFailure.usage(
                "\(workplace.view.defaultBranch.short) has no policies/release.yml, so nobody may"
                    + " record a deployment",
                hint: "write one (docs/reference/release.md); gate range and gate manifest work"
                    + " without")
        }
        self.release = release
        let name = train ?? release.trains.first?.name ?? "all"
        guard release.trains.contains(where: { $0.name == name }) else {
            throw CommandFailure.usage(
                "no train is called \(shown(name.utf8))",
                hint: "--train " + release.trains.map(\.name).joined(separator: " or "))
        }
        self.train = name
        self.key = key.map(global.path)
        try workplace.refresh(branches: [release.ref])
    }

    /// An environment of the policy; the first when none is named.
    func environment(_ name: String?) throws -> String {
        let name = name ?? release.environments.first ?? ""
        guard release.environments.contains(name) else {
            throw CommandFailure.usage(
                "no environment is called \(shown(name.utf8))",
                hint: "--environment " + release.environments.joined(separator: " or "))
        }
        return name
    }

    /// The environment before this one in the order of promotion; nil for the first.
    func environment(before name: String) -> String? {
        guard let index = release.environments.firstIndex(of: name), index > 0 else { return nil }
        return release.environments[index - 1]
    }

    func environment(after name: String) -> String? {
        guard let index = release.environments.firstIndex(of: name),
            index + 1 < release.environments.count
        else { return nil }
        return release.environments[index + 1]
    }

    /// The deployments that the server has recorded for an environment.
    func chain(_ environment: String) throws -> DeploymentChain {
        try workplace.view.evidence().chain(
            environment: environment, train: train, under: policy)
    }

    /// Asks the server again.
    mutating func refresh(branches: [RefName] = []) throws {
        try workplace.refresh(branches: branches)
    }

    // MARK: - Plans

    /// What a plan is made for.
    struct PlanRequest {
        var environment: String
        var to: String?
        var from: String?
        var ref: String?
        var created: String?
        var allowReverted = false
        var attempt = 1
    }

    func plan(_ request: PlanRequest) throws -> ReleasePlan {
        var words = ["--environment=\(request.environment)", "--train=\(train)"]
        if let to = request.to { words.append("--to=\(to)") }
        if let from = request.from { words.append("--from=\(from)") }
        if let ref = request.ref { words.append("--ref=\(ref)") }
        if let created = request.created { words.append("--created=\(created)") }
        if request.allowReverted { words.append("--allow-reverted") }
        if isOffline { words.append("--offline") }
        words.append("--attempt=\(request.attempt)")
        return try ReleaseDesk(try ReleaseOptions.parse(words), in: folder).plan()
    }

    /// A plan whose name is free, or which is the one that has the name: said again on the same
    /// day for the same head it is the same release.
    mutating func settledPlan(_ request: PlanRequest) throws -> (plan: ReleasePlan, bytes: [UInt8])
    {
        var request = request
        // A day has fewer releases of one head than this.
        for attempt in 1...99 {
            request.attempt = attempt
            let plan = try plan(request)
            let bytes = plan.json().manifestBytes()
            guard let kept = try planBytes(plan.id) else { return (plan, bytes) }
            var again = request
            again.created = try Manifest(parsing: kept).createdOn
            let same = try self.plan(again)
            if same.json().manifestBytes() == kept { return (same, kept) }
        }
        throw CommandFailure.undetermined("this head was released too often today")
    }

    /// The plan of a release from the server, or from this clone where its server has it not yet.
    mutating func planBytes(_ id: String) throws -> [UInt8]? {
        let ref = ReleaseRefsGuard.plan(id)
        try workplace.refresh(branches: [ref])
        for blob in [try workplace.view.resolve(ref).target, try repository.resolve(ref).target] {
            guard let blob, try repository.header(blob)?.kind == .blob else { continue }
            return try repository.blob(blob, limit: ReleaseRefsGuard.planLimit)
        }
        return nil
    }

    /// The plan that a statement names, made again where it was lost with the clone that started
    /// the release; nil when that gives another one.
    mutating func plan(of chain: DeploymentChain) throws -> [UInt8]? {
        guard let last = chain.last, let beginning = chain.beginning else { return nil }
        let digest = last.deployment.planDigest
        if let bytes = try planBytes(last.deployment.releaseID),
            PlanDigest.of(bytes) == digest
        {
            return bytes
        }
        var request = PlanRequest(
            environment: last.deployment.environment, to: last.revision.hex,
            created: beginning.deployment.createdOn, allowReverted: true,
            attempt: Self.attempt(of: last.deployment.releaseID))
        // A rollback starts from what was tried, which need not be what was deployed.
        let tried = chain.links.last { !$0.deployment.isSameRelease(as: last.deployment) }
        for branch in [nil] + (try branches(with: last.revision)) {
            for base in [nil, tried?.revision.hex] {
                request.from = base
                request.ref = branch
                let bytes: [UInt8]
                do {
                    bytes = try plan(request).json().manifestBytes()
                } catch is CommandFailure {
                    continue  // no landing of this branch
                }
                if PlanDigest.of(bytes) == digest { return bytes }
            }
        }
        return nil
    }

    /// The server's other branches of which a commit is a landing: a hotfix was released from one.
    private mutating func branches(with landing: ObjectID) throws -> [String] {
        let others = try workplace.view.references(startingWith: "refs/heads/")
            .filter { $0.name != release.ref }.prefix(Self.mostBranches)
        try workplace.refresh(branches: others.map(\.name))
        // With its branch a commit is gone from new clones.
        guard try repository.header(landing)?.kind == .commit else { return [] }
        var found: [String] = []
        for branch in others {
            guard let tip = branch.target,
                try repository.isAncestor(landing, of: tip),
                try repository.firstParentChain(from: tip, until: landing, limit: 1_000_000) != nil
            else { continue }
            found.append(branch.name.description)
        }
        return found
    }

    /// More branches than these are not fetched to look for a release's own.
    private static let mostBranches = 500

    /// The number at the end of a release's name, which is the number of its attempt.
    static func attempt(of releaseID: String) -> Int {
        let suffix = releaseID.split(separator: "-").last.flatMap { Int($0) } ?? 1
        // Twelve digits of a commit that all are decimal make a larger one.
        return (2...99).contains(suffix) ? suffix : 1
    }

    /// The manifest of the release that an environment's last statement is about.
    mutating func manifest(of environment: String) throws -> Manifest {
        let chain = try chain(environment)
        guard let last = chain.last else {
            throw CommandFailure.refused(
                "nothing was ever started on \(environment)",
                hint: "gate release start --environment \(environment)")
        }
        guard let manifest = try knownManifest(of: environment) else {
            throw CommandFailure.undetermined(
                "the plan of \(shown(last.deployment.releaseID.utf8)) is neither on the server nor"
                    + " in this clone",
                hint: "the clone that started it has it: gate release status there; or give it up:"
                    + " gate release record --environment \(environment) --outcome failed")
        }
        return manifest
    }

    /// The same; nil where nothing was started, or where its plan is nowhere to be found.
    mutating func knownManifest(of environment: String) throws -> Manifest? {
        let chain = try chain(environment)
        guard let plan = try plan(of: chain) else { return nil }
        return try manifest(plan, chain)
    }

    /// A plan and what the statements of its release have added.
    func manifest(_ plan: [UInt8], _ chain: DeploymentChain) throws -> Manifest {
        let digest = PlanDigest.of(plan)
        let links = chain.links.filter { $0.deployment.planDigest == digest }
        let ticks = try ticksBefore(links.last)
        do {
            return try Manifest(plan: plan, statements: links, ticks: ticks)
        } catch {
            throw ManifestFile.failure(error, "the plan")
        }
    }

    /// What was ticked for the same commit on the environment before.
    private func ticksBefore(_ link: DeploymentChain.Link?) throws -> [String] {
        guard let link, let before = environment(before: link.deployment.environment) else {
            return []
        }
        return try chain(before).links.last { $0.build == link.build }?.deployment.ticks ?? []
    }
}
