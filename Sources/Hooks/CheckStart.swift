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
                environment: Self.withoutConnection(Child.environmentForAnotherRepository()),
                directory: absolute
            ).startDetached(appendingTo: try File.realPath(folder) + "/ci.log")
            return true
        } catch {
            HookScreen.show(["gate: the checks could not be started: \(Self.words(error))"])
            return false
        }
    }

    /// `environment` without what the pusher's connection has put there. The code of somebody else's
    /// branch will run with what is left: a web server hands down the pusher's password or cookie
    /// (`HTTP_AUTHORIZATION`, `HTTP_COOKIE`), and ssh the way to an agent that the pusher forwards.
    static func withoutConnection(_ environment: [[UInt8]]) -> [[UInt8]] {
        func name(_ variable: [UInt8]) -> [UInt8] { Array(variable.prefix { $0 != 0x3d }) }
        // git http-backend(1) does not work without it.
        let isRequest = environment.contains { name($0) == Array("REQUEST_METHOD".utf8) }
        return environment.filter { variable in
            let name = name(variable)
            // Which of a web server's variables are secret, no list can know.
            if isRequest { return ownVariables.contains { Self.matches(name, $0) } }
            return !name.starts(with: "SSH_".utf8)
        }
    }

    /// What a machine's owner sets for a program, whoever calls it: a name, or with `*` its
    /// beginning. Not `HTTP_PROXY`, which a request can set ("httpoxy", CVE-2016-5385).
    private static let ownVariables = [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TMPDIR",
        "XDG_*", "http_proxy", "https_proxy", "no_proxy", "all_proxy", "LD_LIBRARY_PATH",
    ]

    private static func matches(_ name: [UInt8], _ pattern: String) -> Bool {
        pattern.hasSuffix("*")
            ? name.starts(with: pattern.utf8.dropLast()) : name.elementsEqual(pattern.utf8)
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
