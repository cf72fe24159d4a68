"""The same clone with the installed pre-push hook of gate, prek, lefthook and pre-commit, each with
one no-op check; gate's has passed on this tree before."""

import os
import subprocess
from pathlib import Path

from kit import GIT, git, run
from kit.tools import tool
from repository import history

PRE_COMMIT = """\
repos:
- repo: local
  hooks:
  - {{id: noop, name: noop, entry: '{0}', language: system, always_run: true,
      pass_filenames: false, stages: [pre-push]}}
"""
FILES = {
    "policies/checks.yml": "checks: {{noop: {{run: '{0}'}}}}\non_push: [noop]\n",
    "lefthook.yml": "pre-push:\n  commands:\n    noop: {{run: '{0}'}}\n",
    ".pre-commit-config.yaml": PRE_COMMIT,
}
CONTENDERS = ("gate", "prek", "lefthook", "pre-commit")


class PrePush:
    """A bare server, a clone of it for each contender, and one commit that waits to be pushed."""

    def __init__(self, folder, gate, seed):
        self.folder = Path(folder) / "pre-push"
        self.folder.mkdir()
        self.server = self.folder / "server.git"
        run("git", "init", "-q", "--bare", "-b", "master", self.server)
        run("git", "fast-import", "--quiet", cwd=self.server, input=history(seed), timeout=600)
        self.gate = gate
        for name in CONTENDERS:
            self.prepare(name)

    def environment(self, name):
        home = self.folder / f"{name}-home"
        home.mkdir(exist_ok=True)
        # The wrapper that pip installs for lefthook is Python: the program itself is measured.
        binary = next(tool("lefthook").parent.parent.glob(
            "lib/python3*/site-packages/lefthook/bin/lefthook-linux-*/lefthook"))
        return {"HOME": str(home), "LEFTHOOK_BIN": str(binary),
                "PATH": f"{tool('prek').parent}:{os.environ['PATH']}"}

    def clone(self, name):
        return self.folder / name

    def input(self, name):
        return self.folder / f"{name}-input"

    def hook(self, name):
        return [str(self.clone(name) / ".git/hooks/pre-push"), "origin", str(self.server)]

    def prepare(self, name):
        clone, env = self.clone(name), self.environment(name)
        run("git", "clone", "-q", self.server, clone, timeout=600)
        old = git(clone, "rev-parse", "HEAD")
        install = {
            "gate": [self.gate, "install"], "lefthook": [env["LEFTHOOK_BIN"], "install"]}.get(
                name, [tool(name), "install", "--hook-type", "pre-push"])
        # A hook that runs nothing would be fast: with a check that fails it must refuse.
        for command, wanted in (("false", False), ("true", True)):
            for path, text in FILES.items():
                (clone / path).parent.mkdir(exist_ok=True)
                (clone / path).write_text(text.format(command))
            git(clone, "add", "-A")
            git(clone, "commit", "-q", "-m", command, env=env)
            if not wanted:
                run(*install, cwd=clone, env=env)
            new = git(clone, "rev-parse", "HEAD")
            self.input(name).write_text(f"refs/heads/master {new} refs/heads/master {old}\n")
            done = run(*self.hook(name), cwd=clone, env=env, check=False,
                       input=self.input(name).read_bytes())
            if (done.exit == 0) is not wanted:
                raise SystemExit(f"bench: {name}'s hook with the check `{command}` ended with "
                                 f"{done.exit}\n{done.text}{done.errors}")

    def starts_programs(self, name):
        """Whether a run of gate's hook program starts another one; None where strace is missing."""
        try:
            log = self.folder / "strace"
            subprocess.run(
                ["strace", "-f", "-qq", "-e", "trace=execve", "-o", log, self.gate, "hook",
                 "pre-push", "origin", self.server], cwd=self.clone(name), check=True,
                stdin=open(self.input(name), encoding="utf-8"), capture_output=True,
                env={**GIT, **self.environment(name)})
        except FileNotFoundError:
            return None
        return log.read_text().count("execve(") > 1
