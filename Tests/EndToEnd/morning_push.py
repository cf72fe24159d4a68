#!/usr/bin/env python3
"""examples/morning-push on one machine: its registry, its gated server, its scripts, its README.

usage: morning_push.py [--keep] [NAME]...

Each drill begins with a copy of one playground, after its first morning. $GATE_PROGRAM is the
program under test. The last line is `N passed, N failed`.
"""

import contextlib
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "morning-push"
LAB = Path(tempfile.mkdtemp(prefix="gate-morning-"))
DRILLS = []


def drill(function):
    """Makes a function a drill; it is called with a fresh morning."""
    DRILLS.append(function)
    return function


def check(holds, message):
    if not holds:
        raise AssertionError(message)


class Skip(Exception):
    """The machine lacks what a drill needs."""


class Said:
    """What a program left."""

    def __init__(self, done):
        self.exit, self.out, self.errors = done.returncode, done.stdout, done.stderr
        self.all = done.stdout + done.stderr

    def sentence(self):
        """Standard error, which must be one line."""
        lines = self.errors.strip().splitlines()
        check(len(lines) == 1, f"not one sentence:\n{self.errors}")
        return lines[0]


def bash(words, *, cwd, env, exit=0, input="", timeout=120):
    """Runs a line of shell; `exit` is what it must exit with, None whatever."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", words], cwd=cwd, env=env, text=True,
                          input=input, capture_output=True, timeout=timeout)
    said = Said(done)
    check(exit is None or said.exit == exit,
          f"{words}\nexit {said.exit}, not {exit}\n{said.out}{said.errors}")
    return said


def surroundings():
    """A machine's environment in which `gate` is the program under test."""
    program = Path(os.environ.get("GATE_PROGRAM") or ROOT / ".build" / "debug" / "gate").resolve()
    (LAB / "bin").mkdir()
    (LAB / "bin" / "gate").symlink_to(program)
    path = f"{LAB / 'bin'}:{os.environ['PATH']}:/usr/sbin:/sbin"
    # Debian's python3 has Debian's pytest.
    if subprocess.run(["python3", "-c", "import pytest"], capture_output=True).returncode != 0:
        (LAB / "bin" / "python3").symlink_to("/usr/bin/python3")
    return {"PATH": path, "HOME": str(LAB), "LC_ALL": "C.UTF-8", "TZ": "UTC", "TMPDIR": str(LAB),
            "GIT_CONFIG_NOSYSTEM": "1"}


class Morning:
    """A playground: what people say there, and what it left."""

    template = None

    def __init__(self, name):
        """A copy of the template under a name of its own; the registry is everybody's."""
        self.top = LAB / name
        old = str(Morning.template.top)
        subprocess.run(["cp", "-a", old, self.top], check=True)
        for path in [self.top / "env", *self.top.glob("*/.git/config")]:
            path.write_text(path.read_text().replace(old, str(self.top)))
        self.read_environment()

    @classmethod
    def first(cls):
        """Makes the template."""
        self = cls.template = cls.__new__(cls)
        self.top = LAB / "playground"
        bash(f"{EXAMPLE}/playground/up.sh {self.top}", cwd=LAB, env=ENVIRONMENT)
        self.read_environment()

    def read_environment(self):
        said = bash(f". {self.top}/env; env -0", cwd=self.top, env=ENVIRONMENT).out
        self.env = dict(pair.split("=", 1) for pair in said.split("\0") if "=" in pair)

    def say(self, who, words, **options):
        """Somebody says something in their clone."""
        env = {**self.env, **options.pop("env", {})}
        return bash(words, cwd=self.top / who, env=env, **options)

    # What there is

    def manifest(self, path="manifest.json", who="carol"):
        return json.loads((self.top / who / path).read_text())

    def cluster(self, environment):
        """The images that an environment runs, by service."""
        found = {}
        for path in sorted((self.top / "cluster" / environment).glob("deployment.*.json")):
            pod = json.loads(path.read_text())["spec"]["template"]["spec"]
            found[path.name.split(".")[1]] = pod["containers"][0]["image"]
        return found

    def applied(self, environment):
        """How often something was applied to an environment."""
        calls = self.top / "cluster" / "calls"
        said = calls.read_text() if calls.exists() else ""
        return said.count(f"--context {environment} apply")

    def digest(self, image):
        """The digest of what the registry has under a name, computed here."""
        raw = subprocess.run(["skopeo", "inspect", "--raw", f"docker://{image}"], env=self.env,
                             capture_output=True, timeout=60, check=True).stdout
        return "sha256:" + hashlib.sha256(raw).hexdigest()

    def database(self, environment):
        """The migrations that an environment's database has had."""
        import sqlite3
        path = self.top / "databases" / f"{environment}.sqlite"
        if not path.exists():
            return []
        return [row[0] for row in sqlite3.connect(path).execute(
            "SELECT name FROM migrations ORDER BY name")]

    # What people do

    def build(self, who="carol", revision="origin/master", environment="staging"):
        """A manifest with images, without a release."""
        self.say(who, f"""
            gate manifest --to {revision} --environment {environment} -o manifest.json
            for service in api worker; do
                image=$(deploy/image.sh $service $REGISTRY/$service {revision})
                gate manifest set-image $service $image --file manifest.json
            done""")


ENVIRONMENT = {}


def trust_plain_http(morning, port):
    """Lets skopeo speak to a registry on the loopback without TLS."""
    with open(morning.top / "home/.config/containers/registries.conf", "a") as file:
        file.write(f'[[registry]]\nlocation = "127.0.0.1:{port}"\ninsecure = true\n')


@contextlib.contextmanager
def other_registry(answer):
    """A registry that answers each request in one way; with None, a port where nobody listens."""
    class Handler(http.server.BaseHTTPRequestHandler):
        """GET only: nobody gets as far as an upload."""

        def do_GET(self):
            body = {"nonsense": b"<html>Welcome to the guest network</html>",
                    "error": b"", "other": b'{"schemaVersion":2,"config":{},"layers":[]}'}[answer]
            self.send_response(500 if answer == "error" else 200)
            kind = "text/html" if answer == "nonsense" else \
                "application/vnd.oci.image.manifest.v1+json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_):
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if answer is None:
        server.server_close()
        yield server.server_port
        return
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@drill
def images_are_reproducible(morning):
    """Two people build a commit, with different clones, umasks, zones and rubbish: one digest."""
    one = morning.say("alice", "deploy/image.sh api $REGISTRY/api master").out
    morning.say("bob", "echo rubbish >api/rubbish.py; echo rubbish >>lib/money.py")
    two = morning.say("bob", "umask 077; deploy/image.sh api $REGISTRY/api master",
                      env={"TZ": "Asia/Tokyo", "LC_ALL": "C"}).out
    check(one == two, f"{one}{two}")
    name, digest = one.strip().split("@")
    check(morning.digest(one.strip()) == digest, "the registry has other bytes")
    revision = morning.say("alice", "git rev-parse master").out.strip()
    said = json.loads(morning.say("alice", f"skopeo inspect --config docker://{one}").out)
    at = morning.say("alice", "git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ").out
    labels = said["config"]["Labels"]
    check(labels == {"org.opencontainers.image.revision": revision,
                     "org.opencontainers.image.source": "wrk/system",
                     "org.opencontainers.image.created": at.strip()}, labels)
    check(said["created"] == at.strip() and said["config"]["User"] == "65534:65534", said)
    # A tag of a commit that somebody else has put elsewhere is not overwritten.
    morning.say("alice", f"skopeo copy -q docker://$BASE docker://$REGISTRY/spoilt:{revision}")
    wrong = morning.say("alice", "deploy/image.sh worker $REGISTRY/spoilt master", exit=1)
    check("already" in wrong.sentence(), wrong.errors)


@drill
def deployed_twice(morning):
    """deploy.sh does everything once; said again it moves nothing."""
    morning.build()
    said = morning.say("carol", "deploy/deploy.sh manifest.json").out
    check("applied 0001_create_payouts" in said, said)
    images = {one["name"]: f"{one['image']['uri']}@sha256:{one['image']['digest']['sha256']}"
              for one in morning.manifest()["services"]}
    check(morning.cluster("staging") == images, morning.cluster("staging"))
    for image in images.values():
        name, digest = image.split("@")
        check(morning.digest(f"{name}:staging") == digest, image)
    again = morning.say("carol", "deploy/deploy.sh manifest.json").out
    check("nothing to do" in again and "configured" not in again, again)
    check(morning.database("staging") == ["0001_create_payouts"], morning.database("staging"))
    check(not morning.cluster("production") and not morning.database("production"), "not its own")


@drill
def registry_answers_wrong(morning):
    """A registry that lacks an image, that is gone, or that talks nonsense: a sentence each, and
    nothing moves."""
    morning.build()
    manifest = morning.manifest()
    manifest["services"][1]["image"]["digest"]["sha256"] = "0" * 64
    (morning.top / "carol" / "wrong.json").write_text(json.dumps(manifest))
    said = morning.say("carol", "deploy/deploy.sh wrong.json", exit=1)
    check(f"nothing where {manifest['services'][1]['image']['uri']}" in said.sentence(), said.errors)
    registry = morning.env["REGISTRY"]
    for answer, words, code in ((None, "connection refused", 3), ("error", "no usable answer", 3),
                                ("nonsense", "should be", 1), ("other", "should be", 1)):
        with other_registry(answer) as port:
            # The manifest is the same, but for a registry that is not right.
            text = (morning.top / "carol" / "manifest.json").read_text()
            (morning.top / "carol" / "wrong.json").write_text(
                text.replace(registry, f"127.0.0.1:{port}"))
            trust_plain_http(morning, port)
            said = morning.say("carol", "deploy/deploy.sh wrong.json", exit=code)
            check(words in said.sentence(), f"{answer}: {said.errors}")
    check(morning.applied("staging") == 0 and not morning.database("staging"), "something moved")


@drill
def images_run(morning):
    """What is in the image serves: unpacked, as its own root, by its own entry point."""
    if os.geteuid() != 0:
        raise Skip("needs root, for chroot")
    morning.say("alice", """
        image=$(deploy/image.sh api $REGISTRY/api master)
        skopeo copy -q docker://$image oci:$PLAYGROUND/pulled:api
        umoci unpack --image $PLAYGROUND/pulled:api $PLAYGROUND/bundle
        python3 deploy/migrate.py $PLAYGROUND/bundle/rootfs/db.sqlite api/migrations""")
    root = morning.top / "bundle" / "rootfs"
    start = json.loads((morning.top / "bundle" / "config.json").read_text())["process"]
    env = dict(pair.split("=", 1) for pair in start["env"])
    environment = [f"{name}={value}" for name, value in {
        **env, "PORT": "0", "DATABASE": "/db.sqlite"}.items()]
    with subprocess.Popen(
            ["chroot", root, "/usr/bin/python3", "-c",
             f"import os; os.chdir({start['cwd']!r}); os.execve('/usr/bin/python3',"
             f" {start['args']!r}, dict(p.split('=', 1) for p in {environment!r}))"],
            stdout=subprocess.PIPE, text=True) as api:
        try:
            port = api.stdout.readline().split()[-1]
            said = bash(f"curl -fsS 127.0.0.1:{port}/healthz", cwd=LAB, env=morning.env).out
        finally:
            api.kill()
    revision = morning.say("alice", "git rev-parse master").out.strip()
    check(json.loads(said) == {"revision": revision}, said)


def main():
    arguments = sys.argv[1:]
    keep = "--keep" in arguments
    wanted = [name for name in arguments if name != "--keep"]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    ENVIRONMENT.update(surroundings())
    try:
        started = time.monotonic()
        Morning.first()
        print(f"playground {time.monotonic() - started:.1f} s", flush=True)
        for function in DRILLS:
            if wanted and function.__name__ not in wanted:
                continue
            started, words = time.monotonic(), ""
            try:
                function(Morning(function.__name__))
                outcome = "passed"
            except Skip as reason:
                outcome, words = "skipped", str(reason)
            except Exception as error:
                outcome = "failed"
                at = traceback.extract_tb(error.__traceback__)
                lines = " < ".join(str(f.lineno) for f in reversed(at))
                words = f"{type(error).__name__}: {error}\nat {lines}".replace("\n", "\n    ")
            counts[outcome] += 1
            print(f"{outcome:7} {time.monotonic() - started:5.1f} s  {function.__name__}"
                  + (f"\n    {words}" if words else ""), flush=True)
    except AssertionError as error:
        counts["failed"] += 1
        print(f"failed: the playground\n{error}")
    finally:
        subprocess.run([EXAMPLE / "playground" / "down.sh", LAB / "playground"], check=False)
        if keep:
            print(f"left for a look: {LAB}")
        else:
            shutil.rmtree(LAB, ignore_errors=True)
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
