import Enforcement
import Git
import GitObjects
import History
import Hooks
import Ledger
import Policy

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where a command about changes works: a clone, the server behind it as it is now, and the policy
/// by which that server judges.
struct Workplace {
    let clone: Clone
    private(set) var view: RemoteView
    private(set) var governing: GoverningPolicy

    var policy: Policy { governing.policy }
    var repository: Repository { clone.repository }
    /// The server as the user calls it.
    var server: String { shown(clone.remote.utf8) }
    /// The gate is not closed yet: nothing is refused.
    var isWatching: Bool { view.trusted == nil }

    private var wanted: [RefName]

    /// Asks the server.
    ///
    /// - Parameters:
    ///   - folder: a folder of the clone.
    ///   - branches: names of branches, as the user wrote them, whose commits are needed if the
    ///     server has them.
    ///   - remote: the server in place of the configured one; `.` is this repository.
    init(at folder: String, branches: [String?] = [], remote: String? = nil) throws {
        clone = try Clone(at: folder, remote: remote)
        wanted = branches.compactMap { $0 }.filter { !Head.isHere($0) }.map(Clone.branch)
        view = try clone.view(branches: wanted)
        governing = try Self.governing(view, clone)
    }

    /// Asks the server again, and for further branches.
    mutating func refresh(branches: [RefName] = []) throws {
        wanted += branches
        view = try clone.view(branches: wanted)
        governing = try Self.governing(view, clone)
    }

    private static func governing(_ view: RemoteView, _ clone: Clone) throws -> GoverningPolicy {
        if let governing = try view.governingPolicy() { return governing }
        let branch = view.defaultBranch
        let place = "\(branch) on \(shown(clone.remote.utf8))"
        guard let tip = try view.resolve(branch).target else {
            throw CommandFailure.undetermined(
                "\(place) does not exist yet, so there is no policy",
                hint: "push a first commit: git push \(shown(clone.remote.utf8)) \(branch)")
        }
        let policies = CommittedPolicies(history: clone.repository)
        if try policies.files(at: tip).contents.isEmpty {
            throw CommandFailure.usage(
                "\(place) has no policy, so nothing is judged there",
                hint: "write a first one: gate init; or land the one that you have: git push"
                    + " \(shellWord(clone.remote.utf8)) HEAD:\(shellWord(branch.bytes))")
        }
        switch try policies.policy(at: tip) {
        case .failure(let invalid): throw CommandFailure(invalid)
        case .success:
            throw CommandFailure.undetermined("the policy of \(place) could not be read")
        }
    }

    /// The engine, over what the server has now.
    func judge() throws -> Judge {
        try view.judge(governing, now: Int64(time(nil)))
    }

    /// A branch of the server: the one that the user named with `--onto`, or the default branch.
    func target(_ onto: String?) throws -> Target {
        let name = try view.resolve(onto.map(Clone.branch) ?? view.defaultBranch).name
        guard let tip = try view.resolve(name).target else {
            throw CommandFailure.usage(
                "\(name) does not exist on \(server)",
                hint: "git ls-remote --heads \(shellWord(clone.remote.utf8))")
        }
        return Target(ref: name, tip: tip, isDefault: name == view.defaultBranch)
    }
}

/// The branch that a change is meant for.
struct Target {
    let ref: RefName
    let tip: ObjectID
    let isDefault: Bool

    /// ` --onto release/1` for suggested commands; empty for the default branch.
    var option: String {
        isDefault ? "" : " --onto " + shellWord(ref.bytes.dropFirst("refs/heads/".utf8.count))
    }
}
