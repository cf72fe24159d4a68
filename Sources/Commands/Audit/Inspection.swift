import Enforcement
import Evidence
import Git
import GitObjects
import History
import Hooks
import Ledger

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads what `gate audit` needs and lets a crew judge the landings.
struct Inspection {
    private static let trustedRef: RefName = "refs/gate/trusted"
    /// Longer first-parent lines are not read.
    private static let lineLimit = 10_000_000

    private let clone: Clone
    private let refs: ReleaseRefs
    private let ref: RefName
    private let base: ObjectID?
    private let head: ObjectID
    private let policy: ObjectID?

    private var repository: Repository { clone.repository }

    init(_ command: AuditCommand) throws {
        clone = try Clone(at: command.global.directory)
        var refs = try ReleaseRefs(clone, offline: command.offline)
        ref = command.ref.map(Clone.branch) ?? refs.defaultBranch
        refs = try refs.including([ref, NoteStore.ref, HeadsGuard.ref, Self.trustedRef])
        self.refs = refs
        do {
            guard let tip = try refs.target(ref) else {
                throw CommandFailure.usage(
                    "there is no \(ref)", hint: "name the branch to audit with --ref")
            }
            let asked = try Self.range(command.range, in: clone)
            base = asked.base
            head = asked.head ?? tip
            policy = try command.policy.map(clone.commit)
            let choice = HeadChoice(repository: clone.repository, ref: ref, tip: tip, proof: nil)
            _ = try choice.landing(head)
        } catch let error as GitError {
            throw CommandFailure(error)
        }
    }

    /// `A..B`, `A..`, `B`, as git-rev-parse(1) reads the names.
    private static func range(
        _ text: String?, in clone: Clone
    ) throws -> (base: ObjectID?, head: ObjectID?) {
        guard let text else { return (nil, nil) }
        guard let dots = text.utf8.firstRange(of: "..".utf8) else {
            return (nil, try clone.fetchedCommit(text))
        }
        let from = String(text[..<dots.lowerBound])
        let to = String(text[dots.upperBound...])
        guard !from.isEmpty, !to.hasPrefix(".") else {
            throw CommandFailure.usage(
                "\(shown(text.utf8)) is no range of landings", hint: "gate audit A..B")
        }
        return (
            try clone.fetchedCommit(from), to.isEmpty ? nil : try clone.fetchedCommit(to)
        )
    }

    /// Judges every landing.
    func audit(jobs: Int?) throws -> Audit {
        do {
            let line = try landings()
            let trusted = try refs.target(Self.trustedRef)
            let evidence = try refs.target(NoteStore.ref)
            let gated = policy == nil ? try landings(line, behind: trusted) : line[...]
            let judged = try judge(Array(gated), evidence: evidence, jobs: jobs)
            return Audit(
                ref: ref, base: base, head: head, policy: policy, trusted: trusted,
                evidence: evidence,
                landings: try before(line[..<gated.startIndex]) + judged)
        } catch let error as GitError {
            throw CommandFailure(error)
        }
    }

    /// The landings of the range, oldest first.
    private func landings() throws -> [ObjectID] {
        guard
            let line = try repository.firstParentChain(
                from: head, until: base, limit: Self.lineLimit)
        else {
            throw CommandFailure.usage(
                "\((base ?? head).short) is no landing of \(ref) before \(head.short)",
                hint: "git log --first-parent --oneline \(ref.short)")
        }
        return line.reversed()
    }

    /// What landed after the owner trusted the policy: before that, the gate only watched.
    private func landings(
        _ line: [ObjectID], behind trusted: ObjectID?
    ) throws(GitError) -> ArraySlice<ObjectID> {
        guard let trusted else { return line[...] }
        if let index = line.firstIndex(of: trusted) { return line[(index + 1)...] }
        // It is older than the whole range, or younger, or of another branch.
        guard let first = line.first, try repository.header(trusted)?.kind == .commit else {
            return line[...]
        }
        if try repository.isAncestor(trusted, of: first) { return line[...] }
        if let last = line.last, try repository.isAncestor(last, of: trusted) {
            return line[line.endIndex...]
        }
        return line[...]
    }

    private func before(_ line: ArraySlice<ObjectID>) throws(GitError) -> [AuditedLanding] {
        var landings: [AuditedLanding] = []
        for id in line {
            landings.append(
                AuditedLanding(
                    ungated: try repository.commit(id),
                    because: "the gate was not closed yet"))
        }
        return landings
    }

    private func judge(
        _ line: [ObjectID], evidence: ObjectID?, jobs: Int?
    ) throws(GitError) -> [AuditedLanding] {
        let subject = LandingAuditor.Subject(
            ref: ref, defaultBranch: refs.defaultBranch, policy: try policyCommit(),
            keptHeads: try refs.target(HeadsGuard.ref),
            bypassedPushes: try bypassedPushes(of: line, evidence: evidence),
            namedEvidence: try NamedEvidence(
                of: line, tip: evidence, in: repository
            ) { (first: ObjectID) throws(GitError) in
                try repository.firstParentLine(before: first)
            })
        let gitDirectory = repository.gitDirectory
        let common = repository.commonDirectory
        let graph = try graph(for: line)
        let crew = Crew<ObjectID, AuditedLanding>(line) {
            () throws(GitError) -> Crew<ObjectID, AuditedLanding>.Work in
            let repository = try Repository.open(gitDirectory: gitDirectory)
            let archive = try NoteArchive(repository, tip: evidence, gitFolder: common)
            let history: any HistorySource =
                if let graph { GraphedHistory(repository, graph: graph) } else { repository }
            let auditor = LandingAuditor(subject, history: history, evidence: archive)
            return { (ids: ArraySlice<ObjectID>) throws(GitError) -> [AuditedLanding] in
                repository.prepareMerges(try auditor.mergeQuestions(about: ids))
                var audited: [AuditedLanding] = []
                for id in ids { audited.append(try auditor.audit(id)) }
                return audited
            }
        }
        var progress = Progress("audited", of: line.count, "landings")
        defer { progress.end() }
        return try crew.work(threads: jobs ?? Self.cores, onProgress: { progress.show($0) })
    }

    /// The whole history as a graph; nil for a few landings, for which reading it all does not pay.
    private func graph(for line: [ObjectID]) throws(GitError) -> LandingGraph? {
        guard line.count > Self.fewLandings,
            let whole = try repository.firstParentChain(
                from: head, until: nil, limit: Self.lineLimit)
        else { return nil }
        return try LandingGraph(of: whole.reversed(), in: repository)
    }

    private static let fewLandings = 50

    /// Where the policy of every landing is read: from the one before it on the default branch; for
    /// another branch, from the default branch as it is, because no commit of the branch says which
    /// policy was law then.
    private func policyCommit() throws(GitError) -> ObjectID? {
        if let policy { return policy }
        return ref == refs.defaultBranch ? nil : try refs.target(refs.defaultBranch)
    }

    private static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// The pushes of several landings that have a bypass, by landing.
    private func bypassedPushes(
        of line: [ObjectID], evidence: ObjectID?
    ) throws(GitError) -> [ObjectID: [RefUpdate]] {
        let store = try NoteStore(
            repository, tip: evidence, gitFolder: repository.commonDirectory)
        let places = Dictionary(
            zip(line, line.indices), uniquingKeysWith: { first, _ in first })
        var pushes: [ObjectID: [RefUpdate]] = [:]
        for object in try store.objects() {
            guard let end = places[object] else { continue }
            for line in try store.lines(on: object) {
                guard case .bypass(let bypass) = line.statement.predicate, bypass.ref == ref,
                    bypass.new == object
                else { continue }
                collect(
                    RefUpdate(ref: ref, old: bypass.old, new: bypass.new), until: end,
                    in: places, into: &pushes)
            }
        }
        return pushes
    }

    private func collect(
        _ push: RefUpdate, until end: Int, in places: [ObjectID: Int],
        into pushes: inout [ObjectID: [RefUpdate]]
    ) {
        let start = push.old == base ? 0 : places[push.old].map { $0 + 1 }
        // The bypass of one landing is found by the engine itself.
        guard let start, start < end else { return }
        for (id, place) in places where (start...end).contains(place) {
            pushes[id, default: []].append(push)
        }
    }
}
