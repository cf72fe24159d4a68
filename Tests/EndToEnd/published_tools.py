"""A published package under the real pylint, mypy and pytest, run by the local hook as the presets
run them: a README-only commit costs nothing, and a failure names its place."""

import os

from kit import case, check
from kit.clone import Clone, pushed, stopped
from kit.tools import sdist, tool

CHECKS = """\
checks:
  pylint: {uses: pylint}
  mypy: {uses: mypy}
  unit: {uses: pytest, paths: ['**/*.py', 'tests/**', pyproject.toml]}
on_push: [pylint, mypy, unit]
"""
# polib is older than types and than Python 3 alone: what it is known to fail is left out.
CONFIGURATION = """\
[tool.pylint.main]
enable = ["E"]
disable = ["R", "C", "W", "E0602", "E1101"]
ignore = ["docs", "tests", "setup.py"]
[tool.mypy]
exclude = ["^docs/", "^tests/", "^setup\\\\.py$", "^__init__\\\\.py$"]
disable_error_code = ["truthy-function"]
[tool.pytest.ini_options]
python_files = ["tests.py"]
addopts = "-p no:cacheprovider --deselect tests/tests.py::TestFunctions::test_is_file"
"""
NAMES = ("pylint", "mypy", "unit")


def rows(done):
    """The line of each check by its name."""
    lines = [line.split() for line in done.errors.splitlines() if line.startswith("  ")]
    return {words[0]: words[1:] for words in lines if words and words[0] in NAMES}


@case
def polib():
    """polib 1.2.0 passes; a change of its README runs nothing; each tool's complaint is shown with
    file and line, and the other tools' results stand."""
    source = sdist("polib", "1.2.0")
    files = {str(p.relative_to(source)): p.read_bytes() for p in source.rglob("*") if p.is_file()
             and not str(p.relative_to(source)).startswith("polib.egg-info")}
    clone = Clone(checks=CHECKS, files={
        **files, "pyproject.toml": CONFIGURATION, ".gitignore": "__pycache__\n.mypy_cache\n"})
    clone.env["PATH"] = f"{tool('pylint').parent}:{os.environ['PATH']}"

    # The package itself is on the server already: a first change runs all three.
    code = files["polib.py"].decode()
    clone.commit(polib__py=code.replace("= '1.2.0'", "= '1.2.1'"))
    done = pushed(clone.push("master"))
    check(all("passed" in rows(done)[n] and "cached" not in rows(done)[n] for n in NAMES),
          done.errors)

    clone.commit(README__rst=files["README.rst"].decode() + "\nMore.\n")
    done = pushed(clone.push("master"))
    check(all(rows(done)[n] == ["passed", "cached"] for n in NAMES), done.errors)

    lines = code.count("\n")
    for name, added, words in (
        ("pylint", "\n\ndef one():\n    return escape()\n", f"polib.py:{lines + 4}"),
        ("mypy", "\n\nNUMBER: int = 'x'\n", f"polib.py:{lines + 3}"),
    ):
        clone.commit(polib__py=code + added)
        clone.write("polib.py", code)  # an unsaved repair helps nobody
        done = stopped(clone.push("master"))
        check(rows(done)[name][0] == "failed", done.errors)
        check(words in done.errors, done.errors)
        check(all(rows(done)[n][0] == "passed" for n in NAMES if n != name), done.errors)
        check(f"reproduce: gate check {name} --rev" in done.errors, done.errors)
        clone.git("reset", "-q", "--hard", "origin/master")

    clone.commit(polib__py=code.replace(
        "def escape(st):", "def escape(st):\n    return 'x'\n\n\ndef unused(st):", 1))
    done = stopped(clone.push("master"))
    check(rows(done)["unit"][0] == "failed" and "test_escape" in done.errors, done.errors)
