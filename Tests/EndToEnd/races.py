"""Threats, "Races": many pushers at once, each adding evidence and each landing. One wins a race
for a ref; no line of evidence is lost; nothing lands that was judged against an old tip."""

import concurrent.futures
import json
import os
import random
import statistics
import sys
import time

from kit import World, accepted, case, check, evidence, git, people, run
from kit.server import GATE
from kit.world import Client, MASTER, NOTES

# `make soak` says 50.
PUSHERS = int(os.environ.get("GATE_PUSHERS", "12"))
# Each landing is lost once for each that is faster: seconds for everybody, however busy the machine.
DEADLINE = 150 + PUSHERS * PUSHERS


class Pusher:
    """One person's own clone of the case's server."""

    def __init__(self, world, number):
        self.world, self.number = world, number
        self.random = random.Random(number)
        self.author = ("alice", "bob", "carol")[number % 3]
        self.reviewer = ("bob", "carol", "alice")[number % 3]
        self.path = world.folder / f"clone{number}.git"
        run("cp", "-r", world.path, self.path)
        self.client = Client(self.path)
        self.tries = 0

    def push(self, refspec):
        """Whether the server took it; anything but a lost race fails the case."""
        self.tries += 1
        done = run("git", "push", self.world.server.path, refspec, cwd=self.path, check=False)
        if done.exit == 0:
            return True
        lost = ("fetch first", "non-fast-forward", "failed to update ref", "cannot lock ref",
                "failed to lock", "stale info", "incorrect old value", "reference already exists")
        check(any(words in done.errors for words in lost) or "refused  refs/" in done.errors,
              f"not a lost race:\n{done.errors}")
        if "pre-receive hook declined" in done.errors:
            # The hook may see that its old id is no longer the ref's; never a broken rule.
            check(", not at" in done.errors, f"refused, and not for a lost race:\n{done.errors}")
        time.sleep(self.random.uniform(0, 0.05 * min(self.tries, 10)))
        return False

    def fetch(self, *refspecs):
        git(self.path, "fetch", "-q", self.world.server.path, *refspecs)

    def send(self, line, deadline):
        """Adds one line by plain git: fetch, unite, push, again."""
        while time.monotonic() < deadline:
            if self.world.server.refs().get(NOTES):
                self.fetch(f"+{NOTES}:refs/notes/theirs")
                git(self.path, "update-ref", NOTES, "refs/notes/theirs")
            blob = self.client.blob(bytes(line) + b"\n")
            git(self.path, "notes", "--ref", NOTES, "add", "-f", "-C", blob, line.subject)
            if self.push(f"{NOTES}:{NOTES}"):
                return
        raise AssertionError(f"pusher {self.number}: no evidence after {self.tries} tries")

    def land(self, head, deadline):
        while time.monotonic() < deadline:
            self.fetch(f"+{MASTER}:refs/remotes/master")
            tip = git(self.path, "rev-parse", "refs/remotes/master")
            tree = git(self.path, "merge-tree", "--write-tree", tip, head)
            landing = self.client.commit(tree, [tip, head], self.author,
                                         message=f"Merge {head[:7]}")
            if self.push(f"{landing}:{MASTER}"):
                return landing
        raise AssertionError(f"pusher {self.number}: no landing after {self.tries} tries")


def one(pusher, base, deadline):
    head = pusher.client.commit(
        pusher.client.tree(base, {f"f{pusher.number}.txt": "x\n"}), [base], pusher.author,
        message=f"Change {pusher.number}")
    digest = World.digest(pusher.client, head, base)
    said = evidence.statement(head, evidence.review(head, base, digest), evidence.REVIEW)
    line = evidence.envelope(said, pusher.reviewer, "gate-review").on(head)
    pusher.send(line, deadline)
    return line, pusher.land(head, deadline)


@case
def many_pushers():
    """Many people send evidence and land at once: every line arrives, and master is a straight line
    of valid landings."""
    world = World()
    base = world.master
    pushers = [Pusher(world, n) for n in range(PUSHERS)]
    started = time.monotonic()
    deadline = started + DEADLINE
    with concurrent.futures.ThreadPoolExecutor(PUSHERS) as pool:
        done = list(pool.map(lambda p: one(p, base, deadline), pushers))
    lines, landings = [d[0] for d in done], {d[1] for d in done}
    for line in lines:
        shown = run("git", "notes", "--ref", NOTES, "show", line.subject, cwd=world.server.path)
        check(bytes(line) in shown.out.split(b"\n"), f"the line on {line.subject} is lost")
    row = straight_line(world, base)
    check(set(row) == landings, "other landings than were made")
    told("plain git", started, [pusher.tries for pusher in pushers])
    for landing in row:
        parents = world.server.git("rev-parse", f"{landing}^@").split()
        check(len(parents) == 2, f"{landing} is no landing")
        merged = world.server.git("merge-tree", "--write-tree", *parents)
        check(merged == world.server.git("rev-parse", f"{landing}^{{tree}}"), "a tree is not clean")


def straight_line(world, base):
    """Asserts that everybody's change landed, one after the other, each validly; the landings."""
    row = world.server.git("rev-list", "--first-parent", f"{base}..{MASTER}").split()
    check(len(row) == PUSHERS, f"{len(row)} landings, not {PUSHERS}")
    names = world.server.git("ls-tree", "-r", "--name-only", MASTER).split()
    check(all(f"f{n}.txt" in names for n in range(PUSHERS)), "a change is lost")
    world.server.git("fsck", "--strict", "--no-dangling")
    path = world.folder / "auditor"
    run("git", "clone", "-q", world.server.path, path)
    done = run(GATE, "audit", "--json", f"{base}..", cwd=path, check=False, timeout=600)
    check(done.exit == 0, done.text + done.errors)
    audit = json.loads(done.text)
    check(audit["verdict"] == "held" and audit["counts"]["held"] == PUSHERS, audit["counts"])
    return row


def told(how, started, tries):
    """Figures for who asked for another number than the usual."""
    if "GATE_PUSHERS" in os.environ:
        print(f"{len(tries)} pushers with {how}: {time.monotonic() - started:.0f} s, pushes in all"
              f" {sum(tries)}, of one {min(tries)} to {max(tries)}, median"
              f" {statistics.median(tries):g}", file=sys.stderr, flush=True)


@case
def many_people_with_gate():
    """The same with gate's own commands: each approves and lands, again as long as it is told that
    others were faster."""
    world = World()
    base = world.master
    deadline = time.monotonic() + DEADLINE

    def clone(number, who):
        path, person = world.folder / f"{who}{number}", people[who]
        run("git", "clone", "-q", world.server.path, path)
        for key, value in (("user.name", who), ("user.email", person.email),
                           ("user.signingKey", person.key), ("gpg.format", "ssh")):
            run("git", "config", key, value, cwd=path)
        return path

    def say(path, *words):
        """Until it is done; how often."""
        for tries in range(1, 10_000):
            done = run(GATE, *words, cwd=path, check=False, timeout=DEADLINE)
            if done.exit == 0:
                return tries
            lost = ("others landed first", "others were at the evidence", "did not take",
                    "cannot lock ref")
            check(any(text in done.errors for text in lost), f"{words}: {done.errors}")
            check(time.monotonic() < deadline, f"{words}: no end after {tries} tries")
        raise AssertionError(words)
    heads = []
    for n in range(PUSHERS):
        author = ("alice", "bob", "carol")[n % 3]
        heads.append(world.commit(world.tree(base, {f"f{n}.txt": "x\n"}), [base], author,
                                  message=f"Change {n}"))
    accepted(world.push(*(f"{head}:refs/heads/t{n}" for n, head in enumerate(heads))))
    places = [(clone(n, ("bob", "carol", "alice")[n % 3]), clone(n, ("alice", "bob", "carol")[n % 3]))
              for n in range(PUSHERS)]

    def one(n):
        reviewer, author = places[n]
        approved = say(reviewer, "review", "approve", f"t{n}")
        return approved, say(author, "merge", f"t{n}")
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(PUSHERS) as pool:
        tries = list(pool.map(one, range(PUSHERS)))
    told("gate", started, [sum(pair) for pair in tries])
    straight_line(world, base)
    for head, (approved, _) in zip(heads, tries):
        shown = run("git", "notes", "--ref", NOTES, "show", head, cwd=world.server.path)
        # Who was told that others were faster and said it again has signed again.
        count = len(shown.out.splitlines())
        check(1 <= count <= approved, f"{head} has {count} lines of {approved}")


@case
def one_ref_many_pushers():
    """Of ten direct pushes at once none lands, and of ten approved fast forwards exactly one."""
    world = World()
    heads = [world.change({f"f{n}.txt": "x\n"}) for n in range(10)]
    evil = [world.change({f"evil{n}.txt": "x\n"}) for n in range(10)]
    world.publish(*(world.review(head) for head in heads))

    def push(commit):
        return run("git", "push", world.server.path, f"{commit}:{MASTER}", cwd=world.path,
                   check=False).exit
    before = world.master
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(push, evil))
    check(0 not in codes and world.master == before, "an unreviewed commit landed")
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(push, heads))
    check(codes.count(0) == 1 and world.master in heads, f"{codes.count(0)} of ten landed")
    world.server.git("fsck", "--strict", "--no-dangling")
