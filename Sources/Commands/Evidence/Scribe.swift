import Evidence
import Git
import GitObjects
import Hooks
import Ledger
import Policy

/// The user as somebody who signs: makes lines of evidence under the policy that will judge them,
/// and brings them to the server.
struct Scribe {
    private let signer: Signer
    private let sync: LedgerSync
    private let repository: String

    /// Whose key signs.
    var principal: Principal { signer.principal }

    /// Finds the user's key.
    ///
    /// - Parameters:
    ///   - namespace: of what is to be signed, see `Predicate.namespace`.
    ///   - key: the file that the user named; nil: the one that git signs with, or a usual one.
    init(_ workplace: Workplace, namespace: String, key: String?) throws {
        signer = try Signer(
            workplace.repository, signers: workplace.policy.signers, key: key,
            namespace: namespace)
        sync = LedgerSync(
            try Writer.open(gitDirectory: workplace.repository.gitDirectory),
            remote: workplace.clone.remote)
        repository = workplace.policy.people.repository
    }

    /// The key as git's `user.signingKey` takes it.
    var gitSigningKey: String { signer.gitSigningKey }

    /// A signed envelope around an in-toto statement.
    func attest(_ payload: [UInt8]) throws -> Attestation { try signer.attest(payload) }

    /// A signed line about an object.
    func sign(_ predicate: Predicate, about subject: ObjectID) throws -> Line {
        try signer.sign(
            Statement(subject: subject, repository: repository, predicate: predicate))
    }

    /// A signed claim to run checks.
    func sign(_ claim: Claim) throws -> SignedClaim { try signer.sign(claim) }

    /// Pushes lines, together with those that this clone has not pushed yet; tries again while
    /// others are faster.
    func publish(_ lines: [Line]) throws { try sync.append(lines) }

    /// Keeps lines in this clone, until something is published.
    func keep(_ lines: [Line]) throws { try sync.keep(lines) }

    /// Takes lines that were signed and never pushed out of this clone: what a killed command left
    /// would stand beside what is signed now.
    func dropPending(_ isStale: (Line) -> Bool) throws {
        try sync.fetch()
        try sync.drop(try sync.pending().filter(isStale))
    }
}
