"""Threats, "Names": refs that are other refs, look like other refs, or hide them."""

from kit import World, accepted, case, check, files, only, refused, refused_by_git
from kit.policy import ruleset
from kit.raw import push_pack

MASTER = "refs/heads/master"


def still_guarded(world):
    """Whatever was pushed before: a direct push is refused and an approved landing lands. The
    client names the ref in full, where `git push` would find some names ambiguous."""
    refused(world.exact(world.change({"evil.txt": "evil\n"})), "pull_request", ref=MASTER)
    head = world.change({"good.txt": "good\n"})
    world.approve(head)
    accepted(world.exact(world.merge(head)))


def decoy(name, words):
    """A case: a ref with this name, at an unreviewed commit, is accepted and misleads nobody."""
    def act():
        world = World()
        accepted(world.land(world.change({"decoy.txt": "decoy\n"}), name))
        still_guarded(world)
    act.__doc__ = words
    return act


for title, ref, words in (
    ("refs_heads_refs_heads_master", "refs/heads/refs/heads/master",
     "A branch called refs/heads/master is not master."),
    ("heads_HEAD", "refs/heads/HEAD", "A branch called HEAD is not the default branch."),
    ("capital_master", "refs/heads/Master", "Names are compared by bytes: Master is not master."),
    ("tag_master", "refs/tags/master", "A tag called master is not master."),
    ("tag_heads_master", "refs/tags/heads/master", "A tag called heads/master is not master."),
    ("tag_refs_heads_master", "refs/tags/refs/heads/master",
     "A tag called refs/heads/master is not master."),
    ("master_and_commander", "refs/heads/master-and-commander",
     "The pattern refs/heads/master matches the whole name only."),
    ("sub_master", "refs/heads/team/master", "A branch that ends in /master is not master."),
    ("remotes_master", "refs/remotes/origin/master", "A remote-tracking name is not master."),
    ("notes_branch", "refs/heads/notes/gate", "A branch called notes/gate is no evidence."),
    ("gate_branch", "refs/heads/gate", "A branch called gate is nobody's."),
    ("tag_notes", "refs/tags/notes/gate", "A tag called notes/gate is no evidence."),
    ("other_notes", "refs/notes/commits", "git's own notes stay free to use."),
    ("combining", "refs/heads/master\u0301", "master with a combining accent is another name."),
    ("zero_width", "refs/heads/master\u200b", "master with an invisible character is another."),
    ("cyrillic", "refs/heads/m\u0430ster", "master with a Cyrillic letter is another name."),
):
    function = decoy(ref, words)
    function.__name__ = f"decoy_{title}"
    case(function)


@case
def branch_like_an_object_id():
    """A branch named like master's tip does not stand for it."""
    world = World()
    evil = world.change({"evil.txt": "evil\n"})
    accepted(world.land(evil, f"refs/heads/{world.master}"))
    accepted(world.land(evil, f"refs/tags/{world.master}"))
    head = world.change({"good.txt": "good\n"})
    accepted(world.land(evil, f"refs/heads/{head}"))
    still_guarded(world)


@case
def branch_like_a_short_id():
    """A branch named like an abbreviated id does not stand for the commit."""
    world = World()
    head = world.change({"good.txt": "good\n"})
    accepted(world.land(world.change({"evil.txt": "evil\n"}), f"refs/heads/{head[:7]}"))
    accepted(world.land(world.change({"evil.txt": "evil\n"}), f"refs/tags/{world.master[:7]}"))
    still_guarded(world)


@case
def symref_to_master():
    """A push to a symbolic ref that leads to master is a push to master."""
    world = World()
    world.server.git("symbolic-ref", "refs/heads/alias", MASTER)
    world.server.git("symbolic-ref", "refs/heads/other", "refs/heads/topic")
    evil = world.change()
    push = world.land(evil, "refs/heads/alias")
    refused(push, push.rules & {"pull_request", "reserved_ref"} or "pull_request")
    check("master" in push.message, f"the refusal does not name master:\n{push.stderr}")
    accepted(world.land(world.master, "refs/heads/topic"))
    accepted(world.land(evil, "refs/heads/other"))
    check(world.server.tip("refs/heads/topic") == evil, "the push went elsewhere")
    still_guarded(world)


@case
def symref_chain():
    """A symbolic ref to a symbolic ref to master is followed to its end."""
    world = World()
    world.server.git("symbolic-ref", "refs/heads/alias", MASTER)
    world.server.git("symbolic-ref", "refs/heads/alias2", "refs/heads/alias")
    push = world.land(world.change(), "refs/heads/alias2")
    refused(push, push.rules & {"pull_request", "reserved_ref"} or "pull_request")
    still_guarded(world)


@case
def symref_from_a_free_namespace():
    """A symbolic ref outside refs/heads that leads to master is a push to master."""
    world = World()
    world.server.git("symbolic-ref", "refs/tags/alias", MASTER)
    push = world.push(f"+{world.change()}:refs/tags/alias")
    refused(push, push.rules & {"pull_request", "reserved_ref"} or "pull_request")
    still_guarded(world)


@case
def symref_deletion():
    """Deleting the alias of master, by which git deletes master itself, is refused."""
    world = World()
    world.server.git("symbolic-ref", "refs/heads/alias", MASTER)
    world.server.git("symbolic-ref", "refs/heads/other", "refs/heads/topic")
    accepted(world.land(world.master, "refs/heads/topic"))
    push = world.push(":refs/heads/alias")
    refused(push, push.rules & {"deletion", "reserved_ref"} or "deletion", also=["policy"])
    accepted(world.push(":refs/heads/other"))
    still_guarded(world)


@case
def symref_to_the_evidence():
    """A symbolic ref that leads to the evidence is guarded like it."""
    world = World()
    world.approve(world.change())
    world.server.git("symbolic-ref", "refs/heads/alias", "refs/notes/gate")
    push = world.push(f"+{world.change()}:refs/heads/alias")
    refused(push, push.rules & {"evidence", "reserved_ref"} or "evidence")
    still_guarded(world)


@case
def symref_as_default_branch_follows():
    """HEAD that leads to master by way of an alias still means master's policy."""
    world = World()
    world.server.git("symbolic-ref", "refs/heads/main", MASTER)
    world.server.git("symbolic-ref", "HEAD", "refs/heads/main")
    refused(world.land(world.change()), "pull_request", ref=MASTER)
    world.must_land(world.change())


def with_releases(*include, **more):
    return files(rulesets=[
        ruleset(only("pull_request")), ruleset(only("creation"), "release", include, **more)])


@case
def pattern_star_stays_in_its_level():
    """* matches inside one level of a ref's name, ** crosses levels."""
    world = World(with_releases("refs/heads/release/*"))
    refused(world.land(world.change(), "refs/heads/release/1"), "creation")
    accepted(world.land(world.change(), "refs/heads/release/x/1"))
    accepted(world.land(world.change(), "refs/heads/release2"))
    deep = World(with_releases("refs/heads/release/**"))
    refused(deep.land(deep.change(), "refs/heads/release/x/1"), "creation")
    accepted(deep.land(deep.change(), "refs/heads/prerelease/1"))


@case
def pattern_bytes_not_characters():
    """A name that begins with a combining mark after the pattern's text still matches."""
    world = World(with_releases("refs/heads/release/**"))
    refused(world.land(world.change(), "refs/heads/release/\u0301x"), "creation")
    refused(world.land(world.change(), "refs/heads/release/e\u0301"), "creation")
    accepted(world.land(world.master, "refs/heads/release/e\u0301"))


@case
def pattern_composed_and_decomposed():
    """A composed and a decomposed name are two names."""
    world = World(with_releases("refs/heads/caf\u00e9"))
    refused(world.land(world.change(), "refs/heads/caf\u00e9"), "creation")
    accepted(world.land(world.change(), "refs/heads/cafe\u0301"))


@case
def pattern_invalid_utf8():
    """A name that is not UTF-8 is matched by its bytes and shown without raw bytes."""
    world = World(with_releases("refs/heads/release/**"))
    evil = world.change({"evil.txt": "evil\n"})
    objects = world.server.git("rev-list", "--objects", "--all").split()
    check(evil not in objects, "the commit is there already")
    accepted(world.land(evil, "refs/heads/topic"))
    zero = "0" * 40
    refused(push_pack(world.server, [(b"refs/heads/release/\xff\xfe", zero, evil)], []),
            "creation")
    accepted(push_pack(world.server, [(b"refs/heads/other/\xff\xfe", zero, evil)], []))


@case
def pattern_question_and_brackets():
    """Characters of a pattern that git forbids in names do no harm in include."""
    world = World(with_releases("refs/heads/v?"))
    refused(world.land(world.change(), "refs/heads/v1"), "creation")
    accepted(world.land(world.change(), "refs/heads/v10"))


@case
def pattern_case():
    """Patterns are case-sensitive, like git's refs."""
    world = World(with_releases("refs/heads/release/**"))
    accepted(world.land(world.change(), "refs/heads/Release/1"))
    refused(world.land(world.change(), "refs/heads/release/1"), "creation")


@case
def update_through_a_decoy_and_master():
    """One push to a decoy and to master is refused as a whole."""
    world = World()
    evil = world.change()
    refused(world.push(f"{evil}:refs/heads/Master", f"{evil}:{MASTER}"), "pull_request",
            ref=MASTER)
    check(world.server.tip("refs/heads/Master") is None, "the decoy was made")
    accepted(world.push(f"{evil}:refs/heads/Master"))


@case
def name_with_dot_dot():
    """A name that would leave refs/heads is refused by git itself."""
    world = World()
    push = push_pack(world.server, [("refs/heads/../heads/master", world.master, world.master)],
                     [])
    refused_by_git(push, "funny refname")
    still_guarded(world)


@case
def name_without_refs():
    """A push to HEAD moves nothing but what HEAD's branch allows."""
    world = World()
    evil = world.change()
    accepted(world.land(evil, "refs/heads/topic"))
    push = push_pack(world.server, [("HEAD", world.master, evil)], [])
    check(push.exit != 0, "HEAD was pushed to")
    check(push.before.difference(push.after) == "", push.before.difference(push.after))
    still_guarded(world)


for title, ref in (
    ("gate_x", "refs/gate/x"), ("gate", "refs/gate"), ("gate_deployed", "refs/gate/deployed"),
    ("gate_heads_x", "refs/gate/heads/x"), ("notes", "refs/notes"),
    ("notes_gate_x", "refs/notes/gate/x"), ("replace", "refs/replace"),
    ("gate_trust", "refs/gate/trusted"),
):
    def reserved(ref=ref):
        world = World()
        refused_by_git(world.land(world.change(), ref), "funny ref", rule="reserved_ref")
        accepted(world.land(world.change(), "refs/heads/" + ref.removeprefix("refs/")))
        world.must_land(world.change())
    reserved.__doc__ = f"{ref} is not for pushing; the branch of that name is."
    reserved.__name__ = f"reserved_{title}"
    case(reserved)


@case
def reserved_replace_of_a_commit():
    """A replace ref for the policy's commit, or for any other, is refused."""
    world = World()
    evil = world.change({"policies/master.yml": None})
    refused(world.land(evil, f"refs/replace/{world.master}"), "reserved_ref")
    accepted(world.land(world.change(), "refs/heads/topic"))
    still_guarded(world)


@case
def reserved_deletion():
    """A ref that gate keeps for itself cannot be deleted by a push either."""
    world = World()
    world.server.git("update-ref", "refs/gate/other/1", world.master)
    refused(world.push(":refs/gate/other/1"), "reserved_ref")
    accepted(world.land(world.master, "refs/heads/topic"))
    accepted(world.push(":refs/heads/topic"))
