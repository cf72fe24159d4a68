#!/usr/bin/env python3
"""Runs the end-to-end cases: real git, real keys, an installed server, of gate only its hook.

usage: cases.py [--filter TEXT]... [--list] [--fail-fast] [--keep] [--jobs N] [--lab DIR]

$GATE_PROGRAM or $GATE is the program under test; without them, the debug build beside this
repository. The last line is `N passed, N failed` (`, N skipped` may follow); exit code 1 when one
failed. A case is a function in one of the modules beside this file; `kit/` is what they stand on.
"""

import argparse
import concurrent.futures
import importlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODULES = (
    "rules",
    "adversary_names",
    "adversary_objects",
    "adversary_pushes",
    "adversary_meaning",
    "adversary_evidence",
    "adversary_surroundings",
    "adversary_size",
    "adversary_runner",
    "adversary_releases",
    "bad_input",
    "transports",
    "races",
    "readers",
    "published",
    "demo_again",
    "ci_runner",
    "audits",
    "push_scenarios",
    "hook_managers",
    "hook_words",
    "published_tools",
    "check_runs",
    "check_screens",
    "history_truth",
    "merges_truth",
    "manifest_page",
    "shepherds",
    "releases",
    "release_interruptions",
    "release_limits",
    "faults_hook",
    "faults_ledger",
    "faults_release",
    "faults_surroundings",
    "release_standing",
    "ci_recipes",
)


def find_gate():
    """The program under test, by absolute path."""
    given = os.environ.get("GATE_PROGRAM") or os.environ.get("GATE")
    if given:
        found = shutil.which(given)
        if not found:
            sys.exit(f"cases.py: {given} is no program")
        return os.path.abspath(found)
    root = HERE.parent.parent
    for kind in ("debug", "release"):
        path = root / ".build" / kind / "gate"
        if path.exists():
            return str(path)
    sys.exit("cases.py: no gate built here; say `swift build --product gate` or set GATE_PROGRAM")


def load():
    """All cases, in the order of the modules."""
    sys.path.insert(0, str(HERE))
    from kit.lab import make_lab
    make_lab()
    for module in MODULES:
        if (HERE / f"{module}.py").exists():
            importlib.import_module(module)
    from kit.case import CASES
    return CASES


def one(name, lab, keep):
    """Runs one case in its own folder: outcome, seconds and what went wrong."""
    from kit.case import CASES, Skip

    folder = tempfile.mkdtemp(prefix=name + ".", dir=os.path.join(lab, "cases"))
    os.environ["GATE_E2E_CASE"] = folder
    started = time.monotonic()
    try:
        CASES[name]()
        outcome, words = "passed", folder if keep else ""
    except Skip as reason:
        outcome, words = "skipped", str(reason)
    except AssertionError as error:
        at = traceback.extract_tb(error.__traceback__)
        lines = [f"{Path(f.filename).name}:{f.lineno}" for f in at
                 if Path(f.filename).is_relative_to(HERE)]
        outcome, words = "failed", f"{error}\nat {' < '.join(reversed(lines[1:]))}\nin {folder}"
    except Exception:
        outcome, words = "failed", traceback.format_exc() + f"in {folder}"
    if outcome != "failed" and not keep:
        shutil.rmtree(folder, ignore_errors=True)
    return name, outcome, time.monotonic() - started, words


def main():
    options = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    options.add_argument("--filter", action="append", default=[], metavar="TEXT")
    options.add_argument("--list", action="store_true")
    options.add_argument("--table", action="store_true",
                         help="write the table of attacks in docs/security.md anew")
    options.add_argument("--fail-fast", action="store_true",
                         help="start no further case when one has failed")
    options.add_argument("--keep", action="store_true")
    options.add_argument("--jobs", type=int, default=(os.cpu_count() or 1) + 1)
    options.add_argument("--lab", help="use this folder and leave it")
    chosen = options.parse_args()

    if not (chosen.list or chosen.table):
        os.environ["GATE"] = find_gate()
    lab = chosen.lab or tempfile.mkdtemp(prefix="gate-e2e-")
    os.environ["GATE_E2E_LAB"] = lab
    os.umask(0o022)
    cases = load()
    names = [n for n in cases if not chosen.filter or any(f in n for f in chosen.filter)]
    if chosen.table:
        from kit import table
        table.DOCUMENT.write_text(table.document(cases, table.DOCUMENT.read_text()))
        if not chosen.lab:
            shutil.rmtree(lab)
        return 0
    if chosen.list:
        for name in names:
            print(f"{name}: {cases[name].__doc__.strip().splitlines()[0]}")
        if not chosen.lab:
            shutil.rmtree(lab)
        return 0
    if not names:
        sys.exit(f"cases.py: no case matches {' '.join(chosen.filter)}")

    counts = {"passed": 0, "failed": 0, "skipped": 0}
    failures = []
    # Long ones first, so that no process is left alone with them at the end.
    heavy = ("races", "ci_runner", "published", "demo_again", "transports", "adversary_size",
             "adversary_runner",
    "adversary_releases", "push_scenarios.killed", "hook_managers", "faults")
    order = sorted(names, key=lambda n: not n.startswith(heavy))
    context = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(chosen.jobs, mp_context=context) as pool:
        running = [pool.submit(one, name, lab, chosen.keep) for name in order]
        for done in concurrent.futures.as_completed(running):
            if done.cancelled():
                continue
            name, outcome, seconds, words = done.result()
            counts[outcome] += 1
            print(f"{outcome:7} {seconds:5.1f}s  {name}"
                  + (f" ({words})" if outcome == "skipped" else ""), flush=True)
            if outcome == "failed":
                failures.append(name)
                if chosen.fail_fast:
                    pool.shutdown(wait=False, cancel_futures=True)
                print("        " + words.replace("\n", "\n        "), flush=True)
    if failures:
        print("\nfailed:\n" + "\n".join(f"  {name}" for name in sorted(failures)))
    if chosen.keep or failures or chosen.lab:
        print(f"left for a look: {lab}")
    else:
        shutil.rmtree(lab, ignore_errors=True)
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
