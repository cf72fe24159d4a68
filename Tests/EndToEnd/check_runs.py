"""`gate check` on real repositories: what is committed is checked and nothing else, a result is
made once, the tools' own reports are read, and whatever a check does, nothing of the user's is
lost."""

import json
import os
import re
import resource
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from kit import GIT, LAB, case, check, git, run
from kit.case import Skip, cases
from kit.server import GATE
from kit.tools import system, tool


class Project:
    """A clone without a server: its own policies/checks.yml says what is checked."""

    count = 0

    def __init__(self, checks, files=None):
        Project.count += 1
        self.folder = LAB / f"checks-{os.getpid()}-{Project.count}"
        self.path = self.folder / "system"
        self.cache = self.folder / "cache"
        for folder in (self.path, self.cache, self.folder / "home"):
            folder.mkdir(parents=True)
        self.env = {"XDG_CACHE_HOME": str(self.cache), "HOME": str(self.folder / "home"),
                    "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@wrk.example",
                    "GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@wrk.example"}
        git(self.path, "init", "-q", "-b", "master")
        self.commit({"policies/checks.yml": json.dumps({"checks": checks}), **(files or {})})

    def commit(self, files):
        self.write(files)
        git(self.path, "add", "-A", env=self.env)
        git(self.path, "commit", "-q", "-m", "Change it", env=self.env)
        return git(self.path, "rev-parse", "HEAD")

    def write(self, files):
        for name, content in files.items():
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(content)

    def check(self, *words, env=None, timeout=120):
        return run(GATE, "check", *words, cwd=self.path, env={**self.env, **(env or {})},
                   check=False, timeout=timeout)

    def result(self, *words, code=0, **options):
        """The checks of a run as JSON, by name."""
        done = self.check("--json", *words, **options)
        check(done.exit == code, f"exit {done.exit}, not {code}\n{done.text}{done.errors}")
        return {entry["name"]: entry for entry in json.loads(done.text)["checks"]}

    def snapshot(self):
        """Every file of the developer's, its index and refs included, byte for byte."""
        return {str(path.relative_to(self.path)): (path.lstat().st_mode, path.read_bytes())
                for path in sorted(self.path.rglob("*"))
                if path.is_file() and "objects" not in path.parts}


def clear(done, code, *words):
    """This exit code, these words on standard error, no stack trace."""
    check(done.exit == code, f"exit {done.exit}, not {code}\n{done.text}{done.errors}")
    for word in words:
        check(word in done.text + done.errors, f"no {word!r}:\n{done.text}{done.errors}")
    check("Fatal error" not in done.errors and "Swift/" not in done.errors, done.errors)


PYTHON = {
    "pay/__init__.py": '"""Pay."""\n',
    "pay/cut.py": '"""What a cut is."""\n\n\ndef cut(cents: int) -> int:\n'
                  '    """Half of it."""\n    return cents // 2\n',
    "tests/test_cut.py": '"""Tests."""\n\nfrom pay.cut import cut\n\n\ndef test_half() -> None:\n'
                         '    """Half."""\n    assert cut(4) == 2\n',
    "README.md": "# Pay\n",
    "pyproject.toml": '[project]\nname = "pay"\nversion = "1"\n',
}
PRESETS = {
    "pylint": {"uses": "pylint"}, "mypy": {"uses": "mypy"}, "ruff": {"uses": "ruff"},
    "unit": {"uses": "pytest", "paths": ["**/*.py", "pyproject.toml"],
             "run": 'python -m pytest -q -p no:cacheprovider -o junit_family=xunit1 '
                    '--junitxml="$GATE_REPORT"'},
}


@case
def presets():
    """pylint, mypy, ruff and pytest pass on a good project; what a bad one does wrong is named with
    file and line; a commit of the README alone starts no program at all."""
    path = f"{tool('pylint').parent}:{os.environ['PATH']}"
    project = Project(PRESETS, PYTHON)
    env = {"PATH": path}
    said = project.result(env=env)
    check({name: entry["result"] for name, entry in said.items()} ==
          dict.fromkeys(PRESETS, "passed"), str(said))
    check(said["unit"]["passedTests"] == ["tests.test_cut.test_half"], str(said["unit"]))

    project.commit({"README.md": "# Pay, as it is\n"})
    strace = system("strace", "strace")
    log = project.folder / "strace"
    done = run(strace, "-f", "-e", "trace=execve,fork,vfork,clone,clone3", "-o", log, GATE, "check",
               cwd=project.path, env={**project.env, **env}, check=False)
    check(done.exit == 0, done.text + done.errors)
    check(done.text.count("cached") == 4, done.text)
    calls = [line for line in log.read_text().splitlines()
             if re.search(r"\b(execve|v?fork|clone3?)\(", line)]
    check(len(calls) == 1 and "execve" in calls[0], "\n".join(calls))

    bad = PYTHON["pay/cut.py"] + "\n\nimport os\n\n\n" \
        'def name(cents: int) -> str:\n    """It."""\n    return cents\n'
    commit = project.commit({
        "pay/cut.py": bad, "tests/test_cut.py": PYTHON["tests/test_cut.py"].replace("== 2", "== 3")})
    junit = project.folder / "junit.xml"
    text = project.check("--junit", junit, env={**env, "GITHUB_ACTIONS": "true"})
    clear(text, 1, "pay/cut.py:9:1:", "pay/cut.py:14:12:", "tests/test_cut.py:8:",
          f"reproduce: gate check mypy --rev {commit}", "fix:       ruff check --fix .",
          "::error file=pay/cut.py,line=14,col=12,title=mypy return-value::",
          "::error file=tests/test_cut.py,line=8,title=unit")
    found = project.result(env=env, code=1)
    places = {name: [(f["path"], f["line"]) for f in entry["findings"]]
              for name, entry in found.items()}
    check(("pay/cut.py", 9) in places["pylint"] and ("pay/cut.py", 9) in places["ruff"], str(places))
    check(places["mypy"] == [("pay/cut.py", 14)], str(places))
    check(places["unit"] == [("tests/test_cut.py", 8)], str(places))
    suites = {suite.get("name"): suite for suite in ET.parse(junit).getroot()}
    check(set(suites) == set(PRESETS), str(set(suites)))
    test = suites["unit"].find("testcase")
    check(test.get("name") == "test_half" and "assert" in test.find("failure").get("message"),
          ET.tostring(suites["unit"]).decode())
    check(all(suite.get("failures") == "1" for suite in suites.values()), junit.read_text())


@case
def editable_install():
    """Tests run on the commit although `pip install -e .` leads Python to the developer's files."""
    for layout in ("src/", ""):
        setup = ('[build-system]\nrequires = ["setuptools"]\n'
                 'build-backend = "setuptools.build_meta"\n'
                 '[project]\nname = "pay"\nversion = "1"\n'
                 f'[tool.setuptools.packages.find]\nwhere = ["{layout or "."}"]\n'
                 'include = ["pay*"]\n')
        project = Project({"unit": {"run": ".venv/bin/python -c 'import pay; print(pay.WHERE)'",
                                    "link": [".venv"], "cache": False}},
                          {f"{layout}pay/__init__.py": 'WHERE = "commit"\n',
                           "pyproject.toml": setup, ".gitignore": ".venv\n*.egg-info\nbuild\n"})
        run(tool("python"), "-m", "venv", "--system-site-packages", project.path / ".venv")
        site = next((project.path / ".venv").glob("lib/python*/site-packages"))
        # The tools' own environment has setuptools; no index is asked.
        tools = next(tool("python").parent.parent.glob("lib/python*/site-packages"))
        (site / "tools.pth").write_text(f"{tools}\n")
        run(project.path / ".venv/bin/python", "-m", "pip", "install", "-q", "--no-deps",
            "--no-build-isolation", "-e", ".", cwd=project.path, env=project.env, timeout=300)
        project.write({f"{layout}pay/__init__.py": 'WHERE = "unsaved"\n'})
        own = run(project.path / ".venv/bin/python", "-c", "import pay; print(pay.WHERE)",
                  cwd=project.folder)
        check(own.text == "unsaved\n", f"the install is not editable: {own.text}")
        said = project.check(env={"GATE_VERBOSE": "1"})
        check(said.exit == 0 and "commit" in said.errors.splitlines(), said.text + said.errors)


@case
def nothing_of_the_users_is_touched():
    """Whatever a check does and whoever is killed, unsaved work and the index stay the same."""
    project = Project({"wild": {"run": "rm -rf * .git; echo evil >file; sleep 0.3"},
                       "slow": {"run": "sleep 30"}},
                      {"file": "committed\n", ".gitignore": "ignored\n"})
    project.write({"file": "unsaved\n", "new": "untracked\n", "ignored": "x\n", "staged": "1\n"})
    git(project.path, "add", "staged")
    before = project.snapshot()
    check(project.result("wild")["wild"]["result"] == "passed", "wild did not run")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL):
        child = subprocess.Popen([GATE, "check", "--no-cache"], cwd=project.path,
                                 env={**GIT, **project.env}, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        time.sleep(0.15 + 0.1 * number % 0.3)
        child.send_signal(number)
        child.wait(timeout=20)
        check(project.snapshot() == before, f"something changed after signal {number}")
    check(project.result("wild", "--no-cache")["wild"]["result"] == "passed",
          "a killed run is in the way")


@case
def leftovers_of_a_killed_run():
    """A run that was killed leaves its check running and its worktree half moved: the next run ends
    the one and cleans the other."""
    project = Project({"c": {"run": "if test -f hang; then echo x >stray; exec sleep 4711; fi; "
                                    "ls; git status --porcelain", "cache": False}},
                      {"file": "1\n", "hang": ""})
    child = subprocess.Popen([GATE, "check"], cwd=project.path, env={**GIT, **project.env},
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def sleepers():
        return [p for p in Path("/proc").iterdir() if p.name.isdigit()
                and _read(p / "cmdline") == b"sleep\0004711\0"
                and str(project.cache).encode() in _read(p / "environ")]

    deadline = time.time() + 20
    while not sleepers() and time.time() < deadline:
        time.sleep(0.05)
    check(sleepers(), "the check has not begun")
    child.kill()
    child.wait()
    check(sleepers(), "nothing is left of the killed run")
    slot = next(project.cache.glob("gate/worktrees/*/0"))
    (slot / "control" / "index.lock").write_text("")
    (slot / "seal").write_text("half")
    git(project.path, "rm", "-q", "hang")
    project.commit({"file": "2\n"})
    done = project.check(env={"GATE_VERBOSE": "1"})
    check(done.exit == 0, done.text + done.errors)
    check(not sleepers(), "the killed run's check still runs")
    check("stray" not in done.errors and "hang" not in done.errors, done.errors)


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@cases((
    ("no_program", "A check whose program does not exist could not run, and says so.",
     {"run": "no-such-program-here"}, 3, ("c  could not run", "no-such-program-here")),
    ("gigabyte", "A check that writes a gigabyte is heard to its end, and gate stays small.",
     {"run": "head -c 1073741824 /dev/zero; echo; echo the end; exit 1"}, 1, ("| the end",)),
    ("detached", "A check that forks and detaches leaves nothing behind.",
     {"run": "setsid sleep 4712 >/dev/null 2>&1 & sleep 0.2"}, 0, ("left a process behind",)),
    ("deletes_worktree", "A check may delete its own worktree.",
     {"run": 'rm -rf "$PWD"'}, 0, ("c  passed",)),
    ("read_only", "Files and folders without permissions are cleaned away.",
     {"run": "mkdir -p a/b; touch a/b/c; chmod 000 a/b/c; chmod 555 a/b; chmod 000 a"}, 0,
     ("c  passed",)),
    ("no_xml", "A report that is no XML is a check that could not run.",
     {"run": 'echo nonsense >"$GATE_REPORT"', "report": "junit"}, 3,
     ("its report is no JUnit XML: line 1",)),
    ("no_json", "A report that is no JSON is a check that could not run.",
     {"run": 'echo nonsense >"$GATE_REPORT"', "report": "ruff"}, 3, ("its report is no JSON",)),
    ("timeout", "Time that is up ends a check that ignores the first signal.",
     {"run": "trap '' TERM; sleep 4713 & wait; sleep 4713", "timeout": "1s"}, 1,
     ("c  timed out", "not done after 1 s")),
))
def wild(definition, code, words):
    """One check that behaves badly, twice; the second time on the worktree that it left."""
    project = Project({"c": {**definition, "cache": False}}, {"file": "1\n"})
    project.write({"file": "unsaved\n"})
    before = project.snapshot()
    for _ in range(2):
        done = project.check()
        clear(done, code, *words)
        check(project.snapshot() == before, "something of the user's changed")
    # In KiB; of everything that this process has started, gate was the largest by far.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    check(peak < 200 << 10, f"{peak >> 10} MiB at the peak")
    for number in ("4712", "4713"):
        left = subprocess.run(["pgrep", "-f", f"^sleep {number}$"], capture_output=True, text=True,
                              check=False)
        mine = [p for p in left.stdout.split()
                if str(project.cache).encode() in _read(Path(f"/proc/{p}/environ"))]
        check(not mine, f"sleep {number} is still there")


@case
def cache_folder_in_the_way():
    """A cache folder that cannot be used is named in one sentence; nothing else happens."""
    project = Project({"c": {"run": "true"}})
    before = project.snapshot()
    (project.folder / "a-file").write_text("x")
    clear(project.check(env={"XDG_CACHE_HOME": str(project.folder / "a-file")}), 3, "a-file")
    clear(project.check(env={"XDG_CACHE_HOME": "/proc/nowhere"}), 3, "/proc/nowhere")
    check(project.snapshot() == before, "something changed")


@case
def cache_folder_full():
    """A cache folder without room is a check that cannot be run, said once."""
    if os.geteuid() != 0:
        raise Skip("needs root to mount a small file system")
    project = Project({"c": {"run": "true"}}, {"big": "x" * 3_000_000})
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", project.cache],
                             capture_output=True, check=False)
    if mounted.returncode != 0:
        raise Skip("cannot mount here")
    try:
        before = project.snapshot()
        clear(project.check(), 3, "No space left on device")
        check(project.snapshot() == before, "something changed")
    finally:
        subprocess.run(["umount", "-l", project.cache], check=False)
    check(project.check().exit == 0, "with room it does not run")


@case
def corrupt_cache():
    """Results, durations and worktrees that are damaged cost time and nothing else."""
    project = Project({"c": {"run": "echo ran"}}, {"file": "1\n"})
    check(not project.result()["c"]["cached"], "cached at first")
    check(project.result()["c"]["cached"], "not cached")
    for place in project.cache.rglob("*"):
        if place.is_file() and "objects" not in place.parts:
            place.write_bytes(b"\0garbage")
    check(not project.result()["c"]["cached"], "a damaged result counts")
    check(project.result()["c"]["cached"], "the repaired one does not")
    listed = run(GATE, "cache", "list", cwd=project.path, env=project.env)
    check(listed.text.startswith("c  commit "), listed.text)
    check(run(GATE, "cache", "clear", cwd=project.path, env=project.env).text == "removed 1 result\n",
          "not cleared")
    check(not project.result()["c"]["cached"], "cleared, and still there")


@case
def a_cached_result_is_no_evidence():
    """A report for `gate attest` is of a real run; one with a cached result is refused."""
    from kit import World, files, only, people
    rules = only("pull_request", required_status_checks={
        "checks": ["unit"], "tested": "head", "signers": ["ci"]})
    world = World(files(rules, checks={"unit": {"run": "true"}}))
    clone = world.folder / "clone"
    env = {"XDG_CACHE_HOME": str(world.folder / "cache")}
    run("git", "clone", "-q", world.server.path, clone)
    run(GATE, "check", cwd=clone, env=env)
    report = world.folder / "report.json"
    run(GATE, "check", "--report", report, cwd=clone, env=env)
    said = json.loads(report.read_text())
    check([entry["cached"] for entry in said["checks"]] == [False], str(said))
    said["checks"][0]["cached"] = True
    report.write_text(json.dumps(said, sort_keys=True, separators=(",", ":")) + "\n")
    done = run(GATE, "attest", report, "--key", people["ci"].key, cwd=clone, env=env, check=False)
    clear(done, 1, "its result is a cached one")


@case
def parallel():
    """Checks run side by side as far as they may, and an unknown need or a circle is bad policy."""
    project = Project({name: {"run": f"sleep 1; echo {name}"} for name in "abcd"})
    start = time.monotonic()
    said = project.result("--jobs", "4")
    took = time.monotonic() - start
    check(all(entry["result"] == "passed" for entry in said.values()), str(said))
    check(took < 3.5, f"{took:.1f} s for four checks of a second each")
    project.commit({"policies/checks.yml": "checks:\n  a: {run: x, needs: [b]}\n"
                                           "  b: {run: x, needs: [a]}\n"})
    clear(project.check(), 2, "policies/checks.yml:3:", "a needs b needs a")
    project.commit({"policies/checks.yml": "checks:\n  a: {run: x, needs: [bb]}\n  b: {run: x}\n"})
    clear(project.check(), 2, "policies/checks.yml:2:", "no check is called bb", "b?")


@case
def unknown_commit_is_fetched():
    """`gate check --rev ID` fetches a commit that is only on the server."""
    project = Project({"c": {"run": "cat file"}}, {"file": "1\n"})
    clone = project.folder / "clone"
    run("git", "clone", "-q", project.path, clone)
    commit = project.commit({"file": "2\n"})
    done = run(GATE, "check", "--rev", commit, cwd=clone, env={**project.env, "GATE_VERBOSE": "1"})
    check("2" in done.errors.splitlines(), done.errors)
    done = run(GATE, "check", "--rev", "1" * 40, cwd=clone, env=project.env, check=False)
    clear(done, 2, "1111111 is neither here nor on origin")
