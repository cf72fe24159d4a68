import Enforcement
import Files
import GitObjects
import JSON

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `gate ci --status`: what a runner in this repository is doing and has done. Asks no server.
struct RunnerStatus {
    private let place: RunnerPlace
    private let state: RunnerState
    private let isOn: Bool
    private let isRunning: Bool
    /// A push has started a run that has not begun to look for work yet.
    private var isStarting = false
    /// The same, and it is so long ago that it never will.
    private var hasNotStarted = false
    /// Seconds after which a run that was started should have begun.
    private static let patience: Int64 = 60

    init(_ place: RunnerPlace) throws {
        self.place = place
        isOn = try RunnerSettings.isOn(place.repository)
        isRunning = try place.isAtWork()
        state = try RunnerState(in: place.folder)
        // These sort as they follow each other.
        if !isRunning, let start = place.lastStart, UTCTime.text(start) > state.startedOn ?? "" {
            hasNotStarted = Int64(time(nil)) - start > Self.patience
            isStarting = !hasNotStarted
        }
    }

    /// The last run was killed: it says neither that it ended nor that it runs.
    private var wasKilled: Bool {
        !isRunning && !isStarting && state.startedOn != nil && state.finishedOn == nil
    }

    func show(asJSON: Bool) throws {
        if asJSON {
            var object = JSON.Object([
                ("schemaVersion", 1), ("kind", "CIStatus"), ("running", JSON(isRunning)),
                ("starting", JSON(isStarting)),
                ("killed", JSON(wasKilled)),
                ("afterEachPush", JSON(isOn)), ("log", JSON(shown(place.log.utf8))),
            ])
            for member in state.json.objectValue?.members ?? [] {
                object[member.name] = member.value
            }
            return Screen.result(JSON(object))
        }
        try lines().forEach { Screen.result($0) }
    }

    private func lines() throws -> [String] {
        var lines: [String] = []
        if isRunning {
            lines.append(
                "state   running since \(state.startedOn ?? "now"), process \(state.process)")
            if let current = state.current { lines.append("now     \(current)") }
        } else if isStarting {
            lines.append("state   starting, after a push")
        } else if wasKilled {
            lines.append("state   idle; the last run was killed, the next one takes over")
            if let current = state.current { lines.append("was at  \(current)") }
        } else if let finished = state.finishedOn {
            lines.append("state   idle since \(finished)")
        } else {
            lines.append("state   idle; nothing has run here yet")
        }
        if place.isServer {
            lines.append(
                isOn
                    ? "start   after each push"
                    : "start   by hand; after each push: gate install --server --runner --key FILE")
        }
        if hasNotStarted {
            lines.append("problem the run that the last push started has not begun: see the log")
        }
        if let problem = state.problem, !isRunning {
            lines.append("problem \(shown(problem.utf8))")
        }
        for run in state.runs.suffix(8) {
            let landing = run.isLanding ? " (landing)" : ""
            for result in run.results {
                let words = result.result.split(separator: "_").joined(separator: " ")
                let reason = result.reason.isEmpty ? "" : ": \(shown(result.reason.utf8))"
                lines.append(
                    "result  \(run.finishedOn)  \(run.branch) \(run.commit.prefix(7))\(landing)  "
                        + "\(shown(result.check.utf8)) \(words)\(reason)")
            }
        }
        if File.exists(place.log) { lines.append("log     \(shown(place.log.utf8))") }
        return lines
    }
}
