import Files

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where this program lies: what the hooks that it installs will run.
enum ProgramPlace {
    /// The absolute path without symbolic links of the running program.
    static func path() throws -> String {
        #if canImport(Glibc)
            let name = "/proc/self/exe"
        #else
            var size: UInt32 = 0
            _NSGetExecutablePath(nil, &size)
            var buffer = [CChar](repeating: 0, count: Int(size))
            guard _NSGetExecutablePath(&buffer, &size) == 0 else {
                throw CommandFailure.undetermined(
                    "the system does not say where gate lies", hint: "name it with --program")
            }
            let name = String(
                decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        #endif
        do {
            return try File.realPath(name)
        } catch {
            throw CommandFailure.undetermined(
                "gate was replaced or removed while it ran",
                details: [error.description], hint: "say it again")
        }
    }

    /// A program that the user named instead.
    static func path(named given: String) throws -> String {
        guard File.isExecutable(given) else {
            throw CommandFailure.usage(
                "\(given) is no program that can be run", hint: "name one with --program")
        }
        do {
            return try File.realPath(given)
        } catch {
            throw CommandFailure(error)
        }
    }
}
