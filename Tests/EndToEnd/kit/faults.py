"""Faults at every step of a program: strace ends it, or lets a system call fail, at the nth call.

A command is traced once to see which calls it makes; each of them is a step. Then the same command
is run from the same start once for each step. `GATE_FAULTS=all` takes all steps, `GATE_FAULTS=50` so
many of each case; without it a few, which `GATE_FAULTS_SEED` chooses.
"""

import os
import random
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass

from .case import check
from .lab import run
from .tools import system

# Calls by which a program changes something that outlives it, or starts another program.
CHANGES = (
    "openat", "write", "pwrite64", "writev", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
    "unlink", "unlinkat", "fsync", "fdatasync", "ftruncate", "mkdir", "mkdirat", "rmdir", "chmod",
    "fchmod", "execve", "clone", "clone3", "vfork",
)
# Calls by which it learns something.
READS = (
    "read", "pread64", "mmap", "newfstatat", "fstat", "lseek", "getdents64", "access", "readlink",
    "poll", "waitid", "wait4", "pipe2", "fcntl", "getcwd", "lstat", "stat",
)
# What each can fail with on a machine that is full or broken.
ERRORS = {
    "ENOSPC": ("openat", "write", "pwrite64", "writev", "rename", "renameat2", "link", "linkat",
               "fsync", "ftruncate", "mkdir", "mkdirat"),
    "EIO": ("read", "pread64", "write", "fsync", "rename", "link", "unlink", "newfstatat",
            "getdents64", "lseek"),
    "EMFILE": ("openat", "pipe2", "dup", "fcntl"),
    "ENOMEM": ("clone", "clone3", "vfork", "mmap", "execve"),
}
ALL = os.environ.get("GATE_FAULTS") == "all"
MORE = int(os.environ["GATE_FAULTS"]) if os.environ.get("GATE_FAULTS", "").isdigit() else 0
SEED = int(os.environ.get("GATE_FAULTS_SEED", "1"))


@dataclass(frozen=True)
class Fault:
    """What happens at the nth call of a name; `deep`: in every process below, too."""

    call: str
    number: int
    error: str = ""
    deep: bool = False

    @property
    def options(self):
        what = f"error={self.error}" if self.error else "signal=KILL"
        return [*(["-f"] if self.deep else []), "-e", f"trace={self.call}",
                "-e", f"inject={self.call}:{what}:when={self.number}"]

    def __str__(self):
        what = self.error or "killed"
        return f"{what} at {self.call} {self.number}{' anywhere' if self.deep else ''}"


def strace():
    """The program; it must be allowed to trace here."""
    path = system("strace", "strace")
    done = run(path, "-qq", "-o", "/dev/null", "true", check=False)
    if done.exit != 0:
        from .case import Skip
        raise Skip(f"strace may not trace here: {done.errors.strip()[-200:]}")
    return path


def options(fault, log):
    """The arguments of strace before the program's."""
    return ["-qq", "-o", log, *fault.options, "--"]


def met(log):
    """Whether the fault of such a run happened."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "(INJECTED)" in text or re.search(r"= \?$|<unfinished", text, re.MULTILINE) is not None


_CALL = re.compile(r"^(?:(\d+) +)?([a-z0-9_]+)\(")


def steps(log, calls, error="", deep=False):
    """The faults at the calls in a trace that was made with `-f` (deep) or without. Of openat
    only those count that may make a file, unless they fail for another reason."""
    counts, found = Counter(), {}
    for row in log.read_text(errors="replace").splitlines():
        match = _CALL.match(row)
        if not match:
            continue
        process, call = match[1] or "", match[2]
        counts[process, call] += 1
        if call not in calls or (call == "openat" and error in ("", "ENOSPC")
                                 and "O_CREAT" not in row):
            continue
        found[Fault(call, counts[process, call], error, deep)] = None
    return list(found)


def chosen(faults, count, salt):
    """All of them, or `count` that are spread over them."""
    count = MORE or count
    if ALL or len(faults) <= count:
        return faults
    pick = random.Random(f"{SEED} {salt}")
    size = len(faults) / count
    return [faults[int(size * (n + pick.random()))] for n in range(count)]


def endure(faults, suffer):
    """Each fault in turn; `suffer` says whether it was met. All that went wrong is told at once."""
    missed, wrong = 0, []
    for fault in faults:
        try:
            missed += not suffer(fault)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            wrong.append(str(error))
    check(not wrong, lambda: f"{len(wrong)} of {len(faults)}:\n" + "\n\n".join(wrong[:20]))
    # An allocation more or less moves a step; most must have been there.
    check(missed <= len(faults) // 4, f"{missed} of {len(faults)} faults were not met")


class Stage:
    """A folder that is put back to where it was before each fault."""

    def __init__(self, folder):
        self.live = folder
        self.saved = folder.with_name(folder.name + ".saved")
        run("cp", "-a", self.live, self.saved)

    def reset(self):
        run("chmod", "-R", "u+rwX", self.live)
        shutil.rmtree(self.live)
        run("cp", "-a", self.saved, self.live)


def sound(*repositories):
    """Asserts that git finds nothing wrong with them. What no ref leads to need not be complete:
    git moves the objects of a push one by one, and leaves some where a step of that fails."""
    for path in repositories:
        done = run("git", "fsck", "--strict", "--no-dangling", cwd=path, check=False)
        if done.exit != 0:
            words = (done.text + done.errors).splitlines()
            whole = run("git", "rev-list", "--objects", "--quiet", "--all", cwd=path, check=False)
            left = all(re.match(r"broken link from |  +to |missing |dangling ", w) for w in words)
            check(left and whole.exit == 0,
                  lambda: f"git fsck of {path}:\n{done.text}{done.errors}{whole.errors}")


def locks(path):
    """Files that keep git from what they lock."""
    return sorted(str(p.relative_to(path)) for p in path.rglob("*.lock"))
