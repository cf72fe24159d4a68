"""Threats, "Pushes": what can be said in one push, or in two, that a careless hook believes."""

from kit import (
    RULES, World, ZERO, accepted, case, check, files, only, people, refused, signers)
from kit.policy import ruleset

MASTER = "refs/heads/master"
NOTES = "refs/notes/gate"
RELEASE = "refs/heads/release/1.0"


def with_release(rules=None):
    return files(rulesets=[
        ruleset(only("pull_request")),
        ruleset(rules or only("creation", "deletion", "non_fast_forward", "pull_request"),
                "release", ["refs/heads/release/**"])])


@case
def many_refs_deletion_first():
    """A push of many refs with a deletion first is refused for the one bad ref, as a whole."""
    world = World()
    accepted(world.land(world.master, "refs/heads/topic"))
    evil = world.change()
    refspecs = [":refs/heads/topic"] + [f"{evil}:refs/heads/b{n}" for n in range(20)]
    refused(world.push(*refspecs, f"{evil}:{MASTER}"), "pull_request", ref=MASTER)
    accepted(world.push(*refspecs))


@case
def many_refs_evil_in_the_middle():
    """The bad ref is found wherever it stands among good ones."""
    world = World()
    evil = world.change()
    tip = world.master
    good = [f"{tip}:refs/heads/a{n}" for n in range(10)]
    late = [f"{tip}:refs/tags/z{n}" for n in range(10)]
    refused(world.push(*good, f"{evil}:{MASTER}", *late), "pull_request", ref=MASTER)
    accepted(world.push(*good, *late))


@case
def two_bad_refs_are_both_named():
    """Every refused ref of a push has its own refusal."""
    world = World(with_release())
    evil = world.change()
    push = world.push(f"{evil}:{MASTER}", f"{evil}:{RELEASE}")
    refused(push, "pull_request", ref=MASTER, also=["creation"])
    refused(push, "creation", ref=RELEASE, also=["pull_request"])


@case
def new_branch_is_not_exempt():
    """An all-zero old id does not spare a protected branch the rules for what it brings."""
    world = World(with_release())
    refused(world.land(world.change(), RELEASE), "creation", also=["pull_request"])
    accepted(world.land(world.master, RELEASE))


@case
def new_branch_without_creation_rule():
    """Without a creation rule, too, a new protected branch cannot bring unreviewed commits."""
    world = World(with_release(only("pull_request")))
    refused(world.land(world.change(), RELEASE), "pull_request")
    accepted(world.land(world.master, RELEASE))


@case
def new_branch_with_forbidden_file():
    """The rules about files hold for a new branch as for an old one."""
    world = World(with_release(only("file_path_restriction")))
    refused(world.land(world.change({"a.pem": "x\n"}), RELEASE), "file_path_restriction")
    accepted(world.land(world.change({"a.pub": "x\n"}), RELEASE))


@case
def deletion_and_creation():
    """A branch cannot be forced by deleting and creating it again."""
    world = World(with_release())
    accepted(world.land(world.master, RELEASE))
    evil = world.change(on=world.master)
    refused(world.push(f":{RELEASE}"), "deletion")
    refused(world.push(f"+{evil}:{RELEASE}"), "pull_request",
            also=["non_fast_forward", "creation"])
    accepted(world.land(world.master, RELEASE))


@case
def deletion_of_the_default_branch():
    """Without a deletion rule, too, the branch that holds the policy cannot be deleted."""
    world = World(files(only("max_file_size")))
    world.server.git("config", "receive.denyDeleteCurrent", "ignore")
    refused(world.push(f":{MASTER}"), "policy")
    accepted(world.land(world.master, "refs/heads/topic"))
    accepted(world.push(":refs/heads/topic"))


@case
def rewind_of_the_default_branch():
    """Without a rule against force, too, the policy cannot be rewound to before it was there."""
    world = World(files(only("max_file_size")))
    root = world.git("rev-parse", f"{world.master}^")
    refused(world.push(f"+{root}:{MASTER}"), "policy")
    accepted(world.land(world.change()))


@case
def unrelated_history():
    """master cannot be replaced by a history of its own that carries the same policy."""
    world = World()
    orphan = world.commit(world.tree_of(world.master), [], "alice", message="Start again")
    refused(world.push(f"+{orphan}:{MASTER}"), "non_fast_forward",
            also=["pull_request", "policy"])
    world.must_land(world.change())


@case
def evidence_and_landing_together():
    """Evidence counts for later pushes only, and a push of both is refused as a whole."""
    world = World()
    head = world.change()
    notes = world.note(world.review(head))
    landing = world.merge(head)
    refused(world.push(f"{notes}:{NOTES}", f"{landing}:{MASTER}"), "pull_request")
    accepted(world.push(f"{notes}:{NOTES}"))
    accepted(world.land(landing))


@case
def evidence_and_landing_together_atomic():
    """--atomic does not make evidence count earlier."""
    world = World()
    head = world.change()
    notes = world.note(world.review(head))
    refused(world.push("--atomic", f"{world.merge(head)}:{MASTER}", f"{notes}:{NOTES}"),
            "pull_request")


@case
def evidence_deleted():
    """The evidence ref cannot be deleted."""
    world = World()
    world.approve(world.change())
    refused(world.push(f":{NOTES}"), "evidence")
    world.approve(world.change({"b.txt": "b\n"}))


@case
def evidence_rewound():
    """The evidence ref cannot be forced back."""
    world = World()
    world.approve(world.change({"a.txt": "a\n"}))
    before = world.server.tip(NOTES)
    world.approve(world.change({"b.txt": "b\n"}))
    world.sync()
    refused(world.push(f"+{before}:{NOTES}"), "evidence")
    world.approve(world.change({"c.txt": "c\n"}))


@case
def evidence_edited():
    """A line that is there cannot be taken away or changed by a new notes commit."""
    world = World()
    head = world.change()
    line = world.review(head, state="changes_requested")
    world.publish(line)
    other = world.review(head, state="approved", comment="never mind")
    blob = world.blob(bytes(other) + b"\n")
    world.sync()
    world.git("notes", "--ref", NOTES, "add", "-f", "-C", blob, head)
    refused(world.push(f"{NOTES}:{NOTES}"), "evidence")
    world.publish(other)


@case
def evidence_removed():
    """A note cannot be removed."""
    world = World()
    head = world.change()
    world.approve(head)
    world.sync()
    world.git("notes", "--ref", NOTES, "remove", head)
    refused(world.push(f"{NOTES}:{NOTES}"), "evidence")
    world.approve(head, "carol")


@case
def evidence_from_another_repository():
    """A review that was signed for another repository is not taken in here."""
    world = World()
    head = world.change()
    refused(world.send(world.review(head, repository="wrk/other")), "evidence", "wrk/other")
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def evidence_for_another_target():
    """An approval for another branch does not count for master."""
    world = World()
    head = world.change()
    world.approve(head, target="refs/heads/release/1.0")
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def evidence_by_an_expired_key():
    """A key whose valid-before is past signs nothing more."""
    keys = signers("alice", "bob", "carol", "dave", "ci", dave='valid-before="20250101Z"')
    world = World(files(keys=keys))
    head = world.change()
    refused(world.send(world.review(head, "dave")), "evidence")
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def evidence_by_a_key_of_the_future():
    """A key whose valid-after is to come signs nothing yet."""
    keys = signers("alice", "bob", "carol", "dave", "ci", dave='valid-after="20990101Z"')
    world = World(files(keys=keys))
    head = world.change()
    refused(world.send(world.review(head, "dave")), "evidence")
    world.approve(head)


@case
def evidence_by_a_key_for_something_else():
    """A key that is listed for another namespace signs no review."""
    keys = signers("alice", "bob", "carol", "dave", "ci", dave='namespaces="git,gate-check"')
    world = World(files(keys=keys))
    head = world.change()
    refused(world.send(world.review(head, "dave")), "evidence")
    world.approve(head)
    accepted(world.land(world.merge(head)))


def without(name, keys):
    """Policy files whose allowed_signers no longer lists somebody's key."""
    return "".join(row + "\n" for row in keys.splitlines() if people[name].public not in row)


@case
def evidence_by_a_removed_key():
    """An approval by a key that the policy no longer lists no longer counts."""
    everyone = signers("alice", "bob", "carol", "dave", "ci")
    team = {"engineering": ["alice", "bob", "carol", "dave"], "ci": ["ci"],
            "release-managers": ["carol"]}
    world = World(files(keys=everyone, teams=team))
    head = world.change({"a.txt": "a\n"})
    world.approve(head, "dave")
    after = files(keys=without("dave", everyone))
    world.must_land(world.change({n: after[n] for n in
                                  ("policies/allowed_signers", "policies/people.yml")}))
    refused(world.land(world.merge(head)), "pull_request")
    refused(world.send(world.review(head, "dave", comment="again")), "evidence")
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def evidence_by_a_replaced_key():
    """An approval by somebody's old key does not count once only the new one is listed."""
    world = World()
    head = world.change({"a.txt": "a\n"}, by="bob")
    world.approve(head, "alice")
    after = signers("alice2", "bob", "carol", "ci")
    world.must_land(world.change({"policies/allowed_signers": after}, by="carol"), by="bob")
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "alice2")
    accepted(world.land(world.merge(head)))


COUNT_TWO = {"pull_request": {**RULES["pull_request"], "required_approving_review_count": 2}}


@case
def one_person_with_two_keys():
    """Two approvals by two keys of one person are one approval."""
    world = World(files(COUNT_TWO, keys=signers("alice", "alice2", "bob", "carol", "ci")))
    head = world.change(by="bob")
    world.publish(world.review(head, "alice"), world.review(head, "alice2"))
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "carol")
    accepted(world.land(world.merge(head)))


@case
def own_approval():
    """The author's own approval does not count."""
    world = World()
    head = world.change(by="alice")
    world.approve(head, "alice")
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "bob")
    accepted(world.land(world.merge(head)))


@case
def own_approval_with_a_second_key():
    """The author cannot approve with another key of theirs."""
    world = World(files(keys=signers("alice", "alice2", "bob", "carol", "ci")))
    head = world.change(by="alice")
    world.approve(head, "alice2")
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "bob")
    accepted(world.land(world.merge(head)))


@case
def own_approval_from_a_second_address():
    """The author under an alias is the author; in capitals, too."""
    for address in ("alice@home.example", "ALICE@wrk.example", "Alice@Home.Example"):
        world = World()
        head = world.change(by=f"Somebody Else <{address}>")
        world.approve(head, "alice")
        refused(world.land(world.merge(head)), "pull_request")
        world.approve(head, "bob")
        accepted(world.land(world.merge(head)))


@case
def own_approval_as_committer():
    """Whoever committed somebody else's work is a contributor, too."""
    world = World()
    head = world.change(by="carol", committer="bob")
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "alice")
    accepted(world.land(world.merge(head)))


@case
def own_approval_behind_a_forged_author():
    """Who signed the commits of a change is a contributor, whatever name stands on them."""
    world = World(files(only("pull_request", "required_signatures")))
    head = world.change(by="carol", sign="bob")
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "alice")
    accepted(world.land(world.merge(head)))


@case
def own_approval_of_an_inner_commit():
    """An approver who wrote one earlier commit of the change does not count."""
    world = World()
    inner = world.change({"a.txt": "a\n"}, by="bob")
    head = world.change({"b.txt": "b\n"}, on=inner, by="alice")
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "carol")
    accepted(world.land(world.merge(head)))


@case
def unknown_author():
    """An author whom the policy does not know could be anybody, the reviewer included."""
    world = World()
    head = world.change(by="mallory")
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request", "mallory@nowhere.example")
    outsider = world.change(by="erin")
    world.approve(outsider, "bob")
    accepted(world.land(world.merge(outsider)))


@case
def unknown_co_author():
    """A co-author whom the policy does not know is a finding, too."""
    world = World()
    text = "Change it\n\nCo-authored-by: M <mallory@nowhere.example>\n"
    head = world.change(message=text)
    world.approve(head)
    refused(world.land(world.merge(head)), "pull_request", "mallory@nowhere.example")


@case
def one_more_push_after_the_approval():
    """A commit slipped in behind the approved head is not approved."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    more = world.change({"a.txt": "evil\n"}, on=head)
    refused(world.land(world.merge(more)), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def one_more_empty_commit_after_the_approval():
    """Even an empty commit on top has another head; its difference, though, was approved."""
    world = World(files({"pull_request": {**RULES["pull_request"], "carry_over": "same_head"}}))
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    more = world.commit(world.tree_of(head), [head], "alice", message="Nothing")
    refused(world.land(world.merge(more)), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def amended_after_the_approval():
    """An amended head with another difference is not approved; white space is a difference."""
    world = World()
    head = world.change({"src/app.py": "def pay(amount):\n    return amount + 1\n"})
    world.approve(head)
    amended = world.change({"src/app.py": "def pay(amount):\n    return  amount + 1\n"})
    refused(world.land(world.merge(amended)), "pull_request")
    accepted(world.land(world.merge(head)))


def two_changes(world):
    """Two approved changes and a third that nobody approved, in different files."""
    heads = [world.change({f"{n}.txt": f"{n}\n"}) for n in "abc"]
    world.publish(world.review(heads[0]), world.review(heads[1]))
    return heads


@case
def extra_edit_in_the_merge():
    """A merge that changes more than its sides did is hand-made; log --name-only hides it."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    clean = world.merged(world.master, head)
    evil = world.tree(clean, {"src/app.py": "EVIL\n"})
    refused(world.land(world.merge(head, tree=evil)), "pull_request", "src")
    accepted(world.land(world.merge(head)))


@case
def extra_file_in_the_merge():
    """A file that only the merge adds makes it hand-made."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    evil = world.tree(world.merged(world.master, head), {"new/evil.txt": "EVIL\n"})
    refused(world.land(world.merge(head, tree=evil)), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def ours_merge():
    """A merge that keeps nothing of the approved change is hand-made."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    refused(world.land(world.merge(head, tree=world.tree_of(world.master))), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def conflict_resolution():
    """A resolved conflict is hand-made and needs a review of the landing commit itself."""
    world = World()
    base = world.master
    head = world.change({"src/app.py": "def pay(amount):\n    return amount + 1\n"})
    world.approve(head)
    world.must_land(world.change({"src/app.py": "def pay(amount):\n    return amount + 2\n"},
                                 on=base, by="carol"))
    resolved = world.tree(world.master, {"src/app.py": "def pay(amount):\n    return amount + 3\n"})
    landing = world.merge(head, tree=resolved)
    refused(world.land(landing), "pull_request")
    world.approve(landing, "bob")
    accepted(world.land(landing))


@case
def extra_edit_in_a_squash():
    """A squash whose tree is not the clean merge is hand-made."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    world.keep(head)
    evil = world.tree(world.merged(world.master, head), {"src/app.py": "EVIL\n"})
    refused(world.land(world.squash(head, tree=evil)), "pull_request")
    accepted(world.land(world.squash(head)))


@case
def octopus():
    """A merge of three is hand-made, even when two of them were approved."""
    world = World()
    one, two, _ = two_changes(world)
    both = world.merged(world.master, one)
    both = world.tree(both, {"b.txt": "b\n"})
    landing = world.commit(both, [world.master, one, two], "alice", message="Merge all")
    refused(world.land(landing), "pull_request")
    accepted(world.land(world.merge(one)))


@case
def swapped_parents():
    """A merge whose second parent is master's tip would put the change on the first-parent line."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    swapped = world.merge(head, parents=[head, world.master])
    refused(world.land(swapped), "pull_request", "swapped")
    accepted(world.land(world.merge(head)))


@case
def two_landings_second_unreviewed():
    """Each landing of a push needs its own review."""
    world = World()
    one, two, three = two_changes(world)
    first = world.merge(one)
    refused(world.land(world.merge(three, onto=first)), "pull_request")
    accepted(world.land(world.merge(two, onto=first)))


@case
def two_landings_first_unreviewed():
    """An unreviewed landing is not covered by a reviewed one on top."""
    world = World()
    one, two, three = two_changes(world)
    first = world.merge(three)
    refused(world.land(world.merge(one, onto=first)), "pull_request")
    accepted(world.land(world.merge(two, onto=world.merge(one))))


@case
def direct_commit_between_two_landings():
    """A plain commit between two reviewed landings is found."""
    world = World()
    one, two, _ = two_changes(world)
    middle = world.change({"evil.txt": "evil\n"}, on=world.merge(one))
    refused(world.land(world.merge(two, onto=middle)), "pull_request", middle[:7])


@case
def merge_of_an_unreviewed_branch_inside_a_reviewed_head():
    """What a head merged in belongs to the change and to what its approval must cover."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    hidden = world.change({"evil.txt": "evil\n"}, by="carol")
    joined = world.merge(hidden, onto=head)
    refused(world.land(world.merge(joined)), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def file_added_and_removed():
    """A forbidden file that a later commit of the change removes stays in the history."""
    world = World(files(only("pull_request", "file_path_restriction")))
    inner = world.change({"site.pem": "x\n", "a.txt": "a\n"})
    head = world.change({"site.pem": None}, on=inner)
    world.approve(head)
    refused(world.land(world.merge(head)), "file_path_restriction", "site.pem")
    clean = world.change({"a.txt": "a\n"})
    world.approve(clean)
    accepted(world.land(world.merge(clean)))


@case
def large_file_added_and_removed():
    """The same with a file that is too large, or whose path is too long."""
    world = World(files(only("pull_request", "max_file_size", "max_file_path_length")))

    def head(path, content):
        inner = world.change({path: content, "a.txt": "a\n"})
        last = world.change({path: None}, on=inner)
        world.approve(last)
        return world.merge(last)
    refused(world.land(head("big.bin", "x" * 5001)), "max_file_size")
    refused(world.land(head("n" * 101, "x\n")), "max_file_path_length")
    accepted(world.land(head("small.bin", "x\n")))


@case
def file_in_a_side_branch_of_the_change():
    """A forbidden file in a branch that the change merged and dropped is found."""
    world = World(files(only("pull_request", "file_path_restriction")))
    one = world.change({"a.txt": "a\n"})
    side = world.change({"site.pem": "x\n"})
    head = world.merge(side, onto=one, tree=world.tree_of(one))
    world.approve(head)
    refused(world.land(world.merge(head)), "file_path_restriction")
    world.approve(one)
    accepted(world.land(world.merge(one)))


@case
def file_in_the_merge_itself():
    """A forbidden file that only the landing commit adds is found, reviewed or not."""
    world = World(files(only("pull_request", "file_path_restriction")))
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    landing = world.merge(head, tree=world.tree(world.merged(world.master, head),
                                                {"site.pem": "x\n"}))
    world.approve(landing)
    refused(world.land(landing), "file_path_restriction")
    accepted(world.land(world.merge(head)))


def relaxed(world, **options):
    """A change of the policy that drops pull_request."""
    after = files(only("deletion"))
    return world.change({"policies/master.yml": after["policies/master.yml"]}, **options)


@case
def policy_with_what_it_permits():
    """A reviewed policy change must be the last landing of its push."""
    world = World()
    policy = relaxed(world)
    world.approve(policy)
    landing = world.merge(policy)
    direct = world.change({"free.txt": "free\n"}, on=landing)
    refused(world.land(direct), "policy", also=["pull_request"])
    accepted(world.land(landing))
    accepted(world.land(direct))


@case
def policy_that_lets_itself_in():
    """A policy that would allow its own push is judged by the one before it."""
    world = World()
    policy = relaxed(world)
    refused(world.land(policy), "pull_request", also=["policy"])
    refused(world.land(world.merge(policy)), "pull_request", also=["policy"])
    world.approve(policy)
    accepted(world.land(world.merge(policy)))


@case
def policy_that_makes_its_author_a_team():
    """Somebody who adds their own second identity to the reviewers cannot use it for that."""
    world = World()
    keys = signers("alice", "bob", "carol", "ci", "dave")
    team = {"engineering": ["alice", "bob", "carol", "dave"], "ci": ["ci"],
            "release-managers": ["carol"]}
    after = files(keys=keys, teams=team)
    head = world.change({n: after[n] for n in
                         ("policies/allowed_signers", "policies/people.yml")})
    refused(world.send(world.review(head, "dave")), "evidence")
    refused(world.land(world.merge(head)), "pull_request", also=["policy"])
    world.approve(head)
    accepted(world.land(world.merge(head)))
    late = world.change({"a.txt": "a\n"})
    world.approve(late, "dave")
    accepted(world.land(world.merge(late)))


@case
def policy_in_another_branch():
    """A policy pushed to another branch changes nothing, there or elsewhere."""
    world = World(with_release())
    weak = relaxed(world)
    accepted(world.land(weak, "refs/heads/topic"))
    refused(world.land(world.change(on=world.master)), "pull_request")
    accepted(world.land(world.master, RELEASE))
    refused(world.land(weak, RELEASE), "pull_request", also=["policy"])


@case
def policy_beside_the_push():
    """A weaker policy on a new branch in the same push does not judge master."""
    world = World()
    weak = relaxed(world)
    refused(world.push(f"{weak}:refs/heads/topic", f"{world.change()}:{MASTER}"), "pull_request")


@case
def codeowners_are_policy():
    """CODEOWNERS needs a review even where rulesets only evaluate."""
    world = World(files(only("pull_request"), enforcement="evaluate"))
    for path in ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"):
        head = world.change({path: "* @bob\n"})
        refused(world.land(head), "policy", also=["pull_request"])
    world.approve(head)
    accepted(world.land(world.merge(head)))


OWNED = {"pull_request": {**RULES["pull_request"], "require_code_owner_review": True}}


def owned_case(name, words, edits):
    def act():
        world = World(files(OWNED, owners="/lib/ @carol\n"))
        head = world.change(edits(world))
        world.approve(head, "bob")
        refused(world.land(world.merge(head)), "pull_request", "carol")
        world.approve(head, "carol")
        accepted(world.land(world.merge(head)))
    act.__doc__ = words
    act.__name__ = f"owner_{name}"
    case(act)


for row in (
    ("rename_out", "A rename out of an owner's folder needs the owner.",
     lambda w: {"lib/owned.py": None, "src/owned.py": "OWNED = True\n"}),
    ("rename_in", "A rename into an owner's folder needs the owner.",
     lambda w: {"src/app.py": None, "lib/app.py": "def pay(amount):\n    return amount\n"}),
    ("deletion", "A deletion in an owner's folder needs the owner.",
     lambda w: {"lib/owned.py": None}),
    ("mode", "A change of mode only in an owner's folder needs the owner.",
     lambda w: {"lib/owned.py": ("100755", "OWNED = True\n")}),
    ("submodule", "A submodule in an owner's folder needs the owner.",
     lambda w: {"lib/sub": ("160000", "1" * 40)}),
    ("symlink", "A symbolic link in an owner's folder needs the owner.",
     lambda w: {"lib/link": ("120000", "../src/app.py")}),
    ("folder_to_file", "A file in the place of an owner's folder needs the owner.",
     lambda w: {"lib/owned.py": None, "lib": "a file\n"}),
):
    owned_case(*row)


@case
def owner_outside():
    """What lies outside the owner's folder does not need the owner."""
    world = World(files(OWNED, owners="/lib/ @carol\n"))
    head = world.change({"library/x.py": "X = 1\n"})
    world.approve(head, "bob")
    accepted(world.land(world.merge(head)))


@case
def owner_who_contributed():
    """An owner's approval of their own change is none; there being no other owner is said."""
    world = World(files(OWNED, owners="/lib/ @carol @alice\n"))
    head = world.change({"lib/owned.py": "OWNED = 2\n"}, by="carol")
    world.publish(world.review(head, "carol"), world.review(head, "bob"))
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "alice")
    accepted(world.land(world.merge(head)))


@case
def owner_whom_nobody_knows():
    """A line of CODEOWNERS that names nobody we know is a finding, not a silence."""
    world = World(files(OWNED, owners="/lib/ @ghost\n"))
    head = world.change({"lib/owned.py": "OWNED = 2\n"})
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request", "ghost")
    other = world.change({"src/app.py": "X = 1\n"})
    world.approve(other, "bob")
    accepted(world.land(world.merge(other)))


@case
def mode_change_after_the_approval():
    """A head that only changes a mode after the approval has another difference."""
    world = World()
    head = world.change({"run.sh": "echo\n"})
    world.approve(head)
    more = world.change({"run.sh": ("100755", "echo\n")})
    refused(world.land(world.merge(more)), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def submodule_pointer_after_the_approval():
    """A moved submodule pointer is a difference like any other."""
    world = World()
    head = world.change({"sub": ("160000", "1" * 40)})
    world.approve(head)
    moved = world.change({"sub": ("160000", "2" * 40)})
    refused(world.land(world.merge(moved)), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def path_of_5000_bytes():
    """A path of 5,000 bytes is refused where paths are limited, and shown shortened or whole."""
    world = World(files(only("pull_request", "max_file_path_length")))
    head = world.change({"/".join(["n" * 100] * 50)[:5000]: "x\n"})
    world.approve(head)
    push = world.land(world.merge(head))
    check(push.exit != 0, push.stderr)
    check("max_file_path_length" in push.rules, push.stderr)
    check(push.before.difference(push.after) == "", push.before.difference(push.after))
    unlimited = World()
    head = unlimited.change({"/".join(["n" * 100] * 30): "x\n"})
    unlimited.approve(head)
    accepted(unlimited.land(unlimited.merge(head)))


@case
def path_with_a_newline():
    """A path with a newline is shown in one line and matched as it is."""
    world = World(files(only("pull_request", file_path_restriction={"forbid": ["**/*.pem"]})))
    head = world.change({"a\n  max_file_size   x.pem": "x\n"})
    world.approve(head)
    refused(world.land(world.merge(head)), "file_path_restriction")
    good = world.change({"a\nb.txt": "x\n"})
    world.approve(good)
    accepted(world.land(world.merge(good)))


@case
def fast_forward_of_two_commits():
    """A fast forward lands commits that were each reviewed, not a branch by its tip."""
    world = World()
    inner = world.change({"evil.txt": "evil\n"})
    head = world.change({"b.txt": "b\n"}, on=inner)
    world.approve(head)
    refused(world.land(head), "pull_request", inner[:7])
    accepted(world.land(world.merge(head)))


@case
def stacked_fast_forward():
    """Two commits, each reviewed on the one before, land as two fast forwards in one push."""
    world = World()
    first = world.change({"a.txt": "a\n"})
    second = world.change({"b.txt": "b\n"}, on=first)
    world.publish(world.review(first), world.review(second, base=first))
    accepted(world.land(second))


@case
def bypass_of_what_it_does_not_name():
    """A bypass replayed after a reset is for an update that is no longer the same."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.publish(world.bypass(head))
    world.must_land(world.change({"b.txt": "b\n"}, by="carol"))
    refused(world.push(f"+{head}:{MASTER}"),
            "non_fast_forward", also=["pull_request", "policy"])


@case
def bypass_without_a_reason():
    """A bypass says why."""
    world = World()
    head = world.change()
    refused(world.send(world.bypass(head, reason="")), "evidence")
    world.publish(world.bypass(head, reason="Payments are down"))
    accepted(world.land(head))


@case
def bypass_of_the_policy():
    """A bypass of a ruleset does not lift what the policy asks for itself."""
    world = World()
    policy = relaxed(world)
    world.publish(world.bypass(policy))
    refused(world.land(policy), "policy")
    plain = world.change({"a.txt": "a\n"})
    world.publish(world.bypass(plain))
    accepted(world.land(plain))


@case
def stale_old_id():
    """An update that claims another old id than the ref's fails and changes nothing."""
    from kit.raw import push_pack

    world = World()
    start = world.master
    landing = world.must_land(world.change({"a.txt": "a\n"}))
    head = world.change({"b.txt": "b\n"}, on=start)
    accepted(world.land(head, "refs/heads/topic"))
    push = push_pack(world.server, [(MASTER, start, head)], [])
    check(push.exit != 0 and world.master == landing, push.stderr)
    push = push_pack(world.server, [(MASTER, ZERO, head)], [])
    check(push.exit != 0 and world.master == landing, push.stderr)


@case
def owner_taken_away_by_the_change_itself():
    """A change of CODEOWNERS that frees a folder, and of the folder, needs the owner so far."""
    world = World(files(OWNED, owners="/lib/ @carol\n"))
    head = world.change({"CODEOWNERS": "/lib/ @bob\n", "lib/owned.py": "OWNED = 2\n"})
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request", "carol")
    world.approve(head, "carol")
    accepted(world.land(world.merge(head)))


@case
def owner_hidden_by_another_file():
    """A CODEOWNERS in a place that GitHub reads first needs the owner so far, too, and is the
    law only afterwards."""
    world = World(files(OWNED, owners="/lib/ @carol\n"))
    head = world.change({".github/CODEOWNERS": "* @bob\n", "lib/owned.py": "OWNED = 2\n"})
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request", "carol")
    world.approve(head, "carol")
    accepted(world.land(world.merge(head)))


@case
def policy_mode_only():
    """A change of the mode of a policy file is a change of the policy."""
    world = World(files(only("pull_request"), enforcement="evaluate"))
    text = world.files["policies/master.yml"]
    head = world.change({"policies/master.yml": ("100755", text)})
    refused(world.land(head), "policy", also=["pull_request"])
    accepted(world.land(world.change({"run.sh": ("100755", "echo\n")})))


@case
def unrelated_head():
    """A merge of a history that has nothing in common with master is hand-made."""
    world = World()
    orphan = world.commit(world.tree(None, {"a.txt": "a\n"}), [], "alice", message="Elsewhere")
    world.approve(orphan, digest=None)
    tree = world.tree(world.master, {"a.txt": "a\n"})
    landing = world.merge(orphan, tree=tree)
    refused(world.land(landing), "pull_request")
    world.approve(landing, "bob", digest=None)
    accepted(world.land(landing))


@case
def mirror():
    """A mirror push, which deletes what the client lacks, is refused as a whole."""
    world = World()
    world.approve(world.change())
    push = world.push("--mirror")
    check(push.exit != 0, "a mirror push was accepted")
    refused(push, push.rules & {"deletion", "evidence", "reserved_ref"} or "deletion",
            also=["policy", "evidence", "reserved_ref", "deletion", "pull_request"])


@case
def same_landing_on_two_protected_branches():
    """A landing on two protected branches in one push needs what each of them asks."""
    world = World(with_release())
    accepted(world.land(world.master, RELEASE))
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    landing = world.merge(head)
    refused(world.push(f"{landing}:{MASTER}", f"{landing}:{RELEASE}"), "pull_request", ref=RELEASE)
    world.approve(head, target=RELEASE)
    accepted(world.push(f"{landing}:{MASTER}", f"{landing}:{RELEASE}"))
