"""What `gate check` shows on a terminal while checks run, and where there is none."""

import os
import pty
import re
import select
import subprocess
import time

from check_runs import Project
from kit import case, check
from kit.lab import GIT
from kit.server import GATE

CHECKS = {
    "slow": {"run": "echo words of slow; sleep 3", "cache": False},
    "bad": {"run": "echo what is wrong; exit 1", "cache": False, "fix": "make it good"},
    "after": {"run": "true", "needs": ["slow"], "cache": False},
}


def on_terminal(project, *words, env=None):
    """The exit code, and what a terminal of 100 columns was sent."""
    outer, inner = pty.openpty()
    os.set_blocking(outer, False)
    import fcntl
    import struct
    import termios
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    child = subprocess.Popen([GATE, "check", *words], cwd=project.path, stdin=inner, stdout=inner,
                             stderr=inner, env={**GIT, **project.env, "TERM": "xterm", **(env or {})})
    os.close(inner)
    said, deadline = b"", time.monotonic() + 120
    try:
        while time.monotonic() < deadline:
            if select.select([outer], [], [], 0.2)[0]:
                try:
                    piece = os.read(outer, 65536)
                except OSError:  # EIO: nobody has the terminal any more
                    break
                if not piece:
                    break
                said += piece
        return child.wait(timeout=30), said.decode("utf-8", "replace").replace("\r\n", "\n")
    finally:
        child.kill()
        os.close(outer)


def screen(said):
    """What stands on the terminal in the end: lines that were taken back are gone."""
    lines = [""]
    for part in re.split(r"(\x1b\[\d*[A-Za-z]|\n)", said):
        if part == "\n":
            lines.append("")
        elif found := re.fullmatch(r"\x1b\[(\d+)A", part):
            lines = lines[:len(lines) - int(found[1])] or [""]
            lines[-1] = ""
        elif not part.startswith("\x1b"):
            lines[-1] += part
    return [line for line in lines if line]


@case
def a_line_for_each_running_check():
    """On a terminal each running check has a line with its time, and what is left is foretold where
    it has run before; in the end only results stand there, failures behind all others."""
    project = Project(CHECKS)
    code, said = on_terminal(project, "--jobs", "2")
    check(code == 1, said)
    check(re.search(r"^slow  \d+ s$", said, re.M), f"no line of a running check:\n{said}")
    check("of about" not in said, f"it foretells what it cannot know:\n{said}")
    code, said = on_terminal(project, "--jobs", "1")
    check(code == 1, said)
    check(re.search(r"^slow  \d+ s of about [3-9]\d* s$", said, re.M), said)
    check(re.search(r"^\d waiting, about \d+ s left$", said, re.M), said)
    stands = screen(said)
    check(not any(re.match(r"slow  \d+ s of about|\d waiting", line) for line in stands),
          "\n".join(stands))
    rows = "\n".join(stands)
    check(re.search(r"^slow  passed  ", rows, re.M) and re.search(r"^after  passed  ", rows, re.M),
          rows)
    check(rows.index("| what is wrong") > rows.index("after  passed"), rows)
    for words in ("fix:", "make it good", "gate check bad --rev"):
        check(words in rows, f"no {words!r}:\n{rows}")
    check("words of slow" not in said, "output of a check that passed is shown")


@case
def all_output_where_it_is_asked_for():
    """GATE_VERBOSE=1 shows output as it comes, each check's together where several run at once."""
    project = Project({n: {"run": f"for i in 1 2 3; do echo {n} $i; sleep 0.2; done", "cache": False}
                       for n in ("one", "two")})
    for jobs in ("1", "2"):
        code, said = on_terminal(project, "--jobs", jobs, env={"GATE_VERBOSE": "1"})
        rows = "\n".join(screen(said))
        check(code == 0, rows)
        for name in ("one", "two"):
            check(f"{name} 1\n{name} 2\n{name} 3" in rows, f"--jobs {jobs}:\n{rows}")


@case
def nothing_moves_without_a_terminal():
    """Into a file or a pipe go results and failures alone, without a control character."""
    project = Project(CHECKS)
    done = project.check("--jobs", "2")
    check(done.exit == 1 and "\x1b" not in done.text + done.errors, done.text + done.errors)
    check(not re.search(r"^slow  \d+ s$", done.text + done.errors, re.M), done.errors)
    code, said = on_terminal(project, env={"NO_COLOR": "1"})
    check(code == 1 and not re.search(r"\x1b\[[\d;]*m", said), "colour with NO_COLOR")
