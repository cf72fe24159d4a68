import JSON
import Spawn
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A server with gate's hooks, closed, and clones of four people with real keys: alice, bob and
/// carol review, carol may bypass, ci signs checks. alice has pushed `fix-payout`.
final class Studio: Sendable {
    let folder: String
    private let program: String

    static let people = ["alice", "bob", "carol", "ci"]

    /// - Parameter rules: YAML below `rules:` of the only ruleset, in place of the usual.
    init(pullRequest: String = "{reviewers: [engineering]}", tested: String = "head") throws {
        var template = Array("/tmp/gate-commands-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) } != nil
        }
        try #require(made)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        program = try Self.builtProgram()
        try makeServer()
        try makePolicy(pullRequest: pullRequest, tested: tested)
        try run(
            "alice",
            """
            git switch -qc fix-payout && echo two > a && git commit -qam 'Fix payout'
            git push -q origin fix-payout
            """)
    }

    deinit {
        do {
            _ = try Child(["rm", "-rf", folder], timeout: 60).run()
        } catch {
            Issue.record("\(error)")
        }
    }

    /// The program that was built together with these tests.
    private static func builtProgram() throws -> String {
        let bundle = try #require(CommandLine.arguments.first)
        let resolved = try #require(realpath(bundle, nil))
        defer { free(resolved) }
        var path = String(cString: resolved)
        // On macOS the tests are some folders deeper.
        for _ in 0..<5 {
            path = path.split(separator: "/").dropLast().map { "/" + $0 }.joined()
            if access(path + "/gate", X_OK) == 0 { return path + "/gate" }
        }
        throw SpawnError(program: "gate", problem: "swift build makes it", isMissing: true)
    }

    private func makeServer() throws {
        var script = """
            git init -q --bare -b master server.git
            git -C server.git config receive.fsckObjects true
            git -C server.git config gate.trust watching

            """
        for hook in ["pre-receive", "post-receive"] {
            script += """
                printf '#!/bin/sh\\nexec %s hook \(hook)\\n' '\(program)' > server.git/hooks/\(hook)
                chmod +x server.git/hooks/\(hook)

                """
        }
        for person in Self.people {
            script += """
                ssh-keygen -q -t ed25519 -N '' -C \(person) -f \(person).key
                git clone -q server.git \(person)
                git -C \(person) config user.name \(person)
                git -C \(person) config user.email \(person)@wrk.example
                git -C \(person) config gpg.format ssh
                git -C \(person) config user.signingkey "$PWD/\(person).key"

                """
        }
        try run(".", script)
    }

    private func makePolicy(pullRequest: String, tested: String) throws {
        try run(
            "alice",
            """
            mkdir policies
            cat > policies/master.yml <<END
            rulesets:
              - name: master
                target: branch
                enforcement: active
                include: [refs/heads/master]
                rules:
                  deletion: {}
                  non_fast_forward: {}
                  pull_request: \(pullRequest)
                  required_status_checks: {checks: [unit], signers: [ci], tested: \(tested)}
                bypass: [carol@wrk.example]
            END
            cat > policies/checks.yml <<END
            checks:
              unit: {run: 'echo looking; sh test.sh', timeout: 1m}
            END
            cat > policies/people.yml <<END
            repository: wrk/system
            teams:
              engineering: [alice@wrk.example, bob@wrk.example, carol@wrk.example]
              ci: [ci@wrk.example]
            END
            for p in \(Self.people.joined(separator: " ")); do
              echo "$p@wrk.example $(cut -d' ' -f1,2 ../$p.key.pub)"
            done > policies/allowed_signers
            echo true > test.sh; echo one > a; echo one > b
            git add -A; git commit -qm Start; git push -q origin master
            git -C ../server.git config gate.trust "$(git rev-parse HEAD)"
            git -C ../server.git update-ref refs/gate/trusted HEAD
            for p in bob carol ci; do git -C ../$p pull -q; done
            """)
    }

    private var environment: [[UInt8]] {
        [
            "PATH=/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", "HOME=\(folder)",
            "XDG_CACHE_HOME=\(folder)/cache", "GIT_CONFIG_NOSYSTEM=1",
            "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C", "TZ=UTC",
            "GIT_AUTHOR_DATE=2026-11-23T09:00:00Z", "GIT_COMMITTER_DATE=2026-11-23T09:00:00Z",
        ].map { Array($0.utf8) } + Self.sanitizers
    }

    /// What the sanitizers of a sanitized build are told, for the programs that a test starts, too.
    private static let sanitizers = Child.inheritedEnvironment().filter { variable in
        ["ASAN_OPTIONS=", "LSAN_OPTIONS=", "TSAN_OPTIONS="].contains {
            variable.starts(with: $0.utf8)
        }
    }

    /// Runs lines of shell in a clone, which must succeed; what they print, without the last
    /// newline.
    @discardableResult
    func run(_ place: String, _ script: String) throws -> String {
        let result = try Child(
            ["sh", "-euc", script], environment: environment, directory: "\(folder)/\(place)",
            timeout: 120
        ).run()
        try #require(
            result.succeeded,
            "\(script)\n\(String(decoding: result.output + result.errorOutput, as: UTF8.self))")
        let output = result.output
        return String(
            decoding: output.last == 0x0a ? output.dropLast() : output[...], as: UTF8.self)
    }

    /// What a run of gate left.
    struct Run {
        let code: Int32
        let output: String
        let errors: String

        /// The result, with `--json`.
        var json: JSON {
            get throws { try JSON(parsing: Array(output.utf8)) }
        }
    }

    /// Runs gate in somebody's clone.
    func gate(_ person: String, _ arguments: String...) throws -> Run {
        try gate(person, arguments)
    }

    func gate(_ person: String, _ arguments: [String]) throws -> Run {
        let result = try Child(
            [program] + arguments, environment: environment, directory: "\(folder)/\(person)",
            timeout: 120
        ).run()
        guard case .exited(let code) = result.termination else {
            throw SpawnError(
                program: "gate", problem: "ended by \(result.termination)", isMissing: false)
        }
        return Run(
            code: code, output: String(decoding: result.output, as: UTF8.self),
            errors: String(decoding: result.errorOutput, as: UTF8.self))
    }

    /// Everything that the server's refs point at.
    func serverRefs() throws -> String {
        try run("server.git", "git for-each-ref --format='%(refname) %(objectname)'")
    }

    func id(_ revision: String, in place: String = "server.git") throws -> String {
        try run(place, "git rev-parse --verify '\(revision)'")
    }

    /// bob approves, and ci runs and signs the checks.
    func supply(_ branch: String = "fix-payout") throws {
        #expect(try gate("bob", "review", "approve", branch).code == 0)
        try check(branch)
    }

    func check(_ branch: String = "fix-payout") throws {
        try run("ci", "git fetch -q")
        let checked = try gate("ci", "check", "--rev", "origin/\(branch)", "--report", "r.json")
        #expect(checked.code == 0, "\(checked.errors)")
        let signed = try gate("ci", "attest", "r.json", "--push")
        #expect(signed.code == 0, "\(signed.errors)")
    }
}
