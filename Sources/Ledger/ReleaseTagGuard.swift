import Evidence
public import GitObjects
public import History
public import Policy

/// Judges pushes to the tags of releases, `refs/tags/release/<id>`: like a marker such a tag repeats
/// what is signed. Whoever pushes it need not be anybody, and nobody can take a release's name for
/// another commit, before that release or after it.
public struct ReleaseTagGuard {
    private let history: any HistorySource
    private let policy: Policy
    private let evidence: NoteStore

    /// - Parameter evidence: what the server had before the push.
    public init(_ history: any HistorySource, policy: Policy, evidence: NoteStore) {
        self.history = history
        self.policy = policy
        self.evidence = evidence
    }

    /// The line of a tag's message that names the plan.
    public static func planLine(_ planDigest: String) -> String { "plan sha256:\(planDigest)" }

    /// What is wrong with moving the tag; nothing is wrong when the list is empty.
    public func problems(
        with tag: ReleaseTag, old: ObjectID?, new: ObjectID?
    ) throws(GitError) -> [EvidenceProblem] {
        let old = old.flatMap { $0.isZero ? nil : $0 }
        let new = new.flatMap { $0.isZero ? nil : $0 }
        guard case .of(let id) = tag else {
            // What is there from before may go.
            return new == nil
                ? []
                : [
                    EvidenceProblem(
                        new, "takes the place of the tags of releases, release/<id>",
                        hint: "choose another name")
                ]
        }
        guard let link = try link(of: id) else {
            return new == nil
                ? []
                : [
                    EvidenceProblem(
                        new, "no signed deployment is called \(shown(id.utf8))",
                        hint: "gate release start, which signs one and pushes its tag")
                ]
        }
        if let old, try isTag(old, of: link) {
            return [EvidenceProblem(new, "the tag of a release stays what it is")]
        }
        guard let new, try !isTag(new, of: link) else { return [] }
        return [
            EvidenceProblem(
                new,
                "\(shown(id.utf8)) is \(link.revision.short): an annotated tag of that commit which"
                    + " names its plan is the only one that may have its name",
                hint: "gate release status, which pushes the right one")
        ]
    }

    private func link(of id: String) throws(GitError) -> DeploymentChain.Link? {
        guard let release = policy.release else { return nil }
        for environment in release.environments where id.hasPrefix("\(environment)-") {
            for train in release.trains {
                let chain = try evidence.chain(
                    environment: environment, train: train.name, under: policy)
                let link = chain.links.first { $0.deployment.releaseID.utf8.elementsEqual(id.utf8) }
                if let link { return link }
            }
        }
        return nil
    }

    private func isTag(
        _ object: ObjectID, of link: DeploymentChain.Link
    ) throws(GitError) -> Bool {
        guard try history.header(object)?.kind == .tag else { return false }
        let tag = try history.tag(object)
        let line = Array(Self.planLine(link.deployment.planDigest).utf8)
        return tag.target == link.revision
            && tag.message.split(separator: 0x0a).contains { $0.elementsEqual(line) }
    }
}
