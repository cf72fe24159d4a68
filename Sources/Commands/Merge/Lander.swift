import Enforcement
import Evidence
import Git
import GitObjects
import History
import Hooks
import Ledger
import Policy

/// Makes the commit by which a change lands, and judges it as the server will.
struct Lander {
    let workplace: Workplace
    let head: Head
    let target: Target
    let method: MergeMethod
    let words: String?
    private let writer: Writer
    private let change: Change

    init(
        _ workplace: Workplace, head: Head, target: Target, method: MergeMethod, words: String?
    ) throws {
        self.workplace = workplace
        self.head = head
        self.target = target
        self.method = method
        self.words = words
        writer = try Writer.open(gitDirectory: workplace.repository.gitDirectory)
        change = try Change(head: head.id, onto: target.tip, in: workplace.repository)
    }

    /// A landing that has been made and not pushed.
    struct Landing {
        let commit: ObjectID
        let verdict: Verdict
        /// The heads that the server must keep for it.
        let keptHeads: [ObjectID]
        /// The commit over `refs/gate/heads` that keeps them; nil when it keeps them already.
        let link: ObjectID?
    }

    /// Makes the landing.
    ///
    /// - Parameter tree: what git's merge of the two sides gives.
    func land(_ tree: ObjectID) throws -> Landing {
        var commit = try make(tree, signing: false)
        var landing = try judge(commit)
        if landing.verdict.isAllowed, method != .fastForward, try isSigning() {
            // Not before it is clear that it will be pushed: a key may want to be touched.
            commit = try make(tree, signing: true)
            landing = try judge(commit)
        }
        return landing
    }

    private func make(_ tree: ObjectID, signing: Bool) throws -> ObjectID {
        let message = LandingMessage(
            head: head, target: target, commits: change.commits, words: words,
            evidence: try workplace.view.evidence().tip)
        switch method {
        case .merge:
            return try commit(tree, [target.tip, head.id], message.merge, nil, signing)
        case .squash:
            let author = change.commits.last?.author ?? change.head.author
            return try commit(
                tree, [target.tip], message.squash(author: author), author, signing)
        case .fastForward:
            guard change.head.parents == [target.tip] else {
                let count = change.commits.count
                throw CommandFailure.refused(
                    "\(head.title) is not exactly one commit on \(target.ref.short)",
                    details: count > 1 ? ["it is \(count) commits; as one:"] : [],
                    hint: count > 1
                        ? "gate merge \(head.word)\(target.option) --method squash"
                        : workplace.rebase(onto: target))
            }
            return head.id
        }
    }

    private func commit(
        _ tree: ObjectID, _ parents: [ObjectID], _ message: [UInt8], _ author: Signature?,
        _ signing: Bool
    ) throws -> ObjectID {
        try writer.commitAsUser(
            tree: tree, parents: parents, message: message, author: author, signing: signing)
    }

    /// git commit-tree does not look at this setting by itself.
    private func isSigning() throws -> Bool {
        let value = try workplace.repository.configuration("commit.gpgsign") ?? "false"
        return ["true", "yes", "on", "1"].contains(value.lowercased())
    }

    /// The server's verdict on moving the target to this commit, once the heads are kept.
    private func judge(_ commit: ObjectID) throws -> Landing {
        var kept = method == .squash ? [head.id] : []
        var verdict = try verdict(on: commit, keeping: try link(kept))
        let carried = try carriedHeads(verdict)
        if !carried.isEmpty {
            kept += carried
            verdict = try self.verdict(on: commit, keeping: try link(kept))
        }
        return Landing(
            commit: commit, verdict: verdict, keptHeads: kept, link: try link(kept))
    }

    private func verdict(on commit: ObjectID, keeping link: ObjectID?) throws -> Verdict {
        let judge = Judge(
            governing: workplace.governing, history: workplace.repository,
            references: workplace.view, evidence: try workplace.view.evidence(),
            policies: CommittedPolicies(history: workplace.repository),
            keptHeads: try link ?? workplace.view.resolve(HeadsGuard.ref).target,
            guardEvidence: { _ in [] })
        return judge.judge([RefUpdate(ref: target.ref, old: target.tip, new: commit)])
    }

    /// The other heads whose approvals counted: an audit must still find them when their branch is
    /// gone.
    private func carriedHeads(_ verdict: Verdict) throws -> [ObjectID] {
        guard let digest = change.digest else { return [] }
        let counted = Set(verdict.updates.flatMap(\.landings).flatMap(\.evidence))
        let subjects = try workplace.view.evidence().reviews(of: digest)
            .filter { counted.contains($0.digest) && $0.statement.subject != head.id }
            .map(\.statement.subject)
        return Set(subjects).sorted()
    }

    /// A link of the chain of kept heads as `refs/gate/heads` will have it; nil when the server
    /// keeps all of them.
    private func link(_ heads: [ObjectID]) throws -> ObjectID? {
        var tip = try workplace.view.resolve(HeadsGuard.ref).target
        let repository = workplace.repository
        let missing = try heads.filter { head in
            guard let tip else { return true }
            return try !repository.isAncestor(head, of: tip)
        }
        if missing.isEmpty { return nil }
        let user = Signature(
            name: Array("gate".utf8), email: Array("gate@localhost".utf8), time: 0, offset: 0)
        func commit(_ parents: [ObjectID]) throws -> ObjectID {
            try writer.writeCommit(
                tree: try writer.writeTree([]), parents: parents, author: user, committer: user,
                message: Array("Heads kept by gate\n".utf8))
        }
        if tip == nil { tip = try commit([]) }
        let link = try commit([tip].compactMap { $0 } + missing)
        repository.refresh()
        return link
    }
}
