#if canImport(Glibc)
    public import Glibc
#else
    public import Darwin
#endif

/// Why a file could not be read or written.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    /// What failed, as a clause: `cannot be written: No space left on device`.
    public let problem: String
    /// The system's number of the error (errno(3)).
    public let code: Int32

    init(_ path: String, _ action: String, code: Int32) {
        self.path = path
        self.code = code
        problem = "\(action): \(String(cString: strerror(code)))"
    }

    init(_ path: String, problem: String) {
        self.path = path
        self.problem = problem
        code = 0
    }

    /// Nothing is there.
    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    public var description: String { "\(path): \(problem)" }
}

/// Whole files, read and written.
public enum File {
    /// A file's bytes.
    ///
    /// - Parameter limit: the largest size in bytes that is read; more is an error.
    public static func read(_ path: String, limit: Int = 64 << 20) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path, "cannot be read", code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, into: $0) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path, "cannot be read", code: errno)
            }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            if bytes.count > limit {
                throw FileError(path, problem: "is larger than \(limit) bytes")
            }
        }
    }

    /// A file's bytes; nil when there is no such file.
    public static func readIfPresent(
        _ path: String, limit: Int = 64 << 20
    ) throws(FileError) -> [UInt8]? {
        do {
            return try read(path, limit: limit)
        } catch {
            if error.isMissing { return nil }
            throw error
        }
    }

    /// Replaces a file in one step: whoever reads it sees the old bytes or the new ones, also
    /// when the disk is full or gate is killed.
    ///
    /// - Parameter mode: permissions of the new file, before the umask.
    public static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t = 0o666
    ) throws(FileError) {
        let temporary = "\(path).\(getpid()).new"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(path, "cannot be written", code: errno) }
        var rest = bytes[...]
        var failure: Int32 = 0
        while !rest.isEmpty && failure == 0 {
            let count = rest.withUnsafeBytes { write(descriptor, from: $0) }
            if count < 0 {
                if errno != EINTR { failure = errno }
            } else {
                rest = rest.dropFirst(count)
            }
        }
        if failure == 0 && fsync(descriptor) != 0 { failure = errno }
        if close(descriptor) != 0 && failure == 0 { failure = errno }
        if failure == 0 && rename(temporary, path) != 0 { failure = errno }
        if failure != 0 {
            unlink(temporary)
            throw FileError(path, "cannot be written", code: failure)
        }
    }

    /// Whether something is there, a broken symbolic link included.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Whether a folder is there.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Removes a file; it is no error when there is none.
    public static func remove(_ path: String) throws(FileError) {
        if unlink(path) != 0 && errno != ENOENT {
            throw FileError(path, "cannot be removed", code: errno)
        }
    }

    /// Renames a file.
    public static func move(_ path: String, to target: String) throws(FileError) {
        if rename(path, target) != 0 {
            throw FileError(path, "cannot be moved to \(target)", code: errno)
        }
    }

    /// Sets permissions.
    public static func setMode(_ mode: mode_t, of path: String) throws(FileError) {
        if chmod(path, mode) != 0 {
            throw FileError(path, "cannot be made executable", code: errno)
        }
    }

    /// The absolute path without symbolic links.
    public static func realPath(_ path: String) throws(FileError) -> String {
        guard let resolved = realpath(path, nil) else {
            throw FileError(path, "cannot be found", code: errno)
        }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Int
    {
        #if canImport(Glibc)
            Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        #else
            Darwin.read(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }

    private static func write(_ descriptor: Int32, from buffer: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, buffer.baseAddress, buffer.count)
        #else
            Darwin.write(descriptor, buffer.baseAddress, buffer.count)
        #endif
    }
}
