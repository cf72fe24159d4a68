import ArgumentParser
import Evidence
import Files
import Git
import GitObjects
import History
import Hooks
import JSON
import Ledger
import Policy
import Release

/// `gate manifest verify`: whether a manifest is true.
struct ManifestVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Holds a manifest against the repository and the signed evidence.",
        discussion: """
            Its head must be on the branch, its base what the statement before it deployed, each \
            landing is judged again, every statement in it must be signed by an operator, every \
            image known by its digest, and nothing in it edited. FILE is a manifest, or what gate \
            manifest attest made of one. All discrepancies are told at once.

            A release that was taken back, that failed, or that another one has followed may not be \
            deployed any more, however true its manifest is; --past asks only whether it was true \
            in its time.

            Example: gate manifest verify manifest.json
                     gate manifest verify manifest.attestation --offline --past

            Exit codes: 0 true, 1 not (each discrepancy on a line), 2 no manifest that can be \
            read, 3 could not decide.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The manifest or its attestation.")
    var file: String

    @Flag(
        help: ArgumentHelp(
            "Ask no server: this repository has all its refs (git clone --mirror)."))
    var offline = false

    @Flag(help: "Judge it as of its time: what has happened since is not held against it.")
    var past = false

    func run() throws {
        let (manifest, attestation) = try read()
        var office = try ReleaseOffice(
            global, train: manifest.train, key: nil, isOffline: offline)
        var inspection = ManifestInspection(manifest, attestation, isPast: past)
        try inspection.inspect(&office)
        if global.json {
            Screen.result([
                "schemaVersion": 1, "kind": "ManifestVerification",
                "release": JSON(manifest.releaseID),
                "verified": JSON(inspection.problems.isEmpty),
                "problems": JSON(inspection.problems),
            ])
        } else if inspection.problems.isEmpty {
            Screen.result("\(shown(manifest.releaseID.utf8)): verified")
        } else {
            for problem in inspection.problems { Screen.result(problem) }
        }
        if !inspection.problems.isEmpty { throw ExitCode(1) }
    }

    private func read() throws -> (Manifest, Attestation?) {
        let bytes: [UInt8]
        do {
            bytes = try File.read(global.path(file), limit: Attestation.byteLimit)
        } catch {
            throw CommandFailure.usage(shown("\(error)".utf8))
        }
        guard bytes.starts(with: Array("{\"payload\":".utf8)) else {
            return (try ManifestFile.parse(bytes, called: file), nil)
        }
        do {
            let line = bytes.last == 0x0a ? Array(bytes.dropLast()) : bytes
            let attestation = try Attestation(parsing: line)
            return (try Manifest(statement: attestation.payload), attestation)
        } catch let error as EvidenceError {
            throw CommandFailure.usage("\(shown(file.utf8)) \(error.problem)")
        } catch let error as ManifestError {
            throw ManifestFile.failure(error, file)
        }
    }
}

/// Everything that is wrong with a manifest, each as a sentence without a full stop.
private struct ManifestInspection {
    private(set) var problems: [String] = []
    private let manifest: Manifest
    private let attestation: Attestation?
    private let isPast: Bool

    init(_ manifest: Manifest, _ attestation: Attestation?, isPast: Bool) {
        self.manifest = manifest
        self.attestation = attestation
        self.isPast = isPast
    }

    mutating func inspect(_ office: inout ReleaseOffice) throws {
        let environment = manifest.environment
        guard office.release.environments.contains(environment) else {
            problems.append(
                "its environment \(shown(environment.utf8)) is not in policies/release.yml")
            return
        }
        inspectSignature(office)
        guard try inspectHead(office) else { return }
        let chain = try office.chain(environment)
        let links = chain.links.filter { $0.deployment.releaseID == manifest.releaseID }
        if links.isEmpty {
            if !manifest.statementLines.isEmpty {
                problems.append("it names statements that nobody signed")
            }
            try inspectUnstarted(office, chain)
        } else {
            try inspectStatements(links, office)
            try inspectStarted(&office, chain, links)
            if !isPast { inspectStanding(chain) }
        }
        for service in manifest.servicesWithoutDigest {
            problems.append("no digest is known for the image of \(shown(service.utf8))")
        }
    }

    private mutating func inspectSignature(_ office: ReleaseOffice) {
        guard let attestation else { return }
        do {
            let signer = try attestation.signer(
                in: Deployment.namespace, under: office.policy.signers)
            let able = office.policy.people.members(
                of: office.release.operators[manifest.environment] ?? [])
            if !able.contains(signer) {
                problems.append(
                    "it is signed by \(signer), who is no operator of"
                        + " \(shown(manifest.environment.utf8))")
            }
        } catch {
            problems.append("its attestation \(error.problem)")
        }
    }

    /// - Returns: whether there is anything to hold it against.
    private mutating func inspectHead(_ office: ReleaseOffice) throws -> Bool {
        let repository = office.repository
        guard let head = ObjectID(hex: manifest.head),
            try repository.header(head)?.kind == .commit
        else {
            problems.append(
                "its head \(shown(manifest.head.utf8)) is no commit here: it is of another"
                    + " repository, or of a branch that was not fetched")
            return false
        }
        if !manifest.base.isEmpty {
            guard let base = ObjectID(hex: manifest.base),
                try repository.header(base)?.kind == .commit
            else {
                problems.append("its base \(shown(manifest.base.utf8)) is no commit here")
                return false
            }
        }
        let ref = RefName(manifest.sourceRef)
        guard let tip = try office.workplace.view.resolve(ref).target else {
            problems.append("there is no \(ref) on the server")
            return false
        }
        let fetched = try office.workplace.clone.view(branches: [ref])
        guard
            try fetched.repository.firstParentChain(from: tip, until: head, limit: 10_000_000)
                != nil
        else {
            problems.append("its head \(head.short) is no landing of \(ref)")
            return false
        }
        return true
    }

    /// Made again from the same inputs it must be the same, and what the server asks of a start
    /// must hold: until one is signed, nobody else has looked at these images and changes.
    private mutating func inspectUnstarted(
        _ office: ReleaseOffice, _ chain: DeploymentChain
    ) throws {
        let plan = try remade(office)
        var plain = try Self.parse(plan.json().manifestBytes())
        putImages(into: &plain)
        compare(plain)
        inspectGates(plan.gates)
        // Teams that keep their marker elsewhere sign nothing, and no base is known of them here.
        let deployed = chain.deployed?.revision
        if chain.last != nil, deployed?.hex ?? "" != manifest.base {
            problems.append("its base is not what is deployed: \(deployed?.short ?? "nothing")")
        }
        for held in plan.heldChanges {
            problems.append("\(plan.title(of: held.landing)) is held back by \(held.by)")
        }
        let build = DeploymentChain.Build(revision: plan.range.head, images: manifest.images)
        if let before = office.environment(before: manifest.environment), !chain.hasDeployed(build),
            try !office.chain(before).proves(build)
        {
            problems.append("\(shown(before.utf8)) has not proven these images")
        }
    }

    private func remade(_ office: ReleaseOffice) throws -> ReleasePlan {
        let request = ReleaseOffice.PlanRequest(
            environment: manifest.environment, to: manifest.head,
            from: manifest.base.isEmpty ? nil : manifest.base, ref: manifest.sourceRef,
            created: manifest.createdOn, allowReverted: true,
            attempt: ReleaseOffice.attempt(of: manifest.releaseID))
        return try office.plan(request)
    }

    private mutating func inspectGates(_ gates: [LandingGate]) {
        for gate in gates where !gate.passed {
            let why = gate.problems.first.map { ": \($0)" } ?? ""
            problems.append("\(gate.landing.short) does not pass the gate\(why)")
        }
    }

    /// Digests that were set and are not signed yet.
    private mutating func putImages(into expected: inout Manifest) {
        for image in manifest.images {
            do {
                try expected.setImage(of: image.name, to: "\(image.uri)@sha256:\(image.digest)")
            } catch {
                problems.append("its image of \(shown(image.name.utf8)): it \(error.problem)")
            }
        }
    }

    private static func parse(_ bytes: [UInt8]) throws -> Manifest {
        try ManifestFile.parse(bytes, called: "the manifest")
    }

    /// Each statement of the release is signed by an operator; the manifest was made from some of
    /// the first of them.
    private mutating func inspectStatements(
        _ links: [DeploymentChain.Link], _ office: ReleaseOffice
    ) throws {
        let evidence = try office.workplace.view.evidence()
        let able = office.policy.people.members(
            of: office.release.operators[manifest.environment] ?? [])
        for link in links {
            let line = try evidence.lines(on: link.revision).first { $0.digest == link.digest }
            do throws(EvidenceError) {
                let signer = try line?.signer(under: office.policy.signers, arrival: nil)
                if signer.map(able.contains) != true {
                    problems.append(
                        "the statement \(link.deployment.outcome.rawValue) of"
                            + " \(link.deployment.createdOn) is signed by no operator")
                }
            } catch {
                problems.append(
                    "the statement \(link.deployment.outcome.rawValue) of"
                        + " \(link.deployment.createdOn) \(error.problem)")
            }
        }
        let known = links.map(\.digest.hex)
        if !known.starts(with: manifest.statementLines) {
            problems.append("its statements are not those that are signed")
        }
    }

    /// Whether it is still the release to deploy: a deploy script that is given yesterday's manifest
    /// must not bring back what was taken away since.
    private mutating func inspectStanding(_ chain: DeploymentChain) {
        guard let last = chain.last, let turn = chain.turn else { return }
        let (environment, id) = (shown(manifest.environment.utf8), shown(manifest.releaseID.utf8))
        let when = "on \(turn.deployment.createdOn), by \(shown(turn.deployment.operator.utf8))"
        if let removal = chain.removal(of: manifest.releaseID) {
            problems.append(
                "\(id) was taken back on \(removal.deployment.createdOn), by"
                    + " \(shown(removal.deployment.operator.utf8)): \(environment) may not have it")
        } else if !last.deployment.releaseID.utf8.elementsEqual(manifest.releaseID.utf8) {
            problems.append(
                "\(environment) has gone on to \(shown(last.deployment.releaseID.utf8)) \(when)")
        } else if last.deployment.outcome == .failed {
            problems.append("\(id) failed \(when): start it anew")
        }
    }

    /// The plan that was signed, the base that was deployed then, and the landings.
    private mutating func inspectStarted(
        _ office: inout ReleaseOffice, _ chain: DeploymentChain, _ links: [DeploymentChain.Link]
    ) throws {
        guard let first = links.first,
            let index = chain.links.firstIndex(where: { $0.digest == first.digest })
        else { return }
        if first.revision.hex != manifest.head {
            problems.append("what was signed is the deployment of \(first.revision.short)")
        }
        let before = chain.links[..<index]
        let deployed = before.last {
            $0.deployment.outcome == .succeeded || $0.deployment.outcome == .rolledBack
        }
        let expected = manifest.isRollback ? attempted(before) : deployed?.revision
        if expected?.hex ?? "" != manifest.base {
            problems.append(
                "its base is not what the statement before it deployed:"
                    + " \(expected?.short ?? "nothing")")
        }
        inspectGates(try gates(office))
        guard let plan = try office.planBytes(manifest.releaseID) else {
            problems.append("its plan is not on the server")
            return
        }
        if PlanDigest.of(plan) != first.deployment.planDigest {
            problems.append("the plan on the server is not the one that was signed")
        }
        let count = manifest.statementLines.count
        var whole = try Manifest(
            plan: plan, statements: Array(links.prefix(count)), ticks: manifest.ticked)
        // Digests that are not signed yet; a start that names them will.
        if links.prefix(count).last?.deployment.outcome == .started {
            putImages(into: &whole)
        }
        compare(whole)
    }

    /// What was tried before a rollback, which is what it takes away.
    private func attempted(_ before: ArraySlice<DeploymentChain.Link>) -> ObjectID? {
        before.last?.revision
    }

    private func gates(_ office: ReleaseOffice) throws -> [LandingGate] {
        let request = ReleaseOffice.PlanRequest(
            environment: manifest.environment, to: manifest.head,
            from: manifest.base.isEmpty ? nil : manifest.base, ref: manifest.sourceRef,
            created: manifest.createdOn, allowReverted: true)
        return try office.plan(request).gates
    }

    private mutating func compare(_ expected: Manifest) {
        for path in manifest.differences(from: expected).prefix(20) {
            problems.append("\(shown(path.utf8)) is not what it was made as")
        }
    }
}
