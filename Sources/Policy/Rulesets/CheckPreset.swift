/// What `uses:` of a check brings: the values that a well-known tool needs to be run, cached and
/// read. A key that the check has itself goes before the preset's.
///
/// The digest of a definition covers these values as if they stood in `checks.yml`, so that
/// changing one here is a change of every check that uses it: its results have to be made anew.
enum CheckPreset: String, CaseIterable {
    case pylint, mypy, ruff, pytest
    /// Brings nothing: a check like any other, said aloud.
    case command

    /// A definition with the preset's values; nil when the check must have a `run:` of its own.
    func definition(named name: String) -> CheckDefinition? {
        switch self {
        case .pylint:
            CheckDefinition(
                name: name,
                // Not json2, which pylint 2 of Debian 12 does not have.
                run: #"pylint --recursive=y --output-format="json:$GATE_REPORT" ."#,  // since 2.13
                paths: Self.patterns(
                    "**/*.py", "**/*.pyi", "pylintrc", ".pylintrc", "pylintrc.toml",
                    ".pylintrc.toml", "pyproject.toml", "setup.cfg", "tox.ini"),
                timeout: 300, report: .pylint)
        case .mypy:
            CheckDefinition(
                name: name, run: #"mypy --output=json . >"$GATE_REPORT""#,  // since 1.11
                paths: Self.patterns(
                    "**/*.py", "**/*.pyi", "**/py.typed", "pyproject.toml", "mypy.ini",
                    ".mypy.ini", "setup.cfg"),
                keep: [".mypy_cache"], timeout: 300, report: .mypy)
        case .ruff:
            CheckDefinition(
                name: name,
                run: #"ruff check --no-cache --output-format=json --output-file="$GATE_REPORT" ."#,
                // It goes by .gitignore, too.
                paths: Self.patterns(
                    "**/*.py", "**/*.pyi", "**/*.ipynb", "**/pyproject.toml", "**/ruff.toml",
                    "**/.ruff.toml", "**/.gitignore"),
                timeout: 60, report: .ruff, fix: "ruff check --fix .")
        case .pytest:
            // Tests read whatever they like: without paths of its own any change runs them. The
            // older family of the report names each test's file.
            CheckDefinition(
                name: name, run: #"pytest -q -o junit_family=xunit1 --junitxml="$GATE_REPORT""#,
                timeout: 600, report: .junit)
        case .command: nil
        }
    }

    private static func patterns(_ texts: String...) -> [PathPattern] {
        texts.map { PathPattern($0) }
    }
}
