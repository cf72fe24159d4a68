import Spawn
import Enforcement
import Git
import GitObjects
import Hooks
import Policy

/// What concerns a clone only: the server behind it, who its user is, and settings that harm
/// evidence.
struct CloneExamination {
    let site: Site
    private var repository: Repository { site.repository }

    init(site: Site) {
        self.site = site
    }

    func examine(_ examination: inout Examination) {
        examination.look("remote") { try examineRemote(&$0) }
        examination.look("policy") { try examinePolicy(&$0) }
        examination.look(LocalChecks.file) { try examineLocalChecks(&$0) }
        examination.look("notes") { try examineNotes(&$0) }
    }

    private func examineRemote(_ examination: inout Examination) throws {
        let remote = try repository.setting("gate.remote") ?? "origin"
        let name = shown(remote.utf8)
        guard let url = try repository.gitLine(["remote", "get-url", "--", remote]) else {
            examination.add(
                .warn, "remote", "there is no remote \(name), whose policy would count",
                repair: "git config gate.remote NAME")
            return
        }
        examination.add(.ok, "remote", "\(name) is \(shown(url.utf8))")
    }

    private func examinePolicy(_ examination: inout Examination) throws {
        guard let worktree = repository.worktree else { return }
        let place = try PolicyPlace(root: worktree)
        if place.files.contents.isEmpty {
            if let known = try knownPolicy() {
                examination.add(
                    .note, "policy",
                    "what is checked out here is older than that of \(known.place)",
                    repair: "git merge \(shellWord(known.place.utf8))")
                try examineUser(known.policy, &examination)
                return
            }
            examination.add(
                .note, "policy", "this worktree has none", repair: "to write one: gate init")
            return
        }
        switch place.read() {
        case .failure(let invalid):
            examination.add(
                .wrong, "policy", "not valid in this worktree",
                details: invalid.diagnostics.map { shown($0.description.utf8) },
                repair: "gate policy validate")
        case .success(let policy):
            examination.add(.ok, "policy", "valid in this worktree")
            try examineUser(policy, &examination)
        }
    }

    /// The valid policy of the server as last fetched.
    private func knownPolicy() throws -> (policy: Policy, place: String)? {
        let remote = try repository.setting("gate.remote") ?? "origin"
        do {
            guard let known = try KnownDefault.find(of: remote, in: repository),
                case .success(let policy) = try CommittedPolicies(history: repository)
                    .policy(at: known.tip)
            else { return nil }
            return (policy, "\(remote)/\(known.branch.short)")
        } catch {
            throw CommandFailure(error)
        }
    }

    private func examineLocalChecks(_ examination: inout Examination) throws {
        guard let worktree = repository.worktree,
            let local = try LocalChecksPlace(worktree: worktree)
        else { return }
        let diagnostics = local.diagnostics(
            policyChecks: try PolicyPlace(root: worktree).checkNames)
        if !diagnostics.isEmpty {
            examination.add(
                .wrong, LocalChecks.file, "not valid, so that every push is refused here",
                details: diagnostics.map { shown($0.description.utf8) },
                repair: "gate policy validate")
        }
        if try repository.runGit(["ls-files", "--error-unmatch", "--", LocalChecks.file]).succeeded
        {
            examination.add(
                .wrong, LocalChecks.file, "is committed, and is one developer's own",
                repair: "git rm --cached \(LocalChecks.file)")
        } else if try !repository.runGit(["check-ignore", "-q", "--", LocalChecks.file]).succeeded {
            examination.add(
                .warn, LocalChecks.file, "git does not ignore it", repair: "gate install")
        } else if diagnostics.isEmpty {
            examination.add(.ok, LocalChecks.file, "valid, and ignored by git")
        }
    }

    private func examineUser(_ policy: Policy, _ examination: inout Examination) throws {
        if policy.people.principals.isEmpty { return }
        guard let address = try repository.setting("user.email") else {
            examination.add(
                .warn, "user", "user.email is not set",
                repair: "git config user.email ADDRESS")
            return
        }
        switch policy.people.identity(of: Array(address.utf8)) {
        case .principal(let principal):
            examination.add(.ok, "user", "\(shown(address.utf8)) is \(principal)")
        case .outsider, .unknown:
            examination.add(
                .warn, "user",
                "the policy does not know \(shown(address.utf8)), so that your "
                    + "changes cannot land",
                repair: "gate people add \(shellWord(address.utf8)) --key FILE")
        }
    }

    /// Both would lose or invent lines of evidence that were not pushed yet.
    private func examineNotes(_ examination: inout Examination) throws {
        let rewrite = try repository.runGit(["config", "--get-all", "notes.rewriteRef"]).output
        for value in rewrite.split(separator: 0x0a)
        where ["refs/notes/*", "refs/notes/gate", "refs/notes/**"].contains(shown(value)) {
            examination.add(
                .warn, "notes",
                "notes.rewriteRef=\(shown(value)) copies reviews to amended commits",
                repair: "git config --unset-all notes.rewriteRef")
        }
        let fetches = try repository.runGit(["config", "--get-regexp", "^remote\\..*\\.fetch$"])
            .output
        for line in fetches.split(separator: 0x0a) {
            let parts = line.split(separator: 0x20, maxSplits: 1).map { shown($0) }
            guard parts.count == 2, parts[1].hasPrefix("+"),
                parts[1].hasSuffix(":refs/notes/*") || parts[1].hasSuffix(":refs/notes/gate")
            else { continue }
            examination.add(
                .warn, "notes",
                "\(parts[0]) \(parts[1]) overwrites evidence that is not pushed yet",
                repair: "git config --unset-all \(parts[0]) refs/notes")
        }
    }
}
