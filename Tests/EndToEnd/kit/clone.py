"""A developer's clone with gate's local hook, of a server that knows nothing of gate: what is
checked is what `policies/checks.yml` says, and what is pushed goes through real `git push`."""

import hashlib
import os
import stat
import subprocess
import tempfile
from pathlib import Path

from .case import check
from .lab import GIT, LAB, git, people, run
from .server import GATE

# Fails when the commit has BAD in its code, and writes down each tree that it was really run on.
CHECK = """\
checks:
  code:
    run: 'git rev-parse "HEAD^{tree}" >>"%s" && ! grep -n BAD app.py'
on_push: [code]
"""


class Clone:
    """`server.git`, and `work`, a clone whose master is pushed and good."""

    def __init__(self, checks=None, files=None, *, hook=True):
        self.folder = Path(tempfile.mkdtemp(dir=os.environ.get("GATE_E2E_CASE", LAB / "cases")))
        self.server = self.folder / "server.git"
        self.path = self.folder / "work"
        self.log = self.folder / "ran"
        self.home = self.folder / "home"
        self.home.mkdir()
        self.env = {
            "HOME": str(self.home), "GIT_AUTHOR_NAME": "Alice", "GIT_COMMITTER_NAME": "Alice",
            "GIT_AUTHOR_EMAIL": people["alice"].email, "GIT_COMMITTER_EMAIL": people["alice"].email,
        }
        run("git", "init", "-q", "--bare", "-b", "master", self.server)
        run("git", "clone", "-q", self.server, self.path)
        self.git("switch", "-qc", "master")
        self.write("policies/checks.yml", checks or CHECK % self.log)
        for path, content in (files or {"app.py": "GOOD = 1\n"}).items():
            self.write(path, content)
        self.commit("Start")
        self.git("push", "-q", "-u", "origin", "master")
        self.git("remote", "set-head", "origin", "master")
        if hook:
            self.gate("install")

    def git(self, *arguments, **options):
        return git(self.path, *arguments, env=self.env, **options)

    def gate(self, *arguments, check=True, cwd=None, env=None):
        return run(GATE, *arguments, cwd=cwd or self.path, env={**self.env, **(env or {})},
                   check=check)

    def write(self, path, content):
        place = self.path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message="Change", **files):
        """A commit of all that is in the worktree; its id."""
        for name, content in files.items():
            self.write(name.replace("__", "."), content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def push(self, *refspecs, env=None, cwd=None):
        """`git push` with its hook; what it said is in `errors`."""
        return run("git", "push", "origin", *refspecs, cwd=cwd or self.path, check=False,
                   env={**self.env, **(env or {})})

    def tree(self, revision):
        return self.git("rev-parse", f"{revision}^{{tree}}")

    def ran(self):
        """The trees on which the check has really run, and forgets them."""
        trees = self.log.read_text().split() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return trees

    def on_server(self, ref):
        found = run("git", "rev-parse", "--verify", "-q", ref, cwd=self.server, check=False)
        return found.text.strip() or None

    def snapshot(self):
        """Everything of the developer's that a push must not touch, byte for byte."""
        found = {}
        for path in sorted(self.path.rglob("*")):
            name = str(path.relative_to(self.path))
            if name.startswith(".git/") and not name.startswith((".git/index", ".git/HEAD",
                                                                ".git/MERGE")):
                continue
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[name] = (oct(status.st_mode), digest)
            else:
                found[name] = (oct(status.st_mode), os.readlink(path) if path.is_symlink() else "")
        found["refs"] = self.git("for-each-ref", "refs/heads", "refs/tags", "refs/stash")
        found["stash"] = run("git", "stash", "list", cwd=self.path, env=self.env).text
        found["worktrees"] = self.git("worktree", "list")
        return found

    def start_push(self, *refspecs):
        """A push in a process group of its own, as a terminal would start it."""
        return subprocess.Popen(
            ["git", "push", "origin", *refspecs], cwd=self.path, env={**GIT, **self.env},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            start_new_session=True)


def pushed(done):
    check(done.exit == 0, lambda: f"the push failed:\n{done.errors}")
    return done


def stopped(done, text="refused: nothing was pushed"):
    """Asserts that the local hook refused, and that its words say why."""
    check(done.exit != 0, lambda: f"pushed; the hook should have refused:\n{done.errors}")
    check(text in done.errors, lambda: f"does not say {text!r}:\n{done.errors}")
    return done


def same(before, after):
    """Asserts that two snapshots are equal."""
    different = [name for name in before.keys() | after.keys()
                 if before.get(name) != after.get(name)]
    check(not different, f"the push changed {sorted(different)}")
