public import GitObjects
public import History
import Policy

/// Makes a plan: one pass over the range, for all services at once.
public struct PlanMaker<Source: HistorySource> {
    private let history: Source
    private let request: ReleasePlan.Request
    private let evidence: EvidenceBook?
    private let deployedImages: [String: String]
    private let keptHeads: KeptHeads<Source>
    private var mailmap = Mailmap()
    private var groups: PathGroups
    private let layout: Layout

    /// - Parameters:
    ///   - evidence: what is signed about landings; nil without a policy.
    ///   - deployedImages: SHA-256 (hex) of the deployed image, by service.
    ///   - keptHeads: the tip of `refs/gate/heads`; nil where there is none.
    public init(
        _ history: Source, request: ReleasePlan.Request, evidence: EvidenceBook? = nil,
        deployedImages: [String: String] = [:], keptHeads: ObjectID? = nil
    ) throws(GitError) {
        self.history = history
        self.request = request
        self.evidence = evidence
        self.deployedImages = deployedImages
        self.keptHeads = try KeptHeads(history, chain: keptHeads)
        layout = Layout(request.policy, train: request.train)
        groups = PathGroups(layout.patterns)
    }

    /// Where each kind of path stands among the groups.
    private struct Layout {
        let patterns: [[PathPattern]]
        let services: Range<Int>
        let migrations: Int
        let config: Int
        let checklist: Range<Int>
        let flags: Int
        let train: Int

        init(_ policy: ReleasePolicy, train: String) {
            let services = policy.services.map(\.paths)
            let checklist = policy.changed.map(\.paths)
            let files = policy.flags?.files ?? []
            let named = policy.trains.first { $0.name == train }
            patterns =
                services + checklist
                + [
                    policy.migrations, policy.config, files.map { PathPattern(Self.literal($0)) },
                    named?.paths ?? [PathPattern("**")],
                ]
            self.services = 0..<services.count
            self.checklist = services.count..<services.count + checklist.count
            migrations = self.checklist.upperBound
            config = migrations + 1
            flags = migrations + 2
            self.train = migrations + 3
        }

        private static func literal(_ path: TreePath) -> String {
            String(decoding: path.bytes, as: UTF8.self)
        }
    }

    /// Makes the plan of a range.
    public mutating func plan(_ range: LandingRange) throws(GitError) -> ReleasePlan {
        let head = try history.commit(range.head)
        mailmap = try readMailmap(head.tree)
        let states = try ChangeStates.of(range, in: history)
        var changes: [ReleasePlan.Entry] = []
        let landings = range.landings + range.removed
        for start in stride(from: 0, to: landings.count, by: Self.batch) {
            let some = landings[start..<min(start + Self.batch, landings.count)]
            let differences = try history.changes(
                ofEach: some.map { TreeStep(from: $0.treeBefore, to: $0.commit.tree) })
            for (landing, differences) in zip(some, differences) {
                guard let state = states[landing.id] else { continue }
                if let entry = try entry(landing, state, differences) { changes.append(entry) }
            }
        }
        let base = try range.base.map { id throws(GitError) in try history.commit(id).tree }
        var net = try history.changes(from: base, to: head.tree)
        net = net.filter { groups.groups(of: $0.path).contains(layout.train) }
        let flags = try flagChanges(from: base, to: head.tree)
        let services = services(net, changes, isFirst: base == nil)
        let migrations = net.filter { isIn(layout.migrations, $0.path) }
            .map { Migration(path: $0.path, event: FileEvent($0)) }
        let config = net.filter { isIn(layout.config, $0.path) }
            .map { (path: $0.path, event: FileEvent($0)) }
        let warnings = PlanWarnings(
            changes: changes, migrations: base == nil ? [] : migrations,
            flagProblems: flags.problems, relation: range.relation)
        return ReleasePlan(
            request: request, range: range, headTree: head.tree, changes: changes,
            services: services, migrations: migrations, config: config, flags: flags.changes,
            checklist: checklist(net), warnings: warnings.all)
    }

    /// How many landings' differences are in memory at a time.
    private static var batch: Int { 8192 }

    private mutating func isIn(_ group: Int, _ path: TreePath) -> Bool {
        groups.groups(of: path).contains(group)
    }

    /// `.mailmap` of the head, so that the answer is the same in a bare repository.
    private func readMailmap(_ tree: ObjectID) throws(GitError) -> Mailmap {
        guard let entry = try history.entry(".mailmap", in: tree),
            [.blob, .executable, .groupWritableBlob].contains(entry.mode)
        else { return Mailmap() }
        return Mailmap(parsing: try history.blob(entry.id, limit: 16 << 20))
    }

    private func flagChanges(
        from old: ObjectID?, to new: ObjectID
    ) throws(GitError) -> (changes: [FlagChange], problems: [String]) {
        guard let flags = request.policy.flags else { return ([], []) }
        return try FlagFiles(history: history, files: flags.files).changes(from: old, to: new)
    }
}

// MARK: - One change

extension PlanMaker {
    /// nil: nothing of it belongs to the train.
    private mutating func entry(
        _ landing: RangeLanding, _ state: ChangeState, _ differences: [TreeChange]
    ) throws(GitError) -> ReleasePlan.Entry? {
        var touched: Set<Int> = []
        var migrations: [Migration] = []
        var config: [TreePath] = []
        for difference in differences {
            let groups = groups.groups(of: difference.path)
            touched.formUnion(groups)
            if groups.contains(layout.migrations) {
                migrations.append(
                    Migration(path: difference.path, event: FileEvent(difference)))
            }
            if groups.contains(layout.config) { config.append(difference.path) }
        }
        if !differences.isEmpty, !touched.contains(layout.train) { return nil }
        let label = ChangeLabel(of: landing)
        let flags =
            touched.contains(layout.flags)
            ? try flagChanges(from: landing.treeBefore, to: landing.commit.tree).changes.map(\.name)
            : []
        let commits = try keptHeads.commits(of: landing)
        let times = commits.map(\.author.time)
        let policy = request.policy
        return ReleasePlan.Entry(
            id: label.id(of: landing.id), reference: label.reference,
            title: label.title, state: state, landing: landing, commits: commits,
            authors: authors(of: landing),
            reviewers: try reviewers(of: landing, differences), tickets: tickets(in: landing),
            services: layout.services.filter(touched.contains).map { policy.services[$0].name },
            migrations: migrations, config: config, flags: flags,
            bypasses: try evidence?.bypasses(of: landing.id) ?? [],
            authored: Timestamp(seconds: times.min() ?? landing.commit.author.time),
            committed: Timestamp(
                seconds: commits.map(\.committer.time).max()
                    ?? landing.commit.committer.time),
            landed: Timestamp(seconds: landing.commit.committer.time))
    }

    /// Whoever wrote most commits first.
    private func authors(of landing: RangeLanding) -> [Mailmap.Person] {
        var count: [Mailmap.Person: Int] = [:]
        for commit in landing.commits {
            let author = Mailmap.Person(name: commit.author.name, email: commit.author.email)
            count[mailmap.resolve(author), default: 0] += 1
            for person in Self.people("Co-authored-by", in: commit) {
                count[mailmap.resolve(person), default: 0] += 0
            }
        }
        if landing.commits.first?.id != landing.id {
            for person in Self.people("Co-authored-by", in: landing.commit) {
                count[mailmap.resolve(person), default: 0] += 0
            }
        }
        return count.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    /// From evidence, else from what messages say.
    private func reviewers(
        of landing: RangeLanding, _ differences: [TreeChange]
    ) throws(GitError) -> [Mailmap.Person] {
        if let evidence {
            let digest = differences.isEmpty ? nil : ChangeDigest(of: differences)
            let approvers = try evidence.approvers(of: landing, digest: digest)
            if !approvers.isEmpty {
                return approvers.map { principal in
                    let address = Array(principal.name.utf8)
                    return mailmap.resolve(Mailmap.Person(name: [], email: address))
                }
            }
        }
        var people: Set<Mailmap.Person> = []
        for commit in landing.allCommits {
            for person in Self.people("Reviewed-by", in: commit) {
                people.insert(mailmap.resolve(person))
            }
        }
        return people.sorted()
    }

    /// `Name <address>` in trailers.
    private static func people(_ key: String, in commit: Commit) -> [Mailmap.Person] {
        // Most messages have none; the trailers' reader looks at every line.
        guard commit.message.contains(0x3c) else { return [] }
        return Trailers(of: commit).values(of: key).compactMap { value in
            guard let open = value.lastIndex(of: 0x3c), let close = value.lastIndex(of: 0x3e),
                open < close
            else { return nil }
            var name = value[..<open]
            while name.last == 0x20 { name.removeLast() }
            return Mailmap.Person(name: Array(name), email: Array(value[(open + 1)..<close]))
        }
    }

    private func tickets(in landing: RangeLanding) -> [String] {
        guard let pattern = request.policy.tickets else { return [] }
        var found: Set<String> = []
        for commit in landing.allCommits {
            for range in pattern.matches(in: commit.message) {
                found.insert(String(decoding: commit.message[range], as: UTF8.self))
            }
        }
        return found.sorted(by: utf8Order)
    }
}

// MARK: - The push as a whole

extension PlanMaker {
    /// Compares what the changes say with what the two trees say.
    private mutating func services(
        _ net: [TreeChange], _ changes: [ReleasePlan.Entry], isFirst: Bool
    ) -> [ReleasePlan.ServiceChange] {
        var paths = [[TreePath]](repeating: [], count: layout.services.count)
        for change in net {
            for group in groups.groups(of: change.path) where layout.services.contains(group) {
                paths[group].append(change.path)
            }
        }
        let coming = changes.filter { $0.state.kind != .removed }
        let touched = Set(coming.flatMap(\.services))
        return request.policy.services.enumerated().map { index, service in
            let reason: ReleasePlan.ServiceChange.Reason
            switch (isFirst, paths[index].isEmpty, touched.contains(service.name)) {
            case (true, _, _): reason = .first
            case (false, false, true): reason = .changes
            case (false, false, false): reason = .removal
            case (false, true, true): reason = .cancelled
            case (false, true, false): reason = .untouched
            }
            return ReleasePlan.ServiceChange(
                service: service, reason: reason, paths: paths[index],
                deployedDigest: deployedImages[service.name])
        }
    }

    private mutating func checklist(_ net: [TreeChange]) -> [ReleasePlan.ChecklistItem] {
        var items = request.policy.always.enumerated().map { index, text in
            ReleasePlan.ChecklistItem(id: "always-\(index + 1)", text: text, services: [])
        }
        for (index, item) in request.policy.changed.enumerated() {
            var services: Set<Int> = []
            var applies = false
            for change in net {
                let groups = groups.groups(of: change.path)
                guard groups.contains(layout.checklist.lowerBound + index) else { continue }
                applies = true
                services.formUnion(groups.filter(layout.services.contains))
            }
            guard applies else { continue }
            items.append(
                ReleasePlan.ChecklistItem(
                    id: "changed-\(index + 1)", text: item.text,
                    services: services.sorted().map { request.policy.services[$0].name }))
        }
        return items
    }
}
