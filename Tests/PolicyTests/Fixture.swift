import GitObjects

@testable import Policy

/// A policy as product tests need it: three people, one machine, one protected branch. Tests replace
/// single files.
enum Fixture {
    static let aliceKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOZfv8pjG8EV+m/05Fuh/KAUgpRaq+Vj206/jAL44+P6"
    static let bobKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFIOaS98jr3OMuRoMl73KCZ8u+4b5RG0AB8f0y+KZcTE"
    static let carolKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIdyp0YENfDEUCUCVaD4qHa8Mn4NnvgUm5D04fcLRXC/"
    static let ciKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGLSGLAqvrwjHdnzQiX3eHepoxZw0NiMnODE1rrIEZBt"

    static let signers = """
        # who is who
        alice@wrk.example \(aliceKey) alice's laptop
        bob@wrk.example \(bobKey)
        carol@wrk.example namespaces="gate-review,git" \(carolKey)
        ci@wrk.example namespaces="gate-check" \(ciKey)
        """

    static let people = """
        # yaml-language-server: $schema=schema/people.schema.json
        repository: wrk/system
        teams:
          engineering: [alice@wrk.example, bob@wrk.example, carol@wrk.example]
          ci: [ci@wrk.example]
          release-managers: [alice@wrk.example]
        aliases: {alice@home.example: alice@wrk.example, '@alice': alice@wrk.example}
        outsiders: ['*@dependabot.example']
        """

    static let checks = """
        checks:
          pylint: {run: pylint --recursive=y ., paths: ['**/*.py', .pylintrc], timeout: 5m}
          mypy: {run: mypy ., keep: [.mypy_cache], timeout: 90s}
          unit: {run: 'pytest -q --junitxml="$GATE_REPORT"', report: junit, timeout: 1h}
        on_push: [pylint]
        """

    static let master = """
        rulesets:
          - name: master
            target: branch
            enforcement: active
            include: [refs/heads/master]
            exclude: []
            rules:
              creation: {}
              deletion: {}
              non_fast_forward: {}
              pull_request:
                required_approving_review_count: 1
                reviewers: [engineering]
                require_code_owner_review: false
                carry_over: equal_diff
                allowed_merge_methods: [merge, squash, fast_forward]
              required_status_checks:
                checks: [pylint, mypy, unit]
                tested: head
                signers: [ci]
              required_signatures: {}
              required_linear_history: {}
              commit_message_pattern: {pattern: '^[A-Z].{0,71}$', scope: subject}
              file_path_restriction: {forbid: ['**/*.pem', '.env']}
              max_file_size: {bytes: 5_000_000}
              max_file_path_length: {bytes: 255}
            bypass: [release-managers]
        """

    /// The files of the policy, some replaced, or taken away with nil.
    static func files(_ replacements: [String: String?] = [:]) -> PolicyFiles {
        var texts: [String: String] = [
            "policies/allowed_signers": signers, "policies/people.yml": people,
            "policies/checks.yml": checks, "policies/master.yml": master,
        ]
        for (path, text) in replacements { texts[path] = text }
        var contents: [TreePath: [UInt8]] = [:]
        for (path, text) in texts { contents[TreePath(path)] = Array(text.utf8) }
        return PolicyFiles(contents: contents)
    }

    /// ``master`` with one text in it replaced.
    static func master(_ text: String, _ replacement: String) -> PolicyFiles {
        files(["policies/master.yml": replacing(text, with: replacement, in: master)])
    }

    static func replacing(_ text: String, with replacement: String, in whole: String) -> String {
        let bytes = Array(whole.utf8)
        let wanted = Array(text.utf8)
        for start in bytes.indices where bytes[start...].starts(with: wanted) {
            let result =
                bytes[..<start] + Array(replacement.utf8) + bytes[(start + wanted.count)...]
            return String(decoding: result, as: UTF8.self)
        }
        preconditionFailure("the fixture has no \(text)")
    }

    /// What is wrong with a policy, as people see it; empty when nothing is.
    static func problems(_ files: PolicyFiles) -> [String] {
        do throws(InvalidPolicy) {
            _ = try Policy.read(files)
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }
}
