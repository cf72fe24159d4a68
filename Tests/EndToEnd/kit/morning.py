"""A server that releases: people's clones, their `gate release`, and services with images."""

import json
import os

from . import policy
from .lab import people, run
from .server import accepted
from .world import MASTER, World

GATE = os.environ.get("GATE_PROGRAM") or os.environ.get("GATE", "gate")
DAY = "2026-11-23T06:30:00Z"

RELEASE = {
    "release": {
        "ref": "refs/heads/master",
        "environments": ["staging", "production"],
        "operators": {"staging": ["engineering"], "production": ["release-managers", "alice"]},
    },
    "services": {
        "api": {"paths": ["src/**"], "image": "registry.wrk.example/api"},
        "worker": {"paths": ["work/**"], "image": "registry.wrk.example/worker"},
    },
    "migrations": ["**/migrations/[0-9]*.py"],
    "checklist": {
        "always": ["Sign in"],
        "changed": [{"paths": ["**/migrations/**"], "text": "Row counts looked at"}],
    },
    "limits": {"max_changes": 3, "freeze": ["2026-12-24..2027-01-01"]},
}


def image(name, number):
    """An image's reference and digest, made up from a number."""
    digest = f"{number:064x}"
    return f"registry.wrk.example/{name}@sha256:{digest}"


class Morning(World):
    """A server whose policy releases, with two landings behind its policy."""

    def __init__(self, release=None, rules=None):
        described = {**RELEASE, **(release or {})}
        described["release"] = {
            **described["release"],
            "operators": {
                name: [people[m].email if m in people else m for m in names]
                for name, names in described["release"]["operators"].items()}}
        super().__init__(policy.files(
            rules or policy.only("deletion", "non_fast_forward"), more={"policies/release.yml": policy.yaml(described)}))

    def land_file(self, path, content, title):
        """One fast-forward landing, which nobody has to review here."""
        change = self.change({path: content}, message=title)
        accepted(self.land(change, MASTER))
        return change

    def clone(self, who, name=None):
        """Somebody's clone, who signs with their own key."""
        path = self.folder / (name or who)
        run("git", "clone", "-q", self.server.path, path)
        person = people[who]
        for key, value in (
                ("user.name", who), ("user.email", person.email),
                ("user.signingKey", person.key), ("gpg.format", "ssh")):
            run("git", "config", key, value, cwd=path)
        return Desk(path)


class Desk:
    """Somebody at their clone."""

    def __init__(self, path):
        self.path = path

    def gate(self, *words, env=None, code=0):
        """Runs gate; anything but the expected exit code fails the case."""
        done = run(GATE, *words, cwd=self.path, check=False,
                   env={"SOURCE_DATE_EPOCH": "1795415400", **(env or {})})
        if done.exit != code:
            shown = " ".join(map(str, words))
            raise AssertionError(
                f"gate {shown}\nexit {done.exit}, not {code}\n{done.text}{done.errors}")
        return done

    def race(self, *words):
        """Runs gate, whatever its exit code."""
        return run(GATE, *words, cwd=self.path, check=False,
                   env={"SOURCE_DATE_EPOCH": "1795415400"})

    def json(self, *words, **options):
        return json.loads(self.gate(*words, "--json", **options).text)

    def state(self, environment="staging"):
        status = self.json("release", "status")
        return next(e for e in status["environments"] if e["environment"] == environment)

    def deploy(self, environment="staging", images=()):
        """Everything between a start and its outcome, as a deploy script does it."""
        manifest = self.path / "manifest.json"
        self.gate("manifest", "--of", environment, "-o", manifest)
        for service, number in images:
            self.gate("manifest", "set-image", service, image(service, number),
                      "--file", manifest)
        if images:
            self.gate("release", "record", "--environment", environment, "--outcome", "started",
                      "--manifest", manifest)
        self.gate("release", "record", "--environment", environment, "--outcome", "succeeded")

    def stage(self, images, *words):
        """A whole push to staging."""
        self.gate("release", "start", "--yes", *words)
        self.deploy("staging", images)
