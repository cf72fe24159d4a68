"""`gate range` of generated histories, compared with what their generator wrote down and with what
git says of them."""

import json
import os

from kit import LAB, case, check, files, git, run
from kit.history import SERVICES, History, real_histories
from kit.policy import yaml

# `make soak` asks for more. Fewer than 120 have not room enough for all kinds.
LANDINGS = int(os.environ.get("GATE_TRUTH_LANDINGS", "5000"))
SEED = int(os.environ.get("GATE_TRUTH_SEED", "1"))


def release_policy():
    """Fifty services; the first ten are built from the next one's sources, too."""
    services = {}
    for number in range(SERVICES):
        paths = [f"svc-{number:02}/**"]
        if number < 10:
            paths.append(f"svc-{number + 1:02}/**")
        services[f"s{number:02}"] = {"paths": paths}
    return {"release": {"ref": "refs/heads/master", "environments": ["production"],
                        "operators": {"production": ["engineering"]}},
            "services": services, "config": ["svc-07/**"]}


def services_of(folders):
    """The services that sources in these folders (by number) belong to."""
    found = set(folders) | {number - 1 for number in folders if 1 <= number <= 10}
    return {f"s{number:02}" for number in found}


def asked(history, *arguments):
    program = os.environ["GATE_PROGRAM"]
    done = run(program, "range", "--json", "--offline", *arguments, cwd=history.path, timeout=300)
    return json.loads(done.text)


def compare(history, said, hotfix):
    """Every change against the log."""
    tip = history.tip
    base = history.hotfix_tip if hotfix else history.base
    landings = git(history.path, "rev-list", "--first-parent", "--reverse",
                   f"{history.base}..{tip}").split()
    coming = [c for c in said["changes"] if c["state"] != "removed" and c["landing"] in set(landings)]
    check([c["landing"] for c in coming] == landings, "not the landings that git lists")
    expected = history.entries[history.shipped:]
    check([e.landing for e in expected] == landings, "the generator lost a landing")
    for number, (change, entry) in enumerate(zip(coming, expected), history.shipped):
        at = f"entry {number}, {entry.landing}: {entry}\n{json.dumps(change, indent=1)}"
        check(change["id"] == (entry.label or entry.landing[:7]), at)
        check(change["title"] == entry.title, at)
        check(change["state"] == history.state(number, hotfix), at)
        check(set(change["services"]) == services_of(entry.services), at)
        check(len(change["commits"]) == entry.commits, at)
        check({a["email"] for a in change["authors"]} == entry.authors, at)
        if hotfix and entry.kind == "change":
            check(change["matchedBy"] == entry.match, at)
        if entry.kind == "revert":
            targets = {history.entries[t].landing for t in entry.targets
                       if t >= history.shipped}
            check(set(change["reverts"]) == targets, at)
        if entry.kind != "partial":
            check(change["partlyReverts"] == [], at)
    log = dict(line.split(" ", 1) for line in git(
        history.path, "log", "--use-mailmap", "--format=%H %aE", tip).splitlines())
    for change in coming[::7]:
        people = {a["email"] for a in change["authors"]}
        check({log[c] for c in change["commits"]} <= people, f"authors of {change['landing']}")
    count = git(history.path, "rev-list", "--count", f"{base}..{tip}")
    check(said["range"]["commitCount"] == int(count), f"{count} commits")
    differ = git(history.path, "diff-tree", "-r", "--name-only", "--no-renames", base, tip).split()
    for service in said["services"]:
        number = int(service["name"][1:])
        folders = {f"svc-{number:02}"} | ({f"svc-{number + 1:02}"} if number < 10 else set())
        paths = [p for p in differ if p.split("/")[0] in folders]
        check(service["paths"] == sorted(paths), service["name"])
        check(service["changed"] == bool(paths), service["name"])
    config = [p for p in differ if p.startswith("svc-07/")]
    check([c["path"] for c in said["config"]] == sorted(config), "configuration")


@case
def a_generated_history():
    """5,000 landings of all kinds and 50 services: states, services, people and numbers are those
    of the log, also when a hotfix was deployed."""
    folder = LAB / "cases" / f"history-{SEED}"
    folder.mkdir(parents=True)
    policy = files(keys=None, more={"policies/release.yml": yaml(release_policy())})
    history = History(folder / "system", SEED, policy)
    special = min(0.5, max(0.04, 60 / LANDINGS))
    history.land(LANDINGS // 10, special)
    history.deploy()
    history.land(LANDINGS, special)
    kinds = {kind: sum(e.kind == kind for e in history.entries)
             for kind in ("change", "revert", "partial")}
    check(min(kinds.values()) > min(5, LANDINGS // 50), str(kinds))
    forward = asked(history, "--from", history.base)
    check(forward["range"]["relation"] == "forward", forward["range"])
    compare(history, forward, hotfix=False)

    history.hotfix(30)
    diverged = asked(history, "--from", history.hotfix_tip)
    check(diverged["range"]["relation"] == "diverged", diverged["range"])
    compare(history, diverged, hotfix=True)
    matches = {e.match for e in history.entries}
    check({"trailer", "difference", "number"} <= matches, str(matches))
    lost = sum(w["kind"] == "lost_change" for w in diverged["warnings"])
    removed = [c for c in diverged["changes"] if c["state"] == "removed"]
    check(lost == len(removed) > 0, f"{lost} warnings of {len(removed)} lost changes")

    back = asked(history, "--from", history.tip, "--to", history.base, "--allow-reverted")
    check(back["range"]["relation"] == "backward", back["range"])
    check([c["landing"] for c in back["changes"]]
          == [e.landing for e in history.entries[history.shipped:]], "what goes away")
    check({c["state"] for c in back["changes"]} == {"removed"}, "the states of a rollback")
    same = asked(history, "--from", history.tip)
    check((same["range"]["relation"], same["changes"]) == ("none", []), same["range"])


@case
def a_real_history():
    """Histories that people made: each landing's id, commits, authors and files are what git says
    (GATE_REAL_HISTORY names repositories, separated by colons; GATE_REAL_LANDINGS how many
    landings of each, 500)."""
    for _, folder in real_histories("real"):
        compare_with_git(folder, int(os.environ.get("GATE_REAL_LANDINGS", "500")))


def compare_with_git(folder, landings):
    """The newest landings of HEAD. Every file is configuration to the policy that is put on top, so
    that each change lists all its paths."""
    ref = git(folder, "symbolic-ref", "HEAD")
    line = git(folder, "rev-list", "--first-parent", f"-{landings + 1}", ref).split()
    base, tip = line[-1], line[0]
    policy = {"policies/release.yml": yaml({
        "release": {"ref": ref, "environments": ["production"],
                    "operators": {"production": ["engineering"]}},
        "services": {"all": {"paths": ["**"]}}, "config": ["**"]})}
    edits = "".join(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
                    for path, text in files(more=policy).items())
    run("git", "fast-import", "--quiet", cwd=folder,
        input=f"commit {ref}\ncommitter Alice <alice@wrk.example> 2000000000 +0000\n"
              f"data 7\nPolicy\n\nfrom {tip}\n{edits}")
    said = json.loads(run(
        os.environ["GATE_PROGRAM"], "range", "--json", "--offline", "--from", base, "--to", tip,
        "--allow-reverted", cwd=folder, timeout=900).text)
    expected = git(folder, "rev-list", "--first-parent", "--reverse", f"{base}..{tip}").split()
    check([c["landing"] for c in said["changes"]] == expected, "not the landings that git lists")
    check(len(expected) == len(line) - 1, "too short a history")
    commits = git(folder, "rev-list", "--count", f"{base}..{tip}")
    check(said["range"]["commitCount"] == int(commits), f"{commits} commits")
    for change in said["changes"]:
        compare_change(folder, change)
    for paths in (said["services"][0]["paths"], [c["path"] for c in said["config"]]):
        check(paths == differing(folder, base, tip), "what the whole range touches")


def compare_change(folder, change):
    landing = change["landing"]
    form = "%H%x01%aN%x01%aE%x01%(trailers:key=Co-authored-by,valueonly,separator=%x02)"
    rows = [row.split("\x01") for row in git(
        folder, "log", "--use-mailmap", f"--format={form}", f"{landing}^1..{landing}").splitlines()]
    # What a merge brought, without the merge; any other landing is its own commit.
    brought = [row for row in rows if row[0] != landing] or rows
    check(sorted(change["commits"]) == sorted(row[0] for row in brought), f"commits of {landing}")
    people = {(row[1], row[2]) for row in brought}
    found = {(person["name"], person["email"]) for person in change["authors"]}
    check(people <= found, f"authors of {landing}: {people - found}")
    together = "\x02".join(row[3] for row in rows)
    check(found == people or together.strip("\x02"), f"authors of {landing}: {found - people}")
    check(change["config"] == differing(folder, f"{landing}^1", landing), f"paths of {landing}")


def differing(folder, one, other):
    """The paths as UTF-8; what is not is shown by both sides alike."""
    names = run("git", "diff-tree", "-r", "-z", "--name-only", "--no-renames", one, other,
                cwd=folder).out
    return [name.decode("utf-8", "replace") for name in names.split(b"\0") if name]


@case
def a_tag_pattern():
    """`--from 'production-*'` begins at the newest tag of that name that the branch has."""
    folder = LAB / "cases" / "tagged"
    folder.mkdir(parents=True)
    history = History(folder / "system", 3)
    ids = [history.tip]
    for _ in range(4):
        history.change()
        history.flush()
        ids.append(history.tip)
    for minute, (name, id) in enumerate(
            [("production-9", ids[1]), ("production-10", ids[2]), ("v3", ids[3])]):
        git(history.path, "tag", "-a", "-m", name, name, id,
            env={"GIT_COMMITTER_DATE": f"{1_900_000_000 + 60 * minute} +0000"})
    side = git(history.path, "commit-tree", "-m", "Side", "-p", ids[3], f"{ids[3]}^{{tree}}",
               env={"GIT_COMMITTER_DATE": "1950000000 +0000"})
    git(history.path, "tag", "production-side", side)
    for pattern, base in (("production-*", ids[2]), ("*", ids[3]), ("production-?", ids[1])):
        said = asked(history, "--from", pattern)
        check(said["range"]["base"]["revision"] == base, f"{pattern}: {said['range']}")
    done = run(os.environ["GATE_PROGRAM"], "range", "--offline", "--from", "x-*",
               cwd=history.path, check=False)
    check(done.exit == 2 and "no tag x-* is on master" in done.errors, done.errors)
