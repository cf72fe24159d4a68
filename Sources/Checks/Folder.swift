#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif
import GitObjects
import Spawn

/// A place on disk by its absolute path, as bytes: names inside a checked tree are not ours.
struct Folder: Hashable, Sendable {
    let path: [UInt8]

    /// What is at a path; a symbolic link is itself, never what it points to.
    enum Kind: Hashable {
        case nothing, file, folder, other
    }

    init(_ path: some Sequence<UInt8>) {
        self.path = Array(path)
    }

    init(_ path: String) {
        self.init(path.utf8)
    }

    var text: String { String(decoding: path, as: UTF8.self) }
    private var cString: [CChar] { path.map { CChar(bitPattern: $0) } + [0] }

    func appending(_ name: some Sequence<UInt8>) -> Folder {
        Folder(path + [UInt8(ascii: "/")] + name)
    }

    func appending(_ name: String) -> Folder {
        appending(name.utf8)
    }

    var kind: Kind {
        get throws(GitError) {
            var information = stat()
            guard lstat(cString, &information) == 0 else {
                if errno == ENOENT || errno == ENOTDIR { return .nothing }
                throw failure("cannot be looked at", errno)
            }
            switch information.st_mode & S_IFMT {
            case S_IFDIR: return .folder
            case S_IFREG: return .file
            default: return .other
            }
        }
    }

    /// Whether it belongs to the user who runs gate.
    var isOwn: Bool {
        get throws(GitError) {
            var information = stat()
            guard lstat(cString, &information) == 0 else {
                throw failure("cannot be looked at", errno)
            }
            return information.st_uid == geteuid()
        }
    }

    /// Makes it, and the folders above it that are missing, for this user only.
    func make() throws(GitError) {
        if mkdir(cString, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0 else {
            throw failure("cannot be made", errno)
        }
        try Folder(path[..<slash]).make()
        guard mkdir(cString, 0o700) == 0 || errno == EEXIST else {
            throw failure("cannot be made", errno)
        }
    }

    /// The names in it, without `.` and `..`, in no order.
    func names() throws(GitError) -> [[UInt8]] {
        guard let stream = opendir(cString) else { throw failure("cannot be read", errno) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw failure("cannot be read", errno) }
        return names
    }

    /// Moves it, replacing an empty folder or a file.
    func move(to target: Folder) throws(GitError) {
        // A folder that its owner may not write to cannot change its parent.
        if try kind == .folder { _ = chmod(cString, 0o700) }
        guard rename(cString, target.cString) == 0 else {
            throw failure("cannot be moved to \(shown(target.path))", errno)
        }
    }

    /// Removes it with everything in it, however deep and whatever its modes.
    func remove() throws(GitError) {
        guard try kind != .nothing else { return }
        if try kind == .folder { _ = try run(["chmod", "-R", "u+rwX", "--"]) }
        let result = try run(["rm", "-rf", "--"])
        guard result.succeeded else {
            throw GitError(
                .io, shown(path),
                "cannot be removed: \(shown(result.errorOutput.prefix { $0 != 0x0a }))")
        }
    }

    private func run(_ command: [String]) throws(GitError) -> Child.Result {
        var child = Child(command)
        child.arguments.append(path)
        do {
            return try child.run()
        } catch {
            throw GitError(.tool, error.program, error.problem)
        }
    }

    /// Writes a file at this path, in place of what is there.
    func write(_ bytes: [UInt8]) throws(GitError) {
        let descriptor = open(cString, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("cannot be written", errno) }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                #if canImport(Darwin)
                    Darwin.write(descriptor, $0.baseAddress, $0.count)
                #else
                    Glibc.write(descriptor, $0.baseAddress, $0.count)
                #endif
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot be written", errno)
            }
            written += count
        }
    }

    /// Reads the regular file at this path; nil when there is none.
    ///
    /// - Parameter limit: the largest size in bytes.
    func read(limit: Int) throws(GitError) -> [UInt8]? {
        // Without O_NONBLOCK a named pipe in its place would block for ever.
        let descriptor = open(cString, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("cannot be read", errno)
        }
        defer { close(descriptor) }
        var information = stat()
        guard fstat(descriptor, &information) == 0 else { throw failure("cannot be read", errno) }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw GitError(.malformed, shown(path), "is not a regular file")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            #if canImport(Darwin)
                let count = Darwin.read(descriptor, &buffer, buffer.count)
            #else
                let count = Glibc.read(descriptor, &buffer, buffer.count)
            #endif
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure("cannot be read", errno)
            }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else {
                throw GitError(.limit, shown(path), "is larger than \(limit) bytes")
            }
        }
    }

    func failure(_ problem: String, _ code: Int32) -> GitError {
        GitError(.io, shown(path), "\(problem): \(String(cString: strerror(code)))")
    }
}
