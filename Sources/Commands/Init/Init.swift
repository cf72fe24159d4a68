import ArgumentParser
import Enforcement
import Evidence
import Files
import Git
import GitObjects
import JSON
import Policy

/// `gate init`: a commented policy to start from.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Writes a commented starting policy for this repository.",
        discussion: """
            Into policies/: rulesets for the default branch, checks from the configuration of \
            pylint, mypy, ruff and pytest that is found, people.yml with the caller, and the \
            caller's key. Nothing that is there is overwritten.

            A change is reviewed by somebody who did not write it, so that one person is not \
            enough: until a second is added, the ruleset is written as disabled.

            Example:
              gate init
              gate init --key ~/.ssh/id_ed25519.pub --ci-key ci.pub
            """)

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "Your public key; that of git's configuration if absent.", valueName: "file"))
    var key: String?

    @Option(help: ArgumentHelp("The public key that signs test results.", valueName: "file"))
    var ciKey: String?

    @Option(
        help: ArgumentHelp(
            "The branch to protect; the default branch if absent.", valueName: "name"))
    var branch: String?

    func run() throws {
        let repository: Repository
        do {
            repository = try Repository.discover(from: global.directory)
        } catch {
            throw CommandFailure(error)
        }
        guard let worktree = repository.worktree else {
            throw CommandFailure.usage(
                "\(shown(repository.gitDirectory.utf8)) is bare; a policy is written in a clone",
                hint: "git clone it, and say gate init there")
        }
        let present = try PolicyPlace(root: worktree).files.contents.keys
            .filter { $0.isInside("policies") }
        guard present.isEmpty else {
            throw CommandFailure.usage(
                "there is a policy in \(shown(worktree.utf8)), and gate init overwrites nothing",
                details: present.sorted().map(\.description), hint: "gate policy validate")
        }
        let survey = try Survey(
            of: repository, worktree: worktree, branch: branch,
            key: key.map { global.path($0) }, ciKey: ciKey.map { global.path($0) })
        let start = StartingPolicy(survey)
        let written = try start.write(to: worktree)
        show(survey, start, written, PolicyPlaceResult(try PolicyPlace(root: worktree).read()))
    }

    private func show(
        _ survey: Survey, _ start: StartingPolicy, _ written: [String],
        _ result: PolicyPlaceResult
    ) {
        if global.json {
            Screen.result([
                "written": JSON(written), "branch": .string(survey.branch.description),
                "checks": JSON(survey.tools.map(\.name)),
                "diagnostics": JSON(result.diagnostics.map(\.json)),
                "missing": JSON(start.missing),
            ])
            return
        }
        for path in written { Screen.result("wrote   \(shown(path.utf8))") }
        let found = survey.tools.map { "\($0.name) (\($0.source))" }
        Screen.result("checks  " + (found.isEmpty ? "none found" : found.joined(separator: ", ")))
        for line in start.missing { Screen.result("needs   \(line)") }
        for diagnostic in result.diagnostics {
            Screen.result("wrong   \(shown(diagnostic.description.utf8))")
        }
        Screen.result("next    gate policy validate")
        // Nothing judges the first policy, so that it lands by a push of its own.
        Screen.result(
            "then    git add policies && git commit -m 'Say what may land' && "
                + "git push origin HEAD:\(shellWord(survey.branch.bytes))")
        Screen.result("last    on the server: gate trust -C REPOSITORY")
    }
}

/// What is wrong with the policy that was written.
private struct PolicyPlaceResult {
    let diagnostics: [Diagnostic]

    init(_ result: Result<Policy, InvalidPolicy>) {
        switch result {
        case .success: diagnostics = []
        case .failure(let invalid): diagnostics = invalid.diagnostics
        }
    }
}
