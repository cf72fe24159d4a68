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
            Screen.result(
                "held back: \(label.id(of: held.landing)) \(shown(label.title)) by \(held.by):"
                    + " \(shown(held.hold.reason.utf8))")
        }
    }
}

/// Where one environment stands.
struct EnvironmentStanding {
    let environment: String
    let chain: DeploymentChain
    /// Where the marker is; nil when there is none.
    let marker: ObjectID?
    /// Required items with whether they are ticked; empty where nothing is deployed.
    let checklist: [(id: String, text: String, isDone: Bool)]

    /// `none`, `unknown`, `succeeded`, `failed`, `rolled_back`.
    var state: String {
        guard let outcome = chain.last?.deployment.outcome else { return "none" }
        return outcome == .started ? "unknown" : outcome.rawValue
    }

    var lines: [String] {
        guard let last = chain.last else { return ["\(environment): nothing was deployed yet"] }
        let who = shown(last.deployment.operator.utf8)
        let release = shown(last.deployment.releaseID.utf8)
        var lines: [String] = []
        if chain.open != nil {
            lines.append(
                "\(environment): unknown since \(chain.beginning?.deployment.createdOn ?? ""):"
                    + " \(release) at \(last.revision.short), started by \(who)")
        } else {
            lines.append(
                "\(environment): \(release) at \(last.revision.short) \(state) on"
                    + " \(last.deployment.createdOn), by \(who)")
        }
        if let deployed = chain.deployed, deployed.revision != last.revision {
            lines.append("  the last that ran: \(deployed.revision.short)")
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
        return lines
    }

    var json: JSON {
        [
            "environment": JSON(environment), "state": JSON(state),
            "since": JSON(
                (chain.open == nil ? chain.last : chain.beginning)?.deployment.createdOn ?? ""),
            "revision": JSON(chain.last?.revision.hex ?? ""),
            "line": JSON(chain.last?.digest.hex ?? ""),
            "deployment": chain.last?.deployment.facts ?? [:],
            "deployed": JSON(chain.deployed?.revision.hex ?? ""),
            "marker": JSON(marker?.hex ?? ""),
            "checklist": JSON(
                checklist.map { item in
                    ["id": JSON(item.id), "text": JSON(item.text), "done": JSON(item.isDone)]
                }),
        ]
    }
}

extension ReleaseOffice {
    mutating func standing(_ environment: String) throws -> EnvironmentStanding {
        let chain = try chain(environment)
        let marker = ReleaseRefsGuard.marker(environment: environment, train: train)
        var items: [(id: String, text: String, isDone: Bool)] = []
        if let last = chain.last, last.deployment.outcome == .succeeded,
            self.environment(after: environment) != nil
        {
            items = try checklist(of: environment).map { item in
                (item.id, item.text, last.deployment.ticks.contains(item.id))
            }
        }
        return EnvironmentStanding(
            environment: environment, chain: chain,
            marker: try workplace.view.resolve(marker).target, checklist: items)
    }

    /// The holds on landings that the last environment lacks, each with what its change is called.
    func standingHolds() throws -> [(held: HeldChanges.Held, label: ChangeLabel)] {
        guard let tip = try workplace.view.resolve(release.ref).target else { return [] }
        let last = release.environments.last ?? ""
        let base = try chain(last).deployed?.revision
        let range = try LandingRange(from: base, to: tip, in: repository)
        let all = try HeldChanges(
            range, in: repository, evidence: try workplace.view.evidence(), policy: policy
        ).all
        let names = Dictionary(
            range.landings.map { ($0.id, ChangeLabel(of: $0)) }, uniquingKeysWith: { one, _ in one }
        )
        return all.compactMap { held in names[held.landing].map { (held, $0) } }
    }
}
