"""Releases that are interrupted: killed, cut off, declined, or with their plan lost."""

import os
import pty
import select
import shutil
import subprocess
import time

from kit import case, check, run
from kit.lab import GIT
from kit.morning import GATE, Morning
from readers import lines_of

API1 = [("api", 1), ("worker", 1)]
EPOCH = {"SOURCE_DATE_EPOCH": "1795415400"}


class Trouble:
    """git and ssh-keygen as a command finds them when something happens at the nth call."""

    # kill: gate is ended there. cut: from there on nobody answers. lost: the server did what it
    # was asked for, and the answer never came.
    SCRIPT = """#!/bin/sh
case "$TROUBLE:$*" in
  kill:*) ;;
  *push*|*fetch*|*ls-remote*) ;;
  *) exec {real} "$@" ;;
esac
n=$(($(cat "$COUNT") - 1)); echo $n >"$COUNT"
case $TROUBLE in
  kill) if [ $n -eq 0 ]; then kill -KILL $PPID; sleep 0.05; exit 1; fi ;;
  cut) if [ $n -le 0 ]; then echo "fatal: unable to access: no route to host" >&2; exit 128; fi ;;
  lost) if [ $n -eq 0 ]; then
    {real} "$@" >/dev/null 2>&1; echo "fatal: the remote end hung up" >&2; exit 128; fi ;;
esac
exec {real} "$@"
"""

    def __init__(self, world):
        self.folder = world.folder / "trouble"
        self.folder.mkdir()
        self.count = world.folder / "count"
        for name in ("git", "ssh-keygen"):
            script = self.folder / name
            script.write_text(self.SCRIPT.format(real=shutil.which(name)))
            script.chmod(0o755)

    def run(self, desk, kind, call, words):
        self.count.write_text(f"{call}\n")
        return run(GATE, *words, cwd=desk.path, check=False, env={
            **EPOCH, "PATH": f"{self.folder}:{os.environ['PATH']}", "COUNT": str(self.count),
            "TROUBLE": kind})

    def met(self):
        """Whether the call was reached."""
        return int(self.count.read_text()) <= 0


def statements(world):
    return len(list(lines_of(world.server.path)))


@case
def promoted_ticked_and_taken_back_through_trouble():
    """tick, promote and rollback, killed or cut off at their steps, leave the state before or
    unknown; said again they end as if nothing had been."""
    world = Morning()
    alice = world.clone("alice")
    alice.stage(API1)
    trouble = Trouble(world)

    def survive(kind, begin, step, words, before, after, environment):
        call = begin
        while True:
            done = trouble.run(alice, kind, call, words)
            if not trouble.met():
                break
            allowed = {"kill": (-9, 0), "cut": (3,), "lost": (0, 3)}[kind]
            check(done.exit in allowed, f"{words} {kind} at {call}: {done.exit}\n{done.errors}")
            # The statements decide, whatever else was not reached: one is there or it is not.
            count = statements(world)
            check(count in (before, after), f"{words} {kind} at {call}: {count} statements")
            call += step
        check(done.exit == 0, f"{words}: {done.exit}\n{done.errors}")
        alice.gate(*words)
        check(statements(world) == after, f"{statements(world)} statements, not {after}")
        return alice.state(environment)

    count = statements(world)
    survive("kill", 3, 9, ("release", "tick", "always-1"), count, count + 1, "staging")
    promote = ("release", "promote", "--to", "production", "--yes")
    for kind in ("cut", "lost"):  # never further than the signed start
        for call in (2, 3):
            done = trouble.run(alice, kind, call, promote)
            if kind == "cut":
                check(done.exit == 3 and len(done.errors) > 20, f"{done.exit}: {done.errors}")
            check(statements(world) - count - 1 in (0, 1), "not one statement more")
    state = survive("kill", 9, 16, promote, statements(world), count + 2, "production")
    check(state["state"] == "unknown", state)
    shown = alice.gate("release", "status").text
    check("production: unknown since 2026-11-23T" in shown, shown)
    alice.deploy("production")
    check(alice.state("production")["marker"] == world.master, "no marker")

    bad = world.land_file("src/app.py", "def pay(amount):\n    return 0\n", "Pay nothing (#7)")
    alice.stage([("api", 2)])
    check(alice.state()["deployed"] == bad, "bad is not deployed")
    count = statements(world)
    back = ("release", "rollback", "-e", "staging", "--reason", "Pays nothing", "--yes")
    state = survive("kill", 5, 13, back, count, count + 2, "staging")  # the start and its hold
    check(state["state"] == "unknown", state)
    done = trouble.run(
        alice, "cut", 2, ("release", "record", "-e", "staging", "--outcome", "rolled_back"))
    check(done.exit == 3, done.errors)
    check(alice.state()["state"] == "unknown", "recorded without a server")
    away = world.folder / "away"
    world.server.path.rename(away)
    done = alice.gate("release", "status", code=3)
    check(len(done.errors.splitlines()) <= 4, done.errors)
    away.rename(world.server.path)
    alice.deploy("staging")
    check(alice.state()["state"] == "rolled_back", alice.state())


def talk(desk, answers, *words, code=0):
    """Runs gate on a terminal, gives each answer when its question stands there, and returns
    everything that was shown."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [GATE, *words], cwd=desk.path, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, env={**GIT, **EPOCH, "TERM": "dumb"})
    os.close(theirs)
    shown, read, answers = "", 0, list(answers)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux: the other end was closed
            break
        if not piece:
            break
        shown += piece.decode("utf-8", "replace").replace("\r\n", "\n")
        if answers and answers[0][0] in shown[read:]:
            read = len(shown)
            answer = answers.pop(0)[1]
            if answer is None:
                child.kill()
            else:
                os.write(ours, f"{answer}\n".encode())
    os.close(ours)
    child.wait(10)
    check(not answers, f"nobody asked {answers}:\n{shown}")
    check(child.returncode == code, f"exit {child.returncode}, not {code}:\n{shown}")
    return shown


@case
def a_morning_at_a_terminal():
    """gate release asks for the next step; what is declined did not happen, what was killed goes
    on."""
    world = Morning()
    alice = world.clone("alice")
    push = "Push these to staging? [y/N]"
    talk(alice, [(push, "")], "release", code=1)
    talk(alice, [(push, "n")], "release", code=1)
    talk(alice, [(push, None)], "release", code=-9)
    check(statements(world) == 0, "declined, and signed")
    shown = talk(alice, [(push, "y")], "release")
    check("nothing is deployed to staging yet" in shown, shown)
    check(alice.state()["state"] == "unknown", alice.state())
    what = "What became of it?"
    talk(alice, [(what, "")], "release")
    talk(alice, [(what, None)], "release", code=-9)
    check(alice.state()["state"] == "unknown", alice.state())
    alice.deploy("staging", API1)
    done, go = "Sign in: done? [y/N]", "Push these to production? [y/N]"
    shown = talk(alice, [(done, "n")], "release", code=1)
    check("gate release tick --environment staging always-1" in shown, shown)
    talk(alice, [(done, "y"), (go, None)], "release", code=-9)
    check(alice.state()["checklist"][0]["done"], "not ticked")
    check(alice.state("production")["state"] == "none", alice.state("production"))
    talk(alice, [(go, "n")], "release", code=1)
    shown = talk(alice, [(go, "yes")], "release")
    check(alice.state("production")["state"] == "unknown", alice.state("production"))
    check("production: unknown since" in shown and "next: deploy it" in shown, shown)
    shown = talk(alice, [(what, "s")], "release")
    check(alice.state("production")["state"] == "succeeded", shown)
    check(f"at {world.master[:7]} succeeded on" in shown, shown)
    check("nothing to push" in talk(alice, [], "release"), "something is left")


@case
def a_plan_that_is_lost():
    """Lost with its clone a plan is made again; where that is impossible, the deployment can be
    given up."""
    world = Morning()
    alice, carol = world.clone("alice"), world.clone("carol")
    first = world.master
    alice.gate("release", "start", "--yes")
    plan = next(n for n in world.server.refs() if n.startswith("refs/gate/releases/"))
    before = world.server.tip(plan)

    def lose():
        world.server.git("update-ref", "-d", plan)
        shutil.rmtree(alice.path)
        return world.clone("alice")

    alice = lose()
    carol.gate("release", "status")
    carol.gate("manifest", "--of", "staging")
    alice.gate("release", "start", "--yes")
    check(world.server.tip(plan) == before, "made again it is another one")
    alice.deploy("staging", API1)
    world.land_file("src/app.py", "def pay(amount):\n    return 0\n", "Pay nothing (#7)")
    alice.gate("release", "start", "--yes")
    alice.gate("release", "rollback", "-e", "staging", "--reason", "Pays nothing", "--yes")
    id = alice.state()["deployment"]["releaseId"]
    plan = f"refs/gate/releases/{id}"
    before = world.server.tip(plan)
    check(alice.state()["revision"] == first, alice.state())
    alice = lose()
    alice.gate("release", "record", "-e", "staging", "--outcome", "rolled_back")
    check(world.server.tip(plan) == before, "a rollback made again is another one")

    side = world.change({"src/app.py": "fixed\n"}, on=first, message="Fix (#9)")
    world.push(f"{side}:refs/heads/hotfix")
    alice.gate("release", "start", "--yes", "--ref", "hotfix")
    plan = f"refs/gate/releases/{alice.state()['deployment']['releaseId']}"
    before = world.server.tip(plan)
    alice = lose()
    alice.gate("release", "status")
    check(world.server.tip(plan) == before, "a hotfix made again is another one")
    # Without its branch nobody knows what it was made from.
    world.server.git("update-ref", "-d", "refs/heads/hotfix")
    alice = lose()
    done = alice.gate("release", "record", "-e", "staging", "--outcome", "succeeded", code=3)
    check("--outcome failed" in done.errors, done.errors)
    alice.gate("release", "record", "-e", "staging", "--outcome", "failed")
    check(alice.state()["state"] == "failed", alice.state())
