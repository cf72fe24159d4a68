import CLibGit2
import GitObjects

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// libgit2 itself: started once, and the one way to call it.
enum Library {
    /// A tree of this many bytes or fewer is kept in memory by libgit2; its own limit of 4,096
    /// makes every look-up of a path read large trees again.
    private static let cachedTreeLimit = 1 << 20
    private static let cachedCommitLimit = 64 << 10

    /// Extensions of the repository format that change nothing of what is read here
    /// (git's `Documentation/technical/repository-version`).
    static let knownExtensions = ["noop", "objectformat", "worktreeconfig", "preciousobjects"]

    private static let started: Result<Void, GitError> = {
        do throws(GitError) {
            guard git_libgit2_init() > 0 else { throw lastError(-1, "libgit2") }
            try call("libgit2") { gate_set_cached_object_limit(GIT_OBJECT_TREE, cachedTreeLimit) }
            try call("libgit2") {
                gate_set_cached_object_limit(GIT_OBJECT_COMMIT, cachedCommitLimit)
            }
            try call("libgit2") { gate_set_hash_verification(1) }
            try call("libgit2") { gate_set_owner_validation(1) }
            try setExtensions()
            return .success(())
        } catch {
            return .failure(error)
        }
    }()

    /// Starts libgit2 at the first call; it takes milliseconds, so only where a repository is
    /// opened.
    static func start() throws(GitError) {
        try started.get()
    }

    /// Calls libgit2 and turns a negative result into an error, which is taken off the thread.
    ///
    /// - Parameter subject: what the call is about, safe to show.
    /// - Returns: the result when it is not negative.
    @discardableResult
    static func call(
        _ subject: @autoclosure () -> String, _ body: () -> Int32
    ) throws(GitError) -> Int32 {
        let code = StuckCalls.watching(.history, nil, body)
        guard code < 0 else { return code }
        throw lastError(code, subject())
    }

    /// The same where `GIT_ENOTFOUND` is an answer: nil.
    static func callIfFound(
        _ subject: @autoclosure () -> String, _ body: () -> Int32
    ) throws(GitError) -> Int32? {
        let code = StuckCalls.watching(.history, nil, body)
        if code == GIT_ENOTFOUND.rawValue {
            git_error_clear()
            return nil
        }
        guard code < 0 else { return code }
        throw lastError(code, subject())
    }

    private static func lastError(_ code: Int32, _ subject: String) -> GitError {
        var problem = "libgit2 failed with code \(code)"
        if let error = git_error_last(), let message = error.pointee.message {
            problem = shown(bytes(of: message))
        }
        git_error_clear()
        let kind: GitError.Kind =
            switch git_error_code(code) {
            case GIT_ENOTFOUND: .notFound
            case GIT_ELOCKED, GIT_EMODIFIED, GIT_EEXISTS: .contended
            case GIT_EOWNER: .ownership
            case GIT_EMISMATCH, GIT_EINVALIDSPEC, GIT_EINVALID, GIT_EAMBIGUOUS: .malformed
            default: .io
            }
        return GitError(kind, subject, problem)
    }

    private static func setExtensions() throws(GitError) {
        // libgit2 copies the names.
        let names = knownExtensions.map { Array($0.utf8CString) }
        var code: Int32 = 0
        func collect(_ index: Int, _ pointers: inout [UnsafePointer<CChar>?]) {
            guard index < names.count else {
                code = pointers.withUnsafeMutableBufferPointer {
                    gate_set_known_extensions($0.baseAddress, names.count)
                }
                return
            }
            names[index].withUnsafeBufferPointer { name in
                pointers.append(name.baseAddress)
                collect(index + 1, &pointers)
            }
        }
        var pointers: [UnsafePointer<CChar>?] = []
        collect(0, &pointers)
        try call("libgit2") { code }
    }
}

/// The bytes of a C string, valid as long as it is.
func bytes(of text: UnsafePointer<CChar>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text, count: strlen(text))
}

extension git_oid {
    init(_ id: ObjectID) {
        self.init()
        withUnsafeMutableBytes(of: &self) { id.store(to: $0) }
    }
}

extension ObjectID {
    init(_ id: git_oid) {
        self = withUnsafeBytes(of: id) { ObjectID(unchecked: $0, at: 0) }
    }
}
