"""Where a release stands, as people and deploy scripts are told: what was taken back and is held,
what may still be deployed, and who may call a tag what a release is called."""

import json

from kit import LAB, case, check, git, run
from kit.morning import GATE, Desk, Morning

API1 = [("api", 1), ("worker", 1)]


def push(desk, refspec, code=0):
    """A push from somebody's clone; what the server says."""
    done = run("git", "push", "-q", "origin", refspec, cwd=desk.path, check=False)
    check((done.exit == 0) == (code == 0), f"{refspec}: {done.errors}")
    return " ".join(done.errors.replace("remote:", "").split())


@case
def what_was_taken_back_is_held_and_named():
    """Nothing to push is said with its reason and the command that lifts it; then it goes on."""
    world = Morning()
    alice, bob = world.clone("alice"), world.clone("bob")
    alice.stage(API1)
    alice.gate("release", "tick", "always-1")
    alice.gate("release", "promote", "--to", "production")
    alice.deploy("production")
    good = world.master
    world.land_file("src/app.py", "def pay(amount):\n    return 0\n", "Pay nothing (#7)")
    alice.stage([("api", 2)])
    said = alice.gate("release", "status").text
    check("  next: gate release tick --environment staging always-1\n" in said, said)
    ticked = alice.gate("release", "tick", "always-1")
    check("[x] always-1" in ticked.errors, ticked.errors)
    check("next: gate release promote --to production" in ticked.errors, ticked.errors)
    started = alice.gate("release", "--yes")
    check("next: deploy it (gate manifest --of production" in started.errors, started.errors)
    alice.deploy("production")
    check("always-1" not in alice.gate("release", "status").text, "what is passed on is listed")

    alice.gate("release", "rollback", "--reason", "Pays nothing")
    alice.deploy("production")
    said = alice.gate("release", "status").text
    check(f"production: taken back to {good[:7]} on " in said and "rolled_back" not in said, said)
    hold = ("held back: #7 Pay nothing by alice@wrk.example: Pays nothing\n"
            "  gate release unhold '#7' --reason TEXT\n")
    check(hold in said, said)
    said = bob.gate("range").text
    check(said == f"production is at {good[:7]}: nothing to push before what is held back\n{hold}",
          said)
    said = bob.gate("release", "--yes")
    check(said.text == "" and hold in said.errors and "taken back to" in said.errors, said.errors)
    check(alice.state("production")["state"] == "rolled_back", "it went on by itself")
    # The command as it was printed.
    words = hold.splitlines()[1].split()[1:]
    lifted = bob.gate(*[word.strip("'") for word in words[:-1]], "It was right")
    check(lifted.text.startswith("#7 Pay nothing: released from its hold"), lifted.text)
    refused = bob.gate("release", "--yes", code=1)
    check("bob@wrk.example is no operator of production" in refused.errors, refused.errors)
    alice.gate("release", "--yes")
    check(alice.state("production")["state"] == "unknown", alice.state("production"))


@case
def the_time_of_a_state():
    """A tick does not make a deployment younger."""
    world = Morning()
    alice = world.clone("alice")
    alice.stage(API1)
    before = alice.state()
    run("sleep", "1.1")
    alice.gate("release", "tick", "always-1")
    after = alice.state()
    check(after["since"] == before["since"] != after["deployment"]["createdOn"], after)
    check(f"succeeded on {before['since']}, by alice" in alice.gate("release", "status").text,
          "the last tick's time")


@case
def only_what_may_be_deployed_is_verified():
    """A manifest of what was taken back, or has been followed, is true and may not be deployed."""
    world = Morning()
    alice = world.clone("alice")
    first, bad, back = (alice.path / name for name in ("1.json", "2.json", "3.json"))

    def verify(file, code, *words):
        return alice.gate("manifest", "verify", file, *words, code=code).text

    alice.stage(API1)
    alice.gate("manifest", "--of", "staging", "-o", first)
    verify(first, 0)
    world.land_file("src/app.py", "def pay(amount):\n    return 0\n", "Pay nothing (#7)")
    alice.stage([("api", 2)])
    alice.gate("manifest", "--of", "staging", "-o", bad)
    verify(bad, 0)
    check("staging has gone on to staging-" in verify(first, 1), verify(first, 1))
    alice.gate("release", "rollback", "-e", "staging", "--reason", "Pays nothing", "--yes")
    check("staging has gone on to" in verify(bad, 1), "while it is taken back")
    alice.deploy("staging")
    alice.gate("manifest", "--of", "staging", "-o", back)
    verify(back, 0)
    said = verify(bad, 1)
    check("was taken back on" in said and "staging may not have it" in said, said)
    alice.gate("manifest", "attest", bad, "-o", alice.path / "2.att")
    check("was taken back" in verify(alice.path / "2.att", 1), "the attestation")
    for file in (first, bad, alice.path / "2.att"):
        verify(file, 0, "--past")
    # The same commit in a plan that nobody started.
    head = json.loads(bad.read_text())["range"]["head"]["revision"]
    alice.gate("manifest", "-e", "staging", "--to", head, "--created", "2026-11-25T06:30:00Z",
               "-o", bad)
    alice.gate("manifest", "set-image", "api", f"registry.wrk.example/api@sha256:{2:064x}",
               "--file", bad)
    check("is held back by alice" in verify(bad, 1), verify(bad, 1))
    alice.gate("release", "unhold", "#7", "--reason", "Try again")
    alice.gate("release", "start", "--yes")
    alice.gate("manifest", "--of", "staging", "-o", bad)
    alice.gate("release", "record", "-e", "staging", "--outcome", "failed")
    check("failed on" in verify(bad, 1), verify(bad, 1))


@case
def a_name_of_a_release_is_taken_by_nobody():
    """A tag release/<id> is what the signed deployment says, before it and after it."""
    world = Morning()
    alice, mallory = world.clone("alice"), world.clone("carol", "mallory")
    tip = world.master
    alice.gate("release", "start", "--yes")
    id = alice.state()["deployment"]["releaseId"]
    tag = f"refs/tags/release/{id}"
    right = world.server.tip(tag)
    check(world.server.git("rev-parse", f"{tag}^{{commit}}").strip() == tip, "no tag")
    tomorrow = id.replace(id[8:18], "2030-01-01")
    check("no signed deployment is called staging-2030" in push(
        mallory, f"HEAD:refs/tags/release/{tomorrow}", 1), "before it")
    for spec in (f"+HEAD:{tag}", f":{tag}", f"HEAD:refs/tags/release/{id}/x",
                 "HEAD:refs/tags/release"):
        push(mallory, spec, 1)
    check(world.server.tip(tag) == right, "the tag was moved")
    for spec in ("HEAD:refs/tags/release/1.2", "HEAD:refs/tags/release/staging-1",
                 f"HEAD:refs/tags/old/{id}", "HEAD:refs/tags/releases"):
        push(mallory, spec)
    # What was there before the server knew is put right by the next command.
    world.server.git("update-ref", tag, tip)
    alice.gate("release", "status")
    alice.deploy("staging", API1)
    check(world.server.git("cat-file", "-t", tag).strip() == "tag", "the tag is not put right")
    # An annotated one of the same commit is not enough.
    world.server.git("update-ref", "-d", tag)
    run("git", "tag", "-a", "-m", "Mine", "mine", tip, cwd=mallory.path)
    check("which names its plan" in push(mallory, f"mine:{tag}", 1), "another plan's")


@case
def gates_of_a_first_release():
    """A first release names the verdict on each landing since the gate was closed."""
    world = Morning()
    alice = world.clone("alice")
    trusted = world.server.git("rev-parse", "refs/gate/trusted").strip()
    landed = [world.land_file("src/app.py", f"x = {n}\n", f"Change {n} (#{n})") for n in (1, 2)]
    made = json.loads(alice.gate("manifest", "-e", "staging").text)
    check(made["release"]["type"] == "first", made["release"])
    line = git(world.server.path, "rev-list", "--first-parent", "--reverse",
               f"{trusted}..{world.master}").split()
    check([gate["landing"] for gate in made["gates"]] == line, made["gates"])
    check(line[-2:] == landed, line)


@case
def called_in_a_wrong_place():
    """Outside a repository every command is called wrong (2); a clone of what was an empty server
    does not take what is checked out for the server's default branch."""
    outside = LAB / "cases" / "outside"
    outside.mkdir(parents=True)
    for words in (("range",), ("manifest",), ("release", "status"), ("shepherd",), ("status",),
                  ("audit",), ("check",), ("init",), ("install",), ("trust",)):
        done = run(GATE, *words, cwd=outside, check=False)
        check(done.exit == 2 and "in no git repository" in done.errors,
              f"{words}: {done.exit} {done.errors}")
    world = Morning()
    empty = outside / "empty.git"
    run("git", "init", "-q", "--bare", "-b", "master", empty)
    said = run(GATE, "install", "--server", empty).text
    said = run(GATE, "doctor", empty, check=False).text
    check("commit-graph" in said and "pushes are judged slowly" not in said, said)
    clone = outside / "clone"
    run("git", "clone", "-q", empty, clone)
    run("git", "fetch", "-q", world.server.path, "master:refs/heads/first", cwd=clone)
    run("git", "push", "-q", "origin", "first:master", cwd=clone)
    run("git", "checkout", "-q", "-b", "topic", "first", cwd=clone)
    run("git", "rm", "-q", "policies/release.yml", cwd=clone)
    run("git", "commit", "-q", "-m", "Without", cwd=clone)
    said = json.loads(Desk(clone).gate("manifest", "--offline", "-e", "staging").text)
    check(said["source"]["annotations"]["sourceRefs"] == ["refs/heads/master"], said["source"])
    run("git", "update-ref", "-d", "refs/remotes/origin/master", cwd=clone)
    run("git", "update-ref", "refs/remotes/origin/trunk", "first", cwd=clone)
    done = Desk(clone).gate("range", "--offline", code=3)
    check("git remote set-head origin --auto" in done.errors, done.errors)
