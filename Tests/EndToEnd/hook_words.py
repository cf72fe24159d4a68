"""What the local hook leaves out when it is told to, what it adds for one developer, whose definitions
count, and what it says when it cannot decide."""

import os
import shutil
import signal

from kit import Skip, case, check, run
from kit.clone import CHECK, Clone, pushed, stopped

LAW = """\
rulesets:
  - name: master
    target: branch
    enforcement: active
    include: [refs/heads/master]
    rules: {deletion: {}}
    bypass: []
"""


def hook(clone, *, env=None, lines=None):
    """The installed hook itself, called as git calls it, for its exit code."""
    new = clone.git("rev-parse", "HEAD")
    text = lines or f"refs/heads/x {new} refs/heads/x {'0' * 40}\n"
    return run(clone.path / ".git/hooks/pre-push", "origin", clone.server, cwd=clone.path,
               env={**clone.env, **(env or {})}, input=text, check=False)


def says(done, code, *words):
    check(done.exit == code, lambda: f"exit {done.exit}, not {code}:\n{done.errors}")
    for word in words:
        check(word in done.errors, lambda: f"does not say {word!r}:\n{done.errors}")
    check(not done.out, lambda: f"writes to standard output: {done.text}")
    return done


@case
def left_out():
    """GATE_SKIP, GATE=0 and --no-verify, each for one push; a name that nobody knows is said."""
    clone = Clone()
    clone.commit(app__py="BAD = 1\n")
    says(hook(clone), 1, "code failed on", "GATE_SKIP=code", "GATE=0", "--no-verify",
         "reproduce: gate check code --rev")
    says(hook(clone, env={"GATE_SKIP": "code,cdoe"}), 0, "code  skipped  by GATE_SKIP",
         "GATE_SKIP names cdoe, and no check is called that")
    says(hook(clone, env={"GATE_SKIP": "cdoe"}), 1, "code failed on")
    done = hook(clone, env={"GATE": "0"})
    check(done.exit == 0 and not done.errors, done.errors)
    check(run("git", "push", "--no-verify", "origin", "master:refs/heads/a", cwd=clone.path,
              env=clone.env).exit == 0, "--no-verify")


@case
def what_is_printed_to_reproduce_does():
    """The commands behind `reproduce:` fail as the push did, pasted as they stand."""
    clone = Clone()
    clone.write(".gate.local.yml", "checks: {mine: {run: '! grep BAD app.py'}}\n")
    clone.commit(app__py="BAD = 1\n")
    done = says(hook(clone), 1)
    commands = [line.removeprefix("reproduce: ") for line in done.errors.splitlines()
                if line.startswith("reproduce: ")]
    check(len(commands) == 2, done.errors)
    gate = os.path.dirname(os.environ["GATE"])
    env = {**clone.env, "PATH": f"{gate}:{os.environ['PATH']}"}
    for command in commands:
        again = run("sh", "-c", command, cwd=clone.path, env=env, check=False)
        check(again.exit == 1, f"{command}\nexit {again.exit}\n{again.text}{again.errors}")
    shutil.rmtree(f"/tmp/{clone.git('rev-parse', '--short=7', 'HEAD')}", ignore_errors=True)


@case
def own_file():
    """.gate.local.yml adds and leaves out; git, doctor and policy validate know it."""
    clone = Clone()
    clone.write(".gate.local.yml",
                "checks:\n  mine: {run: 'test ! -e no-no'}\nskip: [code, nothing]\n")
    check(clone.git("status", "--porcelain") == "", "git shows .gate.local.yml")
    clone.commit(app__py="BAD = 1\n")
    says(hook(clone), 0, "mine  passed", "(yours)", "code  skipped  by .gate.local.yml",
         ".gate.local.yml names nothing")
    check("ok     .gate.local.yml" in clone.gate("doctor").text, "doctor")
    clone.gate("policy", "validate")
    clone.commit(no_no="", **{"no-no": ""})
    says(hook(clone), 1, "mine failed on", "git worktree add")

    for text, place in (
        ("checks:\n  code: {run: 'true'}\n", "2:3: code is a check of the policy"),
        ("skip: [code]\nchekcs: {}\n", "2:1: unknown key chekcs"),
        ("skip: [code\n", ".gate.local.yml:2:1"),
        ("", "1:1: the file says nothing"),
    ):
        clone.write(".gate.local.yml", text)
        says(hook(clone), 2, place, "your .gate.local.yml is not valid")
        done = clone.gate("policy", "validate", check=False)
        check(done.exit == 2 and place in done.text, done.text)
        done = clone.gate("doctor", check=False)
        check(done.exit == 1 and place in done.text, done.text)
    (clone.path / ".gate.local.yml").unlink()
    (clone.path / ".gate.local.yml").mkdir()
    says(hook(clone), 3, ".gate.local.yml")
    (clone.path / ".gate.local.yml").rmdir()

    clone.write(".gate.local.yml", "skip: [code]\n")
    clone.git("add", "-f", ".gate.local.yml")
    check("is committed" in clone.gate("doctor", check=False).text, "doctor on a committed one")


@case
def somebody_elses_own_file():
    """A .gate.local.yml that a branch brings neither runs nor leaves out anything here, under any
    spelling that a file system takes for it; git rm --cached makes it one's own."""
    clone = Clone()
    ran = clone.folder / "came-with-a-branch"
    clone.write(".gate.local.yml", f"checks: {{x: {{run: 'touch {ran}'}}}}\nskip: [code]\n")
    clone.git("add", "-f", ".gate.local.yml")
    clone.commit(app__py="BAD = 1\n")
    says(hook(clone), 1, "code failed on", ".gate.local.yml is committed here")
    check(not ran.exists(), "what a branch brought was run")
    clone.git("rm", "-q", "--cached", ".gate.local.yml")
    says(hook(clone), 0, "x     passed", "code  skipped  by .gate.local.yml")
    check(ran.exists(), "one's own was not run")
    blob = clone.git("hash-object", "-w", ".gate.local.yml")
    clone.git("update-index", "--add", "--cacheinfo", f"100644,{blob},.GATE.local.yml")
    says(hook(clone), 1, "code failed on", ".gate.local.yml is committed here")


@case
def the_targets_policy():
    """Where the server's default branch has rulesets, its checks.yml says what is run, whatever the
    pushed commit says; a definition that the push changes is tried too."""
    clone = Clone()
    clone.write("policies/master.yml", LAW)
    clone.write("policies/people.yml", "repository: wrk/system\nteams: {}\n")
    clone.write("policies/allowed_signers", "")
    clone.commit("Policy")
    done = clone.gate("policy", "validate", check=False)
    if done.exit:
        # Two people who review are part of any policy with a ruleset in force.
        from kit import files
        for path, content in files({"deletion": {}}).items():
            if path != "policies/checks.yml":
                clone.write(path, content)
        clone.commit("People")
        clone.gate("policy", "validate")
    pushed(clone.push("master", env={"GATE": "0"}))
    law = (clone.path / "policies/checks.yml").read_text()

    clone.git("switch", "-qc", "drop")
    clone.commit(app__py="BAD = 1\n", **{"policies/checks__yml": "checks: {x: {run: 'true'}}\n"})
    says(hook(clone), 1, "code failed on", "x     passed", "(as this push changes it)")
    clone.git("switch", "-qc", "change", "master")
    clone.commit(**{"policies/checks__yml": law.replace("BAD", "GOOD")})
    says(hook(clone), 1, "code  passed", "code  failed", "(as this push changes it)",
         "code failed on")
    clone.git("switch", "-qc", "same", "master")
    clone.commit(app__py="GOOD = 5\n")
    clone.ran()
    done = says(hook(clone), 0, "code  passed")
    check("as this push" not in done.errors, done.errors)
    clone.git("switch", "-qc", "broken", "master")
    clone.commit(**{"policies/checks__yml": "checks: []\n"})
    says(hook(clone), 2, "policies/checks.yml, which is pushed, is not valid", "1:9")

    # A branch that the policy protects is asked about: a server that only watches lets it pass.
    clone.git("switch", "-q", "master")
    done = says(hook(clone, lines=f"(delete) {'0' * 40} refs/heads/master "
                                  f"{clone.git('rev-parse', 'master')}\n"), 0, "deletion")


    clone.git("switch", "-q", "--orphan", "before")
    said = clone.gate("doctor", check=False).text
    check("older than that of origin/master" in said and "git merge origin/master" in said, said)


@case
def the_targets_policy_is_unreadable():
    """An object of the known policy is missing: nothing is decided, and said so."""
    clone = Clone()
    blob = clone.git("rev-parse", "origin/master:policies/checks.yml")
    clone.commit(app__py="GOOD = 9\n")
    place = clone.path / ".git/objects" / blob[:2] / blob[2:]
    kept = place.read_bytes()
    place.unlink()
    says(hook(clone), 3, "undetermined", blob[:7], "git push --no-verify")
    place.write_bytes(kept)
    says(hook(clone), 0)


@case
def cannot_be_run():
    """A check's program that does not exist is no passed check: exit 3, in one sentence."""
    clone = Clone(checks="checks: {spell: {run: no-such-program .}}\non_push: [spell]\n")
    clone.commit("Change")
    clone.write("x", "x")
    clone.commit("More")
    says(hook(clone), 3, "spell could not run on", "no-such-program", "refused: nothing was pushed")
    clone.gate("install")
    check(clone.push("master").exit != 0, "pushed")


@case
def no_home():
    """Without HOME and XDG_CACHE_HOME there is no place for worktrees: said, with what to set."""
    clone = Clone()
    clone.commit(app__py="GOOD = 4\n")
    text = f"refs/heads/x {clone.git('rev-parse', 'HEAD')} refs/heads/x {'0' * 40}\n"
    done = run("env", "-u", "HOME", clone.path / ".git/hooks/pre-push", "origin", clone.server,
               cwd=clone.path, env=clone.env, input=text, check=False)
    says(done, 3, "HOME: is not set", "XDG_CACHE_HOME")


@case
def program_gone_or_crashing():
    """A gate that is not there, cannot be run or is killed refuses, and says how to go on."""
    clone = Clone()
    program = clone.folder / "gate"
    shutil.copy(os.environ["GATE"], program)
    clone.gate("install", "--program", program)
    clone.commit(app__py="GOOD = 3\n")
    says(hook(clone), 0)
    for text, mode in ((f"#!/bin/sh\nkill -{signal.SIGSEGV.value} $$\n", 0o755),
                       ("#!/bin/sh\nexit 99\n", 0o755), ("not a program", 0o644)):
        program.write_text(text)
        program.chmod(mode)
        says(hook(clone), 3, "could not decide", "gate doctor", "GATE=0 git push")
    program.unlink()
    says(hook(clone), 3, "could not decide", "gate doctor", "GATE=0 git push")
    check(clone.push("master").exit != 0, "pushed without a gate")


@case
def not_what_git_sends():
    """Anything but git's four fields is refused."""
    clone = Clone()
    for lines in ("refs/heads/x\n", "a b c d\n", f"x {'1' * 40} y {'2' * 39}\n"):
        says(hook(clone, lines=lines), 3, "is not what git sends to this hook")
    says(hook(clone, lines=f"x {'1' * 40} refs/heads/x {'0' * 40}\n"), 3, "is not here")


@case
def cached_starts_nothing():
    """What has passed on the same inputs is not run again: no other program is started at all."""
    clone = Clone(checks=CHECK % "/dev/null")
    strace = shutil.which("strace")
    if not strace:
        raise Skip("no strace")
    clone.commit(app__py="GOOD = 6\n")
    says(hook(clone), 0, "code  passed")
    says(hook(clone), 0, "code  passed   cached")
    log = clone.folder / "strace"
    text = f"refs/heads/x {clone.git('rev-parse', 'HEAD')} refs/heads/x {'0' * 40}\n"
    run(strace, "-f", "-qq", "-e", "trace=execve", "-o", log, os.environ["GATE"], "hook", "pre-push",
        "origin", clone.server, cwd=clone.path, env=clone.env, input=text)
    check(log.read_text().count("execve(") == 1, log.read_text())
