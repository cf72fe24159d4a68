#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Processes that a child started and that left its group (setsid(2)), so that ending the group
/// does not end them.
///
/// They are found by a variable of the environment that they inherited. A process that was started
/// with another environment (`env -i`) is not found, and on macOS, where nobody can read another
/// process's environment in full, none is.
public enum Strays {
    /// How often it is looked again: a process may start another while it is being ended.
    private static let rounds = 20

    /// Ends every process of this user whose environment began with this variable.
    ///
    /// - Parameter variable: `NAME=value`, whole.
    /// - Returns: how many there were.
    @discardableResult
    public static func end(having variable: [UInt8]) -> Int {
        // A process is there for a moment after it was ended, and is found once more.
        var ended: Set<pid_t> = []
        for round in 0..<rounds {
            let found = processes(having: variable)
            if found.isEmpty { break }
            for process in found where kill(process, SIGKILL) == 0 { ended.insert(process) }
            // What was ended is there for a moment yet.
            if round > 0 { _ = poll(nil, 0, 5) }
        }
        return ended.count
    }

    private static func processes(having variable: [UInt8]) -> [pid_t] {
        #if canImport(Darwin)
            return []
        #else
            guard let folder = opendir("/proc") else { return [] }
            defer { closedir(folder) }
            var found: [pid_t] = []
            while let entry = readdir(folder) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                    Array($0.prefix { $0 != 0 })
                }
                guard let process = pid_t(String(decoding: name, as: UTF8.self)),
                    process > 1, process != getpid(),
                    environment(of: process).contains(where: { $0.elementsEqual(variable) })
                else { continue }
                found.append(process)
            }
            return found
        #endif
    }

    #if !canImport(Darwin)
        /// What it was started with (proc(5), `/proc/pid/environ`); empty where that cannot be
        /// read: somebody else's process, or one that has ended.
        private static func environment(of process: pid_t) -> [ArraySlice<UInt8>] {
            let descriptor = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return [] }
            defer { close(descriptor) }
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while bytes.count < 4 << 20 {
                let count = read(descriptor, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes += buffer[..<count]
            }
            return bytes.split(separator: 0)
        }
    #endif
}
