public import GitObjects

/// The deployments of one environment and train, each naming the one before it.
///
/// ```
/// started ─▶ started (again, with its images) ─▶ succeeded ─▶ succeeded (with more ticks)
///                                             └▶ failed     └▶ started …
///                                             └▶ rolled_back
/// ```
///
/// Between `started` and its outcome nobody knows what the environment runs.
public struct DeploymentChain: Sendable {
    /// One statement of the chain.
    public struct Link: Sendable {
        public let deployment: Deployment
        /// The deployed commit.
        public let revision: ObjectID
        /// The statement's line, which the next one names.
        public let digest: LineDigest
        /// The fingerprint of the key that signed it.
        public let keyID: String

        /// nil for a line that is no deployment.
        public init?(_ line: Line) {
            guard case .deployment(let deployment) = line.statement.predicate else { return nil }
            self.deployment = deployment
            revision = line.statement.subject
            digest = line.digest
            keyID = line.signature.key.fingerprint
        }

        init(_ deployment: Deployment, on revision: ObjectID, digest: LineDigest) {
            self.deployment = deployment
            self.revision = revision
            self.digest = digest
            keyID = ""
        }

        /// What it put there.
        public var build: Build { Build(revision: revision, images: deployment.images) }
    }

    /// A commit and the images that were made of it.
    public struct Build: Hashable, Sendable {
        public let revision: ObjectID
        /// SHA-256 (hex) by service.
        public let digests: [String: String]

        public init(revision: ObjectID, images: [Deployment.Image]) {
            self.revision = revision
            digests = Dictionary(images.map { ($0.name, $0.digest) }) { first, _ in first }
        }
    }

    /// Oldest first.
    public private(set) var links: [Link] = []
    /// What was deployed and was not taken back since, the newest last.
    private var successes: [Link] = []
    /// What ran, and was neither found bad nor taken back.
    private var proven: Set<Build> = []

    public init() {}

    /// Puts the statements of one environment and train in order. What no statement leads to is
    /// left out.
    ///
    /// - Parameter counts: which of two successors is believed. The server accepts one only; a
    ///   time in which nobody guarded it may have left more.
    public init(_ lines: [Line], counts: (Line) -> Bool) throws(EvidenceError) {
        var followers: [LineDigest?: [(line: Line, link: Link)]] = [:]
        for line in lines {
            guard let link = Link(line) else { continue }
            followers[link.deployment.previous, default: []].append((line, link))
        }
        var digest: LineDigest?
        // A digest cannot name itself, however long the way round.
        while var next = followers[digest] {
            if next.count > 1 { next = next.filter { counts($0.line) } }
            guard next.count <= 1 else {
                throw EvidenceError("has \(next.count) successors of \(digest?.hex ?? "nothing")")
            }
            guard let link = next.first?.link else { break }
            append(link)
            digest = link.digest
        }
    }

    public var last: Link? { links.last }

    /// The last statement that says what the environment runs: what the marker repeats.
    public var deployed: Link? {
        links.last { $0.deployment.outcome == .succeeded || $0.deployment.outcome == .rolledBack }
    }

    /// A deployment that was started and whose outcome nobody has recorded.
    public var open: Link? { last?.deployment.outcome == .started ? last : nil }

    /// The first statement of the release that the last one is about.
    public var beginning: Link? {
        guard let last else { return nil }
        return links.reversed().prefix { $0.deployment.isSameRelease(as: last.deployment) }.last
    }

    /// The statement by which the last release came to the outcome that it has: later ones of the
    /// same outcome only added images or ticks.
    public var turn: Link? {
        guard let last else { return nil }
        return links.reversed().prefix {
            $0.deployment.isSameRelease(as: last.deployment)
                && $0.deployment.outcome == last.deployment.outcome
        }.last
    }

    /// The statement that took this release back; nil where none did, or where it was started anew
    /// since: the same landings on the same day have the same id.
    public func removal(of releaseID: String) -> Link? {
        guard
            let index = links.lastIndex(where: {
                $0.deployment.outcome == .succeeded
                    && $0.deployment.releaseID.utf8.elementsEqual(releaseID.utf8)
            }), !proves(links[index].build)
        else { return nil }
        guard
            let removal = links[(index + 1)...].firstIndex(where: {
                $0.deployment.outcome == .rolledBack
            })
        else { return nil }
        let isStartedAnew = links[(removal + 1)...].contains {
            $0.deployment.outcome == .started
                && $0.deployment.releaseID.utf8.elementsEqual(releaseID.utf8)
        }
        return isStartedAnew ? nil : links[removal]
    }

    /// What a rollback goes back to: the last that ran when the present one did not come up, else
    /// the one before it.
    public var rollbackTarget: Link? {
        guard let last else { return nil }
        switch last.deployment.outcome {
        case .started, .failed: return successes.last
        case .succeeded, .rolledBack: return successes.dropLast().last
        }
    }

    /// Whether these images of this commit ran here, and were not found bad or taken back.
    public func proves(_ build: Build) -> Bool { proven.contains(build) }

    /// Whether this ever ran here.
    public func hasDeployed(_ build: Build) -> Bool {
        links.contains { $0.deployment.outcome == .succeeded && $0.build == build }
    }

    /// Adds a statement that follows.
    public mutating func append(_ link: Link) {
        switch link.deployment.outcome {
        case .started: break
        case .succeeded:
            if successes.last?.revision == link.revision { successes.removeLast() }
            successes.append(link)
            proven.insert(link.build)
        case .failed:
            proven.remove(link.build)
        case .rolledBack:
            while let top = successes.last, top.build != link.build {
                proven.remove(top.build)
                successes.removeLast()
            }
            if successes.isEmpty { successes.append(link) }
            proven.insert(link.build)
        }
        links.append(link)
    }

    /// Why a statement cannot follow; nil when it can.
    public func problem(with next: Deployment, on revision: ObjectID) -> String? {
        let place = "\(shown(next.environment.utf8))/\(shown(next.train.utf8))"
        guard next.previous == last?.digest else {
            let isKnown =
                next.previous.map { previous in links.contains { $0.digest == previous } }
                ?? true
            return isKnown
                ? "somebody else recorded the next deployment of \(place)"
                : "a deployment follows one that is not known here"
        }
        guard let last, last.deployment.isSameRelease(as: next), last.revision == revision else {
            return problem(beginningWith: next, place)
        }
        let before = last.deployment
        switch (before.outcome, next.outcome) {
        case (.started, .started):
            guard before.images.allSatisfy(next.images.contains) else {
                return "an image of \(place) was exchanged after its deployment was started"
            }
        case (.started, .succeeded), (.started, .failed), (.started, .rolledBack):
            guard before.images == next.images else {
                return "the images of \(place) are not those with which it was started"
            }
            if next.outcome == .rolledBack, !hasDeployed(Build(revision: revision, next)) {
                return "nothing can be rolled back to \(revision.short) with these images: they"
                    + " never ran on \(place)"
            }
        case (.succeeded, .succeeded):
            guard before.images == next.images, before.ticks.count < next.ticks.count else {
                return "\(place) was recorded as succeeded before"
            }
        case (_, .started):
            return problem(beginningWith: next, place)
        default:
            return "\(next.outcome.rawValue) of \(place) has no started before it"
        }
        guard before.ticks.allSatisfy(next.ticks.contains) else {
            return "an item of the checklist of \(place) was unticked"
        }
        guard before.overrides == next.overrides else {
            return "what was overridden for \(place) was changed after its start"
        }
        return nil
    }

    private func problem(beginningWith next: Deployment, _ place: String) -> String? {
        guard next.outcome == .started else {
            return "\(next.outcome.rawValue) of \(place) has no started before it"
        }
        if let open {
            return "what became of \(shown(open.deployment.releaseID.utf8)) on \(place) is not"
                + " recorded"
        }
        return next.ticks.isEmpty ? nil : "\(place) is ticked before it succeeded"
    }
}

extension DeploymentChain.Build {
    fileprivate init(revision: ObjectID, _ deployment: Deployment) {
        self.init(revision: revision, images: deployment.images)
    }
}

extension Deployment {
    /// Whether both are steps of one release.
    public func isSameRelease(as other: Deployment) -> Bool {
        releaseID.utf8.elementsEqual(other.releaseID.utf8) && planDigest == other.planDigest
    }
}
