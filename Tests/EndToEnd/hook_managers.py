"""gate's local hook beside pre-commit, prek, lefthook and husky's layout: whoever is installed first,
both run on the same input, either can refuse, and uninstalling gate gives every byte back."""

import os
import stat

from kit import case, check, run
from kit.case import cases
from kit.clone import CHECK, Clone, pushed, stopped
from kit.tools import tool

BAD = "BAD = 2\n"
# Each manager's hook writes down what it was told, and refuses while there is a file `no`.
HOOK = "#!/bin/sh\necho manager >>../said\ntest ! -e ../no\n"
PRE_COMMIT = """\
repos:
- repo: local
  hooks:
  - id: say
    name: say
    entry: sh say.sh
    language: system
    always_run: true
    pass_filenames: false
    stages: [pre-push]
"""
LEFTHOOK = "pre-push:\n  commands:\n    say:\n      run: sh say.sh\n"
HUSKY_ENTRY = '#!/usr/bin/env sh\n. "$(dirname "$0")/h"'
# husky 9's own runner, as `npx husky` writes it, without its greeting of old versions.
HUSKY_RUNNER = """\
#!/usr/bin/env sh
[ "$HUSKY" = "2" ] && set -x
n=$(basename "$0")
s=$(dirname "$(dirname "$0")")/$n

[ ! -f "$s" ] && exit 0

i="${XDG_CONFIG_HOME:-$HOME/.config}/husky/init.sh"
[ -f "$i" ] && . "$i"

[ "${HUSKY-}" = "0" ] && exit 0

export PATH="node_modules/.bin:$PATH"
sh -e "$s" "$@"
c=$?

[ $c != 0 ] && echo "husky - $n script failed (code $c)"
[ $c = 127 ] && echo "husky - command not found in PATH=$PATH"
exit $c
"""


class Managed(Clone):
    """A clone of a project that uses a hook manager; gate is not installed yet."""

    def __init__(self, manager):
        self.manager = manager
        super().__init__(hook=False, files={
            "app.py": "GOOD = 1\n", "say.sh": HOOK, ".pre-commit-config.yaml": PRE_COMMIT,
            "lefthook.yml": LEFTHOOK, ".husky/pre-push": HOOK, ".gitignore": ".husky/_\n"})
        tools = str(tool(manager).parent) if manager != "husky" else ""
        self.env["PATH"] = f"{tools}:{os.environ['PATH']}" if tools else os.environ["PATH"]
        self.env["PRE_COMMIT_HOME"] = str(self.home / "pre-commit")
        self.env["PREK_HOME"] = str(self.home / "prek")
        self.hooks = self.path / (".husky/_" if manager == "husky" else ".git/hooks")
        self.said = self.folder / "said"

    def install_manager(self):
        if self.manager == "husky":
            for name in ("pre-commit", "pre-push", "commit-msg"):
                self.write(f".husky/_/{name}", HUSKY_ENTRY)
                (self.hooks / name).chmod(0o755)
            self.write(".husky/_/h", HUSKY_RUNNER)
            self.write(".husky/_/.gitignore", "*")
            self.git("config", "core.hooksPath", ".husky/_")
        elif self.manager == "lefthook":
            run("lefthook", "install", cwd=self.path, env=self.env)
        else:
            run(self.manager, "install", "--hook-type", "pre-push", cwd=self.path, env=self.env)

    def uninstall_manager(self):
        if self.manager == "husky":
            self.git("config", "--unset", "core.hooksPath")
        elif self.manager == "lefthook":
            run("lefthook", "uninstall", cwd=self.path, env=self.env)
        else:
            run(self.manager, "uninstall", "--hook-type", "pre-push", cwd=self.path, env=self.env)

    def files(self):
        """Bytes and modes of all that hooks are made of, and what git is told."""
        found = {}
        for folder in (self.path / ".git/hooks", self.hooks, self.path / ".git/info"):
            for path in sorted(folder.rglob("*")) if folder.exists() else []:
                status = path.lstat()
                content = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
                found[str(path.relative_to(self.path))] = (oct(status.st_mode), content)
        found["config"] = (self.path / ".git/config").read_bytes()
        return found

    def managers(self):
        """How often the manager's hook has run since it was last asked."""
        count = len(self.said.read_text().split()) if self.said.exists() else 0
        self.said.unlink(missing_ok=True)
        return count

    def doctor(self):
        return self.gate("doctor", check=False).text


def both_run(clone, ran=1):
    """Asserts that both hooks run once on a good push, and that each refuses alone."""
    clone.managers()
    clone.ran()
    clone.commit(app__py=f"GOOD = {clone.git('rev-list', '--count', 'HEAD')}0\n")
    done = pushed(clone.push("master"))
    counts = (clone.managers(), len(clone.ran()))
    check(counts == (1, ran), lambda: f"manager and gate ran {counts} times:\n{done.errors}")
    (clone.folder / "no").touch()
    clone.commit("Again")
    clone.write("app.py", "GOOD = 7\n")
    clone.git("commit", "-qam", "More")
    done = clone.push("master")
    check(done.exit != 0, lambda: f"the manager's refusal did not count:\n{done.errors}")
    (clone.folder / "no").unlink()
    clone.commit(app__py=BAD)
    stopped(clone.push("master"))
    clone.git("reset", "-q", "--hard", "origin/master")
    clone.managers()
    clone.ran()


MANAGERS = ("pre-commit", "prek", "lefthook", "husky")


@cases([(f"then_gate_{m}", f"{m} first: its hook is kept and runs first, on the same input.", m)
        for m in MANAGERS])
def manager(name):
    clone = Managed(name)
    clone.install_manager()
    before = clone.files()
    clone.gate("install")
    check("pre-push.before-gate" in clone.doctor(), clone.doctor())
    both_run(clone)
    # Said again by either: nothing runs twice, nothing is lost.
    clone.gate("install")
    both_run(clone)
    clone.commit(app__py="GOOD = 8\n")
    off = pushed(clone.push("master:refs/heads/off", env={"GATE": "0"}))
    check(clone.managers() == 1 and not clone.ran(), off.errors)
    clone.gate("uninstall")
    after = clone.files()
    check(before == after, lambda: "not restored: " + ", ".join(
        k for k in before.keys() | after.keys() if before.get(k) != after.get(k)))


@cases([(f"then_{m}", f"gate first, then {m}.", m) for m in ("pre-commit", "prek")])
def gate(name):
    clone = Managed(name)
    before = clone.files()
    clone.gate("install")
    clone.install_manager()
    check("runs gate's" in clone.doctor() and "pre-push.legacy" in clone.doctor(), clone.doctor())
    both_run(clone)
    said = clone.gate("install").text
    check("which runs gate's" in said, said)
    both_run(clone)
    clone.uninstall_manager()
    pushed(clone.push("master:refs/heads/one"))
    clone.commit(app__py=BAD)
    stopped(clone.push("master"))
    check("ok     pre-push" in clone.doctor(), clone.doctor())
    clone.gate("uninstall")
    check(before == clone.files(), "not restored")

    clone.gate("install")
    clone.install_manager()
    clone.gate("uninstall")
    clone.uninstall_manager()
    check(before == clone.files(), "not restored when gate goes first")


@case
def gate_then_lefthook():
    """lefthook puts gate's hook aside and does not run it: doctor says so, install mends it."""
    clone = Managed("lefthook")
    before = clone.files()
    clone.gate("install")
    clone.install_manager()
    said = clone.doctor()
    check("does not run gate's" in said and "gate install" in said, said)
    clone.gate("install")
    both_run(clone)
    clone.gate("uninstall")
    clone.uninstall_manager()
    # lefthook leaves its own record behind.
    after = {k: v for k, v in clone.files().items() if "lefthook" not in k}
    check(before == after, lambda: "not restored: " + ", ".join(
        k for k in before.keys() | after.keys() if before.get(k) != after.get(k)))


@case
def gate_between_two_installations():
    """The manager installed again over gate, which had kept it: no hook runs in a circle."""
    for name in ("pre-commit", "prek"):
        clone = Managed(name)
        clone.install_manager()
        clone.gate("install")
        clone.install_manager()
        both_run(clone)


@case
def husky_again():
    """`npm install` writes husky's hooks anew over gate's: doctor says so, install mends it."""
    clone = Managed("husky")
    clone.install_manager()
    before = clone.files()
    clone.gate("install")
    clone.install_manager()
    said = clone.doctor()
    check("is not gate's" in said, said)
    clone.gate("install")
    both_run(clone)
    clone.gate("uninstall")
    check(before == clone.files(), "not restored")


@case
def manager_gone():
    """The program of an earlier manager is gone: its kept hook says what it says, gate judges all
    the same, and gate can be taken away."""
    clone = Managed("lefthook")
    clone.install_manager()
    clone.gate("install")
    clone.env["PATH"] = "/usr/bin:/bin"
    hook = clone.hooks / "pre-push.before-gate"
    text = hook.read_text().replace(str(tool("lefthook").parent.parent), "/nonexistent")
    hook.write_text(text)
    clone.commit(app__py=BAD)
    stopped(clone.push("master"))


@case
def hook_that_was_there():
    """A hook of the developer's own reads the lines that gate reads, in a linked worktree, too; link,
    mode and exclude file come back as they were."""
    clone = Clone(checks=CHECK % "/dev/null", hook=False)
    for present in (None, "", "# mine\n", "*.tmp"):
        exclude = clone.path / ".git/info/exclude"
        exclude.unlink(missing_ok=True)
        if present is not None:
            exclude.write_text(present)
            exclude.chmod(0o640)
        own = clone.folder / "own-hook"
        own.write_text("#!/bin/sh\ncat >>../lines\n")
        own.chmod(0o710)
        link = clone.path / ".git/hooks/pre-push"
        link.unlink(missing_ok=True)
        link.symlink_to("../../../own-hook")
        clone.gate("install")
        ignored = run("git", "check-ignore", ".gate.local.yml", cwd=clone.path, check=False)
        check(ignored.exit == 0, "git does not ignore .gate.local.yml")
        commit = clone.commit(app__py=f"GOOD = '{present}'\n")
        pushed(clone.push("master"))
        lines = (clone.folder / "lines").read_text()
        check(lines.split()[:2] == ["refs/heads/master", commit], lines)
        (clone.folder / "lines").unlink()
        clone.gate("uninstall")
        check(os.readlink(link) == "../../../own-hook", "the link is not restored")
        check(stat.S_IMODE(own.stat().st_mode) == 0o710, "the mode is not restored")
        found = exclude.read_text() if exclude.exists() else None
        check(found == present, f"exclude was {present!r}, is {found!r}")
        check(present is None or stat.S_IMODE(exclude.stat().st_mode) == 0o640, "exclude's mode")
