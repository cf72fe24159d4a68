import Spawn
import Evidence
import Files
import Git
import GitObjects
import History

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What a repository and its user's configuration say about the policy that it should have.
struct Survey {
    let branch: RefName
    /// `wrk/system`.
    let repositoryName: String
    /// The caller's address.
    let caller: String
    /// The caller's key, and where it was found; nil: none was.
    let key: (key: PublicKey, source: String)?
    let ciKey: PublicKey?
    /// Who signs test results: the caller's domain has a ci.
    var ciName: String {
        let domain = caller.split(separator: "@", omittingEmptySubsequences: false).dropFirst()
        return "ci@" + (domain.last.map { String($0) } ?? "localhost")
    }
    /// Other authors, most commits first.
    let authors: [(address: String, commits: Int)]
    let tools: [PythonTool]

    init(
        of repository: Repository, worktree: String, branch: String?, key: String?, ciKey: String?
    ) throws {
        self.branch = try branch.map { Clone.branch($0) } ?? Self.defaultBranch(of: repository)
        repositoryName = try Self.name(of: repository, worktree: worktree)
        guard let address = try repository.setting("user.email"),
            !address.isEmpty
        else {
            throw CommandFailure.usage(
                "user.email is not set, so that the policy could not name you",
                hint: "git config user.email ADDRESS")
        }
        caller = address
        if let key {
            self.key = (try PublicKeyFile(path: key).key, shown(key.utf8))
        } else {
            self.key = try Self.callersKey(repository)
        }
        self.ciKey = try ciKey.map { try PublicKeyFile(path: $0).key }
        authors = try Self.authors(of: repository).filter { $0.address != address }
        tools = PythonTool.found(in: worktree)
    }

    /// The branch of the remote's HEAD, as it was when it was cloned; else the present one.
    private static func defaultBranch(of repository: Repository) throws -> RefName {
        let remote = "refs/remotes/origin/"
        let head: RefName
        do {
            let there = try repository.resolve(RefName(remote + "HEAD")).name
            if there.starts(with: remote), there != RefName(remote + "HEAD") {
                return RefName(Array("refs/heads/".utf8) + there.bytes.dropFirst(remote.utf8.count))
            }
            head = try repository.head().name
        } catch {
            throw CommandFailure(error)
        }
        return head.starts(with: "refs/heads/") ? head : "refs/heads/master"
    }

    /// The last two parts of the remote's address; else the worktree's name.
    private static func name(of repository: Repository, worktree: String) throws -> String {
        let url = try repository.setting("remote.origin.url")
        let place = url ?? worktree
        let parts = place.split { $0 == "/" || $0 == ":" }.suffix(url == nil ? 1 : 2)
        var name = parts.joined(separator: "/")
        if name.hasSuffix(".git") { name.removeLast(4) }
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || Array("._-/".utf8).contains(byte)
        }
        return isPlain && !name.isEmpty ? name : "organisation/name"
    }

    /// git's signing key, if it is an SSH key; else the first of the user's own.
    private static func callersKey(
        _ repository: Repository
    ) throws -> (key: PublicKey, source: String)? {
        let home = getenv("HOME").map { String(cString: $0) } ?? "/"
        var places: [String] = []
        if let setting = try repository.setting("user.signingkey", ["--type=path"]),
            !setting.isEmpty
        {
            let literal = setting.hasPrefix("key::") ? String(setting.dropFirst(5)) : setting
            if let key = PublicKeyFile.key(inLine: literal) { return (key, "user.signingkey") }
            places += setting.hasSuffix(".pub") ? [setting] : [setting + ".pub", setting]
        }
        for name in ["id_ed25519", "id_ed25519_sk", "id_ecdsa", "id_ecdsa_sk", "id_rsa"] {
            places.append("\(home)/.ssh/\(name).pub")
        }
        for place in places where FileStatus(place, followsLinks: true)?.kind == .file {
            // What is no public key (a GnuPG key's id, say) is passed over: there may be another.
            if let bytes = try readable(place), let line = bytes.split(separator: 0x0a).first,
                let key = PublicKeyFile.key(inLine: String(decoding: line, as: UTF8.self))
            {
                return (key, shown(place.utf8))
            }
        }
        return nil
    }

    private static func readable(_ path: String) throws -> [UInt8]? {
        do {
            return try File.readIfPresent(path, limit: 1 << 16)
        } catch {
            throw CommandFailure(error)
        }
    }

    /// The authors of the last commits, as `.mailmap` calls them.
    private static func authors(
        of repository: Repository
    ) throws -> [(address: String, commits: Int)] {
        let result = try repository.runGit(["log", "-n", "5000", "--format=%aE", "HEAD", "--"])
        // Without a commit there are no authors.
        guard result.succeeded else { return [] }
        var counts: [String: Int] = [:]
        for line in result.output.split(separator: 0x0a) { counts[shown(line), default: 0] += 1 }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12)
            .map { ($0.key, $0.value) }
    }
}

/// A tool of Python's that a repository is set up for.
struct PythonTool {
    let name: String
    /// The file that says so.
    let source: String

    /// Files of its own, and the tables with which it stands in shared ones.
    private struct Trace {
        let name: String
        let files: [String]
        let tables: [(file: String, start: String)]
    }

    private static let traces = [
        Trace(
            name: "pylint", files: ["pylintrc", ".pylintrc", "pylintrc.toml", ".pylintrc.toml"],
            tables: [
                ("pyproject.toml", "[tool.pylint"), ("setup.cfg", "[pylint"),
                ("tox.ini", "[pylint"),
            ]),
        Trace(
            name: "mypy", files: ["mypy.ini", ".mypy.ini"],
            tables: [("pyproject.toml", "[tool.mypy"), ("setup.cfg", "[mypy")]),
        Trace(
            name: "ruff", files: ["ruff.toml", ".ruff.toml"],
            tables: [("pyproject.toml", "[tool.ruff")]),
        Trace(
            name: "unit", files: ["pytest.ini", ".pytest.ini", "conftest.py", "tests/conftest.py"],
            tables: [
                ("pyproject.toml", "[tool.pytest"), ("setup.cfg", "[tool:pytest"),
                ("tox.ini", "[pytest"),
            ]),
    ]

    static func found(in worktree: String) -> [PythonTool] {
        traces.compactMap { trace in
            for file in trace.files where File.exists("\(worktree)/\(file)") {
                return PythonTool(name: trace.name, source: file)
            }
            for (file, start) in trace.tables where has(start, "\(worktree)/\(file)") {
                return PythonTool(name: trace.name, source: file)
            }
            return nil
        }
    }

    /// Whether a line of the file starts so. A file that cannot be read says nothing.
    private static func has(_ start: String, _ path: String) -> Bool {
        let bytes: [UInt8]
        do {
            bytes = try File.readIfPresent(path, limit: 4 << 20) ?? []
        } catch {
            return false
        }
        return bytes.split(separator: 0x0a).contains { $0.starts(with: start.utf8) }
    }

    /// The entry in `policies/checks.yml`.
    var definition: [String] {
        switch name {
        case "unit":
            [
                "  unit:", "    uses: pytest",
                "    # paths: ['**/*.py']                # what the tests read; without it any change runs them",
            ]
        default: ["  \(name):", "    uses: \(name)"]
        }
    }

    /// Fast enough to run before every push.
    var isFast: Bool { name == "pylint" || name == "ruff" }

    /// All of them, for a file that shows what could be checked.
    static let all = traces.map { PythonTool(name: $0.name, source: "") }
}
