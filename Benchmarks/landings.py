"""A seeded history of clean merges, as a team of many makes them; by `git fast-import`.

The generator knows every file at every landing, so each merge is what git's own would be: branches
start some landings back, and one in twenty commits edits a file that master has changed since, far
enough from that change.
"""

import random

from kit import run

FILES = 3_000
SLOTS = 6           # places of a file that commits edit
SLOT_LINES = 8      # between two of them lie more lines than the context of a hunk
AGE = 12            # how many landings a branch may be behind


def path_of(number):
    return f"services/s{number % 50:02}/m{number // 50 % 10:02}/file_{number:04}.py"


class Landings:
    """`spoilt` of the merges are not git's own: half have an edit more, half are without the
    branch's changes."""

    def __init__(self, seed, spoilt=0.0):
        self.chance = random.Random(seed)
        self.spoilt, self.spoilt_count = spoilt, 0
        self.slots = [[0] * SLOTS for _ in range(FILES)]
        self.past = [[] for _ in range(FILES)]      # (landing, slot, value before)
        self.marks, self.mark, self.value = [], 0, 0
        self.out = []

    def text(self, file, since=None):
        """The file as it is, or as it was at a landing."""
        slots = self.slots[file]
        if since is not None:
            slots = list(slots)
            for landing, slot, before in reversed(self.past[file]):
                if landing <= since:
                    break
                slots[slot] = before
        return self.show(file, slots)

    @staticmethod
    def show(file, slots):
        between = "".join(f"    # {n} {file}\n" for n in range(SLOT_LINES))
        return "".join(f"VALUE_{n} = {value}\n{between}" for n, value in enumerate(slots))

    def commit(self, ref, parents, message, edits):
        self.mark += 1
        clock = 1_500_000_000 + self.mark * 60
        person = self.chance.choice(["Alice", "Bob", "Carol"])
        who = f"{person} <{person.lower()}@wrk.example> {clock} +0000"
        self.out.append(f"commit {ref}\nmark :{self.mark}\nauthor {who}\ncommitter {who}\n"
                        f"data {len(message)}\n{message}\n")
        for keyword, parent in zip(("from", "merge"), parents):
            self.out.append(f"{keyword} :{parent}\n")
        for path, text in edits.items():
            self.out.append(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n")
        return self.mark

    def land(self):
        """One pull request: one to five commits, each of one to five files."""
        number = len(self.marks)
        start = max(0, number - 1 - self.chance.randrange(AGE))
        tip, branch = self.marks[start], {}
        for part in range(self.chance.randint(1, 5)):
            edits = {}
            for _ in range(self.chance.randint(1, 5)):
                file, slot = self.free(start)
                if file not in branch:
                    branch[file] = self.text(file, since=start), {}
                self.value += 1
                branch[file][1][slot] = self.value
                edits[path_of(file)] = self.with_slots(*branch[file])
            tip = self.commit("refs/heads/topic", [tip], f"Part {part + 1} of {number}\n", edits)
        # git would make neither of the two; no later merge is another for it.
        leaves_out = adds = False
        if self.spoilt and self.chance.random() < self.spoilt:
            self.spoilt_count += 1
            leaves_out = self.chance.random() < 0.5
            adds = not leaves_out
        merged = {}
        for file, (_, slots) in ([] if leaves_out else branch.items()):
            for slot, value in slots.items():
                self.past[file].append((number, slot, self.slots[file][slot]))
                self.slots[file][slot] = value
            merged[path_of(file)] = self.text(file)
        if adds:
            merged[f"added/{number}.txt"] = "by hand\n"
        message = f"Merge pull request #{number} from wrk/topic\n\nChange {number}\n"
        self.marks.append(
            self.commit("refs/heads/master", [self.marks[-1], tip], message, merged))

    def free(self, start):
        """A place that nobody has touched since a landing; in a changed file now and then."""
        may_share = self.chance.random() < 0.05
        while True:
            file, slot = self.chance.randrange(FILES), self.chance.randrange(SLOTS)
            recent = [s for landing, s, _ in self.past[file][-AGE * 5:] if landing > start]
            if not recent or may_share and slot not in recent:
                return file, slot

    @staticmethod
    def with_slots(text, slots):
        lines = text.splitlines(keepends=True)
        for slot, value in slots.items():
            lines[slot * (SLOT_LINES + 1)] = f"VALUE_{slot} = {value}\n"
        return "".join(lines)

    def write(self, path, count):
        """A bare repository with `count` landings on master."""
        run("git", "init", "-q", "--bare", "--template=", "-b", "master", path)
        self.marks.append(self.commit(
            "refs/heads/master", [], "Start\n",
            {path_of(file): self.text(file) for file in range(FILES)}))
        for _ in range(count):
            self.land()
        self.out.append(f"reset refs/heads/topic\nfrom {'0' * 40}\n\n")
        run("git", "-c", "core.compression=1", "fast-import", "--quiet", "--depth=10", cwd=path, input="".join(self.out),
            timeout=900)
        run("git", "repack", "-adq", "--threads=2", cwd=path, timeout=900)
        self.out = []
