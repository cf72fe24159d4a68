#!/usr/bin/env python3
"""Switches each refusing check of the engine off in turn, and shows which tests notice.

usage: mutants.py [--only TEXT]... [--record] [--all] [--jobs N] [--keep] [--list]

In a copy of the sources every check of checks.py gets a switch, so that one build serves all; the
product itself has no such switch. With every check on, all tests must pass. Then, with one check off
after the other, the unit tests of its room and of those that stand on it run, all of them, and the
end-to-end cases about that check.
Exit code 1 when

  - nobody misses the check: it has no test, or
  - a test fails that noticed.json does not name: it is about something else, or
  - none of those fails that noticed.json names: they test something else now.

--record writes noticed.json and docs/mutants.md anew, for a look at the difference. --all runs every
attack for each check, and lists those that notice (hours). $GATE_MUTANTS is a folder that keeps the
build.
"""

import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as XML
from pathlib import Path

from checks import CHECKS

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTICED = HERE / "noticed.json"
DOCUMENT = ROOT / "docs/mutants.md"
# The rooms of what decides, and whose tests a check of each can make fail: those that stand on it.
ROOMS = {"Enforcement": ["Enforcement", "Hooks"], "Ledger": ["Ledger", "Hooks"],
         "Evidence": ["Evidence", "Enforcement", "Ledger", "Hooks"], "Hooks": ["Hooks"]}
# Suites that ask other questions, for a long time.
SLOW = ["LedgerSyncTests", "CertificateTests", "ClaimsTests", "NoteStoreTests", "PushAnswerTests"]
# The cases that attack the hook; those about size and races are slow and attack no single check.
ATTACKS = ["rules.", "adversary_names.", "adversary_objects.", "adversary_pushes.",
           "adversary_meaning.", "adversary_evidence.", "releases.", "release_standing."]
SWITCH = """#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Whether a check is switched off, in this build for tests of the tests.
package func off(_ name: String) -> Bool {
    guard let chosen = getenv("GATE_MUTANT") else { return false }
    return strcmp(chosen, name) == 0
}
"""


def main():
    options = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    options.add_argument("--only", action="append", default=[], metavar="TEXT")
    options.add_argument("--record", action="store_true")
    options.add_argument("--all", action="store_true")
    options.add_argument("--jobs", type=int, default=(os.cpu_count() or 1) + 1)
    options.add_argument("--keep", action="store_true")
    options.add_argument("--list", action="store_true")
    chosen = options.parse_args()
    checks = [c for c in CHECKS if not chosen.only or any(t in c.name for t in chosen.only)]
    if chosen.list:
        print("\n".join(f"{check.name:24} {check.refuses}" for check in checks))
        return 0
    folder = Path(os.environ.get("GATE_MUTANTS") or tempfile.mkdtemp(prefix="gate-mutants-"))
    try:
        build(folder)
        return survey(folder, checks, chosen)
    finally:
        if not chosen.keep and "GATE_MUTANTS" not in os.environ:
            shutil.rmtree(folder, ignore_errors=True)


# The copy


def build(folder):
    """The program and the engine's tests with every switch in them."""
    texts = {folder / "Package.swift": package(), folder / "Sources/GitObjects/Mutant.swift": SWITCH}
    for place in ["Sources"] + [f"Tests/{room}Tests" for room in ROOMS]:
        for source in (ROOT / place).rglob("*"):
            if source.is_file():
                texts[folder / source.relative_to(ROOT)] = source.read_text()
    for check in CHECKS:
        path = folder / check.file
        text = texts[path]
        if text.count(check.old) != 1:
            sys.exit(f"mutants.py: {check.name}: {check.file} has {text.count(check.old)} of:"
                     f" {check.old.strip()}")
        text = text.replace(check.old, check.new.replace("OFF", f'off("{check.name}")'))
        if "import GitObjects" not in text:
            text = "import GitObjects\n" + text
        texts[path] = text
    for path, text in texts.items():
        # What stays as it was is not built again.
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    done = subprocess.run(["swift", "build", "--build-tests", "--package-path", folder])
    if done.returncode:
        sys.exit("mutants.py: the copy does not build")


def package():
    """Package.swift without the tests of other rooms."""
    kept, block = [], None
    for line in (ROOT / "Package.swift").read_text().splitlines(keepends=True):
        if block is None and line.startswith(("        tests(", "        fuzzing(")):
            block = []
        if block is None:
            kept.append(line)
            continue
        block.append(line)
        if line.rstrip().endswith("),"):
            name = "".join(block).split('"')[1]
            if block[0].strip().startswith("tests") and name in ROOMS:
                kept += block
            block = None
    return "".join(kept)


# What notices


def survey(folder, checks, chosen):
    """Runs the tests with each check off, and compares what fails with what did before."""
    broken = failed_tests(folder, "", ROOMS)
    if not chosen.only:
        cases = sorted({text for check in checks for text in check.cases.split()})
        broken += failed_cases(folder, "", cases, chosen.jobs)
    if broken:
        sys.exit("mutants.py: with every check on there fail:\n  " + "\n  ".join(broken))
    known = json.loads(NOTICED.read_text()) if NOTICED.exists() else {}
    problems = []
    for check in checks:
        tests = failed_tests(folder, check.name, ROOMS[check.file.split("/")[1]])
        cases = failed_cases(folder, check.name, ATTACKS if chosen.all else check.cases.split(),
                             chosen.jobs)
        print(f"{check.name:24} {', '.join(tests + cases) or 'nobody'}", flush=True)
        expected = known.get(check.name, [])
        if not tests and not cases:
            problems.append(f"{check.name}: nobody misses it")
        elif not chosen.record:
            problems += [f"{check.name}: {test} fails, too: is it about that check?"
                         for test in tests if test not in expected]
            if not set(tests + cases) & set(expected):
                problems.append(f"{check.name}: missed by none of those that missed it before")
        known[check.name] = tests + cases
    if chosen.record:
        order = [check.name for check in CHECKS if check.name in known]
        NOTICED.write_text(json.dumps({name: known[name] for name in order}, indent=1) + "\n")
        DOCUMENT.write_text(document(known))
    if problems:
        print("\n" + "\n".join(problems))
        return 1
    print(f"\n{len(checks)} checks, each missed by its tests")
    return 0


def failed_tests(folder, mutant, rooms):
    """The unit tests of these rooms that fail with one check off."""
    command = ["swift", "test", "--skip-build", "--disable-xctest", "--package-path", folder]
    if sys.platform == "linux":
        # The same without asking the package first, which takes longer than the tests.
        command = [folder / ".build/debug/gatePackageTests.xctest",
                   "--testing-library", "swift-testing"]
    command += ["--filter", "|".join(f"^{room}Tests[.]" for room in rooms)]
    for suite in SLOW:
        command += ["--skip", suite]
    with tempfile.TemporaryDirectory(prefix="gate-mutant-") as lab:
        done = subprocess.run(command + ["--xunit-output", f"{lab}/tests.xml"],
                              env={**os.environ, "GATE_MUTANT": mutant},
                              capture_output=True, text=True)
        cases = [case for path in Path(lab).glob("*.xml")
                 for case in XML.parse(path).iter("testcase")]
    if len(cases) < 10:
        sys.exit(f"mutants.py: the tests end without a result:\n{done.stdout[-4000:]}"
                 f"{done.stderr[-4000:]}")
    return sorted({f"{case.get('classname').split('.')[-1]}.{case.get('name').split('(')[0]}"
                   for case in cases if case.find("failure") is not None})


def failed_cases(folder, mutant, texts, jobs):
    """The end-to-end cases with these names, `*` for any end, that fail with one check off."""
    program = Path(folder) / ".build/debug/gate"
    names = [name for name in all_cases(program)
             if any(fnmatch.fnmatch(name, text + "*" * text.endswith(".")) for text in texts)]
    if not names:
        return []
    with tempfile.TemporaryDirectory(prefix="gate-mutant-") as lab:
        command = [sys.executable, ROOT / "Tests/EndToEnd/cases.py", "--jobs", str(jobs)]
        for name in names:
            command += ["--filter", name]
        done = subprocess.run(
            command + ["--lab", lab], capture_output=True, text=True,
            env={**os.environ, "GATE_PROGRAM": str(program), "GATE_MUTANT": mutant})
    # A name may begin another one.
    return sorted({line.split()[2] for line in done.stdout.splitlines()
                   if line.startswith("failed ")} & set(names))


def all_cases(program, memory=[]):
    if not memory:
        done = subprocess.run(
            [sys.executable, ROOT / "Tests/EndToEnd/cases.py", "--list"], check=True,
            capture_output=True, text=True, env={**os.environ, "GATE_PROGRAM": str(program)})
        memory += [line.split(":")[0] for line in done.stdout.splitlines() if ": " in line]
    return memory


def document(known):
    """docs/mutants.md."""
    lines = [
        "# Checks switched off",
        "",
        "`Tests/Mutants/mutants.py` switches each check of the engine that refuses something off, one at a",
        "time, in a copy of the sources, and runs the unit tests of its room and of those that stand on it,",
        "all of them, and the end-to-end cases about that check. Each check must be missed, and by no unit",
        "test that `Tests/Mutants/noticed.json` does not name for it; `--record` writes that file and this",
        "page anew. `make soak` runs it.",
        "",
        "| check | what it refuses | unit tests that fail without it | end-to-end cases |",
        "|---|---|---|---|",
    ]
    for check in CHECKS:
        noticed = known.get(check.name, [])
        units = [name for name in noticed if name[0].isupper()]
        cases = [name for name in noticed if not name[0].isupper()]
        lines.append(f"| {check.name} | {check.refuses} | {listed(units)} | {listed(cases)} |")
    return "\n".join(lines) + "\n"


def listed(names, most=6):
    shown = ", ".join(f"`{name}`" for name in names[:most]) or "–"
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


if __name__ == "__main__":
    sys.exit(main())
