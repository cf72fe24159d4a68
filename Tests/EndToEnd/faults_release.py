"""Faults of those who release: a start, an outcome or a promotion is ended, or refused something by
the operating system, at each step. What is signed decides; said again, it goes on from there."""

from faults_ledger import FAIL, KILL, Errand, every
from kit import check, run
from kit.case import cases
from kit.faults import Stage
from kit.morning import GATE, Morning, image
from readers import lines_of

NOW = {"SOURCE_DATE_EPOCH": "1795415400"}


class Release(Errand):
    """Alice releases; what her words end in is one more signed statement."""

    environment, state = "staging", "unknown"

    def __init__(self):
        self.world = Morning()
        self.log = self.world.folder.with_name("strace.log")
        self.alice = self.world.clone("alice")
        self.place = self.alice.path
        self.begin()
        self.before = self.count()
        self.refs = self.world.server.refs()
        self.stage = Stage(self.world.folder)

    def begin(self):
        pass

    def count(self):
        return len(list(lines_of(self.world.server.path)))

    def say(self, *before, words=None):
        return run(*before, GATE, *(words or self.words), cwd=self.place, check=False,
                   env={**NOW, "TMPDIR": str(self.world.folder)})

    def between(self):
        check(self.count() - self.before in (0, 1), f"{self.count() - self.before} statements more")
        for name, tip in self.refs.items():
            now = self.world.server.refs().get(name)
            # Only evidence and what repeats it may have moved.
            check(now == tip or name.startswith(("refs/notes/gate", "refs/gate/deployed/")),
                  f"{name}: {tip} -> {now}")

    def at_last(self):
        check(self.count() - self.before == 1, f"{self.count() - self.before} statements more")
        state = self.alice.state(self.environment)
        check(state["state"] == self.state, f"{self.environment} is {state['state']}")


class Start(Release):
    words = ["release", "start", "--yes"]


class Record(Release):
    words = ["release", "record", "--environment", "staging", "--outcome", "succeeded"]
    state = "succeeded"

    def begin(self):
        self.alice.gate("release", "start", "--yes")
        manifest = self.place / "manifest.json"
        self.alice.gate("manifest", "--of", "staging", "-o", manifest)
        for number, service in enumerate(("api", "worker")):
            self.alice.gate("manifest", "set-image", service, image(service, number + 1),
                            "--file", manifest)
        self.alice.gate("release", "record", "--environment", "staging", "--outcome", "started",
                        "--manifest", manifest)

    def at_last(self):
        super().at_last()
        marker = self.world.server.tip("refs/gate/deployed/staging/default")
        check(marker in (None, self.world.master), f"the marker is at {marker}")


class Promote(Release):
    words = ["release", "promote", "--to", "production", "--yes"]
    environment = "production"

    def begin(self):
        self.alice.stage([("api", 1), ("worker", 1)])
        for item in self.alice.state()["checklist"]:
            self.alice.gate("release", "tick", item["id"])


@cases((
    ("start_killed", "A start that is killed is signed or not, and then once.", Start, KILL, False,
     3),
    ("start_killed_below", "The same where git or ssh-keygen is killed below it.", Start, KILL,
     True, 3),
    ("start_failing", "The same where a call fails.", Start, FAIL, False, 3),
    ("record_killed", "An outcome that is killed is signed or not, and then once.", Record, KILL,
     True, 3),
    ("record_failing", "The same where a call fails.", Record, FAIL, False, 3),
    ("promote_killed", "A promotion that is killed is signed or not, and then once.", Promote, KILL,
     True, 3),
    ("promote_failing", "The same where a call fails.", Promote, FAIL, False, 3),
))
def release(make, kinds, deep, count):
    every(make, kinds, deep, count, f"{make.__name__} {deep}")
