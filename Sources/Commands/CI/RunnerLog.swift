import Files

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The log of runs that nobody watches: both outputs of this process, in a file of bounded size.
struct RunnerLog {
    /// Bytes after which a new file is begun; the one before is kept beside it.
    static let limit = 1 << 20

    let path: String
    var earlier: String { path + ".1" }

    /// Sends both outputs there, behind what is in it, or to a new file where it has grown large.
    func take() throws {
        try Folder.make(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        try makeRoom()
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw CommandFailure.undetermined(
                "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard dup2(descriptor, STDOUT_FILENO) >= 0, dup2(descriptor, STDERR_FILENO) >= 0 else {
            throw CommandFailure.undetermined("\(path) cannot be used as output")
        }
    }

    /// Puts a file that has grown large in the place of the one before.
    func makeRoom() throws {
        if size >= Self.limit { try File.move(path, to: earlier) }
    }

    private var size: Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
