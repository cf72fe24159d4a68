#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif
public import Git
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
    ///   - repository: whose trees are checked; only read here.
    ///   - environment: gate's own; says where the cache folder is.
    public init(
        of repository: Repository, environment: [[UInt8]] = Child.inheritedEnvironment()
    ) throws(GitError) {
        source = SourceRepository(repository)
        folder = try CacheFolder.open("worktrees", of: repository, environment)
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
    var objects: Folder { gitFolder.appending("objects") }
    /// What the worktree's folder is called: some tools take their project's name from it.
    let name: [UInt8]
    /// The developer's own worktree, when there is one.
    let worktree: Folder?

    init(_ repository: Repository) {
        gitFolder = Folder(repository.commonDirectory)
        worktree = repository.worktree.map { Folder($0) }
        var last = Self.lastPart(worktree?.path ?? gitFolder.path)
        let suffix = Array(".git".utf8)
        if worktree == nil, last.count > suffix.count, last.suffix(4) == suffix[...] {
            last.removeLast(4)
        }
        name = last
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
