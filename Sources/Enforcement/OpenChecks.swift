public import Evidence
public import GitObjects
public import History
public import Policy

/// A tree on which required checks have no result yet, and why somebody waits for them.
public struct CheckOrder: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The head of a branch that may land on a protected one.
        case head(RefName, onto: RefName)
        /// A landing that is not proven on its own tree.
        case landing(of: RefName)
    }

    public let reason: Reason
    /// The head or the landing.
    public let commit: ObjectID
    /// What is checked.
    public let tree: ObjectID
    /// Of a merge that nobody has made yet: the target's tip and the head. Empty when the tree is
    /// the commit's own.
    public let parents: [ObjectID]
    /// The checks to run, as the policy names them, each once.
    public internal(set) var checks: [String]
    /// The commit's own date, in seconds since 1970: what is newest goes first.
    public let time: Int64
}

/// Finds what has to be checked: heads and landings that lack required results.
///
/// A head counts for the protected branches that it may land on: the default branch, and those that
/// it leaves nearest. A landing counts when it is younger than the trusted commit: what was there
/// before the gate closed is nobody's to prove.
public struct OpenChecks {
    /// More landings of one branch than these are not proven in one go.
    public static let landingLimit = 1000

    private let policy: Policy
    private let history: any HistorySource
    private let references: any ReferenceSource
    private let evidence: any EvidenceSource
    private let defaultBranch: RefName
    private let trusted: ObjectID?
    private let signer: Principal?
    private let includesFailed: Bool
    private let merged: (_ tip: ObjectID, _ head: ObjectID) throws(GitError) -> ObjectID?

    /// - Parameters:
    ///   - governing: the policy by which the server judges.
    ///   - signer: only what this principal may sign; nil: everything.
    ///   - includesFailed: also checks whose only results are failures.
    ///   - merged: the tree of the clean merge of a head into a tip; nil when there is none.
    public init(
        governing: GoverningPolicy, history: any HistorySource,
        references: any ReferenceSource, evidence: any EvidenceSource, signer: Principal?,
        includesFailed: Bool,
        merged: @escaping (_ tip: ObjectID, _ head: ObjectID) throws(GitError) -> ObjectID?
    ) {
        policy = governing.policy
        defaultBranch = governing.defaultBranch
        trusted = governing.trusted
        self.history = history
        self.references = references
        self.evidence = evidence
        self.signer = signer
        self.includesFailed = includesFailed
        self.merged = merged
    }

    /// What was found.
    public struct Result: Sendable {
        /// Newest first; of one tree only one.
        public var orders: [CheckOrder] = []
        /// The refs about which nothing can be said, and why: one that cannot be read must not
        /// keep the others waiting.
        public var unreadable: [(ref: RefName, error: GitError)] = []
    }

    public func find() throws(GitError) -> Result {
        var result = Result()
        var known: [ObjectID: Int] = [:]
        let targets = try targets()
        func add(_ order: CheckOrder?) {
            guard let order, !order.checks.isEmpty else { return }
            if let position = known[order.tree] {
                let present = result.orders[position].checks
                result.orders[position].checks += order.checks.filter { !present.contains($0) }
            } else {
                known[order.tree] = result.orders.count
                result.orders.append(order)
            }
        }
        for branch in try references.references(startingWith: "refs/heads/") {
            guard let head = branch.target, !policy.isProtected(branch.name),
                branch.name != defaultBranch
            else { continue }
            do throws(GitError) {
                for target in try nearest(targets, to: head) {
                    add(try order(head: head, of: branch.name, onto: target))
                }
            } catch {
                result.unreadable.append((branch.name, error))
            }
        }
        for target in targets {
            do throws(GitError) {
                for landing in try landings(of: target) { add(try order(landing, of: target)) }
            } catch {
                result.unreadable.append((target.ref, error))
            }
        }
        let sorted = result.orders.enumerated().sorted { left, right in
            left.element.time != right.element.time
                ? left.element.time > right.element.time : left.offset < right.offset
        }
        result.orders = sorted.map(\.element)
        return result
    }

    // MARK: - Where a change may land

    private struct Target {
        let ref: RefName
        let tip: ObjectID
        let rules: [(rule: RequiredStatusChecksRule, judge: StatusChecksJudge)]
    }

    /// The branches whose active rulesets require checks that this signer may sign.
    private func targets() throws(GitError) -> [Target] {
        var targets: [Target] = []
        for branch in try references.references(startingWith: "refs/heads/") {
            guard let tip = branch.target else { continue }
            let remedies = Remedies(
                policy: policy, ref: branch.name, defaultBranch: defaultBranch)
            let rules = policy.rulesets(for: branch.name).compactMap { ruleset in
                ruleset.enforcement == .active
                    ? ruleset.rules.requiredStatusChecks.map { rule in
                        (
                            rule,
                            StatusChecksJudge(
                                rule: rule, ruleset: ruleset.name, policy: policy,
                                evidence: evidence, ref: branch.name, remedies: remedies)
                        )
                    } : nil
            }.filter { rule, _ in
                signer.map { policy.people.members(of: rule.signers).contains($0) } ?? true
            }
            if !rules.isEmpty {
                targets.append(Target(ref: branch.name, tip: tip, rules: rules))
            }
        }
        return targets
    }

    /// Where a head may land: the default branch and those to which it adds the fewest commits;
    /// nowhere when it is on one of them already.
    private func nearest(
        _ targets: [Target], to head: ObjectID
    ) throws(GitError) -> [Target] {
        for target in targets where try history.isAncestor(head, of: target.tip) { return [] }
        if targets.count < 2 { return targets }
        var counts: [Int] = []
        for target in targets {
            counts.append(try history.commits(from: head, notFrom: [target.tip]).count)
        }
        let least = counts.min() ?? 0
        return zip(targets, counts).filter { target, count in
            count == least || target.ref == defaultBranch
        }.map(\.0)
    }

    // MARK: - What is lacking

    private func order(
        head: ObjectID, of branch: RefName, onto target: Target
    ) throws(GitError) -> CheckOrder? {
        let commit = try history.commit(head)
        var own: [String] = []
        var together: [String] = []
        for (rule, judge) in target.rules where rule.tested == .head {
            own += try lacking(judge, on: commit).filter { !own.contains($0) }
        }
        let mergeRules = target.rules.filter { $0.rule.tested == .mergeResult }
        let isBehind =
            mergeRules.isEmpty
            ? false : try !history.isAncestor(target.tip, of: head)
        var tree: ObjectID? = commit.tree
        if isBehind { tree = try merged(target.tip, head) }
        if let tree {
            let landing = Commit(
                id: head, tree: tree, parents: commit.parents, author: commit.author,
                committer: commit.committer, message: [])
            for (_, judge) in mergeRules {
                together += try lacking(judge, on: landing).filter { !together.contains($0) }
            }
        }
        let reason = CheckOrder.Reason.head(branch, onto: target.ref)
        if !own.isEmpty || !isBehind {
            return CheckOrder(
                reason: reason, commit: head, tree: commit.tree, parents: [],
                checks: own + together.filter { !isBehind && !own.contains($0) },
                time: commit.committer.time)
        }
        return CheckOrder(
            reason: reason, commit: head, tree: tree ?? commit.tree,
            parents: [target.tip, head], checks: together, time: commit.committer.time)
    }

    private func order(
        _ landing: Commit, of target: Target
    ) throws(GitError) -> CheckOrder {
        var checks: [String] = []
        for (_, judge) in target.rules {
            checks += try lacking(judge, on: landing).filter { !checks.contains($0) }
        }
        return CheckOrder(
            reason: .landing(of: target.ref), commit: landing.id, tree: landing.tree, parents: [],
            checks: checks, time: landing.committer.time)
    }

    /// The checks without a result, or without one that passed.
    private func lacking(
        _ judge: StatusChecksJudge, on commit: Commit
    ) throws(GitError) -> [String] {
        try judge.answer(candidates: [commit]).states.filter { state in
            state.result == nil || (includesFailed && state.result != .passed)
        }.map(\.name)
    }

    /// The landings since the gate was closed, newest first; none while it only watches.
    private func landings(of target: Target) throws(GitError) -> [Commit] {
        guard let trusted, try history.header(trusted)?.kind == .commit else { return [] }
        let fresh = Set(try history.commits(from: target.tip, notFrom: [trusted]))
        var landings: [Commit] = []
        var next: ObjectID? = target.tip
        while let id = next, fresh.contains(id), landings.count < Self.landingLimit {
            let commit = try history.commit(id)
            landings.append(commit)
            next = commit.parents.first
        }
        return landings
    }
}

extension CheckOrder {
    /// Leaves out every check but these.
    public mutating func restrict(to names: [String]) {
        checks.removeAll { !names.contains($0) }
    }
}
