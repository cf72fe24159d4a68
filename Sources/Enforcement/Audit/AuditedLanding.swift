public import GitObjects

/// What an audit says about one landing.
public struct AuditedLanding: Sendable {
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Everything that the policy asked for was there.
        case held
        /// What was missing was lifted by a signed bypass.
        case bypassed
        case refused
        /// It cannot be told, see the verdict's error.
        case undetermined
        /// No policy spoke about the branch at that time.
        case ungated
    }

    public let commit: ObjectID
    /// The landing before; nil for a root commit.
    public let predecessor: ObjectID?
    /// The first line of its message.
    public let title: [UInt8]
    /// When it was committed, as its committer says: seconds since 1970.
    public let time: Int64
    public let state: State
    /// Why it is ungated; nil otherwise.
    public let reason: String?
    /// The commit whose policy judged; nil when none did.
    public let policy: ObjectID?
    /// The commit of `refs/notes/gate` that was read; nil when there is no evidence.
    public let evidence: ObjectID?
    /// The landing itself names the evidence by which it was judged when it was made
    /// (`Gate-Evidence`). Otherwise all that has come since counted too.
    public let evidenceIsOfItsTime: Bool
    /// The earlier landing whose evidence judged this one, which itself names older; nil otherwise.
    public let evidenceNamedBy: ObjectID?
    /// It was refused by the evidence of its time, and what has come since would have sufficed.
    public let holdsByNow: Bool
    /// Its own tree has passed every required check by now; nil where no checks are required.
    public let isProven: Bool?
    /// The engine's answer; nil when it was not asked.
    public let verdict: UpdateVerdict?
}

extension AuditedLanding {
    /// A landing that no policy judged.
    public init(ungated commit: Commit, because reason: String) {
        self.init(
            commit: commit.id, predecessor: commit.parents.first, title: Self.title(of: commit),
            time: commit.committer.time, state: .ungated, reason: reason, policy: nil,
            evidence: nil, evidenceIsOfItsTime: false, evidenceNamedBy: nil, holdsByNow: false,
            isProven: nil,
            verdict: nil)
    }

    static func title(of commit: Commit) -> [UInt8] {
        Array(commit.message.prefix { $0 != 0x0a })
    }
}
