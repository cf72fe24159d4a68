"""Threats to what is deployed: statements, holds, plans and markers by people who may sign, by those
who may not, and by those who only push."""

import json

from kit import accepted, case, check, evidence, people, refused
from kit.morning import DAY, Morning

PLAN = "0" * 64


def deployment(world, outcome, on, *, by="alice", operator=None, previous=None, image=1,
               environment="staging", release="one", overrides=()):
    """A signed deployment of one image, not yet pushed."""
    predicate = {
        "createdOn": DAY, "environment": environment, "outcome": outcome,
        "operator": operator or people[by].email, "overrides": list(overrides),
        "planDigest": {"sha256": PLAN}, "previous": previous.digest if previous else None,
        "releaseId": release, "ticks": [], "train": "all",
        "images": [{"name": "api", "uri": "registry.wrk.example/api",
                    "digest": {"sha256": f"{image:064x}"}}]}
    body = evidence.statement(on, predicate, "urn:gate:deployment:v1")
    return evidence.envelope(body, by, "gate-deploy").on(on)


def hold(on, by="bob"):
    """A signed hold on a landing, not yet pushed."""
    predicate = {"createdOn": DAY, "reason": "Pays twice", "ref": "refs/heads/master",
                 "state": "held", "supersedes": []}
    body = evidence.statement(on, predicate, "urn:gate:hold:v1")
    return evidence.envelope(body, by, "gate-deploy").on(on)


@case
def deployment_in_anothers_name():
    """An operator records no deployment in another operator's name, nor in nobody's."""
    world = Morning()
    for name in (people["bob"].email, people["alice"].email.upper(), "alice", "\u202ealice"):
        push = world.send(deployment(world, "started", world.master, operator=name))
        refused(push, "evidence")
        check("in the name of" in " ".join(push.message.split()), push.message)
    world.publish(deployment(world, "started", world.master))


@case
def held_back_after_it_ran():
    """A change that ran, was taken back and is held back does not run again because it ran once;
    what is rolled back to waits for no hold."""
    world = Morning()
    good = world.master
    bad = world.land_file("src/app.py", "def pay(amount):\n    return -amount\n", "Pay less (#7)")
    last = None

    def publish(outcome, on, **options):
        nonlocal last
        last = deployment(world, outcome, on, previous=last, **options)
        world.publish(last)
    for on, release, image in ((good, "one", 1), (bad, "two", 2)):
        publish("started", on, release=release, image=image)
        publish("succeeded", on, release=release, image=image)
    world.publish(hold(good), hold(bad))
    publish("started", good, release="three")
    publish("rolled_back", good, release="three")
    for image in (2, 3):
        again = deployment(world, "started", bad, previous=last, release="four", image=image)
        push = world.send(again)
        refused(push, "evidence")
        check("held back" in push.message, push.message)
    publish("started", bad, release="four", image=2,
            overrides=[{"limit": "hold", "reason": "It was not the payouts"}])


@case
def plans_that_nobody_signed():
    """A blob that is small as a push and large to read is no plan of a release that nobody signed:
    it is not read, under however many names it comes."""
    world = Morning()
    huge = world.blob(b"[" + b"[]," * (8 << 20) + b"[]]")
    push = world.push(*(f"{huge}:refs/gate/releases/staging-{n}" for n in range(300)))
    refused(push, "evidence")
    check("no signed deployment is called staging-7" in " ".join(push.message.split()),
          push.message[:2000])
    alice = world.clone("alice")
    alice.gate("release", "start", "--yes")
    name, plan = next((n, to) for n, to in world.server.refs().items()
                      if n.startswith("refs/gate/releases/"))
    world.fetch()
    text = world.git("cat-file", "blob", plan)
    world.server.git("update-ref", "-d", name)
    forged = world.blob(json.dumps({**json.loads(text), "warnings": []}) + " ")
    for blob in (huge, forged):
        push = world.push(f"{blob}:{name}")
        refused(push, "evidence")
        check("names this plan" in push.message, push.message)
    accepted(world.push(f"{plan}:{name}"))
