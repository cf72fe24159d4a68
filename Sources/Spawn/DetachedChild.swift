extension Child {
    /// Starts it and does not wait: in a session of its own, with no descriptor of gate's, so that it
    /// outlives gate and the connection or terminal behind it, and keeps neither open.
    /// ``input``, ``timeout``, ``outputLimit`` and ``asksAtTerminal`` are not used.
    ///
    /// - Parameter file: where both of its outputs go, behind what is there.
    public func startDetached(appendingTo file: String) throws(SpawnError) {
        let name = arguments.first ?? []
        let program = String(decoding: name, as: UTF8.self)
        let path = try Program.path(of: name, environment: environment)
        guard !(arguments + environment).contains(where: { $0.contains(0) }) else {
            throw SpawnError(
                program: program, problem: "an argument contains a NUL byte", isMissing: false)
        }
        var setup = try SpawnSetup(
            program: program, standardStreams: .piped, ownGroup: false, ownSession: true)
        defer { setup.destroy() }
        if let directory { try setup.changeDirectory(directory) }
        try setup.connect(appendingTo: file)
        _ = try setup.start(path, arguments, environment)
    }
}
