import Enforcement
import Evidence
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

/// One look at the server: the policy, who signs here, what lacks results, and who is at what.
struct OpenWork {
    let workplace: Workplace
    let scribe: Scribe
    let claims: [ObjectID: Claims.Standing]
    /// What lacks results, newest first.
    let orders: [CheckOrder]

    /// Asks the server.
    ///
    /// - Parameters:
    ///   - folder: of the clone.
    ///   - includesFailed: also checks that failed before.
    init(at folder: String, key: String?, includesFailed: Bool) throws {
        let clone = try Clone(at: folder)
        try Self.fetchBranches(clone)
        var workplace = try Workplace(at: folder)
        let branches = try workplace.view.references(startingWith: Head.heads).map(\.name)
        try workplace.refresh(branches: branches)
        let policy = workplace.policy
        scribe = try Scribe(workplace, namespace: TestResult.namespace, key: key)
        guard policy.checkSigners().contains(scribe.principal) else {
            let signers = policy.checkSigners().sorted()
            throw CommandFailure.usage(
                "\(shown(scribe.principal.name.utf8)) is nobody whose test results count",
                details: [
                    signers.isEmpty
                        ? "no ruleset of the policy has required_status_checks"
                        : "those who may sign them: \(Checklist.names(signers))"
                ],
                hint: "sign with their key: gate ci --key FILE")
        }
        let writer = try Writer.open(gitDirectory: workplace.repository.gitDirectory)
        claims = try Claims(writer, remote: clone.remote).fetch(under: policy)
        let found = try OpenChecks(
            governing: workplace.governing, history: workplace.repository,
            references: workplace.view, evidence: try workplace.view.evidence(),
            signer: scribe.principal, includesFailed: includesFailed
        ) { tip, head throws(GitError) in
            // As `gate merge` would: a head with several merge bases has no clean merge.
            guard try writer.repository.mergeBases(tip, head).count == 1 else { return nil }
            switch try writer.merge(tip, with: head) {
            case .clean(let tree): return tree
            case .conflict: return nil
            }
        }.find()
        for (ref, error) in found.unreadable {
            Screen.note("gate ci: \(ref) is left out: \(error.description)")
        }
        orders = found.orders
        self.workplace = workplace
        workplace.repository.refresh()
    }

    /// Brings all branches to where gate keeps what the server has, in one go; what is gone there
    /// goes here, so that no old name is in the way of a new one.
    private static func fetchBranches(_ clone: Clone) throws {
        let folder = RemoteView.trackingRef("refs/heads/", of: clone.remote)
        let result = try Child(
            [
                "git", "--git-dir=\(clone.repository.gitDirectory)", "fetch", "--quiet", "--prune",
                "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
                "--no-recurse-submodules", "--refmap=", clone.remote,
                "+refs/heads/*:" + String(decoding: folder.bytes, as: UTF8.self) + "*",
            ], environment: Child.environmentForAnotherRepository(), timeout: 600
        ).run()
        guard result.succeeded else {
            throw CommandFailure.undetermined(
                "the branches of \(shown(clone.remote.utf8)) cannot be fetched",
                details: result.errorOutput.split(separator: 0x0a).map { shown($0) })
        }
        clone.repository.refresh()
    }

    /// The sentence about an order: `fix-payout 9ab03e7`, `master 3e16af1 (landing)`.
    static func title(_ order: CheckOrder) -> String {
        switch order.reason {
        case .head(let ref, let target):
            "\(ref.short) \(order.commit.short)"
                + (order.parents.isEmpty ? "" : " merged into \(target.short)")
        case .landing(let ref): "\(ref.short) \(order.commit.short) (landing)"
        }
    }

    static func branch(_ order: CheckOrder) -> RefName {
        switch order.reason {
        case .head(let ref, _), .landing(let ref): ref
        }
    }

    static func isLanding(_ order: CheckOrder) -> Bool {
        if case .landing = order.reason { true } else { false }
    }
}
