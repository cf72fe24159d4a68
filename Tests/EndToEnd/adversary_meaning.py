"""Threats, "Meaning": pushes whose every part looks right."""

from kit import RULES, World, accepted, case, check, files, only, refused, run, signers
from kit.lab import LAB, people
from kit.policy import CHECKS, ruleset
from kit.world import HEADS, MASTER

BROKEN = "def pay(amount):\n    return 2 * amount\n"
FIXED = "def pay(amount):\n    return amount  # paid once\n"


@case
def merged_master_and_kept_the_old_file():
    """A change that merges master in and keeps its own old version of a fixed file undoes the
    fix; with two merge bases its difference would not show it."""
    world = World()
    topic = world.change({"a.txt": "a\n"})
    start = world.master
    world.approve(topic)
    world.must_land(world.change({"src/app.py": FIXED}, on=start, by="carol"))
    fix = world.master
    first = accepted(world.land(world.merge(topic))) and world.master
    # A criss-cross: the topic takes the fix in, but drops it; master took the topic in before.
    undone = world.merge(fix, onto=topic, tree=world.tree_of(topic))
    more = world.change({"b.txt": "b\n"}, on=undone)
    bases = world.git("merge-base", "--all", first, more).split()
    check(len(bases) == 2, f"the case is not built right: {bases}")
    world.approve(more)
    refused(world.land(world.merge(more)), "pull_request")
    good = world.change({"b.txt": "b\n"})
    world.approve(good)
    accepted(world.land(world.merge(good)))


@case
def merged_master_and_dropped_a_fix():
    """With one merge base the undone fix is part of the difference that must be approved."""
    world = World()
    start = world.master
    topic = world.change({"a.txt": "a\n"})
    world.approve(topic)
    world.must_land(world.change({"src/app.py": FIXED}, on=start, by="carol"))
    undone = world.merge(world.master, onto=topic, tree=world.tree_of(topic))
    refused(world.land(world.merge(undone)), "pull_request")
    accepted(world.land(world.merge(topic)))


@case
def merged_master_in_cleanly():
    """A change that merged master in cleanly keeps its approval: its difference is the same."""
    world = World()
    start = world.master
    topic = world.change({"a.txt": "a\n"})
    world.approve(topic)
    world.must_land(world.change({"src/app.py": FIXED}, on=start, by="carol"))
    joined = world.merge(world.master, onto=topic)
    accepted(world.land(world.merge(joined)))


@case
def evil_merge_approved_by_its_maker():
    """Whoever made a hand-made landing is a contributor to it, though no commit of the change."""
    world = World()
    head = world.change({"a.txt": "a\n"}, by="alice")
    world.approve(head, "bob")
    evil = world.tree(world.merged(world.master, head), {"src/app.py": "EVIL\n"})
    landing = world.merge(head, tree=evil, by="bob")
    world.approve(landing, "bob")
    refused(world.land(landing), "pull_request")
    world.approve(landing, "carol")
    accepted(world.land(landing))


@case
def evil_merge_approved_by_the_author_of_the_change():
    """The author of the change cannot approve a hand-made landing of it either."""
    world = World()
    head = world.change({"a.txt": "a\n"}, by="alice")
    evil = world.tree(world.merged(world.master, head), {"src/app.py": "EVIL\n"})
    landing = world.merge(head, tree=evil, by="bob")
    world.approve(landing, "alice")
    refused(world.land(landing), "pull_request")
    world.approve(landing, "carol")
    accepted(world.land(landing))


@case
def replay_after_a_revert():
    """What was reverted needs a new review to come back."""
    world = World()
    head = world.change({"src/app.py": BROKEN})
    start = world.master
    world.must_land(head)
    revert = world.change({"src/app.py": world.git("show", f"{start}:src/app.py") + "\n"},
                          by="carol", message="Revert it")
    world.must_land(revert)
    again = world.change({"src/app.py": BROKEN}, message="Change it")
    world.keep(again)
    refused(world.land(world.merge(again)), "pull_request")
    refused(world.land(world.squash(again)), "pull_request")
    refused(world.land(world.squash(again, trailer=False)), "pull_request")
    refused(world.land(again), "pull_request")
    world.approve(again)
    accepted(world.land(world.merge(again)))


@case
def replay_of_the_revert_itself():
    """The same holds for a revert: its approval is spent, too."""
    world = World()
    old = world.git("show", f"{world.master}:src/app.py") + "\n"
    world.must_land(world.change({"src/app.py": BROKEN}))
    world.must_land(world.change({"src/app.py": old}, by="carol"))
    world.must_land(world.change({"src/app.py": BROKEN}, by="alice", message="Again"))
    back = world.change({"src/app.py": old}, by="carol", message="Once more")
    refused(world.land(world.merge(back)), "pull_request")
    world.approve(back)
    accepted(world.land(world.merge(back)))


@case
def replay_of_a_squash():
    """A head that was landed by squash cannot be landed again after the squash was reverted."""
    world = World()
    old = world.git("show", f"{world.master}:src/app.py") + "\n"
    head = world.change({"src/app.py": BROKEN})
    world.approve(head)
    world.keep(head)
    accepted(world.land(world.squash(head)))
    world.must_land(world.change({"src/app.py": old}, by="carol"))
    refused(world.land(world.squash(head, tree=world.tree(
        world.master, {"src/app.py": BROKEN}))), "pull_request")
    refused(world.land(world.merge(head, tree=world.tree(
        world.master, {"src/app.py": BROKEN}))), "pull_request")
    rebased = world.change({"src/app.py": BROKEN})
    refused(world.land(world.merge(rebased)), "pull_request")
    world.approve(rebased)
    accepted(world.land(world.merge(rebased)))


@case
def harm_added_and_removed_fast_forward():
    """A harmful commit that the next one removes does not come onto the first-parent line by a
    fast forward of the reviewed head."""
    world = World()
    harm = world.change({"src/app.py": BROKEN})
    head = world.change({"src/app.py": FIXED}, on=harm)
    world.approve(head)
    refused(world.land(head), "pull_request", harm[:7])
    refused(world.land(harm), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def harm_inside_a_merged_change():
    """The inner commit of a landed change cannot become master's tip by a fast forward."""
    world = World()
    harm = world.change({"src/app.py": BROKEN})
    head = world.change({"src/app.py": FIXED}, on=harm)
    world.approve(head)
    evil = world.merge(harm)
    refused(world.land(evil), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def check_signer_as_approver():
    """The key that signs test results approves nothing, even as a member of the team."""
    world = World(files({"pull_request": {"required_approving_review_count": 1},
                         "required_status_checks": RULES["required_status_checks"]}))
    head = world.change()
    world.publish(world.result(head), world.review(head, "ci"))
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "bob")
    accepted(world.land(world.merge(head)))


@case
def reviewer_as_check_signer():
    """A reviewer's key signs no test result that counts."""
    world = World(files(only("pull_request", "required_status_checks")))
    head = world.change()
    world.send(world.result(head, by="bob"))
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "required_status_checks")
    world.publish(world.result(head))
    accepted(world.land(world.merge(head)))


def co_author(text):
    def act():
        world = World()
        head = world.change(message=f"Change it\n\n{text}\n")
        world.approve(head, "bob")
        refused(world.land(world.merge(head)), "pull_request")
        world.approve(head, "carol")
        accepted(world.land(world.merge(head)))
    return act


for name, words, text in (
    ("co_author", "A co-author is a contributor and cannot approve.",
     "Co-authored-by: Bob <bob@wrk.example>"),
    ("co_author_case", "A co-author in other letters is one all the same.",
     "co-AUTHORED-BY: bob <BOB@wrk.example>"),
    ("co_author_second", "The second of two co-authors counts as well.",
     "Co-authored-by: Erin <erin@outside.example>\nCo-authored-by: Bob <bob@wrk.example>"),
    ("co_author_space", "Blanks around a trailer do not hide it.",
     "Co-authored-by:    Bob   <bob@wrk.example>   "),
):
    function = co_author(text)
    function.__doc__, function.__name__ = words, name
    case(function)


@case
def unlisted_key_as_approver():
    """A key that no policy lists signs nothing, whatever address it claims."""
    world = World()
    head = world.change()
    refused(world.send(world.review(head, "mallory")), "evidence")
    world.approve(head)


@case
def unlisted_address_as_author():
    """A reviewer who writes under an address that the policy does not list approves nothing."""
    world = World()
    head = world.change(by="Bob <bob@elsewhere.example>")
    world.approve(head, "bob")
    refused(world.land(world.merge(head)), "pull_request", "bob@elsewhere.example")


def bad_policy(name, words, change, text=None):
    """A reviewed policy change that leaves no valid policy is refused; without it, it lands."""
    def act():
        world = World()
        head = world.change(change(world))
        world.approve(head)
        refused(world.land(world.merge(head)), "policy", text)
        good = world.change({"policies/README.md": "How we work\n"})
        world.approve(good)
        accepted(world.land(world.merge(good)))
    act.__doc__, act.__name__ = words, f"policy_{name}"
    case(act)


def people_file(**options):
    return {"policies/people.yml": files(**options)["policies/people.yml"]}


def master_file(rules, **options):
    return {"policies/master.yml": files(rules, **options)["policies/master.yml"]}


for row in (
    ("one_key_two_names", "One key that answers to two people is an error.",
     lambda w: {"policies/allowed_signers": signers("alice", "bob", "carol", "ci")
                + f"dave@wrk.example {people['bob'].public}\n"}, "allowed_signers"),
    ("one_line_two_names", "One line that names two people is an error.",
     lambda w: {"policies/allowed_signers": signers("alice", "carol", "ci")
                + f"bob@wrk.example,dave@wrk.example {people['bob'].public}\n"}),
    ("wildcard", "A wildcard for a plain key is an error.",
     lambda w: {"policies/allowed_signers": signers("alice", "carol", "ci")
                + f"*@wrk.example {people['bob'].public}\n"}),
    ("nobody_left", "A policy with too few reviewers for another landing is refused.",
     lambda w: people_file(teams={"engineering": [], "ci": ["ci"], "release-managers": ["carol"]})),
    ("one_left", "A team of one cannot both write and review, unless others can write.",
     lambda w: master_file({"pull_request": {
         "required_approving_review_count": 4, "reviewers": ["engineering"]}})),
    ("unknown_team", "A reviewer team that does not exist is refused.",
     lambda w: master_file({"pull_request": {
         "required_approving_review_count": 1, "reviewers": ["enginering"]}}), "enginering"),
    ("empty_signers", "A required check whose signers are nobody is refused.",
     lambda w: {**master_file(only("pull_request", "required_status_checks")),
                **people_file(teams={"engineering": ["alice", "bob", "carol"], "ci": [],
                                     "release-managers": ["carol"]})}),
    ("unknown_check", "A required check without definition is refused.",
     lambda w: master_file(only("pull_request", required_status_checks={
         "checks": ["typo"], "signers": ["ci"]})), "typo"),
    ("misspelt_rule", "A misspelt rule is an error, not a rule that is off.",
     lambda w: master_file({"pul_request": {}}), "pul_request"),
    ("misspelt_key", "A misspelt key of a rule is an error.",
     lambda w: master_file({"pull_request": {"required_aproving_review_count": 1}}), "aproving"),
    ("no_yaml", "A policy that is not YAML is refused with its line.",
     lambda w: {"policies/master.yml": "rulesets: [\n"}, "master.yml"),
    ("deleted", "A policy without its files is refused.",
     lambda w: {name: None for name in files()}),
    ("no_people", "A policy without people.yml is refused.",
     lambda w: {"policies/people.yml": None}, "people.yml"),
    ("no_signers", "A policy without allowed_signers is refused.",
     lambda w: {"policies/allowed_signers": None}, "allowed_signers"),
    ("symlink", "A policy file that is a symbolic link is refused.",
     lambda w: {"policies/master.yml": ("120000", "../docs/master.yml")}, "master.yml"),
    ("folder", "A policies/ that is a submodule is refused.",
     lambda w: {**{name: None for name in files()}, "policies": ("160000", "1" * 40)}),
    ("alias_bomb", "YAML aliases are refused.",
     lambda w: {"policies/checks.yml": "a: &a [x, x]\nb: &b [*a, *a]\nchecks: {}\n"}),
    ("duplicate_key", "A key that stands twice is an error.",
     lambda w: {"policies/people.yml": "repository: wrk/system\nrepository: wrk/other\n"}),
    ("two_documents", "A second YAML document in a file is an error.",
     lambda w: {"policies/master.yml": files()["policies/master.yml"] + "---\nrulesets: []\n"}),
    ("extra_law", "Every *.yml directly in policies/ is law, and so must be valid.",
     lambda w: {"policies/zz.yml": "rulesets: 3\n"}, "zz.yml"),
    ("renamed_repository", "Another name of the repository would disown all evidence; it must be "
     "a valid one.", lambda w: people_file(repository="")),
):
    bad_policy(*row)


def certificate(names, folder):
    """dave's key, certified by the authority for these people."""
    key = folder / "dave"
    for suffix in ("", ".pub"):
        source = LAB / "keys" / f"dave{suffix}"
        (folder / f"dave{suffix}").write_bytes(source.read_bytes())
    key.chmod(0o600)
    run("ssh-keygen", "-q", "-s", people["authority"].key, "-I", "test", "-n", ",".join(names),
        f"{key}.pub")
    return folder / "dave-cert.pub"


CERTIFIED = (
    signers("alice", "bob", "carol", "ci")
    + f"*@wrk.example cert-authority {people['authority'].public}\n")


@case
def certificate_for_two_people():
    """A certificate that names two people names nobody."""
    from kit import evidence

    world = World(files(keys=CERTIFIED, teams={
        "engineering": ["alice", "bob", "carol", "dave"], "ci": ["ci"],
        "release-managers": ["carol"]}))
    head = world.change()

    def review(*names):
        cert = certificate(names, world.folder)
        said = evidence.statement(
            head, evidence.review(head, world.master, world.digest(head, world.master)),
            evidence.REVIEW)
        fingerprint = run("ssh-keygen", "-l", "-f", cert).text.split()[1]
        return evidence.envelope(said, "dave", "gate-review", certificate=cert,
                                 keyid=fingerprint).on(head)
    refused(world.send(review("dave@wrk.example", "bob@wrk.example")), "evidence")
    world.publish(review("dave@wrk.example"))
    accepted(world.land(world.merge(head)))


@case
def revocation_outlived_by_a_fast_clock():
    """A revoked key's approval that claims an earlier or later time does not arrive any more."""
    keys = signers("alice", "bob", "carol", "dave", "ci", dave='valid-before="20260101Z"')
    world = World(files(keys=keys))
    head = world.change()
    for created in ("2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
        refused(world.send(world.review(head, "dave", created=created)), "evidence")
    world.approve(head, created="2020-01-01T00:00:00Z")
    accepted(world.land(world.merge(head)))


@case
def first_landing_removes_the_reviewer():
    """Of two landings in one push the first takes the second's reviewer away: it must be last."""
    world = World()
    change = world.change({"a.txt": "a\n"})
    world.approve(change, "bob")
    after = people_file(teams={"engineering": ["alice", "carol"], "ci": ["ci"],
                               "release-managers": ["carol"]})
    policy = world.change(after)
    world.approve(policy, "carol")
    first = world.merge(policy)
    refused(world.land(world.merge(change, onto=first)), "policy", also=["pull_request"])
    accepted(world.land(first))
    refused(world.land(world.merge(change)), "pull_request")
    world.approve(change, "carol")
    accepted(world.land(world.merge(change)))


RELEASE = "refs/heads/release/1.0"


def with_release(**more):
    rules = only("creation", "deletion", "non_fast_forward", "pull_request")
    return files(rulesets=[
        ruleset(rules), ruleset(rules, "release", ["refs/heads/release/**"])], **more)


@case
def protected_branch_from_an_unguarded_one():
    """A protected branch cannot be made from a branch that was never guarded."""
    world = World(with_release())
    head = world.change()
    accepted(world.land(head, "refs/heads/topic"))
    refused(world.land(head, RELEASE), "creation", also=["pull_request"])
    landing = world.must_land(head)
    accepted(world.land(landing, RELEASE))


@case
def old_release_branch_with_its_old_policy():
    """A release branch with an old policy in its tree is judged by the default branch's."""
    weak = files(rulesets=[
        ruleset(only("pull_request")), ruleset(only("deletion"), "release",
                                               ["refs/heads/release/**"])])
    world = World(weak)
    accepted(world.land(world.master, RELEASE))
    strict = with_release()["policies/master.yml"]
    world.must_land(world.change({"policies/master.yml": strict}))
    old = world.server.tip(RELEASE)
    hotfix = world.change({"a.txt": "a\n"}, on=old)
    refused(world.land(hotfix, RELEASE), "pull_request")
    world.publish(world.review(hotfix, base=old, target=RELEASE))
    accepted(world.land(world.merge(hotfix, onto=old), RELEASE))


@case
def approval_for_master_used_on_a_release():
    """An approval for master lands nothing on a release branch."""
    world = World(with_release())
    accepted(world.land(world.master, RELEASE))
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    refused(world.land(world.merge(head), RELEASE), "pull_request")
    world.approve(head, target=RELEASE)
    accepted(world.land(world.merge(head), RELEASE))


@case
def squash_of_a_head_that_is_not_kept():
    """A squash names a head that the server keeps; a missing one is refused."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    refused(world.land(world.squash(head)), "pull_request")
    accepted(world.land(head, "refs/heads/topic"))
    refused(world.land(world.squash(head)), "pull_request")
    world.keep(head)
    accepted(world.land(world.squash(head)))
    accepted(world.push(":refs/heads/topic"))
    world.server.git("reflog", "expire", "--expire=now", "--all")
    world.server.git("gc", "-q", "--prune=now")
    check(world.server.has(head), "the head is gone after gc")
    fresh = world.folder / "fresh.git"
    run("git", "init", "-q", "--bare", fresh)
    run("git", "fetch", "-q", world.server.path, f"{HEADS}:{HEADS}", cwd=fresh)
    check(run("git", "cat-file", "-e", head, cwd=fresh, check=False).exit == 0,
          "the head does not reach a clone")


@case
def squash_that_names_two_heads():
    """A squash names its head once; two trailers are refused."""
    world = World()
    head, other = world.change({"a.txt": "a\n"}), world.change({"evil.txt": "evil\n"})
    world.approve(head)
    world.keep(head, other)
    text = f"Squash\n\nGate-Head: {head}\nGate-Head: {other}\n"
    twice = world.squash(head, trailer=False, message=text)
    refused(world.land(twice), "pull_request")
    accepted(world.land(world.squash(head)))


@case
def squash_that_names_another_head():
    """A squash that names an approved head but brings another change is hand-made."""
    world = World()
    head, other = world.change({"a.txt": "a\n"}), world.change({"evil.txt": "evil\n"})
    world.approve(head)
    world.keep(head, other)
    refused(world.land(world.squash(other, trailer=head)), "pull_request")
    refused(world.land(world.squash(head, trailer=other)), "pull_request")
    refused(world.land(world.squash(head, trailer=head[:12])), "pull_request")
    accepted(world.land(world.squash(head)))


@case
def merge_of_something_in_the_past():
    """A merge whose second parent master already has brings nothing and hides what it changes."""
    world = World()
    world.must_land(world.change({"a.txt": "a\n"}))
    old = world.git("rev-parse", f"{world.master}^")
    evil = world.tree(world.master, {"src/app.py": "EVIL\n"})
    refused(world.land(world.merge(old, tree=evil)), "pull_request")
    refused(world.land(world.merge(old, tree=world.tree_of(world.master))), "pull_request")


@case
def empty_approval_never_carries():
    """An approval of nothing is not an approval of every other nothing."""
    world = World()
    empty = world.commit(world.tree_of(world.master), [world.master], "alice", message="Nothing")
    world.approve(empty)
    other = world.commit(world.tree_of(world.master), [world.master], "alice", message="Else")
    refused(world.land(world.merge(other)), "pull_request")
    accepted(world.land(world.merge(empty)))


@case
def same_file_touched_upstream():
    """Where upstream touched the same file, an approval does not carry over a rebase."""
    world = World()
    lines = [f"LINE_{n} = {n}\n" for n in range(1, 21)]
    first, second = list(lines), list(lines)
    first[0], second[19] = "LINE_1 = 100\n", "LINE_20 = 200\n"
    start = world.master
    head = world.change({"src/util.py": "".join(second)}, on=start)
    world.approve(head)
    world.must_land(world.change({"src/util.py": "".join(first)}, on=start, by="carol"))
    both = [first[0], *lines[1:19], second[19]]
    rebased = world.change({"src/util.py": "".join(both)})
    refused(world.land(world.merge(rebased)), "pull_request")
    accepted(world.land(world.merge(head)))


@case
def reviewed_on_another_base():
    """A review that lies about the difference of its head does not count for it."""
    world = World()
    harmless = world.change({"a.txt": "a\n"})
    evil = world.change({"src/app.py": BROKEN})
    line = world.review(harmless, digest=world.digest(evil, world.master))
    push = world.send(line)
    refused(world.land(world.merge(evil)), "pull_request")
    check(push.exit in (0, 1), push.stderr)
    world.approve(evil)
    accepted(world.land(world.merge(evil)))


TESTED = only("pull_request", "required_status_checks")


@case
def pylintrc_beside_pylintrc():
    """A second configuration file of a check spares no required check."""
    rules = {**TESTED, "required_status_checks": {"checks": ["pylint"], "signers": ["ci"]}}
    world = World(files(rules, more={".pylintrc": "[MAIN]\n"}))
    before = world.change({"src/app.py": BROKEN})
    world.publish(world.result(before, "pylint"), world.review(before))
    head = world.change({"pylintrc": "[MAIN]\ndisable=all\n"}, on=before)
    world.approve(head)
    refused(world.land(world.merge(head)), "required_status_checks", "pylint")
    world.publish(world.result(head, "pylint"))
    accepted(world.land(world.merge(head)))


@case
def gitattributes_spare_no_check():
    """.gitattributes that rewrite files on checkout spare no required check and no conflict."""
    world = World(files(TESTED))
    base = world.change({"src/app.py": FIXED})
    world.publish(world.result(base), world.review(base))
    head = world.change({".gitattributes": "*.py filter=evil ident eol=crlf\n"}, on=base)
    world.approve(head)
    refused(world.land(world.merge(head)), "required_status_checks")
    world.publish(world.result(head))
    accepted(world.land(world.merge(head)))


@case
def union_attribute_does_not_make_a_merge_clean():
    """A merge that only a merge=union attribute resolves is hand-made."""
    world = World()
    start = world.change({".gitattributes": "*.txt merge=union\n", "list.txt": "a\n"})
    world.must_land(start)
    base = world.master
    head = world.change({"list.txt": "a\nhead\n"}, on=base)
    world.approve(head)
    world.must_land(world.change({"list.txt": "a\nmaster\n"}, on=base, by="carol"))
    union = world.tree(world.master, {"list.txt": "a\nmaster\nhead\n"})
    landing = world.merge(head, tree=union)
    refused(world.land(landing), "pull_request", "list.txt")
    world.approve(landing, "bob")
    accepted(world.land(landing))


@case
def check_definition_that_the_change_weakens():
    """A change that weakens a check is judged by the definition before it, and as policy."""
    world = World(files(TESTED))
    weak = {**CHECKS, "unit": {"run": "true"}}
    head = world.change(
        {"policies/checks.yml": files(TESTED, checks=weak)["policies/checks.yml"]})
    world.approve(head)
    world.checks = weak
    world.publish(world.result(head))
    refused(world.land(world.merge(head)), "required_status_checks")
    world.checks = CHECKS
    world.publish(world.result(head))
    accepted(world.land(world.merge(head)))


@case
def landing_made_by_the_approver():
    """Who presses the button on a clean merge does not matter: it adds nothing."""
    world = World()
    head = world.change(by="alice")
    world.approve(head, "bob")
    accepted(world.land(world.merge(head, by="bob")))


@case
def branch_into_itself():
    """A push of what master already is does nothing and is no refusal."""
    world = World()
    push = accepted(world.land(world.master))
    check(push.after.refs[MASTER] == push.before.refs[MASTER], "master moved")
