import Crypto
import Git
import GitObjects

/// Where gate keeps what it can make anew, for one repository: `<cache>/gate/<kind>/<digest of the
/// repository's path>`.
enum CacheFolder {
    /// The folder of a kind, made where it is missing, for this user alone.
    static func open(
        _ kind: String, of repository: Repository, _ environment: [[UInt8]]
    ) throws(GitError) -> Folder {
        let folder = try place(kind, of: repository, environment)
        try folder.make()
        try requireOwn(folder)
        return folder
    }

    /// Refuses a folder that somebody else has a hand in: what lies in it is believed.
    ///
    /// - Parameter folder: `<base>/gate/<kind>/<digest>`, of which the last three are this user's
    ///   alone, and the base is no place where others could put one in their stead.
    static func requireOwn(_ folder: Folder) throws(GitError) {
        var part = folder
        for isBase in [false, false, false, true] {
            let writers = try part.writers
            guard writers == .owner || (isBase && writers == .shared) else {
                let isOwn = try part.isOwn
                throw GitError(
                    .ownership, shown(part.path),
                    isOwn ? "can be written to by other users" : "belongs to another user",
                    hint: isOwn
                        ? "chmod go-w \(shown(part.path)), or set XDG_CACHE_HOME to another folder"
                        : "set XDG_CACHE_HOME to a folder of your own")
            }
            guard let above = part.parent else { return }
            part = above
        }
    }

    /// The folder of a kind, whether or not it is there.
    static func place(
        _ kind: String, of repository: Repository, _ environment: [[UInt8]]
    ) throws(GitError) -> Folder {
        let digest = hexadecimal(SHA256.hash(data: repository.commonDirectory.utf8Bytes).prefix(8))
        return try base(environment).appending("gate/\(kind)/" + digest)
    }

    /// The XDG base directory specification: a relative path counts as unset.
    private static func base(_ environment: [[UInt8]]) throws(GitError) -> Folder {
        if let cache = value("XDG_CACHE_HOME", environment), cache.first == UInt8(ascii: "/") {
            return Folder(cache)
        }
        guard let home = value("HOME", environment), home.first == UInt8(ascii: "/") else {
            throw GitError(
                .notFound, "HOME", "is not set, so there is no cache folder for checks",
                hint: "set HOME or XDG_CACHE_HOME to an absolute path")
        }
        return Folder(home).appending(".cache")
    }

    /// The value of a variable; the last one counts, as for a shell.
    static func value(_ name: String, _ environment: [[UInt8]]) -> [UInt8]? {
        let prefix = Array((name + "=").utf8)
        return environment.last { $0.starts(with: prefix) }.map {
            Array($0.dropFirst(prefix.count))
        }
    }

    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }
}

extension String {
    var utf8Bytes: [UInt8] { Array(utf8) }
}
