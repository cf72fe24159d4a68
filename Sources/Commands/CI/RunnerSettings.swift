import Git
import GitObjects

/// How a runner works: what the command line says, else what `gate install --server --runner` wrote
/// into the repository's own configuration.
struct RunnerSettings {
    /// The server's hook starts runs.
    static let runnerKey = "gate.runner"
    /// The file of the signing key.
    static let keyKey = "gate.runnerkey"
    /// How many checks run at the same time.
    static let jobsKey = "gate.runnerjobs"
    /// The user as whom checks run.
    static let userKey = "gate.runneruser"

    /// All of them, in the order in which they are written.
    static let names = [keyKey, userKey, jobsKey, runnerKey]

    var key: String?
    var user: String?
    var jobs: Int

    init(
        _ repository: Repository, key: String? = nil, user: String? = nil, jobs: Int? = nil
    ) throws {
        self.key = try key ?? repository.localConfiguration(Self.keyKey)
        self.user = try user ?? repository.localConfiguration(Self.userKey)
        let configured = try repository.localConfiguration(Self.jobsKey)
        self.jobs = jobs ?? configured.flatMap { Int($0) } ?? 1
    }

    /// Whether the server's hook starts runs here.
    static func isOn(_ repository: Repository) throws -> Bool {
        try repository.localConfiguration(runnerKey) == "true"
    }
}
