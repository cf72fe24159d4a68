public import ArgumentParser
import GitObjects

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The command line of gate.
public struct GateCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Keeps master releasable with nothing but git.",
        discussion: """
            A server-side hook that lets only reviewed and checked changes land, a local hook that \
            gives the same answer before the push, and the morning job that turns what has landed \
            into a release manifest.

            Exit codes: 0 done or allowed, 1 refused or a check failed, 2 bad usage or bad \
            policy, 3 could not decide, 130 interrupted.

            The whole story on real repositories: gate demo
            """,
        version: GateVersion.current,
        subcommands: [
            Init.self,
            Install.self,
            Uninstall.self,
            Trust.self,
            Doctor.self,
            PolicyCommand.self,
            PeopleCommand.self,
            RangeCommand.self,
            ManifestCommand.self,
            ReleaseCommand.self,
            ShepherdCommand.self,
            TryCommand.self,
            StatusCommand.self,
            ReviewCommand.self,
            AttestCommand.self,
            MergeCommand.self,
            CheckCommand.self,
            CacheCommand.self,
            CICommand.self,
            CheckWorker.self,
            BypassCommand.self,
            EvidenceCommand.self,
            AuditCommand.self,
            DemoCommand.self,
        ])

    public init() {}

    /// Runs gate with these arguments.
    ///
    /// - Returns: the exit code.
    public static func run(_ arguments: [String]) -> Int32 {
        do {
            var command = try parseAsRoot(try enterFolder(arguments))
            try command.run()
            return written()
        } catch {
            return report(error)
        }
    }

    /// What is said where not even the program's own name is known.
    ///
    /// - Returns: the exit code: could not decide.
    public static func reportUnreadableArguments() -> Int32 {
        report(
            CommandFailure.undetermined(
                "refused: what was asked cannot be read from /proc/self/maps",
                hint: "mount -t proc proc /proc, in the root that gate runs in"))
    }

    /// Goes where `gate -C DIR …` says, before the command's name as git has it.
    ///
    /// - Returns: the other arguments.
    private static func enterFolder(_ arguments: [String]) throws -> [String] {
        guard arguments.count > 1, arguments[0] == "-C" else { return arguments }
        guard chdir(arguments[1]) == 0 else {
            throw CommandFailure.usage(
                "\(shown(arguments[1].utf8)): \(String(cString: strerror(errno)))")
        }
        return Array(arguments.dropFirst(2))
    }

    /// Whoever reads half a result, of a full disk for example, must be told that it is none.
    private static func written() -> Int32 {
        if Screen.resultFailure == 0 { return 0 }
        let problem = String(cString: strerror(Screen.resultFailure))
        Screen.note("gate: the result could not be written: \(problem)")
        return 3
    }

    /// Tells an error to the user; the one place where errors become exit codes.
    private static func report(_ error: any Error) -> Int32 {
        if let failure = CommandFailure(translating: error) {
            failure.show()
            return failure.exitCode
        }
        switch error {
        case let code as ExitCode:
            let lost = written()
            return lost == 0 ? code.rawValue : lost
        default:
            let isHelp = exitCode(for: error) == .success
            let text = fullMessage(for: error)
            if isHelp {
                Screen.result(text)
                return written()
            }
            Screen.note(text)
            return 2
        }
    }
}

/// The version of this build.
public enum GateVersion {
    public static let current = "0.1.0"
}
