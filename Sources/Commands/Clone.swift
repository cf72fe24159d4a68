import Enforcement
import Evidence
import Git
import GitObjects
import History
import Hooks
import Policy

/// The clone that a command works in, and the server behind it.
struct Clone {
    let repository: Repository
    /// The remote that has the protected branches: `gate.remote`, else `origin`.
    let remote: String

    /// Opens the repository that a folder is in.
    ///
    /// - Parameter remote: the server in place of the configured one; `.` is this repository.
    init(at folder: String, remote given: String? = nil) throws {
        do {
            repository = try Repository.discover(from: folder)
            let configured = try repository.configuration("gate.remote")
            remote = given ?? configured ?? "origin"
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The server's refs, policy and evidence as they are now.
    func view(branches: [RefName] = []) throws -> RemoteView {
        do {
            return try RemoteView(of: remote, for: repository, branches: branches)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The commit that a revision names here, as git-rev-parse(1) reads it.
    func commit(_ revision: String) throws -> ObjectID {
        let output = try git(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"],
            failure: .usage(
                "\(shown(revision.utf8)) names no commit here", hint: "git log --oneline --all"))
        guard let id = ObjectID(hex: output.prefix { $0 != 0x0a }) else {
            throw CommandFailure.undetermined("git rev-parse gave no commit id")
        }
        return id
    }

    /// The commit that is checked out.
    func head() throws -> ObjectID {
        guard let id = try repository.resolve(RefName("HEAD")).target else {
            throw CommandFailure.usage("there is no commit here yet", hint: "git commit")
        }
        return id
    }

    /// The commit that a revision names, here or as a branch of the server that was fetched:
    /// whoever checks a change need not have a branch of its name. A full id that is not here is
    /// fetched.
    func fetchedCommit(_ revision: String) throws -> ObjectID {
        // A full id means itself whatever refs there are: git is not asked.
        if let id = ObjectID(hex: revision), try repository.header(id)?.kind == .commit {
            return id
        }
        do {
            return try commit(revision)
        } catch let failure as CommandFailure where failure.exitCode == 2 {
            let tracking = RefName("refs/remotes/\(remote)/\(revision)")
            if let id = try repository.resolve(tracking).target { return id }
            if let id = ObjectID(hex: revision) {
                Screen.note("fetching \(id.short) from \(shown(remote.utf8))")
                try git(
                    ["fetch", "--quiet", "--no-tags", "--end-of-options", remote, id.hex],
                    failure: .usage(
                        "\(id.short) is neither here nor on \(shown(remote.utf8))",
                        hint: "git fetch \(shellWord(remote.utf8))"))
                repository.refresh()
                return try commit(revision)
            }
            throw CommandFailure.usage(
                failure.message, hint: "fetch it: git fetch \(shellWord(remote.utf8))")
        }
    }

    /// The full name of the branch that a user means: `master`, `refs/heads/master`.
    static func branch(_ name: String) -> RefName {
        name.hasPrefix("refs/") ? RefName(name) : RefName("refs/heads/" + name)
    }

    /// Runs git in this clone.
    ///
    /// - Parameter failure: what to throw when git exits with another code than 0; nil: git's own
    ///   words.
    @discardableResult
    func git(_ arguments: [String], failure: CommandFailure? = nil) throws -> [UInt8] {
        try repository.git(arguments, failure: failure)
    }
}
