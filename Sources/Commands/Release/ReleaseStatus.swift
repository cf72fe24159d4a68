import ArgumentParser
import Evidence
import GitObjects
import History
import Hooks
import JSON
import Ledger
import Policy
import Release

/// `gate release status`: where each environment stands.
struct ReleaseStatus: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Says where each environment stands, from what is signed.",
        discussion: """
            Example: gate release status
                     gate release status --json
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions

    func run() throws {
        var office = try ReleaseOffice(global, train: step.train, key: step.key)
        var standings: [EnvironmentStanding] = []
        for environment in office.release.environments {
            standings.append(try office.standing(environment))
        }
        let holds = try office.standingHolds()
        if global.json {
            Screen.result([
                "schemaVersion": 1, "kind": "ReleaseStatus", "train": JSON(office.train),
                "environments": JSON(standings.map(\.json)),
                "holds": JSON(
                    holds.map { held, label in
                        [
                            "id": JSON(label.id(of: held.landing)),
                            "title": JSON(String(decoding: label.title, as: UTF8.self)),
                            "landing": JSON(held.landing.hex), "by": JSON(held.by.name),
                            "reason": JSON(held.hold.reason),
                            "createdOn": JSON(held.hold.createdOn),
                        ]
                    }),
            ])
            return
        }
        for standing in standings {
            for line in standing.lines { Screen.result(line) }
        }
        for (held, label) in holds {
            for line in ReleasePlan.Stop(held, label).lines { Screen.result(line) }
        }
    }
}

/// Where one environment stands.
struct EnvironmentStanding {
    let environment: String
    let chain: DeploymentChain
    /// Where the marker is; nil when there is none.
    let marker: ObjectID?
    /// What the promotion asks about and what is ticked besides, with whether it is; empty where
    /// nothing waits to be promoted.
    let checklist: [(id: String, text: String, isDone: Bool)]

    /// What is to be done next, as a command; nil: nothing here.
    var next: String?

    /// `none`, `unknown`, `succeeded`, `failed`, `rolled_back`.
    var state: String {
        guard let outcome = chain.last?.deployment.outcome else { return "none" }
        return outcome == .started ? "unknown" : outcome.rawValue
    }

    var lines: [String] {
        guard let last = chain.last, let turn = chain.turn else {
            return ["\(environment): nothing was deployed yet"] + nextLine
        }
        let who = shown(turn.deployment.operator.utf8)
        let release = shown(last.deployment.releaseID.utf8)
        let since = turn.deployment.createdOn
        var lines: [String] = []
        switch last.deployment.outcome {
        case .started:
            lines.append(
                "\(environment): unknown since \(since): \(release) at \(last.revision.short),"
                    + " started by \(who)")
        case .rolledBack:
            lines.append(
                "\(environment): taken back to \(last.revision.short) on \(since), by \(who):"
                    + " \(release)")
        case .succeeded, .failed:
            lines.append(
                "\(environment): \(release) at \(last.revision.short)"
                    + " \(last.deployment.outcome.words) on \(since), by \(who)")
        }
        if let deployed = chain.deployed, deployed.revision != last.revision {
            lines.append("  the last that is known to have run: \(deployed.revision.short)")
        }
        if chain.deployed?.revision != marker {
            lines.append("  its marker does not say so; gate release makes it good")
        }
        for override in last.deployment.overrides {
            lines.append(
                "  override of \(override.limit.rawValue): \(shown(override.reason.utf8))")
        }
        lines += checklist.map { item in
            "  [\(item.isDone ? "x" : " ")] \(item.id)  \(shown(item.text.utf8))"
        }
        return lines + nextLine
    }

    private var nextLine: [String] { next.map { ["  next: \($0)"] } ?? [] }

    var json: JSON {
        [
            "environment": JSON(environment), "state": JSON(state),
            "since": JSON(chain.turn?.deployment.createdOn ?? ""),
            "revision": JSON(chain.last?.revision.hex ?? ""),
            "line": JSON(chain.last?.digest.hex ?? ""),
            "deployment": chain.last?.deployment.facts ?? [:],
            "deployed": JSON(chain.deployed?.revision.hex ?? ""),
            "marker": JSON(marker?.hex ?? ""), "next": JSON(next ?? ""),
            "checklist": JSON(
                checklist.map { item in
                    ["id": JSON(item.id), "text": JSON(item.text), "done": JSON(item.isDone)]
                }),
        ]
    }
}

extension Deployment.Outcome {
    /// For a sentence.
    var words: String { self == .rolledBack ? "taken back" : rawValue }
}

extension ReleaseOffice {
    mutating func standing(_ environment: String) throws -> EnvironmentStanding {
        let chain = try chain(environment)
        let marker = ReleaseRefsGuard.marker(environment: environment, train: train)
        var items: [(id: String, text: String, isDone: Bool)] = []
        if let last = chain.last, last.deployment.outcome == .succeeded,
            self.environment(after: environment) != nil, try !isPassedOn(environment)
        {
            items = try checklist(of: environment).compactMap { item in
                let isDone = last.deployment.ticks.contains(item.id)
                return item.isNeeded || isDone ? (item.id, item.text, isDone) : nil
            }
        }
        var standing = EnvironmentStanding(
            environment: environment, chain: chain,
            marker: try workplace.view.resolve(marker).target, checklist: items)
        standing.next = try next(standing)
        return standing
    }

    /// The command by which an environment goes on; nil where it waits for nothing.
    private func next(_ standing: EnvironmentStanding) throws -> String? {
        let environment = standing.environment
        guard let last = standing.chain.last else {
            return self.environment(before: environment) == nil
                ? "gate release start --environment \(environment)" : nil
        }
        switch last.deployment.outcome {
        case .started:
            return "deploy it (gate manifest --of \(environment) -o manifest.json), then gate"
                + " release record --environment \(environment) --outcome succeeded, or failed"
        case .failed:
            guard let before = self.environment(before: environment) else {
                return "gate release start --environment \(environment)"
            }
            let isProven = try chain(before).last.map { $0.build == last.build } ?? false
            return isProven ? "gate release promote --to \(environment)" : nil
        case .rolledBack: return nil
        case .succeeded:
            guard let after = self.environment(after: environment),
                try chain(after).last?.build != last.build
            else { return nil }
            let open = standing.checklist.filter { !$0.isDone }.map(\.id)
            return open.isEmpty
                ? "gate release promote --to \(after)"
                : "gate release tick --environment \(environment) "
                    + open.joined(separator: " ")
        }
    }

    /// Whether the environment behind this one has what this one has proven: then its checklist was
    /// worked through.
    func isPassedOn(_ environment: String) throws -> Bool {
        guard let last = try chain(environment).last,
            let after = self.environment(after: environment)
        else { return false }
        return try chain(after).hasDeployed(last.build)
    }

    /// The holds on landings that the last environment lacks, each with what its change is called.
    func standingHolds() throws -> [(held: HeldChanges.Held, label: ChangeLabel)] {
        guard let tip = try workplace.view.resolve(release.ref).target else { return [] }
        let last = release.environments.last ?? ""
        let base = try chain(last).deployed?.revision
        let range = try LandingRange(from: base, to: tip, in: repository)
        let all = try held(in: range).all
        let names = Dictionary(
            range.landings.map { ($0.id, ChangeLabel(of: $0)) }, uniquingKeysWith: { one, _ in one }
        )
        return all.compactMap { held in names[held.landing].map { (held, $0) } }
    }
}
