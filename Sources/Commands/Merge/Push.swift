import Git
import GitObjects
import Spawn

extension Clone {
    /// `git push`: the user's own configuration, credentials and hooks apply, and what the server
    /// says is shown as it comes.
    ///
    /// - Returns: whether it was accepted.
    func push(_ commit: ObjectID, to ref: RefName) throws -> Bool {
        var child = Child(
            [
                "git", "--git-dir=\(repository.gitDirectory)", "push", "--no-follow-tags",
                "--recurse-submodules=no", remote, "",
            ], environment: Child.environmentForAnotherRepository(),
            directory: repository.worktree)
        child.arguments[child.arguments.count - 1] = Array("\(commit.hex):".utf8) + ref.bytes
        child.asksAtTerminal = true
        do {
            return try child.run { _, piece in Screen.relay(piece) }.succeeded
        } catch {
            throw CommandFailure(error)
        }
    }
}
