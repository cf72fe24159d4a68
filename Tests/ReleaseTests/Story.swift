import GitObjects
import Policy
import Spawn
import Testing

@testable import Release

/// The same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

/// Makes a history with real `git merge`, `git revert` and `git cherry-pick`, and keeps its own log
/// of what it did; nothing of gate takes part.
final class Story {
    struct Entry {
        let landing: ObjectID
        let number: Int
        var services: Set<String>
        /// The entry that it takes back as a whole.
        var reverts: Int?
        /// It takes back a part, or edits more.
        var isPartial = false
        /// Nothing took it back, or what did was taken back itself.
        var isEffective = true
        /// A part of it was taken back: taking back the whole is not what git-revert(1) does then.
        var isTouched = false
    }

    static let serviceCount = 6
    let workshop: Workshop
    private var random: Seeded
    private(set) var entries: [Entry] = []
    private(set) var base: ObjectID
    /// Entries before the base.
    private(set) var shippedCount = 0
    /// How the push must match entries with the hotfix branch.
    private(set) var matches: [Int: String] = [:]
    /// Entries that were picked to the hotfix branch with other edits.
    private(set) var edited: Set<Int> = []

    init(seed: UInt64) throws {
        workshop = try Workshop()
        random = Seeded(seed)
        var files: [String: String] = [:]
        for service in 0..<Self.serviceCount {
            files["svc-\(service)/common.txt"] = (0..<600).map { "line \($0)\n" }.joined()
        }
        base = try workshop.commit("Begin", files)
    }

    /// Lands changes of all kinds.
    func land(_ count: Int) throws {
        for _ in 0..<count {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: try squash()
            case 4..<7: try merge()
            case 7..<9: try revert()
            default: try partialRevert()
            }
        }
    }

    func deploy() throws {
        base = try workshop.id()
        shippedCount = entries.count
    }

    // MARK: - Landings

    private func someServices() -> Set<String> {
        let count = Int.random(in: 1...2, using: &random)
        return Set(
            (0..<count).map { _ in "svc-\(Int.random(in: 0..<Self.serviceCount, using: &random))" })
    }

    /// A new file, and a line of a file that everybody edits.
    private func edit(_ services: Set<String>, _ number: Int, part: Int = 0) throws {
        for service in services.sorted() {
            try workshop.write("\(service)/change-\(number)-\(part).txt", "change \(number)\n")
            try workshop.run([
                "sed", "-i", "\(number * 5 + part + 1)s/.*/change \(number) \(part)/",
                "\(service)/common.txt",
            ])
        }
    }

    private func squash() throws {
        let number = entries.count + 1
        let services = someServices()
        try edit(services, number)
        try workshop.commit("Change \(number) (#\(number))")
        entries.append(
            Entry(landing: try workshop.id(), number: number, services: services, reverts: nil))
    }

    private func merge() throws {
        let number = entries.count + 1
        let isStale = Bool.random(using: &random) && entries.count > shippedCount + 3
        try workshop.git("checkout", "-q", "-b", "topic", isStale ? "HEAD~2" : "HEAD")
        var services: Set<String> = []
        for part in 0..<Int.random(in: 1...3, using: &random) {
            let touched = someServices()
            try edit(touched, number, part: part)
            try workshop.commit("Part \(part) of \(number)")
            services.formUnion(touched)
        }
        try workshop.git("checkout", "-q", "master")
        workshop.tick()
        try workshop.git(
            "merge", "-q", "--no-ff", "-m",
            "Merge pull request #\(number) from wrk/topic\n\nChange \(number)", "topic")
        try workshop.git("branch", "-q", "-D", "topic")
        entries.append(
            Entry(landing: try workshop.id(), number: number, services: services, reverts: nil))
    }

    private func someTarget() -> Int? {
        entries.indices.filter {
            entries[$0].isEffective && !entries[$0].isPartial && !entries[$0].isTouched
        }
        .randomElement(using: &random)
    }

    private func startRevert(of target: Int) throws -> Bool {
        let id = entries[target].landing
        let parents = try workshop.git("rev-list", "--parents", "-1", id.hex).split(separator: " ")
        let mainline = parents.count > 2 ? ["-m", "1"] : []
        let result = try workshop.run(
            ["git", "revert", "--no-commit"] + mainline + [id.hex], mayFail: true)
        if result.succeeded { return true }
        try workshop.git("revert", "--abort")
        return false
    }

    private func revertMessage(_ target: Int, _ number: Int) -> String {
        "Revert \"Change \(target)\" (#\(number))\n\n"
            + "This reverts commit \(entries[target].landing)."
    }

    private func revert() throws {
        guard let target = someTarget(), try startRevert(of: target) else { return try squash() }
        let number = entries.count + 1
        if Bool.random(using: &random) {
            try workshop.commit(revertMessage(target, number))
        } else {
            try workshop.git("checkout", "-q", "-b", "topic")
            try workshop.commit(
                "Revert \"x\"\n\nThis reverts commit \(entries[target].landing), reversing\n"
                    + "changes made to \(entries[target].landing).")
            try workshop.git("checkout", "-q", "master")
            workshop.tick()
            try workshop.git(
                "merge", "-q", "--no-ff", "-m", "Merge pull request #\(number) from wrk/revert",
                "topic")
            try workshop.git("branch", "-q", "-D", "topic")
        }
        setEffective(target, false)
        entries.append(
            Entry(
                landing: try workshop.id(), number: number, services: entries[target].services,
                reverts: target))
    }

    /// Takes back all but one file, or all and edits another line.
    private func partialRevert() throws {
        guard let target = someTarget(), try startRevert(of: target) else { return try merge() }
        let number = entries.count + 1
        var services = entries[target].services
        let service = try #require(services.sorted().first)
        if Bool.random(using: &random) {
            try workshop.git("checkout", "-q", "HEAD", "--", "\(service)/common.txt")
        } else {
            let other = "svc-\(Int.random(in: 0..<Self.serviceCount, using: &random))"
            try edit([other], number, part: 1)
            services.insert(other)
        }
        try workshop.commit(revertMessage(target, number))
        touch(target)
        entries.append(
            Entry(
                landing: try workshop.id(), number: number, services: services, reverts: nil,
                isPartial: true, isEffective: false))
    }

    private func setEffective(_ index: Int, _ isEffective: Bool) {
        entries[index].isEffective = isEffective
        if let target = entries[index].reverts { setEffective(target, !isEffective) }
    }

    private func touch(_ index: Int) {
        entries[index].isTouched = true
        if let target = entries[index].reverts { touch(target) }
    }

    // MARK: - Hotfix

    /// Picks changes that nothing takes back to a branch at the base, and deploys that.
    func hotfix() throws {
        let targets = Set(entries.compactMap(\.reverts))
        let free = entries.indices.filter { index in
            index >= shippedCount && entries[index].reverts == nil && !entries[index].isPartial
                && entries[index].isEffective && !entries[index].isTouched
                && !targets.contains(index)
        }
        try workshop.git("checkout", "-q", "-b", "hotfix", base.hex)
        for index in free.shuffled(using: &random).prefix(4).sorted() { try pick(index) }
        base = try workshop.id()
        try workshop.git("checkout", "-q", "master")
    }

    private func pick(_ index: Int) throws {
        let id = entries[index].landing
        let parents = try workshop.git("rev-list", "--parents", "-1", id.hex).split(separator: " ")
        let isNamed = Bool.random(using: &random)
        let options = (parents.count > 2 ? ["-m", "1"] : []) + (isNamed ? ["-x"] : [])
        workshop.tick()
        let result = try workshop.run(
            ["git", "cherry-pick"] + options + [id.hex], mayFail: true)
        guard result.succeeded else {
            try workshop.git("cherry-pick", "--abort")
            return
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            try workshop.write("svc-0/extra-\(index).txt", "more\n")
            try workshop.git("add", "-A")
            try workshop.git("commit", "-q", "--amend", "--no-edit")
            edited.insert(index)
            matches[index] = "number"
            return
        }
        let raw = ["diff-tree", "-r", "--raw", "--no-abbrev", "--no-renames"]
        let one = try workshop.run(["git"] + raw + ["\(id.hex)^1", id.hex]).output
        let other = try workshop.run(["git"] + raw + ["HEAD^", "HEAD"]).output
        matches[index] = isNamed ? "trailer" : one == other ? "difference" : "number"
    }

    // MARK: - The truth

    /// What each entry behind the base must be.
    func expectedState(_ index: Int) -> String {
        let entry = entries[index]
        if let match = matches[index], match != "number" { return "already_shipped" }
        if entry.isPartial { return "included" }
        if let target = entry.reverts {
            // Inside the range it cancels or was cancelled; what was shipped it takes away.
            return target < shippedCount && entry.isEffective ? "included" : "reverted"
        }
        return entry.isEffective ? "included" : "reverted"
    }

    var policy: ReleasePolicy {
        ReleasePolicy(
            ref: "refs/heads/master", environments: ["production"], operators: [:],
            services: (0..<Self.serviceCount).map {
                .init(name: "svc-\($0)", paths: [PathPattern("svc-\($0)/**")])
            })
    }
}
