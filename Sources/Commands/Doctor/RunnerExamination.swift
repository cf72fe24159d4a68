import Enforcement
import Files
import Git
import GitObjects
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Whether the checks that a server's hook starts after each push can run, and how the last did.
struct RunnerExamination {
    let site: Site

    private var folder: String { shellWord(site.repository.gitDirectory.utf8) }

    func examine(_ examination: inout Examination) {
        examination.look("runner") { examination in
            guard try RunnerSettings.isOn(site.repository) else { return }
            let settings = try RunnerSettings(site.repository)
            examineKey(settings.key, &examination)
            examineUser(settings.user, &examination)
            let runner = try RunnerInstallation(
                site: site, program: "", key: nil, user: nil, jobs: nil)
            guard let principal = runner.principal else {
                return examination.add(
                    .warn, "runner", "there is no policy yet that says whose its key is")
            }
            examination.add(
                .ok, "runner", "after each push; signs as \(shown(principal.name.utf8))")
        }
        examination.look("runs") { try examineRuns(&$0) }
    }

    /// The hook runs as whoever pushes arrive as: mostly the owner of the repository.
    private func examineKey(_ key: String?, _ examination: inout Examination) {
        guard let key, let status = FileStatus(key, followsLinks: true) else { return }
        let owner = FileStatus(site.repository.commonDirectory, followsLinks: true)?.owner
        if let owner, owner != status.owner {
            examination.add(
                .wrong, "runner",
                "\(shown(key.utf8)) belongs to another user than the repository, as whose owner"
                    + " hooks run, and cannot be used there",
                repair: "chown --reference=\(folder) \(shellWord(key.utf8))")
        }
        if status.mode & 0o077 != 0 {
            examination.add(
                .wrong, "runner", "others may read \(shown(key.utf8)), so ssh-keygen refuses it",
                repair: "chmod 600 \(shellWord(key.utf8))")
        }
    }

    private func examineUser(_ user: String?, _ examination: inout Examination) {
        guard let user else {
            return examination.add(
                .warn, "runner",
                "what is pushed runs as the user who owns the repository: it can read the key, and"
                    + " change refs, hooks and settings past every rule",
                repair: "gate install --server --runner --run-as USER \(folder)")
        }
        examination.look("runner") { examination in
            let account = try Account(named: user)
            examination.add(.ok, "runner", "checks run as \(shown(user.utf8)), \(account.id)")
        }
    }

    /// Seconds after which a run is likely to be stuck.
    private static let longRun: Int64 = 86_400

    private func examineRuns(_ examination: inout Examination) throws {
        let place = try RunnerPlace(site.repository)
        guard File.isFolder(place.folder) else { return }
        let state = try RunnerState(in: place.folder)
        let isRunning = try place.isAtWork()
        let status = "gate ci --status -C \(folder)"
        if isRunning {
            let isLong = state.startedOn.map { $0 < UTCTime.text(Int64(time(nil)) - Self.longRun) }
            examination.add(
                isLong == true ? .warn : .ok, "runs",
                "process \(state.process) runs since \(state.startedOn ?? "now")",
                repair: isLong == true ? "\(status); kill \(state.process)" : nil)
        } else if let problem = state.problem {
            examination.add(
                .warn, "runs", "the last one ended early: \(shown(problem.utf8))", repair: status)
        } else if state.startedOn != nil, state.finishedOn == nil {
            examination.add(
                .warn, "runs", "the last one was killed; the next push takes over",
                repair: "gate ci --once -C \(folder)")
        }
        for run in state.runs.suffix(1) {
            for result in run.results where result.result == "could_not_run" {
                examination.add(
                    .warn, "runs",
                    "\(shown(result.check.utf8)) could not run: \(shown(result.reason.utf8))",
                    repair: status)
            }
        }
    }
}
