#if canImport(Glibc)
    public import Glibc
#else
    public import Darwin
#endif

/// What something in the file system is, and who may do what with it (lstat(2)).
public struct FileStatus: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case file, folder, symbolicLink, other
    }

    public let kind: Kind
    /// The permissions, without the kind.
    public let mode: mode_t
    /// The id of the user whose it is.
    public let owner: uid_t
    /// Its number in its file system: another file of the same name has another one.
    public let number: UInt64
    /// When its content was last changed, in seconds since 1970.
    public let modified: Int64

    /// - Parameter followsLinks: whether it is about what a symbolic link names.
    /// - Returns: nil when nothing is there, or it cannot be looked at.
    public init?(_ path: String, followsLinks: Bool = false) {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .symbolicLink
            default: .other
            }
        mode = status.st_mode & 0o7777
        owner = status.st_uid
        number = UInt64(status.st_ino)
        #if canImport(Darwin)
            modified = Int64(status.st_mtimespec.tv_sec)
        #else
            modified = Int64(status.st_mtim.tv_sec)
        #endif
    }

    /// The user as whom gate runs.
    public static var caller: uid_t { geteuid() }

    /// Whether its group, or everybody, may change it.
    public var isWritableByOthers: Bool { mode & 0o022 != 0 }
}

extension File {
    /// The first bytes of a file, at most `count` of them; nil when there is no such file.
    public static func start(of path: String, count: Int) throws(FileError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let error = FileError(path, "cannot be read", code: errno)
            if error.isMissing { return nil }
            throw error
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        // What is there in one read is enough: regular files do not give less (read(2)).
        let read = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard read >= 0 else { throw FileError(path, "cannot be read", code: errno) }
        return Array(bytes.prefix(read))
    }

    /// Whether the caller may run this file (a symbolic link is followed).
    public static func isExecutable(_ path: String) -> Bool {
        FileStatus(path, followsLinks: true)?.kind == .file && access(path, X_OK) == 0
    }

    /// Gives a file a second name; a symbolic link is named itself, not what it points at
    /// (linkat(2)). Where the file system knows no second names it is renamed.
    public static func keep(_ path: String, as second: String) throws(FileError) {
        if linkat(AT_FDCWD, path, AT_FDCWD, second, 0) == 0 { return }
        guard errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK || errno == ENOSYS else {
            throw FileError(path, "cannot be kept as \(second)", code: errno)
        }
        try move(path, to: second)
    }
}
