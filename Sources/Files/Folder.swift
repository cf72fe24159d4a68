#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Folders: made, listed, removed.
public enum Folder {
    /// Makes a folder and those above it that are missing.
    public static func make(_ path: String) throws(FileError) {
        if mkdir(path, 0o777) == 0 || (errno == EEXIST && File.isFolder(path)) { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw FileError(path, "cannot be made", code: errno)
        }
        try make(String(path[..<slash]))
        if mkdir(path, 0o777) != 0 && errno != EEXIST {
            throw FileError(path, "cannot be made", code: errno)
        }
    }

    /// The names in a folder, sorted by their bytes, without `.` and `..`.
    public static func names(in path: String) throws(FileError) -> [String] {
        guard let stream = opendir(path) else {
            throw FileError(path, "cannot be listed", code: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Removes a folder and all in it, without following symbolic links; it is no error when there
    /// is none.
    public static func remove(_ path: String) throws(FileError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT { return }
            throw FileError(path, "cannot be removed", code: errno)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            if status.st_mode & 0o700 != 0o700 { chmod(path, 0o700) }
            for name in try names(in: path) { try remove("\(path)/\(name)") }
            if rmdir(path) != 0 { throw FileError(path, "cannot be removed", code: errno) }
        } else {
            try File.remove(path)
        }
    }

    /// A new, empty folder of the caller's own in the system's place for temporary files.
    public static func makeTemporary(prefix: String) throws(FileError) -> String {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/\(prefix).XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw FileError(base, "has no place for a temporary folder", code: errno)
        }
        return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
