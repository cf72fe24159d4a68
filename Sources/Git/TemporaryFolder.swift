import Files
import GitObjects

/// A folder that is gone, with all that is in it, when nobody holds it.
final class TemporaryFolder {
    let path: String

    init() throws(GitError) {
        path = try Self.reporting { () throws(FileError) in
            try Folder.makeTemporary(prefix: "gate-git-")
        }
    }

    deinit {
        do throws(FileError) {
            try Folder.remove(path)
        } catch {
            // What is left among the temporary files decides nothing.
        }
    }

    func makeFolder(_ name: String) throws(GitError) {
        try Self.reporting { () throws(FileError) in try Folder.make(path + "/" + name) }
    }

    func write(_ content: [UInt8], to name: String) throws(GitError) {
        try Self.reporting { () throws(FileError) in try File.write(content, to: path + "/" + name)
        }
    }

    private static func reporting<T>(
        _ body: () throws(FileError) -> T
    ) throws(GitError) -> T {
        do throws(FileError) {
            return try body()
        } catch {
            throw GitError(.io, shown(error.path.utf8), error.problem)
        }
    }
}
