import Enforcement
import Evidence
import Git
import GitObjects
import History
import Hooks
import Ledger
import Policy
import Release

/// Reads where an environment stands, and makes the plan of a push from there.
struct ReleaseDesk {
    let clone: Clone
    let options: ReleaseOptions
    private let refs: ReleaseRefs
    let policy: Policy?

    var repository: Repository { clone.repository }

    /// - Parameter isForReport: what is made is shown and nothing more, see
    ///   ``Repository/readForReport()``.
    init(_ options: ReleaseOptions, in folder: String, isForReport: Bool = false) throws {
        let clone = try Clone(at: folder)
        if isForReport { try clone.repository.readForReport() }
        let refs = try ReleaseRefs(clone, offline: options.offline)
        self.clone = clone
        self.options = options
        self.refs = refs
        policy = try Self.policy(refs, clone.repository)
    }

    /// The plan that the options ask for.
    ///
    /// - Parameter judging: whether the engine shall judge each landing once more.
    func plan(judging: Bool = true) throws -> ReleasePlan {
        var request = try request()
        do {
            request.shepherd = try shepherd(on: request.createdOn)
            let known = try refs.including(
                [request.ref, Self.marker(request)]
                    + (policy == nil ? [] : [NoteStore.ref, HeadsGuard.ref]))
            let tip = try tip(of: request.ref, known)
            let evidence = try evidence(known)
            let chain = try chain(request, evidence)
            let base = try base(request, chain, known, tip: tip)
            let (head, stoppedBy) = try head(request, tip: tip, base: base, evidence)
            let range = try LandingRange(from: base, to: head, in: repository)
            if !options.allowReverted {
                try refuseSplitRevert(range, tip: tip)
            }
            var maker = try PlanMaker(
                repository, request: request,
                evidence: policy.map {
                    EvidenceBook(evidence, policy: $0, ref: request.ref)
                },
                deployedImages: chain.deployed?.build.digests ?? [:],
                keptHeads: policy == nil ? nil : try known.target(HeadsGuard.ref))
            var plan = try maker.plan(range)
            plan.stoppedBy = try stoppedBy.map { held throws(GitError) in
                ReleasePlan.Stop(
                    held, ChangeLabel(of: try repository.commit(held.landing)))
            }
            if let policy {
                plan.holds = try HeldChanges(
                    range, in: repository, evidence: evidence, policy: policy
                ).all
                if judging {
                    plan.gates = try LandingGates(
                        repository, ref: request.ref, refs: known, evidence: evidence
                    ).gates(of: range)
                }
            }
            return plan
        } catch let error as GitError {
            throw CommandFailure(error)
        }
    }

    // MARK: - What is asked

    private func request() throws -> ReleasePlan.Request {
        if let name = options.environment { try Self.requireName(name, "--environment") }
        let release =
            policy?.release
            ?? ReleasePolicy(
                ref: refs.defaultBranch, environments: [options.environment ?? "production"],
                operators: [:])
        let environment = options.environment ?? release.environments.last ?? "production"
        if policy?.release == nil, environment != "production" {
            // Without a policy only what is really there can be meant.
            let marker = ReleaseRefsGuard.marker(
                environment: environment, train: options.train ?? "all")
            guard try refs.target(marker) != nil else {
                throw CommandFailure.usage(
                    "no environment is called \(shown(environment.utf8)): there is no"
                        + " policies/release.yml", hint: "name what is deployed: --from REV")
            }
        }
        guard release.environments.contains(environment) else {
            throw CommandFailure.usage(
                "no environment is called \(shown(environment.utf8))",
                hint: "--environment " + release.environments.joined(separator: " or "))
        }
        let train = options.train ?? release.trains.first?.name ?? "all"
        guard release.trains.contains(where: { $0.name == train }) else {
            throw CommandFailure.usage(
                "no train is called \(shown(train.utf8))",
                hint: "--train " + release.trains.map(\.name).joined(separator: " or "))
        }
        return ReleasePlan.Request(
            environment: environment, train: train,
            ref: options.ref.map(Clone.branch) ?? release.ref,
            createdOn: try options.createdOn(), sourceURI: try sourceURI(), policy: release,
            attempt: options.attempt)
    }

    /// The name becomes part of a ref's.
    private static func requireName(_ name: String, _ option: String) throws {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
            default: false
            }
        }
        guard isPlain, !name.isEmpty else {
            throw CommandFailure.usage(
                "\(option) takes a name of letters, digits, - and _", hint: "\(option) production")
        }
    }

    /// The policy's name for the repository is the same in every clone; an address is not.
    private func sourceURI() throws -> String {
        if let given = options.sourceURI { return given }
        return policy?.people.repository ?? ""
    }

    /// nil: the default branch has none that speaks of releases.
    private static func policy(_ refs: ReleaseRefs, _ repository: Repository) throws -> Policy? {
        do {
            guard let tip = try refs.target(refs.defaultBranch) else { return nil }
            let policies = CommittedPolicies(history: repository)
            let files = try policies.files(at: tip)
            do {
                return try Policy.read(files)
            } catch {
                // Checks alone are no policy, and no mistake either.
                if files.contents["policies/release.yml"] == nil { return nil }
                throw CommandFailure(error)
            }
        } catch let error as GitError {
            throw CommandFailure(error)
        }
    }

    private func shepherd(on time: Timestamp) throws(GitError) -> ShepherdDraw? {
        guard policy?.release?.rotation != nil, let day = time.day,
            let tip = try refs.target(refs.defaultBranch)
        else { return nil }
        let history = try RosterReading(repository: repository).history(upTo: tip)
        return ShuffleBag.draws(day...day, history).first
    }

    // MARK: - Where things stand

    private static func marker(_ request: ReleasePlan.Request) -> RefName {
        RefName("refs/gate/deployed/\(request.environment)/\(request.train)")
    }

    private func chain(
        _ request: ReleasePlan.Request, _ evidence: NoteStore
    ) throws(GitError) -> DeploymentChain {
        guard let policy else { return DeploymentChain() }
        return try evidence.chain(
            environment: request.environment, train: request.train, under: policy)
    }

    private func evidence(_ known: ReleaseRefs) throws -> NoteStore {
        try NoteStore(
            repository, tip: policy == nil ? nil : try known.target(NoteStore.ref),
            gitFolder: repository.commonDirectory)
    }

    private func tip(of ref: RefName, _ known: ReleaseRefs) throws -> ObjectID {
        guard let tip = try known.target(ref) else {
            throw CommandFailure.usage(
                "there is no \(ref)", hint: "name the branch to release with --ref")
        }
        return tip
    }

    /// The deployed commit; nil when nothing was deployed.
    private func base(
        _ request: ReleasePlan.Request, _ chain: DeploymentChain, _ known: ReleaseRefs,
        tip: ObjectID
    ) throws -> ObjectID? {
        if let from = options.from { return try given(from, request.ref, tip: tip) }
        // What is signed is true; the marker only repeats it, and may be late.
        if chain.last != nil { return chain.deployed?.revision }
        let marker = Self.marker(request)
        guard var id = try known.target(marker) else { return nil }
        // A tag is followed; a chain of them that is longer is no marker.
        for _ in 0..<8 {
            switch try repository.header(id)?.kind {
            case .commit: return id
            case .tag: id = try repository.tag(id).target
            case .tree, .blob, nil:
                throw CommandFailure.undetermined(
                    "\(marker) points at \(id), which is no commit here",
                    hint: "name what is deployed with --from, or repair it: gate doctor")
            }
        }
        throw CommandFailure.undetermined("\(marker) is a tag of a tag of a tag")
    }

    /// What `--from` names: a revision, or the newest tag of a pattern that the branch has.
    private func given(_ from: String, _ ref: RefName, tip: ObjectID) throws -> ObjectID {
        // No ref's name has these (git-check-ref-format(1)), and `^{/…}` is a revision.
        let isPattern =
            from.utf8.contains { [0x2a, 0x3f, 0x5b].contains($0) }
            && !from.utf8.contains { [0x5e, 0x3a, 0x40].contains($0) }
        guard isPattern else { return try clone.commit(from) }
        let said = shown(from.utf8)
        let failure = CommandFailure.usage(
            "no tag \(said) is on \(ref.short)", hint: "git tag --list --merged \(tip.short)")
        let output = try clone.git(
            [
                "tag", "--list", "--no-column", "--merged", tip.hex, "--sort=-version:refname",
                "--sort=-creatordate", "--format=%(objectname)", "--", from,
            ], failure: failure)
        guard let id = ObjectID(hex: output.prefix { $0 != 0x0a }) else { throw failure }
        return try clone.commit(id.hex)
    }

    private func head(
        _ request: ReleasePlan.Request, tip: ObjectID, base: ObjectID?, _ evidence: NoteStore
    ) throws -> (ObjectID, stoppedBy: [HeldChanges.Held]) {
        let choice = HeadChoice(
            repository: repository, ref: request.ref, tip: tip,
            proof: policy.map {
                Proof(
                    policy: $0, evidence: evidence, ref: request.ref,
                    defaultBranch: refs.defaultBranch)
            }, evidence: evidence, policy: policy)
        if let to = options.to { return (try choice.landing(clone.commit(to)), []) }
        return try choice.newestProven(after: base)
    }

    private func refuseSplitRevert(_ range: LandingRange, tip: ObjectID) throws {
        guard range.head != tip else { return }
        let behind = try LandingRange(from: range.head, to: tip, in: repository)
        for split in try SplitReverts(range, behind: behind.landings, in: repository).all {
            let title = shown(ChangeLabel(of: split.change.commit).title)
            throw CommandFailure.refused(
                CommandFailure.splitRevert,
                details: [
                    "\(split.change.id.short) \(title)",
                    "is taken back by \(split.revert.id.short), which landed behind the head",
                ],
                hint: "push up to the revert with --to \(split.revert.id.short), or say "
                    + "--allow-reverted")
        }
    }
}

extension CommandFailure {
    fileprivate static let splitRevert = "the range ends between a change and its revert"

    /// Whether `--allow-reverted` would lift it.
    var isSplitRevert: Bool { message == Self.splitRevert }
}
