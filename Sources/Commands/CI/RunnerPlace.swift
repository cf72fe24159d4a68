import Files
import Git
import GitObjects

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where the runs of `gate ci` in one repository keep what they know: `gate/ci/` in the common git
/// folder, where a push cannot reach.
struct RunnerPlace {
    let repository: Repository
    /// Whether this is the server's own repository: then evidence goes to it as a push by path, so
    /// that its hook judges it as anybody else's.
    let isServer: Bool

    init(_ repository: Repository) throws {
        self.repository = repository
        let trust = try repository.localConfiguration("gate.trust")
        isServer = repository.worktree == nil && trust != nil
    }

    var folder: String { repository.commonDirectory + "/gate/ci" }
    /// What runs that the server's hook starts write.
    var log: String { repository.commonDirectory + "/gate/ci.log" }

    /// Whoever has it runs.
    private var turn: String { folder + "/turn" }
    /// Whoever has it is the one that waits to run.
    private var queue: String { folder + "/queue" }

    /// The lock of the one that runs; nil when another has it and this does not wait.
    func takeTurn(waits: Bool) throws -> FileLock? {
        try Folder.make(folder)
        if waits { return try FileLock(turn, waits: true) }
        for _ in 0..<5 {
            if let lock = try FileLock(turn, waits: false) { return lock }
            // Who only looks whether it is taken holds it for a moment.
            usleep(20_000)
        }
        return nil
    }

    /// The turn after whoever has it now; nil when another already waits for it.
    ///
    /// That other one looks for work only after it has stopped waiting, and so finds what came
    /// before now: no push is overlooked, and there are never more than two.
    func waitForTurn() throws -> FileLock? {
        try Folder.make(folder)
        guard let place = try FileLock(queue, waits: false) else { return nil }
        let turn = try takeTurn(waits: true)
        // Held until here; now the next one may wait.
        withExtendedLifetime(place) {}
        return turn
    }

    /// When the server's hook started a run the last time, in seconds since 1970; nil: never.
    var lastStart: Int64? {
        var status = stat()
        guard stat(folder + "/started", &status) == 0 else { return nil }
        #if canImport(Darwin)
            return Int64(status.st_mtimespec.tv_sec)
        #else
            return Int64(status.st_mtim.tv_sec)
        #endif
    }

    /// Whether a run is on.
    func isAtWork() throws -> Bool { try FileLock.isTaken(turn) }

    /// The name of this place of work in claims, made once: whoever has the turn here may take over
    /// a claim with it, for its maker no longer runs.
    func runner() throws -> String {
        let file = folder + "/runner"
        if let bytes = try File.readIfPresent(file, limit: 256) {
            let name = String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
            if !name.isEmpty { return name }
        }
        var buffer = [CChar](repeating: 0, count: 256)
        let host =
            gethostname(&buffer, buffer.count - 1) == 0
            ? String(
                decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            : "host"
        let plain = host.utf8.prefix(40).map { byte -> Character in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e:
                Character(Unicode.Scalar(byte))
            default: "-"
            }
        }
        let number = String(UInt64.random(in: .min ... .max), radix: 16)
        let name = String(plain) + "-" + number
        try Folder.make(folder)
        try File.write(Array("\(name)\n".utf8), to: file)
        return name
    }
}
