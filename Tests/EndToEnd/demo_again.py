"""What `gate demo` left: each push that was refused there is made again with plain git, and must
be refused again, by the same rule, without a trace."""

import fcntl
import json
import os
from pathlib import Path

from kit import LAB, case, check, run
from kit.lab import git
from kit.server import GATE, Push, Server, refused


def demo_folder():
    """The demo's folder: $GATE_DEMO, or made now, once for each run."""
    given = os.environ.get("GATE_DEMO")
    if given:
        return Path(given)
    folder = LAB / "demo"
    with open(LAB / "demo.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (LAB / "demo.log").exists():
            done = run(GATE, "demo", "--json", folder, check=False, timeout=500,
                       env={"PATH": os.environ["PATH"], "HOME": str(LAB / "home")})
            (LAB / "demo.json").write_text(done.text)
            (LAB / "demo.log").write_text(f"{done.errors}exit {done.exit}\n")
    words = (LAB / "demo.log").read_text()
    check(words.endswith("\nexit 0\n"), f"gate demo:\n{words[-3000:]}")
    return folder


# What the demo promises to show being refused, by the rules that may refuse it.
PROMISED = (
    {"pull_request"}, {"deletion"}, {"non_fast_forward", "pull_request"},
    {"required_status_checks"}, {"policy"},
)


@case
def refused_again():
    """Each refused push of the demo, made again: exit code, rule, unchanged refs and objects."""
    folder = demo_folder()
    path = folder / "transcript.json"
    check(path.exists(), "the demo left no transcript.json")
    rows = json.loads(path.read_text())["refusals"]
    check(len(rows) >= 8, f"only {len(rows)} refused pushes in the transcript")
    if (LAB / "demo.json").exists():
        said = json.loads((LAB / "demo.json").read_text())
        check((said["kind"], said["directory"]) == ("Demo", str(folder)), said["directory"])
        told = [step["command"] for step in said["steps"] if "rule" in step]
        check(len(told) == len(rows), f"{len(told)} of {len(rows)} refusals in --json")
    seen, problems = [], []
    for row in rows:
        check(row["command"][:2] == ["git", "push"], f"no plain push: {row['command']}")
        # The server as it was just before; what landed later would change some verdicts.
        server = Server(row["server"])
        before = server.snapshot()
        done = run(*row["command"], cwd=row["directory"], check=False,
                   env=dict(pair.split("=", 1) for pair in row["environment"]))
        push = Push(done.exit, done.errors, before, server.snapshot(), server)
        try:
            check(done.exit == row["exit"], f"exit {done.exit}, was {row['exit']}\n{done.errors}")
            refused(push, row["rule"], also=push.rules)
        except AssertionError as error:
            problems.append(f"{row['title']}: {error}")
        seen.append(row["rule"])
    check(not problems, "\n\n".join(problems))
    for rules in PROMISED:
        check(rules & set(seen), f"no push of the demo is refused by {sorted(rules)}")


@case
def what_it_left():
    """The demo's server is sound, its master a line of landings, its evidence verifiable."""
    from readers import lines_of, verify_line

    folder = demo_folder()
    server = Server(folder / "server.git")
    git(server.path, "fsck", "--strict", "--no-dangling")
    signers = folder / "e2e-signers"
    signers.write_text(server.git("show", "HEAD:policies/allowed_signers") + "\n")
    try:
        lines = list(lines_of(server.path))
        check(len(lines) >= 4, f"only {len(lines)} lines of evidence")
        for subject, line in lines:
            verify_line(line, subject, signers, LAB)
    finally:
        signers.unlink()
    for name in ("alice", "bob", "carol", "ci"):
        check((folder / name).is_dir(), f"no clone of {name}")
