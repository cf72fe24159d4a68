"""What a push brings and whether what landed holds: `gate range`, `manifest` and `audit` against
git itself and git-cliff, over a history of 10,000 landings or a real one."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

from kit import files, git, run
from kit.policy import ruleset, yaml
from kit.tools import git_cliff
from landings import Landings

GIT_PROGRAM = shutil.which("git")
LANDINGS = 10_000
COMMITS = 12_000        # of the range
SERVICES = 50
MERGES = 200            # landings that git merges again, for all of them
SLOW = 3                # rounds of what takes many seconds
PATIENCE = 240          # seconds for git-cliff; then the range is halved


def release_policy(services):
    """Services by folder; one of all folders, or one for each."""
    def paths(number):
        return ["services/**"] if services == 1 else [f"services/s{number:02}/**"]
    return {"release": {"ref": "refs/heads/master", "environments": ["production"],
                        "operators": {"production": ["engineering"]}},
            "services": {f"s{n:02}": {"paths": paths(n)} for n in range(services)}}


class OverHistory:
    """Times the commands; `row`s are added to those of the hook."""

    def __init__(self, folder, gate, seed, measure, environment, real=None):
        self.folder, self.gate, self.measure = folder, gate, measure
        self.environment = environment
        self.notes, self.rows = [], []
        self.plain = folder / "history.git"
        self.empty = folder / "nothing"
        self.empty.write_bytes(b"")
        start = time.monotonic()
        if real:
            run("git", "clone", "-q", "--bare", "--single-branch", real, self.plain, timeout=1800)
            git(self.plain, "symbolic-ref", "HEAD", "refs/heads/master")
            tip = git(self.plain, "for-each-ref", "--format=%(objectname)",
                      "refs/heads").split()[0]
            git(self.plain, "update-ref", "refs/heads/master", tip)
        else:
            Landings(seed).write(self.plain, LANDINGS)
            self.notes.append(
                f"{LANDINGS:,} landings written in {time.monotonic() - start:.0f} s")
        self.tip = git(self.plain, "rev-parse", "refs/heads/master")
        self.line = git(self.plain, "rev-list", "--first-parent", self.tip).split()

    # ---- Tools

    def seconds(self, command, status=(0,), folder=None, limit=None):
        """What one run takes; `status`: how it may end."""
        words = [str(part) for part in command]
        with subprocess.Popen(
                [self.measure, self.empty, folder or self.plain, *words], env=self.environment,
                stdout=subprocess.PIPE, text=True, start_new_session=True) as running:
            try:
                said, _ = running.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                raise
        nanoseconds, _, ended = (int(part) for part in said.split())
        if ended not in status:
            shown = subprocess.run(words, cwd=folder or self.plain, env=self.environment,
                                   capture_output=True, text=True, check=False)
            sys.exit(f"bench: {' '.join(words)} ended with {ended}\n{shown.stderr[-2000:]}")
        return nanoseconds / 1e9

    def compared(self, rounds, *pair):
        """The medians of commands that run in turn."""
        taken = [[] for _ in pair]
        for _ in range(rounds):
            for times, command in zip(taken, pair):
                times.append(command())
        return [statistics.median(times) for times in taken]

    def row(self, what, value, budget, at_least=False, shown=lambda value: f"{value:.2f} x"):
        self.rows.append((what, value, budget, shown, at_least))

    def said(self, text):
        self.notes.append(text)
        print(text, file=sys.stderr)

    def base(self, commits):
        """The landing that has about so many commits behind it, and their number."""
        low, high = 0, len(self.line) - 1
        while low < high:
            middle = (low + high) // 2
            if self.count(middle) < commits:
                low = middle + 1
            else:
                high = middle
        return self.line[low], self.count(low)

    def count(self, index):
        return int(git(self.plain, "rev-list", "--count", f"{self.line[index]}..{self.tip}"))

    # ---- Rows

    def measured(self, rounds):
        """All rows: (what, value, budget, how it is shown, whether more is better)."""
        self.range(rounds)
        self.services(rounds)
        self.audit(min(rounds, 10))
        self.manifest()
        return self.rows

    def range(self, rounds):
        base, count = self.base(COMMITS)
        command = [self.gate, "range", "--offline", "--from", base, "--to", self.tip]
        said = json.loads(run(*command, "--json", cwd=self.plain, timeout=300).text)
        listed = git(self.plain, "rev-list", "--first-parent", "--reverse", f"{base}..{self.tip}")
        if [c["landing"] for c in said["changes"]] != listed.split():
            sys.exit("bench: the range does not list what git lists")
        log = [GIT_PROGRAM, "log", "--name-only", f"{base}..{self.tip}"]
        gate, other = self.compared(
            rounds, lambda: self.seconds(command), lambda: self.seconds(log))
        self.said(f"range: {count:,} commits, {rounds} rounds: gate range {gate:.3f} s,"
                  f" git log --name-only {other:.3f} s")
        self.row("gate range against git log --name-only", gate / other, 1.0)

    def manifest(self):
        commits, cliff = COMMITS, git_cliff()
        while commits > 200:
            base, count = self.base(commits)
            gate = [self.gate, "manifest", "--offline", "--from", base, "--to", self.tip]
            peer = [cliff, "--offline", "--context", f"{base}..{self.tip}"]
            try:
                self.seconds(peer, limit=PATIENCE)
                break
            except subprocess.TimeoutExpired:
                self.said(f"manifest: git-cliff did not end in {PATIENCE} s on {count:,} commits;"
                          " both get half")
                commits //= 2
        else:
            sys.exit("bench: git-cliff does not end")
        ours, theirs = self.compared(
            SLOW, lambda: self.seconds(gate), lambda: self.seconds(peer, limit=4 * PATIENCE))
        self.said(f"manifest: {count:,} commits, {SLOW} rounds: gate manifest {ours:.3f} s,"
                  f" git-cliff --context {theirs:.1f} s")
        self.row("gate manifest against git-cliff --context", ours / theirs, 0.05,
                 shown=lambda value: f"{value:.4f} x")

    def with_policy(self, name, policy):
        """A copy whose master has these files, too."""
        copy = self.folder / f"{name}.git"
        run("git", "clone", "-q", "--bare", self.plain, copy, timeout=600)
        git(copy, "config", "--remove-section", "remote.origin")
        clock = int(git(copy, "log", "-1", "--format=%ct", "refs/heads/master")) + 60
        lines = [f"commit refs/heads/master\ncommitter Alice <alice@wrk.example> {clock} +0000\n"
                 "data 7\nPolicy\n\nfrom refs/heads/master^0\n"]
        for path, text in policy.items():
            lines.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
        run("git", "fast-import", "--quiet", cwd=copy, input="".join(lines))
        return copy

    def services(self, rounds):
        base, _ = self.base(COMMITS)
        commands = []
        for count in (1, SERVICES):
            policy = files(more={"policies/release.yml": yaml(release_policy(count))})
            copy = self.with_policy(f"services-{count}", policy)
            command = [self.gate, "range", "--offline", "--from", base, "--to", "master"]
            said = json.loads(run(*command, "--json", cwd=copy, timeout=300).text)
            if len(said["services"]) != count:
                sys.exit(f"bench: not {count} services")
            commands.append(lambda words=command, copy=copy: self.seconds(words, folder=copy))
        one, fifty = self.compared(rounds, *commands)
        self.said(f"services: {rounds} rounds: one {one:.3f} s, {SERVICES} {fifty:.3f} s")
        self.row(f"gate range, {SERVICES} services against one", fifty / one, 1.3)

    def audit(self, rounds):
        rules = {
            "creation": {}, "deletion": {}, "non_fast_forward": {},
            "pull_request": {"required_approving_review_count": 0,
                             "allowed_merge_methods": ["merge"]},
            "file_path_restriction": {"forbid": ["**/*.pem", ".env"]},
            "max_file_size": {"bytes": 5_000_000},
        }
        copy = self.with_policy("audited", files(rulesets=[ruleset(rules)]))
        tip = git(copy, "rev-parse", "refs/heads/master")
        git(copy, "update-ref", "refs/heads/master", self.tip)
        start = self.line[min(LANDINGS, len(self.line) - 1)]
        command = [self.gate, "audit", "--offline", "--policy", tip, f"{start}..{self.tip}"]
        found = run(*command, "--json", cwd=copy, timeout=1200, check=False)
        states = [landing["state"] for landing in json.loads(found.text)["landings"]]
        held = states.count("held")
        status = found.exit
        self.refuses_a_forged_merge(copy, tip)

        merges = [line.split() for line in git(
            copy, "rev-list", "--first-parent", "--merges", "--parents",
            f"{start}..{self.tip}").splitlines()]
        step = max(1, len(merges) // MERGES)
        sample = [words[1:3] for words in merges[::step]][:MERGES]
        one_round = max(1, len(sample) // rounds)
        taken = []

        def merge_some():
            for _ in range(one_round):
                pair = sample[len(taken) % len(sample)]
                # 1: with conflicts, which a real history has.
                taken.append(self.seconds([GIT_PROGRAM, "merge-tree", "--write-tree", *pair],
                                          status=(0, 1), folder=copy))
            return 0

        gate, _ = self.compared(
            rounds, lambda: self.seconds(command, status=(status,), folder=copy), merge_some)
        rate, peer = len(states) / gate, 1 / statistics.mean(taken)
        self.said(f"audit: {len(states):,} landings ({held:,} held), {rounds} rounds:"
                  f" {gate:.2f} s, {rate:,.0f} landings a second; git merge-tree --write-tree on"
                  f" {len(taken)} of them, taken for all: {peer:.1f} a second")
        self.row("gate audit against git merge-tree, landings a second", rate / peer, 100,
                 at_least=True, shown=lambda value: f"{value:.0f} x")

    def refuses_a_forged_merge(self, copy, policy):
        """An audit that holds whatever it is shown would be fast."""
        first = git(copy, "rev-list", "--first-parent", "--merges", "-1", self.tip)
        parents = git(copy, "rev-parse", f"{first}^1", f"{first}^2").split()
        forged = git(copy, "-c", "user.name=M", "-c", "user.email=m@evil.example", "commit-tree",
                     "-m", "Merge", "-p", parents[0], "-p", parents[1], f"{parents[0]}^{{tree}}")
        git(copy, "update-ref", "refs/heads/forged", forged)
        git(copy, "update-ref", "refs/heads/master", forged)
        done = run(self.gate, "audit", "--offline", "--policy", policy,
                   f"{parents[0]}..{forged}", cwd=copy, check=False, timeout=300)
        git(copy, "update-ref", "refs/heads/master", self.tip)
        if done.exit != 1:
            sys.exit(f"bench: a forged merge ended the audit with {done.exit}, not with 1")
