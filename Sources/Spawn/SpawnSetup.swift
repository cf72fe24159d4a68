#if canImport(Darwin)
    import Darwin
#else
    import CSpawn
    import Glibc
#endif

/// What posix_spawn(3) is told: attributes and file actions.
struct SpawnSetup {
    #if canImport(Darwin)
        private var attributes: posix_spawnattr_t?
        private var actions: posix_spawn_file_actions_t?
    #else
        private var attributes = posix_spawnattr_t()
        private var actions = posix_spawn_file_actions_t()
    #endif
    private let program: String

    init(
        program: String, standardStreams: RunningChild.StandardStreams, ownGroup: Bool,
        ownSession: Bool = false
    ) throws(SpawnError) {
        self.program = program
        try check(posix_spawnattr_init(&attributes), "cannot prepare it")
        try check(posix_spawn_file_actions_init(&actions), "cannot prepare it")
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        try check(posix_spawnattr_setsigdefault(&attributes, &all), "cannot set its signals")
        try check(posix_spawnattr_setsigmask(&attributes, &none), "cannot set its signals")
        var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        if ownGroup {
            flags |= Int32(POSIX_SPAWN_SETPGROUP)
            try check(posix_spawnattr_setpgroup(&attributes, 0), "cannot set its group")
        }
        if ownSession { flags |= Self.newSession }
        #if canImport(Darwin)
            flags |= Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)
        #endif
        try check(posix_spawnattr_setflags(&attributes, Int16(flags)), "cannot prepare it")
        #if canImport(Darwin)
            if standardStreams == .inherited {
                for stream in Int32(0)...2 {
                    try check(
                        posix_spawn_file_actions_addinherit_np(&actions, stream),
                        "cannot hand down a stream")
                }
            }
        #endif
    }

    /// POSIX_SPAWN_SETSID of <spawn.h>, which glibc shows with _GNU_SOURCE only.
    private static var newSession: Int32 {
        #if canImport(Darwin)
            0x0400
        #else
            0x80
        #endif
    }

    mutating func destroy() {
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }

    mutating func changeDirectory(_ directory: String) throws(SpawnError) {
        try check(
            posix_spawn_file_actions_addchdir_np(&actions, directory), "cannot set its directory")
    }

    /// Standard streams; no input means `/dev/null`.
    mutating func connect(input: Int32?, output: Int32, error: Int32) throws(SpawnError) {
        if let input {
            try check(posix_spawn_file_actions_adddup2(&actions, input, 0), "cannot connect input")
        } else {
            try check(
                posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0),
                "cannot connect input")
        }
        try check(posix_spawn_file_actions_adddup2(&actions, output, 1), "cannot connect output")
        try check(posix_spawn_file_actions_adddup2(&actions, error, 2), "cannot connect output")
    }

    /// No input, and both outputs behind what is in a file.
    mutating func connect(appendingTo file: String) throws(SpawnError) {
        try check(
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0),
            "cannot connect input")
        try check(
            posix_spawn_file_actions_addopen(
                &actions, 1, file, O_WRONLY | O_CREAT | O_APPEND, 0o640),
            "cannot connect output")
        try check(posix_spawn_file_actions_adddup2(&actions, 1, 2), "cannot connect output")
    }

    mutating func start(
        _ path: [UInt8], _ arguments: [[UInt8]], _ environment: [[UInt8]]
    ) throws(SpawnError) -> pid_t {
        #if !canImport(Darwin)
            // Whatever gate was started with, or a library opened without close-on-exec.
            try check(
                posix_spawn_file_actions_addclosefrom_np(&actions, 3), "cannot close descriptors")
        #endif
        var process: pid_t = 0
        let code = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                (path + [0]).withUnsafeBufferPointer { path in
                    path.withMemoryRebound(to: CChar.self) { path -> Int32 in
                        guard let start = path.baseAddress else { return EINVAL }
                        return posix_spawn(
                            &process, start, &actions, &attributes, arguments, environment)
                    }
                }
            }
        }
        try check(code, "cannot be run")
        return process
    }

    private func check(_ code: Int32, _ what: String) throws(SpawnError) {
        guard code == 0 else { throw .system(program, what, code) }
    }
}

/// Calls `body` with a NULL-terminated array of C strings, valid during the call.
private func withCStrings<T>(
    _ strings: [[UInt8]],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
) -> T {
    var bytes: [UInt8] = []
    for string in strings { bytes += string + [0] }
    return bytes.withUnsafeMutableBufferPointer { buffer in
        buffer.withMemoryRebound(to: CChar.self) { text in
            let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
                capacity: strings.count + 1)
            defer { pointers.deallocate() }
            var offset = 0
            for (index, string) in strings.enumerated() {
                (pointers + index).initialize(to: text.baseAddress.map { $0 + offset })
                offset += string.count + 1
            }
            (pointers + strings.count).initialize(to: nil)
            return body(pointers)
        }
    }
}
