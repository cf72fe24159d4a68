import CLibGit2
public import GitObjects

/// git configuration, as libgit2 reads it.
final class Configuration {
    private let handle: OpaquePointer
    private let subject: String

    /// One file and what it includes; a file that is not there is empty.
    init(file: String) throws(GitError) {
        subject = shown(file.utf8)
        handle = try Self.made(subject) { git_config_open_ondisk($0, file) }
    }

    /// All levels that apply to a repository: system, global, local, worktree.
    init(effectiveFor repository: OpaquePointer, subject: String) throws(GitError) {
        self.subject = subject
        handle = try Self.made(subject) { git_repository_config($0, repository) }
    }

    deinit { git_config_free(handle) }

    private static func made(
        _ subject: String, _ body: (UnsafeMutablePointer<OpaquePointer?>) -> Int32
    ) throws(GitError) -> OpaquePointer {
        var made: OpaquePointer?
        try Library.call(subject) { body(&made) }
        guard let made else { throw GitError(.io, subject, "could not be read") }
        return made
    }

    /// The last value of a variable; nil when it is not set.
    func value(_ name: String) throws(GitError) -> String? {
        var text = git_buf()
        defer { git_buf_dispose(&text) }
        let found = try Library.callIfFound("\(subject): \(shown(name.utf8))") {
            git_config_get_string_buf(&text, handle, name)
        }
        guard found != nil, let start = text.ptr else { return nil }
        return String(cString: start)
    }

    /// The names of the variables that match a regular expression, as git lowers them.
    func names(matching pattern: String) throws(GitError) -> [String] {
        var iterator: OpaquePointer?
        try Library.call(subject) { git_config_iterator_glob_new(&iterator, handle, pattern) }
        guard let iterator else { throw GitError(.io, subject, "could not be read") }
        defer { git_config_iterator_free(iterator) }
        var names: [String] = []
        var entry: UnsafeMutablePointer<git_config_entry>?
        while true {
            let code = git_config_next(&entry, iterator)
            if code == GIT_ITEROVER.rawValue { return names }
            try Library.call(subject) { code }
            if let name = entry?.pointee.name { names.append(String(cString: name)) }
        }
    }
}

extension Repository {
    /// A variable of the repository's own configuration file; nil when it is not set there.
    public func localConfiguration(_ name: String) throws(GitError) -> String? {
        try Configuration(file: commonDirectory + "/config").value(name)
    }

    /// A variable as it applies here: worktree, local, global or system (git-config(1)).
    public func configuration(_ name: String) throws(GitError) -> String? {
        try Configuration(effectiveFor: handle, subject: gitDirectory).value(name)
    }

    /// The `extensions.*` that the repository's file sets, in lower case without the prefix.
    public func extensions() throws(GitError) -> [String] {
        try Configuration(file: commonDirectory + "/config").names(matching: "^extensions\\.")
            .map { String($0.dropFirst("extensions.".count)) }
    }

    /// Whether `info/grafts` is there; gate does not follow it, git does.
    public var hasGrafts: Bool { FileStatus(commonDirectory + "/info/grafts") != nil }
}
