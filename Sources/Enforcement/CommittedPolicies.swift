public import GitObjects
public import History
public import Policy

/// Reads policies from the commits that hold them.
public struct CommittedPolicies: PolicyHistory {
    /// More than any policy needs; a larger file is refused before it is read.
    public static let maximumFileSize = 4 << 20
    /// More files than this directly in `policies/` are no policy anybody can review.
    public static let maximumFiles = 200

    private let history: any HistorySource

    public init(history: any HistorySource) {
        self.history = history
    }

    public func policy(at commit: ObjectID) throws(GitError) -> Result<Policy, InvalidPolicy> {
        let files: PolicyFiles
        do throws(GitError) {
            files = try self.files(at: commit)
        } catch {
            // A file that is there and can be no policy is wrong, not unreadable.
            guard error.kind == .limit || error.kind == .unsupported else { throw error }
            let location = SourceLocation(file: error.subject, line: 1, column: 1)
            return .failure(
                InvalidPolicy([Diagnostic(location, error.problem, hint: error.hint)]))
        }
        do {
            return .success(try Policy.read(files))
        } catch {
            return .failure(error)
        }
    }

    /// The policy's files as a commit has them; empty when it has none.
    public func files(at commit: ObjectID) throws(GitError) -> PolicyFiles {
        let root = try history.tree(try history.commit(commit).tree)
        var contents: [TreePath: [UInt8]] = [:]
        if let folder = root["policies".utf8], folder.mode == .tree {
            let tree = try history.tree(folder.id)
            guard tree.entries.count <= Self.maximumFiles else {
                throw GitError(
                    .limit, "policies/", "has more than \(Self.maximumFiles) entries",
                    hint: "merge some of its files")
            }
            for entry in tree.entries where entry.mode != .tree {
                let path = TreePath("policies").appending(entry.name)
                guard PolicyFiles.isRead(path) else { continue }
                contents[path] = try content(entry, at: path)
            }
        }
        for path in PolicyFiles.codeOwnersPaths {
            guard let entry = try history.entry(path, in: root.id), entry.mode != .tree else {
                continue
            }
            contents[path] = try content(entry, at: path)
        }
        return PolicyFiles(contents: contents)
    }

    private func content(_ entry: TreeEntry, at path: TreePath) throws(GitError) -> [UInt8] {
        guard entry.mode == .blob || entry.mode == .executable || entry.mode == .groupWritableBlob
        else {
            throw GitError(
                .unsupported, path.description, "is a symbolic link or a submodule",
                hint: "make it a regular file")
        }
        guard let size = try history.header(entry.id)?.size else {
            throw GitError(
                .notFound, "\(path), blob \(entry.id.short)", "is not in the repository",
                hint: "git fsck")
        }
        guard size <= Self.maximumFileSize else {
            throw GitError(
                .limit, path.description, "is larger than \(Self.maximumFileSize) bytes")
        }
        return try history.blob(entry.id, limit: Self.maximumFileSize)
    }
}
