import ArgumentParser
import Files
import GitObjects
import JSON
import Policy

/// `gate policy validate`: everything that is wrong with a policy at once.
struct PolicyValidate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Checks policy files: what they say, and that people can work under them.",
        discussion: """
            Without PATH, policies/ and CODEOWNERS of the working tree, and your own \
            .gate.local.yml. A folder is one that has \
            policies/, or is such a folder. A file is judged as if it lay in policies/ of the \
            working tree, in place of the file of the same name.

            Every problem is shown as file:line:column. Exit codes: 0 valid, 2 not valid.

            Example:
              gate policy validate
              gate policy validate --rev origin/master
              gate policy validate /tmp/new/master.yml
            """)

    @OptionGroup var global: GlobalOptions

    @Option(name: .customLong("rev"), help: "Check the policy of this commit.")
    var revision: String?

    @Argument(help: "Files or folders.")
    var paths: [String] = []

    func validate() throws {
        if revision != nil, !paths.isEmpty {
            throw ValidationError("--rev names a whole policy; leave out PATH")
        }
    }

    func run() throws {
        var diagnostics: [Diagnostic] = []
        var valid: [(name: String, policy: Policy)] = []
        for place in try places() {
            switch place.read() {
            case .success(let policy): valid.append((place.name, policy))
            case .failure(let invalid): diagnostics += invalid.diagnostics
            }
            if paths.isEmpty, let root = place.root,
                let local = try LocalChecksPlace(worktree: root)
            {
                diagnostics += local.diagnostics(policyChecks: place.checkNames)
            }
        }
        if global.json {
            Screen.result([
                "valid": .bool(diagnostics.isEmpty),
                "diagnostics": JSON(diagnostics.map(\.json)),
            ])
        } else if diagnostics.isEmpty {
            for (name, policy) in valid {
                Screen.result("\(shown(name.utf8))  \(policy.summary)")
                for ruleset in policy.rulesets where ruleset.enforcement == .disabled {
                    Screen.note("note: \(shown(ruleset.name.utf8)) is disabled and refuses nothing")
                }
            }
        } else {
            for diagnostic in diagnostics { Screen.result(shown(diagnostic.description.utf8)) }
        }
        if !diagnostics.isEmpty { throw ExitCode(2) }
    }

    private func places() throws -> [PolicyPlace] {
        if paths.isEmpty {
            return [try PolicyPlace(revision: revision, folder: global.directory)]
        }
        var places: [PolicyPlace] = []
        var withFiles: PolicyPlace?
        for path in paths.map({ global.path($0) }) {
            if File.isFolder(path) {
                places.append(try PolicyPlace(root: Self.root(of: path)))
            } else {
                let base = try withFiles ?? PolicyPlace(workingTree: global.directory)
                withFiles = try base.adding(path)
            }
        }
        return places + (withFiles.map { [$0] } ?? [])
    }

    /// The folder that has `policies/`, given that or the other.
    private static func root(of path: String) throws -> String {
        var folder = path
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        if File.isFolder(folder + "/policies") { return folder }
        do {
            let real = try File.realPath(folder)
            guard real.hasSuffix("/policies") else {
                throw CommandFailure.usage(
                    "\(shown(path.utf8)) neither has a folder policies nor is one",
                    hint: "gate policy validate")
            }
            if folder == "policies" { return "." }
            return folder.hasSuffix("/policies")
                ? String(folder.dropLast("/policies".count)) : folder + "/.."
        } catch let error as FileError {
            throw CommandFailure(error)
        }
    }
}

extension Diagnostic {
    var json: JSON {
        [
            "file": .string(location.file), "line": JSON(location.line),
            "column": JSON(location.column), "message": .string(message), "hint": JSON(hint),
        ]
    }
}

extension Policy {
    /// `valid: 1 ruleset, 3 checks, 4 principals`.
    fileprivate var summary: String {
        func count(_ number: Int, _ noun: String) -> String {
            "\(number) \(noun)\(number == 1 ? "" : "s")"
        }
        return "valid: " + count(rulesets.count, "ruleset") + ", " + count(checks.count, "check")
            + ", " + count(people.principals.count, "principal")
    }
}
