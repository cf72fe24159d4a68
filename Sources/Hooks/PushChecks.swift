import Enforcement
import Git
import GitObjects
import History
import Policy

/// Which checks the local hook runs on one pushed tree.
///
/// What the target's policy names in `on_push`, by its definitions. A definition that the push
/// itself changes runs too, in its new form, so that a changed check is tried before it is law.
/// Where no policy governs the target, the commit's own `policies/checks.yml` says all. The
/// developer's `.gate.local.yml` adds and leaves out.
struct PushChecks {
    /// Why a set of checks is run, for people; nil for the usual ones.
    enum Origin: Hashable {
        case policy
        /// As the push changes them.
        case changed
        /// The developer's own.
        case local
    }

    private(set) var groups: [(origin: Origin, checks: [CheckDefinition])] = []
    /// What is left out, and by what: `GATE_SKIP`, `.gate.local.yml`.
    private(set) var skipped: [(name: String, by: String)] = []
    /// Names to leave out that no check has.
    private(set) var unknown: [(name: String, by: String)] = []

    static let checksFile: TreePath = "policies/checks.yml"

    /// - Parameters:
    ///   - law: the governing policy; nil where none governs.
    ///   - own: what the commit itself says; nil when it has no `policies/checks.yml`.
    ///   - base: what the commit started from says, where that governs the change.
    ///   - local: reads `.gate.local.yml`, given the names that are taken.
    ///   - skip: of `GATE_SKIP`.
    init(
        law: CheckList?, own: CheckList?, base: CheckList?, skip: [String],
        local: (Set<String>) throws(PushRefusal) -> LocalChecks
    ) throws(PushRefusal) {
        let governing = law ?? own ?? CheckList(checks: [])
        let changed = law == nil ? [] : Self.changed(own, from: [law, base])
        let names = Set((governing.checks + (own?.checks ?? [])).map(\.name))
        let local = try local(names)
        groups = [
            (.policy, Self.withNeeds(governing.onPush, of: governing.checks)), (.changed, changed),
            (.local, local.checks),
        ]
        leaveOut(skip, by: "GATE_SKIP", known: names.union(local.checks.map(\.name)))
        leaveOut(local.skip, by: LocalChecks.file, known: names.union(local.checks.map(\.name)))
        groups.removeAll { $0.checks.isEmpty }
    }

    var isEmpty: Bool { groups.isEmpty }

    private mutating func leaveOut(_ names: [String], by what: String, known: Set<String>) {
        for name in names {
            if !known.contains(name) { unknown.append((name, what)) }
            for position in groups.indices {
                let before = groups[position].checks.count
                groups[position].checks.removeAll { $0.name == name }
                if groups[position].checks.count < before,
                    !skipped.contains(where: { $0.name == name })
                {
                    skipped.append((name, what))
                }
            }
        }
    }

    /// The named checks and all that they need, in the order of the file.
    private static func withNeeds(
        _ names: [String], of checks: [CheckDefinition]
    ) -> [CheckDefinition] {
        var wanted = Set(names)
        var pending = names
        while let name = pending.popLast() {
            for need in checks.first(where: { $0.name == name })?.needs ?? []
            where wanted.insert(need).inserted {
                pending.append(need)
            }
        }
        return checks.filter { wanted.contains($0.name) }
    }

    /// The commit's definitions that none of the others has.
    private static func changed(
        _ own: CheckList?, from others: [CheckList?]
    ) -> [CheckDefinition] {
        guard let own else { return [] }
        let known = Set(others.flatMap { $0?.checks ?? [] }.map(\.digest))
        return own.checks.filter { !known.contains($0.digest) }
    }
}

/// Why a push is refused here before anything was checked.
enum PushRefusal: Error {
    /// A file of the policy, or the developer's own, is not valid: exit code 2.
    case invalid(what: String, InvalidPolicy)
    case git(GitError)

    var exitCode: Int32 {
        switch self {
        case .invalid: 2
        case .git: Hook.undetermined
        }
    }

    /// What went wrong, for the screen.
    var lines: [String] {
        switch self {
        case .invalid(let what, let invalid):
            return ["refused", "  \(what) is not valid"]
                + invalid.diagnostics.map { "  " + shown($0.description.utf8) }
        case .git(let error):
            return ["refused", "  undetermined   \(error.description)"]
                + (error.hint.map { ["                 \($0)"] } ?? [])
        }
    }
}

/// Reads the lists of checks that ``PushChecks`` compares.
struct CheckLists {
    let repository: Repository

    /// The `policies/checks.yml` of a commit's tree; nil when it has none.
    func list(of commit: ObjectID) throws(PushRefusal) -> CheckList? {
        guard let bytes = try bytes(of: commit) else { return nil }
        do {
            return try CheckList.read(
                bytes, file: "\(commit.short):\(PushChecks.checksFile)")
        } catch {
            throw .invalid(what: "policies/checks.yml, which is pushed,", error)
        }
    }

    /// The same of where a change left the branch that governs it; nil where that is not one place,
    /// or what stands there cannot be read: then it spares no check.
    func base(of commit: ObjectID, on tip: ObjectID) throws(PushRefusal) -> CheckList? {
        let bases: [ObjectID]
        do throws(GitError) {
            bases = try repository.mergeBases(tip, commit)
        } catch {
            throw .git(error)
        }
        guard bases.count == 1, let base = bases.first else { return nil }
        do throws(PushRefusal) {
            return try list(of: base)
        } catch .invalid {
            return nil
        }
    }

    private func bytes(of commit: ObjectID) throws(PushRefusal) -> [UInt8]? {
        do throws(GitError) {
            let tree = try repository.commit(commit).tree
            guard let entry = try repository.entry(PushChecks.checksFile, in: tree) else {
                return nil
            }
            guard entry.mode == .blob || entry.mode == .executable else {
                throw GitError(
                    .unsupported, "policies/checks.yml at \(commit.short)", "is no regular file",
                    hint: "make it a regular file")
            }
            return try repository.blob(entry.id, limit: CommittedPolicies.maximumFileSize)
        } catch {
            throw .git(error)
        }
    }
}
