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
        let words = result.errorOutput.split(separator: 0x0a).map { shown($0) }
        throw CommandFailure.undetermined(
            "git \(arguments.first ?? "") failed in \(shown(gitDirectory.utf8))", details: words)
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

    /// The value of a setting in the repository's own configuration file; nil when it is not set.
    func ownSetting(_ name: String) throws -> String? {
        try gitLine(["config", "--local", "--get", name])
    }
}
