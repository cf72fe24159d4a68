import Crypto
import GitObjects
import Policy

/// What of the machine a check's result depends on, told apart by what the file system says: the
/// number, size and time of a program's file, the names and times of installed packages. Nothing
/// is run to ask for a version.
final class Surroundings {
    private let environment: [[UInt8]]
    private let source: SourceRepository
    private let searchPath: [Folder]
    private var programs: [[UInt8]: [UInt8]?] = [:]
    private var packages: [Folder: [UInt8]?] = [:]

    /// - Parameter environment: the one that checks get.
    init(_ environment: [[UInt8]], source: SourceRepository) {
        self.environment = environment
        self.source = source
        searchPath = (CacheFolder.value("PATH", environment) ?? Array("/usr/bin:/bin".utf8))
            .split(separator: 0x3a).filter { $0.first == UInt8(ascii: "/") }.map { Folder($0) }
    }

    /// A variable's value; one that is not set differs from an empty one.
    func variable(_ name: String) -> [UInt8] {
        CacheFolder.value(name, environment).map { [0x3d] + $0 } ?? []
    }

    /// The content of a file outside the tree; nil when there is none.
    func file(_ path: String) throws(GitError) -> [UInt8]? {
        guard let real = Folder(path).realPath, try real.kind == .file,
            let content = try real.read(limit: 64 << 20)
        else { return nil }
        return Array(SHA256.hash(data: content))
    }

    /// Which file a program's name or absolute path means, and with which Python packages it works; nil when there
    /// is no program of that name.
    func program(_ name: [UInt8]) throws(GitError) -> [UInt8]? {
        if let known = programs[name] { return known }
        var identity: [UInt8]?
        let isAbsolute = name.first == UInt8(ascii: "/")
        for file in isAbsolute ? [Folder(name)] : searchPath.map({ $0.appending(name) }) {
            guard let found = file.executableIdentity else { continue }
            identity = file.path + [0] + found + (try environments(of: file))
            break
        }
        programs[name] = .some(identity)
        return identity
    }

    /// The packages beside a program: of the folder where its name is, of the one where its file
    /// is (pipx and uv put links into ~/.local/bin), and of the interpreter in its first line.
    private func environments(of program: Folder) throws(GitError) -> [UInt8] {
        var folders = [program.parent]
        if let real = program.realPath {
            folders.append(real.parent)
            if let start = real.start(128), start.starts(with: "#!/".utf8) {
                let interpreter = start.dropFirst(2).prefix { $0 > 0x20 }
                folders.append(Folder(interpreter).parent)
            }
        }
        var bytes: [UInt8] = []
        var seen: Set<Folder> = []
        for case let folder? in folders {
            guard let base = folder.parent, seen.insert(base).inserted else { continue }
            for packages in try PythonPackages.inside(base) {
                bytes += try listing(of: packages) ?? Array("unknown".utf8)
            }
        }
        return bytes
    }

    /// Adds Python's packages and the developer's folders that the check links.
    ///
    /// - Returns: false when they cannot be told apart: an editable install of another project
    ///   means that any file of that project may have changed.
    func add(to digest: inout InputDigest, links: [String]) throws(GitError) -> Bool {
        var tops: [Folder] = []
        for link in links {
            digest.add("link", link.utf8)
            guard let folder = source.worktree?.appending(link) else { continue }
            digest.add("linked", try Self.contents(of: folder))
            tops.append(folder)
        }
        digest.add("pyenv", variable("PYENV_VERSION"))
        for folder in try PythonPackages(environment).folders(and: tops) {
            guard let listing = try listing(of: folder) else { return false }
            digest.add("packages", folder.path)
            digest.add("listing", listing)
        }
        return true
    }

    /// What is installed in a package folder: the names, and when each distribution was installed;
    /// nil when something in it leads to a project other than this one.
    private func listing(of folder: Folder) throws(GitError) -> [UInt8]? {
        if let known = packages[folder] { return known }
        var bytes: [UInt8] = []
        let names = try folder.names().sorted { $0.lexicographicallyPrecedes($1) }
        for name in names {
            // Python's own cache of compiled files comes and goes.
            if name == Array("__pycache__".utf8) { continue }
            bytes += name + [0]
            if name.suffix(10).elementsEqual(".dist-info".utf8)
                || name.suffix(9).elementsEqual(".egg-info".utf8)
            {
                bytes += folder.appending(name).identity ?? []
            }
        }
        var isKnown = true
        for pointer in try EditableInstall.Pointer.all(in: folder, names: names) {
            bytes += Array(SHA256.hash(data: pointer.content))
            if let tree = source.worktree, try pointer.leads(to: tree) { continue }
            // setuptools' own, and modules that only ship with a package, name no folder.
            let leadsAway =
                pointer.isCode
                || pointer.namedFolders.contains { !$0.path.starts(with: folder.path) }
            if leadsAway { isKnown = false }
        }
        let listing: [UInt8]? = isKnown ? Array(SHA256.hash(data: bytes)) : nil
        packages[folder] = .some(listing)
        return listing
    }

    /// What stands at the top of a linked folder, and one level below in folders of scopes
    /// (`@types`): package managers replace a package's folder, and write a file of their own
    /// (`.package-lock.json`, `pyvenv.cfg`), when they change anything.
    private static func contents(of folder: Folder) throws(GitError) -> [UInt8] {
        guard try folder.leadsToFolder else { return Array("absent".utf8) }
        var bytes: [UInt8] = []
        for name in try folder.names().sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            // A tool's own cache changes with each run.
            if name == Array(".cache".utf8) { continue }
            let child = folder.appending(name)
            bytes += name + [0]
            if name.first == UInt8(ascii: "@"), try child.leadsToFolder {
                bytes += try contents(of: child)
            } else {
                bytes += child.identity ?? []
            }
        }
        return Array(SHA256.hash(data: bytes))
    }
}
