import Files
import GitObjects

/// Remembers, beside the repository, the newest default tip that was seen to descend from the
/// trusted commit. Without it every push would walk the history back to that commit. It lies where
/// only the server's owner can write, like the trusted commit itself.
struct DescentRecord {
    private let folder: String
    private var file: String { folder + "/descent" }

    /// - Parameter gitDirectory: the server's repository.
    init(_ gitDirectory: String) {
        folder = gitDirectory + "/gate"
    }

    /// The recorded tip; nil when there is none for this trusted commit. A record that cannot be
    /// read is no record: the walk decides.
    func tip(descendingFrom trusted: ObjectID) -> ObjectID? {
        let bytes: [UInt8]
        do {
            bytes = try File.read(file, limit: 4096)
        } catch {
            return nil
        }
        let fields = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[2].isEmpty, ObjectID(hex: fields[0]) == trusted else {
            return nil
        }
        return ObjectID(hex: fields[1])
    }

    /// Records a tip.
    func write(tip: ObjectID, descendingFrom trusted: ObjectID) throws(GitError) {
        if self.tip(descendingFrom: trusted) == tip { return }
        do {
            try Folder.make(folder)
            try File.write(Array("\(trusted.hex)\n\(tip.hex)\n".utf8), to: file)
        } catch {
            throw GitError(.io, error.path, error.problem)
        }
    }
}
