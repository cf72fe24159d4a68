"""The recipes of examples/ci: each by its vendor's own schema or tool, and the commands of each, taken
out of the file as they stand, against a real server."""

import base64
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path

from ci_runner import branch, results, until, world
from kit import case, check, git, people, run
from kit.case import needs_root
from kit.server import GATE
from kit.tools import actionlint, system, tool

RECIPES = Path(__file__).resolve().parent.parent.parent / "examples" / "ci"


def load(path):
    """A YAML file's value."""
    program = ("import json,sys; from ruamel.yaml import YAML; "
               "print(json.dumps(YAML(typ='safe').load(open(sys.argv[1]))))")
    import json
    return json.loads(run(tool("python3"), "-c", program, path).text)


class Vendor:
    """A machine of a vendor's: a clone as it makes one, gate in PATH, and only its variables."""

    def __init__(self, one, name, head, *, bare=False):
        self.folder = one.folder / name
        self.folder.mkdir()
        run("git", "clone", "-q", *(["--bare"] if bare else []), one.server.path,
            self.folder / "work")
        self.work = self.folder / "work"
        if not bare:
            git(self.work, "checkout", "-q", head)
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "gate").symlink_to(GATE)
        self.env = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C"}

    def sh(self, script, *, shell="sh", cwd=None, check=True, **variables):
        """Runs the lines of a step, each of which must succeed."""
        done = subprocess.run(
            [shell, "-e", "-c", script], cwd=cwd or self.work, capture_output=True, text=True,
            env={**self.env, "GIT_CONFIG_NOSYSTEM": "1", **variables}, timeout=120)
        if check and done.returncode != 0:
            raise AssertionError(f"{script}\nexit {done.returncode}\n{done.stdout}{done.stderr}")
        return done


def both(one):
    """Two heads: one whose check passes, one whose check fails."""
    return ((branch(one, "good"), "PASSED"), (branch(one, "bad", {"bad.txt": "x\n"}), "FAILED"))


def project():
    return world("! test -e bad.txt")


@case
def github_actions():
    """The two workflows: schema, actionlint, and their steps end to end, a failure included."""
    files = sorted((RECIPES / "github").glob("*.yml"))
    check(len(files) == 2, f"{files}")
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files)
    first, second = (load(RECIPES / "github" / f"gate-{n}.yml") for n in ("check", "attest"))
    checking, signing = first["jobs"]["check"], second["jobs"]["attest"]
    check("secrets." not in (RECIPES / "github" / "gate-check.yml").read_text(), "a secret")
    check("push" not in str(second.get("on", second.get("true"))), "the branch's own file signs")
    one = project()
    for number, (head, expected) in enumerate(both(one)):
        runner = Vendor(one, f"github{number}", head)
        report = runner.work / "report.json"
        for step in checking["steps"]:
            if "run" in step:
                runner.sh(step["run"], shell="bash", check=expected == "PASSED",
                          GITHUB_SHA=head, GITHUB_WORKSPACE=str(runner.work))
        signer = Vendor(one, f"github-signer{number}", one.master)
        shutil.copy(report, signer.work / "report.json")
        for step in signing["steps"]:
            if "run" in step:
                signer.sh(step["run"], shell="bash", COMMIT=head,
                          GITHUB_WORKSPACE=str(signer.work), RUNNER_TEMP=str(signer.folder),
                          GATE_KEY=people["ci"].key.read_text())
        check(results(one, head) == [expected], f"{results(one, head)}")


@case
def github_actions_by_actionlint():
    """actionlint finds nothing in the workflows."""
    run(actionlint(), *sorted((RECIPES / "github").glob("*.yml")))


@case
def gitlab_ci():
    """The pipeline: schema, and its jobs end to end, a failure included."""
    path = RECIPES / "gitlab-ci.yml"
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.gitlab-ci", path)
    jobs = load(path)
    check("KEY" not in str(jobs["check"]), "the key is beside the code")
    one = project()
    for number, (head, expected) in enumerate(both(one)):
        runner = Vendor(one, f"gitlab{number}", head)
        runner.sh("\n".join(jobs["check"]["script"]), check=expected == "PASSED",
                  CI_COMMIT_SHA=head)
        signer = Vendor(one, f"gitlab-signer{number}", head)
        shutil.copy(runner.work / "report.json", signer.work)
        key = signer.folder / "key"
        shutil.copy(people["ci"].key, key)
        # The address of GitLab becomes the server's own path.
        git(signer.work, "config", f"url.{one.server.path}.insteadOf",
            "https://gate:token@git.wrk.example/wrk/system.git")
        signer.sh("\n".join(jobs["attest"]["script"]), CI_COMMIT_SHA=head, GATE_KEY=str(key),
                  GATE_TOKEN="token", CI_SERVER_HOST="git.wrk.example",
                  CI_PROJECT_PATH="wrk/system")
        check(results(one, head) == [expected], f"{results(one, head)}")


@case
def circleci():
    """The configuration: schema, and its jobs end to end, a failure included."""
    path = RECIPES / "circleci.yml"
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.circle-ci", path)
    jobs = load(path)["jobs"]
    check("KEY" not in str(jobs["check"]), "the key is beside the code")
    one = project()
    for number, (head, expected) in enumerate(both(one)):
        report = one.folder / f"circle-report{number}"
        report.mkdir()

        def steps(job, head=head, report=report, name=f"circle{number}"):
            machine = Vendor(one, f"{name}-{job}", head)
            for step in jobs[job]["steps"]:
                if "run" in step:
                    words = step["run"]["command"].replace("/tmp/report", str(report))
                    words = words.replace("/tmp/gate-key", str(machine.folder / "key"))
                    machine.sh(words, shell="bash", CIRCLE_SHA1=head, **(
                        {"GATE_KEY": base64.b64encode(people["ci"].key.read_bytes()).decode()}
                        if job == "attest" else {}))
            return machine
        shutil.copy(steps("check").work / "report.json", report)
        steps("attest")
        check(results(one, head) == [expected], f"{results(one, head)}")


@case
def jenkins():
    """The Jenkinsfile's sh steps end to end, a failure included; its brackets close. Its syntax nothing
    but a Jenkins can check."""
    text = (RECIPES / "Jenkinsfile").read_text()
    scripts = re.findall(r"sh '''(.*?)'''", text, re.S)
    check(len(scripts) == 2, f"{len(scripts)} steps")
    bare = re.sub(r"'''.*?'''|'[^'\n]*'|//[^\n]*", "", text, flags=re.S)
    for left, right in ("{}", "()", "[]"):
        check(bare.count(left) == bare.count(right), f"{left} and {right}")
    check(text.index("withCredentials") > text.index("stage('attest')"), "the key is beside the code")
    one = project()
    for number, (head, expected) in enumerate(both(one)):
        machine = Vendor(one, f"jenkins{number}", head)
        for place, script in zip(("checks", "signing"), scripts):
            folder = machine.folder / place
            folder.mkdir()
            if place == "signing":
                (folder / "system").mkdir()
                shutil.copy(machine.folder / "checks" / "system" / "report.json",
                            folder / "system")
            machine.sh(script, cwd=folder, COMMIT=head, REPOSITORY=str(one.server.path), **(
                {"GATE_KEY": str(people["ci"].key)} if place == "signing" else {}))
        check(results(one, head) == [expected], f"{results(one, head)}")


@case
def cron():
    """The crontab's line, run as cron runs it: /bin/sh, its own variables and HOME, nothing else."""
    rows = [row for row in (RECIPES / "crontab").read_text().splitlines()
            if row and not row.startswith("#")]
    variables = dict(row.split("=", 1) for row in rows if re.match(r"[A-Z]+=", row))
    line = next(row for row in rows if row.startswith("*/5"))
    command = line.split(None, 5)[5]
    check("%" not in command, "cron reads % as the end of the line (crontab(5))")
    one = project()
    home = one.folder / "cron"
    (home / ".ssh").mkdir(parents=True)
    (home / "bin").mkdir()
    (home / "bin" / "gate").symlink_to(GATE)
    shutil.copy(people["ci"].key, home / ".ssh" / "gate-ci")
    run("git", "clone", "-q", one.server.path, home / "system")
    heads = both(one)

    def cron_runs():
        path = f"{home / 'bin'}:{variables['PATH']}"
        return subprocess.run(
            ["/bin/sh", "-c", command], cwd=home, capture_output=True, text=True, timeout=120,
            env={"HOME": str(home), "LOGNAME": "ci", "SHELL": "/bin/sh", **variables, "PATH": path})
    said = cron_runs().stdout
    check("unit  failed" in said, f"the failure is not mailed: {said}")
    for head, expected in heads:
        check(results(one, head) == [expected], f"{results(one, head)}")
    check(cron_runs().stdout == "", "mail although nothing was wrong")


@case
def systemd_unit():
    """The unit by systemd-analyze verify."""
    unit = RECIPES / "gate-ci.service"
    done = run(system("systemd-analyze", "systemd"), "verify", unit, check=False)
    words = [row for row in done.errors.splitlines() if "gate-ci.service" in row]
    check(done.exit == 0 and not words, done.text + done.errors)


@case
def systemd():
    """The unit's ExecStart with its Environment: a service that checks what is pushed, as another
    user, and ends at once when it is told to."""
    needs_root()
    text = (RECIPES / "gate-ci.service").read_text()
    pairs = dict(row.split("=", 2)[1:] for row in text.splitlines()
                 if row.startswith("Environment="))
    words = shlex.split(re.search(r"^ExecStart=(.*)$", text, re.M)[1])
    one = project()
    machine = Vendor(one, "service", one.master, bare=True)
    user, home = "gate-checks", one.folder / "checker"
    folders = [machine.folder, *(f for f in machine.folder.parents if f != Path("/"))]
    modes = [(folder, folder.stat().st_mode & 0o7777) for folder in folders]
    run("useradd", "--system", "--create-home", "--home-dir", home, "--shell", "/bin/sh", user)
    service = None
    try:
        for folder, mode in modes:
            os.chmod(folder, mode | 0o005)
        (home / ".gitconfig").write_text(f"[safe]\n\tdirectory = {machine.work}\n")
        pairs |= {"GATE_CLONE": str(machine.work), "GATE_KEY": str(people["ci"].key),
                  "PATH": f"{machine.folder / 'bin'}:{pairs['PATH']}"}
        # systemd replaces ${NAME} itself (systemd.service(5), "COMMAND LINES").
        words = [re.sub(r"\$\{(\w+)\}", lambda m: pairs[m[1]], word) for word in words]
        words[words.index("--interval") + 1] = "1"
        service = subprocess.Popen(
            words, env={**pairs, "GIT_CONFIG_NOSYSTEM": "1"}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd="/")
        for head, expected in both(one):
            until(lambda head=head, expected=expected: results(one, head) == [expected],
                  "the service checks it", 40)
        service.terminate()
        started = time.monotonic()
        service.wait(timeout=20)
        check(time.monotonic() - started < 10, "it does not end")
    finally:
        if service and service.poll() is None:
            service.kill()
        for folder, mode in modes:
            os.chmod(folder, mode)
        run("userdel", user, check=False)


@case
def every_recipe_is_checked():
    """Each file of the folder is named in its README, and by a case here."""
    own = Path(__file__).read_text()
    readme = (RECIPES / "README.md").read_text()
    for path in RECIPES.rglob("*"):
        if path.is_file() and path.name != "README.md":
            check(path.name in own or path.parent.name in own, f"{path.name} has no case")
            check(path.name in readme or path.parent.name in readme, f"{path.name} in no README")
