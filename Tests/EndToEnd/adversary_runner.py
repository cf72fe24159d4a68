"""Threats to what runs checks: code under test that looks for keys or leaves something for the next
run, other users of the machine, pushers who would keep a runner from its work."""

import concurrent.futures
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from check_runs import Project, clear
from ci_runner import (CLAIMS, MARK, branch, ci, claim, clone, idle, install_runner, log, marks,
                       results, status, until, world)
from kit import accepted, case, check, evidence, people, refused, run
from kit.case import Skip, needs_root
from kit.lab import GIT
from kit.server import GATE
from kit.world import NOTES

NOBODY = 65534


# Claims


@case
def claims_in_the_way():
    """Refs that were put where claims belong before the gate was closed, a folder's name, junk and
    another's old claim, keep no runner from its work."""
    for number in range(3):
        one = world()
        head = branch(one, "fix")
        tree = one.tree_of(head)
        ref, blob = (
            ("refs/gate/claims", one.blob("in the way\n")),
            (CLAIMS + tree, one.blob("junk\n")),
            (CLAIMS + tree, claim(one, tree, "alice", seconds=100_000)),
        )[number]
        one.git("push", "-q", "--receive-pack=git -c core.hooksPath=/dev/null receive-pack",
                one.server.path, f"{blob}:{ref}")
        done = ci(one)
        check(results(one, head) == ["PASSED"], done.text + done.errors)


@case
def a_claim_lets_nothing_land():
    """A runner that claims everything and never gives a result holds up runners for two minutes at
    a time, and nothing else: evidence from elsewhere lands the change, and no claim is evidence."""
    one = world()
    head = branch(one, "fix")
    tree = one.tree_of(head)
    accepted(one.push(f"{claim(one, tree, seconds=500)}:{CLAIMS}{tree}"))
    done = ci(one)
    check("1 with others" in done.errors and results(one, head) == [], done.errors)
    one.approve(head)
    refused(one.land(one.merge(head)), "required_status_checks")
    one.publish(one.result(head))
    accepted(one.land(one.merge(head)))


@case
def killed_and_two_take_over():
    """A runner ended by KILL in the middle of a check: of two that start at once in its place one
    takes over, the check runs once more, and there is one line of evidence."""
    one = world(MARK + '[ -e "$MARKS/slow" ] || sleep 60')
    head = branch(one, "fix")
    words = [GATE, "ci", "-C", one.server.path, "--once", "--key", people["ci"].key]
    first = subprocess.Popen([str(w) for w in words], env={**GIT, **one.env},
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: marks(one) == 1, "the check starts")
    first.send_signal(signal.SIGKILL)
    first.wait()
    (one.folder / "marks" / "slow").write_text("no more\n")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: ci(one), range(2)))
    said = "\n".join(d.text + d.errors for d in done)
    check(results(one, head) == ["PASSED"] and marks(one) == 2,
          f"{results(one, head)} after {marks(one)} runs\n{said}")


# The code under test


@case
def as_another_user():
    """Code that runs under --run-as reads neither key nor agent, writes no ref, hook, setting or
    state of the runner, signals none of the owner's processes, and has no evidence taken."""
    needs_root()
    if not shutil.which("setpriv"):
        raise Skip("needs setpriv")
    key = people["ci"].key
    one = world()
    server, state = one.server.path, one.server.path / "gate" / "ci"
    attempts = {
        "key": f'cat "{key}"',
        "agent": '[ -n "$SSH_AUTH_SOCK" ] || '
                 "tr '\\0' '\\n' </proc/$PPID/environ | grep SSH_AUTH_SOCK",
        "owner's environment": "cat /proc/$OWNER/environ",
        "owner's memory": "head -c 1 /proc/$OWNER/mem",
        "signal": "kill -0 $OWNER",
        "ref": f"git --git-dir={server} update-ref refs/heads/evil HEAD",
        "hook": f"echo evil >>{server}/hooks/pre-receive",
        "setting": f"git --git-dir={server} config gate.enabled false",
        "state": f"echo evil >{state}/status.json || rm -r {state}",
        "log": f"echo evil >>{server}/gate/ci.log",
    }
    script = "".join(
        f"if ( {command} ) >/dev/null 2>&1; then echo {json.dumps(name)} >>\"$MARKS/done\"; fi\n"
        for name, command in attempts.items())
    # The one that has the key is the parent of what runs the check, or further up.
    owner = ('OWNER=$PPID; while [ "$(stat -c %u /proc/$OWNER)" != 0 ]; do '
             "OWNER=$(sed 's/.*) . //' /proc/$OWNER/stat | cut -d' ' -f1); done\n")
    head = branch(one, "fix", {"check.sh": owner + script + 'echo "$OWNER" >"$MARKS/owner"\n'})
    os.chmod(one.folder / "marks", 0o777)
    user, home = f"gate-e2e-adv-{os.getpid()}", one.folder / "checker"
    folders = [one.folder, *(f for f in one.folder.parents if f != Path("/"))]
    modes = [(folder, folder.stat().st_mode & 0o7777) for folder in folders]
    run("useradd", "--system", "--create-home", "--home-dir", home, "--shell", "/bin/sh", user)
    refs = one.server.refs()
    try:
        for folder, mode in modes:
            os.chmod(folder, mode | 0o005)
        (home / ".gitconfig").write_text(f"[safe]\n\tdirectory = {state / 'server.git'}\n")
        done = ci(one, "--run-as", user, env={"SSH_AUTH_SOCK": "/run/secret-agent"})
        check((one.folder / "marks" / "owner").exists(), done.text + done.errors)
        managed = one.folder / "marks" / "done"
        check(not managed.exists(), lambda: f"it could do: {managed.read_text()}")
        check(results(one, head) == ["PASSED"], done.text + done.errors)
        moved = {n for n, to in one.server.refs().items() if refs.get(n) != to}
        check(moved == {NOTES, CLAIMS + one.tree_of(head)}, f"moved: {sorted(moved)}")
    finally:
        for folder, mode in modes:
            os.chmod(folder, mode)
        run("userdel", user, check=False)


@case
def evidence_by_the_check():
    """A check that writes and pushes evidence of its own, unsigned or signed by a stranger's key, has
    it refused by the server; its own result is what it comes to."""
    one = world('sh check.sh; exit 1')
    tree = one.tree_of(one.master)
    forged = (
        evidence.canonical({"payload": "e30=", "payloadType": evidence.PAYLOAD_TYPE,
                            "signatures": []}).decode(),
        one.result(one.master, by="mallory").decode(),
    )
    script = "".join(
        f"git init -q push{n}; cd push{n}; git fetch -q {one.server.path} +{NOTES}:{NOTES}; "
        f"git -c user.name=x -c user.email=x@y notes --ref {NOTES} add -f -m '{line}' {tree};"
        f" git push -q {one.server.path} {NOTES} 2>>\"$MARKS/said\" && echo {n} >>\"$MARKS/taken\";"
        " cd ..\n" for n, line in enumerate(forged))
    before = one.server.refs().get(NOTES)
    head = branch(one, "fix", {"check.sh": script})
    done = ci(one, check=False)
    check(done.exit == 1 and results(one, head) == ["FAILED"], done.text + done.errors)
    said = (one.folder / "marks" / "said").read_text()
    check("declined" in said and not (one.folder / "marks" / "taken").exists(), said)
    check(before != one.server.refs()[NOTES], "its own result did not arrive")


@case
def definition_of_its_own():
    """A branch that weakens its check's definition is judged by the policy that is law: by gate ci,
    by gate check --rev, and by gate attest."""
    one = world("exit 1")
    head = branch(one, "fix", {"policies/checks.yml": "checks: {unit: {run: 'true'}}\n"})
    done = ci(one, check=False)
    check(done.exit == 1 and results(one, head) == ["FAILED"], done.text + done.errors)
    path = clone(one)
    report = one.folder / "report.json"
    done = run(GATE, "check", "-C", path, "--rev", head, "--report", report, env=one.env,
               check=False)
    check(done.exit == 1 and "unit  failed" in done.text, done.text + done.errors)
    said = json.loads(report.read_text())
    said["checks"][0]["result"] = "passed"
    said["checks"][0]["definition"] = "sha256:" + "0" * 64
    report.write_text(json.dumps(said))
    done = run(GATE, "attest", report, "-C", path, "--key", people["ci"].key, "--push",
               env=one.env, check=False)
    check(done.exit != 0 and results(one, head) == ["FAILED"], done.text + done.errors)


LEFTOVERS = {
    "hooks": "mkdir -p .git/hooks; for h in post-checkout post-index-change reference-transaction;"
             " do printf '#!/bin/sh\\n%s\\n' \"$EVIL\" >.git/hooks/$h; chmod +x .git/hooks/$h; done",
    "fsmonitor": 'git config core.fsmonitor "$EVIL"; git config core.untrackedCache true',
    "filter": "git config filter.evil.smudge \"$EVIL\"; mkdir -p .git/info;"
              " echo '* filter=evil' >.git/info/attributes",
    "gate's own git folder": 'printf "[core]\\n\\tfsmonitor = %s\\n" "$EVIL" >>../control/config;'
                             " mkdir -p ../control/hooks;"
                             " printf '#!/bin/sh\\n%s\\n' \"$EVIL\" >../control/hooks/post-checkout;"
                             " chmod +x ../control/hooks/post-checkout",
    "object folder": "mkdir -p ../control/objects/info; echo /nonexistent >.git/objects/info/alternates",
    "index": "git update-index --assume-unchanged file; echo evil >file;"
             " cp .git/index ../control/index",
    "seal": "echo evil >file; touch -d @1 file; rm -f ../seal; mkdir ../seal",
}


@case
def left_for_the_next_run():
    """Hooks, filters, fsmonitor, indexes and seals that a check leaves, in its own .git and in gate's
    folder beside it, run nothing and change nothing when the next commit is checked."""
    project = Project({"c": {"run": "sh ./check.sh", "cache": False}}, {"file": "1\n"})
    evil = project.folder / "evil-ran"
    for number, (name, script) in enumerate(LEFTOVERS.items()):
        project.commit({"check.sh": f"EVIL='touch {evil}'\n{script}\n", "n": f"{number}\n"})
        done = project.check()
        check(done.exit == 0, f"{name}: {done.text}{done.errors}")
        project.commit({"check.sh": 'set -e; [ "$(cat file)" = 1 ]; git status --porcelain >s.txt;'
                                    ' rm -f "$PWD/s.txt"; ls -A | sort\n', "n": f"{number} next\n"})
        done = project.check(env={"GATE_VERBOSE": "1"})
        check(done.exit == 0, f"{name}: {done.text}{done.errors}")
        check(not evil.exists(), f"{name}: what was left was run")
        listed = [row for row in done.errors.splitlines() if row in
                  {".git", "check.sh", "file", "n", "policies"}]
        check(listed == [".git", "check.sh", "file", "n", "policies"], f"{name}: {done.errors}")


@case
def keep_and_link():
    """Links in the place of folders to keep or to link lead nothing of gate's out of the worktree:
    nothing outside is moved, removed or handed to the next run."""
    project = Project({
        "c": {"run": "sh ./check.sh", "keep": ["cache", "deep/cache"], "link": ["a/b"],
              "cache": False}}, {"file": "1\n"})
    outside = project.folder / "outside"
    (outside / "cache").mkdir(parents=True)
    (outside / "cache" / "precious").write_text("mine\n")
    os.symlink("precious", outside / "b")
    (project.path / "a" / "b").mkdir(parents=True)
    (project.path / "a" / "b" / "own").write_text("own\n")

    def state():
        return {str(p.relative_to(outside)): os.readlink(p) if p.is_symlink() else p.is_dir()
                or p.read_text() for p in sorted(outside.rglob("*"))}
    before, own = state(), project.snapshot()
    project.commit({"check.sh": f"rm -rf a deep; ln -s {outside} a; ln -s {outside} deep;"
                                f" ln -s {outside}/cache cache\n"})
    own = project.snapshot()
    done = project.check()
    check(done.exit == 0, done.text + done.errors)
    check(state() == before, f"{before}\n{state()}")
    project.commit({"check.sh": "set -e; [ ! -e cache ]; [ ! -e deep ]; [ -e a/b/own ]\n"})
    done = project.check()
    check(done.exit == 0, done.text + done.errors)
    check(state() == before, f"{before}\n{state()}")
    check({n: c for n, c in project.snapshot().items() if n.startswith("a/")}
          == {n: c for n, c in own.items() if n.startswith("a/")}, "the developer's folder changed")


# Other users of the machine


@case
def a_cache_of_others():
    """A cache or a pool of worktrees that another user owns, may write to or could swap for another
    is not believed, and gate says which folder it is and what to do."""
    project = Project({"c": {"run": "true"}}, {"file": "1\n"})
    check("passed" in project.check().text, "it does not run")
    check("cached" in project.check().text, "it is not kept")
    results_, pool = (next(project.cache.glob(f"gate/{kind}/*")) for kind in ("results", "worktrees"))
    for folder in (project.cache, project.cache / "gate", results_.parent, results_):
        mode = folder.stat().st_mode & 0o7777
        folder.chmod(0o777)
        try:
            done = project.check()
            check("cached" not in done.text, f"{folder} is believed: {done.text}")
        finally:
            folder.chmod(mode)
    for folder in (project.cache, project.cache / "gate", pool.parent, pool):
        mode = folder.stat().st_mode & 0o7777
        folder.chmod(0o777)
        try:
            clear(project.check("--no-cache"), 3, str(folder), "can be written to by other users",
                  "chmod go-w")
        finally:
            folder.chmod(mode)
    if os.geteuid() == 0:
        for folder in (project.cache, project.cache / "gate", results_, pool):
            os.chown(folder, NOBODY, NOBODY)
            try:
                done = project.check("--no-cache")
                check(done.exit == 3 or folder == results_, f"{folder}: {done.text}{done.errors}")
                check(folder == pool or "cached" not in project.check().text,
                      f"{folder} is believed")
            finally:
                os.chown(folder, 0, 0)
    check("cached" in project.check().text, "its own is not believed any more")
    # Where everybody may write but nobody can take away another's, as in /tmp, it is fine.
    mode = project.cache.stat().st_mode & 0o7777
    project.cache.chmod(0o1777)
    check("cached" in project.check().text, "a folder like /tmp is refused")
    project.cache.chmod(mode)


@case
def files_of_root():
    """Files of another user's that a check left in the worktree, and that gate may not remove, end the
    next run in one sentence with the folder's name; the developer's files stay as they are."""
    needs_root()
    project = Project({"c": {"run": "true", "cache": False}}, {"file": "1\n"})
    folders = [project.folder, *(f for f in project.folder.parents if f != Path("/"))]
    modes = [(folder, folder.stat().st_mode & 0o7777) for folder in folders]
    program = project.folder / "gate"
    shutil.copy(GATE, program)
    run("chown", "-R", f"{NOBODY}:{NOBODY}", project.folder)

    def gate():
        return run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--",
                   program, "check", cwd=project.path, env=project.env, check=False)
    try:
        for folder, mode in modes:
            os.chmod(folder, mode | 0o005)
        first = gate()
        if first.exit in (126, 127):
            raise Skip("the program cannot be run by another user here")
        check(first.exit == 0, first.text + first.errors)
        before = project.snapshot()
        place = next(project.cache.glob("gate/worktrees/*/0/system"))
        (place / "of-root" / "deep").mkdir(parents=True)
        (place / "of-root" / "deep" / "file").write_text("x")
        (place / "read-only").write_text("x")
        os.chmod(place / "read-only", 0o400)
        done = gate()
        clear(done, 3, "of-root", "remove it yourself, perhaps as root")
        check(project.snapshot() == before, "the developer's files changed")
        shutil.rmtree(place / "of-root")
        done = gate()
        check(done.exit == 0, done.text + done.errors)
        check(not (place / "read-only").exists(), "a file of root's is still there")
    finally:
        for folder, mode in modes:
            os.chmod(folder, mode)


@case
def a_log_that_would_grow():
    """Checks that write without end do not fill the server: the runner's log stays small, and says
    what failed."""
    one = world("head -c 80000000 /dev/zero | tr '\\0' 'x'; echo; echo the end; exit 1")
    install_runner(one)
    path = one.server.path / "gate" / "ci.log"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x" * (2 << 20))
    branch(one, "one")
    until(lambda: status(one)["runs"], "the check has run", 100)
    idle(one, 100)
    sizes = [p.stat().st_size for p in path.parent.glob("ci.log*")]
    check(sum(sizes) < 5 << 20, f"{sizes}")
    check("unit  failed  one" in log(one), log(one)[-2000:])


@case
def connection_of_the_pusher():
    """What a web server or ssh says about a push, a password, a cookie, an agent that is forwarded,
    reaches no check that the push starts: it may be another branch's."""
    connections = (
        {"REQUEST_METHOD": "POST", "GATEWAY_INTERFACE": "CGI/1.1",
         "HTTP_AUTHORIZATION": "Basic hush", "HTTP_COOKIE": "hush", "HTTP_PROXY": "http://hush",
         "REDIRECT_HTTP_AUTHORIZATION": "hush", "PHP_AUTH_PW": "hush", "OIDC_CLAIM_sub": "hush",
         "REMOTE_USER": "hush", "http_proxy": "http://proxy.wrk.example"},
        {"SSH_CONNECTION": "hush", "SSH_CLIENT": "hush", "SSH_ORIGINAL_COMMAND": "hush",
         "SSH_AUTH_SOCK": "/hush", "SSH_USER_AUTH": "/hush",
         "http_proxy": "http://proxy.wrk.example"},
    )
    one = world("sh check.sh")
    install_runner(one)
    for number, connection in enumerate(connections):
        seen = one.folder / "marks" / str(number)
        head = one.change({"check.sh": f"env >{seen}; for p in $PPID $(ps -o ppid= $PPID); do "
                                       f"tr '\\0' '\\n' </proc/$p/environ >>{seen}; done\n"})
        accepted(one.push(f"{head}:refs/heads/fix{number}", env={**one.env, **connection}))
        until(lambda: results(one, head), "the check has run")
        text = seen.read_text()
        check("hush" not in text, text)
        check("http_proxy=" in text and f"HOME={one.env['HOME']}" in text and "PATH=" in text,
              f"too little is left: {text}")
        idle(one)


@case
def terminal_of_the_owner():
    """A check of a runner that somebody started at a terminal neither writes to it past gate nor
    types into it, and says nothing that moves its cursor."""
    script = r"""
import fcntl, os, subprocess, termios
done = open(os.environ["MARKS"] + "/done", "w")
try:
    terminal = os.open("/dev/tty", os.O_RDWR)
    done.write("opened\n")
    os.write(terminal, b"\033]0;steered\007")
    fcntl.ioctl(terminal, termios.TIOCSTI, b"\n")
    done.write("typed\n")
except OSError as error:
    done.write(f"refused {error}\n")
with open(f"/proc/{os.getppid()}/fd/2", "wb") as past:
    past.write(b"\033]0;steered\007past\n" + b"x" * 5_000_000)
print("\033]0;steered\007")
raise SystemExit(1)
"""
    one = world("exec python3 check.py")
    head = branch(one, "fix", {"check.py": script})
    process, terminal = pty.fork()
    if process == 0:
        os.execve(GATE, [GATE, "ci", "-C", str(one.server.path), "--once", "--key",
                         str(people["ci"].key)],
                  {**GIT, **{name: str(value) for name, value in one.env.items()}})
    said = b""
    while True:
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:  # EIO: nobody has it any more
            break
        if not piece:
            break
        said += piece
    os.waitpid(process, 0)
    os.close(terminal)
    done = (one.folder / "marks" / "done").read_text()
    check(done.startswith("refused"), f"what it could do: {done}")
    check(b"\x1b" not in said and b"\\x1b]0;steered\\x07past" in said, said[:2000])
    check(len(said) < 3 << 20, f"{len(said)} bytes")
    check(results(one, head) == ["FAILED"] and b"unit  failed" in said, said[-2000:])


@case
def a_check_that_becomes_somebody_else():
    """A check that turns into another user's process, as sudo does, is left when its time is up: it
    cannot be ended, and keeps nothing else waiting."""
    needs_root()
    project = Project({
        "c": {"run": "exec sh ./check.sh", "cache": False, "timeout": "1s"},
        "d": {"run": "true", "cache": False}}, {"file": "1\n"})
    if os.statvfs(project.folder).f_flag & os.ST_NOSUID:
        raise Skip("needs a file system with setuid programs")
    folders = [project.folder, *(f for f in project.folder.parents if f != Path("/"))]
    modes = [(folder, folder.stat().st_mode & 0o7777) for folder in folders]
    program, python = project.folder / "gate", project.folder / "python"
    shutil.copy(GATE, program)
    shutil.copy(os.path.realpath(sys.executable), python)
    mark = project.folder / "process"
    project.commit({"check.sh": (
        f"export PYTHONHOME={sys.base_prefix}\nexec {python} -c 'import os, time\n"
        f"open(\"{mark}\", \"w\").write(str(os.getpid()))\n"
        "os.setresuid(1, 1, 1)\ntime.sleep(300)'\n")})
    run("chown", "-R", f"{NOBODY}:{NOBODY}", project.folder)
    os.chown(python, 0, 0)
    try:
        for folder, mode in modes:
            os.chmod(folder, mode | 0o005)
        python.chmod(0o4755)
        done = run("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--",
                   program, "check", cwd=project.path, env=project.env, check=False, timeout=60)
        if done.exit in (126, 127):
            raise Skip("the program cannot be run by another user here")
        check(mark.exists(), done.text + done.errors)
        check(done.exit == 1 and "c  timed out" in done.text and "d  passed" in done.text,
              done.text + done.errors)
    finally:
        for folder, mode in modes:
            os.chmod(folder, mode)
        if mark.exists():
            os.kill(int(mark.read_text()), signal.SIGKILL)
