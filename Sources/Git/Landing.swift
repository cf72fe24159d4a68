public import GitObjects
import Spawn

/// What a merge of two commits gives.
public enum MergeOutcome: Hashable, Sendable {
    /// The merged tree, which has been written.
    case clean(tree: ObjectID)
    /// It takes a human; the paths that conflict.
    case conflict([TreePath])
}

extension Writer {
    /// Merges in memory, as `git merge-tree --write-tree` with default options does: what
    /// ``Repository/verifyMerge(base:ours:theirs:result:)`` will accept. Refs and worktree stay as
    /// they are.
    public func merge(
        _ ours: ObjectID, with theirs: ObjectID
    ) throws(GitError) -> MergeOutcome {
        let git = try MergeTree(
            objectFolders: repository.objectFolders,
            writingTo: repository.commonDirectory + "/objects")
        switch try git.merge([(ours, theirs)]).first {
        case nil: throw MergeTree.unreadable
        case .clean(let tree):
            repository.refresh()
            return .clean(tree: tree)
        case .conflict(let paths):
            return .conflict(paths)
        }
    }

    /// Makes a commit in the user's name (`git commit-tree`): with the author, committer, key and
    /// date that the configuration and the environment give.
    ///
    /// - Parameters:
    ///   - message: as it stands, in UTF-8.
    ///   - author: who wrote what is committed; nil: the user.
    ///   - signing: whether to sign with the user's configured key (`user.signingKey`).
    public func commitAsUser(
        tree: ObjectID, parents: [ObjectID], message: [UInt8], author: Signature? = nil,
        signing: Bool = false
    ) throws(GitError) -> ObjectID {
        // Another encoding would be a header of its own.
        var arguments = ["git", "-c", "i18n.commitEncoding=UTF-8", "commit-tree"]
        arguments += (signing ? ["-S"] : ["--no-gpg-sign"])
        for parent in parents { arguments += ["-p", parent.hex] }
        arguments += ["-F", "-", tree.hex]
        var variables = [(name: "GIT_DIR", value: Array(repository.gitDirectory.utf8))]
        if let author {
            variables += [
                ("GIT_AUTHOR_NAME", author.name), ("GIT_AUTHOR_EMAIL", author.email),
                ("GIT_AUTHOR_DATE", Array("@\(author.time) \(author.zone)".utf8)),
            ]
        }
        var child = Child(
            arguments,
            environment: Child.environment(
                Child.environmentForAnotherRepository(), setting: variables),
            input: message, timeout: signing ? nil : 300)
        child.asksAtTerminal = signing
        let result: Child.Result
        do throws(SpawnError) {
            result = try child.run()
        } catch {
            throw GitError(.tool, "git commit-tree", error.problem)
        }
        guard result.succeeded, let id = ObjectID(hex: result.output.dropLast()) else {
            throw GitError(
                .tool, "git commit-tree", "failed: \(shown(result.errorOutput.prefix(400)))")
        }
        repository.refresh()
        return id
    }
}
