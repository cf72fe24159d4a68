public import ArgumentParser
public import Evidence
import GitObjects
import Ledger
import Release

/// `gate release record`: what became of a deployment.
struct ReleaseRecord: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Records what became of a deployment: started, succeeded, failed, rolled_back.",
        discussion: """
            started names the images that are deployed, before they are: gate manifest set-image \
            puts their digests into the manifest. succeeded needs a started with the very same \
            images. For a rollback succeeded is recorded as rolled_back. Said again it changes \
            nothing.

            Example: gate release record --environment staging --outcome started \
            --manifest manifest.json
                     gate release record --environment staging --outcome succeeded
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("The environment.", valueName: "name"))
    var environment: String

    @Option(help: ArgumentHelp("started, succeeded, failed or rolled_back.", valueName: "word"))
    var outcome: Deployment.Outcome

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The manifest with the images' digests.", valueName: "file"))
    var manifest: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the manifest as it is then to this file.", valueName: "file"))
    var output: String?

    func run() throws {
        var office = try ReleaseOffice(global, train: step.train, key: step.key)
        let environment = try office.environment(environment)
        let file = try manifest.map { try ManifestFile(path: global.path($0)).read() }
        try office.record(outcome, on: environment, file, called: manifest ?? "")
        // What is given up because its plan was lost has no manifest.
        guard let made = try office.knownManifest(of: environment) else { return }
        try ReleaseReport(global, output: output).tell(made)
    }
}

extension Deployment.Outcome: ExpressibleByArgument {}

extension ReleaseOffice {
    mutating func record(
        _ asked: Deployment.Outcome, on environment: String, _ file: Manifest?, called name: String
    ) throws {
        try settle(environment)
        let chain = try chain(environment)
        guard let last = chain.last else {
            throw CommandFailure.refused(
                "no \(asked.rawValue) without its started: nothing was started on \(environment)",
                hint: "gate release start --environment \(environment)")
        }
        if let file { try requireSame(file, last, called: name) }
        // A deployment can be given up though its plan was lost.
        let manifest = asked == .failed ? nil : try manifest(of: environment)
        var outcome = asked
        if asked == .succeeded, manifest?.isRollback == true { outcome = .rolledBack }
        let images = merged(last.deployment.images, file?.images ?? [])
        if last.deployment.outcome == outcome, last.deployment.images == images {
            Screen.note("\(environment): \(outcome.words) was recorded before")
            return
        }
        var next = last.deployment
        next.outcome = outcome
        next.images = images
        next.createdOn = ReleaseOptions.now.description
        try refuseIfWrong(next, chain, manifest)
        try publish([(next, last.revision)], on: environment)
        try settle(environment)
    }

    /// The manifest in a file must be that of the release under way, unchanged but for what
    /// statements add.
    private func requireSame(
        _ file: Manifest, _ last: DeploymentChain.Link, called name: String
    ) throws {
        guard file.releaseID == last.deployment.releaseID else {
            throw CommandFailure.refused(
                "\(shown(name.utf8)) is the manifest of \(shown(file.releaseID.utf8)), and"
                    + " \(shown(last.deployment.releaseID.utf8)) is under way",
                hint: "gate manifest --of \(last.deployment.environment) -o"
                    + " \(shown(name.utf8))")
        }
        guard PlanDigest.of(file.planBytes()) == last.deployment.planDigest else {
            throw CommandFailure.refused(
                "\(shown(name.utf8)) was edited: it is not the plan that was signed",
                hint: "gate manifest verify \(shown(name.utf8))")
        }
    }

    private func merged(
        _ standing: [Deployment.Image], _ named: [Deployment.Image]
    ) -> [Deployment.Image] {
        (named + standing).sortedByName
    }

    private func refuseIfWrong(
        _ next: Deployment, _ chain: DeploymentChain, _ manifest: Manifest?
    ) throws {
        guard let last = chain.last else { return }
        let environment = next.environment
        if next.outcome == .succeeded || next.outcome == .rolledBack {
            guard last.deployment.outcome == .started else {
                throw CommandFailure.refused(
                    "no \(next.outcome.rawValue) without its started: \(environment) is"
                        + " \(last.deployment.outcome.rawValue) since"
                        + " \(last.deployment.createdOn)",
                    hint: "gate release status")
            }
            guard last.deployment.images == next.images else {
                throw CommandFailure.refused(
                    "these are not the images with which \(environment) was started",
                    hint: "before a deployment: gate release record --environment \(environment)"
                        + " --outcome started --manifest FILE")
            }
            let missing = manifest?.servicesWithoutDigest ?? []
            guard missing.isEmpty else {
                throw CommandFailure.refused(
                    "no image is known for \(missing.map { shown($0.utf8) }.joined(separator: ", "))",
                    hint: "gate manifest set-image, then gate release record --environment"
                        + " \(environment) --outcome started --manifest FILE")
            }
        }
        if next.outcome == .started, last.deployment.outcome != .started {
            throw CommandFailure.refused(
                "\(environment) is \(last.deployment.outcome.rawValue): nothing is under way",
                hint: "gate release start --environment \(environment)")
        }
        var follower = next
        follower.previous = last.digest
        if let problem = chain.problem(with: follower, on: last.revision) {
            throw CommandFailure.refused(problem, hint: "gate release status")
        }
    }
}
