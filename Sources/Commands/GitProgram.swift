import Git
import GitObjects
import Spawn

extension Repository {
    /// Runs git on this repository: at the top of the worktree, or in the bare repository.
    ///
    /// - Parameter failure: what to throw when git exits with another code than 0; nil: git's own
    ///   words.
    /// - Returns: what it wrote to standard output.
    @discardableResult
    func git(_ arguments: [String], failure: CommandFailure? = nil) throws -> [UInt8] {
        let result = try runGit(arguments)
        if result.succeeded { return result.output }
        if let failure { throw failure }
        throw gitFailure(arguments, result)
    }

    /// What git said when it failed.
    private func gitFailure(_ arguments: [String], _ result: Child.Result) -> CommandFailure {
        let words = result.errorOutput.split(separator: 0x0a).map { shown($0) }
        let isLocked = words.contains { $0.contains("could not lock config file") }
        return .undetermined(
            "git \(arguments.first ?? "") failed in \(shown(gitDirectory.utf8))", details: words,
            hint: isLocked
                ? "if no other git is at work there: rm "
                    + shown((commonDirectory + "/config.lock").utf8)
                : nil)
    }

    /// The same where another exit code than 0 is an answer.
    func runGit(_ arguments: [String]) throws -> Child.Result {
        do {
            return try Child(
                ["git", "--git-dir=\(gitDirectory)"] + arguments,
                environment: Child.environmentForAnotherRepository(),
                directory: worktree ?? gitDirectory
            ).run()
        } catch {
            throw CommandFailure(error)
        }
    }

    /// One line of git's output as text; nil when git exits with another code than 0.
    func gitLine(_ arguments: [String]) throws -> String? {
        let result = try runGit(arguments)
        guard result.succeeded else { return nil }
        return String(decoding: result.output.prefix { $0 != 0x0a }, as: UTF8.self)
    }

    /// The value of a setting; nil when it is not set.
    ///
    /// - Parameter options: of `git config --get` (git-config(1)).
    func setting(_ name: String, _ options: [String] = []) throws -> String? {
        let arguments = ["config"] + options + ["--get", name]
        let result = try runGit(arguments)
        switch result.termination {
        case .exited(0): return String(decoding: result.output.prefix { $0 != 0x0a }, as: UTF8.self)
        case .exited(1): return nil
        // Any other code is a failure, and no answer.
        default: throw gitFailure(arguments, result)
        }
    }

    /// The same in the repository's own configuration file.
    func ownSetting(_ name: String) throws -> String? { try setting(name, ["--local"]) }
}
