import Files

/// One hook in the folder where git looks for it, and the one that was there before gate.
struct HookFile {
    let script: HookScript
    let folder: String

    var path: String { "\(folder)/\(script.rawValue)" }
    /// Where the hook that was there before is kept.
    var keptPath: String { path + ".before-gate" }

    enum Content: Equatable {
        case absent
        case ours([UInt8])
        /// Somebody else's, a symbolic link too.
        case foreign
        /// A folder or a device: git would not run it.
        case unusable
    }

    func content() throws -> Content {
        guard let status = FileStatus(path) else { return .absent }
        switch status.kind {
        case .symbolicLink: return .foreign
        case .folder, .other: return .unusable
        case .file: break
        }
        do {
            let bytes = try File.read(path)
            return HookScript.isOurs(bytes) ? .ours(bytes) : .foreign
        } catch {
            throw CommandFailure(error)
        }
    }

    /// What ``install(program:)`` did.
    enum Outcome: Equatable {
        case unchanged, written
        /// Written, and the hook that was there is kept and runs first.
        case chained
        /// Written where another hook manager runs it, under this path.
        case relayed(String)
    }

    /// Fails if ``install(program:)`` could not do it, before anything is changed.
    func requireRoom() throws {
        switch try content() {
        case .absent, .ours: return
        case .unusable:
            throw CommandFailure.undetermined(
                "\(path) is neither a file nor a link, so git runs no such hook",
                hint: "move it away and say it again")
        case .foreign:
            if try MovedHook.find(beside: self)?.isRun == true { return }
            guard File.exists(keptPath), try !isKeptTwice() else { return }
            throw CommandFailure.undetermined(
                "\(path) is not gate's, and \(keptPath) is there too",
                details: [
                    "one hook can be kept and run first; somebody has put another one in",
                    "place of gate's",
                ],
                hint: "join the two into one of them, remove the other, and say it again")
        }
    }

    /// Puts the hook in place in one step, so that no push ever finds none where one was.
    func install(program: String) throws -> Outcome {
        try requireRoom()
        let text = script.text(program: program)
        let present = try content()
        if present == .ours(text), File.isExecutable(path) { return .unchanged }
        let moved = present == .foreign ? try MovedHook.find(beside: self) : nil
        do {
            if let moved, moved.isRun {
                try File.write(text, to: moved.path, mode: 0o755)
                try File.setMode(0o755, of: moved.path)
                return .relayed(moved.path)
            }
            if present == .foreign, try isKeptTwice() { try File.remove(keptPath) }
            if present == .foreign { try File.keep(path, as: keptPath) }
            try File.write(text, to: path, mode: 0o755)
            // The umask may have taken away what git needs.
            try File.setMode(0o755, of: path)
            if let moved { try File.remove(moved.path) }
        } catch let error as FileError {
            if present == .foreign { try restore() }
            throw CommandFailure(error)
        }
        return File.exists(keptPath) ? .chained : .written
    }

    /// Whether the hook that is kept is the one that is in place, too: whoever wrote it has put it
    /// there again, as husky does at each `npm install`.
    private func isKeptTwice() throws -> Bool {
        guard FileStatus(keptPath)?.kind == .file, FileStatus(path)?.kind == .file else {
            return false
        }
        do {
            return try File.read(path) == File.read(keptPath)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Takes gate's hook away and puts back the one that was there before.
    ///
    /// - Returns: false when the hook is not gate's, and so stays.
    func uninstall() throws -> Bool {
        switch try content() {
        case .foreign:
            guard let moved = try MovedHook.find(beside: self) else { return false }
            try restore(to: moved.path)
            return true
        case .unusable: return false
        case .absent, .ours: break
        }
        try restore()
        return true
    }

    private func restore() throws { try restore(to: path) }

    private func restore(to path: String) throws {
        do {
            if !File.exists(keptPath) {
                try File.remove(path)
                return
            }
            try File.move(keptPath, to: path)
            // rename(2) leaves both names when they are of one file.
            try File.remove(keptPath)
        } catch {
            throw CommandFailure(error)
        }
    }
}
