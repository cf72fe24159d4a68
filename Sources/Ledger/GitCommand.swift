import Git
import GitObjects
import Spawn

/// The git program, for what libgit2 does not do as git does it: talk to remotes.
struct GitCommand {
    private let repository: Repository

    init(_ repository: Repository) {
        self.repository = repository
    }

    /// Runs git in the repository to its end. Its messages are English, for some are read here.
    func run(_ arguments: [String]) throws(GitError) -> Child.Result {
        // A relative path of a remote counts from the top of the worktree.
        let place =
            repository.worktree.map { ["-C", $0] } ?? ["--git-dir=\(repository.gitDirectory)"]
        let environment = Child.environment(
            Child.environmentForAnotherRepository(),
            setting: [("LC_ALL", Array("C".utf8)), ("LANGUAGE", [])])
        var child = Child(["git"] + place + arguments, environment: environment)
        child.asksAtTerminal = true
        do throws(SpawnError) {
            return try child.run()
        } catch {
            throw GitError(
                .tool, "git", error.problem,
                hint: error.isMissing ? "install git 2.39 or later" : nil)
        }
    }

    /// What a failed git said, fit for a message.
    static func failure(_ what: String, _ result: Child.Result) -> GitError {
        let lines = result.errorOutput.split(separator: 0x0a).map { shown($0) }
        return GitError(.tool, "git", "\(what) failed: " + lines.joined(separator: "; "))
    }
}
