import Enforcement
import Git
import GitObjects
import History
import Policy

/// What a push is judged by: the policy of the server, as far as it can be known here.
///
/// The server is asked only where its answer could depend on the answer: for a push to a ref that
/// the policy as last fetched protects, or where nothing of it was fetched. A push of any other
/// branch starts no program.
struct PushTarget {
    /// Whose rulesets govern the server; nil where no server does: then each commit's own
    /// `policies/checks.yml` says what is run.
    private(set) var policy: Policy?
    /// The commit that the policy was read from.
    private(set) var commit: ObjectID?
    /// The server as it is now, when it was asked.
    private(set) var view: RemoteView?
    /// What is known of the default branch without asking.
    let known: KnownDefault?
    /// What is wrong with the server's policy.
    private(set) var problem: String?

    init(
        of remote: String, for updates: [RefUpdate], in repository: Repository
    ) throws(GitError) {
        known = try KnownDefault.find(of: remote, in: repository)
        guard let known else {
            try ask(remote, updates, repository)
            return
        }
        let policies = CommittedPolicies(history: repository)
        if try policies.files(at: known.tip).contents.isEmpty { return }
        switch try policies.policy(at: known.tip) {
        case .failure: try ask(remote, updates, repository)
        case .success(let policy):
            if policy.rulesets.isEmpty { return }
            self.policy = policy
            commit = known.tip
            let touched = Self.touched(updates, policy, known.branch)
            if !touched.isEmpty { try ask(remote, updates, repository) }
        }
    }

    private mutating func ask(
        _ remote: String, _ updates: [RefUpdate], _ repository: Repository
    ) throws(GitError) {
        guard
            let view = try RemoteView.unlessUnborn(
                of: remote, for: repository, branches: updates.map(\.ref))
        else { return }
        policy = nil
        commit = nil
        guard let tip = try view.resolve(view.defaultBranch).target else { return }
        let policies = CommittedPolicies(history: repository)
        if try policies.files(at: tip).contents.isEmpty { return }
        switch try policies.policy(at: tip) {
        case .failure(let invalid):
            problem = invalid.diagnostics.first?.description ?? "it is empty"
        case .success(let policy):
            self.view = view
            if policy.rulesets.isEmpty { return }
            self.policy = policy
            commit = tip
        }
    }

    /// The updates on which the server's rulesets have anything to say.
    static func touched(
        _ updates: [RefUpdate], _ policy: Policy, _ defaultBranch: RefName
    ) -> [RefUpdate] {
        updates.filter {
            policy.isProtected($0.ref) || $0.ref == defaultBranch
                || !($0.ref.starts(with: "refs/heads/") || $0.ref.starts(with: "refs/tags/"))
        }
    }
}
