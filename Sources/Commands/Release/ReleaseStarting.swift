import Checks
import Evidence
import GitObjects
import History
import Ledger
import Policy
import Release

/// What whoever starts a deployment may lift, and why.
struct Overrides {
    var freeze: String?
    var maxChanges: String?
    var hold: String?
    var allowReverted = false
}

/// Starting a deployment: what speaks against it, the preflight, and the signed start.
extension ReleaseOffice {
    /// The limits that a plan breaks, with the reasons for which they are lifted.
    ///
    /// - Throws: when one is not lifted.
    func overrides(for plan: ReleasePlan, _ given: Overrides) throws -> [Deployment.Override] {
        var lifted: [Deployment.Override] = []
        let day = plan.request.createdOn.day
        if let day, let span = release.freeze.first(where: { $0.contains(day) }) {
            guard let reason = given.freeze else {
                throw CommandFailure.refused(
                    "\(day) is frozen (\(span.lowerBound) to \(span.upperBound) in"
                        + " policies/release.yml)", hint: "--override-freeze REASON")
            }
            lifted.append(.init(.freeze, reason: reason))
        }
        let held = plan.heldChanges
        if let first = held.first {
            guard let reason = given.hold else {
                throw CommandFailure.refused(
                    "\(plan.title(of: first.landing)) is held back by \(first.by):"
                        + " \(shown(first.hold.reason.utf8))",
                    details: held.dropFirst().map {
                        "\(plan.title(of: $0.landing)): \(shown($0.hold.reason.utf8))"
                    },
                    hint: "gate release unhold \(first.landing.short) --reason TEXT; or with this"
                        + " command --override-hold REASON")
            }
            lifted.append(.init(.hold, reason: reason))
        }
        let count = plan.changes.count { $0.state.kind == .included }
        if let most = release.maxChanges, count > most {
            guard let reason = given.maxChanges else {
                throw CommandFailure.refused(
                    "\(count) changes are more than the \(most) of limits.max_changes",
                    hint: "push a part with --to REV, or --override-max-changes REASON")
            }
            lifted.append(.init(.maxChanges, reason: reason))
        }
        return lifted
    }

    /// A plan; with `--allow-reverted` one that ends between a change and its revert, on record.
    mutating func plan(
        _ request: PlanRequest, _ given: Overrides
    ) throws -> (plan: ReleasePlan, bytes: [UInt8], overrides: [Deployment.Override]) {
        do {
            let settled = try settledPlan(request)
            return (settled.plan, settled.bytes, try overrides(for: settled.plan, given))
        } catch let failure as CommandFailure where given.allowReverted && failure.isSplitRevert {
            var request = request
            request.allowReverted = true
            let settled = try settledPlan(request)
            let lifted = try overrides(for: settled.plan, given)
            return (
                settled.plan, settled.bytes,
                lifted + [.init(.reverted, reason: "--allow-reverted")]
            )
        }
    }

    /// Runs the policy's preflight commands in a checkout of the commit.
    func preflight(_ plan: ReleasePlan) throws {
        let commands = release.preflight.filter {
            $0.environments.contains(plan.request.environment)
        }
        guard !commands.isEmpty else { return }
        let runner = CheckRunner(repository)
        let subject = CheckedTree(tree: plan.headTree, commit: plan.range.head)
        // In its command, because a check's environment is scrubbed of names of gate's.
        let names =
            "ENVIRONMENT=\(plan.request.environment) REVISION=\(plan.range.head.hex)"
            + " RELEASE_ID=\(plan.id); export ENVIRONMENT REVISION RELEASE_ID; "
        for command in commands {
            let check = CheckDefinition(
                name: "preflight", run: names + command.run, isCached: false)
            let outcomes = try runner.run([check], on: subject) { event in
                if case .output(_, let piece) = event { Screen.relay(piece) }
            }
            guard let outcome = outcomes.first, outcome.result == .passed else {
                let reason = outcomes.first?.reason ?? "it did not run"
                throw CommandFailure.refused(
                    "preflight of \(plan.request.environment) failed: \(shown(command.run.utf8))",
                    details: [shown(reason.utf8)],
                    hint: "repair what it complains of and say it again")
            }
        }
    }

    /// The images that stand in an environment for what a plan does not build anew.
    func carriedImages(_ plan: Manifest, _ chain: DeploymentChain) -> [Deployment.Image] {
        let changed = plan.changedServices
        return chain.deployed?.deployment.images.filter { !changed.contains($0.name) } ?? []
    }

    /// Signs the start of a release and pushes it, its plan and its tag.
    mutating func begin(
        _ plan: ReleasePlan, _ bytes: [UInt8], images: [Deployment.Image],
        overrides: [Deployment.Override]
    ) throws {
        try keep(bytes, as: ReleaseRefsGuard.plan(plan.id))
        let start = Self.start(plan, bytes, images: images, overrides: overrides)
        try publish([(start, plan.range.head)], on: plan.request.environment)
        try settle(plan.request.environment)
    }

    static func start(
        _ plan: ReleasePlan, _ bytes: [UInt8], images: [Deployment.Image],
        overrides: [Deployment.Override]
    ) -> Deployment {
        Deployment(
            environment: plan.request.environment, train: plan.request.train, releaseID: plan.id,
            planDigest: PlanDigest.of(bytes), images: images.sortedByName, outcome: .started,
            operator: "", overrides: overrides, previous: nil,
            // The plan's own time, so that the plan can be made again from the statement.
            createdOn: plan.request.createdOn.description)
    }
}

extension [Deployment.Image] {
    /// As statements list them; of two for one service the first.
    var sortedByName: [Deployment.Image] {
        var seen: Set<String> = []
        return filter { seen.insert($0.name).inserted }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

extension ReleasePlan {
    /// The holds on changes that the head would deploy.
    var heldChanges: [HeldChanges.Held] {
        let included = Set(changes.filter { $0.state.kind == .included }.map(\.landing.id))
        return holds.filter { included.contains($0.landing) }
    }

    /// A change of the plan for a sentence: `#12 Pay out in CAD`.
    func title(of landing: ObjectID) -> String {
        guard let change = changes.first(where: { $0.landing.id == landing }) else {
            return landing.short
        }
        return "\(change.id) \(shown(change.title))"
    }
}
