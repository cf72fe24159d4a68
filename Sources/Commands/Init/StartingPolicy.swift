import Evidence
import Files
import GitObjects

/// The files that `gate init` writes.
struct StartingPolicy {
    private let survey: Survey
    private let ci = "ci"

    init(_ survey: Survey) {
        self.survey = survey
    }

    /// What is needed before the ruleset can be made active, with the commands.
    var missing: [String] {
        var lines: [String] = []
        if survey.key == nil {
            lines.append(
                "your public key: gate people add \(survey.caller) --key FILE --team engineering")
        }
        lines.append("a second person: gate people add NAME --key FILE --team engineering")
        if !survey.tools.isEmpty, survey.ciKey == nil {
            lines.append("CI's key: gate people add \(survey.ciName) --key FILE --team ci")
            lines.append("required_status_checks in \(rulesetPath) without its #")
        }
        lines.append("'enforcement: active' (or evaluate) in \(rulesetPath)")
        return lines
    }

    /// Names that other files have, or that are no file names, are not taken.
    private var rulesetName: String {
        let name = survey.branch.short
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                || (0x61...0x7a).contains(byte) || byte == 0x2d || byte == 0x5f
        }
        return isPlain && !["checks", "people", "release"].contains(name) ? name : "default"
    }

    private var rulesetPath: String { "policies/\(rulesetName).yml" }

    /// Writes all files, or none of them.
    ///
    /// - Returns: their paths from the top of the worktree.
    func write(to worktree: String) throws -> [String] {
        var written: [String] = []
        let files = try files()
        do {
            for (path, text) in files {
                try Folder.make(
                    "\(worktree)/" + path.split(separator: "/").dropLast().joined(separator: "/"))
                try File.write(text, to: "\(worktree)/\(path)")
                written.append(path)
            }
        } catch {
            remove(written, from: worktree)
            throw CommandFailure(error)
        }
        return written
    }

    private func remove(_ paths: [String], from worktree: String) {
        for path in paths {
            do {
                try File.remove("\(worktree)/\(path)")
            } catch {
                Screen.note("gate: \(shown(error.description.utf8))")
            }
        }
    }

    private func files() throws -> [(path: String, text: [UInt8])] {
        let schemas = try SchemaFolder.find()
        func file(_ path: String, _ schema: String?, _ lines: [String]) -> (String, [UInt8]) {
            let first =
                schemas == nil
                ? []
                : schema.map { ["# yaml-language-server: $schema=schema/\($0).schema.json"] }
                    ?? []
            return (path, Array(((first + lines).joined(separator: "\n") + "\n").utf8))
        }
        var files = [
            file(rulesetPath, "rulesets", rulesetLines),
            file("policies/people.yml", "people", peopleLines),
            file("policies/allowed_signers", nil, signerLines),
        ]
        if !survey.tools.isEmpty {
            files.append(file("policies/checks.yml", "checks", checkLines))
        }
        for (name, text) in try schemas?.contents() ?? [] {
            files.append(("policies/schema/\(name)", text))
        }
        return files
    }

    // MARK: Texts

    private var rulesetLines: [String] {
        let checks = survey.tools.map(\.name).joined(separator: ", ")
        let hash = survey.ciKey == nil || survey.tools.isEmpty ? "# " : ""
        let names = checks.isEmpty ? "pylint, mypy, unit" : checks
        return [
            "# What may happen to \(survey.branch). Every *.yml directly in policies/ is law; a change of it",
            "# is reviewed like any other, and judged by the policy before it.",
            "rulesets:",
            "  - name: \(rulesetName)",
            "    target: branch                      # branch | tag",
            "    # One person cannot review their own change, so that this is off until people.yml has a",
            "    # second one: then evaluate (only says what it would refuse) or active.",
            "    enforcement: disabled               # active | evaluate | disabled",
            "    include: ['\(survey.branch)']",
            "    exclude: []",
            "    rules:",
            "      deletion: {}                      # may not be deleted",
            "      non_fast_forward: {}              # may not be forced",
            "      pull_request:                     # no direct pushes: every landing carries a reviewed change",
            "        required_approving_review_count: 1",
            "        reviewers: [engineering]",
            "        carry_over: equal_diff          # a rebase over other files keeps its reviews; same_head: never",
            "        allowed_merge_methods: [merge, squash, fast_forward]",
            "      # Results count when they are signed by \(ci), whose keys must not be a reviewer's.",
            "      \(hash)required_status_checks:",
            "      \(hash)  checks: [\(names)]",
            "      \(hash)  tested: head                  # merge_result: on the tree that lands, before it lands",
            "      \(hash)  signers: [\(ci)]",
            "      # required_signatures: {}         # commits of the change are signed by a known principal",
            "      # required_linear_history: {}     # no merge commits",
            "      # commit_message_pattern: {pattern: '^[A-Z].{0,71}$', scope: subject}",
            "      # file_path_restriction: {forbid: ['**/*.pem', '.env']}",
            "      max_file_size: {bytes: 5_000_000}",
            "    bypass: []                          # teams or people who may sign a bypass, with a reason",
        ]
    }

    private var checkLines: [String] {
        let fast = survey.tools.filter(\.isFast).map(\.name)
        let others = PythonTool.all.filter { tool in !survey.tools.contains { $0.name == tool.name }
        }
        return [
            "# What a check is: one definition for a laptop, CI and the server. A command runs at the top",
            "# of a clean copy of the checked commit. What `uses:` brings is in docs/reference/policy.md;",
            "# a key of the check's own overrides it: run, paths, keep, link, needs, timeout, report, fix.",
            "checks:",
        ] + survey.tools.flatMap(\.definition)
            + others.flatMap(\.definition).map { "  #" + $0.dropFirst(1) }
            + [
                "on_push: [\(fast.joined(separator: ", "))]"
                    + "                       # what the local pre-push hook runs: the fast ones"
            ]
    }

    private var peopleLines: [String] {
        let caller = survey.key == nil ? "" : YAMLWord.quoted(survey.caller)
        var lines = [
            "# Who is who. Keys stand in allowed_signers; this adds to both:",
            "#   gate people add NAME --key FILE --team engineering",
            "repository: \(YAMLWord.quoted(survey.repositoryName))"
                + "              # evidence names it, so that another project's does not count here",
            "teams:",
            "  engineering: [\(caller)]",
        ]
        if survey.ciKey != nil {
            lines.append(
                "  ci: [\(YAMLWord.quoted(survey.ciName))]               # signs test results, reviews nothing"
            )
        }
        lines += [
            "# A person's other addresses and CODEOWNERS handles:",
            "# aliases: {alice@home.example: alice@wrk.example, '@alice': alice@wrk.example}",
            "# Authors who are nobody here; any other unknown author is a finding:",
            "# outsiders: ['*@dependabot.example']",
        ]
        if !survey.authors.isEmpty {
            lines.append("#")
            lines.append("# Who else wrote the last commits here, and how many:")
            for (address, commits) in survey.authors { lines.append("#   \(address)  \(commits)") }
        }
        return lines
    }

    private var signerLines: [String] {
        var lines = [
            "# Which key is whose: ssh-keygen(1), \"ALLOWED SIGNERS\". One line a key, one person a key."
        ]
        if let key = survey.key { lines.append("\(survey.caller) \(key.key.line)") }
        if let key = survey.ciKey { lines.append("\(survey.ciName) \(key.line)") }
        return lines
    }
}

/// The JSON Schemas that come with gate, for editors.
struct SchemaFolder {
    private let path: String

    /// Beside the program that is installed (`../share/gate`), or in the repository in which it was
    /// built.
    static func find() throws -> SchemaFolder? {
        let parts = try ProgramPlace.path().split(separator: "/")
        for count in stride(from: parts.count - 1, through: 1, by: -1) {
            let above = "/" + parts.prefix(count).joined(separator: "/")
            for folder in ["\(above)/share/gate/policies/schema", "\(above)/policies/schema"]
            where File.exists(folder + "/rulesets.schema.json") {
                return SchemaFolder(path: folder)
            }
        }
        return nil
    }

    func contents() throws -> [(name: String, text: [UInt8])] {
        do {
            var found: [(String, [UInt8])] = []
            for name in try Folder.names(in: path) where name.hasSuffix(".schema.json") {
                found.append((name, try File.read("\(path)/\(name)")))
            }
            return found
        } catch {
            throw CommandFailure(error)
        }
    }
}
