import GitObjects

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The file of an ``EvidenceIndex``.
struct IndexFile {
    private let folder: String
    private var path: String { folder + "/evidence.index" }

    init(in gitFolder: String) {
        folder = gitFolder + "/gate"
    }

    /// The bytes; nil when there is no such file or it cannot be read: the notes tree can.
    func read() -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let size = Int(status.st_size)
        var isWhole = true
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = pread(
                    file, buffer.baseAddress.map { $0 + count }, size - count, off_t(count))
                if got < 0 && errno == EINTR { continue }
                guard got > 0 else { break }
                count += got
            }
            isWhole = count == size
        }
        return isWhole ? bytes : nil
    }

    /// Replaces the file in one step, so that a reader sees the old one or the new one.
    func write(_ bytes: [UInt8]) throws(GitError) {
        guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw failure() }
        let temporary = path + ".\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failure() }
        var isWritten = bytes.withUnsafeBytes { buffer in
            var start = 0
            while start < buffer.count {
                let count = pwrite(
                    file, buffer.baseAddress.map { $0 + start }, buffer.count - start, off_t(start))
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                start += count
            }
            return true
        }
        isWritten = close(file) == 0 && isWritten
        guard isWritten, rename(temporary, path) == 0 else {
            let error = failure()
            unlink(temporary)
            throw error
        }
    }

    private func failure() -> GitError {
        let code = errno
        let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
        return GitError(.io, shown(path.utf8), "cannot be written: \(reason)")
    }
}
