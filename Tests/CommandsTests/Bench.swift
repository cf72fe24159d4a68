import Files
import Spawn
import Testing

/// A folder of its own with real repositories and keys, in which the built gate and git run with
/// blank configuration, fixed names and dates; gone with this object.
final class Bench {
    let path: String

    init() throws {
        path = try File.realPath(try Folder.makeTemporary(prefix: "gate-commands"))
        try Folder.make(path + "/home")
    }

    deinit {
        do {
            try Folder.remove(path)
        } catch {
            Issue.record(error)
        }
    }

    struct Answer {
        let code: Int32
        let output: String
        let errors: String
        var all: String { output + errors }
    }

    /// The program, as `swift build` leaves it beside the tests.
    static let program = {
        let parts = #filePath.split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/") + "/.build/debug/gate"
    }()

    /// The top of gate's own repository.
    static let sources = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    func run(
        _ words: [String], in folder: String = ".", input: String = "",
        setting variables: [(name: String, value: String)] = []
    ) throws -> Answer {
        let fixed = [
            ("HOME", path + "/home"), ("GIT_CONFIG_NOSYSTEM", "1"), ("LC_ALL", "C"),
            ("GIT_CONFIG_GLOBAL", path + "/home/gitconfig"),
            ("GIT_AUTHOR_NAME", "Alice"), ("GIT_AUTHOR_EMAIL", "alice@wrk.example"),
            ("GIT_COMMITTER_NAME", "Alice"), ("GIT_COMMITTER_EMAIL", "alice@wrk.example"),
            ("GIT_AUTHOR_DATE", "1700000000 +0000"), ("GIT_COMMITTER_DATE", "1700000000 +0000"),
        ]
        let environment = Child.environment(
            Child.environmentForAnotherRepository(),
            setting: (fixed + variables.map { ($0.name, $0.value) })
                .map { ($0.0, Array($0.1.utf8)) })
        let result = try Child(
            words, environment: environment, directory: "\(path)/\(folder)",
            input: Array(input.utf8), timeout: 120
        ).run()
        guard case .exited(let code) = result.termination else {
            throw Failure(words: words, said: "\(result.termination)")
        }
        return Answer(
            code: code, output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errorOutput, as: UTF8.self))
    }

    struct Failure: Error {
        let words: [String]
        let said: String
    }

    /// gate, as its users call it.
    func gate(
        _ arguments: String..., in folder: String = ".",
        setting variables: [(name: String, value: String)] = []
    ) throws -> Answer {
        try run([Self.program] + arguments, in: folder, setting: variables)
    }

    /// git, which must succeed.
    @discardableResult
    func git(_ arguments: String..., in folder: String = ".") throws -> String {
        let answer = try run(["git"] + arguments, in: folder)
        guard answer.code == 0 else { throw Failure(words: arguments, said: answer.errors) }
        return answer.output.split(separator: "\n").joined(separator: "\n")
    }

    func push(_ arguments: String..., in folder: String = "clone") throws -> Answer {
        try run(["git", "push", "-q", "origin"] + arguments, in: folder)
    }

    // MARK: Files

    func write(_ text: String, to file: String, executable: Bool = false) throws {
        let place = "\(path)/\(file)"
        try Folder.make(place.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
        try File.write(Array(text.utf8), to: place)
        try File.setMode(executable ? 0o755 : 0o644, of: place)
    }

    func read(_ file: String) throws -> String {
        String(decoding: try File.read("\(path)/\(file)"), as: UTF8.self)
    }

    func has(_ file: String) -> Bool { File.exists("\(path)/\(file)") }

    // MARK: Scenes

    /// A new key; the line of its public half.
    func key(_ name: String, comment: String? = nil) throws -> String {
        let answer = try run([
            "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment ?? "\(name)@wrk.example",
            "-f", "\(path)/\(name)",
        ])
        guard answer.code == 0 else { throw Failure(words: ["ssh-keygen"], said: answer.errors) }
        return try read("\(name).pub").split(separator: "\n").joined()
    }

    /// `server.git`, bare and empty, and `clone`.
    func makeServer() throws {
        try git("init", "-q", "--bare", "-b", "master", "server.git")
        try git("clone", "-q", "server.git", "clone")
        try git("config", "user.email", "alice@wrk.example", in: "clone")
    }

    static let ruleset = """
        rulesets:
          - name: master
            include: [refs/heads/master]
            rules:
              deletion: {}
              pull_request: {reviewers: [engineering]}
            bypass: [alice@wrk.example]

        """

    /// A policy in `clone` under which alice and bob can work.
    func writePolicy() throws {
        try write(Self.ruleset, to: "clone/policies/master.yml")
        try write(
            """
            repository: wrk/system
            teams:
              engineering: [alice@wrk.example, bob@wrk.example]

            """, to: "clone/policies/people.yml")
        var lines = ""
        for name in ["alice", "bob"] {
            let words = try key(name).split(separator: " ")
            lines += "\(name)@wrk.example \(words[0]) \(words[1])\n"
        }
        try write(lines, to: "clone/policies/allowed_signers")
    }

    /// `server.git` with gate installed and that policy landed.
    func makeGuardedServer() throws {
        try makeServer()
        try writePolicy()
        #expect(try gate("install", "--server", "server.git").code == 0)
        try git("add", "-A", in: "clone")
        try git("commit", "-q", "-m", "Policy", in: "clone")
        #expect(try push("HEAD:refs/heads/master").code == 0)
    }

    func setting(_ name: String) throws -> String? {
        let answer = try run(["git", "config", "--local", "--get", name], in: "server.git")
        return answer.code == 0 ? answer.output.split(separator: "\n").joined() : nil
    }
}
