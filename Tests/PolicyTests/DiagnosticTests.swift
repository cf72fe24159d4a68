import GitObjects
import Testing

@testable import Policy

/// What is wrong is said with file, line, column and what was probably meant.
@Suite struct Diagnostics {
    @Test(arguments: [
        (
            "pull_request:", "pull_requests:",
            "11:7: unknown rule pull_requests (did you mean pull_request?)"
        ),
        (
            "pull_request:", "pullRequest:",
            "11:7: unknown rule pullRequest (did you mean pull_request?)"
        ),
        (
            "non_fast_forward:", "non-fast-forward:",
            "10:7: unknown rule non-fast-forward (did you mean non_fast_forward?)"
        ),
        ("deletion: {}", "Deletion: {}", "9:7: unknown rule Deletion (did you mean deletion?)"),
        ("deletion: {}", "policy: {}", "9:7: unknown rule policy"),
        (
            "enforcement: active", "enforcment: active",
            "4:5: unknown key enforcment in a ruleset (did you mean enforcement?)"
        ),
        (
            "enforcement: active", "enforcement: activ",
            "4:18: enforcement cannot be activ (did you mean active?)"
        ),
        (
            "enforcement: active", "enforcement: [active]",
            "4:18: enforcement must be a text, not a list"
        ),
        (
            "target: branch", "target: brunch",
            "3:13: target cannot be brunch (did you mean branch?)"
        ),
        (
            "creation: {}", "creation: true",
            "8:17: creation must be a mapping, not a value (write {})"
        ),
        ("creation: {}", "creation:", "8:16: creation must be a mapping, not nothing (write {})"),
        (
            "creation: {}", "creation: false",
            "8:17: creation must be a mapping, not a value (leave it out)"
        ),
        ("creation: {}", "creation: {x: 1}", "8:18: unknown key x in creation"),
        ("count: 1", "count: 21", "12:42: required_approving_review_count must be from 0 to 20"),
        ("count: 1", "count: -1", "12:42: required_approving_review_count must be a whole number"),
        ("count: 1", "count: '1'", "12:42: required_approving_review_count must be a whole number"),
        ("count: 1", "count: 01", "12:42: required_approving_review_count must be a whole number"),
        ("review: false", "review: no", "14:36: require_code_owner_review must be true or false"),
        (
            "review: false", "review: 'true'",
            "14:36: require_code_owner_review must be true or false"
        ),
        (
            "review: false", "review: true",
            "11:7: require_code_owner_review is on, and there is no CODEOWNERS"
        ),
        (
            "equal_diff", "equal-diff",
            "15:21: carry_over cannot be equal-diff (did you mean equal_diff?)"
        ),
        ("[merge, squash, fast_forward]", "[]", "16:32: allowed_merge_methods is empty"),
        (
            "[merge, squash, fast_forward]", "[rebase]",
            "16:33: a merge method cannot be rebase (known: merge, squash, fast_forward)"
        ),
        (
            "[merge, squash, fast_forward]", "[merge]",
            "22:7: required_linear_history forbids the only allowed merge method"
        ),
        (
            "[engineering]", "[enginering]",
            "13:21: enginering is neither a team nor a principal (did you mean engineering?)"
        ),
        (
            "[engineering]", "[alice@wrk.exmple]",
            "13:21: alice@wrk.exmple is neither a team nor a principal (did you mean alice@wrk.example?)"
        ),
        (
            "[engineering]", "engineering",
            "13:20: reviewers must be a list, not a value (write [engineering])"
        ),
        (
            "[engineering]", "[engineering, engineering]",
            "13:34: engineering stands twice in reviewers"
        ),
        (
            "[pylint, mypy, unit]", "[pylint, mypi]",
            "18:26: no check is called mypi (did you mean mypy?)"
        ),
        ("[pylint, mypy, unit]", "[]", "18:17: checks is empty"),
        ("signers: [ci]", "signers: []", "20:18: signers is empty"),
        (
            "signers: [ci]", "signers: [ic]",
            "20:19: ic is neither a team nor a principal (did you mean ci?)"
        ),
        ("[release-managers]", "[managers]", "27:14: managers is neither a team nor a principal"),
        ("[refs/heads/master]", "[]", "5:14: include is empty: the ruleset would guard nothing"),
        (
            "[refs/heads/master]", "[master]",
            "5:15: pattern master must start with refs/heads/: patterns are full names of refs (did you mean refs/heads/master?)"
        ),
        (
            "[refs/heads/master]", "[refs/tags/v1]",
            "5:15: pattern refs/tags/v1 must start with refs/heads/"
        ),
        (
            "[refs/heads/master]", "['~DEFAULT_BRANCH']",
            "5:15: pattern ~DEFAULT_BRANCH, character 1: no ref's name has this character"
        ),
        (
            "[refs/heads/master]", "['refs/heads/[a-z]']",
            "5:15: pattern refs/heads/[a-z], character 12: [ ] has no meaning in a pattern of refs"
        ),
        (
            "[refs/heads/master]", "['refs/heads/']",
            "5:15: pattern refs/heads/, character 11: ends with /"
        ),
        (
            "exclude: []", "exclude: [refs/heads/master]",
            "6:5: everything that is included is excluded"
        ),
        (
            "{pattern: '^[A-Z].{0,71}$', scope: subject}", "{pattern: '(', scope: subject}",
            "23:41: pattern (, character 1: ( is never closed"
        ),
        (
            "{pattern: '^[A-Z].{0,71}$', scope: subject}", "{pattern: '(a)\\1'}",
            "23:41: pattern (a)\\1, character 4: a backreference"
        ),
        (
            "{pattern: '^[A-Z].{0,71}$', scope: subject}", "{scope: subject}",
            "23:31: commit_message_pattern needs pattern:"
        ),
        (
            "'**/*.pem', '.env'", "'**/*.{pem,key}'",
            "24:40: pattern **/*.{pem,key}, character 6: {a,b} is not read"
        ),
        ("'**/*.pem', '.env'", "", "24:39: forbid is empty"),
        ("bytes: 5_000_000", "bytes: 0", "25:30: bytes must be from 1 to"),
        ("bytes: 5_000_000", "bytes: 5__0", "25:30: bytes must be a whole number"),
        ("bytes: 5_000_000", "bytes: 5MB", "25:30: bytes must be a whole number"),
        ("bytes: 5_000_000", "byte: 5", "25:22: max_file_size needs bytes:"),
        ("- name: master", "- title: master", "2:5: a ruleset needs name:"),
        (
            "rulesets:", "rules:",
            "1:1: unknown key rules at the top of the file (did you mean rulesets?)"
        ),
        (
            "rulesets:", "teams:",
            "1:1: unknown key teams at the top of the file (it belongs in policies/people.yml)"
        ),
        ("name: master", "name: &x master", "2:11: an anchor (&name) is not read here"),
    ])
    func inRulesets(_ text: String, _ replacement: String, _ expected: String) {
        let problems = Fixture.problems(Fixture.master(text, replacement))
        #expect(
            problems.contains { $0.hasPrefix("policies/master.yml:\(expected)") }, "\(problems)")
    }

    @Test(arguments: [
        ("policies/checks.yml", "checks: {pylint: {paths: []}}", "1:18: check pylint needs run:"),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, time: 5m}}",
            "1:27: unknown key time in check pylint"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, timeout: 5}}",
            "1:36: timeout must be a time with its unit"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, timeout: 2d}}",
            "1:36: timeout must be a time with its unit"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, timeout: 25h}}",
            "1:36: timeout must be from 1 to 86400 seconds"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, timeout: 0s}}",
            "1:36: timeout must be from 1"
        ),
        ("policies/checks.yml", "checks: {pylint: {run: ''}}", "1:24: run is empty"),
        (
            "policies/checks.yml", "checks: {pylint: {run: \"a\\0b\"}}",
            "1:24: run has a control character"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, report: xml}}",
            "1:35: report cannot be xml (known: junit, pylint, mypy, ruff)"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, keep: [../a]}}",
            "1:34: keep ../a: must not contain . or .."
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, keep: [.Git/hooks]}}",
            "1:34: keep .Git/hooks: must not reach into .git"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, keep: [/a]}}",
            "1:34: keep /a: write it without a /"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, keep: ['*']}}",
            "1:34: keep *: a folder's name"
        ),
        (
            "policies/checks.yml", "checks: {'py lint': {run: x}}",
            "1:10: a check cannot be called py lint"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x}}\non_push: [mypy]",
            "2:11: no check is called mypy"
        ),
        (
            "policies/checks.yml", "checks: {pylint: {run: x, paths: ['[a']}}",
            "1:35: pattern [a, character 1: [ is never closed"
        ),
        ("policies/checks.yml", "on_push: []", "1:1: checks.yml needs checks:"),
        ("policies/checks.yml", "# nothing", "1:1: the file says nothing"),
        ("policies/people.yml", "teams: {}", "1:1: people.yml needs repository:"),
        ("policies/people.yml", "repository: a b", "1:13: repository must be ASCII without blanks"),
        (
            "policies/people.yml", "repository: a\nteams: {x: [dave@wrk.example]}",
            "2:13: allowed_signers names nobody called dave@wrk.example"
        ),
        (
            "policies/people.yml", "repository: a\nteams: {x: [], X: []}",
            "2:16: the teams x and X differ in case only"
        ),
        (
            "policies/people.yml", "repository: a\nteams: {alice@wrk.example: []}",
            "2:9: a team cannot be called alice@wrk.example"
        ),
        (
            "policies/people.yml", "repository: a\naliases: {bob@wrk.example: alice@wrk.example}",
            "2:11: the alias bob@wrk.example is bob@wrk.example's own name"
        ),
        (
            "policies/people.yml", "repository: a\naliases: {Bob@WRK.example: alice@wrk.example}",
            "2:11: the alias bob@wrk.example is bob@wrk.example's own name"
        ),
        (
            "policies/people.yml",
            "repository: a\naliases: {a@b: alice@wrk.example, A@b: bob@wrk.example}",
            "2:35: the alias A@b stands twice"
        ),
        (
            "policies/people.yml", "repository: a\naliases: {alice: alice@wrk.example}",
            "2:11: the alias alice is neither an address nor a handle"
        ),
        (
            "policies/people.yml", "repository: a\naliases: {'@wrk/team': alice@wrk.example}",
            "2:11: the alias @wrk/team is neither"
        ),
        (
            "policies/people.yml",
            "repository: a\nteams: {x: []}\naliases: {'@X': alice@wrk.example}",
            "3:11: the handle @x is also the team x"
        ),
        (
            "policies/people.yml", "repository: a\naliases: {a@b: nobody}",
            "2:16: allowed_signers names nobody called nobody"
        ),
        (
            "policies/people.yml", "repository: a\nteam: {}",
            "2:1: unknown key team in people.yml (did you mean teams?)"
        ),
        (
            "policies/other.yml", "rulesets: []\nchecks: {}",
            "2:1: unknown key checks at the top of the file (it belongs in policies/checks.yml)"
        ),
        ("policies/other.yml", "- a", "1:1: the file must be a mapping, not a list"),
        ("policies/other.yaml", "rulesets: []", "1:1: only files called *.yml are read"),
        ("policies/Other.YML", "rulesets: []", "1:1: only files called *.yml are read"),
        (
            "policies/zz.yml", Fixture.master,
            "2:5: a ruleset called master already stands in policies/master.yml:2"
        ),
        (
            "policies/tags.yml",
            "rulesets: [{name: t, target: tag, include: [refs/tags/v*], rules: {pull_request: {}}}]",
            "1:68: the rule pull_request does not apply to tags"
        ),
        (
            "policies/tags.yml",
            "rulesets: [{name: t, target: tag, include: [refs/heads/v*], rules: {deletion: {}}}]",
            "1:45: pattern refs/heads/v* must start with refs/tags/"
        ),
        (
            "policies/tags.yml", "rulesets: [{name: t, include: [refs/heads/v*], rules: {}}]",
            "1:55: a ruleset without rules guards nothing"
        ),
        ("CODEOWNERS", "*.js @a\n!x @b", "2:1: pattern !x, character 1: ! is not read"),
        ("CODEOWNERS", "[a].js @a", "1:1: pattern [a].js, character 1: [ ] is not read"),
    ])
    func inOtherFiles(_ file: String, _ text: String, _ expected: String) {
        let problems = Fixture.problems(Fixture.files([file: text]))
        #expect(problems.contains { $0.hasPrefix("\(file):\(expected)") }, "\(problems)")
    }

    @Test func allAtOnceInTheOrderOfTheFiles() {
        let problems = Fixture.problems(
            Fixture.files([
                "policies/checks.yml": "checks: {pylint: {}}\nonpush: []",
                "policies/a.yml": "ruleset: []\nchecks: []",
            ]))
        #expect(
            problems.map { $0.split(separator: " ")[0] } == [
                "policies/a.yml:1:1:", "policies/a.yml:2:1:", "policies/checks.yml:1:18:",
                "policies/checks.yml:2:1:", "policies/master.yml:18:18:",
                "policies/master.yml:18:26:", "policies/master.yml:18:32:",
            ])
    }

    @Test(arguments: ["policies/people.yml", "policies/allowed_signers"])
    func missingFile(_ file: String) {
        let problems = Fixture.problems(Fixture.files([file: String?.none]))
        #expect(problems.count == 1)
        #expect(problems[0].hasPrefix("\(file):1:1: the file is missing"))
    }

    @Test func noPolicyAtAll() {
        let files = PolicyFiles(contents: [
            "policies/README.md": [], "policies/templates/master.yml": [],
        ])
        #expect(
            Fixture.problems(files) == ["policies:1:1: there is no policy (gate init writes one)"])
    }

    @Test func aMillionMistakesAreCutShort() {
        let text = "rulesets: []\n" + (0..<20_000).map { "k\($0): 1\n" }.joined()
        #expect(Fixture.problems(Fixture.files(["policies/a.yml": text])).count == 100)
    }

    @Test func controlCharactersAreNotShown() {
        let problems = Fixture.problems(Fixture.files(["policies/a.yml": "\"a\\e[2J\\u202e\": 1"]))
        #expect(
            problems.first?.contains("unknown key a\\x1b[2J\\u{202e} at") == true, "\(problems)")
    }

    @Test func checksAloneAreEnough() throws {
        let files = PolicyFiles(contents: ["policies/checks.yml": Array(Fixture.checks.utf8)])
        let policy = try Policy.read(files)
        #expect(policy.checks.map(\.name) == ["pylint", "mypy", "unit"])
        #expect(policy.rulesets.isEmpty)
        let list = try CheckList.read(Array(Fixture.checks.utf8))
        #expect(list.checks == policy.checks)
        #expect(list.onPush == ["pylint"])
        #expect(throws: InvalidPolicy.self) { try CheckList.read(Array("checks: {a: {}}".utf8)) }
        #expect(throws: InvalidPolicy.self) {
            try CheckList.read(Array("checks: {a: {run: x}}\non_push: [b]".utf8))
        }
    }

    @Test func aRulesetMayStandInAnyFile() throws {
        let ruleset = "\nrulesets: [{name: x, include: [refs/heads/x], rules: {deletion: {}}}]"
        for (file, text) in [
            ("policies/people.yml", Fixture.people), ("policies/checks.yml", Fixture.checks),
        ] {
            let policy = try Policy.read(Fixture.files([file: text + ruleset]))
            #expect(Set(policy.rulesets.map(\.name)) == ["x", "master"])
        }
    }

    @Test(
        arguments: [
            ("enforcment", ["enforcement", "exclude"], "enforcement"),
            ("naem", ["name", "rules"], "name"),
            (
                "requiredStatusChecks", ["required_status_checks", "required_signatures"],
                "required_status_checks"
            ),
            ("zzz", ["name"], nil),
            (String(repeating: "a", count: 65), ["name"], nil),
        ] as [(String, [String], String?)])
    func suggestions(_ word: String, _ known: [String], _ expected: String?) {
        #expect(Suggestion.closest(to: word, among: known) == expected)
    }
}
