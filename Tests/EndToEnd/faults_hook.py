"""Faults of the server: its hooks are ended, or refused something by the operating system, at each
step. What was not allowed before does not land then, and what was lands as soon as all is well."""

import re
import shutil

from kit import World, check, files, only, run
from kit.case import cases
from kit.faults import (
    CHANGES, ERRORS, Stage, chosen, endure, locks, met, options, sound, steps, strace)
from kit.server import GATE
from kit.world import MASTER, NOTES

# The hook calls gate through this. strace passes on the exit code, and the signal that ended it.
CALL = """#!/bin/sh
name=$2
if [ -f {folder}/$name.options ]; then exec {strace} $(cat {folder}/$name.options) {gate} "$@"; fi
exec {gate} "$@"
"""


class Trouble:
    """The hooks of a world's server, with faults in them."""

    def __init__(self, world):
        self.world, self.folder = world, world.folder / "trouble"
        self.folder.mkdir()
        program = shutil.which(GATE)
        call = self.folder / "gate"
        call.write_text(CALL.format(folder=self.folder, strace=strace(), gate=program))
        call.chmod(0o755)
        for name in ("pre-receive", "post-receive"):
            path = world.server.path / "hooks" / name
            text = path.read_text()
            wired = re.sub("^gate=.*$", f"gate='{call}'", text, flags=re.MULTILINE)
            check(wired != text, f"{name} does not say where gate is")
            path.write_text(wired)

    def set(self, hook, words):
        (self.folder / f"{hook}.options").write_text(" ".join(map(str, words)))

    def clear(self):
        for path in self.folder.glob("*.options"):
            path.unlink()

    def trace(self, hook, act, deep):
        log = self.folder / "trace"
        self.set(hook, [*(["-f"] if deep else []), "-qq", "-o", log])
        act()
        self.clear()
        return log


class Story:
    """A server with an approved landing that waits, evidence and a branch to push, and a change
    that nobody approved."""

    def __init__(self):
        self.world = World(files(only(
            "creation", "deletion", "non_fast_forward", "pull_request", "commit_message_pattern",
            "max_file_size")))
        world = self.world
        self.old = world.master
        self.head = world.change()
        world.approve(self.head)
        # Both sides changed one file: the hook asks git, as a child, about the merge.
        self.good = world.merge(self.head)
        self.evil = world.change({"evil.txt": "evil\n"}, message="Evil")
        self.other = world.change({"other.txt": "other\n"}, message="Other")
        self.notes = world.note(world.review(self.other, "carol"))
        self.trouble = Trouble(world)
        self.server = Stage(world.server.path)

    def reset(self):
        self.server.reset()
        self.trouble.clear()

    def push(self, *refspecs):
        return run("git", "push", self.world.server.path, *refspecs, cwd=self.world.path,
                   check=False)

    def take(self, refspec):
        """Pushes what the server must accept."""
        done = self.push(refspec)
        check(done.exit == 0, lambda: f"not taken:\n{done.errors}")

    def after(self, fault):
        """Whatever happened: the refs are old or new, the evil is not in, and all goes on."""
        server = self.world.server
        self.trouble.clear()
        sound(server.path)
        check(not locks(server.path), f"{fault}: locked {locks(server.path)}")
        check(server.tip() in (self.old, self.good), f"{fault}: master is {server.tip()}")
        done = self.push(f"{self.evil}:{MASTER}")
        check(done.exit != 0 and server.tip() in (self.old, self.good), f"{fault}: evil came in")
        if server.tip(NOTES) != self.notes:
            self.take(f"{self.notes}:{NOTES}")
        if server.tip() != self.good:
            self.take(f"{self.good}:{MASTER}")
        # Another landing, by the evidence that was pushed.
        self.take(f"{self.world.merge(self.other)}:{MASTER}")
        sound(server.path)


def one(story, hook, fault, refspecs, *, lands):
    """One push with a fault in a hook; whether the fault was met."""
    server = story.world.server
    before = server.refs()
    log = story.trouble.folder / "log"
    story.trouble.set(hook, options(fault, log))
    done = story.push(*refspecs)
    story.trouble.clear()
    after = server.refs()
    if hook == "post-receive":  # nothing can be refused any more
        check(done.exit == 0, f"{fault}: post-receive refused\n{done.errors}")
        for spec in refspecs:
            new, name = spec.split(":")
            check(after.get(name) == new, f"{fault}: not in\n{done.errors}")
    elif done.exit != 0:
        check("pre-receive hook declined" in done.errors, f"{fault}:\n{done.errors}")
        said = [row for row in done.errors.splitlines()
                if row.startswith("remote: ") and row[8:].strip()]
        # Of a screen that cannot be written to nobody reads.
        check(said or fault.call == "write", f"{fault}: nothing is said\n{done.errors}")
    else:
        check(lands, f"{fault}: landed\n{done.errors}")
    if not lands or done.exit != 0:
        check(after == before, f"{fault}: refused, and refs moved")
    return met(log)


def each(hook, deep, kinds, count, refspecs_of, *, lands, salt):
    story = Story()
    refspecs = refspecs_of(story)
    log = story.trouble.trace(hook, lambda: story.push(*refspecs), deep)
    faults = []
    for error, calls in kinds:
        faults += steps(log, calls, error, deep)
    check(faults, "no step was seen")
    story.reset()

    def suffer(fault):
        try:
            hit = one(story, hook, fault, refspecs, lands=lands)
            if lands:
                story.after(fault)
            return hit
        finally:
            if lands:
                story.reset()
    endure(chosen(faults, count, salt), suffer)
    story.after("at last")


def evil(story):
    return [f"{story.evil}:{MASTER}"]


def good(story):
    return [f"{story.good}:{MASTER}"]


def evidence(story):
    return [f"{story.notes}:{NOTES}"]


def branch(story):
    return [f"{story.other}:refs/heads/other"]


KILL = [("", CHANGES + ("mmap", "read", "pread64"))]
FAIL = [("ENOSPC", ERRORS["ENOSPC"]), ("EIO", ERRORS["EIO"] + ("mmap", "fstat", "access")),
        ("EMFILE", ERRORS["EMFILE"]), ("ENOMEM", ERRORS["ENOMEM"])]


@cases((
    ("unapproved_killed", "What nobody approved does not land, wherever the hook is killed.",
     "pre-receive", False, KILL, 8, evil, False),
    ("unapproved_failing", "What nobody approved does not land, whichever call of the hook fails.",
     "pre-receive", False, FAIL, 16, evil, False),
    ("landing_killed", "A landing is refused or in, wherever the hook or the git that it calls is"
     " killed.", "pre-receive", True, KILL, 3, good, True),
    ("landing_failing", "A landing is refused or in, whichever call of the hook fails.",
     "pre-receive", True, FAIL, 3, good, True),
    ("evidence_failing", "Evidence is refused or in, wherever the hook is killed or a call fails.",
     "pre-receive", False, KILL + FAIL, 3, evidence, True),
    ("recording_killed", "What post-receive records may be missing, never wrong.",
     "post-receive", False, [("", CHANGES)], 4, evidence, True),
    ("recording_failing", "What post-receive cannot record harms nothing.",
     "post-receive", False, FAIL, 3, evidence, True),
    ("after_landing", "Killed or failing after a landing, post-receive leaves the gate closed.",
     "post-receive", False, [("", CHANGES), *FAIL], 3, good, True),
    ("advice", "Advice that cannot be given keeps no branch out.",
     "post-receive", False, KILL + FAIL, 3, branch, True),
))
def hook(kind, deep, kinds, count, refspecs_of, lands):
    each(kind, deep, kinds, count, refspecs_of, lands=lands,
         salt=f"{kind} {refspecs_of.__name__} {lands}")
