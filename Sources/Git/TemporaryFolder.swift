import GitObjects
import Spawn

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A folder that is gone, with all that is in it, when nobody holds it.
final class TemporaryFolder {
    let path: String

    init() throws(GitError) {
        let parent =
            Child.inheritedEnvironment().first { $0.starts(with: Array("TMPDIR=/".utf8)) }
            .map { String(decoding: $0.dropFirst("TMPDIR=".utf8.count), as: UTF8.self) } ?? "/tmp"
        var template = Array((parent + "/gate-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .system(parent, "cannot make a temporary folder")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.remove(path) }

    func makeFolder(_ name: String) throws(GitError) {
        guard mkdir(path + "/" + name, 0o700) == 0 else {
            throw .system(path + "/" + name, "cannot make this folder")
        }
    }

    func write(_ content: [UInt8], to name: String) throws(GitError) {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(file, "cannot make this file") }
        defer { close(descriptor) }
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes { bytes in
                #if canImport(Darwin)
                    Darwin.write(descriptor, bytes.baseAddress, bytes.count)
                #else
                    Glibc.write(descriptor, bytes.baseAddress, bytes.count)
                #endif
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(file, "cannot write") }
            written += count
        }
    }

    /// Removes what is there without following symbolic links. A leftover in the folder for
    /// temporary files is no reason to fail.
    private static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        guard let folder = opendir(path) else { return }
        var names: [[CChar]] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { Array(bytes(of: $0)) }
            }
            if name != [0x2e], name != [0x2e, 0x2e] {
                names.append(Array(path.utf8CString.dropLast()) + [0x2f])
                names[names.count - 1] += name.map { CChar(bitPattern: $0) } + [0]
            }
        }
        closedir(folder)
        for name in names {
            remove(String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        rmdir(path)
    }
}

extension GitError {
    /// A failed system call, with what errno says about it.
    static func system(_ path: String, _ what: String) -> GitError {
        GitError(.io, shown(path.utf8), "\(what): \(String(cString: strerror(errno)))")
    }
}
