"""`gate ci`: what lacks results is run and signed by itself, by several at once, whoever is killed;
and nobody without a signer's key has a say in it."""

import concurrent.futures
import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from kit import World, accepted, case, check, evidence, files, git, only, people, refused, run
from kit.lab import GIT
from kit.policy import ruleset
from kit.server import GATE
from kit.world import MASTER, NOTES

CLAIMS = "refs/gate/claims/"
CLAIM_TYPE = "application/vnd.gate.claim+json"

# What a check is here: it says that it ran, in a folder that the case reads.
PROJECT = {"check.sh": "echo looking\n", "README.md": "# System\n"}


def world(run_unit="sh check.sh", *, tested="head", timeout="1m", more=None, seed=None):
    """A closed server whose master requires `unit` (and what `more` defines), signed by ci."""
    checks = {"unit": {"run": run_unit, "timeout": timeout}, **(more or {})}
    rules = only("pull_request", required_status_checks={
        "checks": list(checks), "tested": tested, "signers": ["ci"]})
    one = World(files(rules, checks=checks), checks=checks, seed=seed or PROJECT)
    one.env = {"XDG_CACHE_HOME": str(one.folder / "cache"), "MARKS": str(one.folder / "marks"),
               "HOME": str(one.folder / "home")}
    (one.folder / "marks").mkdir()
    (one.folder / "home").mkdir()
    return one


MARK = 'echo "$$" >>"$MARKS/ran"; '


def marks(one):
    """How often a check has run."""
    path = one.folder / "marks" / "ran"
    return len(path.read_text().splitlines()) if path.exists() else 0


def ci(one, *arguments, at=None, check=True, key="ci", env=None, timeout=120):
    """Runs `gate ci --once` in the server's repository, or in a clone."""
    words = ["--once", *(["--key", people[key].key] if key else []), *arguments]
    return run(GATE, "ci", "-C", at or one.server.path, *words, check=check,
               env={**one.env, **(env or {})}, timeout=timeout)


def branch(one, name, edits=None, **options):
    """A pushed branch of one commit; its head."""
    head = one.change(edits or {f"{name}.txt": "x\n"}, **options)
    accepted(one.push(f"{head}:refs/heads/{name}", env=one.env))
    return head


def results(one, commit, name="unit"):
    """The results of a check on a commit's tree that the server has: PASSED, FAILED."""
    import base64

    tree = one.tree_of(commit)
    text = run("git", "notes", "--ref", NOTES, "show", tree, cwd=one.server.path, check=False).out
    found = []
    for row in text.splitlines():
        if row.startswith(b"{"):
            said = json.loads(base64.b64decode(json.loads(row)["payload"]))
            if said["predicate"]["configuration"][0]["name"] == name:
                found.append(said["predicate"]["result"])
    return found


def until(holds, what, seconds=60):
    """Waits until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        check(time.monotonic() < deadline, lambda: f"{what}: not after {seconds} s")
        time.sleep(0.1)


def clone(one, name="runner"):
    """A clone with a remote."""
    path = one.folder / name
    run("git", "clone", "-q", one.server.path, path)
    return path


def install_runner(one, *, key="ci", check=True, more=()):
    """The server's hook starts `gate ci` after each push."""
    return run(GATE, "install", "--server", "--runner", "--key", people[key].key, *more,
               one.server.path, check=check, env=one.env)


def status(one):
    return json.loads(run(GATE, "ci", "--status", "--json", "-C", one.server.path).text)


def status_text(one):
    return run(GATE, "ci", "--status", "-C", one.server.path).text


def idle(one, seconds=60):
    """Waits until the runner that the hook started has ended; what it says."""
    until(lambda: not status(one)["running"], "the runner ends", seconds)
    return status(one)


def log(one):
    path = one.server.path / "gate" / "ci.log"
    return path.read_text() if path.exists() else ""


def claim(one, tree, by="ci", *, runner="elsewhere-1", seconds=100, repository="wrk/system",
          kind=CLAIM_TYPE, namespace="gate-check", payload=None):
    """A signed claim, in a blob of the client."""
    body = payload or evidence.canonical({
        "expires": int(time.time()) + seconds, "repository": repository, "runner": runner,
        "tree": tree})
    signature = evidence.sign(evidence.encoding(body, kind), by, namespace)
    import base64
    return one.blob(evidence.canonical({
        "payload": base64.b64encode(body).decode(), "payloadType": kind,
        "signatures": [{"keyid": people[by].fingerprint, "sig": signature}]}) + b"\n")


# What it does


@case
def a_head_is_checked():
    """A pushed head without results is checked, signed, pushed; the change lands; nothing is run
    again, and no ref but evidence and a claim has moved."""
    one = world(MARK + "sh check.sh")
    head = branch(one, "fix")
    before = one.server.refs()
    done = ci(one)
    check("unit  passed  fix" in done.text, done.text + done.errors)
    check(results(one, head) == ["PASSED"], f"{results(one, head)}")
    moved = {n for n in one.server.refs() if one.server.refs()[n] != before.get(n)}
    check(moved == {NOTES, CLAIMS + one.tree_of(head)}, f"moved: {sorted(moved)}")
    one.must_land(head)
    ran = marks(one)
    done = ci(one)
    check(marks(one) == ran and "nothing to run" in done.errors, done.text + done.errors)


@case
def in_a_clone():
    """The same in a clone with a remote, which gets no branch and no file of it."""
    one = world()
    path = clone(one)
    head = branch(one, "fix")
    before = git(path, "for-each-ref", "refs/heads")
    ci(one, at=path)
    check(results(one, head) == ["PASSED"], "no result")
    check(git(path, "for-each-ref", "refs/heads") == before, "a branch moved")
    check(git(path, "status", "--porcelain") == "", "a file changed")


@case
def a_landing_is_proven():
    """A landing whose own tree was never checked is proven, newest first; what was there before the
    gate closed is left alone."""
    one = world(MARK + "sh check.sh")
    first, second = one.change({"a.txt": "a\n"}), one.change({"b.txt": "b\n"})
    for head in (first, second):
        one.publish(one.result(head))
        one.must_land(head)
    landing = one.master
    check(results(one, landing) == [], "the landing's tree was checked before")
    done = ci(one)
    check(results(one, landing) == ["PASSED"], done.text + done.errors)
    check("(landing)" in done.text and marks(one) == 1, f"{marks(one)} runs: {done.text}")


@case
def the_merge_is_checked():
    """With `tested: merge_result` the merge into today's master is what is checked, not the head."""
    one = world("! { test -f a.txt && test -f b.txt; }", tested="merge_result")
    first, second = branch(one, "one", {"a.txt": "a\n"}), branch(one, "two", {"b.txt": "b\n"})
    ci(one)
    check(results(one, first) == results(one, second) == ["PASSED"], "the heads alone pass")
    one.must_land(first, method="fast_forward")
    done = ci(one, check=False)
    check(done.exit == 1 and "two" in done.text and "merged into master" in done.text, done.text)
    merged = one.merge(second)
    check(results(one, merged) == ["FAILED"], "the merge was not checked")
    one.approve(second)
    refused(one.land(merged), "required_status_checks")


@case
def a_failure_is_told_once():
    """A failing check is recorded as such, told by --status, and run again only with --retry."""
    one = world(MARK + "test -e fixed.txt -o -e \"$MARKS/fixed\"")
    head = branch(one, "fix")
    done = ci(one, check=False)
    check(done.exit == 1 and "unit  failed" in done.text, done.text + done.errors)
    check(results(one, head) == ["FAILED"], "no result")
    check(ci(one).exit == 0 and marks(one) == 1, "run again")
    words = run(GATE, "ci", "--status", "-C", one.server.path).text
    check("unit failed" in words, words)
    (one.folder / "marks" / "fixed").touch()
    ci(one, "--retry")
    check(results(one, head) == ["FAILED", "PASSED"], f"{results(one, head)}")


@case
def a_hanging_check_is_ended():
    """A check that hangs is ended by its timeout, with all that it has started, and recorded."""
    one = world("sleep 987 & sleep 988", timeout="1s")
    head = branch(one, "fix")
    done = ci(one, check=False)
    check(done.exit == 1 and "timed out" in done.text, done.text + done.errors)
    check(results(one, head) == ["FAILED"], "no result")
    left = run("pgrep", "-f", "sleep 98[78]", check=False).text
    check(left == "", f"left running: {left}")


@case
def a_check_that_cannot_run():
    """A check whose program does not exist gives no result, ends the run with 3, and is not tried
    again at once; others are run all the same."""
    one = world("no-such-program-anywhere", more={"other": {"run": "true"}})
    head = branch(one, "fix")
    done = ci(one, check=False)
    check(done.exit == 3 and "unit  could not run" in done.text, done.text + done.errors)
    check(results(one, head) == [] and results(one, head, "other") == ["PASSED"], "results")
    again = ci(one)
    check("nothing to run" in again.errors, again.text + again.errors)
    check(ci(one, "--retry", check=False).exit == 3, "--retry does not try")


@case
def bounds():
    """--max and --minutes stop it; --list shows what is left and runs nothing."""
    one = world(MARK + "true")
    for n in range(3):
        branch(one, f"fix{n}")
    rows = ci(one, "--list").text.splitlines()
    check(len(rows) == 3 and marks(one) == 0, rows)
    done = ci(one, "--max", "2")
    check(marks(one) == 2 and "stopped after 2" in done.errors, done.errors)
    check(len(ci(one, "--list").text.splitlines()) == 1, "the third is left")
    check(ci(one, "--max", "0", check=False).exit == 2, "--max 0")


# Keys


@case
def whose_key():
    """No key, somebody's who signs no checks, an unlisted one: nothing is run, exit 2 or 3, in one
    sentence that says whose key it takes."""
    one = world(MARK + "true")
    branch(one, "fix")
    for key, code, words in (
        ("alice", 2, "nobody whose test results count"), ("mallory", 2, "allowed_signers"),
        (None, 3, "you have no SSH key"),
    ):
        done = ci(one, key=key, check=False)
        check(done.exit == code and words in done.errors, f"{key}: {done.exit} {done.errors}")
    done = run(GATE, "ci", "--once", "-C", one.server.path, "--key", "/nosuch", check=False,
               env=one.env)
    check(done.exit == 2 and "/nosuch" in done.errors, f"{done.exit} {done.errors}")
    check(marks(one) == 0, "a check ran")


@case
def what_a_check_sees():
    """A check finds no key, agent, credential or name of the key in its environment or in that of
    the process that runs it, and cannot speak to the repository's hooks."""
    one = world('env >"$MARKS/env"; tr "\\0" "\\n" </proc/$PPID/environ >"$MARKS/parent"; '
                'tr "\\0" " " </proc/$PPID/cmdline >"$MARKS/words"')
    branch(one, "fix")
    ci(one, env={"SSH_AUTH_SOCK": "/secret-agent", "CI_TOKEN": "hush", "GIT_DIR": "/elsewhere",
                 "AWS_PROFILE": "hush"})
    for name in ("env", "parent", "words"):
        text = (one.folder / "marks" / name).read_text()
        for secret in ("secret-agent", "hush", "/elsewhere", str(people["ci"].key)):
            check(secret not in text, f"{name} shows {secret}")


@case
def another_user():
    """With --run-as the checks run as that user, who cannot read the key or write the server."""
    from kit.case import needs_root

    needs_root()
    key = people["ci"].key
    one = world(f'id -un >"$MARKS/who"; cat "{key}" >"$MARKS/key" 2>/dev/null; true')
    os.chmod(one.folder / "marks", 0o777)
    user, home = f"gate-e2e-{os.getpid()}", one.folder / "checker"
    head = branch(one, "fix")
    folders = [one.folder, *(f for f in one.folder.parents if f != Path("/"))]
    modes = [(folder, folder.stat().st_mode & 0o7777) for folder in folders]
    run("useradd", "--system", "--create-home", "--home-dir", home, "--shell", "/bin/sh", user)
    try:
        for folder, mode in modes:
            os.chmod(folder, mode | 0o005)
        # git and libgit2 want to be told that another's repository may be used.
        copy = one.server.path / "gate" / "ci" / "server.git"
        (home / ".gitconfig").write_text(f"[safe]\n\tdirectory = {copy}\n")
        done = ci(one, "--run-as", user)
        check("unit  passed" in done.text, done.text + done.errors)
        check((one.folder / "marks" / "who").read_text().strip() == user, "not that user")
        check((one.folder / "marks" / "key").read_text() == "", "the key was read")
        check(results(one, head) == ["PASSED"], "no result")
    finally:
        for folder, mode in modes:
            os.chmod(folder, mode)
        run("userdel", user, check=False)
    done = ci(one, "--run-as", "no-such-user-here", "--retry", check=False)
    check(done.exit == 0 or "no-such-user-here" in done.errors, done.errors)


# Several at work


@case
def two_runners_share():
    """Two runners, six heads: every head gets its result, and no check runs twice."""
    one = world(MARK + "sleep 0.5")
    heads = [branch(one, f"fix{n}") for n in range(6)]
    paths = [clone(one, f"runner{n}") for n in range(2)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda path: ci(one, at=path), paths))
    said = "\n".join(d.text + d.errors for d in done)
    # One may stop early, when what is left is the other's.
    for head in heads:
        check(results(one, head) == ["PASSED"], f"{results(one, head)}\n{said}")
    check(marks(one) == 6, f"{marks(one)} runs for 6 heads\n{said}")


@case
def killed_at_several_moments():
    """A runner killed at several moments of its work leaves nothing half done: the server is sound,
    no check lives on, and the next run in the same place takes over at once."""
    one = world(MARK + "sleep 1; sleep 1.98765")
    head = branch(one, "fix")
    path = clone(one)
    for seconds in (0.1, 0.25, 0.4, 0.7, 1.5, 2.6):
        child = subprocess.Popen(
            [GATE, "ci", "--once", "--key", str(people["ci"].key), "-C", str(path)],
            env={**GIT, **one.env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        child.wait()
        until(lambda: run("pgrep", "-f", "sleep 1.98765", check=False).text == "",
              "the check of a killed runner ends", 10)
    check(results(one, head) in ([], ["PASSED"]), f"half a state: {results(one, head)}")
    one.server.git("fsck", "--strict", "--no-dangling")
    done = ci(one, at=path)
    check(results(one, head) == ["PASSED"], done.text + done.errors)


@case
def another_ones_claim():
    """What another runner has claimed is left to it, until the claim has ended; then it is run, and
    the old claim is gone."""
    one = world(MARK + "true")
    head = branch(one, "fix")
    tree = one.tree_of(head)
    accepted(one.push(f"{claim(one, tree, seconds=4)}:{CLAIMS}{tree}"))
    check("nothing to run" in ci(one).errors and marks(one) == 0, "run all the same")
    time.sleep(4.5)
    ci(one)
    check(results(one, head) == ["PASSED"], "not run after the claim ended")


@case
def ended_by_a_signal():
    """A runner that is told to end takes its checks with it, those too that do not listen; and what
    it was at is taken over."""
    one = world(MARK + "trap '' TERM; sleep 1.87654; sleep 1.87654; sleep 1.87654")
    head = branch(one, "fix")
    path = clone(one)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        ran = marks(one)
        child = subprocess.Popen(
            [GATE, "ci", "--once", "--key", str(people["ci"].key), "-C", str(path)],
            env={**GIT, **one.env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda ran=ran: marks(one) > ran, "the check starts", 20)
        child.send_signal(number)
        check(child.wait(timeout=20) == (130 if number == signal.SIGINT else -number),
              "another end than by the signal")
        until(lambda: run("pgrep", "-f", "sleep 1.87654", check=False).text == "",
              "the check ends with its runner", 3)
    check(results(one, head) == [], "a result of a check that was ended")
    ci(one, at=path)
    check(results(one, head) == ["PASSED"], "nothing is left to do")


@case
def a_server_that_goes_away():
    """Results that could not be pushed are pushed by the next run, not run again; evidence that a
    server refuses does not make a runner run for ever."""
    one = world(MARK + "true")
    head = branch(one, "fix")
    path = clone(one)
    hook = one.server.path / "hooks" / "pre-receive"
    real = hook.read_bytes()
    # It goes away when evidence comes, and not before.
    hook.write_text("#!/bin/sh\nread -r old new ref\n"
                    "case $ref in refs/notes/gate) kill -9 $PPID ;; esac\n")
    done = ci(one, at=path, check=False)
    check(done.exit == 3 and marks(one) == 1, done.text + done.errors)
    hook.write_bytes(real)
    ci(one, at=path)
    check(results(one, head) == ["PASSED"] and marks(one) == 1, f"{marks(one)} runs")
    other = branch(one, "other")
    hook.write_text("#!/bin/sh\nread -r old new ref\n"
                    "case $ref in refs/notes/gate) echo no evidence today; exit 1 ;; esac\n")
    for _ in range(2):
        done = ci(one, at=path, check=False)
    check("nothing to run" in done.errors and marks(one) == 2, f"{marks(one)}: {done.errors}")
    hook.write_bytes(real)
    ci(one, "--retry", at=path)
    check(results(one, other) == ["PASSED"], "not after it was mended")


# Claims are guarded


@case
def who_may_claim():
    """Claims of people who sign no checks, unlisted keys, wrong trees, repositories, times, kinds
    and forms are refused; a good one is taken, and is nobody else's to move or delete."""
    one = world()
    head = branch(one, "fix")
    tree, other = one.tree_of(head), one.tree_of(one.master)
    ref = CLAIMS + tree

    def push(blob, to=ref):
        return one.push(f"+{blob}:{to}")
    now = int(time.time())
    for words, blob, to in (
        ("may not sign test results", claim(one, tree, "alice"), ref),
        ("allowed_signers", claim(one, tree, "mallory"), ref),
        ("its ref on", claim(one, other), ref),
        ("its ref on", claim(one, tree), CLAIMS + other),
        ("for the repository", claim(one, tree, repository="wrk/other"), ref),
        ("has ended", claim(one, tree, seconds=-5), ref),
        ("may last 600", claim(one, tree, seconds=3600), ref),
        ("something else than", claim(one, tree, kind=evidence.PAYLOAD_TYPE), ref),
        ("in the namespace", claim(one, tree, namespace="gate-review"), ref),
        ("is no claim", claim(one, tree, runner="a b"), ref),
        ("canonical", claim(one, tree, payload=json.dumps({
            "expires": now + 60, "repository": "wrk/system", "runner": "x", "tree": tree,
        }).encode()), ref),
        ("is no", one.blob("x\n"), ref),
        ("is no blob", one.tree(None, {}), ref),
        ("more than the limit", one.blob("x" * 20000 + "\n"), ref),
    ):
        push_ = push(blob, to)
        refused(push_, "evidence")
        check(words in " ".join(push_.message.split()), f"not {words!r}:\n{push_.message}")
    for name in ("refs/gate/claims", CLAIMS + "x", ref + "/x", CLAIMS + tree[:39],
                 CLAIMS + tree.upper() if tree.upper() != tree else CLAIMS + "Z"):
        refused(push(claim(one, tree), name), "reserved_ref")
    mine = claim(one, tree)
    accepted(push(mine))
    refused(push(claim(one, tree, runner="elsewhere-2")), "evidence", "has it for another")
    refused(one.push(f":{ref}"), "evidence", "in force")
    refused(push(claim(one, tree, seconds=50)), "evidence", "does not end later")
    accepted(push(claim(one, tree, seconds=200)))


@case
def replayed_and_forged():
    """A claim that is no claim proves nothing, a result is no claim, an old claim does not come back
    after it was renewed, and none of them is evidence."""
    one = world()
    head = branch(one, "fix")
    tree = one.tree_of(head)
    line = one.result(head)
    refused(one.push(f"{one.blob(bytes(line) + chr(10).encode())}:{CLAIMS}{tree}"), "evidence")
    blob = claim(one, tree)
    text = run("git", "cat-file", "blob", blob, cwd=one.path).out.rstrip(b"\n")
    refused(one.send(evidence.Line(text).on(tree)), "evidence")
    accepted(one.push(f"{blob}:{CLAIMS}{tree}"))
    accepted(one.push(f"+{claim(one, tree, seconds=300)}:{CLAIMS}{tree}"))
    refused(one.push(f"+{blob}:{CLAIMS}{tree}"), "evidence", "does not end later")
    refused(one.land(one.merge(head)), {"pull_request", "required_status_checks"})


@case
def a_flood_of_claims():
    """A signer who floods the server with claims is bounded: so many in one push, so many at once;
    and checks are run all the same."""
    one = world(MARK + "true")
    head = branch(one, "fix")
    trees = [f"{n:040x}" for n in range(1, 300)]
    blobs = [(claim(one, tree, seconds=500), tree) for tree in trees[:262]]

    def push(part):
        return one.push(*(f"{blob}:{CLAIMS}{tree}" for blob, tree in part))
    refused(push(blobs[:65]), "reserved_ref", "claims in one push")
    for start in range(0, 256, 64):
        accepted(push(blobs[start:start + 64]))
    refused(push(blobs[256:258]), "evidence", "no more are taken")
    done = ci(one)
    check(results(one, head) == ["PASSED"], done.text + done.errors)
    check("takes no claim" in done.errors, done.errors)


# After each push


@case
def after_a_push():
    """`gate install --server --runner`: the pusher is told that the checks run and waits for none of
    them; the evidence arrives; a push that comes meanwhile is looked at afterwards."""
    one = world(MARK + "sleep 5")
    words = install_runner(one).text
    check("runner  after each push, signed by ci@wrk.example" in words, words)
    first = one.change({"a.txt": "a\n"})
    started = time.monotonic()
    push = accepted(one.push(f"{first}:refs/heads/one", env=one.env))
    check(time.monotonic() - started < 2, f"the push took {time.monotonic() - started:.1f} s")
    check("checks  unit: running" in push.message, push.message)
    until(lambda: marks(one) == 1, "the check starts")
    second = one.change({"b.txt": "b\n"})
    accepted(one.push(f"{second}:refs/heads/two", env=one.env))
    third = one.change({"c.txt": "c\n"})
    accepted(one.push(f"{third}:refs/heads/three", env=one.env))
    check(status(one)["running"], "not running")
    check("state   running since" in status_text(one), status_text(one))
    for head in (first, second, third):
        until(lambda head=head: results(one, head) == ["PASSED"], "the evidence arrives", 40)
    said = idle(one)
    check(len(said["runs"]) == 3 and marks(one) == 3, f"{said}\n{log(one)}")
    check("unit  passed  one" in log(one), log(one))


@case
def started_and_not_begun():
    """Right after a push --status says that a run is starting, and after a minute that it never
    began; it never says that nothing has run."""
    one = world()
    install_runner(one)
    # Whoever has the turn keeps the run that the push starts from beginning.
    place = one.server.path / "gate" / "ci"
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "queue", "w", encoding="utf-8") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)
        branch(one, "one")
        check(status(one)["starting"] and not status(one)["killed"], f"{status(one)}")
        check("state   starting, after a push" in status_text(one), status_text(one))
        os.utime(place / "started", (time.time() - 90, time.time() - 90))
        check(not status(one)["starting"], f"{status(one)}")
        check("has not begun" in status_text(one), status_text(one))
    branch(one, "two")
    until(lambda: not status(one)["starting"] and status(one)["runs"], "it runs")
    idle(one)
    check("problem" not in status_text(one), status_text(one))


@case
def the_runner_proves_landings():
    """A landing that is pushed is proven by the same runner; evidence that it pushes wakes nobody."""
    one = world()
    first, second = one.change({"a.txt": "a\n"}), one.change({"b.txt": "b\n"})
    one.publish(one.result(first), one.result(second))
    install_runner(one)
    for head in (first, second):
        one.approve(head)
        accepted(one.land(one.merge(head), env=one.env))
    landing = one.master
    until(lambda: results(one, landing) == ["PASSED"], "the landing is proven")
    idle(one)
    looked = log(one).count("looks for work")
    check(looked <= 2, f"{looked} runs for two landings:\n{log(one)}")


@case
def a_runner_is_killed_on_the_server():
    """The runner of the server is killed: --status says so, and the next push finishes its work."""
    one = world(MARK + "sleep 3")
    install_runner(one)
    first = branch(one, "one")
    until(lambda: marks(one) == 1, "the check starts")
    os.kill(status(one)["process"], signal.SIGKILL)
    until(lambda: not status(one)["running"], "it is gone", 10)
    check(status(one)["killed"], f"{status(one)}")
    second = branch(one, "two")
    for head in (first, second):
        until(lambda head=head: results(one, head) == ["PASSED"], "the work is finished", 40)
    one.server.git("fsck", "--strict", "--no-dangling")
    check(not status(one)["killed"] or idle(one), "still killed")


@case
def installing_a_runner():
    """A key that is missing, has a passphrase, or is no check signer's is refused before anything is
    changed; --no-runner and uninstall take the settings away; doctor sees what is wrong with one."""
    one = world()
    before = (one.server.path / "config").read_bytes()
    locked = one.folder / "locked"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", locked)

    def install(*words):
        return run(GATE, "install", "--server", *words, one.server.path, check=False, env=one.env)
    for words, said in (
        (["--runner"], "needs the key"), (["--runner", "--key", "/nosuch"], "/nosuch"),
        (["--runner", "--key", locked], "passphrase"),
        (["--runner", "--key", people["alice"].key], "nobody whose test results count"),
        (["--runner", "--key", people["mallory"].key], "allowed_signers"),
        (["--runner", "--key", people["ci"].key, "--run-as", "no-such-user"], "no-such-user"),
        (["--key", people["ci"].key], "go with --runner"),
    ):
        done = install(*words)
        check(done.exit == 2 and said in done.errors, f"{words}: {done.exit} {done.errors}")
        check((one.server.path / "config").read_bytes() == before, f"{words} changed something")
    install_runner(one, more=["--jobs", "2"])
    check(run(GATE, "doctor", one.server.path, env=one.env).exit == 0, "doctor")
    check(install().exit == 0 and "runner = true" in (one.server.path / "config").read_text(),
          "installing again switches it off")
    one.server.git("config", "gate.runnerkey", one.folder / "gone")
    done = run(GATE, "doctor", one.server.path, env=one.env, check=False)
    check(done.exit == 1 and "gone" in done.text, done.text)
    install_runner(one)
    check(install("--no-runner").exit == 0, "--no-runner")
    check("runner" not in (one.server.path / "config").read_text(), "settings are left")
    install_runner(one)
    run(GATE, "uninstall", "--server", "--yes", one.server.path)
    check("runner" not in (one.server.path / "config").read_text(), "settings are left")
    check(not (one.server.path / "gate").exists(), "gate/ is left")


@case
def a_stopped_runner_says_why():
    """A runner whose key has left the policy signs nothing: its log and --status say why."""
    one = world()
    install_runner(one)
    one.server.git("config", "gate.runnerkey", people["alice"].key)
    head = branch(one, "fix")
    until(lambda: "nobody whose test results count" in log(one), "the log says why")
    check(results(one, head) == [], "signed all the same")
    said = idle(one)
    check("nobody whose test results count" in (said["problem"] or ""), said)
