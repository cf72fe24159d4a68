#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The file that a command's first word names.
enum Program {
    /// The path to execute: `name` itself when it contains `/`, otherwise the first executable
    /// file of that name in the folders of `PATH`.
    ///
    /// `PATH` is the child's own. Unlike execvp(3), empty and relative folders are passed over:
    /// they would run whatever lies in the folder gate happens to be in, such as the worktree of
    /// a change that nobody has reviewed.
    static func path(of name: [UInt8], environment: [[UInt8]]) throws(SpawnError) -> [UInt8] {
        let shown = String(decoding: name, as: UTF8.self)
        guard !name.isEmpty, !name.contains(0) else {
            throw SpawnError(program: shown, problem: "is not a program's name", isMissing: true)
        }
        if name.contains(slash) { return name }
        let folders = value(of: "PATH", in: environment) ?? Array("/usr/bin:/bin".utf8)
        for folder in folders.split(separator: 0x3a) where folder.first == slash {
            let candidate = folder + [slash] + name
            if isExecutableFile(candidate) { return Array(candidate) }
        }
        throw SpawnError(
            program: shown,
            problem: "no such program in PATH "
                + String(decoding: folders, as: UTF8.self),
            isMissing: true)
    }

    /// The value of the first variable called `name`.
    static func value(of name: String, in environment: [[UInt8]]) -> [UInt8]? {
        let start = Array(name.utf8) + [0x3d]
        for variable in environment where variable.starts(with: start) {
            return Array(variable.dropFirst(start.count))
        }
        return nil
    }

    private static let slash: UInt8 = 0x2f

    private static func isExecutableFile(_ path: ArraySlice<UInt8>) -> Bool {
        (Array(path) + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text -> Bool in
                guard let start = text.baseAddress else { return false }
                var status = stat()
                return stat(start, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
                    && access(start, X_OK) == 0
            }
        }
    }
}
