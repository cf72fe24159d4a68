import Evidence
import GitObjects
import History
import Policy

/// Who took part in a change: authors, committers, signers and co-authors of its commits.
struct Contributors {
    private(set) var principals: Set<Principal> = []
    /// Addresses that the policy does not know, with the first commit that has them; no more than
    /// ``unknownLimit`` of them.
    private(set) var unknown: [(address: [UInt8], commit: ObjectID)] = []

    /// One is enough for a refusal, and a message can name millions.
    private static let unknownLimit = 100

    init(of commits: [Commit], under policy: Policy) {
        for commit in commits {
            add(commit, under: policy)
        }
    }

    /// Adds the people of one commit.
    mutating func add(_ commit: Commit, under policy: Policy) {
        add(commit.author.email, of: commit, under: policy)
        add(commit.committer.email, of: commit, under: policy)
        Trailers(of: commit).forEachCoAuthorAddress { add($0, of: commit, under: policy) }
        if let principal = signer(of: commit, under: policy) {
            principals.insert(principal)
        }
    }

    private mutating func add(_ address: [UInt8], of commit: Commit, under policy: Policy) {
        switch policy.people.identity(of: address) {
        case .principal(let principal): principals.insert(principal)
        case .outsider: break
        case .unknown:
            guard unknown.count < Self.unknownLimit,
                !unknown.contains(where: { $0.address == address })
            else { return }
            unknown.append((address, commit.id))
        }
    }

    /// Whose key signed a commit. A signature that is nobody's adds nobody: whether commits must
    /// be signed is another rule's question.
    private func signer(of commit: Commit, under policy: Policy) -> Principal? {
        guard let armored = commit.signature, let payload = commit.signedPayload else {
            return nil
        }
        do {
            return try GitSignature.signer(of: payload, armored: armored, under: policy.signers)
        } catch {
            return nil
        }
    }
}
