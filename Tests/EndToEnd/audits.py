"""What `gate audit` says about landings that are made: what a push had to show, shown again."""

import json

from kit import World, accepted, case, check, files, git, only, run
from kit.server import GATE
from kit.world import MASTER, NOTES

RULES = only("creation", "deletion", "non_fast_forward", "pull_request", required_status_checks={
    "checks": ["unit"], "tested": "head", "signers": ["ci"]})


def audit(world, *arguments, exit_code=0, folder=None):
    """Audits the server itself, and gives what it says, for machines."""
    done = run(GATE, "audit", "--json", *arguments, cwd=folder or world.server.path, check=False)
    check(done.exit == exit_code, f"exit {done.exit}: {done.text}{done.errors}")
    return json.loads(done.out) if done.out else {}


def states(said):
    return [landing["state"] for landing in said["landings"]]


def rules(landing):
    return {finding["rule"] for finding in landing["verdict"]["findings"]}


def landed(world, number=1, **more):
    """A reviewed and checked change, landed as gate merge does it."""
    head = world.change({f"src/m{number}.py": f"def f{number}():\n    return {number}\n"})
    world.approve(head)
    world.publish(world.result(head))
    evidence = world.server.tip(NOTES)
    merge = world.merge(head, message=f"Land {number}\n\nGate-Evidence: {evidence}\n", **more)
    accepted(world.land(merge))
    return merge


def behind_the_gate(world, commit, ref=MASTER):
    """Puts a commit where no push could have put it."""
    git(world.server.path, "fetch", "-q", world.path, f"{commit}:refs/heads/smuggled")
    git(world.server.path, "update-ref", ref, commit)
    git(world.server.path, "update-ref", "-d", "refs/heads/smuggled")


@case
def what_landed_holds():
    """Landings that the hook let in hold in the server and in a clone that asks nobody."""
    world = World(files(RULES))
    made = [landed(world, number) for number in range(3)]
    said = audit(world)
    check(states(said)[-3:] == ["held"] * 3, str(states(said)))
    check(said["gatedSince"] == made[0], str(said["gatedSince"]))
    check(all(row["evidenceIsOfItsTime"] for row in said["landings"][-3:]), "not of its time")
    # What was merged is the very tree that was checked.
    check(all(row["proven"] for row in said["landings"][-3:]), "not proven")
    clone = world.folder / "clone"
    run("git", "clone", "-q", world.server.path, clone)
    run("git", "fetch", "-q", "origin", "refs/notes/gate:refs/notes/gate",
        "refs/gate/trusted:refs/gate/trusted", cwd=clone)
    again = audit(world, "--offline", folder=clone)
    check(states(again) == states(said), str(again))
    check(audit(world, f"{made[0]}..")["counts"]["held"] == 2, "the range is not kept")


@case
def what_was_smuggled_in_is_told():
    """A commit put on master in the server's own shell is refused by name, whatever lands on it,
    and only that one."""
    world = World(files(RULES))
    first = landed(world, 1)
    direct = world.change({"src/app.py": "def pay():\n    return 0\n"})
    behind_the_gate(world, direct)
    last = landed(world, 2)
    said = audit(world, exit_code=1)
    rows = {row["commit"]: row for row in said["landings"]}
    check(rows[first]["state"] == rows[last]["state"] == "held", str(states(said)))
    check(rows[direct]["state"] == "refused", str(rows[direct]))
    check(rules(rows[direct]) == {"pull_request", "required_status_checks"}, str(rows[direct]))
    only_these = audit(world, "--only-refused", exit_code=1)
    check([row["commit"] for row in only_these["landings"]] == [direct], str(only_these))


@case
def an_approval_that_came_later_does_not_count():
    """A landing that names its evidence is judged by that: what was signed afterwards is told
    apart."""
    world = World(files(RULES))
    head = world.change()
    world.publish(world.result(head))
    evidence = world.server.tip(NOTES)
    merge = world.merge(head, message=f"Land it\n\nGate-Evidence: {evidence}\n")
    behind_the_gate(world, merge)
    world.publish(world.review(head, base=world.git("rev-parse", f"{merge}^1")))
    row = audit(world, exit_code=1)["landings"][-1]
    check(row["state"] == "refused" and row["holdsByNow"], str(row))
    check(rules(row) == {"pull_request"}, str(row))


@case
def older_evidence_hides_no_objection():
    """A landing put past the hook that names the evidence before somebody's objection is judged by
    what a landing before it names."""
    world = World(files(RULES))
    head = world.change({"src/app.py": "def pay():\n    return 0\n"})
    world.approve(head)
    world.publish(world.result(head))
    before = world.server.tip(NOTES)
    world.publish(world.review(head, by="carol", state="changes_requested"))
    honest = landed(world, 1)
    behind_the_gate(
        world, world.merge(head, message=f"Land it\n\nGate-Evidence: {before}\n"))
    row = audit(world, exit_code=1)["landings"][-1]
    check(row["state"] == "refused" and rules(row) == {"pull_request"}, str(row))
    check(row["evidenceNamedBy"] == honest, str(row))
    only_it = audit(world, f"{honest}..", exit_code=1)["landings"]
    check([row["evidenceNamedBy"] for row in only_it] == [honest], str(only_it))
    told = run(GATE, "audit", cwd=world.server.path, check=False).text
    check(f"names older evidence than {honest[:7]}" in told, told)


@case
def a_hand_made_merge_is_told():
    """A merge with an edit of its own is named hand-made, where the sides touch other files and
    where they touch the same one."""
    long = "".join(f"line {number}\n" for number in range(30))
    world = World(files(RULES), seed={"0.txt": long, "1.txt": long})
    for number, edits in enumerate([{"extra.txt": "evil\n"}, {"1.txt": long + "evil\n"}]):
        head = world.change({f"{number}.txt": long.replace("line 3\n", "line three\n")})
        behind_the_gate(world, world.change({f"{number}.txt": long.replace("line 20", "20")}))
        tree = world.tree(world.merged(world.master, head), edits)
        behind_the_gate(world, world.merge(head, tree=tree))
        row = audit(world, exit_code=1)["landings"][-1]
        check(row["verdict"]["landings"][0]["handMade"], str(row))


@case
def a_bypass_of_several_landings_is_found():
    """Two direct commits that one signed bypass let in are bypassed, both."""
    world = World(files(RULES, bypass=["release-managers"]))
    landed(world, 1)
    old = world.master
    one = world.change({"src/app.py": "def pay():\n    return 1\n"})
    two = world.change({"src/app.py": "def pay():\n    return 2\n"}, on=one)
    world.publish(world.bypass(two, old=old))
    accepted(world.land(two))
    said = audit(world)
    check(states(said)[-3:] == ["held", "bypassed", "bypassed"], str(states(said)))
    behind_the_gate(world, world.change({"src/app.py": "def pay():\n    return 3\n"}))
    check(states(audit(world, exit_code=1))[-1] == "refused", "the bypass covers what came after")


@case
def each_landing_is_judged_by_the_policy_before_it():
    """What landed under an earlier policy is not refused by a later one, and --policy asks what
    it would have said."""
    world = World(files(only("creation", "deletion", "non_fast_forward", "pull_request")))
    head = world.change()
    world.approve(head)
    early = world.merge(head)
    accepted(world.land(early))
    strict = world.change({
        path: text for path, text in files(RULES).items() if path.startswith("policies/")})
    world.approve(strict)
    accepted(world.land(world.merge(strict)))
    check(states(audit(world))[-2:] == ["held", "held"], "the later policy judges")
    rows = {row["commit"]: row for row in audit(world, "--policy", "master", exit_code=1)[
        "landings"]}
    check(rules(rows[early]) == {"required_status_checks"}, str(rows[early]))


@case
def words_and_mistakes():
    """Text for people; wrong names are bad usage; a range that is none, too."""
    world = World(files(RULES))
    landed(world, 1)
    done = run(GATE, "audit", cwd=world.server.path)
    check("held 1" in done.text and "approved by bob@wrk.example" in done.text, done.text)
    audit(world, "--ref", "nosuch", exit_code=2)
    audit(world, "nosuch..", exit_code=2)
    audit(world, "..master", exit_code=2)
    audit(world, "--policy", "nosuch", exit_code=2)
    audit(world, "--jobs", "0", exit_code=2)
    side = world.change()
    world.push(f"{side}:refs/heads/side")
    audit(world, "master..side", exit_code=2)


@case
def a_broken_policy_is_no_answer():
    """A landing behind a policy that cannot be read is undetermined, not held."""
    world = World(files(RULES))
    broken = world.change({"policies/master.yml": "rulesets: [{nme: x}]\n"})
    behind_the_gate(world, broken)
    behind_the_gate(world, world.change({"src/app.py": "x = 1\n"}))
    said = audit(world, exit_code=1)
    check(states(said)[-2:] == ["refused", "undetermined"], str(states(said)))
    check(audit(world, f"{broken}..", exit_code=3)["verdict"] == "undetermined", "not told")
