import ArgumentParser
import Evidence
import Git
import GitObjects
import History
import Hooks
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
            environment may hold.

            Example: gate release hold '#12' --reason 'Payouts are counted twice'
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var step: ReleaseStepOptions

    @Argument(help: "The change.")
    var change: String

    @Option(help: ArgumentHelp("Why; everybody will read it.", valueName: "text"))
    var reason: String

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is not empty") }
    }

    func run() throws {
        let office = try ReleaseOffice(global, train: step.train, key: step.key)
        let landing = try office.landing(change)
        let scribe = try office.scribe(for: nil)
        let standing = try office.holds(on: landing)
        if standing.contains(where: { $0.by == scribe.principal && $0.hold.reason == reason }) {
            Screen.note("\(try office.title(of: landing)) is held back already")
            return
        }
        let hold = Hold(
            state: .held, ref: office.release.ref, reason: reason,
            createdOn: ReleaseOptions.now.description)
        let line = try scribe.sign(.hold(hold), about: landing)
        try scribe.publish([line])
        Screen.result(
            "\(try office.title(of: landing)): "
                + EvidenceLine(line, principal: scribe.principal).words)
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

    @Option(help: ArgumentHelp("Why; everybody will read it.", valueName: "text"))
    var reason: String

    func validate() throws {
        if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason is not empty") }
    }

    func run() throws {
        let office = try ReleaseOffice(global, train: step.train, key: step.key)
        let landing = try office.landing(change)
        let scribe = try office.scribe(for: nil)
        let standing = try office.holds(on: landing)
        guard !standing.isEmpty else {
            Screen.note("\(try office.title(of: landing)) is not held back")
            return
        }
        let hold = Hold(
            state: .released, ref: office.release.ref, reason: reason,
            supersedes: standing.map(\.line).sorted(),
            createdOn: ReleaseOptions.now.description)
        let line = try scribe.sign(.hold(hold), about: landing)
        try scribe.publish([line])
        Screen.result(
            "\(try office.title(of: landing)): "
                + EvidenceLine(line, principal: scribe.principal).words)
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
