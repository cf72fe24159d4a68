"""Faults of those who sign and land: a command is ended, or refused something by the operating
system, at each step. The server is then as it was or as it should be, and the same command, said
again, ends as if nothing had been."""

import os
import re
import time

from kit import World, check, files, only, people, run
from kit.case import cases
from kit.faults import (
    CHANGES, ERRORS, Stage, chosen, endure, met, options, sound, steps, strace)
from kit.server import GATE
from kit.world import MASTER, NOTES

CHECKS = {"unit": {"run": "true"}}
# Words of git's about a lock that somebody who was killed has left.
LOCK = re.compile(r"(/[^\s:']+\.lock)")


class Errand:
    """A command with everything that it needs, and what must be true afterwards."""

    # A command that says no without a fault, when all is done already, exits with one of these.
    done = (0,)

    def __init__(self, checks=CHECKS, trusted=True):
        self.world = World(files(only(
            "creation", "deletion", "non_fast_forward", "pull_request", "required_status_checks",
        ), checks=checks), trusted=trusted, checks=checks)
        self.log = self.world.folder.with_name("strace.log")
        self.old = self.world.master
        self.head = self.world.change()
        self.prepare()
        self.stage = Stage(self.world.folder)

    def prepare(self):
        pass

    def topic(self):
        done = self.world.push(f"{self.head}:refs/heads/topic")
        check(done.exit == 0, done.stderr)

    def clone(self, who):
        path, person = self.world.folder / who, people[who]
        run("git", "clone", "-q", self.world.server.path, path)
        for key, value in (("user.name", who), ("user.email", person.email),
                           ("user.signingKey", person.key), ("gpg.format", "ssh")):
            run("git", "config", key, value, cwd=path)
        return path

    def say(self, *before, words=None):
        """The command, after these words."""
        return run(*before, GATE, *(words or self.words), cwd=self.place, check=False,
                   env={"TMPDIR": str(self.world.folder)})

    def lines(self, subject):
        """The statements about an object on the server."""
        return run("git", "notes", "--ref", NOTES, "show", subject,
                   cwd=self.world.server.path, check=False).out.splitlines()

    def between(self):
        """Asserts what must be true whatever happened."""

    def at_last(self):
        """Asserts what must be true when it was said again."""


class Approve(Errand):
    """Bob approves, and has an older review in his clone that was never pushed."""

    def prepare(self):
        self.topic()
        world = self.world
        world.publish(world.result(self.head))
        self.place = self.clone("bob")
        self.words = ["review", "approve", "topic"]
        # What a command left that was killed before its push.
        self.waiting = world.review(self.old, "bob", base=self.old, digest=None, comment="waits")
        git = self.place
        blob = run("git", "hash-object", "-w", "--stdin", cwd=git,
                   input=bytes(self.waiting) + b"\n").text.strip()
        run("git", "fetch", "-q", "origin", f"{NOTES}:{NOTES}", cwd=git)
        run("git", "notes", "--ref", NOTES, "add", "-C", blob, self.old, cwd=git)

    def between(self):
        check(self.world.master == self.old, "master moved")
        check(self.lines(self.old) in ([], [bytes(self.waiting)]), "the older line is another one")

    def at_last(self):
        check(bytes(self.waiting) in self.lines(self.old), "the line that waited is lost")
        check(len(self.lines(self.head)) in (1, 2), f"{len(self.lines(self.head))} lines")
        done = self.world.land(self.world.merge(self.head))
        check(done.exit == 0, done.stderr)


class Attest(Errand):
    """CI signs a result."""

    def prepare(self):
        self.topic()
        world = self.world
        world.publish(world.review(self.head))
        self.place = self.clone("ci")
        report = self.world.folder / "report.json"
        done = self.say(words=["check", "unit", "--rev", "origin/topic", "--report", report])
        check(done.exit == 0, done.errors)
        self.words = ["attest", report, "--push"]

    def between(self):
        check(self.world.master == self.old, "master moved")

    def at_last(self):
        tree = self.world.tree_of(self.head)
        check(len(self.lines(tree)) in (1, 2), f"{len(self.lines(tree))} lines")
        done = self.world.land(self.world.merge(self.head))
        check(done.exit == 0, done.stderr)


class Merge(Errand):
    """Alice lands by squash, which needs her head kept first."""

    def prepare(self):
        self.topic()
        world = self.world
        world.publish(world.review(self.head), world.result(self.head))
        self.place = self.clone("alice")
        self.words = ["merge", "topic", "--method", "squash"]

    def between(self):
        tip = self.world.master
        if tip != self.old:
            self.landed(tip)

    def landed(self, tip):
        server = self.world.server
        check(server.git("rev-parse", f"{tip}^@").split() == [self.old], f"{tip} is no landing")
        check(server.git("rev-parse", f"{tip}^{{tree}}") == self.world.tree_of(self.head),
              "another tree landed")

    def at_last(self):
        self.landed(self.world.master)
        done = run(GATE, "audit", cwd=self.place, check=False)
        check(done.exit == 0, done.text + done.errors)


class Trust(Errand):
    """The owner closes the gate."""

    def __init__(self):
        super().__init__(trusted=False)

    def prepare(self):
        self.place = self.world.server.path
        self.words = ["trust", "--yes"]

    def state(self):
        return run("git", "config", "gate.trust", cwd=self.place, check=False).text.strip()

    def between(self):
        check(self.state() in ("watching", self.old), f"gate.trust is {self.state()}")
        check(self.world.master == self.old, "master moved")

    def at_last(self):
        check(self.state() == self.old, f"gate.trust is {self.state()}")
        check(self.world.server.tip("refs/gate/trusted") == self.old, "the commit is not kept")
        done = self.world.land(self.world.change({"evil.txt": "evil\n"}))
        check(done.exit != 0 and self.world.master == self.old, "evil landed")


def plain(done, fault):
    """Asserts that a command which failed said so as people read it."""
    words = done.errors.strip()
    check(words, f"{fault}: exit {done.exit}, and nothing is said")
    check("Fatal error" not in words and "Swift/" not in words, f"{fault}:\n{words}")


def again(errand, fault):
    """Says the command until it is done. git never takes away a lock that one of its own, killed,
    left; who is told which file it is takes it away."""
    for path in errand.world.folder.rglob("*.lock"):
        os.utime(path, (time.time() - 60, time.time() - 60))  # a minute later
    for _ in range(4):
        done = errand.say()
        if done.exit in errand.done:
            return
        plain(done, fault)
        locked = [path for path in LOCK.findall(done.errors) if os.path.exists(path)]
        check(not any("/refs/notes/gate" in path or "/refs/gate/" in path for path in locked
                      if not path.startswith(str(errand.world.server.path))),
              f"{fault}: people are asked to unlock gate's own refs:\n{done.errors}")
        check(locked, f"{fault}: said again, exit {done.exit}\n{done.text}{done.errors}")
        for path in locked:
            os.unlink(path)
    check(False, f"{fault}: said four times:\n{done.errors}")


def suffer(errand, fault):
    """One fault and what came of it; whether it was met."""
    errand.stage.reset()
    errand.log.unlink(missing_ok=True)
    done = errand.say(strace(), *options(fault, errand.log))
    hit = met(errand.log)
    if fault.error:
        # 2 too: what the kernel does not answer for is not there, to libgit2 as to git.
        codes = (0, 1, 2, 3)
        # Without memory a program may end at once; before the loader is done it is not gate's.
        early = "error while loading shared libraries" in done.errors
        check(done.exit in codes or early or fault.error == "ENOMEM",
              f"{fault}: exit {done.exit}\n{done.errors}")
        if done.exit in codes[1:]:
            plain(done, fault)
    errand.between()
    sound(errand.world.server.path, *([errand.place] if errand.place else []))
    again(errand, fault)
    errand.at_last()
    sound(errand.world.server.path, errand.place)
    return hit


def every(make, kinds, deep, count, salt):
    errand = make()
    done = errand.say(strace(), *(["-f"] if deep else []), "-qq", "-o", errand.log)
    check(done.exit == 0, done.errors)
    faults = []
    for error, calls in kinds:
        faults += steps(errand.log, calls, error, deep)
    check(faults, "no step was seen")
    endure(chosen(faults, count, salt), lambda fault: suffer(errand, fault))


KILL = [("", CHANGES)]
FAIL = [(error, calls) for error, calls in ERRORS.items()]


@cases((
    ("approve_killed", "An approval whose command is killed is there or not, and then there.",
     Approve, KILL, False, 4),
    ("approve_killed_below", "The same where git or ssh-keygen is killed below it.",
     Approve, KILL, True, 4),
    ("approve_failing", "The same where a call fails.", Approve, FAIL, False, 4),
    ("attest_killed", "A result whose command is killed is there or not, and then there.",
     Attest, KILL, True, 4),
    ("attest_failing", "The same where a call fails.", Attest, FAIL, False, 3),
    ("merge_killed", "A landing whose command is killed is in or not, once, and then in.",
     Merge, KILL, True, 4),
    ("merge_failing", "The same where a call fails.", Merge, FAIL, True, 4),
    ("trust_killed", "A gate whose closing is killed is open or closed, and then closed.",
     Trust, KILL, True, 4),
    ("trust_failing", "The same where a call fails.", Trust, FAIL, True, 4),
))
def ledger(make, kinds, deep, count):
    every(make, kinds, deep, count, f"{make.__name__} {deep}")
