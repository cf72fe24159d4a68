import Evidence
import Git
import GitObjects
import Ledger
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Holds the claim on one tree while its checks run.
///
/// It is short and renewed, so that a runner that is killed keeps others from its work for two
/// minutes at most; and it is not given back: it ends by itself when the results have long arrived.
struct ClaimHolder {
    enum Outcome: Equatable {
        case taken
        /// Somebody else was faster.
        case lost
        /// The server takes no claims from here; its words.
        case refused(String)
    }

    /// Seconds for which a claim is made.
    static let length: Int64 = 120

    private let tree: ObjectID
    private let repository: String
    private let runner: String
    private let isUsed: Bool
    private let scribe: Scribe
    private let claims: Claims
    private var blob: ObjectID?
    private var expires: Int64 = 0

    private var now: Int64 { Int64(time(nil)) }

    /// - Parameter isUsed: false where the server takes no claims: then nothing is claimed.
    init(on tree: ObjectID, work: OpenWork, runner: String, isUsed: Bool) throws {
        self.tree = tree
        self.runner = runner
        self.isUsed = isUsed
        repository = work.workplace.policy.people.repository
        scribe = work.scribe
        claims = Claims(
            try Writer.open(gitDirectory: work.workplace.repository.gitDirectory),
            remote: work.workplace.clone.remote)
    }

    /// Claims the tree, in place of what stands there and has ended, or is this runner's own.
    mutating func take(over standing: [ObjectID: Claims.Standing]) throws -> Outcome {
        guard isUsed else { return .taken }
        // Others' that have ended are cleared by whoever comes by.
        let ended = standing.values.filter { other in
            other.tree != tree && (!(other.claim?.stands(at: now) ?? false))
        }
        try claims.clear(Array(ended.prefix(32)))
        return try place(over: standing[tree]?.blob)
    }

    private mutating func place(over old: ObjectID?) throws -> Outcome {
        let end = now + Self.length
        let signed = try scribe.sign(
            Claim(tree: tree, repository: repository, runner: runner, expires: end))
        switch try claims.place(signed, over: old) {
        case .placed(let blob):
            self.blob = blob
            expires = end
            return .taken
        case .lost: return .lost
        case .refused(let words): return .refused(words)
        }
    }

    /// Makes it last longer, where it is time. That this fails costs at most that somebody else runs
    /// the same, so nothing is made of it.
    mutating func renew() {
        guard let blob, now > expires - Self.length / 2 else { return }
        do {
            if try place(over: blob) != .taken { self.blob = nil }
        } catch {
            self.blob = nil
        }
    }
}
