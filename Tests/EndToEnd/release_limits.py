"""What a release refuses, what lifts that on record, trains, hotfixes, and false manifests."""

import json

from kit import accepted, case, check, run
from kit.morning import Desk, Morning

API1 = [("api", 1), ("worker", 1)]
START = ("release", "start", "--yes")


def overrides(desk):
    return [o["limit"] for o in desk.state()["deployment"]["overrides"]]


@case
def not_between_a_change_and_its_revert():
    """A range that ends before the revert of one of its changes is refused, or goes on record."""
    world = Morning()
    alice = world.clone("alice")
    alice.stage(API1)
    bad = world.land_file("src/app.py", "def pay(amount):\n    return 0\n", "Pay nothing (#7)")
    back = world.git("commit-tree", f"{bad}~1^{{tree}}", "-p", bad, "-m",
                     f'Revert "Pay nothing (#7)" (#8)\n\nThis reverts commit {bad}.')
    accepted(world.push(f"{back}:refs/heads/master"))
    for words in (("range", "-e", "staging", "--to", bad), (*START, "--to", bad)):
        done = alice.gate(*words, code=1)
        check("ends between a change and its revert" in done.errors, done.errors)
        check("Pay nothing" in done.errors and "--allow-reverted" in done.errors, done.errors)
    check(alice.state()["state"] == "succeeded", alice.state())
    alice.gate(*START, "--to", bad, "--allow-reverted")
    check(overrides(alice) == ["reverted"], overrides(alice))
    check("override of reverted" in alice.gate("release", "status").text, "not shown")


@case
def holds_are_named():
    """A hold is shown with its change's number and title; lifting it for a push is recorded."""
    world = Morning({"limits": {"max_changes": 1}})
    alice, bob = world.clone("alice"), world.clone("bob")
    alice.stage(API1, "--override-max-changes", "The first")
    check(overrides(alice) == ["max_changes"], overrides(alice))
    held = world.land_file("src/pay.py", "pay\n", "Pay out (#12)")
    bob.gate("release", "hold", "#12", "--reason", "Counts <b>twice</b>")
    check("held back: #12 Pay out by bob@wrk.example: Counts <b>twice</b>\n"
          in alice.gate("release", "status").text, alice.gate("release", "status").text)
    one = alice.json("release", "status")["holds"][0]
    check((one["id"], one["title"], one["landing"]) == ("#12", "Pay out", held), one)
    made = ("manifest", "-e", "staging", "--to", held)
    one = json.loads(alice.gate(*made).text)["holds"][0]
    check((one["id"], one["title"], one["by"]) == ("#12", "Pay out", "bob@wrk.example"), one)
    shown = alice.gate(*made, "--format", "markdown").text
    check("## Held back\n\n- \\#12 Pay out: Counts \\<b\\>twice\\</b\\>" in shown, shown)
    shown = alice.gate(*made, "--format", "html").text
    check("Held back" in shown and "<b>twice" not in shown, shown)
    check("held back by bob" in alice.gate("range", "-e", "staging", "--to", held).text, "range")
    done = alice.gate(*START, "--to", held, code=1)
    check("#12 Pay out is held back by bob@wrk.example" in done.errors, done.errors)
    alice.gate(*START, "--to", held, "--override-hold", "Counted by hand")
    check(overrides(alice) == ["hold"], overrides(alice))


@case
def trains_go_by_themselves():
    """Each train has its own range, statements and marker."""
    base = {"ref": "refs/heads/master", "environments": ["staging", "production"],
            "operators": {"staging": ["engineering"], "production": ["engineering"]}}
    world = Morning({"release": {**base, "trains": {"pay": ["src/**"], "work": ["work/**"]}},
                     "services": {
                         "api": {"paths": ["src/**"], "image": "registry.wrk.example/api"}}})
    alice = world.clone("alice")
    pay = world.land_file("src/pay.py", "pay\n", "Pay out (#12)")
    world.land_file("work/run.py", "run\n", "Work (#13)")

    def ids(train):
        made = json.loads(alice.gate("manifest", "-e", "staging", "--train", train).text)
        return [change["id"] for change in made["changes"] if change["id"].startswith("#")]

    check((ids("pay"), ids("work")) == (["#12"], ["#13"]), f"{ids('pay')} {ids('work')}")
    alice.gate(*START, "--train", "pay", "--to", pay)
    alice.gate(*START, "--train", "work")
    names = [n for n in world.server.refs() if n.startswith("refs/gate/releases/")]
    check(sorted(n.split("-")[1] for n in names) == ["pay", "work"], names)
    alice.gate("release", "record", "-e", "staging", "--train", "pay", "--outcome", "failed")
    states = [alice.json("release", "status", "--train", train)["environments"][0]["state"]
              for train in ("pay", "work")]
    check(states == ["failed", "unknown"], states)
    markers = [n for n in world.server.refs() if n.startswith("refs/gate/deployed/")]
    check(markers == [], markers)


@case
def a_hotfix_is_shipped_once():
    """A hotfix from a side branch is of its own type; the next morning does not list its pick."""
    world = Morning()
    alice = world.clone("alice")
    alice.stage(API1)
    deployed = world.master
    fix = world.change({"src/app.py": "fixed\n"}, on=deployed, message="Fix sign-in (#9)")
    accepted(world.push(f"{fix}:refs/heads/hotfix"))
    world.land_file("work/run.py", "run\n", "Work (#10)")
    alice.gate(*START, "--ref", "hotfix")
    alice.deploy("staging", [("api", 2)])
    made = json.loads(alice.gate("manifest", "--of", "staging").text)
    check(made["release"]["type"] == "hotfix", made["release"])
    check(alice.state()["deployed"] == fix, alice.state())
    world.land_file("src/app.py", "fixed\n", "Fix sign-in (#11)")
    made = json.loads(alice.gate("manifest", "-e", "staging").text)
    states = {change["id"]: change["state"] for change in made["changes"]}
    check(made["range"]["relation"] == "diverged", made["range"])
    check(states["#10"] == "included" and states["#11"] == "already_shipped", states)
    check(made["range"]["changeCount"] == 1, made["range"])


@case
def false_manifests_and_wrong_places():
    """Each is told in a sentence: 1 for a false one, 2 for none, 3 for a clone that cannot say."""
    world, other = Morning(), Morning()
    alice, stranger = world.clone("alice"), other.clone("alice")
    other.land_file("src/app.py", "another\n", "Another")
    stranger.stage(API1)
    alice.gate("release", "start", "--yes")
    alice.deploy("staging", API1)
    good, bad = alice.path / "good.json", alice.path / "bad.json"
    alice.gate("manifest", "--of", "staging", "-o", good)
    alice.gate("manifest", "verify", good)
    stranger.gate("manifest", "--of", "staging", "-o", bad)
    done = alice.gate("manifest", "verify", bad, code=1)
    check("another repository" in done.text, done.text)
    made = json.loads(good.read_text())
    for edit, code, words in (
            (lambda m: m.update(schemaVersion=2), 2, "schema version 2; this gate reads 1"),
            (lambda m: m.update(schemaVersion="1"), 2, "has no schemaVersion"),
            (lambda m: m.pop("holds"), 2, "lacks the member holds"),
            (lambda m: m["services"][0]["image"]["digest"].update(sha256="a" * 64), 1,
             "services[0].image.digest"),
            (lambda m: m["services"][0]["image"].update(digest={}), 1, "no digest is known"),
            (lambda m: m["checklist"].clear(), 1, "checklist"),
            (lambda m: m["gates"].append({}), 1, "gates"),
            (lambda m: m["source"]["digest"].update(gitTree="1" * 40), 1, "gitTree")):
        edited = json.loads(json.dumps(made))
        edit(edited)
        bad.write_text(json.dumps(edited))
        done = alice.gate("manifest", "verify", bad, code=code)
        said = done.text + done.errors
        check(words in said and len(said.splitlines()) <= 3, f"not {words}:\n{said}")
    for text in ("", "{", "[]", '{"kind":"ReleaseManifest"}', '{"payload":"'):
        bad.write_text(text)
        alice.gate("manifest", "verify", bad, code=2)
    shallow = world.folder / "shallow"
    run("git", "clone", "-q", "--depth", "1", f"file://{world.server.path}", shallow)
    done = Desk(shallow).gate("manifest", "verify", good, code=3)
    check("shallow" in done.errors, done.errors)
    blob = run("git", "hash-object", "-w", "--stdin", cwd=world.server.path, input="x").text.strip()
    world.server.git("update-ref", "refs/gate/deployed/staging/all", blob)
    done = alice.gate("release", "status")
    check("its marker does not say so" in done.text, done.text)
    alice.gate("release", "record", "-e", "staging", "--outcome", "succeeded")
    check(world.server.tip("refs/gate/deployed/staging/all") == world.master, "not made good")
    empty = world.folder / "empty"
    run("git", "init", "-q", "--bare", empty)
    done = Desk(empty).gate("manifest", "verify", "--offline", good, code=3)
    check(len(done.errors.splitlines()) <= 4, done.errors)
