public import Enforcement
public import Git
public import GitObjects
public import History
public import Ledger
import Policy
import Spawn

/// A server as one of its clones knows it: enough to give the server's verdict beforehand.
///
/// The refs are asked for once (`git ls-remote`); what the verdict needs of their objects is
/// fetched to tracking refs of gate's own, so that nobody has to configure a refspec and no branch
/// of the developer moves.
public struct RemoteView: ReferenceSource {
    /// The remote's name, or its URL where it has none.
    public let remote: String
    public let repository: Repository
    /// The branch that the server's HEAD names.
    public let defaultBranch: RefName
    /// The commit that the server's owner trusted; nil while the server only watches.
    public let trusted: ObjectID?
    private let targets: [RefName: ObjectID]
    private let symbolic: [RefName: RefName]

    /// Asks the remote for its refs and fetches what judging needs.
    ///
    /// - Parameter branches: further refs whose objects are needed.
    public init(
        of remote: String, for repository: Repository, branches: [RefName] = []
    ) throws(GitError) {
        try self.init(
            of: remote, for: repository, branches: branches,
            listing: try RemoteListing(of: remote, in: repository))
    }

    /// The same; nil for a server whose default branch does not exist yet, as before the first
    /// push: without a policy there is nothing to foretell.
    public static func unlessUnborn(
        of remote: String, for repository: Repository, branches: [RefName] = []
    ) throws(GitError) -> RemoteView? {
        let listing = try RemoteListing(of: remote, in: repository)
        if listing.targets["HEAD"] == nil { return nil }
        return try RemoteView(
            of: remote, for: repository, branches: branches, listing: listing)
    }

    private init(
        of remote: String, for repository: Repository, branches: [RefName],
        listing: RemoteListing
    ) throws(GitError) {
        self.remote = remote
        self.repository = repository
        targets = listing.targets
        symbolic = listing.symbolic
        guard let head = listing.symbolic["HEAD"] else {
            throw GitError(
                .unsupported, shown(remote.utf8), "does not say which branch is its default",
                hint: "on the server: git symbolic-ref HEAD refs/heads/master")
        }
        defaultBranch = head
        trusted = listing.targets["refs/gate/trusted"]
        let wanted = [head, NoteStore.ref, Server.headsRef] + branches
        try Self.fetch(
            wanted.filter { listing.targets[$0] != nil }, of: remote, listing: listing,
            into: repository)
    }

    public func resolve(_ name: RefName) throws(GitError) -> ResolvedReference {
        let real = symbolic[name] ?? name
        return ResolvedReference(name: real, target: targets[real])
    }

    public func references(
        startingWith prefix: String
    ) throws(GitError) -> [ResolvedReference] {
        targets.filter { $0.key.starts(with: prefix) }.sorted { $0.key < $1.key }
            .map { ResolvedReference(name: $0.key, target: $0.value) }
    }

    /// The policy at the server's default branch.
    ///
    /// - Returns: nil when that branch has no `policies/` that is valid: such a server judges
    ///   nothing yet, or refuses everything.
    public func governingPolicy() throws(GitError) -> GoverningPolicy? {
        guard let tip = targets[defaultBranch] else { return nil }
        switch try CommittedPolicies(history: repository).policy(at: tip) {
        case .success(let policy):
            return GoverningPolicy(
                policy: policy, commit: tip, defaultBranch: defaultBranch, trusted: trusted)
        case .failure: return nil
        }
    }

    /// The server's engine, over what the clone has.
    public func judge(_ governing: GoverningPolicy, now: Int64) throws(GitError) -> Judge {
        let evidence = try evidence()
        let keeper = EvidenceKeeper(
            repository: repository, policy: governing.policy, evidence: evidence, now: now)
        return Judge(
            governing: governing, history: repository, references: self,
            evidence: evidence, policies: CommittedPolicies(history: repository),
            keptHeads: targets[Server.headsRef], guardEvidence: keeper.findings)
    }

    /// The evidence that the server has.
    public func evidence() throws(GitError) -> NoteStore {
        try NoteStore(
            repository, tip: targets[NoteStore.ref], gitFolder: repository.commonDirectory)
    }

    /// Where gate keeps a ref of a remote in the clone.
    public static func trackingRef(_ ref: RefName, of remote: String) -> RefName {
        let name = String(remote.utf8.map { isPlain($0) ? Character(Unicode.Scalar($0)) : "-" })
        return RefName(Array("refs/gate/tracking/\(name)/".utf8) + ref.bytes)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f: true
        default: false
        }
    }

    private static func fetch(
        _ refs: [RefName], of remote: String, listing: RemoteListing, into repository: Repository
    ) throws(GitError) {
        var refspecs: [String] = []
        var written: [RefName] = []
        for ref in Set(refs) {
            let tracking = trackingRef(ref, of: remote)
            if try repository.resolve(tracking).target == listing.targets[ref] { continue }
            let source = String(decoding: ref.bytes, as: UTF8.self)
            let target = String(decoding: tracking.bytes, as: UTF8.self)
            refspecs.append("+\(source):\(target)")
            written.append(tracking)
        }
        if refspecs.isEmpty { return }
        let command =
            ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"]
            + [remote] + refspecs.sorted()
        do throws(GitError) {
            _ = try RemoteListing.git(command, in: repository, about: remote)
        } catch {
            // Another gate is at it in this clone, or one that was killed has left a lock.
            var wasLocked = false
            for ref in written where try AbandonedLocks.clear(ref, in: repository) {
                wasLocked = true
            }
            guard wasLocked else { throw error }
            _ = try RemoteListing.git(command, in: repository, about: remote)
        }
        repository.refresh()
    }
}

/// What `git ls-remote --symref` says.
struct RemoteListing {
    private(set) var targets: [RefName: ObjectID] = [:]
    private(set) var symbolic: [RefName: RefName] = [:]

    init(of remote: String, in repository: Repository) throws(GitError) {
        self.init(
            parsing: try Self.git(
                ["ls-remote", "--symref", "--quiet", remote], in: repository, about: remote))
    }

    /// Reads what git printed (git-ls-remote(1), "OUTPUT").
    init(parsing output: [UInt8]) {
        for line in output.split(separator: 0x0a) {
            let fields = line.split(separator: 0x09, maxSplits: 1)
            guard fields.count == 2 else { continue }
            let name = RefName(fields[1])
            if fields[0].starts(with: "ref: ".utf8) {
                symbolic[name] = RefName(fields[0].dropFirst(5))
            } else if let id = ObjectID(hex: fields[0]) {
                targets[name] = id
            }
        }
    }

    /// Runs git against a remote; the user's own configuration and credentials apply.
    static func git(
        _ arguments: [String], in repository: Repository, about remote: String
    ) throws(GitError) -> [UInt8] {
        let result: Child.Result
        do {
            result = try Child(
                ["git", "--git-dir=\(repository.gitDirectory)"] + arguments,
                environment: Child.environmentForAnotherRepository(),
                directory: repository.worktree, timeout: 300
            ).run()
        } catch {
            throw GitError(.tool, error.program, error.problem)
        }
        guard result.succeeded else {
            throw GitError(
                .tool, shown(remote.utf8),
                "git \(arguments[0]) failed: \(complaint(in: result.errorOutput))",
                hint: "git ls-remote \(shellWord(remote.utf8))")
        }
        return result.output
    }

    /// The line that says why. Behind it git always writes that it could not read, and three lines
    /// of advice; before that stand ssh's own words. An error that is not fatal is followed by
    /// advice, too: of a ref that is locked, to take the lock away that only its first line names.
    static func complaint(in output: [UInt8]) -> String {
        let lines = output.split(separator: 0x0a)
        guard let fatal = lines.firstIndex(where: { $0.starts(with: "fatal: ".utf8) }) else {
            let line = lines.first { $0.starts(with: "error: ".utf8) } ?? lines.last
            return line.map { shown($0) } ?? "without a word"
        }
        let isGeneral = lines[fatal].starts(with: "fatal: Could not read from remote".utf8)
        return shown(lines[isGeneral && fatal > 0 ? fatal - 1 : fatal])
    }
}
