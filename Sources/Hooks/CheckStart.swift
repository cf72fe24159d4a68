import Files
import Git
import GitObjects
import History
import Spawn

/// Starts the checks of what was pushed, in the background (`gate install --server --runner`).
///
/// Each push starts one process, which waits for its turn or, where another already does, ends: what
/// that one will look at includes this push (docs/decisions/claims-of-runners.md).
struct CheckStart {
    private let server: Server

    init(_ server: Server) {
        self.server = server
    }

    /// Starts it, where the server's owner wants that and the push brings something to check.
    ///
    /// - Returns: whether it was started. Why it could not be is said.
    func start(after updates: [RefUpdate]) -> Bool {
        do {
            guard try server.repository.localConfiguration("gate.runner") == "true",
                updates.contains(where: { $0.ref.starts(with: "refs/heads/") && !$0.isDeletion })
            else { return false }
            // The hooks call gate by its absolute path.
            guard let program = CommandLine.arguments.first, program.hasPrefix("/") else {
                throw GitError(.io, "gate", "was not called by its absolute path")
            }
            let folder = server.gitDirectory + "/gate"
            try Folder.make(folder + "/ci")
            // What --status goes by until the process has come so far as to speak for itself.
            try File.write([], to: folder + "/ci/started")
            let absolute = try File.realPath(server.gitDirectory)
            try Child(
                [program, "ci", "--once", "--background", "-C", absolute],
                environment: Child.environmentForAnotherRepository(), directory: absolute
            ).startDetached(appendingTo: try File.realPath(folder) + "/ci.log")
            return true
        } catch {
            HookScreen.show(["gate: the checks could not be started: \(Self.words(error))"])
            return false
        }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as GitError: error.description
        case let error as FileError: shown(error.description.utf8)
        case let error as SpawnError: error.description
        default: "\(error)"
        }
    }
}
