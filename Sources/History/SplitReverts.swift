public import GitObjects

/// Changes of a range whose revert landed behind its head: whoever pushes the range pushes what
/// was already taken back.
public struct SplitReverts: Sendable {
    public struct Split: Sendable {
        public let change: RangeLanding
        public let revert: RangeLanding
    }

    /// The newest revert first.
    public let all: [Split]

    /// - Parameter behind: the landings behind the range's head, oldest first.
    public init(
        _ range: LandingRange, behind: [RangeLanding], in history: some HistorySource
    ) throws(GitError) {
        var owner: [ObjectID: RangeLanding] = [:]
        for landing in range.landings {
            for commit in landing.allCommits { owner[commit.id] = landing }
        }
        let claimed = behind.filter { !RevertClaims($0).isEmpty }
        guard !claimed.isEmpty else {
            all = []
            return
        }
        let now = try ChangeStates.of(range, in: history)
        // A revert that was itself taken back behind the head splits nothing.
        let whole = LandingRange(range, extendedBy: behind)
        let later = try ChangeStates.of(whole, in: history)
        var all: [Split] = []
        for revert in claimed.reversed() {
            for target in later[revert.id]?.reverts ?? [] {
                guard let change = owner[target], now[target]?.kind == .included,
                    later[target]?.kind == .reverted,
                    !all.contains(where: { $0.change.id == target })
                else { continue }
                all.append(Split(change: change, revert: revert))
            }
        }
        self.all = all
    }
}
