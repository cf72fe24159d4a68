import Enforcement
public import Git
public import GitObjects
import History
import Ledger
import Policy

/// A bare repository that gate guards, as its hooks and `gate trust` see it.
public struct Server {
    /// The configuration key of the gate's state: `watching`, or the trusted commit.
    public static let trustKey = "gate.trust"
    /// The value of ``trustKey`` before the owner has trusted a policy.
    public static let watching = "watching"
    public static let notesRef = NoteStore.ref
    public static let headsRef = HeadsGuard.ref

    public let repository: Repository
    public let gitDirectory: String
    /// The branch that HEAD names.
    public let defaultBranch: RefName
    /// Its tip; nil while it is unborn.
    public let defaultTip: ObjectID?
    /// The trusted commit; nil while the gate only watches.
    public let trusted: ObjectID?

    /// Opens the repository of a hook and reads in which state the gate is.
    public init(gitDirectory: String, quarantine: String?) throws(GitError) {
        self.gitDirectory = gitDirectory
        repository = try Repository.open(gitDirectory: gitDirectory, quarantine: quarantine)
        guard let state = try repository.localConfiguration(Self.trustKey) else {
            throw GitError(
                .unsupported, gitDirectory, "has gate's hooks and no \(Self.trustKey) setting",
                hint: "on the server: gate install --server \(shellWord(gitDirectory.utf8))")
        }
        if state == Self.watching {
            trusted = nil
        } else if let commit = ObjectID(hex: state) {
            trusted = commit
        } else {
            throw GitError(
                .malformed, Self.trustKey,
                "is neither \(Self.watching) nor a commit id in \(gitDirectory)/config",
                hint: "on the server: gate trust")
        }
        let head = try repository.resolve("HEAD")
        guard head.name.starts(with: "refs/heads/") else {
            throw GitError(
                .unsupported, "HEAD", "names no branch, so there is no default branch",
                hint: "on the server: git symbolic-ref HEAD refs/heads/master")
        }
        defaultBranch = head.name
        defaultTip = head.target
    }

    /// The policy that judges: that of the default branch's tip.
    ///
    /// - Returns: nil only while the gate watches and there is no valid policy yet.
    func governingPolicy() throws(GitError) -> GoverningPolicy? {
        guard let tip = defaultTip else {
            if trusted == nil { return nil }
            throw GitError(
                .notFound, defaultBranch.description, "does not exist, so there is no policy",
                hint: "on the server: restore the branch, then gate trust")
        }
        let policy: Policy
        switch try CommittedPolicies(history: repository).policy(at: tip) {
        case .success(let valid): policy = valid
        case .failure(let invalid):
            if trusted == nil { return nil }
            let first = invalid.diagnostics.first?.description ?? "it is empty"
            throw GitError(
                .unsupported, "the policy at \(tip.short)", "is not valid: \(shown(first.utf8))",
                hint: "on the server: repair the branch, then gate trust")
        }
        if let trusted {
            try requireFsck()
            try requireDescent(of: tip, from: trusted)
        }
        return GoverningPolicy(
            policy: policy, commit: tip, defaultBranch: defaultBranch, trusted: trusted)
    }

    /// The engine over this repository as it was before the push.
    func judge(_ governing: GoverningPolicy, now: Int64) throws(GitError) -> Judge {
        let store = try NoteStore(
            repository, tip: try repository.resolve(Self.notesRef).target,
            gitFolder: gitDirectory)
        let keeper = EvidenceKeeper(
            repository: repository, policy: governing.policy, evidence: store, now: now)
        return Judge(
            governing: governing, history: repository, references: repository,
            evidence: store, policies: CommittedPolicies(history: repository),
            keptHeads: try repository.resolve(Self.headsRef).target,
            guardEvidence: keeper.findings)
    }

    /// git's own checks of what it receives are the first half of reading hostile objects
    /// strictly; without them gate does not answer for a push.
    private func requireFsck() throws(GitError) {
        if let value = try repository.configuration("receive.shallowupdate"), isTrue(value) {
            throw GitError(
                .unsupported, gitDirectory, "lets a push make it shallow",
                hint: "on the server: git config receive.shallowUpdate false")
        }
        for key in ["receive.fsckobjects", "transfer.fsckobjects"] {
            guard let value = try repository.configuration(key) else { continue }
            if isTrue(value) { return }
            break
        }
        throw GitError(
            .unsupported, gitDirectory, "does not check the objects that it receives",
            hint: "on the server: git config receive.fsckObjects true")
    }

    /// git-config(1), "boolean".
    private func isTrue(_ value: String) -> Bool {
        ["true", "yes", "on", "1"].contains(value.lowercased())
    }

    /// The tip must descend from the trusted commit. The last tip that did is remembered by
    /// post-receive, so that the walk is as long as one push.
    private func requireDescent(of tip: ObjectID, from trusted: ObjectID) throws(GitError) {
        if tip == trusted { return }
        if let known = DescentRecord(gitDirectory).tip(descendingFrom: trusted), known == tip {
            return
        }
        guard try repository.header(trusted)?.kind == .commit,
            try repository.isAncestor(trusted, of: tip)
        else {
            throw GitError(
                .unsupported, defaultBranch.description,
                "does not descend from \(trusted.short), which the owner trusted",
                hint: "on the server: gate trust, after looking at what happened")
        }
    }
}
