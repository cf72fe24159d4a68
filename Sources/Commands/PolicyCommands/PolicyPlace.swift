import Enforcement
import Files
import Git
import GitObjects
import Policy

/// Where a command reads a policy from, and how messages name its files.
struct PolicyPlace {
    let files: PolicyFiles
    /// What stands before `policies/` in a path as the user sees it: empty, `lib/`, `4f1c2d9:`.
    let prefix: String
    /// What is read, for a sentence: `policies/`, `4f1c2d9`.
    let name: String
    /// The folder that has `policies/`; nil for a commit.
    let root: String?

    /// The policy in a working tree: of the repository that the folder is in, or, where there is
    /// none, of the folder itself.
    init(workingTree folder: String) throws {
        var root = folder
        do {
            let repository = try Repository.discover(from: folder)
            guard let worktree = repository.worktree else {
                throw CommandFailure.usage(
                    "\(shown(repository.gitDirectory.utf8)) is bare: it has no working tree",
                    hint: "name a commit: --rev HEAD")
            }
            if try File.realPath(folder) != worktree { root = worktree }
        } catch let error as GitError {
            guard error.kind == .noRepository else { throw CommandFailure(error) }
        } catch let error as FileError {
            throw CommandFailure(error)
        }
        try self.init(root: root)
    }

    /// The policy in a folder that has `policies/`.
    init(root: String) throws {
        self.root = root
        prefix = root == "." ? "" : "\(root)/"
        name = "\(prefix)policies"
        var contents: [TreePath: [UInt8]] = [:]
        for name in try Self.names(in: root + "/policies") {
            let path = TreePath("policies/\(name)")
            guard PolicyFiles.isRead(path) else { continue }
            contents[path] = try Self.content(of: "\(root)/policies/\(name)")
        }
        for path in PolicyFiles.codeOwnersPaths {
            let place = "\(root)/\(path)"
            if File.exists(place) { contents[path] = try Self.content(of: place) }
        }
        files = PolicyFiles(contents: contents)
    }

    /// The policy of a commit.
    init(revision: String, in repository: Repository) throws {
        let commit = try repository.commit(named: revision)
        root = nil
        prefix = "\(commit.short):"
        name = commit.short
        do {
            files = try CommittedPolicies(history: repository).files(at: commit)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// What the `--rev` option and `-C` mean together.
    init(revision: String?, folder: String) throws {
        guard let revision else {
            try self.init(workingTree: folder)
            return
        }
        do {
            try self.init(revision: revision, in: try Repository.discover(from: folder))
        } catch let error as GitError {
            throw CommandFailure(error)
        }
    }

    private init(files: PolicyFiles, prefix: String, name: String, root: String?) {
        self.files = files
        self.prefix = prefix
        self.name = name
        self.root = root
    }

    /// The same policy with this file in place of its namesake in `policies/`.
    func adding(_ path: String) throws -> PolicyPlace {
        var files = files
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let place = TreePath("policies/\(name)")
        guard PolicyFiles.isRead(place) else {
            throw CommandFailure.usage(
                "\(shown(path.utf8)) is no file that a policy has",
                hint: "a policy is *.yml and allowed_signers directly in policies/")
        }
        files.contents[place] = try Self.content(of: path)
        return PolicyPlace(files: files, prefix: prefix, name: self.name, root: root)
    }

    /// The valid policy; otherwise all that is wrong with it, as the user sees the files.
    func policy() throws -> Policy {
        switch read() {
        case .success(let policy): return policy
        case .failure(let invalid): throw CommandFailure(invalid)
        }
    }

    func read() -> Result<Policy, InvalidPolicy> {
        do {
            return .success(try Policy.read(files))
        } catch {
            return .failure(
                InvalidPolicy(
                    error.diagnostics.map { diagnostic in
                        Diagnostic(
                            place(diagnostic.location), diagnostic.message, hint: diagnostic.hint)
                    }))
        }
    }

    /// A location as the user sees it.
    func place(_ location: SourceLocation) -> SourceLocation {
        SourceLocation(
            file: prefix + location.file, line: location.line, column: location.column)
    }

    /// `policies/master.yml:12`.
    func text(_ location: SourceLocation) -> String {
        shown("\(prefix)\(location.file):\(location.line)".utf8)
    }

    private static func names(in folder: String) throws -> [String] {
        guard File.exists(folder) else { return [] }
        do {
            return try Folder.names(in: folder)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// Links are refused as they are in a commit: they could lead anywhere.
    private static func content(of path: String) throws -> [UInt8] {
        guard let status = FileStatus(path), status.kind == .file else {
            throw CommandFailure.usage(
                File.exists(path)
                    ? "\(shown(path.utf8)) is no regular file"
                    : "\(shown(path.utf8)) does not exist",
                hint: "make it a regular file")
        }
        do {
            return try File.read(path, limit: CommittedPolicies.maximumFileSize)
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension Repository {
    /// The commit that a revision names here, as git-rev-parse(1) reads it.
    func commit(named revision: String) throws -> ObjectID {
        let output = try git(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", "\(revision)^{commit}"],
            failure: .usage(
                "\(shown(revision.utf8)) names no commit here", hint: "git log --oneline --all"))
        guard let id = ObjectID(hex: output.prefix { $0 != 0x0a }) else {
            throw CommandFailure.undetermined("git rev-parse gave no commit id")
        }
        return id
    }
}
