"""Faults of what is around: a full disk, objects that cannot be read, evidence that moves, an
ssh-keygen that hangs, little memory, a clock that jumps back."""

import contextlib
import os
import random
import shutil
import stat
import subprocess
import time

from faults_ledger import Approve, plain
from kit import World, accepted, check, files, only, people, run
from kit.case import Skip, case, cases, needs_root
from kit.faults import ALL, SEED, locks, sound, strace
from kit.lab import GIT
from kit.server import GATE, Server
from kit.tools import system
from kit.world import MASTER, NOTES


class Disk:
    """A small disk, which can be filled."""

    def __init__(self, place, size):
        self.place = place
        place.mkdir()
        done = run("mount", "-t", "tmpfs", "-o", f"size={size}", "none", place, check=False)
        if done.exit != 0:
            raise Skip(f"no disk can be mounted here: {done.errors.strip()}")

    def fill(self, rest):
        """Leaves so many bytes free."""
        self.clear()
        state = os.statvfs(self.place)
        with open(self.place / "filler", "wb") as filler:
            filler.write(b"\0" * max(0, state.f_bavail * state.f_frsize - rest))

    def clear(self):
        (self.place / "filler").unlink(missing_ok=True)


@contextlib.contextmanager
def disk(place, size="8m"):
    needs_root()
    disk = Disk(place, size)
    try:
        yield disk
    finally:
        run("umount", "--lazy", place, check=False)


@case
def full_disk_of_the_server():
    """On a full disk pushes are refused and change nothing; with room again they are accepted."""
    world = World()
    evil = world.change({"evil.txt": "evil\n"})
    with disk(world.folder / "disk") as space:
        run("cp", "-a", world.server.path, space.place / "server.git")
        world.server = Server(space.place / "server.git")
        rests = [0, 4096, 8192, 16384, 24576, 36864, 65536]
        for number, rest in enumerate(rests if ALL else rests[1::2]):
            head = world.change({f"f{number}.txt": "x\n" * 1000})
            old, notes = world.master, world.note(world.review(head))
            landing = world.merge(head)
            space.fill(rest)
            for refspec in (f"{notes}:{NOTES}", f"{landing}:{MASTER}", f"{evil}:{MASTER}"):
                run("git", "push", world.server.path, refspec, cwd=world.path, check=False)
            check(world.master in (old, landing), f"{rest} bytes left: master is {world.master}")
            check(world.server.tip(NOTES) in (None, world.git("rev-parse", f"{notes}~", check=False),
                                              notes), f"{rest} bytes left: evidence moved")
            space.clear()
            sound(world.server.path)
            check(not locks(world.server.path), f"locked: {locks(world.server.path)}")
            accepted(world.push(f"{notes}:{NOTES}"))
            accepted(world.land(landing))
        check(world.land(evil).exit != 0, "evil landed")
        audit(world)


def audit(world):
    """Every landing is valid, by a clone's own judgement."""
    path = world.folder / "auditor"
    run("git", "clone", "-q", world.server.path, path)
    done = run(GATE, "audit", cwd=path, check=False)
    check(done.exit == 0, done.text + done.errors)


@case
def full_disk_of_the_clone():
    """On a full disk a reviewer is told so; with room again the approval is made, and what waited
    in the clone was not lost."""
    errand = Approve()
    with disk(errand.world.folder.with_name("disk")) as space:
        run("cp", "-a", errand.place, space.place / "bob")
        errand.place = space.place / "bob"
        rests = [0, 4096, 8192, 12288, 16384, 32768, 65536]
        told = 0
        for rest in rests if ALL else rests[::3]:
            space.fill(rest)
            done = errand.say()
            check(done.exit in (0, 1, 3), f"{rest} bytes left: exit {done.exit}\n{done.errors}")
            if done.exit:
                plain(done, f"{rest} bytes left")
                told += 1
            space.clear()
            sound(errand.world.server.path, errand.place)
            errand.between()
        check(told, "no disk was too full")
        done = errand.say()
        check(done.exit == 0, done.errors)
        lines = errand.lines(errand.head)
        check(lines and bytes(errand.waiting) in errand.lines(errand.old), "a line is lost")
        accepted(errand.world.land(errand.world.merge(errand.head)))


@cases((
    ("audit", "A result that does not fit on the disk is no success: audit.", ["audit"]),
    ("json", "The same of JSON.", ["status", "topic", "--json"]),
    ("policy", "The same of the policy.", ["policy", "show", "master"]),
    ("help", "The same of the help.", ["--help"]),
))
def full_output(words):
    errand = Approve()
    command = [str(w) for w in (GATE, *words)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, cwd=errand.place, env=GIT, stdout=full,
                              stderr=subprocess.PIPE, timeout=120)
    check(done.returncode == 3, f"exit {done.returncode}")
    check(b"No space left on device" in done.stderr, done.stderr)
    # Whoever has read enough is no error.
    done = subprocess.run(["sh", "-c", '"$@" | true', "sh", *command], cwd=errand.place, env=GIT,
                          stderr=subprocess.PIPE, timeout=120)
    check(b"written" not in done.stderr, done.stderr)


class Store:
    """A server whose object files are spoilt one at a time; a landing and what nobody approved
    are there already, on branches, and the hook is asked about them."""

    def __init__(self, packed=False):
        self.world = world = World(files(only("pull_request", "max_file_size")))
        self.old = world.master
        head = world.change()
        world.approve(head)
        self.good, self.evil = world.merge(head), world.change({"evil.txt": "evil\n"})
        for name, commit in (("good", self.good), ("evil", self.evil)):
            accepted(world.land(commit, f"refs/heads/{name}"))
        if packed:
            run("git", "repack", "-adq", cwd=world.server.path)
        self.objects = sorted(p for p in (world.server.path / "objects").rglob("*")
                              if p.is_file() and p.suffix in ("", ".pack", ".idx"))

    def ask(self, commit, *before):
        return run(*before, GATE, "hook", "pre-receive", cwd=self.world.server.path,
                   env={"GIT_DIR": "."}, input=f"{self.old} {commit} {MASTER}\n", check=False,
                   timeout=900)

    def judge(self, what, *before):
        """With something spoilt: evil is refused, and what is good is never misjudged."""
        done = self.ask(self.evil, *before)
        check(done.exit in (1, 3), f"{what}: evil: exit {done.exit}\n{done.errors}")
        check("refused" in done.errors, f"{what}: nothing is said:\n{done.errors}")
        done = self.ask(self.good, *before)
        check(done.exit in (0, 1, 3), f"{what}: good: exit {done.exit}\n{done.errors}")
        if done.exit:
            plain(done, what)
        return done.exit != 0

    def chosen(self, count):
        if ALL:
            return self.objects
        if count == 0:  # each costs seconds: one that is needed
            name = self.world.server.git("rev-parse", f"{MASTER}:policies/master.yml")
            return [self.world.server.path / "objects" / name[:2] / name[2:]]
        return random.Random(SEED).sample(self.objects, min(count, len(self.objects)))


def spoilt(path, data, kind):
    path.chmod(0o644)
    middle = len(data) // 2
    path.write_bytes({
        "emptied": b"", "cut": data[:middle], "short": data[:-4],
        "flipped": data[:middle] + bytes([data[middle] ^ 0x55]) + data[middle + 1:],
    }[kind])


def spoil_each(kind, packed, count):
    store = Store(packed)
    stopped = 0
    for path in store.chosen(count):
        data = path.read_bytes()
        spoilt(path, data, kind)
        stopped += store.judge(f"{path.name} {kind}")
        path.write_bytes(data)
    check(stopped or not ALL, "no file was needed")
    done = store.ask(store.good)
    check(done.exit == 0, done.errors)
    sound(store.world.server.path)


@cases((
    ("emptied", "Object files that are empty are no reason to accept.", "emptied", False, 4),
    ("cut", "Object files that end too early are no reason to accept, nor to wait for ever.", "cut",
     False, 0),
    ("flipped", "Object files with a wrong bit are no reason to accept.", "flipped", False, 4),
    ("pack_cut", "A pack that ends too early is no reason to accept.", "cut", True, 2),
    ("pack_short", "A pack without its last bytes is no reason to accept.", "short", True, 2),
    ("pack_flipped", "A pack with a wrong bit is no reason to accept.", "flipped", True, 2),
))
def objects(kind, packed, count):
    spoil_each(kind, packed, count)


@case
def unreadable_objects_of_another_user():
    """Objects that the hook's user may not read are no reason to accept."""
    needs_root()
    store = Store()
    world = store.world
    folder = world.folder
    for path in (folder, *folder.parents):
        if path.stat().st_uid == 0 and not path.stat().st_mode & stat.S_IXOTH and path != path.parent:
            path.chmod(path.stat().st_mode | stat.S_IXOTH)
    program = folder / "gate"
    shutil.copy(shutil.which(GATE), program)
    as_nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                 "env", f"HOME={folder}")
    run("chown", "-R", "65534:65534", world.server.path)
    probe = run(*as_nobody, program, "--version", check=False)
    if probe.exit != 0:
        raise Skip(f"another user cannot run it here: {probe.errors.strip()[-200:]}")

    def ask(commit):
        return run(*as_nobody, program, "hook", "pre-receive", cwd=world.server.path,
                   env={"GIT_DIR": "."}, input=f"{store.old} {commit} {MASTER}\n", check=False)
    check(ask(store.good).exit == 0, lambda: ask(store.good).errors)
    stopped = 0
    for path in store.chosen(8):
        path.chmod(0)
        done = ask(store.evil)
        check(done.exit in (1, 3), f"{path.name}: evil: exit {done.exit}\n{done.errors}")
        done = ask(store.good)
        check(done.exit in (0, 3), f"{path.name}: good: exit {done.exit}\n{done.errors}")
        stopped += done.exit
        path.chmod(0o444)
    check(stopped, "no file was needed")


class Wrapped:
    """A program in PATH that does something first."""

    def __init__(self, folder, name, body):
        self.folder = folder / "wrapped"
        self.folder.mkdir(exist_ok=True)
        script = self.folder / name
        body = body.replace("{real}", shutil.which(name))
        script.write_text(f"#!/bin/sh\n{body}\n")
        script.chmod(0o755)

    @property
    def env(self):
        return {"PATH": f"{self.folder}:{os.environ['PATH']}"}


@case
def evidence_moves_before_the_push():
    """Somebody else's line that arrives between reading and pushing is kept, and so is mine."""
    errand = Approve()
    errand.stage.reset()
    world = errand.world
    theirs = world.review(errand.head, "carol", comment="I was faster")
    note = world.note(theirs)
    once = world.folder / "once"
    wrapped = Wrapped(world.folder, "git", f"""
case "$*" in *push*refs/notes/gate*)
  [ -e {once} ] || {{ : >{once}; {{real}} -C {world.path} push -q {world.server.path} {note}:{NOTES}; }} ;;
esac
exec {{real}} "$@\"""")
    done = run(GATE, *errand.words, cwd=errand.place, env=wrapped.env, check=False)
    check(done.exit == 0 and once.exists(), done.errors)
    lines = errand.lines(errand.head)
    check(bytes(theirs) in lines and len(lines) == 2, f"{len(lines)} lines")
    check(bytes(errand.waiting) in errand.lines(errand.old), "the line that waited is lost")
    sound(world.server.path, errand.place)


@case
def master_moves_before_the_push():
    """A landing that arrives between judging and pushing is landed upon, not over."""
    world = World(files(only("pull_request", "non_fast_forward")))
    mine, theirs = world.change(), world.change({"theirs.txt": "theirs\n"})
    world.publish(world.review(mine), world.review(theirs))
    first = world.merge(theirs)
    accepted(world.land(mine, "refs/heads/topic"))
    place = world.folder / "alice"
    run("git", "clone", "-q", world.server.path, place)
    for key, value in (("user.name", "alice"), ("user.email", people["alice"].email)):
        run("git", "config", key, value, cwd=place)
    once = world.folder / "once"
    wrapped = Wrapped(world.folder, "git", f"""
case "$*" in *push*refs/heads/master*)
  [ -e {once} ] || {{ : >{once}; {{real}} -C {world.path} push -q {world.server.path} {first}:{MASTER}; }} ;;
esac
exec {{real}} "$@\"""")
    done = run(GATE, "merge", "topic", cwd=place, env=wrapped.env, check=False)
    check(done.exit == 0 and once.exists(), done.errors)
    check(world.server.git("rev-parse", f"{MASTER}^1") == first, "landed over it")
    check(world.server.git("rev-parse", f"{MASTER}^2") == mine, "landed something else")
    audit(world)


@cases((
    ("signing", "An ssh-keygen that hangs is ended after a while, and nothing was signed.",
     "case \"$*\" in *-Y*) exec sleep 900 ;; esac; exec {real} \"$@\""),
    ("stubborn", "The same of one that does not want to end.",
     "case \"$*\" in *-Y*) trap '' TERM; while :; do sleep 1; done ;; esac; exec {real} \"$@\""),
))
def hanging(body):
    errand = Approve()
    errand.stage.reset()
    wrapped = Wrapped(errand.world.folder, "ssh-keygen", body)
    run("git", "config", "gate.signTimeout", "1", cwd=errand.place)
    notes = errand.world.server.tip(NOTES)
    done = run(GATE, *errand.words, cwd=errand.place, env=wrapped.env, check=False, timeout=110)
    check(done.exit == 3, f"exit {done.exit}\n{done.errors}")
    check("did not answer within 1 second" in done.errors, done.errors)
    check("git config gate.signTimeout" in done.errors, done.errors)
    check(errand.world.server.tip(NOTES) == notes, "something was pushed")
    run("git", "config", "gate.signTimeout", "100", cwd=errand.place)
    done = errand.say()
    check(done.exit == 0, done.errors)
    errand.at_last()


@case
def memory_of_the_hook():
    """However little memory the hook has, what nobody approved is refused."""
    store = Store()
    limit = 1 << 40
    for megabytes in (64, 128, 256, 512, 1024, 2048, 4096):
        limit = megabytes << 20
        if store.ask(store.good, "prlimit", f"--as={limit}").exit == 0:
            break
    count = 60 if ALL else 12
    refused = 0
    for step in range(1, count + 1):
        size = limit * step // count
        done = store.ask(store.evil, "prlimit", f"--as={size}")
        check(done.exit != 0, f"accepted with {size} bytes of memory\n{done.errors}")
        refused += done.exit == 1
        done = store.ask(store.good, "prlimit", f"--as={size}")
        if done.exit == 1:
            check("undetermined" in done.errors, f"misjudged with {size}:\n{done.errors}")
    check(refused, "it never had enough to judge")


@case
def memory_of_a_push():
    """A hook that ends for want of memory refuses the push in a sentence."""
    world = World()
    head = world.change()
    world.approve(head)
    landing = world.merge(head)
    hook = world.server.path / "hooks" / "pre-receive"
    text = hook.read_text()
    hook.write_text(text.replace("#!/bin/sh\n", "#!/bin/sh\nulimit -v 30000\n", 1))
    push = world.land(landing)
    check(push.exit != 0 and "pre-receive hook declined" in push.stderr, push.stderr)
    check("could not decide" in push.stderr, push.stderr)
    check(not push.before.difference(push.after), push.before.difference(push.after))
    hook.write_text(text)
    accepted(world.land(landing))


def at(when, *words):
    """A command under another clock; the one for durations goes on as it is."""
    return (system("faketime", "faketime"), "--exclude-monotonic", when, *words)


@case
def clock_set_back_between_reviews():
    """Of two reviews the later one counts, though its date is a year before the other's."""
    errand = Approve()
    errand.stage.reset()
    world = errand.world

    def say(when, *words):
        done = run(*at(when, GATE, *words), cwd=errand.place, check=False)
        check(done.exit == 0, done.errors)
    say("2027-06-01 12:00:00", "review", "approve", "topic")
    say("2026-06-01 12:00:00", "review", "request-changes", "topic", "-m", "Wait")
    landing = world.merge(errand.head)
    push = world.land(landing)
    check(push.exit != 0 and "pull_request" in push.rules, push.stderr)
    say("2025-06-01 12:00:00", "review", "approve", "topic")
    accepted(world.land(landing))


@case
def a_root_without_proc():
    """Where not even its own arguments can be read, nothing is decided, and the push is refused:
    in a chroot without /proc, and when the kernel does not answer."""
    store = Store()
    log = store.world.folder / "calls"
    run(strace(), "-o", log, "-e", "trace=openat", GATE, "--version")
    opened = [line for line in log.read_text().splitlines() if line.startswith("openat(")]
    number = 1 + next(i for i, line in enumerate(opened) if "/proc/self/maps" in line)
    ways = [(strace(), "-qq", "-o", "/dev/null", "-e",
             f"inject=openat:error={error}:when={number}", "--") for error in ("EIO", "ENOENT")]
    if os.geteuid() == 0:
        ways.append(("unshare", "--mount", "sh", "-c",
                     'umount -l /proc && exec "$@"', "sh"))
    for way in ways:
        for commit in (store.good, store.evil):
            done = store.ask(commit, *way)
            check(done.exit == 3, f"{way[0]}: exit {done.exit}\n{done.text}{done.errors}")
            plain(done, way[0])
            check("mount -t proc" in done.errors and not done.text, done.text + done.errors)


@case
def clock_set_back_on_the_server():
    """A server whose clock is years behind judges as before: nothing that counts is a time."""
    store = Store()
    for when in ("1999-01-01 00:00:00", "2026-01-01 00:00:00", "2037-01-01 00:00:00"):
        check(store.ask(store.good, *at(when)).exit == 0, f"{when}: good is refused")
        check(store.ask(store.evil, *at(when)).exit == 1, f"{when}: evil is not")


@case
def clock_set_back_between_releases():
    """A release that starts before the one before it, by the clock, comes behind it."""
    from kit.morning import Morning

    world = Morning()
    alice = world.clone("alice")
    later, earlier = {"SOURCE_DATE_EPOCH": "1795415400"}, {"SOURCE_DATE_EPOCH": "1763879400"}
    alice.gate("release", "start", "--yes", env=later)
    alice.deploy("staging", [("api", 1), ("worker", 1)])
    landed = world.land_file("src/app.py", "def pay(amount):\n    return 0\n", "Pay nothing (#7)")
    alice.gate("release", "start", "--yes", env=earlier)
    check(alice.state()["state"] == "unknown", alice.state())
    alice.deploy("staging", [("api", 2)])
    state = alice.state()
    check(state["state"] == "succeeded" and state["deployed"] == landed, state)
    alice.gate("release", "rollback", "-e", "staging", "--reason", "Pays nothing", "--yes",
               env=earlier)
    alice.deploy("staging")
    check(alice.state()["state"] == "rolled_back", alice.state())


@case
def clock_set_back_while_waiting():
    """gate merge --wait ends when its minutes are over, though the clock was set back by a day."""
    if not ALL:
        raise Skip("takes a minute; GATE_FAULTS=all")
    errand = Approve()
    errand.stage.reset()
    clock = errand.world.folder / "clock"
    clock.write_text("@2026-11-23 12:00:00\n")
    library = next(iter(sorted(
        p for p in shutil.os.popen("ls /usr/lib/*/faketime/libfaketime.so.1").read().split())), "")
    system("faketime", "faketime")
    started = time.monotonic()
    child = subprocess.Popen(
        [GATE, "merge", "topic", "--wait", "--timeout", "1"], cwd=errand.place, text=True,
        env={**GIT, "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(clock),
             "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    time.sleep(20)
    clock.write_text("@2026-11-22 12:00:00\n")
    _, words = child.communicate(timeout=300)
    check(child.returncode == 1 and "after 1 minute" in words, f"{child.returncode}\n{words}")
    check(time.monotonic() - started < 280, "it waited much longer")
