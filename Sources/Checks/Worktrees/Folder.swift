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

    init(_ path: some Sequence<UInt8>) {
        self.path = Array(path)
    }

    init(_ path: String) {
        self.init(path.utf8)
    }

    var text: String { String(decoding: path, as: UTF8.self) }

    /// The path as the system's calls want it, ended by NUL.
    var cString: [CChar] {
        [CChar](unsafeUninitializedCapacity: path.count + 1) { buffer, count in
            for (position, byte) in path.enumerated() {
                buffer[position] = CChar(bitPattern: byte)
            }
            buffer[path.count] = 0
            count = path.count + 1
        }
    }

    func appending(_ name: some Sequence<UInt8>) -> Folder {
        Folder(path + [UInt8(ascii: "/")] + name)
    }

    func appending(_ name: String) -> Folder {
        appending(name.utf8)
    }

    /// The folder above; nil at the root.
    var parent: Folder? {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return nil }
        return Folder(path[..<slash])
    }

    /// The absolute path without symbolic links; nil when nothing is there.
    var realPath: Folder? {
        guard let resolved = realpath(cString, nil) else { return nil }
        defer { free(resolved) }
        return Folder(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
    }

    /// The first bytes of a regular file; nil when it cannot be read.
    func start(_ count: Int) -> [UInt8]? {
        let descriptor = open(cString, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let got = pread(descriptor, &bytes, count, 0)
        return got < 0 ? nil : Array(bytes.prefix(got))
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
            withUnsafeBytes(of: &entry.pointee.d_name) { name in
                if !Self.isDots(name) { names.append(Array(name.prefix { $0 != 0 })) }
            }
            errno = 0
        }
        guard errno == 0 else { throw failure("cannot be read", errno) }
        return names
    }

    /// How many names are in it; never behind a symbolic link.
    func count() throws(GitError) -> Int {
        let descriptor = open(cString, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be read", errno) }
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            close(descriptor)
            throw failure("cannot be read", code)
        }
        defer { closedir(stream) }
        var count = 0
        errno = 0
        while let entry = readdir(stream) {
            if !withUnsafeBytes(of: &entry.pointee.d_name, Self.isDots) { count += 1 }
            errno = 0
        }
        guard errno == 0 else { throw failure("cannot be read", errno) }
        return count
    }

    /// Whether a name, ended by NUL, is `.` or `..`.
    private static func isDots(_ name: UnsafeRawBufferPointer) -> Bool {
        name[0] == 0x2e && (name[1] == 0 || (name[1] == 0x2e && name[2] == 0))
    }

    /// Moves it, replacing an empty folder or a file.
    func move(to target: Folder) throws(GitError) {
        // A folder that its owner may not write to cannot change its parent.
        if try kind == .folder { _ = chmod(cString, 0o700) }
        guard rename(cString, target.cString) == 0 else {
            throw failure("cannot be moved to \(shown(target.path))", errno)
        }
    }

    /// Removes a file; nothing when there is none.
    func removeFile() throws(GitError) {
        guard unlink(cString) == 0 || errno == ENOENT else {
            throw failure("cannot be removed", errno)
        }
    }

    /// Removes a file that is of no use to anybody; if that fails, it stays.
    func discard() {
        _ = unlink(cString)
    }

    /// Makes a symbolic link here.
    func link(to target: Folder) throws(GitError) {
        guard symlink(target.cString, cString) == 0 else {
            throw failure("cannot be linked", errno)
        }
    }

    /// Removes it with everything in it, however deep and whatever its modes; links are not
    /// followed.
    func remove() throws(GitError) {
        switch try kind {
        case .nothing: return
        case .file, .other: return try removeFile()
        case .folder: break
        }
        if Self.empty(cString, in: AT_FDCWD, depth: 0), rmdir(cString) == 0 { return }
        // Deeper than descriptors last, or something that only a program of its own can tell.
        _ = try run(["chmod", "-R", "u+rwX", "--"])
        let result = try run(["rm", "-rf", "--"])
        guard result.succeeded else {
            throw GitError(
                .io, shown(path),
                "cannot be removed: \(shown(result.errorOutput.prefix { $0 != 0x0a }))",
                hint: "remove it yourself, perhaps as root")
        }
    }

    /// Removes what is in a folder; false when something stays.
    private static func empty(_ name: [CChar], in above: Int32, depth: Int) -> Bool {
        guard depth < 200 else { return false }
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var descriptor = openat(above, name, flags)
        if descriptor < 0, errno == EACCES, fchmodat(above, name, 0o700, 0) == 0 {
            descriptor = openat(above, name, flags)
        }
        guard descriptor >= 0 else { return false }
        // Nothing can be removed from a folder that may not be written to.
        var information = stat()
        if fstat(descriptor, &information) == 0, information.st_mode & 0o700 != 0o700 {
            _ = fchmod(descriptor, 0o700)
        }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return false
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
            }
            if name != [0x2e, 0], name != [0x2e, 0x2e, 0] { names.append(name) }
        }
        for name in names where unlinkat(descriptor, name, 0) != 0 {
            // EISDIR on Linux, EPERM elsewhere (unlink(2)).
            guard errno == EISDIR || errno == EPERM,
                empty(name, in: descriptor, depth: depth + 1),
                unlinkat(descriptor, name, AT_REMOVEDIR) == 0
            else { return false }
        }
        return true
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
        bytes.reserveCapacity(min(limit, Int(information.st_size)))
        var buffer = [UInt8](
            repeating: 0, count: max(1, min(64 << 10, Int(information.st_size) + 1)))
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
