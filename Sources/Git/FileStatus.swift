#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What stat(2) says of a path, symbolic links followed.
struct FileStatus {
    let isDirectory: Bool
    let isFile: Bool
    let size: Int
    let owner: UInt32

    /// nil when there is nothing or it may not be looked at.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        isDirectory = status.st_mode & S_IFMT == S_IFDIR
        isFile = status.st_mode & S_IFMT == S_IFREG
        size = Int(status.st_size)
        owner = status.st_uid
    }

    /// Whose files are one's own.
    static var caller: UInt32 { geteuid() }
}
