public import Evidence
public import Git
public import GitObjects
import History
public import Policy
import Spawn

/// The claims of runners on a remote: reads, places and clears them.
///
/// What is read here is advice: whether a claim is taken, the server's hook decides, and git lets
/// only one of two win that were made over the same old one.
public struct Claims {
    /// A claim as it lies on the remote.
    public struct Standing: Hashable, Sendable {
        public let tree: ObjectID
        /// What the ref points at.
        public let blob: ObjectID
        /// nil: it cannot be read, or nobody's good signature is on it.
        public let claim: Claim?

        /// Whether it keeps this runner from running checks.
        public func stands(against runner: String, at now: Int64) -> Bool {
            guard let claim else { return false }
            return claim.stands(at: now) && !claim.runner.utf8.elementsEqual(runner.utf8)
        }
    }

    /// What became of an attempt to claim.
    public enum Answer: Hashable, Sendable {
        case placed(blob: ObjectID)
        /// Somebody else has it.
        case lost
        /// The server takes no claims from here, with its words; work goes on without.
        case refused(String)
    }

    private let writer: Writer
    private let remote: String
    private let git: GitCommand
    private let tracking = "refs/gate/tracking/_claims/"

    public init(_ writer: Writer, remote: String) {
        self.writer = writer
        self.remote = remote
        git = GitCommand(writer.repository)
    }

    /// Fetches the claims that the remote has.
    ///
    /// - Parameter policy: says whose signatures count.
    public func fetch(under policy: Policy) throws(GitError) -> [ObjectID: Standing] {
        let result = try git.run([
            "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head",
            "--no-auto-maintenance", "--no-recurse-submodules", "--refmap=", remote,
            "+\(Claim.refPrefix)*:\(tracking)*",
        ])
        guard result.succeeded else { throw GitCommand.failure("fetch", result) }
        let repository = writer.repository
        repository.refresh()
        var found: [ObjectID: Standing] = [:]
        for reference in try repository.references(startingWith: tracking) {
            let digits = reference.name.bytes.dropFirst(tracking.utf8.count)
            guard let tree = ObjectID(hex: digits), let blob = reference.target else { continue }
            found[tree] = Standing(
                tree: tree, blob: blob, claim: try read(blob, on: tree, under: policy))
        }
        return found
    }

    private func read(
        _ blob: ObjectID, on tree: ObjectID, under policy: Policy
    ) throws(GitError) -> Claim? {
        guard try writer.repository.header(blob)?.kind == .blob else { return nil }
        let bytes: [UInt8]
        do throws(GitError) {
            bytes = try writer.repository.blob(blob, limit: SignedClaim.byteLimit)
        } catch {
            if error.kind == .limit { return nil }
            throw error
        }
        do throws(EvidenceError) {
            let signed = try SignedClaim(parsing: bytes)
            let principal = try signed.signer(under: policy.signers, arrival: nil)
            guard policy.checkSigners().contains(principal), signed.claim.tree == tree else {
                return nil
            }
            return signed.claim
        } catch {
            return nil
        }
    }

    /// Puts a claim in place of `old`, nil for none; fails when it is not what is there.
    public func place(_ signed: SignedClaim, over old: ObjectID?) throws(GitError) -> Answer {
        let blob = try writer.writeBlob(signed.bytes)
        let ref = Claim.ref(for: signed.claim.tree)
        let result = try push(["\(blob.hex):\(ref)"], [(ref, old)])
        switch try PushAnswer(result, ref: ref) {
        case .accepted: return .placed(blob: blob)
        case .lostRace: return .lost
        case .refused(let words):
            // By the server's clock it has not ended yet.
            let said = words.filter { !$0.isWhitespace }
            return said.contains("hasitforanother") ? .lost : .refused(words)
        }
    }

    /// Deletes claims, each only if it is what it was; those that the server keeps stay.
    public func clear(_ standing: [Standing]) throws(GitError) {
        guard !standing.isEmpty else { return }
        let refs = standing.map { (Claim.ref(for: $0.tree), Optional($0.blob)) }
        _ = try push(refs.map { ":\($0.0)" }, refs)
    }

    private func push(
        _ refspecs: [String], _ leases: [(ref: RefName, old: ObjectID?)]
    ) throws(GitError) -> Child.Result {
        try git.run(
            ["push", "--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"]
                + leases.map { "--force-with-lease=\($0.ref):\($0.old?.hex ?? "")" }
                + [remote] + refspecs)
    }
}
