import History
import Spawn
import ArgumentParser
import Enforcement
import Evidence
import Files
import Git
import GitObjects
import Hooks
import JSON
import Ledger
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `gate trust`: the server's owner closes the gate.
struct Trust: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Closes the gate: from here on only what the policy allows lands.",
        discussion: """
            For the server's owner, in the bare repository. It shows the rulesets, people and \
            keys of the default branch, asks once, and records its tip. From then on the policy \
            must descend from that commit, and a missing or broken one refuses. The same command \
            is the recovery: it trusts the present tip instead.

            Example:
              gate trust -C /srv/git/system.git
            """)

    /// The commit that is trusted, for people and clones to see; the hook reads the configuration.
    static let ref: RefName = "refs/gate/trusted"

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Do not ask: what is shown was read before.")
    var yes = false

    func run() throws {
        try requireOwnersShell()
        let site = try Site(at: global.directory)
        let before = try requireInstallation(site)
        let tip = try defaultTip(site)
        let place = try PolicyPlace(revision: tip.commit.hex, in: site.repository)
        let policy = try place.policy()
        try requireRulesets(policy, tip)
        try requireReadableEvidence(site)
        let summary = TrustSummary(
            site: site, branch: tip.branch, commit: tip.commit, place: place, policy: policy)
        if !global.json { summary.lines.forEach { Screen.result($0) } }
        try warnOfBrokenDescent(site, before: before, tip: tip.commit)
        if before == tip.commit.hex, try site.repository.resolve(Self.ref).target == tip.commit {
            Screen.note("gate: \(tip.commit.short) is trusted already; nothing was changed")
        } else {
            try ask(tip.commit, in: site)
            try record(tip.commit, in: site)
        }
        if global.json { Screen.result(summary.json) }
    }

    /// A push must never be able to say it, whatever a hook is made to run.
    private func requireOwnersShell() throws {
        for name in ["GIT_QUARANTINE_PATH", "GIT_DIR", "GIT_PUSH_OPTION_COUNT"]
        where getenv(name) != nil {
            throw CommandFailure.usage(
                "gate trust is for the shell of the server's owner, and \(name) says that git "
                    + "called it",
                hint: "unset \(name), and name the repository with -C")
        }
    }

    /// - Returns: the value of `gate.trust`.
    private func requireInstallation(_ site: Site) throws -> String {
        guard site.kind == .server else {
            throw CommandFailure.usage(
                "\(site.name) is a clone; what is trusted is said on the server",
                hint: "on the server: gate trust -C REPOSITORY")
        }
        let install = "gate install --server \(shellWord(site.repository.gitDirectory.utf8))"
        guard let state = try site.repository.ownSetting(Server.trustKey) else {
            throw CommandFailure.usage("gate is not installed in \(site.name)", hint: install)
        }
        for hook in site.hooks where hook.script == .preReceive {
            guard case .ours = try hook.content(), File.isExecutable(hook.path) else {
                throw CommandFailure.usage(
                    "\(shown(hook.path.utf8)) is not gate's, so nothing would be judged",
                    hint: install)
            }
        }
        let checks = try site.repository.setting("receive.fsckObjects", ["--type=bool"])
        guard checks == "true" else {
            throw CommandFailure.usage(
                "git does not check the objects that \(site.name) receives, and gate answers for "
                    + "no such push", hint: install)
        }
        return state
    }

    /// While the gate watches, anything may be pushed as evidence; once it is closed, evidence that
    /// cannot be read refuses every landing, and no push can repair it.
    private func requireReadableEvidence(_ site: Site) throws {
        do throws(GitError) {
            guard let tip = try site.repository.resolve(NoteStore.ref).target else { return }
            _ = try NotesTree(at: tip, in: site.repository).notes()
        } catch {
            // Only what is there and is no evidence is worth taking away.
            guard error.kind == .malformed || error.kind == .limit else {
                throw CommandFailure(error)
            }
            throw CommandFailure.usage(
                "the evidence in \(NoteStore.ref) cannot be read: \(error.description)",
                details: error.hint.map { [$0] } ?? [],
                hint: "git --git-dir=\(shellWord(site.repository.gitDirectory.utf8))"
                    + " update-ref -d refs/notes/gate, when nothing in it is worth keeping")
        }
    }

    private func defaultTip(_ site: Site) throws -> (branch: RefName, commit: ObjectID) {
        do {
            let head = try site.repository.head()
            guard head.name.starts(with: "refs/heads/") else {
                throw CommandFailure.usage(
                    "HEAD of \(site.name) names no branch, so there is no default branch",
                    hint: "git --git-dir=\(shellWord(site.repository.gitDirectory.utf8)) "
                        + "symbolic-ref HEAD refs/heads/master")
            }
            guard let commit = head.target else {
                throw CommandFailure.usage(
                    "\(head.name), the default branch of \(site.name), does not exist yet",
                    hint: "push it, or name another: git symbolic-ref HEAD refs/heads/main")
            }
            return (head.name, commit)
        } catch let error as GitError {
            throw CommandFailure(error)
        }
    }

    /// Under a policy without a ruleset nobody is a reviewer, and so nobody could ever change it.
    private func requireRulesets(
        _ policy: Policy, _ tip: (branch: RefName, commit: ObjectID)
    ) throws {
        guard policy.rulesets.contains(where: { $0.enforcement != .disabled }) else {
            throw CommandFailure.usage(
                "the policy at \(tip.commit.short) has no ruleset in force",
                hint: policy.rulesets.isEmpty
                    ? "gate init writes one"
                    : "say 'enforcement: active' in it, or 'enforcement: evaluate' for one that only"
                        + " reports, and land that")
        }
        if !policy.isProtected(tip.branch) {
            Screen.note("gate: no active ruleset matches \(tip.branch): only changes of the policy")
            Screen.note("  itself will be refused there")
        }
    }

    private func warnOfBrokenDescent(_ site: Site, before: String, tip: ObjectID) throws {
        guard let trusted = ObjectID(hex: before), trusted != tip else { return }
        let isDescent = try site.repository.runGit(
            ["merge-base", "--is-ancestor", trusted.hex, tip.hex]
        ).succeeded
        if isDescent { return }
        Screen.note("gate: \(tip.short) does not descend from \(trusted.short), trusted until now:")
        Screen.note("  somebody with a shell here has moved the branch")
    }

    private func ask(_ commit: ObjectID, in site: Site) throws {
        if yes { return }
        guard Screen.isInteractive else {
            throw CommandFailure.usage(
                "nothing was changed: there is no terminal to ask at",
                details: ["read what is trusted, then:"],
                hint: "gate trust --yes -C \(shellWord(site.repository.gitDirectory.utf8))")
        }
        guard Screen.confirms("Trust \(commit.short), and refuse what its policy refuses?") else {
            throw CommandFailure.refused("nothing was changed")
        }
    }

    /// The ref first: with it alone nothing is closed and the commit is kept. The setting last, in
    /// one step: the hook goes by it.
    private func record(_ commit: ObjectID, in site: Site) throws {
        try site.repository.git(
            ["update-ref", "-m", "gate trust", Self.ref.description, commit.hex])
        try site.repository.git(
            ["config", "--local", "--replace-all", Server.trustKey, commit.hex])
        // Its first history came after gate install.
        _ = try site.writeCommitGraph()
        Screen.note("gate: closed; trusts \(commit.short)")
        Screen.note("  next: gate doctor \(shellWord(site.repository.gitDirectory.utf8))")
    }
}
