import ArgumentParser
import Evidence
import Git
import GitObjects
import History
import Hooks
import JSON
import Ledger
import Policy
import Release

/// `gate release hold`: a change is not to be deployed.
struct ReleaseHold: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Holds a change back: pushes end before it until it is released or reverted.",
        discussion: """
            CHANGE is a landing of the branch, or its number: '#12'. Who may deploy to any \
            environment may hold. Whoever misses the change tomorrow reads the reason.

            Example: gate release hold '#12' --reason 'Payouts are counted twice'
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions

    @Argument(help: "The change.")
    var change: String

    @OptionGroup var why: ReasonOption

    func run() throws {
        let reason = why.text ?? "no reason given"
        let office = try ReleaseOffice(global, train: step.train, key: step.key)
        let landing = try office.landing(change)
        let scribe = try office.scribe(for: nil)
        let standing = try office.holds(on: landing)
        if standing.contains(where: { $0.by == scribe.principal && $0.hold.reason == reason }) {
            try office.report(nil, isHeld: true, landing, global)
            return
        }
        let hold = Hold(
            state: .held, ref: office.release.ref, reason: reason,
            createdOn: ReleaseOptions.now.description)
        let line = try scribe.sign(.hold(hold), about: landing)
        try scribe.publish([line])
        try office.report(
            EvidenceLine(line, principal: scribe.principal), isHeld: true, landing, global)
    }
}

/// `gate release unhold`: a change may be deployed again.
struct ReleaseUnhold: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unhold",
        abstract: "Releases a change from its holds.",
        discussion: """
            Example: gate release unhold '#12' --reason 'Repaired in #14'
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions

    @Argument(help: "The change: a landing of the branch, or its number.")
    var change: String

    @OptionGroup var why: ReasonOption

    func run() throws {
        let office = try ReleaseOffice(global, train: step.train, key: step.key)
        let landing = try office.landing(change)
        let scribe = try office.scribe(for: nil)
        let standing = try office.holds(on: landing)
        guard !standing.isEmpty else {
            try office.report(nil, isHeld: false, landing, global)
            return
        }
        let hold = Hold(
            state: .released, ref: office.release.ref, reason: why.text ?? "no reason given",
            supersedes: standing.map(\.line).sorted(),
            createdOn: ReleaseOptions.now.description)
        let line = try scribe.sign(.hold(hold), about: landing)
        try scribe.publish([line])
        try office.report(
            EvidenceLine(line, principal: scribe.principal), isHeld: false, landing, global)
    }
}

/// Why something is done, for everybody to read.
///
/// Nobody is kept from holding a change back in an outage because no word comes to mind.
struct ReasonOption: ParsableArguments {
    @Option(
        name: .customLong("reason"),
        help: ArgumentHelp("Why; everybody will read it.", valueName: "text"))
    var text: String?

    func validate() throws {
        if let text, text.allSatisfy(\.isWhitespace) {
            throw ValidationError("--reason is not empty")
        }
    }
}

extension ReleaseOffice {
    /// Landings further back are not looked through for a number.
    private static var searchLimit: Int { 5_000 }

    /// The holds in a range.
    func held(in range: LandingRange) throws -> HeldChanges {
        try HeldChanges(
            range, in: repository, evidence: try workplace.view.evidence(), policy: policy)
    }

    /// What people call a landing: `#12 Pay out in CAD`.
    func title(of landing: ObjectID) throws -> String {
        let label = ChangeLabel(of: try repository.commit(landing))
        return "\(label.id(of: landing)) \(shown(label.title))"
    }

    func holds(on landing: ObjectID) throws -> [HeldChanges.Held] {
        try HeldChanges.holds(
            on: landing, evidence: try workplace.view.evidence(), policy: policy)
    }

    /// Says what was signed about a landing.
    ///
    /// - Parameter evidence: nil: nothing, because it was so already.
    func report(
        _ evidence: EvidenceLine?, isHeld: Bool, _ landing: ObjectID, _ global: GlobalOptions
    ) throws {
        let title = try title(of: landing)
        if evidence == nil { Screen.note("\(title) is \(isHeld ? "" : "not ")held back already") }
        if global.json {
            Screen.result(
                JSON(
                    [
                        "schemaVersion": 1, "kind": "Hold", "landing": JSON(landing.hex),
                        "title": JSON(title), "held": JSON(isHeld),
                        "evidence": evidence?.json ?? .null,
                    ] as JSON.Object))
        } else if let evidence {
            Screen.result("\(title): \(evidence.words)")
        }
    }

    /// A landing of the released branch by its number or as a revision.
    func landing(_ change: String) throws -> ObjectID {
        guard let tip = try workplace.view.resolve(release.ref).target else {
            throw CommandFailure.usage("there is no \(release.ref) on \(workplace.server)")
        }
        let isNumber = change.hasPrefix("#") || change.hasPrefix("!")
        let asked = isNumber ? nil : try workplace.clone.commit(change)
        var next: ObjectID? = tip
        var seen = 0
        while let id = next, seen < Self.searchLimit {
            let commit = try repository.commit(id)
            if id == asked { return id }
            if isNumber, ChangeLabel(of: commit).reference?.description == change { return id }
            next = commit.parents.first
            seen += 1
        }
        throw CommandFailure.usage(
            isNumber
                ? "no landing of \(release.ref.short) has the number \(shown(change.utf8))"
                : "\(shown(change.utf8)) is no landing of \(release.ref.short)",
            hint: "git log --first-parent --oneline \(release.ref.short)")
    }
}
