import Enforcement
import Files
import GitObjects
import JSON

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a runner is doing and has done, in a file that `gate ci --status` reads. Written whole each
/// time; a run that was killed leaves its last word.
struct RunnerState {
    /// One check's result on one tree.
    struct Result: Equatable {
        var check: String
        /// `passed`, `failed`, `timed_out`, `could_not_run`.
        var result: String
        var reason: String

        var json: JSON {
            ["name": JSON(check), "result": JSON(result), "reason": JSON(reason)]
        }
    }

    /// The checks of one tree.
    struct Run: Equatable {
        /// `fix-payout`, `master`.
        var branch: String
        var isLanding: Bool
        var commit: String
        var tree: String
        var finishedOn: String
        var results: [Result]

        var json: JSON {
            [
                "ref": JSON(branch), "landing": JSON(isLanding), "commit": JSON(commit),
                "tree": JSON(tree), "finishedOn": JSON(finishedOn),
                "checks": JSON(results.map(\.json)),
            ]
        }
    }

    /// The last runs, newest last.
    private static let kept = 20

    private let file: String
    var process: Int64 = 0
    /// When it began to look for work. It looks for all that was pushed before.
    var startedOn: String?
    var finishedOn: String?
    /// `fix-payout 9ab03e7: pylint mypy`; nil: nothing is run.
    var current: String?
    /// Why the last run ended early; nil: it ended as it should.
    var problem: String?
    private(set) var runs: [Run] = []

    init(in folder: String) throws {
        file = folder + "/status.json"
        guard let bytes = try File.readIfPresent(file, limit: 4 << 20) else { return }
        let value: JSON
        do {
            value = try JSON(parsing: bytes)
        } catch {
            return  // it only tells what was
        }
        process = value["process"]?.integerValue ?? 0
        startedOn = value["startedOn"]?.stringValue
        finishedOn = value["finishedOn"]?.stringValue
        current = value["current"]?.stringValue
        problem = value["problem"]?.stringValue
        runs = (value["runs"]?.arrayValue ?? []).compactMap(Run.init)
    }

    mutating func add(_ run: Run) {
        runs = Array((runs + [run]).suffix(Self.kept))
    }

    func write() throws { try File.write(json.canonical() + [0x0a], to: file) }

    var json: JSON {
        [
            "process": JSON(process), "startedOn": JSON(startedOn), "finishedOn": JSON(finishedOn),
            "current": JSON(current), "problem": JSON(problem), "runs": JSON(runs.map(\.json)),
        ]
    }
}

extension RunnerState.Run {
    fileprivate init?(_ json: JSON) {
        guard let branch = json["ref"]?.stringValue, let isLanding = json["landing"]?.boolValue,
            let commit = json["commit"]?.stringValue, let tree = json["tree"]?.stringValue,
            let finishedOn = json["finishedOn"]?.stringValue,
            let checks = json["checks"]?.arrayValue
        else { return nil }
        self.init(
            branch: branch, isLanding: isLanding, commit: commit, tree: tree,
            finishedOn: finishedOn,
            results: checks.compactMap { check in
                guard let name = check["name"]?.stringValue,
                    let result = check["result"]?.stringValue
                else { return nil }
                return RunnerState.Result(
                    check: name, result: result, reason: check["reason"]?.stringValue ?? "")
            })
    }
}
