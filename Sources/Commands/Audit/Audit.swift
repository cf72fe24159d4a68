import Enforcement
import GitObjects

/// What an audit found.
struct Audit {
    let ref: RefName
    /// The landing behind which it begins; nil: at the root.
    let base: ObjectID?
    let head: ObjectID
    /// The commit whose policy judged every landing; nil: each was judged by the one before it.
    let policy: ObjectID?
    /// The commit that the server's owner trusted, where that is known.
    let trusted: ObjectID?
    /// The tip of the evidence; nil when there is none.
    let evidence: ObjectID?
    /// Oldest first.
    let landings: [AuditedLanding]

    /// The first landing that a gate judged: from there on, every landing must hold.
    var gatedSince: AuditedLanding? { landings.first { $0.state != .ungated } }

    func count(_ state: AuditedLanding.State) -> Int {
        landings.reduce(0) { $0 + ($1.state == state ? 1 : 0) }
    }

    /// A landing that nothing judged, behind one that something did: the gate was open there.
    var gaps: [AuditedLanding] {
        guard let first = landings.firstIndex(where: { $0.state != .ungated }) else { return [] }
        return landings[first...].filter { $0.state == .ungated }
    }

    /// gate's exit code: a landing that did not hold weighs more than one that cannot be told.
    var exitCode: Int32 {
        if count(.refused) > 0 || !gaps.isEmpty { return 1 }
        return count(.undetermined) > 0 ? 3 : 0
    }
}
