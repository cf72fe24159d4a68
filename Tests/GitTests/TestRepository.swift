import GitObjects
import Spawn
import Testing

@testable import Git

/// A real repository in a folder of its own, gone with this object; git runs with blank
/// configuration, fixed names and dates.
final class TestRepository {
    let folder: TemporaryFolder
    /// Where git runs.
    let path: String

    /// A new repository in a subfolder; a clone of `source` when there is one.
    init(
        bare: Bool = false, name: String = "repository", cloning source: TestRepository? = nil
    ) throws {
        folder = try TemporaryFolder()
        path = folder.path + "/" + name
        let kind = bare ? ["--bare"] : []
        let start =
            source.map { ["clone", "-q"] + kind + [$0.path] }
            ?? ["init", "-q", "-b", "master"] + kind
        try run(["git"] + start + [path], in: folder.path)
    }

    var gitDirectory: String {
        FileStatus(path + "/.git") == nil ? path : path + "/.git"
    }

    func open() throws -> Repository { try Repository.open(gitDirectory: gitDirectory) }

    static func environment(home: String) -> [[UInt8]] {
        let variables = [
            ("HOME", home), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_AUTHOR_NAME", "Alice"), ("GIT_AUTHOR_EMAIL", "alice@wrk.example"),
            ("GIT_COMMITTER_NAME", "Alice"), ("GIT_COMMITTER_EMAIL", "alice@wrk.example"),
            ("GIT_AUTHOR_DATE", "1700000000 +0000"), ("LC_ALL", "C"),
            ("GIT_COMMITTER_DATE", "1700000000 +0000"),
        ]
        return Child.environment(
            Child.environmentForAnotherRepository(),
            setting: variables.map { ($0.0, Array($0.1.utf8)) })
    }

    @discardableResult
    func run(
        _ arguments: [String], input: [UInt8] = [], in directory: String? = nil,
        setting variables: [(name: String, value: [UInt8])] = [], mayFail: Bool = false
    ) throws -> Child.Result {
        let environment = Child.environment(
            Self.environment(home: folder.path), setting: variables)
        let result = try Child(
            arguments, environment: environment, directory: directory ?? path, input: input,
            timeout: 120
        ).run()
        if !mayFail, !result.succeeded {
            let said = String(decoding: result.errorOutput, as: UTF8.self)
            throw GitError(.tool, arguments.joined(separator: " "), said)
        }
        return result
    }

    /// What git prints, without the last newline.
    @discardableResult
    func git(_ arguments: String..., input: [UInt8] = []) throws -> String {
        let output = try run(["git"] + arguments, input: input).output
        return String(
            decoding: output.last == 0x0a ? output.dropLast() : output[...], as: UTF8.self)
    }

    func id(_ revision: String) throws -> ObjectID {
        try id(hex: git("rev-parse", "--verify", revision))
    }

    func id(hex: String) throws -> ObjectID { try #require(ObjectID(hex: hex)) }

    /// The ids that git prints, one a line.
    func ids(_ arguments: String...) throws -> [ObjectID] {
        let output = try run(["git"] + arguments, mayFail: true).output
        return try output.split(separator: 0x0a).map { try #require(ObjectID(hex: $0)) }
    }

    func blob(_ text: String) throws -> ObjectID {
        try id(hex: git("hash-object", "-w", "--stdin", input: Array(text.utf8)))
    }

    /// Stores any bytes as an object, well formed or not.
    func object(_ kind: ObjectKind, _ bytes: [UInt8]) throws -> ObjectID {
        try id(
            hex: git(
                "hash-object", "-w", "--literally", "-t", kind.rawValue, "--stdin", input: bytes))
    }

    /// A tree from paths to mode and id, through an index of its own.
    func tree(_ files: [(path: [UInt8], mode: String, id: ObjectID)]) throws -> ObjectID {
        var lines: [UInt8] = []
        for file in files {
            lines += "\(file.mode) \(file.id.hex)\t".utf8
            lines += file.path + [0]
        }
        let index = [(name: "GIT_INDEX_FILE", value: Array((folder.path + "/index").utf8))]
        try run(["rm", "-f", folder.path + "/index"])
        try run(
            ["git", "update-index", "--add", "-z", "--index-info"], input: lines, setting: index)
        let written = try run(["git", "write-tree"], setting: index).output
        return try #require(ObjectID(hex: written.dropLast()))
    }

    /// A tree of ordinary files with these texts.
    func tree(_ files: [String: String]) throws -> ObjectID {
        try tree(files.map { (Array($0.key.utf8), "100644", try blob($0.value)) })
    }

    func commit(
        _ tree: ObjectID, _ parents: [ObjectID] = [], message: String = "m", time: Int? = nil
    ) throws -> ObjectID {
        let date = time.map { Array("@\($0) +0000".utf8) }
        let output = try run(
            ["git", "commit-tree", "-m", message] + parents.flatMap { ["-p", $0.hex] } + [tree.hex],
            setting: date.map { [("GIT_COMMITTER_DATE", $0)] } ?? [])
        return try #require(ObjectID(hex: output.output.dropLast()))
    }

    func setRef(_ name: String, _ id: ObjectID) throws { try git("update-ref", name, id.hex) }
}

/// A small generator of the same numbers for the same seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
