#!/usr/bin/env python3
"""examples/morning-push on one machine: its registry, its gated server, its scripts, its README.

usage: morning_push.py [--keep] [NAME]...

The README's first block makes a playground; each drill begins with a copy of it, on a morning with
two changes to push. $GATE_PROGRAM is the program under test. The last line is `N passed, N failed`.

An image's name has its registry's port in it, so every copy needs the same one: each drill runs in a
network namespace of its own, where the machine has them, else one after the other.
"""

import concurrent.futures
import contextlib
import fcntl
import fnmatch
import hashlib
import http.server
import json
import os
import re
import shlex
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "examples" / "morning-push"
LAB = Path(os.environ.get("GATE_MORNING_LAB") or tempfile.mkdtemp(prefix="gate-morning-"))
DRILLS = {}
LONG = ("a_first_week_colleague", "a_bad_change_on_staging", "a_hotfix_is_listed_once",
        "killed_and_said_again", "promoted_images_are_the_same")


def drill(function):
    """Makes a function a drill; it is called with a fresh morning."""
    DRILLS[function.__name__] = function
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
                          input=input, capture_output=True, timeout=timeout,
                          start_new_session=True)
    said = Said(done)
    check(exit is None or said.exit == exit,
          f"{words}\nexit {said.exit}, not {exit}\n{said.out}{said.errors}")
    return said


def surroundings():
    """A machine's environment in which `gate` is the program under test."""
    program = Path(os.environ.get("GATE_PROGRAM") or ROOT / ".build" / "debug" / "gate").resolve()
    path = f"{LAB / 'bin'}:{os.environ['PATH']}:/usr/sbin:/sbin"
    if not (LAB / "bin").exists():
        (LAB / "bin").mkdir()
        (LAB / "bin" / "gate").symlink_to(program)
        # Debian's python3 has Debian's pytest.
        if subprocess.run(["python3", "-c", "import pytest"], capture_output=True).returncode != 0:
            (LAB / "bin" / "python3").symlink_to("/usr/bin/python3")
    return {"PATH": path, "HOME": str(LAB), "LC_ALL": "C.UTF-8", "TZ": "UTC", "TMPDIR": str(LAB),
            "GIT_CONFIG_NOSYSTEM": "1"}


def readme():
    """The blocks of the README that are to be pasted, in their order."""
    text = (EXAMPLE / "README.md").read_text()
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


class Morning:
    """A playground: what people say there, and what it left."""

    def __init__(self, name):
        """A copy of the playground under a name of its own."""
        self.top = LAB / name
        old = str(LAB / "morning")
        subprocess.run(["cp", "-a", old, self.top], check=True)
        for path in [self.top / "env", self.top / "registry" / "config.yml",
                     *self.top.glob("*/.git/config")]:
            path.write_text(path.read_text().replace(old, str(self.top)))
        self.read_environment()

    def registry(self):
        """Starts the copy's own registry; the process."""
        with open(self.top / "registry" / "log", "a", encoding="utf-8") as log:
            process = subprocess.Popen(
                ["docker-registry", "serve", self.top / "registry" / "config.yml"], stdout=log,
                stderr=log, env=self.env, start_new_session=True)
        host, port = self.env["REGISTRY"].split(":")
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection((host, int(port)), timeout=1).close()
                return process
            time.sleep(0.1)
        raise AssertionError("the registry does not start")

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
        path = self.top / "databases" / f"{environment}.sqlite"
        if not path.exists():
            return []
        return [row[0] for row in sqlite3.connect(path).execute(
            "SELECT name FROM migrations ORDER BY name")]

    def status(self, environment=None):
        """What gate says of an environment; without one, of all."""
        said = json.loads(self.say("carol", "gate release status --json").out)
        if environment is None:
            return said
        return next(one for one in said["environments"] if one["environment"] == environment)

    def state(self, environment):
        return self.status(environment)["state"]

    def changes(self, environment="production", **options):
        """The changes of a range by their titles, with their states."""
        said = self.say("carol", f"gate range --environment {environment} --json", **options).out
        return {f"{one['id']} {one['title']}": one["state"] for one in json.loads(said)["changes"]}

    # What people do

    def land(self, who, reviewer, title, edit, onto="master"):
        """Lands an edit, which is a line of shell in somebody's clone; the landing."""
        self.say(who, f"git pull -q origin {onto}; {edit}" if onto == "master" else edit)
        self.say(who, f"$PLAYGROUND/land.sh {who} {reviewer} '{title}' {onto}")
        return self.say(who, f"git rev-parse origin/{onto}").out.strip()

    def stop_at(self, program, words):
        """Puts a program in front of another one that kills everything the first time that it is
        called with these words; the environment in which it is found first."""
        folder = self.top / "stops"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        real = shutil.which(program, path=self.env["PATH"])
        (folder / program).write_text(
            "#!/bin/bash\n"
            f'if [[ "$*" == *{shlex.quote(words)}* ]] && mkdir {folder}/done 2>/dev/null; then\n'
            "    kill -KILL -- -$(ps -o pgid= -p $$ | tr -d ' ')\n"
            "fi\n"
            f'exec {real} "$@"\n')
        (folder / program).chmod(0o755)
        return {"PATH": f"{folder}:{self.env['PATH']}"}

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
    for who in ("alice", "bob"):
        morning.say(who, "git pull -q origin master")
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
    check("applied 0002_index_unpaid" in said, said)
    images = {one["name"]: f"{one['image']['uri']}@sha256:{one['image']['digest']['sha256']}"
              for one in morning.manifest()["services"]}
    check(morning.cluster("staging") == images, morning.cluster("staging"))
    for image in images.values():
        name, digest = image.split("@")
        check(morning.digest(f"{name}:staging") == digest, image)
    again = morning.say("carol", "deploy/deploy.sh manifest.json").out
    check("nothing to do" in again and "configured" not in again, again)
    check(morning.database("staging") == ["0001_create_payouts", "0002_index_unpaid"],
          morning.database("staging"))
    check(morning.database("production") == ["0001_create_payouts"], "not its own")


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
    check(morning.applied("staging") == 1 and len(morning.database("staging")) == 1, "it moved")


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


FIRST = {"#12 Pay out in CAD, PAY-7": "included", "#14 Say how many payouts wait": "included"}


@drill
def a_first_week_colleague(morning):
    """The whole README, pasted: a morning, a rollback, a hotfix."""
    before = {name: morning.cluster(name) for name in ("staging", "production")}
    check(before["staging"] == before["production"] != {}, before)
    # A block each, in one shell, but for the last, which would stop everybody's registry.
    blocks = readme()[1:-1]
    text = "\n".join(f"echo '== {n}'\n{block}" for n, block in enumerate(blocks))
    check("down.sh" in readme()[-1] and len(blocks) == 9, f"{len(blocks)} blocks")
    said = morning.say("", text.replace("~/morning", str(morning.top)), timeout=300)
    parts = re.split(r"^== \d+\n", said.out, flags=re.MULTILINE)[1:]
    look, staging, ticked, production, taken_back, released, hotfix, shipped, both = parts
    check("Pay out in CAD, PAY-7" in look and "turns on: payouts-in-cad" in look, look)
    check("staging  recorded" in staging and "0002_index_unpaid" in staging, staging)
    check("[ ] changed-1" in ticked, ticked)
    check("production  recorded" in production and "applied 0002" in production, production)
    check("held back" in taken_back and "Payouts in CAD bounce" in taken_back, taken_back)
    check("nothing to push before what is held back" in taken_back, taken_back)
    check("gate release unhold '#12' --reason" in taken_back, taken_back)
    check("production is 2 changes behind" in released, released)
    check("Pay ten at once" in hotfix, hotfix)
    check("production  recorded" in shipped, shipped)
    check("already shipped as" in both and both.count("Pay ten at once") >= 1, both)
    production = morning.cluster("production")
    check(production == morning.cluster("staging"), production)
    check(production["worker"] != before["production"]["worker"], "the hotfix is not there")
    for image in production.values():
        name, digest = image.split("@")
        check(morning.digest(f"{name}:production") == digest, image)
        check(morning.digest(f"{name}:staging") == digest, image)
    check(morning.database("production") == ["0001_create_payouts", "0002_index_unpaid"],
          morning.database("production"))


@drill
def the_mail(morning):
    """What cron sends: headers, an empty line, what would go out; on a day off, no mail."""
    # The playground is made before midnight and read after it, or not: either day may be meant.
    working = {time.gmtime(now).tm_wday < 5 for now in (time.time(), time.time() - 600)}
    said = morning.say("ci", "deploy/morning.sh").out
    if not said:
        check(False in working, "no mail on a working day")
        return
    check(True in working, said)
    head, _, body = said.partition("\n\n")
    check(re.search(r"^To: \w+@wrk\.example$", head, re.MULTILINE) and "Subject: " in head, head)
    check("#12  Pay out in CAD, PAY-7" in body and "turns on: payouts-in-cad" in body, body)
    check(morning.applied("staging") == 1 and morning.state("staging") == "succeeded", "it moved")


def commands_of(recipe, job):
    """What a job of a recipe runs, by its lines `- run:`; from one job to the next."""
    text = (EXAMPLE / recipe).read_text().split("\njobs:\n")[1].split("\nworkflows:\n")[0]
    jobs = re.split(r"^  (\w+):\n", text, flags=re.MULTILINE)
    lines = jobs[jobs.index(job) + 1].splitlines()
    return [line.split("- run: ")[1] for line in lines if "- run: " in line]


def checked_out(morning, name, tag):
    """A runner's clone as actions/checkout leaves it: everything fetched, a tag, no branch."""
    path = morning.top / name
    morning.say("", f"""
        git init -q {name} && cd {name}
        git remote add origin $PLAYGROUND/server.git
        git fetch -q origin '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*'
        git checkout -q --detach refs/tags/{tag}
        git config user.email ci@wrk.example; git config user.name CI
        git config gpg.format ssh; git config user.signingKey $PLAYGROUND/home/ci.pub""")
    return path.name


@drill
def recipes_with_an_approval(morning):
    """The shepherd starts, the release's tag starts the pipeline; what its jobs run is run in clones
    as runners have them, the approval between them."""
    morning.say("carol", "gate release start --yes")
    tag = f"release/{morning.status('staging')['deployment']['releaseId']}"
    github, circle = ".github/workflows/morning-push.yml", ".circleci/config.yml"
    pattern = re.search(r"tags: \['(.*)'\]", (EXAMPLE / github).read_text())[1]
    check(fnmatch.fnmatchcase(tag, pattern), f"{tag} does not start {github}")
    pattern = re.search(r"tags: \{only: '/(.*)/'\}", (EXAMPLE / circle).read_text())[1]
    check(re.fullmatch(pattern.replace("\\/", "/"), tag), f"{tag} does not start {circle}")

    staging = commands_of(github, "staging")
    check(staging == ["deploy/push.sh staging"], staging)
    morning.say(checked_out(morning, "runner-1", tag), "\n".join(staging))
    check(morning.state("staging") == "succeeded", morning.status())
    # Nobody has ticked: whatever the pipeline's own approval says, production stays shut.
    production = [line.replace("<< parameters.environment >>", "production")
                  for line in commands_of(circle, "push")]
    check(production[-1] == "deploy/push.sh production", production)
    runner = checked_out(morning, "runner-2", tag)
    shut = morning.say(runner, "\n".join(production), exit=1)
    check("not ticked" in shut.errors and morning.applied("production") == 1, shut.all)
    morning.say("carol", "gate release tick always-1 always-2 changed-1")
    morning.say(runner, "\n".join(commands_of(github, "production")))
    check(morning.state("production") == "succeeded", morning.status())
    # A job that is run again finds nothing to do.
    morning.say(runner, "\n".join(production))
    check(morning.applied("production") == 2, "deployed again")
    check(morning.cluster("production") == morning.cluster("staging"), morning.status())


@drill
def promoted_images_are_the_same(morning):
    """A promotion copies what staging proved, byte for byte; before the checklist it is refused."""
    morning.say("carol", "deploy/push.sh staging")
    refused = morning.say("carol", "deploy/push.sh production", exit=1)
    check("not ticked" in refused.errors, refused.errors)
    check(morning.applied("production") == 1, "production was touched")
    # Somebody pushes another image to the tag that staging has: the digest counts.
    uri = morning.cluster("staging")["api"].split("@")[0]
    morning.say("carol", f"skopeo copy -q docker://$BASE docker://{uri}:staging")
    morning.say("carol", "gate release tick always-1 always-2 changed-1; deploy/push.sh production")
    check(morning.cluster("production") == morning.cluster("staging"), morning.cluster("production"))
    name, digest = morning.cluster("production")["api"].split("@")
    check(morning.digest(f"{name}:production") == digest, "the tag is not what was proven")
    check(morning.state("production") == "succeeded", morning.status())
    again = morning.say("carol", "deploy/push.sh production; deploy/push.sh staging")
    check(morning.applied("production") == 2, f"said again it deployed again: {again.all}")


@drill
def a_bad_change_on_staging(morning):
    """Found on staging: taken back, held, not proposed the next morning; its revert frees the way."""
    old = morning.cluster("staging")
    morning.say("carol", "deploy/push.sh staging")
    check(morning.cluster("staging") != old, "nothing was deployed")
    morning.say("carol", "deploy/push.sh rollback staging 'The worker pays twice'")
    check(morning.cluster("staging") == old, morning.cluster("staging"))
    check(morning.state("staging") == "rolled_back", morning.status())
    for environment in ("staging", "production"):
        held = morning.say("carol", f"gate range --environment {environment}").out
        check("held back: #12 Pay out in CAD, PAY-7 by carol@wrk.example" in held, held)
        check(morning.changes(environment) == {}, held)
    applied = morning.applied("staging")
    morning.say("bob", "deploy/push.sh staging", exit=None)
    check(morning.applied("staging") == applied, "what is held was deployed")
    # #12 was not it. #14 is reverted on master, as it should be.
    morning.say("bob", "gate release unhold '#12' --reason 'It was #14'")
    morning.land("bob", "alice", "Revert \"Say how many payouts wait (#14)\" (#15)",
                 "git revert --no-edit -m 1 HEAD >/dev/null")
    morning.say("ci", "git fetch -q; gate check unit --rev origin/master --report ../r.json;"
                      " gate attest ../r.json --push")
    states = morning.changes("staging")
    check(states["#12 Pay out in CAD, PAY-7"] == "included", states)
    morning.say("carol", "deploy/push.sh staging")
    check(morning.state("staging") == "succeeded", morning.status())


@drill
def a_hotfix_is_listed_once(morning):
    """A hotfix from what production runs, then picked to master: the next range knows it."""
    deployed = morning.status("production")["deployed"]
    # Staging has more than production, and a migration among it, which the hotfix takes away there.
    morning.say("carol", "deploy/push.sh staging")
    morning.say("carol", f"git push -q origin {deployed}:refs/heads/hotfix/limit;"
                         f" git switch -q --detach {deployed}")
    fix = morning.land("carol", "bob", "Pay ten at once (#20)",
                       "sed -i s/100/10/ worker/pay.py", onto="hotfix/limit")
    morning.say("carol", """
        FROM_BRANCH=hotfix/limit deploy/push.sh staging
        gate release tick always-1 always-2""")
    check(morning.status("staging")["next"] == "gate release promote --to production",
          morning.status())
    morning.say("carol", "deploy/push.sh production")
    check(morning.status("production")["deployed"] == fix, morning.status())
    morning.land("carol", "bob", "Pay ten at once (#21)",
                 f"git cherry-pick -x {fix}^2 >/dev/null")
    states = morning.changes("production")
    check(states == {**FIRST, "#20 Pay ten at once": "already_shipped",
                     "#21 Pay ten at once": "already_shipped"}, states)
    table = morning.say("carol", "gate range").out
    check(table.count("Pay ten at once") == 1 and "already shipped as #20" in table, table)
    manifest = json.loads(morning.say("carol", "gate manifest").out)
    check(manifest["range"]["relation"] == "diverged" and manifest["range"]["changeCount"] == 2,
          manifest["range"])


@drill
def a_frozen_day(morning):
    """Nothing starts on a frozen day; with a reason it does, and the reason is on record."""
    today = time.strftime("%Y-%m-%d", time.gmtime())
    morning.land("alice", "bob", "Freeze for a while",
                 f"sed -i 's/freeze: .*]/freeze: [{today}..2099-12-31]/' policies/release.yml")
    refused = morning.say("carol", "deploy/push.sh staging", exit=1)
    check("frozen" in refused.errors and "--override-freeze" in refused.errors, refused.errors)
    check(morning.applied("staging") == 1, "it moved all the same")
    morning.say("carol", "gate release start --yes --override-freeze 'The bank is waiting'")
    morning.say("carol", "deploy/push.sh staging")
    said = morning.say("carol", "gate release status").out
    check("override of freeze: The bank is waiting" in said, said)


@drill
def two_shepherds_at_once(morning):
    """Two press at once: one release, one successor in the chain, and both are told."""
    before = morning.applied("staging")
    words = "gate release start --yes"
    both = [subprocess.Popen(["bash", "-c", words], cwd=morning.top / who, env=morning.env,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for who in ("alice", "bob")]
    said = [one.communicate(timeout=120) for one in both]
    codes = sorted(one.returncode for one in both)
    check(codes in ([0, 0], [0, 1], [0, 3]), f"{codes}\n{said}")
    status = morning.status("staging")
    check(status["state"] == "unknown", status)
    # Both go on: the same release, deployed by whoever says so.
    morning.say("alice", "deploy/push.sh staging")
    check(morning.state("staging") == "succeeded" and morning.applied("staging") == before + 1,
          morning.status())
    starts = morning.say("carol", "git ls-remote origin 'refs/tags/release/staging-*'").out
    check(starts.count("refs/tags") <= 4, starts)


@drill
def killed_and_said_again(morning):
    """Killed while images are built, while they are tagged, at the cluster, before the record:
    unknown each time; said again it converges, and nothing ran twice."""
    revision = morning.say("carol", "git rev-parse origin/master").out.strip()
    applied = morning.applied("staging")
    for program, words in (("umoci", "config"), ("skopeo", ":staging"), ("jsonnet", "--yaml"),
                           ("gate", "--outcome succeeded")):
        env = morning.stop_at(program, words)
        morning.say("carol", "deploy/push.sh staging", env=env, exit=-9)
        status = morning.status("staging")
        check(status["state"] == "unknown" and status["revision"] == revision, (program, status))
        check("unknown since" in morning.say("carol", "gate release status").out, "not said")
    morning.say("carol", "deploy/push.sh production", exit=1)
    morning.say("bob", "git pull -q origin master; deploy/push.sh staging")
    check(morning.state("staging") == "succeeded", morning.status())
    check(morning.applied("staging") == applied + 2, "applied when it was killed, and at the end")
    check(morning.database("staging") == ["0001_create_payouts", "0002_index_unpaid"],
          morning.database("staging"))


@drill
def a_registry_that_is_gone(morning):
    """The registry goes away during a push: one sentence, 3, unknown; it comes back: done."""
    morning.process.kill()
    morning.process.wait()
    said = morning.say("carol", "deploy/push.sh staging", exit=3)
    check("connection refused" in said.errors.strip().splitlines()[-1], said.errors)
    check(morning.state("staging") == "unknown", morning.status())
    check(morning.applied("staging") == 1, "it moved all the same")
    morning.process = morning.registry()
    morning.say("carol", "deploy/push.sh staging")
    check(morning.state("staging") == "succeeded", morning.status())


@drill
def tests_that_fail_on_the_chosen_commit(morning):
    """What landed passes its unit tests and breaks the integration: nothing is built or moved, and
    the failure is on record."""
    morning.land("alice", "bob", "Answer on another path",
                 "sed -i 's,/healthz,/health,' api/__main__.py deploy/system.libsonnet")
    before = morning.cluster("staging")
    said = morning.say("carol", "deploy/push.sh staging", exit=1)
    check("tests" in said.errors.strip().splitlines()[-1], said.errors)
    check(morning.state("staging") == "failed", morning.status())
    check(morning.cluster("staging") == before, "it was deployed")
    # So is an image that somebody else has put where this commit's belongs.
    good = morning.say("carol", "git rev-parse origin/master~1").out.strip()
    morning.say("carol", f"skopeo copy -q docker://$BASE docker://$REGISTRY/api:{good}")
    said = morning.say("carol", f"TO={good} deploy/push.sh staging", exit=1)
    check("image of api failed" in said.errors and morning.state("staging") == "failed", said.errors)
    check(morning.cluster("staging") == before, "it was deployed")


@drill
def preflight(morning):
    """A secret that the cluster lacks is found before anything starts."""
    (morning.top / "cluster" / "staging" / "secret.database.json").unlink()
    said = morning.say("carol", "deploy/push.sh staging", exit=1)
    check("preflight" in said.errors and "secret" in said.all, said.all)
    check(morning.state("staging") == "succeeded", morning.status())
    check(morning.applied("staging") == 1, "it moved all the same")


def loopback():
    """Brings up the only interface of a new network namespace (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up_and_running = 0x41
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sH14x", b"lo", up_and_running))


def inside(name, is_alone):
    """One drill in a process of its own: prints its outcome and what went wrong, as JSON."""
    if is_alone:
        loopback()
    ENVIRONMENT.update(surroundings())
    started, words = time.monotonic(), ""
    morning = None
    try:
        morning = Morning(name)
        morning.process = morning.registry()
        DRILLS[name](morning)
        outcome = "passed"
    except Skip as reason:
        outcome, words = "skipped", str(reason)
    except Exception as error:
        outcome = "failed"
        at = traceback.extract_tb(error.__traceback__)
        words = f"{type(error).__name__}: {error}\nat " + " < ".join(
            str(frame.lineno) for frame in reversed(at))
    finally:
        if morning is not None and hasattr(morning, "process"):
            morning.process.kill()
            morning.process.wait()
    print(json.dumps([outcome, time.monotonic() - started, words]))


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--inside"]:
        return inside(arguments[1], arguments[2] == "alone")
    keep = "--keep" in arguments
    wanted = [name for name in arguments if name != "--keep"] or list(DRILLS)
    if unknown := set(wanted) - set(DRILLS):
        sys.exit(f"morning_push.py: no drill is called {', '.join(sorted(unknown))}")
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    os.umask(0o022)
    ENVIRONMENT.update(surroundings())
    namespace = ["unshare", "--net"] if os.geteuid() == 0 else [
        "unshare", "--map-current-user", "--keep-caps", "--net"]
    is_alone = shutil.which("unshare") is not None and subprocess.run(
        [*namespace, "true"], capture_output=True).returncode == 0

    def one(name):
        done = subprocess.run(
            [*(namespace if is_alone else []), sys.executable, __file__, "--inside", name,
             "alone" if is_alone else "together"], capture_output=True, text=True,
            env={**os.environ, "GATE_MORNING_LAB": str(LAB)})
        try:
            return name, *json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            return name, "failed", 0, done.stdout + done.stderr

    try:
        started = time.monotonic()
        bash(readme()[0], cwd=EXAMPLE, env=ENVIRONMENT)
        bash("morning/down.sh", cwd=LAB, env=ENVIRONMENT)
        print(f"playground {time.monotonic() - started:.1f} s", flush=True)
        jobs = (os.cpu_count() or 1) + 1 if is_alone else 1
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            # Long ones first, so that no core is left alone with one at the end.
            order = sorted(wanted, key=lambda name: name not in LONG)
            for name, outcome, seconds, words in pool.map(one, order):
                counts[outcome] += 1
                text = "".join(f"\n    {row}" for row in words.splitlines())
                print(f"{outcome:7} {seconds:5.1f} s  {name}{text}", flush=True)
    except AssertionError as error:
        counts["failed"] += 1
        print(f"failed: the playground\n{error}")
    finally:
        if (LAB / "morning" / "down.sh").exists():
            subprocess.run([LAB / "morning" / "down.sh"], capture_output=True, check=False)
        if keep:
            print(f"left for a look: {LAB}")
        else:
            shutil.rmtree(LAB, ignore_errors=True)
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
