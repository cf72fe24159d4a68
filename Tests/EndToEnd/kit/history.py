"""A seeded history as teams make them, and a log of what was done to make it.

Nothing of gate takes part. The bulk goes through `git fast-import`; whatever gate has to see through
(reverts, picks, merges that cross) is made by the real commands.
"""

import os
import random

from dataclasses import dataclass, field

from .case import Skip
from .lab import LAB, git, run

SERVICES = 50
FILES = 8           # of each service
SLOTS = 50          # of each file: lines that one change edits and no other
SLOT_LINES = 8      # more than the context of a hunk, so that no two changes touch
PEOPLE = [          # name, the address that mailmap gives, the one in some commits
    ("Alice", "alice@wrk.example", "alice@home.example"),
    ("Bob", "bob@wrk.example", "bob@laptop.example"),
    ("Carol", "carol@wrk.example", "CAROL@wrk.example"),
    ("Dan", "dan@wrk.example", "dan@wrk.example"),
]
MAILMAP = "".join(f"{name} <{proper}> <{used}>\n" for name, proper, used in PEOPLE)


@dataclass
class Entry:
    """One landing, as it was meant."""

    label: str                      # what gate must call it; empty: the short id
    title: str
    services: set
    commits: int                    # that came with it, the landing's own merge not counted
    authors: set
    landing: str = ""
    kind: str = "change"            # change, revert, partial
    targets: list = field(default_factory=list)     # entries that it takes back as a whole
    effective: bool = True          # nothing took it back, or what did was taken back itself
    touched: bool = False           # a part of it was taken back
    pickable: bool = False          # one commit that only adds files: its raw difference travels
    match: str = ""                 # how the push must find it on the side branch
    flips: dict = field(default_factory=dict)       # changes (entries) that it brought or took


class History:
    """A repository in `path`, its worktree at the tip of master."""

    def __init__(self, path, seed, first_files=None):
        self.path, self.chance = path, random.Random(seed)
        self.clock, self.mark = 1_700_000_000, 0
        self.entries, self.contents, self.free = [], {}, []
        self.number, self.present = 0, set()       # the changes whose edits are in the files
        self.pending, self.waiting = [], []
        run("git", "init", "-q", "-b", "master", path)
        for name, value in (("gc.auto", "0"), ("core.fsync", "none"), ("advice.detachedHead", "0"),
                            ("commit.gpgSign", "false"), ("user.name", "Nobody"),
                            ("user.email", "nobody@invalid.example")):
            git(path, "config", name, value)
        edits = {".mailmap": MAILMAP, **(first_files or {})}
        for service in range(SERVICES):
            for file in range(FILES):
                name = f"svc-{service:02}/part-{file}.txt"
                self.contents[name] = [f"line {n}\n" for n in range(SLOTS * SLOT_LINES)]
                edits[name] = "".join(self.contents[name])
                self.free += [(service, name, slot) for slot in range(SLOTS)]
        self.chance.shuffle(self.free)
        self.tip = None
        self.tip = self._commit("refs/heads/master", [], "Begin\n", edits, PEOPLE[0])
        self.flush()
        self.base, self.shipped = self.tip, 0

    # ---- Through fast-import

    def _commit(self, ref, parents, message, edits, person):
        """Queues a commit; its mark."""
        self.mark += 1
        self.clock += 60
        name, proper, used = person
        address = used if self.chance.random() < 0.3 else proper
        out = [f"commit {ref}\nmark :{self.mark}\n",
               f"author {name} <{address}> {self.clock} +0000\n",
               f"committer {name} <{proper}> {self.clock} +0000\n",
               f"data {len(message.encode())}\n{message}\n"]
        for keyword, parent in zip(["from"] + ["merge"] * 9, parents):
            out.append(f"{keyword} {parent}\n")
        for path, text in edits.items():
            out.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
        self.pending.append("".join(out) + "\n")
        return f":{self.mark}"

    def flush(self):
        """Writes what is queued, and moves master and the worktree there."""
        if not self.pending:
            return
        marks = self.path.parent / "marks"
        run("git", "fast-import", "--quiet", "--force", f"--export-marks={marks}",
            cwd=self.path, input="".join(self.pending), timeout=600)
        ids = dict(line.split() for line in marks.read_text().splitlines())
        for entry in self.waiting:
            entry.landing = ids[entry.landing]
        self.tip = ids[self.tip]
        self.pending, self.waiting, self.mark = [], [], 0
        git(self.path, "reset", "-q", "--hard", "refs/heads/master")

    def _edit(self, file_only=False):
        """Edits for one commit: `(services, {path: text})`."""
        services, edits = set(), {}
        for _ in range(self.chance.choice([1, 1, 2])):
            service, name, slot = self.free.pop()
            services.add(service)
            if not file_only:
                self.contents[name][slot * SLOT_LINES] = f"change {self.number} {len(self.free)}\n"
                edits[name] = "".join(self.contents[name])
            if file_only or self.chance.random() < 0.1:
                edits[f"svc-{service:02}/new/{self.number}-{len(self.free)}.txt"] = (
                    f"change {self.number}\n")
        return services, edits

    def change(self):
        """A pull request with one of the forges' messages."""
        if self.chance.random() < 0.45:
            self._squash()
        else:
            self._merge()

    def _add(self, label, title, services, commits, people, landing, **more):
        entry = Entry(label, title, services, commits, {p[1] for p in people}, landing, **more)
        self._log(entry)
        self.waiting.append(entry)
        self.tip = landing

    def _squash(self):
        self.number += 1
        number, person = self.number, self.chance.choice(PEOPLE)
        only = self.chance.random() < 0.15
        services, edits = self._edit(file_only=only)
        title = f"Change {number}"
        change_id = f"I{number:040x}"
        people = [person]
        subject, body, label = self.chance.choice([
            (f"{title} (#{number})", "", f"#{number}"),
            (f"{title} (!{number})", "", f"!{number}"),
            (title, f"Change-Id: {change_id}\n", change_id),
            (f"Merged PR {number}: {title}", "", f"#{number}"),
            (title, "", ""),
        ])
        if self.chance.random() < 0.2:
            other = self.chance.choice(PEOPLE)
            body = f"Co-authored-by: {other[0]} <{other[2]}>\n" + body
            people.append(other)
        message = subject + "\n" + (f"\n{body}" if body else "")
        mark = self._commit("refs/heads/master", [self.tip], message, edits, person)
        self._add(label, title, services, 1, people, mark, pickable=only)

    def _merge(self):
        self.number += 1
        number, title = self.number, f"Change {self.number}"
        # A branch may be some landings old; then it only adds files.
        stale = self.chance.random() < 0.3 and len(self.entries) > self.shipped + 9
        start = self.entries[-self.chance.randint(2, 6)].landing if stale else self.tip
        parent, services, edits, people = start, set(), {}, []
        count = self.chance.randint(1, 3)
        for part in range(count):
            person = self.chance.choice(PEOPLE)
            people.append(person)
            touched, changed = self._edit(file_only=stale)
            services |= touched
            edits.update(changed)
            parent = self._commit("refs/heads/topic", [parent],
                                  f"Part {part} of {number}\n", changed, person)
        message, label = self.chance.choice([
            (f"Merge pull request #{number} from wrk/topic\n\n{title}\n", f"#{number}"),
            (f"Merge branch 'topic' into 'master'\n\n{title}\n\n"
             f"See merge request wrk/system!{number}\n", f"!{number}"),
            (f"Merged in topic (pull request #{number})\n\n{title}\n", f"#{number}"),
            (f"{title} (#{number})\n", f"#{number}"),
        ])
        mark = self._commit("refs/heads/master", [self.tip, parent], message, edits,
                            self.chance.choice(PEOPLE))
        self._add(label, title, services, count, people, mark)

    # ---- By the real commands

    def _git(self, *arguments, person=PEOPLE[3], check=True):
        self.clock += 60
        name, address, _ = person
        date = f"{self.clock} +0000"
        return run("git", *arguments, cwd=self.path, check=check, timeout=300, env={
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address, "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": address, "GIT_COMMITTER_DATE": date})

    def _head(self):
        return git(self.path, "rev-parse", "HEAD")

    def _landed(self, label, title, services, commits, people, **more):
        """Logs what is checked out as the newest landing."""
        old, self.tip = self.tip, self._head()
        changed = git(self.path, "diff-tree", "-r", "--name-only", old, self.tip).split()
        for name in changed:
            if name in self.contents:
                with open(self.path / name, encoding="utf-8") as file:
                    self.contents[name] = file.readlines()
        self._log(Entry(label, title, services, commits, {p[1] for p in people}, self.tip, **more))

    def _log(self, entry):
        if entry.kind == "change":
            entry.flips = {len(self.entries): True}
            self.present.add(len(self.entries))
        self.entries.append(entry)

    def _flips(self, index, present):
        """What reverting an entry does to the files that have these changes: what it brought goes
        and what it took comes, unless something else has done that meanwhile."""
        return {change: not came for change, came in self.entries[index].flips.items()
                if (change in present) == came}

    def _undo(self, index):
        """Reverts an entry in what the files are known to have."""
        flips = self._flips(index, self.present)
        for change, comes in flips.items():
            (self.present.add if comes else self.present.remove)(change)
        return flips

    def _services_of(self, flips):
        return {service for change in flips for service in self.entries[change].services}

    def _is_merge(self, landing):
        return len(git(self.path, "rev-list", "--parents", "-1", landing).split()) > 2

    def _revert(self, target, *more):
        mainline = ["-m", "1"] if self._is_merge(target.landing) else []
        self._git("revert", *more, *mainline, target.landing)

    def _targets(self, count=1):
        """Entries to revert, the newest first. All that each did is still as it left it: what was
        partly undone meanwhile can only be reverted in part, and that is `partial_revert`."""
        able = [n for n, e in enumerate(self.entries[-400:], max(0, len(self.entries) - 400))
                if e.effective and not e.touched and e.kind != "partial"]
        if len(able) < count:
            return []
        targets = sorted(self.chance.sample(able, count), reverse=True)
        present = set(self.present)
        for index in targets:
            flips = self._flips(index, present)
            if not flips or flips.keys() != self.entries[index].flips.keys():
                return []
            for change, comes in flips.items():
                (present.add if comes else present.remove)(change)
        return targets

    def _take_back(self, index, effective):
        entry = self.entries[index]
        entry.effective = effective
        for target in entry.targets:
            self._take_back(target, not effective)

    def revert(self):
        """One landing is taken back, also one that takes back another."""
        self.flush()
        targets = self._targets()
        if not targets:
            return self.change()
        target = self.entries[targets[0]]
        self.number += 1
        number, form = self.number, self.chance.choice(["squash", "merge", "plain", "number"])
        label, title = f"#{number}", f'Revert "{target.title}"'
        if form == "number" and (not target.label.startswith("#") or target.targets):
            form = "squash"
        if form == "merge":
            git(self.path, "checkout", "-q", "-b", "revert")
            self._revert(target, "--no-edit")
            git(self.path, "checkout", "-q", "master")
            self._git("merge", "-q", "--no-ff", "-m",
                      f"Merge pull request #{number} from wrk/revert-{number}\n\n{title}", "revert")
            git(self.path, "branch", "-q", "-D", "revert")
        elif form == "plain":
            self._revert(target, "--no-edit")
            label = ""
            title = git(self.path, "log", "-1", "--format=%s")
        else:
            self._revert(target, "--no-commit")
            named = f"This reverts commit {target.landing}."
            if form == "number":
                named = f"Reverts wrk/system{target.label}"
            self._git("commit", "-q", "-m", f"{title} (#{number})\n\n{named}")
        if form == "plain" and title.endswith(")") and "(#" in title.rsplit(" ", 1)[-1]:
            raise AssertionError(f"a revert's own title ends in a number: {title}")
        self._take_back(targets[0], False)
        flips = self._undo(targets[0])
        self._landed(label, title, self._services_of(flips), 1, [PEOPLE[3]], kind="revert",
                     targets=targets, flips=flips)

    def revert_two(self):
        """One merge takes back two landings, each by a commit."""
        self.flush()
        targets = self._targets(2)
        # Of which both or none are deployed.
        if not targets or len({t < self.shipped for t in targets}) > 1:
            return self.change()
        self.number += 1
        git(self.path, "checkout", "-q", "-b", "revert")
        for index in targets:
            self._revert(self.entries[index], "--no-edit")
        git(self.path, "checkout", "-q", "master")
        self._git("merge", "-q", "--no-ff", "-m",
                  f"Merge pull request #{self.number} from wrk/two\n\nBack to before", "revert")
        git(self.path, "branch", "-q", "-D", "revert")
        flips = {}
        for index in targets:
            self._take_back(index, False)
            for change, comes in self._undo(index).items():
                # What goes and comes again in one landing is not in it.
                if change in flips:
                    del flips[change]
                else:
                    flips[change] = comes
        self._landed(f"#{self.number}", "Back to before", self._services_of(flips), 2, [PEOPLE[3]],
                     kind="revert", targets=targets, flips=flips)

    def partial_revert(self):
        """All is taken back but an edit more comes with it: that cancels nothing."""
        self.flush()
        targets = self._targets()
        if not targets:
            return self.change()
        target = self.entries[targets[0]]
        self.number += 1
        self._revert(target, "--no-commit")
        service, name, slot = self.free.pop()
        with open(self.path / name, encoding="utf-8") as file:
            lines = file.readlines()
        lines[slot * SLOT_LINES] = f"besides {self.number}\n"
        (self.path / name).write_text("".join(lines), encoding="utf-8")
        title = f"Revert most of {self.number}"
        self._git("commit", "-q", "-a", "-m",
                  f"{title} (#{self.number})\n\nThis reverts commit {target.landing}.")
        self._touch(targets[0])
        services = self._services_of(self._undo(targets[0])) | {service}
        self._landed(f"#{self.number}", title, services, 1, [PEOPLE[3]], kind="partial")

    def _touch(self, index):
        """What is partly gone is left alone from now on, and so is all that brought or took it."""
        changes = self.entries[index].flips.keys()
        for entry in self.entries:
            entry.touched = entry.touched or not changes.isdisjoint(entry.flips)

    def criss_cross(self):
        """Two branches merge each other and then land one after the other."""
        self.flush()
        people, touched = [], {}
        for name in ("one", "two"):
            git(self.path, "checkout", "-q", "-b", name, "master")
            touched[name] = self._write(name)
            people.append(self.chance.choice(PEOPLE))
            self._git("commit", "-q", "-a", "-m", f"Work on {name}", person=people[-1])
        start = {name: git(self.path, "rev-parse", name) for name in ("one", "two")}
        for name, other in (("one", "two"), ("two", "one")):
            git(self.path, "checkout", "-q", name)
            self._git("merge", "-q", "--no-edit", start[other])
        more = self._write("two again")
        people.append(self.chance.choice(PEOPLE))
        self._git("commit", "-q", "-a", "-m", "More work on two", person=people[-1])
        git(self.path, "checkout", "-q", "master")
        for name, services, commits, who in (
                # The first brings both branches' work and its own merge of them.
                ("one", touched["one"] | touched["two"], 3, people[:2] + [PEOPLE[3]]),
                ("two", more, 2, people[2:] + [PEOPLE[3]])):
            self.number += 1
            title = f"Cross {self.number}"
            self._git("merge", "-q", "--no-ff", "-m",
                      f"Merge pull request #{self.number} from wrk/{name}\n\n{title}", name)
            git(self.path, "branch", "-q", "-D", name)
            self._landed(f"#{self.number}", title, services, commits, who, touched=True)

    def _write(self, words):
        service, name, slot = self.free.pop()
        with open(self.path / name, encoding="utf-8") as file:
            lines = file.readlines()
        lines[slot * SLOT_LINES] = f"{words} {self.number}\n"
        (self.path / name).write_text("".join(lines), encoding="utf-8")
        return {service}

    # ---- What was deployed

    def deploy(self):
        """What has landed is in production."""
        self.flush()
        self.base, self.shipped = self.tip, len(self.entries)

    def land(self, count, special=0.1):
        """Lands changes until there are so many; `special` is the share of those that only the
        real commands make."""
        kinds = [self.revert] * 6 + [self.partial_revert] * 2 + [self.revert_two, self.criss_cross]
        while len(self.entries) < count:
            if self.chance.random() < special:
                self.chance.choice(kinds)()
            else:
                self.change()
        self.flush()

    def hotfix(self, count):
        """Picks changes to a branch at the base, which is deployed."""
        targeted = {t for e in self.entries for t in e.targets}
        free = [n for n, e in enumerate(self.entries)
                if n >= self.shipped and e.kind == "change" and e.effective and not e.touched
                and n not in targeted]
        plain = [n for n in free if self.entries[n].pickable]
        chosen = set(self.chance.sample(free, min(count, len(free))))
        chosen |= set(self.chance.sample(plain, min(count // 2, len(plain))))
        git(self.path, "checkout", "-q", "-b", "hotfix", self.base)
        for index in sorted(chosen):
            self._pick(self.entries[index])
        self.hotfix_tip = self._head()
        git(self.path, "checkout", "-q", "master")

    def _pick(self, entry):
        named, edited = self.chance.random() < 0.5, self.chance.random() < 0.25
        mainline = ["-m", "1"] if self._is_merge(entry.landing) else []
        # A branch without a number of its own is only found by what it does.
        by_number = "number" if entry.label else ""
        self._git("cherry-pick", *mainline, *(["-x"] if named else []), entry.landing)
        if edited:
            self._write("edited")
            self._git("commit", "-q", "-a", "--amend", "--no-edit")
            entry.match = by_number
            return
        raw = ["diff-tree", "-r", "--raw", "--no-abbrev", "--no-renames"]
        one = git(self.path, *raw, f"{entry.landing}^1", entry.landing)
        other = git(self.path, *raw, "HEAD^", "HEAD")
        entry.match = "trailer" if named else "difference" if one == other else by_number

    def state(self, index, hotfix=False):
        """What gate must call the state of an entry behind the base."""
        entry = self.entries[index]
        if hotfix and entry.match in ("trailer", "difference"):
            return "already_shipped"
        if entry.kind == "partial":
            return "included"
        if entry.kind == "revert":
            shipped = all(t < self.shipped for t in entry.targets)
            if shipped:
                return "included" if entry.effective else "reverted"
            return "reverted"
        return "included" if entry.effective else "reverted"


def real_histories(name):
    """Bare copies of the repositories that GATE_REAL_HISTORY names, separated by colons, each with
    its HEAD as master and nothing else: (source, copy) for each."""
    sources = [path for path in os.environ.get("GATE_REAL_HISTORY", "").split(":") if path]
    if not sources:
        raise Skip("GATE_REAL_HISTORY names no repository")
    for number, source in enumerate(sources):
        folder = LAB / "cases" / f"{name}-{number}.git"
        run("git", "clone", "-q", "--bare", "--single-branch", "--no-tags", source, folder,
            timeout=1800)
        git(folder, "config", "--remove-section", "remote.origin")
        git(folder, "update-ref", "refs/heads/master", git(folder, "rev-parse", "HEAD"))
        git(folder, "symbolic-ref", "HEAD", "refs/heads/master")
        yield source, folder


__all__ = ["History", "SERVICES", "real_histories"]
