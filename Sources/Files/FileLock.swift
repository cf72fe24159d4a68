#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A lock that one process has at a time (flock(2)). The operating system lets go of it when the
/// process ends, however it ends: nothing is ever left to be cleaned up.
public final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; the file is made where there is none, and stays.
    ///
    /// - Parameter waits: until whoever has it lets go.
    /// - Returns: nil when somebody has it and this does not wait.
    public init?(_ path: String, waits: Bool) throws(FileError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path, "cannot be opened", code: errno) }
        while flock(descriptor, LOCK_EX | (waits ? 0 : LOCK_NB)) != 0 {
            if errno == EINTR { continue }
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK && !waits { return nil }
            throw FileError(path, "cannot be locked", code: code)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether somebody has the lock now. No file is made.
    public static func isTaken(_ path: String) throws(FileError) -> Bool {
        guard File.exists(path) else { return false }
        return try FileLock(path, waits: false) == nil
    }
}
