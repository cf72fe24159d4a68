import Crypto
import Git
import GitObjects
import Policy

/// The digest of everything on which a check's result depends, as far as its definition says so.
///
/// Making one starts no other program: trees are read from the repository, programs and
/// environments are told apart by what the file system says of them.
///
/// | input | |
/// |---|---|
/// | the tree | the files that `paths` match, every `.gitattributes`, `.gitmodules` and submodule; without `paths` the whole tree |
/// | the definition | its digest, and what the digest leaves out for this purpose: `env`, `version` |
/// | the surroundings | the variables of `env`; the programs named in `run` and `version`; the files of `version`; Python's packages; the folders of `link`; the platform |
struct ResultKey: Hashable {
    /// 64 hexadecimal digits.
    let digest: String

    /// What entries are stored as changes with this: then older ones are not found.
    static let form = "gate result 1"
}

/// Makes the keys of one tree's checks.
struct ResultKeys {
    private let tree: ObjectID
    private let surroundings: Surroundings
    /// Every file of the tree; read once, and only if a check has `paths` or names a file.
    private let files: TreeFiles

    init(
        of tree: ObjectID, in repository: Repository, _ surroundings: Surroundings
    ) {
        self.tree = tree
        self.surroundings = surroundings
        files = TreeFiles(of: tree, in: repository)
    }

    /// The key of one check.
    ///
    /// - Returns: nil when its result must not be kept: the policy says so, or something on which
    ///   it depends cannot be told apart.
    func key(of check: CheckDefinition) throws(GitError) -> ResultKey? {
        guard check.isCached else { return nil }
        var digest = InputDigest()
        digest.add("form", ResultKey.form.utf8)
        digest.add("platform", CheckReport.platform.utf8)
        digest.add("definition", check.digest.utf8)
        if check.paths.isEmpty {
            digest.add("tree", tree.hex.utf8)
        } else {
            try files.add(to: &digest, matching: check.paths)
        }
        for name in check.env {
            digest.add("variable", name.utf8)
            digest.add("value", surroundings.variable(name))
        }
        for name in check.version {
            if let entry = try files.entry(name) {
                digest.add("tree file", name.utf8)
                digest.add("blob", entry)
            } else if name.utf8.first == UInt8(ascii: "/") {
                guard let content = try surroundings.file(name) else { return nil }
                digest.add("file", name.utf8)
                digest.add("content", content)
            } else {
                guard let identity = try surroundings.program(Array(name.utf8)) else { return nil }
                digest.add("program", name.utf8)
                digest.add("identity", identity)
            }
        }
        for word in Self.words(of: check.run) {
            guard let identity = try surroundings.program(word) else { continue }
            digest.add("word", word)
            digest.add("identity", identity)
        }
        guard try surroundings.add(to: &digest, links: check.link) else { return nil }
        return digest.key
    }

    /// The words of a command that could be a program's name: whatever stands between characters
    /// that mean something to a shell.
    private static func words(of command: String) -> [[UInt8]] {
        let words = command.utf8.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                false
            default: true
            }
        }
        var seen: Set<[UInt8]> = []
        return words.compactMap { word in
            let word = Array(word)
            // Options, and paths: those in the tree are the tree's; absolute ones are not.
            let slash = UInt8(ascii: "/")
            guard word.first != UInt8(ascii: "-"), word.first == slash || !word.contains(slash),
                seen.insert(word).inserted
            else { return nil }
            return word
        }
    }
}

/// A digest of named values, each with its length, so that no two lists of them read the same.
struct InputDigest {
    private var hash = SHA256()

    mutating func add(_ name: StaticString, _ value: some Sequence<UInt8>) {
        let value = Array(value)
        name.withUTF8Buffer { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        hash.update(data: Array(" \(value.count)\n".utf8))
        hash.update(data: value)
    }

    /// Bytes that have been given a length elsewhere.
    mutating func addRaw(_ bytes: UnsafeRawBufferPointer) {
        hash.update(bufferPointer: bytes)
    }

    var key: ResultKey { ResultKey(digest: CacheFolder.hexadecimal(hash.finalize())) }
}

/// Every file of a tree, read when it is first asked for.
private final class TreeFiles {
    private let tree: ObjectID
    private let repository: Repository
    private var known: [TreeChange]?

    init(of tree: ObjectID, in repository: Repository) {
        self.tree = tree
        self.repository = repository
    }

    private func all() throws(GitError) -> [TreeChange] {
        if let known { return known }
        let all = try repository.changes(from: nil, to: tree)
        known = all
        return all
    }

    /// Mode and id of a file; nil when the tree has none at this path.
    func entry(_ path: String) throws(GitError) -> [UInt8]? {
        guard path.utf8.first != UInt8(ascii: "/") else { return nil }
        let wanted = TreePath(path)
        guard let found = try all().first(where: { $0.path == wanted }), let side = found.new
        else { return nil }
        return Array(String(side.mode.rawValue, radix: 8).utf8) + side.id.bytes
    }

    func add(to digest: inout InputDigest, matching patterns: [PathPattern]) throws(GitError) {
        var inputs: [UInt8] = []
        for file in try all() {
            guard let side = file.new else { continue }
            let isInput =
                side.mode == .submodule || Self.isAlwaysRead(file.path)
                || patterns.contains { $0.matches(file.path) }
            guard isInput else { continue }
            inputs += Array(String(side.mode.rawValue, radix: 8).utf8) + side.id.bytes
            inputs += file.path.bytes
            inputs.append(0)
        }
        digest.add("files", inputs)
    }

    /// git itself goes by these, whatever the check reads.
    private static func isAlwaysRead(_ path: TreePath) -> Bool {
        let name = path.bytes.split(separator: UInt8(ascii: "/")).last ?? []
        return name.elementsEqual(".gitattributes".utf8) || path == TreePath(".gitmodules")
    }
}
