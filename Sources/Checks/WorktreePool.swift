#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif
import Crypto
public import GitObjects
public import Spawn

/// The kept worktrees of one repository, in the user's cache folder.
///
/// Moving a kept worktree from one tree to the next takes milliseconds where a fresh checkout
/// takes seconds. They lie outside the developer's own tree, which no check ever touches:
/// `<cache>/gate/worktrees/<digest of the repository's path>/<number>/`.
public struct WorktreePool: Sendable {
    /// The most worktrees of one repository in use at once.
    public static let limit = 64

    let source: SourceRepository
    let folder: Folder

    /// - Parameters:
    ///   - repository: a folder in the repository, or the bare repository.
    ///   - environment: gate's own; says where the cache folder is.
    public init(
        repository: String, environment: [[UInt8]] = Child.inheritedEnvironment()
    ) throws(GitError) {
        source = try SourceRepository(at: repository, environment: environment)
        var digest = ""
        for byte in SHA256.hash(data: source.gitFolder.path).prefix(8) {
            digest += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        folder = try Self.cacheFolder(environment).appending("gate/worktrees/" + digest)
        try folder.make()
        guard try folder.isOwn else {
            throw GitError(
                .ownership, shown(folder.path), "belongs to another user",
                hint: "set XDG_CACHE_HOME to a folder of your own")
        }
    }

    /// The XDG base directory specification: a relative path counts as unset.
    private static func cacheFolder(_ environment: [[UInt8]]) throws(GitError) -> Folder {
        if let cache = value("XDG_CACHE_HOME", environment), cache.first == UInt8(ascii: "/") {
            return Folder(cache)
        }
        guard let home = value("HOME", environment), home.first == UInt8(ascii: "/") else {
            throw GitError(
                .notFound, "HOME", "is not set, so there is no cache folder for the worktrees",
                hint: "set HOME or XDG_CACHE_HOME to an absolute path")
        }
        return Folder(home).appending(".cache")
    }

    static func value(_ name: String, _ environment: [[UInt8]]) -> [UInt8]? {
        let prefix = Array((name + "=").utf8)
        return environment.last { $0.starts(with: prefix) }.map {
            Array($0.dropFirst(prefix.count))
        }
    }

    /// The first worktree that nobody uses, locked.
    func take() throws(GitError) -> WorktreeSlot {
        for number in 0..<Self.limit {
            let slot = folder.appending(String(number))
            try slot.make()
            if let slot = try WorktreeSlot(locking: slot, number: number) { return slot }
        }
        throw GitError(
            .contended, shown(folder.path),
            "all \(Self.limit) worktrees are in use by running checks",
            hint: "wait until one of them has ended")
    }
}

/// One worktree's folder, locked as long as this lives. The operating system lets go of the lock
/// when gate ends, however it ends.
final class WorktreeSlot: Sendable {
    let folder: Folder
    let number: Int
    private let descriptor: Int32

    /// nil when somebody else has it.
    init?(locking folder: Folder, number: Int) throws(GitError) {
        let file = folder.appending("lock")
        let path = file.path.map { CChar(bitPattern: $0) } + [0]
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw file.failure("cannot be opened", errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw file.failure("cannot be locked", code)
        }
        self.folder = folder
        self.number = number
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

/// The repository whose trees are checked: where its objects are, and what it is called.
struct SourceRepository: Sendable {
    /// The common git folder.
    let gitFolder: Folder
    let objects: Folder
    /// What the worktree's folder is called: some tools take their project's name from it.
    let name: [UInt8]
    /// The developer's own worktree, when there is one.
    let worktree: Folder?

    init(at path: String, environment: [[UInt8]]) throws(GitError) {
        var child = Child(
            [
                "git", "-C", path, "rev-parse", "--path-format=absolute", "--git-common-dir",
                "--git-path", "objects", "--is-bare-repository",
            ],
            environment: Child.environmentForAnotherRepository(from: environment))
        var lines = try Self.lines(of: child, about: path)
        guard lines.count == 3 else {
            throw GitError(
                .unsupported, path, "has a path with a line break, which checks cannot use")
        }
        gitFolder = Folder(lines[0])
        objects = Folder(lines[1])
        if lines[2] == Array("true".utf8) {
            worktree = nil
            let last = Self.lastPart(gitFolder.path)
            let suffix = Array(".git".utf8)
            name = last.count > 4 && last.suffix(4) == suffix[...] ? last.dropLast(4) : last
        } else {
            child.arguments = ["git", "-C", path, "rev-parse", "--show-toplevel"].map {
                Array($0.utf8)
            }
            lines = try Self.lines(of: child, about: path)
            guard lines.count == 1 else {
                throw GitError(.unsupported, path, "has no worktree that can be named")
            }
            worktree = Folder(lines[0])
            name = Self.lastPart(lines[0])
        }
    }

    private static func lines(
        of child: Child, about path: String
    ) throws(GitError) -> [[UInt8]] {
        let result = try runGit(child)
        guard result.succeeded else {
            throw GitError(
                .notFound, shown(path.utf8), shown(result.errorOutput.prefix { $0 != 0x0a }))
        }
        return result.output.split(separator: 0x0a).map { Array($0) }
    }

    private static func lastPart(_ path: [UInt8]) -> [UInt8] {
        let part = path.split(separator: UInt8(ascii: "/")).last.map { Array($0) } ?? []
        return part.isEmpty || part == Array(".git".utf8) ? Array("tree".utf8) : part
    }
}

/// Runs git, which must at least start.
func runGit(_ child: Child) throws(GitError) -> Child.Result {
    do {
        return try child.run()
    } catch {
        throw GitError(.tool, error.program, error.problem)
    }
}
