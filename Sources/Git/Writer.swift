import CLibGit2
public import GitObjects
import History

/// Writes objects and refs into a clone.
///
/// A type of its own, so that a hook, which has a ``Repository`` only, cannot write: a ref that
/// is written while a push is in quarantine survives its refusal (git-receive-pack(1),
/// "Quarantine Environment").
public final class Writer {
    /// The same repository, to read what was written.
    public let repository: Repository

    /// Opens a repository to write to, see ``Repository/open(gitDirectory:quarantine:)``.
    public static func open(gitDirectory: String) throws(GitError) -> Writer {
        Writer(try Repository.open(gitDirectory: gitDirectory))
    }

    /// Opens the repository that `folder` is in, see ``Repository/discover(from:)``.
    public static func discover(from folder: String = ".") throws(GitError) -> Writer {
        Writer(try Repository.discover(from: folder))
    }

    private init(_ repository: Repository) {
        self.repository = repository
    }

    public func writeBlob(_ content: [UInt8]) throws(GitError) -> ObjectID {
        try repository.objects.write(content, as: .blob)
    }

    /// Writes a tree; the entries in any order.
    public func writeTree(_ entries: [TreeEntry]) throws(GitError) -> ObjectID {
        let bytes = Tree.serialized(entries)
        // What would be refused when it is read must not be written.
        _ = try Tree(parsing: bytes, id: .zero)
        return try repository.objects.write(bytes, as: .tree)
    }

    /// Writes a commit.
    ///
    /// - Parameter message: as it stands, with its last newline.
    public func writeCommit(
        tree: ObjectID, parents: [ObjectID], author: Signature, committer: Signature,
        message: [UInt8]
    ) throws(GitError) -> ObjectID {
        var bytes = Array("tree \(tree.hex)\n".utf8)
        for parent in parents { bytes += "parent \(parent.hex)\n".utf8 }
        bytes += "author ".utf8 + author.line + [0x0a]
        bytes += "committer ".utf8 + committer.line + [0x0a, 0x0a]
        return try writeCommit(bytes + message)
    }

    /// Writes a commit from its raw bytes, a signed one for example; they must read strictly.
    public func writeCommit(_ bytes: [UInt8]) throws(GitError) -> ObjectID {
        _ = try Commit(parsing: bytes, id: .zero)
        return try repository.objects.write(bytes, as: .commit)
    }

    /// Moves a ref from `old` to `new`, if it still is at `old` (`git update-ref NAME NEW OLD`).
    ///
    /// - Parameters:
    ///   - old: nil: the ref must not exist.
    ///   - message: for the reflog.
    /// - Throws: ``GitError/Kind/contended`` when the ref is elsewhere or locked.
    public func update(
        _ name: RefName, from old: ObjectID?, to new: ObjectID, message: String
    ) throws(GitError) {
        try inTurn(name) { () throws(GitError) in
            try self.move(name, from: old, to: new, message)
        }
    }

    private func move(
        _ name: RefName, from old: ObjectID?, to new: ObjectID, _ message: String
    ) throws(GitError) {
        try requireTarget(name, old)
        var target = git_oid(new)
        var made: OpaquePointer?
        defer { git_reference_free(made) }
        let handle = repository.handle
        var expected = old.map { git_oid($0) } ?? git_oid()
        try Library.call("\(name)") {
            withCString(name.bytes) { name in
                if old == nil {
                    git_reference_create(&made, handle, name, &target, 0, message)
                } else {
                    git_reference_create_matching(
                        &made, handle, name, &target, 1, &expected, message)
                }
            }
        }
    }

    /// Deletes a ref, if it still is at `old`.
    public func delete(_ name: RefName, from old: ObjectID) throws(GitError) {
        try inTurn(name) { () throws(GitError) in try self.remove(name, from: old) }
    }

    /// Writes a ref, once more when somebody who was killed had left it locked.
    private func inTurn(
        _ name: RefName, _ body: () throws(GitError) -> Void
    ) throws(GitError) {
        guard AbandonedLocks.isOwn(name) else { return try body() }
        let turn = try AbandonedLocks.turn(in: repository)
        defer { withExtendedLifetime(turn) {} }
        do throws(GitError) {
            try body()
        } catch {
            guard error.kind == .contended,
                try AbandonedLocks.clearInTurn(name, in: repository)
            else { throw error }
            try body()
        }
    }

    private func remove(_ name: RefName, from old: ObjectID) throws(GitError) {
        var reference: OpaquePointer?
        let found = try Library.callIfFound("\(name)") {
            withCString(name.bytes) { git_reference_lookup(&reference, repository.handle, $0) }
        }
        defer { git_reference_free(reference) }
        guard found != nil, let target = git_reference_target(reference),
            ObjectID(target.pointee) == old
        else { throw Self.moved(name) }
        // It compares with what was looked up.
        try Library.call("\(name)") { git_reference_delete(reference) }
    }

    private func requireTarget(_ name: RefName, _ old: ObjectID?) throws(GitError) {
        let present = try repository.resolve(name)
        guard present.name == name else {
            throw GitError(
                .malformed, "\(name)", "is a symbolic ref to \(present.name); name that one")
        }
        guard present.target == old else { throw Self.moved(name) }
    }

    private static func moved(_ name: RefName) -> GitError {
        GitError(.contended, "\(name)", "was moved by somebody else meanwhile")
    }
}

/// A NUL-terminated copy of the bytes for the length of a call.
func withCString<T>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>?) -> T) -> T {
    (bytes + [0]).withUnsafeBytes { body($0.bindMemory(to: CChar.self).baseAddress) }
}

extension Signature {
    /// As a commit writes it: `name <email> seconds ±hhmm`.
    var line: [UInt8] { name + Array(" <".utf8) + email + Array("> \(time) \(zone)".utf8) }

    /// `±hhmm`.
    var zone: String {
        let minutes = abs(offset)
        let digits = String(minutes / 60 * 100 + minutes % 60)
        let padding = String(repeating: "0", count: max(0, 4 - digits.count))
        return (offset < 0 ? "-" : "+") + padding + digits
    }
}
