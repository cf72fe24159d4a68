public import GitObjects

/// What a push really does with a change of its range.
public struct ChangeState: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// It comes with this push.
        case included
        /// It comes, and so does what takes it back: together they change nothing.
        case reverted
        /// It was deployed before, from a side branch.
        case alreadyShipped = "already_shipped"
        /// It is deployed, and goes with this push.
        case removed
    }

    /// How an equal change on the other side was found.
    public enum Match: String, Hashable, Sendable, CaseIterable {
        /// A `cherry picked from` line, which the trees bear out.
        case trailer
        /// The raw difference is equal.
        case difference
        /// The number alone: a hint to people, and the change stays what it is.
        case number
    }

    public internal(set) var kind: Kind
    public internal(set) var matchedBy: Match?
    /// The landing or commit on the other side.
    public internal(set) var match: ObjectID?
    /// The landings that it takes back as a whole.
    public internal(set) var reverts: [ObjectID] = []
    /// The landings of which it takes back a part, or with other edits.
    public internal(set) var partlyReverts: [ObjectID] = []
}

/// Sorts out the changes of a range: which cancel each other, and which were shipped before.
///
/// Messages only say where to look; the trees decide. A revert is complete when its tree is what
/// git's three-way merge gives that git-revert(1) makes.
public struct ChangeStates<Source: HistorySource> {
    private let history: Source
    private let range: LandingRange
    /// The landing that brought a commit in.
    private var landing: [ObjectID: ObjectID] = [:]
    private var commit: [ObjectID: Commit] = [:]
    private var states: [ObjectID: ChangeState] = [:]

    /// The states of a range's landings, those that are removed included.
    public static func of(
        _ range: LandingRange, in history: Source
    ) throws(GitError) -> [ObjectID: ChangeState] {
        var states = ChangeStates(range, history)
        try states.matchShipped()
        try states.cancelReverts()
        return states.states
    }

    private init(_ range: LandingRange, _ history: Source) {
        self.range = range
        self.history = history
        for one in range.landings {
            states[one.id] = ChangeState(kind: .included)
            for member in one.allCommits {
                landing[member.id] = one.id
                commit[member.id] = member
            }
        }
        for one in range.removed {
            states[one.id] = ChangeState(kind: .removed)
            for member in one.allCommits { commit[member.id] = member }
        }
    }

    // MARK: - Shipped before

    private mutating func matchShipped() throws(GitError) {
        guard range.relation == .diverged else { return }
        let deployed = try Deployed(range.removed, history)
        for one in range.landings {
            guard let found = try deployed.match(one) else { continue }
            states[one.id]?.matchedBy = found.by
            states[one.id]?.match = found.id
            if found.by == .number { continue }
            states[one.id]?.kind = .alreadyShipped
            if range.removed.contains(where: { $0.id == found.id }) {
                // It is not lost: the head has it in its own way.
                states[found.id]?.kind = .alreadyShipped
                states[found.id]?.matchedBy = found.by
                states[found.id]?.match = one.id
            }
        }
    }

    // MARK: - Reverts

    /// From the newest to the oldest: a change that was not taken back itself takes back what it
    /// reverts. A revert of a revert so restores what the first one took.
    private mutating func cancelReverts() throws(GitError) {
        let reverts = RevertReading(history: history)
        var numbers: [Int: [ObjectID]] = [:]
        for one in range.landings {
            if case .pullRequest(let number)? = ChangeLabel(of: one.commit).reference {
                numbers[number, default: []].append(one.id)
            }
        }
        var position: [ObjectID: Int] = [:]
        for (index, one) in range.landings.enumerated() { position[one.id] = index }
        for (index, one) in range.landings.enumerated().reversed() {
            let claims = RevertClaims(one)
            if claims.isEmpty { continue }
            var targets: [ObjectID] = claims.commits.compactMap { landing[$0] }
            if claims.commits.isEmpty {
                // The newest landing of that number before this one.
                targets = claims.numbers.compactMap { number in
                    numbers[number]?.last { (position[$0] ?? index) < index }
                }
            }
            let earlier = Self.distinct(targets).filter { (position[$0] ?? index) < index }
            if earlier.isEmpty { continue }
            let isComplete = try reverts.isComplete(one, of: earlier.compactMap { commit[$0] })
            let allInRange = claims.commits.allSatisfy { landing[$0] != nil }
            if isComplete, allInRange {
                states[one.id]?.reverts = earlier
                cancel(earlier, by: one.id)
            } else {
                states[one.id]?.partlyReverts = earlier
            }
        }
    }

    private mutating func cancel(_ targets: [ObjectID], by revert: ObjectID) {
        let isLive = states[revert]?.kind == .included
        let areAll = targets.allSatisfy { states[$0]?.kind == .included }
        guard isLive, areAll else { return }
        states[revert]?.kind = .reverted
        for target in targets { states[target]?.kind = .reverted }
    }

    private static func distinct(_ ids: [ObjectID]) -> [ObjectID] {
        var seen: Set<ObjectID> = []
        return ids.filter { seen.insert($0).inserted }
    }
}

/// What a landing's messages say that it reverts.
struct RevertClaims {
    let commits: [ObjectID]
    let numbers: [Int]

    init(_ landing: RangeLanding) {
        var commits: [ObjectID] = []
        var numbers: [Int] = []
        for commit in landing.allCommits {
            let references = MessageReferences(message: commit.message)
            commits += references.reverted.filter { !commits.contains($0) }
            numbers += references.revertedNumbers.filter { !numbers.contains($0) }
        }
        // A branch may revert its own commits; that is no business of the range.
        let own = Set(landing.allCommits.map(\.id))
        self.commits = commits.filter { !own.contains($0) }
        self.numbers = numbers
    }

    var isEmpty: Bool { commits.isEmpty && numbers.isEmpty }
}

/// Sees in the trees whether a revert is one.
struct RevertReading<Source: HistorySource> {
    let history: Source

    /// Whether the landing does nothing but take these landings back as a whole.
    ///
    /// - Parameter targets: landings before it, newest first or in any order.
    func isComplete(_ revert: RangeLanding, of targets: [Commit]) throws(GitError) -> Bool {
        if let only = targets.first, targets.count == 1 {
            return try isRevert(revert.commit, of: only)
        }
        // Several at once: each commit of the change takes one of them back, and nothing else came.
        let steps = revert.commits.filter { $0.parents.count == 1 }
        guard steps.count == targets.count, let top = revert.commits.first else { return false }
        var open = targets
        for step in steps {
            let claimed = MessageReferences(message: step.message).reverted
            guard let index = open.firstIndex(where: { claimed.contains($0.id) }),
                try isRevert(step, of: open[index])
            else { return false }
            open.remove(at: index)
        }
        return try isCleanLanding(revert.commit, of: top)
    }

    /// git-revert(1): a three-way merge whose base is the commit and whose other side is its
    /// parent.
    private func isRevert(_ revert: Commit, of target: Commit) throws(GitError) -> Bool {
        guard let before = revert.parents.first, let undone = target.parents.first,
            try history.commit(before).tree != revert.tree
        else { return false }
        return try history.verifyMerge(
            base: target.id, ours: before, theirs: undone, result: revert.tree) == .clean
    }

    private func isCleanLanding(_ landing: Commit, of head: Commit) throws(GitError) -> Bool {
        guard landing.id != head.id else { return true }
        guard landing.parents.count == 2, let predecessor = landing.parents.first else {
            return false
        }
        let bases = try history.mergeBases(predecessor, head.id)
        guard let base = bases.first, bases.count == 1 else { return false }
        return try history.verifyMerge(
            base: base, ours: predecessor, theirs: head.id, result: landing.tree) == .clean
    }
}

/// What is deployed and not in the head, to be compared with what comes.
private struct Deployed<Source: HistorySource> {
    private let history: Source
    private let landings: [RangeLanding]
    /// Deployed commits by the commit that they say they were picked from.
    private var pickedFrom: [ObjectID: Commit] = [:]
    private var commits: [ObjectID: Commit] = [:]
    private var byDigest: [ChangeDigest: ObjectID] = [:]
    private var byReference: [ChangeLabel.Reference: ObjectID] = [:]
    /// The landings in which a deployed commit is.
    private var landing: [ObjectID: ObjectID] = [:]

    init(_ landings: [RangeLanding], _ history: Source) throws(GitError) {
        self.history = history
        self.landings = landings
        for one in landings {
            if let reference = ChangeLabel(of: one.commit).reference {
                byReference[reference] = one.id
            }
            for commit in one.allCommits {
                commits[commit.id] = commit
                landing[commit.id] = one.id
                for origin in MessageReferences(message: commit.message).picked {
                    pickedFrom[origin] = commit
                }
                if let digest = try digest(of: commit) { byDigest[digest] = commit.id }
            }
        }
    }

    func match(_ one: RangeLanding) throws(GitError) -> (by: ChangeState.Match, id: ObjectID)? {
        if let pick = try trailerMatch(one) { return (.trailer, landing[pick] ?? pick) }
        if let digest = try digest(of: one.commit), let id = byDigest[digest] {
            return (.difference, landing[id] ?? id)
        }
        if let reference = ChangeLabel(of: one.commit).reference, let id = byReference[reference] {
            return (.number, id)
        }
        return nil
    }

    /// The deployed commit that is this change by a trailer on either side, borne out by the trees.
    private func trailerMatch(_ one: RangeLanding) throws(GitError) -> ObjectID? {
        if let pick = pickedFrom[one.id], try isPick(pick, of: one.commit) { return pick.id }
        for origin in MessageReferences(message: one.commit.message).picked {
            if let shipped = commits[origin], try isPick(one.commit, of: shipped) {
                return shipped.id
            }
        }
        // Each of the change's commits was picked, or is a pick.
        let steps = one.commits.filter { $0.parents.count == 1 }
        var last: ObjectID?
        for step in steps {
            let origins = MessageReferences(message: step.message).picked
            if let pick = pickedFrom[step.id], try isPick(pick, of: step) {
                last = pick.id
            } else if let shipped = origins.lazy.compactMap({ commits[$0] }).first,
                try isPick(step, of: shipped)
            {
                last = shipped.id
            } else {
                return nil
            }
        }
        return last
    }

    /// git-cherry-pick(1): a three-way merge whose base is the picked commit's parent.
    private func isPick(_ pick: Commit, of origin: Commit) throws(GitError) -> Bool {
        guard let onto = pick.parents.first, let base = origin.parents.first,
            try history.commit(onto).tree != pick.tree
        else { return false }
        return try history.verifyMerge(
            base: base, ours: onto, theirs: origin.id, result: pick.tree) == .clean
    }

    private func digest(of commit: Commit) throws(GitError) -> ChangeDigest? {
        guard let parent = commit.parents.first else { return nil }
        let changes = try history.changes(from: try history.commit(parent).tree, to: commit.tree)
        return changes.isEmpty ? nil : ChangeDigest(of: changes)
    }
}
