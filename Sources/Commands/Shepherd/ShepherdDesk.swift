import Git
import GitObjects
import Policy
import Release

/// Draws shepherds from what the server's default branch says.
struct ShepherdDesk {
    private let history: RosterHistory
    private let first: CalendarDate
    private let branch: RefName

    init(_ options: ShepherdOptions, in folder: String) throws {
        first = try Self.day(options.date)
        let clone = try Clone(at: folder)
        let refs = try ReleaseRefs(clone, offline: options.offline)
        branch = refs.defaultBranch
        do {
            guard let tip = try refs.target(branch) else {
                throw CommandFailure.usage("there is no \(branch) yet")
            }
            history = try RosterReading(repository: clone.repository).history(upTo: tip)
        } catch let error as GitError {
            throw CommandFailure(error)
        }
    }

    func draw() throws -> ShepherdDraw {
        guard let draw = try draws(days: 1).first else { throw noRotation }
        return draw
    }

    /// The draws of some days, the first of which the options name.
    func draws(days: Int) throws -> [ShepherdDraw] {
        let end = Timestamp(seconds: Int64(first.daysSince1970 + days - 1) * 86_400)
        guard let last = end.day, last.year <= Self.lastYear else {
            throw CommandFailure.usage("no shepherd is drawn so far ahead")
        }
        let draws = ShuffleBag.draws(first...last, history)
        if draws.isEmpty { throw noRotation }
        return draws
    }

    private static let lastYear = 2999

    private var noRotation: CommandFailure {
        if let since = history.steps.first?.since {
            return .usage(
                "\(branch.short) has had a rotation since \(since) only",
                hint: "gate shepherd --date \(since)")
        }
        return .usage(
            "policies/release.yml on \(branch.short) names no rotation",
            hint: "rotation: {team: engineering}")
    }

    private static func day(_ text: String?) throws -> CalendarDate {
        guard let text else {
            guard let today = ReleaseOptions.now.day else {
                throw CommandFailure.undetermined("the clock says no day between 1970 and 9999")
            }
            return today
        }
        guard let day = CalendarDate(text) else {
            throw CommandFailure.usage(
                "\(shown(text.utf8)) is no day", hint: "gate shepherd --date 2026-11-24")
        }
        return day
    }
}
