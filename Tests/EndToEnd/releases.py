"""Releases: what is signed, what repeats it, and what speaks against a push."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

from kit import World, accepted, case, check, evidence, people, refused, run
from kit.morning import GATE, Desk, Morning, image
from readers import lines_of

API1 = [("api", 1), ("worker", 1)]


def flat(text):
    """Words whose lines were broken."""
    return " ".join(text.split())


@case
def a_morning_from_staging_to_production():
    """Staging proves images, the checklist is ticked, production gets the same images."""
    world = Morning()
    alice = world.clone("alice")
    first = world.master
    alice.stage(API1)
    check(alice.state()["state"] == "succeeded", alice.state())
    check(world.server.tip("refs/gate/deployed/staging/all") == first, "no marker")
    refused = alice.gate("release", "promote", "--to", "production", "--yes", code=1)
    check("gate release tick --environment staging always-1" in refused.errors, refused.errors)
    alice.gate("release", "tick", "always-1")
    out = alice.path / "production.json"
    alice.gate("release", "promote", "--to", "production", "--yes", "-o", out)
    api = alice.gate("manifest", "get", out, "services.api.image.digest.sha256").text.strip()
    check(image("api", 1).endswith(api), api)
    done = alice.gate("manifest", "get", out, "checklist.*.done").text.split()
    check(done == ["true"], done)
    check(alice.state("production")["state"] == "unknown", alice.state("production"))
    alice.deploy("production")
    check(world.server.tip("refs/gate/deployed/production/all") == first, "no marker")
    names = [n for n in world.server.refs() if n.startswith(("refs/gate/releases/", "refs/tags/"))]
    check(len(names) == 4, names)
    again = alice.gate("release", "start", "--yes")
    check("nothing to push" in again.errors, again.errors)


@case
def a_bad_change_is_taken_back_and_not_proposed_again():
    """A rollback holds back what it takes away, until that is released."""
    world = Morning()
    alice = world.clone("alice")
    good = world.master
    alice.stage(API1)
    bad = world.land_file("src/app.py", "def pay(amount):\n    return -amount\n", "Pay less (#7)")
    alice.stage([("api", 2)])
    check(world.server.tip("refs/gate/deployed/staging/all") == bad, "bad is not deployed")
    alice.gate("release", "rollback", "--environment", "staging", "--reason", "Pays less", "--yes")
    check(alice.state()["state"] == "unknown", alice.state())
    alice.deploy("staging")
    check(alice.state()["state"] == "rolled_back", alice.state())
    check(world.server.tip("refs/gate/deployed/staging/all") == good, "marker did not move back")
    nothing = alice.gate("release", "start", "--yes")
    check("nothing to push" in nothing.errors, nothing.errors)
    held = alice.gate("release", "start", "--yes", "--to", bad, code=1)
    check("#7" in held.errors and "Pays less" in held.errors, held.errors)
    alice.gate("release", "unhold", "#7", "--reason", "It was right")
    alice.gate("release", "start", "--yes")
    check(alice.state()["revision"] == bad, alice.state())


@case
def two_shepherds_press_at_once():
    """Of two starts at the same moment the server takes one; the other is told, and changes
    nothing."""
    world = Morning()
    desks = [world.clone("alice"), world.clone("bob"), world.clone("carol")]
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda desk: desk.race("release", "start", "--yes"), desks))
    codes = sorted(one.exit for one in done)
    check(codes[0] == 0, "\n".join(one.errors for one in done))
    lines = [line for _, line in lines_of(world.server.path)]
    check(len(lines) == 1, f"{len(lines)} statements, exit codes {codes}")
    for one in done:
        if one.exit:
            said = flat(one.errors)
            check(one.exit == 1 and "somebody else recorded" in said, one.errors)
    for desk in desks:  # said again, all of them see the one that is under way
        check("is under way" in desk.gate("release", "start", "--yes").errors, "not under way")
    check(len(list(lines_of(world.server.path))) == 1, "a second statement")


@case
def markers_and_plans_only_repeat_what_is_signed():
    """A forged, deleted or moved marker or plan is refused, by whatever name."""
    world = Morning()
    alice = world.clone("alice")
    old = world.master
    marker, other = "refs/gate/deployed/staging/all", "refs/gate/deployed/production/all"
    refused(world.push(f"{old}:{marker}"), "evidence")
    alice.stage(API1)
    new = world.land_file("docs/guide.md", "Guide 2\n", "Say more")
    for ref in (marker, other, "refs/gate/deployed/staging/web", "refs/gate/deployed/canary/all"):
        refused(world.push(f"+{new}:{ref}"), "evidence")
    refused(world.push(f":{marker}"), "evidence")
    for ref in ("refs/gate/deployed", "refs/gate/deployed/staging", marker + "/x",
                "refs/gate/deployed/x", "refs/gate/releases", "refs/gate/releases/a/b"):
        refused(world.push(f"{new}:{ref}"), "reserved_ref")
    plan = next(n for n in world.server.refs() if n.startswith("refs/gate/releases/"))
    world.fetch()
    blob = world.git("rev-parse", plan.replace("refs/", "refs/server/"))
    text = json.loads(world.git("cat-file", "blob", blob))
    refused(world.push(f":{plan}"), "evidence")
    for edit in ({}, {"kind": "X"}, {"release": {**text["release"], "id": "x"}}):
        forged = world.blob(json.dumps({**text, **edit}))
        for ref in (plan, plan + "x", "refs/gate/releases/x"):
            refused(world.push(f"+{forged}:{ref}"), "evidence")
    refused(world.push(f"{new}:refs/gate/releases/{new}"), "evidence")
    refused(world.push(f"{blob}:refs/gate/releases/y"), "evidence")


@case
def what_is_signed_is_judged():
    """The server itself refuses statements that do not follow, whoever signed them."""
    world = Morning()
    first = world.master
    plan, now = "0" * 64, "2026-11-23T06:30:00Z"

    def said(outcome, by="alice", *, environment="staging", train="all", previous=None,
             images=(), ticks=(), release="one", on=first, overrides=()):
        predicate = {
            "createdOn": now, "environment": environment, "outcome": outcome,
            "operator": people[by].email,
            "overrides": list(overrides), "planDigest": {"sha256": plan}, "previous": previous,
            "releaseId": release, "ticks": list(ticks), "train": train,
            "images": [{"name": n, "uri": f"registry.wrk.example/{n}",
                        "digest": {"sha256": f"{d:064x}"}} for n, d in images]}
        body = evidence.statement(on, predicate, "urn:gate:deployment:v1")
        return evidence.envelope(body, by, "gate-deploy").on(on)

    def held(by, state="held", supersedes=()):
        predicate = {"createdOn": now, "reason": "x", "ref": "refs/heads/master", "state": state,
                     "supersedes": list(supersedes)}
        body = evidence.statement(first, predicate, "urn:gate:hold:v1")
        return evidence.envelope(body, by, "gate-deploy").on(first)

    start = said("started", images=API1)
    for line, words in (
            (said("succeeded"), "no started before it"), (said("started", "ci"), "no operator"),
            (said("started", environment="canary"), "no operator"),
            (said("started", train="web"), "no train"),
            (said("started", environment="production"), "has not proven"),
            (said("started", "bob", environment="production"), "no operator"),
            (said("started", ticks=["always-1"]), "ticked before"), (held("ci"), "no operator")):
        push = world.send(line)
        refused(push, "evidence")
        check(words in flat(push.message), f"not because it {words}:\n{push.message}")
    world.publish(start)
    done = said("succeeded", previous=start.digest, images=API1)
    for line in (said("succeeded", previous=start.digest, images=[("api", 9)]),
                 said("succeeded", previous=start.digest, images=API1, release="two"),
                 said("started", previous=start.digest, release="two"),
                 said("rolled_back", previous=start.digest, images=API1)):
        refused(world.send(line), "evidence")
    world.publish(done)
    refused(world.send(said("started", environment="production", images=[("api", 9)])), "evidence")
    go = said("started", environment="production", images=API1)
    hold = held("bob")
    world.publish(hold)
    push = world.send(go)
    refused(push, "evidence")
    check("held back" in flat(push.message), push.message)
    world.publish(held("alice", "released", [hold.digest]))
    world.publish(go)


@case
def the_manifest_is_the_same_everywhere_and_verified():
    """Two clones with other locales, zones and packs make the same bytes; what is edited is named."""
    world = Morning()
    first = world.git("rev-parse", f"{world.master}~1")
    alice, carol = world.clone("alice"), world.clone("carol")
    alice.stage(API1)
    world.land_file("work/run.py", "pass\n", "Work (#3)")
    run("git", "gc", "-q", "--aggressive", "--prune=now", cwd=carol.path)
    one, two = alice.path / "m.json", carol.path / "src" / "m.json"
    alice.gate("release", "start", "--yes", "-o", one, env={"LC_ALL": "C", "TZ": "UTC"})
    carol.gate("-C", "src", "manifest", "--of", "staging", "-o", "m.json",
               env={"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"})
    check(one.read_bytes() == two.read_bytes(), "two clones, two manifests")
    lacks = carol.gate("manifest", "verify", two, code=1).text
    check(lacks == "no digest is known for the image of worker\n", lacks)
    alice.gate("manifest", "set-image", "worker", image("worker", 2), "--file", one)
    alice.gate("manifest", "verify", one)
    alice.gate("release", "record", "-e", "staging", "--outcome", "started", "-m", one)
    alice.gate("manifest", "--of", "staging", "-o", one)
    alice.gate("manifest", "attest", one, "-o", alice.path / "m.att")
    carol.gate("manifest", "verify", alice.path / "m.att")
    mirror = world.folder / "mirror"
    run("git", "clone", "-q", "--mirror", world.server.path, mirror)
    world.server.path.rename(world.folder / "away")
    Desk(mirror).gate("manifest", "verify", "--offline", alice.path / "m.att")
    Desk(mirror).gate("manifest", "verify", "--offline", one)
    good = json.loads(one.read_text())
    for change, code, words in (
            (lambda m: m["services"][0].update(changed=not m["services"][0]["changed"]), 1,
             "services[0].changed"),
            (lambda m: m["services"][1]["image"]["digest"].update(sha256="f" * 64), 1, "image"),
            (lambda m: m["range"]["base"].update(revision=f"{first}"), 1,
             "its base is not"),
            (lambda m: m["range"]["head"].update(revision="9" * 40), 1, "another repository"),
            (lambda m: m["source"]["annotations"].update(sourceRefs=["refs/heads/x"]), 1,
             "no refs/heads/x"),
            (lambda m: m["statements"].pop(0), 1, "statements"),
            (lambda m: m.update(schemaVersion=99), 2, "schema version 99"),
            (lambda m: m.update(extra=1), 2, "unknown member"),
            (lambda m: m["release"].update(environment="moon"), 1, "moon")):
        edited = json.loads(json.dumps(good))
        change(edited)
        one.write_text(json.dumps(edited))
        done = Desk(mirror).gate("manifest", "verify", "--offline", one, code=code)
        check(words in done.text + done.errors, f"not {words}:\n{done.text}{done.errors}")


# Where gate is ended: at the nth call of a program while it runs a command.
@case
def killed_anywhere_it_goes_on():
    """Killed at any call of git or ssh-keygen, the same command said again ends as if it never was."""
    world = Morning()
    alice = world.clone("alice")
    killer = world.folder / "killer"
    killer.mkdir()
    for name in ("git", "ssh-keygen"):
        real = shutil.which(name)
        script = killer / name
        script.write_text(
            "#!/bin/sh\n"
            'n=$(cat "$KILL_COUNT"); n=$((n - 1)); echo $n >"$KILL_COUNT"\n'
            'if [ $n -eq 0 ]; then kill -KILL $PPID; sleep 0.05; exit 1; fi\n'
            f'exec {real} "$@"\n')
        script.chmod(0o755)
    count = world.folder / "count"
    path = f"{killer}:{os.environ['PATH']}"

    def survive(done, *words):
        """Kills the command later and later, until it lives to its end."""
        step = 1
        while True:
            count.write_text(f"{step}\n")
            one = run(GATE, *words, cwd=alice.path, check=False,
                      env={"PATH": path, "KILL_COUNT": str(count),
                           "SOURCE_DATE_EPOCH": "1795415400"})
            if one.exit == 0:
                break
            check(one.exit in (-9, 1, 3), f"{words} at {step}: exit {one.exit}\n{one.errors}")
            step += 3
        alice.gate(*words)
        done()
        return step

    def under_way():
        check(alice.state()["state"] == "unknown", alice.state())
        check(len(list(lines_of(world.server.path))) == 1, "not one statement")

    steps = survive(under_way, "release", "start", "--yes")
    check(steps > 6, f"killed only {steps} times")
    manifest = alice.path / "manifest.json"
    alice.gate("manifest", "--of", "staging", "-o", manifest)
    for service, number in API1:
        alice.gate("manifest", "set-image", service, image(service, number), "-f", manifest)
    alice.gate("release", "record", "-e", "staging", "--outcome", "started", "-m", manifest)

    def over():
        check(alice.state()["state"] == "succeeded", alice.state())
        check(len(list(lines_of(world.server.path))) == 3, "not three statements")
        check(world.server.tip("refs/gate/deployed/staging/all") == world.master, "no marker")

    survive(over, "release", "record", "-e", "staging", "--outcome", "succeeded")


@case
def limits_are_kept_and_lifted_on_record():
    """A frozen day, too many changes and a preflight that fails refuse a start."""
    world = Morning({
        "preflight": [{"run": "grep -q . deploy/ok && test \"$ENVIRONMENT\" = staging",
                       "environments": ["staging"]}]})
    alice = world.clone("alice")
    done = alice.gate("release", "start", "--yes", code=1)
    check("preflight" in done.errors, done.errors)
    world.land_file("deploy/ok", "ok\n", "Deploy")
    xmas = ("--created", "2026-12-25T06:30:00Z")
    check("frozen" in alice.gate("release", "start", "--yes", *xmas, code=1).errors, "not frozen")
    alice.gate("release", "start", "--yes", *xmas, "--override-freeze", "Outage",
               "--override-max-changes", "First")
    said = alice.state()["deployment"]["overrides"]
    check([o["limit"] for o in said][:1] == ["freeze"], said)


@case
def bad_input_is_told():
    """One clear sentence and the right exit code for what cannot be meant."""
    world = Morning()
    alice, ci = world.clone("alice"), world.clone("ci")
    side = world.change({"x": "x\n"}, on=f"{world.master}~1")
    accepted(world.push(f"{side}:refs/heads/side"))
    run("git", "fetch", "-q", cwd=alice.path)
    for words, code, sentence in (
            (("range", "-e", "nosuch"), 2, "no environment is called nosuch"),
            (("release", "start", "-e", "nosuch"), 2, "no environment is called nosuch"),
            (("release", "start", "--train", "x"), 2, "no train is called x"),
            (("release", "start", "-y", "--to", side), 2, "is no landing of"),
            (("release", "start", "-y", "--to", "nosuch"), 2, "names no commit here"),
            (("release", "start"), 2, "nobody can be asked"),
            (("release", "start", "-e", "production", "-y"), 2, "release promote"),
            (("release", "promote", "--to", "staging", "-y"), 2, "first environment"),
            (("release", "promote", "-y"), 1, "nothing was ever deployed to staging"),
            (("release", "record", "-e", "staging", "--outcome", "succeeded"), 1,
             "without its started"),
            (("release", "record", "-e", "staging", "--outcome", "done"), 2, "done"),
            (("release", "tick", "x"), 1, "has not succeeded"),
            (("release", "rollback", "-e", "staging", "--reason", "x", "-y"), 1, "gone back to"),
            (("release", "hold", "#99", "--reason", "x"), 2, "#99"),
            (("release", "hold", side, "--reason", "x"), 2, "is no landing of"),
            (("release", "hold", "HEAD", "--reason", " "), 2, "reason"),
            (("manifest", "--of", "staging"), 1, "nothing was ever started"),
            (("manifest", "verify", "nosuch.json"), 2, "nosuch.json")):
        done = alice.gate(*words, code=code)
        check(sentence in done.errors, f"{words}: not '{sentence}':\n{done.errors}")
    check("is no operator" in ci.gate("release", "start", "-y", code=1).errors, "ci may start")
    shallow = world.folder / "shallow"
    run("git", "clone", "-q", "--depth", "1", f"file://{world.server.path}", shallow)
    done = Desk(shallow).gate("range", code=3)
    check("shallow" in done.errors, done.errors)
    bare = World()
    plain = bare.folder / "plain"
    run("git", "clone", "-q", bare.server.path, plain)
    done = Desk(plain).gate("range", "-e", "nosuch", code=2)
    check("no environment is called nosuch" in done.errors, done.errors)
    done = Desk(plain).gate("release", code=2)
    check("no policies/release.yml" in done.errors, done.errors)


@case
def doctor_knows_a_wrong_marker():
    """A marker that was moved in the server's shell is found, and the command given repairs it."""
    world = Morning()
    alice = world.clone("alice")
    alice.stage(API1)
    marker = "refs/gate/deployed/staging/all"
    right = world.master
    world.server.git("update-ref", marker, f"{right}~1")
    here = Desk(world.server.path)
    items = json.loads(here.gate("doctor", "--json", code=1).text)["items"]
    wrong = [item for item in items if item["item"] == "marker" and item["state"] == "wrong"]
    check(len(wrong) == 1, str(items))
    run("sh", "-c", wrong[0]["repair"], cwd=world.folder)
    check(world.server.tip(marker) == right, "not repaired")
    world.server.git("update-ref", "-d", marker)
    alice.gate("release", "record", "-e", "staging", "--outcome", "succeeded")
    check(world.server.tip(marker) == right, "said again, it does not make the marker good")


@case
def a_manifest_that_nobody_started():
    """A manifest that is true to history is not verified where nobody signed its start and the server
    would refuse one: images without proof, a change held back, another base than what is deployed."""
    world = Morning()
    alice, carol = world.clone("alice"), world.clone("carol")
    alice.stage(API1)
    first = world.master
    second = world.land_file("src/app.py", "def pay(amount):\n    return 0\n", "Pay nothing (#9)")
    alice.gate("release", "hold", "#9")
    out = carol.path / "m.json"

    def verified(environment, *words, number=1, code=1):
        carol.gate("manifest", "--environment", environment, *words, "-o", out)
        for name in ("api", "worker"):
            carol.gate("manifest", "set-image", name, image(name, number), "--file", out)
        return carol.gate("manifest", "verify", out, code=code).text

    verified("production", "--to", first, code=0)
    said = verified("production", "--to", first, number=2)
    check(said == "staging has not proven these images\n", said)
    said = verified("staging", "--to", second)
    check(said == "#9 Pay nothing is held back by alice@wrk.example\n", said)
    alice.gate("release", "unhold", "#9", "--reason", "It was right")
    verified("staging", "--to", second, code=0)
    said = verified("staging", "--to", second, "--from", world.git("rev-parse", f"{first}~1"))
    check(f"its base is not what is deployed: {first[:7]}" in said, said)


@case
def a_tag_in_the_way():
    """Where a tag called release was pushed once, there can be no tag release/<id>: releases go on."""
    world = Morning()
    alice, carol = world.clone("alice"), world.clone("carol")
    # From before the server knew better.
    world.server.git("update-ref", "refs/tags/release", world.master)
    run("git", "fetch", "-q", "--tags", cwd=carol.path)
    alice.gate("release", "start", "--yes", "-o", alice.path / "m.json")
    run("git", "tag", "-d", *run("git", "tag", cwd=alice.path).text.split(), cwd=alice.path)
    run("git", "fetch", "-q", "--tags", cwd=alice.path)
    alice.deploy("staging", API1)
    check(alice.state()["state"] == "succeeded", alice.state())
    tip = world.server.tip("refs/gate/deployed/staging/all")
    check(tip == world.master, "no marker")
    run("git", "push", "-q", "origin", ":refs/tags/release", cwd=carol.path)
    run("git", "tag", "-d", "release", cwd=alice.path)
    alice.gate("release", "tick", "always-1")
    tags = [name for name in world.server.refs() if name.startswith("refs/tags/release/")]
    check(len(tags) == 1, tags)
