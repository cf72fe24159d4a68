import Enforcement
import Evidence
import Files
import Git
import GitObjects
import History
import Hooks
import Ledger
import Policy
import Spawn

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What `gate install --server --runner` adds: the settings by which the server's hook starts
/// `gate ci` after each push.
struct RunnerInstallation {
    let site: Site
    /// The absolute path of the key.
    let key: String
    /// As whom checks run.
    let user: String?
    let jobs: Int?
    /// The gate that the hooks run.
    private let program: String

    /// Whose key it is; nil while there is no policy that says so.
    private(set) var principal: Principal?

    /// Looks whether it would work, before anything is changed.
    init(site: Site, program: String, key: String?, user: String?, jobs: Int?) throws {
        self.site = site
        self.program = program
        guard let named = try key ?? site.repository.localConfiguration(RunnerSettings.keyKey)
        else {
            throw CommandFailure.usage(
                "--runner needs the key that signs the results",
                details: ["the private key of a principal whose test results count, without a"]
                    + ["passphrase, readable by the user as whom pushes arrive"],
                hint: "gate install --server --runner --key FILE "
                    + shellWord(site.repository.gitDirectory.utf8))
        }
        do {
            self.key = try File.realPath(named)
        } catch {
            throw CommandFailure.usage("the key \(shown(error.description.utf8))")
        }
        self.user = user
        self.jobs = jobs
        if let user { _ = try Account(named: user) }
        try requireUsable()
        principal = try signer()
    }

    /// Nobody is there to be asked for a passphrase, and there is no agent.
    private func requireUsable() throws {
        let words = ["ssh-keygen", "-y", "-P", "", "-f", key]
        let result = try Child(words, timeout: 30).run()
        guard result.succeeded else {
            let said = result.errorOutput.split(separator: 0x0a).last.map { shown($0) }
            throw CommandFailure.usage(
                "\(shown(key.utf8)) cannot sign by itself: \(said ?? "it is no private key")",
                hint: "make one for this: ssh-keygen -t ed25519 -N '' -f FILE; then, in a clone:"
                    + " gate people add ci@… --key FILE.pub --team ci")
        }
    }

    private func signer() throws -> Principal? {
        let repository = site.repository
        guard let tip = try repository.head().target else { return nil }
        let policies = CommittedPolicies(history: repository)
        guard try !policies.files(at: tip).contents.isEmpty else { return nil }
        let policy = try policies.policy(at: tip).get()
        let signer = try Signer(
            repository, signers: policy.signers, key: key, namespace: TestResult.namespace)
        let signers = policy.checkSigners()
        guard signers.contains(signer.principal) else {
            throw CommandFailure.usage(
                "\(shown(signer.principal.name.utf8)) is nobody whose test results count",
                details: [
                    signers.isEmpty
                        ? "no ruleset of the policy has required_status_checks"
                        : "those who may sign them: \(Checklist.names(signers.sorted()))"
                ], hint: "name their key: --key FILE")
        }
        return signer.principal
    }

    /// The settings, in the order in which they are written: the one that switches it on is last.
    var settings: [(name: String, value: String)] {
        var settings = [(RunnerSettings.keyKey, key)]
        if let user { settings.append((RunnerSettings.userKey, user)) }
        if let jobs { settings.append((RunnerSettings.jobsKey, String(jobs))) }
        return settings + [(RunnerSettings.runnerKey, "true")]
    }

    var lines: [String] {
        var lines = [
            "runner  after each push, signed by "
                + (principal.map { shown($0.name.utf8) } ?? "whoever the policy says")
                + " with \(shown(key.utf8))",
            "log     \(shown((site.repository.commonDirectory + "/gate/ci.log").utf8))",
        ]
        if principal == nil {
            lines.append("note    there is no policy yet: gate doctor will say whose key it is")
        }
        return lines + (user.map(advice) ?? Self.warning)
    }

    private static let warning = [
        "warning what is pushed runs as the user who owns this repository: it can read",
        "        the key, and change refs, hooks and settings past every rule; unless you",
        "        trust all who push, run it as another user: --run-as USER",
    ]

    /// What another user needs once.
    private func advice(_ user: String) -> [String] {
        let folder = site.repository.commonDirectory
        let copy = ServerCopy(of: site.repository, in: folder + "/gate/ci")
        var lines = [
            "checks  run as \(shown(user.utf8)); once, so that git lets them read here:",
            "        sudo -u \(shellWord(user.utf8)) -H git config --global --add safe.directory "
                + shellWord(copy.path.utf8),
        ]
        let owner = FileStatus(folder, followsLinks: true)?.owner ?? 0
        if owner != 0 {
            lines += [
                "        and, so that the hook may start them, in a file of /etc/sudoers.d:",
                "        #\(owner) ALL=(\(shown(user.utf8))) NOPASSWD: "
                    + "\(shown(program.utf8)) ci-worker",
            ]
        }
        return lines
    }
}
