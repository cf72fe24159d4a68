"""A tree of 5,000 files and another that differs in 100 of them, to be moved to and fro."""

import random
import re
import subprocess

FILES = 5_000
CHANGED = 100
# What `gate check` says of the moving alone.
MOVED = re.compile(r"worktree ready in ([0-9.]+) ms")


class Moving:
    """Two clones of one repository: one that git moves, and one whose kept worktree gate moves."""

    def __init__(self, folder, seed, environment):
        self.environment = {**environment, "XDG_CACHE_HOME": str(folder / "cache"),
                            "GATE_VERBOSE": "1", "MEASURE_ERRORS": str(folder / "errors")}
        self.by_git, self.by_gate = folder / "by-git", folder / "by-gate"
        chance = random.Random(seed)
        folder.mkdir()
        self._git("init", "-q", "-b", "master", self.by_git)
        names = [f"services/s{n % 40:02}/m{n // 40 % 24:02}/file_{n:04}.py" for n in range(FILES)]
        self._write({name: self._text(chance) for name in names})
        (self.by_git / "policies").mkdir()
        (self.by_git / "policies/checks.yml").write_text("checks: {nothing: {run: 'true'}}\n")
        first = self._commit()
        self._write({name: self._text(chance) for name in chance.sample(names, CHANGED)})
        self.commits = (first, self._commit())
        self._git("-C", self.by_git, "checkout", "-q", "--detach")
        self._git("clone", "-q", "--no-checkout", self.by_git, self.by_gate)

    def commands(self, gate):
        """By name: a folder, and the commands that are run in turn.

        With GATE_VERBOSE gate says how long it took until the worktree was the tree; all else that
        `gate check` does (start, read the policy, look for programs, run the check, store the
        result) it does without moving anything.
        """
        return {
            "git checkout": (self.by_git, [
                ["git", "checkout", "-q", "--detach", commit] for commit in self.commits]),
            "gate check": (self.by_gate, [
                [gate, "check", "--no-cache", "--jobs", "1", "--rev", commit]
                for commit in self.commits]),
        }

    @staticmethod
    def _text(chance):
        return "".join(f"VALUE_{n} = {chance.randrange(10**9)}\n" for n in range(40))

    def _write(self, files):
        for name, text in files.items():
            place = self.by_git / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)

    def _commit(self):
        self._git("-C", self.by_git, "add", "-A")
        self._git("-C", self.by_git, "commit", "-q", "-m", "State")
        return self._git("-C", self.by_git, "rev-parse", "HEAD").strip()

    def _git(self, *arguments):
        return subprocess.run(["git", *map(str, arguments)], check=True, env=self.environment,
                              capture_output=True, text=True).stdout
