import CLibGit2
import GitObjects

/// Which repositories are read at all.
enum RepositoryFormat {
    /// Refuses what would be read differently by git: another hash, another ref storage, an
    /// extension that is not known here, a shallow history.
    ///
    /// git honours `extensions.*` from repository format version 1 on and libgit2 does the same;
    /// here the unknown is refused at every version: a file that says so is not there by chance.
    static func check(commonDirectory: String) throws(GitError) {
        let subject = shown(commonDirectory.utf8)
        let configuration = try Configuration(file: commonDirectory + "/config")
        if let format = try configuration.value("extensions.objectformat"), format != "sha1" {
            throw GitError(
                .unsupported, subject,
                "uses \(shown(format.utf8)) object ids; gate reads SHA-1 only")
        }
        if let storage = try configuration.value("extensions.refstorage"), storage != "files" {
            throw GitError(
                .unsupported, subject,
                "keeps its refs as \(shown(storage.utf8)); gate reads loose and packed refs only",
                hint: "git refs migrate --ref-format=files")
        }
        for name in try configuration.names(matching: "^extensions\\.") {
            let extensionName = String(name.dropFirst("extensions.".count))
            let known = Library.knownExtensions + ["refstorage"]
            guard known.contains(extensionName) else {
                throw GitError(
                    .unsupported, subject,
                    "uses the extension \(shown(extensionName.utf8)), which gate does not know")
            }
        }
        if let version = try configuration.value("core.repositoryformatversion"),
            version != "0", version != "1"
        {
            throw GitError(
                .unsupported, subject,
                "has the repository format version \(shown(version.utf8)); gate knows 0 and 1")
        }
        if let shallow = FileStatus(commonDirectory + "/shallow"), shallow.size > 0 {
            throw GitError(
                .unsupported, subject, "is shallow: its history is cut off",
                hint: "git fetch --unshallow")
        }
        try checkGrafts(commonDirectory, subject)
    }

    /// libgit2 ignores grafts up to 1.6 and follows them from 1.7 on.
    private static func checkGrafts(
        _ commonDirectory: String, _ subject: String
    ) throws(GitError) {
        var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
        git_libgit2_version(&major, &minor, &revision)
        guard (major, minor) >= (1, 7),
            let grafts = FileStatus(commonDirectory + "/info/grafts"), grafts.size > 0
        else { return }
        throw GitError(
            .unsupported, subject, "has grafts, which change what its history looks like",
            hint: "remove \(shown((commonDirectory + "/info/grafts").utf8))")
    }

    /// Why a repository could not be opened, in words for its user; libgit2 1.5 calls one that
    /// belongs to somebody else "not found".
    static func explain(_ error: GitError, gitDirectory: String) throws(GitError) -> GitError {
        guard let status = FileStatus(gitDirectory) else {
            return GitError(.notFound, error.subject, "there is no such folder")
        }
        guard status.isDirectory, FileStatus(gitDirectory + "/HEAD") != nil else {
            return GitError(.notFound, error.subject, "is not a git repository")
        }
        if error.kind == .ownership || status.owner != FileStatus.caller {
            return GitError(
                .ownership, error.subject, "belongs to another user",
                hint: "git config --global --add safe.directory \(quoted(gitDirectory))")
        }
        // It may be of a kind for which there is a better sentence than libgit2's.
        try check(commonDirectory: gitDirectory)
        return error
    }

    /// For a shell.
    private static func quoted(_ path: String) -> String {
        "'"
            + shown(path.utf8).split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
