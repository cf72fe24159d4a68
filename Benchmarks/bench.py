#!/usr/bin/env python3
"""Measures an installed release against floors and peers; prints ratios.

    bench.py [--rounds N] [--seed N] [--only PART] [--history PATH] [--check] [--json FILE]
             [--results FILE] GATE

All contenders run in turn, round by round, without a shell: what else the machine does falls on
all of them alike. A row is the ratio of two medians. With --check, exit status 1 says that a row
is over its budget and no page in docs/decisions/ says why.
"""

import argparse
import json
import os
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from report import Row, as_markdown, on_screen

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MANY = 50_000
FEW = 10
FIRST_PUSH = ("gate, a first push", "git rev-list")
SLOW = 10               # rounds of what takes seconds


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gate", help="the program, built for release")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["hooks", "history"])
    parser.add_argument("--history", metavar="PATH",
                        help="a real repository instead of a generated history")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--results", metavar="FILE", help="a page with all of it, as Markdown")
    return parser.parse_args()


def compile_c(folder, name, *libraries):
    program = folder / name
    flags = []
    if libraries:
        flags = shlex.split(subprocess.run(
            ["pkg-config", "--cflags", "--libs", *libraries], check=True, text=True,
            capture_output=True).stdout)
    subprocess.run(["gcc", "-O2", "-Wall", "-Werror", "-o", program, HERE / f"{name}.c", *flags],
                   check=True)
    return program


class Contender:
    """One program in one environment; what its runs took."""

    def __init__(self, command, folder, environment, input_file, then=None, part=None):
        """With `then`, that command is run in turn with the first; with `part`, a pattern, each run
        says on standard error how many milliseconds a part of it took."""
        self.commands = [[str(part) for part in words] for words in (command, then) if words]
        self.folder, self.environment, self.input_file = folder, environment, input_file
        self.seconds, self.kibibytes = [], []
        self.part, self.parts = part, []

    def run(self, measure, keep=True):
        command = self.commands[0]
        self.commands = self.commands[1:] + [command]
        done = subprocess.run(
            [measure, self.input_file, self.folder, *command], env=self.environment,
            capture_output=True, text=True, check=True)
        nanoseconds, resident, status = (int(part) for part in done.stdout.split())
        if status != 0:
            shown = subprocess.run(
                command, cwd=self.folder, env=self.environment, text=True,
                stdin=open(self.input_file, encoding="utf-8"), capture_output=True, check=False)
            sys.exit(f"bench: {' '.join(command)} ended with {status}\n"
                     f"{shown.stdout}{shown.stderr}")
        if keep:
            self.seconds.append(nanoseconds / 1e9)
            self.kibibytes.append(resident)
            if self.part:
                said = Path(self.environment["MEASURE_ERRORS"]).read_text(encoding="utf-8")
                self.parts.append(float(self.part.search(said)[1]) / 1e3)

    @property
    def median(self):
        return statistics.median(self.seconds)

    @property
    def peak(self):
        return statistics.median(self.kibibytes)


def contenders(folder, gate, seed):
    """Builds everything that is measured, by name."""
    from gitolite import Gitolite
    from kit.lab import GIT
    from moving import MOVED, Moving
    from pre_push import CONTENDERS, PrePush
    from pushes import Pushes
    from repository import Prepared, quarantine, with_refs

    print("building a server with some history (a minute or two)", file=sys.stderr)
    prepared = Prepared(folder, gate, seed)
    input_file = folder / "input"
    input_file.write_text(f"{prepared.old} {prepared.new} refs/heads/master\n")

    def contender(command, server, more=()):
        return Contender(command, server, {**GIT, **quarantine(server, prepared), **dict(more)},
                         input_file)

    hook = [gate, "hook", "pre-receive"]
    gitolite = Gitolite(folder, prepared.server)
    found = {
        "floor": contender([compile_c(folder, "floor", "libgit2")], prepared.server),
        "gate": contender(hook, prepared.server),
        "gitolite": contender(gitolite.command(prepared.old, prepared.new), gitolite.repository,
                              gitolite.environment),
    }
    for count in (FEW, MANY):
        found[f"gate, {count:,} refs"] = contender(hook, with_refs(prepared, folder, count))
    moving = Moving(folder / "moving", seed, GIT)
    for name, (place, commands) in moving.commands(gate).items():
        found[name] = Contender(commands[0], place, moving.environment, input_file, commands[1],
                                MOVED if name == "gate check" else None)
    pushes = Pushes(folder / "pushes", seed)
    environment, one, many = pushes.many_refs()
    for name, lines in (("gate, a push of 1 ref", one), ("gate, of 50 refs", many)):
        found[name] = Contender(hook, pushes.server, environment, lines)
    environment, lines, tip, count, forbidden = pushes.many_commits()
    must_be_refused(hook, pushes.server, environment, forbidden)
    print(f"the first push brings {count:,} commits", file=sys.stderr)
    listing = ["git", "rev-list", "--objects", tip, "--not", "--all"]
    for name, command in zip(FIRST_PUSH, (hook, listing)):
        found[name] = Contender(command, pushes.server, environment, lines)
    # A hook that allowed whatever it is shown would be fast: the same landing without its
    # evidence must be refused.
    refused = with_refs(prepared, folder, 1)
    environment = {**GIT, **quarantine(refused, prepared)}
    subprocess.run(["git", "update-ref", "-d", "refs/notes/gate"], cwd=refused, check=True,
                   env={**GIT, "GIT_DIR": "."})
    must_be_refused(hook, refused, environment, input_file)
    local = PrePush(folder, gate, seed)
    if local.starts_programs("gate"):
        sys.exit("bench: a pre-push with everything cached starts another program")
    for name in CONTENDERS:
        found[f"pre-push, {name}"] = Contender(
            local.hook(name), local.clone(name), {**GIT, **local.environment(name)},
            local.input(name))
    return found


def must_be_refused(hook, server, environment, input_file):
    """A hook that allowed whatever it is shown would be fast."""
    status = subprocess.run(hook, cwd=server, env=environment, input=input_file.read_bytes(),
                            capture_output=True, check=False).returncode
    if status != 1:
        sys.exit(f"bench: what {input_file.name} pushes ended with {status}, not with 1")


def rows(found, gate):
    """(what, ratio or value, budget, how it is shown)."""
    def ratio(one, other):
        return found[one].median / found[other].median

    def times(value):
        return f"{value:.2f} x"

    size = os.path.getsize(gate) / 1e6
    return [
        ("pre-receive, one landing, against the floor", ratio("gate", "floor"), 1.5, times),
        ("the same against gitolite's update hook", ratio("gate", "gitolite"), 0.4, times),
        (f"the same with {MANY:,} refs against {FEW}",
         ratio(f"gate, {MANY:,} refs", f"gate, {FEW:,} refs"), 1.2, times),
        ("the hook alone, a push of 50 refs against 1",
         ratio("gate, of 50 refs", "gate, a push of 1 ref"), 1.5, times),
        ("a first push of 25,000 commits against rev-list",
         ratio(*FIRST_PUSH), 1.5, times),
        ("a kept worktree moved by 100 files of 5,000",
         statistics.median(found["gate check"].parts) / found["git checkout"].median, 1.5, times),
        ("peak memory against the floor", found["gate"].peak / found["floor"].peak, 2.0, times),
        *((f"pre-push, all cached, against {name}",
           ratio("pre-push, gate", f"pre-push, {name}"), 0.5, times)
          for name in ("prek", "lefthook")),
        ("the installed file", size, 25.0, lambda value: f"{value:.1f} MB"),
    ]


def whole_of_moving(found):
    """The row is about a part of `gate check`; this is about all of it."""
    command, peer = found["gate check"], found["git checkout"]
    return (f"gate check: {statistics.median(command.parts) * 1e3:.2f} ms of it move the worktree;"
            f" the whole is {command.median / peer.median:.2f} x git checkout")


def over_history(folder, gate, options, measure):
    """The rows of commands that read much history, and what there is to say about them."""
    from history import OverHistory
    from kit.lab import GIT

    print("writing a history (a minute)", file=sys.stderr)
    part = OverHistory(folder, gate, options.seed, measure, GIT, options.history)
    return part.measured(min(options.rounds, 30)), part.notes


def main():
    options = arguments()
    gate = Path(options.gate).resolve()
    folder = Path(tempfile.mkdtemp(prefix="gate-bench."))
    try:
        os.environ["GATE_E2E_LAB"] = str(folder / "lab")
        os.environ["GATE"] = str(gate)
        sys.path[:0] = [str(ROOT / "Tests/EndToEnd"), str(HERE)]
        from kit.lab import make_lab
        make_lab()
        measure = compile_c(folder, "measure")
        found, measured, notes = {}, [], []
        if options.only != "history":
            found = contenders(folder, gate, options.seed)
            for number in range(options.rounds + 3):
                for name, contender in found.items():
                    if name not in FIRST_PUSH or number < SLOW + 3:
                        contender.run(measure, keep=number >= 3)  # the first rounds fill caches
            measured = [Row(*row) for row in rows(found, gate)]
            if found["gate check"].parts:
                notes.append(whole_of_moving(found))
        if options.only != "hooks":
            more, said = over_history(folder, gate, options, measure)
            measured += [Row(*row) for row in more]
            notes += said
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    on_screen(found, notes, measured, options)
    if options.json:
        Path(options.json).write_text(json.dumps(
            [{"what": row.what, "value": row.value, "budget": row.budget, "verdict": row.verdict}
             for row in measured], indent=2) + "\n")
    if options.results:
        Path(options.results).write_text(as_markdown(found, notes, measured, options, gate))
    return 1 if options.check and any(row.verdict == "OVER" for row in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
