import Enforcement
import Files
import Git
import GitObjects
import History
import Hooks
import Ledger
import Policy

/// What concerns a server only: the state of the gate, its policy and evidence, and what a hook
/// cannot prevent there.
struct ServerExamination {
    let site: Site
    private var repository: Repository { site.repository }
    private var git: String { "git --git-dir=\(shellWord(repository.gitDirectory.utf8))" }
    private var folder: String { shellWord(repository.gitDirectory.utf8) }

    init(site: Site) {
        self.site = site
    }

    func examine(_ examination: inout Examination) {
        var trusted: ObjectID?
        var isInstalled = false
        examination.look("trust") { examination in
            (isInstalled, trusted) = try examineTrust(&examination)
        }
        examination.look("policy") { examination in
            try examinePolicy(&examination, trusted: trusted, isInstalled: isInstalled)
        }
        examination.look("evidence") { try examineEvidence(&$0) }
        examination.look("markers") { examination in
            try MarkerExamination(repository: repository, git: git).examine(&examination)
        }
        examination.look("symbolic refs") { try examineSymbolicRefs(&$0) }
        ReceivingExamination(repository: repository).examine(&examination)
        examination.add(
            .note, "shell access",
            "who has a shell here, or may name another program with git push --receive-pack, goes "
                + "past every hook",
            repair: "give people git-shell(1) or a forced command in authorized_keys (sshd(8))")
    }

    private func examineTrust(
        _ examination: inout Examination
    ) throws -> (isInstalled: Bool, trusted: ObjectID?) {
        guard let state = try repository.ownSetting(Server.trustKey) else {
            examination.add(
                .wrong, "trust",
                "\(Server.trustKey) is not set: gate is not installed, or somebody "
                    + "unset it, and every push is refused",
                repair: "gate install --server \(folder), or: gate trust -C \(folder)")
            return (false, nil)
        }
        if state == Server.watching {
            examination.add(
                .warn, "trust", "watching: every push is accepted",
                repair: "when a policy has landed: gate trust -C \(folder)")
            return (true, nil)
        }
        guard let trusted = ObjectID(hex: state) else {
            examination.add(
                .wrong, "trust",
                "\(Server.trustKey) is \(shown(state.utf8)), neither "
                    + "\(Server.watching) nor a commit, and every push is refused",
                repair: "gate trust -C \(folder)")
            return (true, nil)
        }
        let marked = try look { () throws(GitError) in try repository.resolve(Trust.ref).target }
        if marked != trusted {
            examination.add(
                .warn, "trust",
                "\(Trust.ref) is not at \(trusted.short), so clones cannot see that "
                    + "the gate is closed and git may lose the commit",
                repair: "\(git) update-ref \(Trust.ref) \(trusted.hex)")
        }
        guard try look({ () throws(GitError) in try repository.header(trusted) })?.kind == .commit
        else {
            examination.add(
                .wrong, "trust",
                "the trusted commit \(trusted.hex) is gone, and every push is "
                    + "refused",
                repair: "gate trust -C \(folder)")
            return (true, trusted)
        }
        examination.add(.ok, "trust", "closed; trusts \(trusted.short)")
        return (true, trusted)
    }

    private func examinePolicy(
        _ examination: inout Examination, trusted: ObjectID?, isInstalled: Bool
    ) throws {
        let head = try look { () throws(GitError) in try repository.head() }
        guard head.name.starts(with: "refs/heads/") else {
            examination.add(
                .wrong, "default branch", "HEAD names no branch, and every push is refused",
                repair: "\(git) symbolic-ref HEAD refs/heads/master")
            return
        }
        guard let tip = head.target else {
            examination.add(
                trusted == nil ? .warn : .wrong, "default branch", "\(head.name) does not exist",
                repair: "push it, or name another: \(git) symbolic-ref HEAD refs/heads/main")
            return
        }
        examination.add(.ok, "default branch", "\(head.name) at \(tip.short)")
        if let trusted { try examineDescent(&examination, of: tip, from: trusted) }
        let place = try PolicyPlace(revision: tip.hex, in: repository)
        switch place.read() {
        case .failure(let invalid):
            examination.add(
                trusted == nil ? .warn : .wrong, "policy",
                "not valid at \(tip.short)"
                    + (trusted == nil ? "" : ", and every push is refused"),
                details: invalid.diagnostics.map { shown($0.description.utf8) },
                repair: trusted == nil
                    ? "in a clone: gate init, or: gate policy validate"
                    : "repair the branch from this shell, then: gate trust -C \(folder)")
        case .success(let policy):
            examine(policy, place, on: head.name, &examination)
        }
    }

    private func examineDescent(
        _ examination: inout Examination, of tip: ObjectID, from trusted: ObjectID
    ) throws {
        let descends = try look { () throws(GitError) in
            try repository.isAncestor(trusted, of: tip)
        }
        if descends { return }
        examination.add(
            .wrong, "descent",
            "\(tip.short) does not descend from \(trusted.short), which the owner "
                + "trusted, and every push is refused",
            repair: "see what happened, then: gate trust -C \(folder)")
    }

    private func examine(
        _ policy: Policy, _ place: PolicyPlace, on branch: RefName,
        _ examination: inout Examination
    ) {
        let count = policy.rulesets.filter { $0.enforcement == .active }.count
        examination.add(
            .ok, "policy", "valid; \(count) active \(count == 1 ? "ruleset" : "rulesets")")
        if !policy.isProtected(branch) {
            examination.add(
                .warn, "policy", "no active ruleset matches \(branch), the default branch",
                repair: "gate policy show \(branch)")
        }
        for ruleset in policy.rulesets where ruleset.enforcement != .disabled {
            let people = policy.people.members(of: ruleset.bypass).sorted().map(\.name)
            if people.isEmpty { continue }
            examination.add(
                .note, "bypass",
                "\(ruleset.name) may be bypassed by \(people.joined(separator: " "))",
                details: [place.text(ruleset.location)])
        }
        for rule in policy.codeOwners?.rules ?? [] {
            let unknown = rule.owners.filter { policy.people.owners(named: $0).isEmpty }
            if unknown.isEmpty { continue }
            examination.add(
                .warn, "code owners",
                "\(place.text(rule.location)) names \(shown(unknown.joined(separator: " ").utf8)), "
                    + "whom the policy does not know",
                repair: "add them to teams or aliases in policies/people.yml")
        }
    }

    private func examineEvidence(_ examination: inout Examination) throws {
        guard
            let tip = try look({ () throws(GitError) in try repository.resolve(NoteStore.ref) })
                .target
        else {
            examination.add(.ok, "evidence", "none yet")
            return
        }
        let count = try look { () throws(GitError) in
            try NotesTree(at: tip, in: repository).notes().count
        }
        examination.add(
            .ok, "evidence", "\(NoteStore.ref) is readable: \(count) annotated objects")
    }

    /// gate judges a push to such a name as one to what it points at; people may be surprised.
    private func examineSymbolicRefs(_ examination: inout Examination) throws {
        let output = try repository.git(["for-each-ref", "--format=%(symref) %(refname)"])
        for line in output.split(separator: 0x0a) where line.first != 0x20 {
            let words = line.split(separator: 0x20, maxSplits: 1)
            guard words.count == 2 else { continue }
            examination.add(
                .warn, "symbolic refs",
                "a push to \(shown(words[1])) moves \(shown(words[0])); gate judges it as such",
                repair: "\(git) symbolic-ref --delete \(shellWord(words[1]))")
        }
    }

    private func look<T>(_ body: () throws(GitError) -> T) throws -> T {
        do {
            return try body()
        } catch {
            throw CommandFailure(error)
        }
    }
}
