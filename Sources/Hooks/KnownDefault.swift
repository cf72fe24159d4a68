public import Git
public import GitObjects
import History

/// The newest state of a remote's default branch that was fetched, by git or by gate: what a clone
/// knows of a server without asking it.
public struct KnownDefault: Hashable, Sendable {
    /// Its name on the server.
    public let branch: RefName
    public let tip: ObjectID

    private static let heads = "refs/heads/"

    /// - Parameter remote: a remote's name, or its URL where it has none.
    /// - Returns: nil when nothing of it was fetched.
    public static func find(
        of remote: String, in repository: Repository
    ) throws(GitError) -> KnownDefault? {
        var names = ["master", "main"].map { Array($0.utf8) }
        let folder = trackingFolder(of: remote)
        if let folder {
            let head = try repository.resolve(RefName(folder + Array("HEAD".utf8))).name
            let branch = head.bytes.dropFirst(folder.count)
            if head.bytes.starts(with: folder), !branch.elementsEqual("HEAD".utf8) {
                names = [Array(branch)]
            }
        }
        for name in names {
            let branch = RefName(Array(heads.utf8) + name)
            var fetched: ObjectID?
            if let folder { fetched = try repository.resolve(RefName(folder + name)).target }
            let seen = try repository.resolve(RemoteView.trackingRef(branch, of: remote)).target
            if let tip = try newer(fetched, seen, repository) {
                return KnownDefault(branch: branch, tip: tip)
            }
        }
        return nil
    }

    /// Where git keeps a remote's branches, `refs/remotes/origin/`; nil for a URL.
    static func trackingFolder(of remote: String) -> [UInt8]? {
        let isName = remote.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x5f, 0x2d, 0x80...0xff: true
            case UInt8(ascii: "."), UInt8(ascii: "+"): true
            default: false
            }
        }
        guard isName, !remote.isEmpty, !remote.hasPrefix("."), !remote.hasSuffix("."),
            !remote.contains(".."), !remote.hasSuffix(".lock")
        else { return nil }
        return Array("refs/remotes/\(remote)/".utf8)
    }

    private static func newer(
        _ one: ObjectID?, _ other: ObjectID?, _ repository: Repository
    ) throws(GitError) -> ObjectID? {
        guard let one, let other else { return one ?? other }
        return try repository.isAncestor(one, of: other) ? other : one
    }
}
