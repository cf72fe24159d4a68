#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif
import GitObjects

/// What stands at a place on disk: its kind, its owner, and what tells it apart (stat(2)).
extension Folder {
    /// What is at a path; a symbolic link is itself, never what it points to.
    enum Kind: Hashable {
        case nothing, file, folder, other
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

    /// Whether there is something that this user can get at.
    var isReachable: Bool {
        var information = stat()
        return lstat(cString, &information) == 0
    }

    /// Whether there is a folder, also behind a symbolic link.
    var leadsToFolder: Bool {
        get throws(GitError) {
            var information = stat()
            guard stat(cString, &information) == 0 else {
                if [ENOENT, ENOTDIR, EACCES, ELOOP].contains(errno) { return false }
                throw failure("cannot be looked at", errno)
            }
            return information.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// Whether its file system has next to no room left for this user (statvfs(3)).
    var hasNoRoom: Bool {
        var information = statvfs()
        guard statvfs(cString, &information) == 0 else { return false }
        return UInt64(information.f_bavail) * UInt64(information.f_frsize) < 1 << 20
            || (information.f_files > 0 && information.f_favail == 0)
    }

    /// What tells this file or folder apart from what may stand here another time: device, number,
    /// size and time of the last change of its content. nil when nothing is there.
    var identity: [UInt8]? {
        var information = stat()
        return lstat(cString, &information) == 0 ? Self.identity(information) : nil
    }

    /// What tells whether anything has happened to this file or folder, never to one behind a link.
    func stamp() throws(GitError) -> Seal.Stamp {
        var information = stat()
        guard lstat(cString, &information) == 0 else { throw failure("cannot be looked at", errno) }
        #if canImport(Darwin)
            let times = (information.st_mtimespec, information.st_ctimespec)
        #else
            let times = (information.st_mtim, information.st_ctim)
        #endif
        func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
        return Seal.Stamp(
            device: UInt64(truncatingIfNeeded: information.st_dev),
            number: UInt64(truncatingIfNeeded: information.st_ino),
            changed: nanoseconds(times.0), touched: nanoseconds(times.1))
    }

    /// The same for an executable file, also behind a symbolic link; nil for anything else.
    var executableIdentity: [UInt8]? {
        var information = stat()
        guard stat(cString, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
            access(cString, X_OK) == 0
        else { return nil }
        return Self.identity(information)
    }

    private static func identity(_ information: stat) -> [UInt8] {
        #if canImport(Darwin)
            let time = information.st_mtimespec
        #else
            let time = information.st_mtim
        #endif
        let parts = [
            UInt64(truncatingIfNeeded: information.st_dev),
            UInt64(truncatingIfNeeded: information.st_ino),
            UInt64(truncatingIfNeeded: information.st_size),
            UInt64(truncatingIfNeeded: time.tv_sec), UInt64(truncatingIfNeeded: time.tv_nsec),
        ]
        return parts.flatMap { part in
            (0..<8).map { UInt8(truncatingIfNeeded: part >> (8 * UInt64($0))) }
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

    /// Who could put something else into a folder, or in its place.
    enum Writers: Hashable {
        /// Its owner, the user who runs gate, alone.
        case owner
        /// People whom the system lets do as much: root, a group; in a folder with the sticky bit
        /// everybody, but nobody can take away another's.
        case shared
        case others
    }

    var writers: Writers {
        get throws(GitError) {
            var information = stat()
            guard stat(cString, &information) == 0 else {
                throw failure("cannot be looked at", errno)
            }
            let isOwn = information.st_uid == geteuid()
            guard isOwn || information.st_uid == 0 else { return .others }
            let isSticky = information.st_mode & S_ISVTX != 0
            if information.st_mode & S_IWOTH != 0, !isSticky { return .others }
            return isOwn && information.st_mode & (S_IWGRP | S_IWOTH) == 0 ? .owner : .shared
        }
    }

    /// Bytes, and seconds since 1970 of the last change of its content; nil when nothing is there.
    var sizeAndTime: (size: Int, time: Int)? {
        var information = stat()
        guard lstat(cString, &information) == 0 else { return nil }
        #if canImport(Darwin)
            return (Int(information.st_size), information.st_mtimespec.tv_sec)
        #else
            return (Int(information.st_size), information.st_mtim.tv_sec)
        #endif
    }
}
