"""Each rule: two pushes that differ in one fact, one refused by that rule and one accepted; with
the rule switched off, the refused one lands."""

from kit import CHECKS, RULES, World, ZERO, accepted, case, check, files, only, refused, signers
from kit.lab import people
from kit.policy import ruleset

RELEASE = "refs/heads/release/1.0"


def shows(rule, rules, bad, good, *, text=None, off=None, also=(), **policy):
    """`bad` and `good` make a push in a world whose master has `rules`; without `rule` (or with
    the rules `off`) what `bad` pushes lands."""
    refused(bad(World(files(rules, **policy))), rule, text, also=also)
    accepted(good(World(files(rules, **policy))))
    off = {n: r for n, r in rules.items() if n != rule} if off is None else off
    accepted(bad(World(files(off, **policy))))


def with_release(rules, **more):
    """A reviewed master and a ruleset of its own for release branches."""
    return files(rulesets=[
        ruleset(RULES_OF_MASTER), ruleset(rules, "release", ["refs/heads/release/**"], **more)])


RULES_OF_MASTER = only("pull_request")


def shows_on_release(rule, bad, good, *, text=None):
    refused(bad(World(with_release(only(rule)))), rule, text, ref=RELEASE)
    accepted(good(World(with_release(only(rule)))))
    accepted(bad(World(with_release(only("max_file_size")))))


@case
def creation():
    """A protected branch starts at a landing of a protected branch, not at an unreviewed commit."""
    shows_on_release(
        "creation", bad=lambda w: w.land(w.change(), RELEASE),
        good=lambda w: w.land(w.master, RELEASE))


@case
def creation_at_an_older_landing():
    """An older landing of master is as good a start as its tip."""
    world = World(with_release(only("creation")))
    older = world.master
    world.must_land(world.change())
    accepted(world.land(older, RELEASE))


@case
def creation_inside_a_change():
    """A commit that is in master only behind a merge's second parent was never a landing."""
    world = World(with_release(only("creation")))
    inner = world.change({"src/app.py": "BROKEN\n"})
    head = world.change({"src/app.py": "FIXED\n"}, on=inner)
    landing = world.must_land(head)
    refused(world.land(inner, RELEASE), "creation")
    accepted(world.land(landing, RELEASE))


@case
def deletion():
    """A protected branch may not be deleted, another one may."""
    def push(ref):
        def act(world):
            accepted(world.land(world.master, ref))
            return world.push(f":{ref}")
        return act
    shows_on_release("deletion", bad=push(RELEASE), good=push("refs/heads/topic"))


@case
def non_fast_forward():
    """A protected branch may not be forced to a sibling, but moves to a child."""
    def act(sibling):
        def push(world):
            start = world.master
            accepted(world.land(start, RELEASE))
            first = world.change({"a.txt": "1\n"}, on=start)
            accepted(world.land(first, RELEASE))
            other = world.change({"a.txt": "2\n"}, on=start if sibling else first)
            return world.push(f"+{other}:{RELEASE}")
        return push
    shows_on_release("non_fast_forward", bad=act(True), good=act(False))


@case
def pull_request():
    """A direct push is refused; the same change, approved and merged, lands."""
    def approved(world):
        head = world.change()
        world.approve(head)
        return world.land(world.merge(head))
    shows("pull_request", only("pull_request"), off=only("deletion"),
          bad=lambda w: w.land(w.change()), good=approved, text="direct push")


@case
def pull_request_merge_without_approval():
    """A merge of a change that nobody approved is refused."""
    def act(approve):
        def push(world):
            head = world.change()
            if approve:
                world.approve(head)
            return world.land(world.merge(head))
        return push
    shows("pull_request", only("pull_request"), off=only("deletion"),
          bad=act(False), good=act(True))


def counted(count):
    return {"pull_request": {**RULES["pull_request"], "required_approving_review_count": count}}


@case
def pull_request_count():
    """Two approvals are two people's."""
    def act(*reviewers):
        def push(world):
            head = world.change()
            world.publish(*(world.review(head, by) for by in reviewers))
            return world.land(world.merge(head))
        return push
    shows("pull_request", counted(2), off=counted(1), bad=act("bob"), good=act("bob", "carol"))


@case
def pull_request_reviewers():
    """Only an approval by somebody in `reviewers` counts."""
    rules = {"pull_request": {"required_approving_review_count": 1, "reviewers": ["engineering"]}}
    open_to_all = {"pull_request": {"required_approving_review_count": 1}}

    def act(by):
        def push(world):
            head = world.change()
            world.approve(head, by)
            return world.land(world.merge(head))
        return push
    shows("pull_request", rules, off=open_to_all, bad=act("dave"), good=act("bob"),
          keys=signers("alice", "bob", "carol", "dave", "ci"))


@case
def pull_request_default_reviewers():
    """Without `reviewers` everybody may approve but the signers of checks."""
    rules = {"pull_request": {}, "required_status_checks": RULES["required_status_checks"]}
    world = World(files(rules))
    head = world.change()
    world.publish(world.review(head, "ci"), world.result(head))
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def pull_request_code_owner():
    """A path with an owner needs the owner's approval."""
    owned = {"pull_request": {**RULES["pull_request"], "require_code_owner_review": True}}

    def act(by):
        def push(world):
            head = world.change({"lib/owned.py": "OWNED = False\n"})
            world.approve(head, by)
            return world.land(world.merge(head))
        return push
    shows("pull_request", owned, off=only("pull_request"), bad=act("bob"), good=act("carol"),
          owners="lib/ @carol\n", text="carol")


@case
def pull_request_carry_over():
    """With equal_diff an approval carries over a rebase, with same_head it does not."""
    same = {"pull_request": {**RULES["pull_request"], "carry_over": "same_head"}}

    def act(again):
        def push(world):
            head = world.change({"src/app.py": "def pay(amount):\n    return 2\n"})
            accepted(world.land(head, "refs/heads/topic"))
            world.approve(head)
            world.must_land(world.change({"docs/guide.md": "More\n"}, by="carol"))
            rebased = world.change({"src/app.py": "def pay(amount):\n    return 2\n"})
            if again:
                world.approve(rebased)
            return world.land(world.merge(rebased))
        return push
    shows("pull_request", same, off=only("pull_request"), bad=act(False), good=act(True))


def landed(world, method, head=None):
    head = head or world.change()
    world.approve(head)
    if method == "merge":
        return world.land(world.merge(head))
    if method == "fast_forward":
        return world.land(head)
    world.keep(head)
    return world.land(world.squash(head))


def methods(*allowed):
    return {"pull_request": {**RULES["pull_request"], "allowed_merge_methods": list(allowed)}}


@case
def pull_request_method_merge():
    """A merge is refused where only the other methods are allowed."""
    shows("pull_request", methods("squash", "fast_forward"), off=methods("merge"), text="merge",
          bad=lambda w: landed(w, "merge"), good=lambda w: landed(w, "squash"))


@case
def pull_request_method_squash():
    """A squash is refused where only the other methods are allowed."""
    shows("pull_request", methods("merge", "fast_forward"), off=methods("merge", "squash"),
          bad=lambda w: landed(w, "squash"), good=lambda w: landed(w, "fast_forward"),
          text="squash")


@case
def pull_request_method_fast_forward():
    """A fast forward is refused where only merges are allowed."""
    shows("pull_request", methods("merge"), off=methods("merge", "fast_forward"),
          bad=lambda w: landed(w, "fast_forward"), good=lambda w: landed(w, "merge"),
          text="fast")


@case
def all_three_methods():
    """One branch takes a merge, a squash and a fast forward in turn."""
    world = World()
    for method in ("merge", "squash", "fast_forward"):
        head = world.change({f"{method}.txt": "new\n"})
        accepted(landed(world, method, head))


@case
def squash_without_trailer():
    """A squash without trailer lands when its own difference is one that was reviewed."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    accepted(world.land(head, "refs/heads/topic"))
    world.approve(head)
    world.must_land(world.change({"b.txt": "b\n"}, by="carol"))
    accepted(world.land(world.squash(head, trailer=False)))


CHECKED = only("pull_request", "required_status_checks")


def offer(world, line):
    """Sends a line that the evidence guard may refuse, where only the landing matters."""
    push = world.send(line)
    if push.exit != 0:
        refused(push, "evidence")


def tested(world, *results, **options):
    """Lands an approved change with these results of `unit` on its head."""
    head = world.change(**options)
    world.approve(head)
    for result in results:
        offer(world, world.result(head, result=result))
    return world.land(world.merge(head))


@case
def required_status_checks():
    """A required check needs a result."""
    shows("required_status_checks", CHECKED, bad=tested, good=lambda w: tested(w, "PASSED"),
          text="unit")


@case
def required_status_checks_failed():
    """A failed check is no passed check."""
    shows("required_status_checks", CHECKED, bad=lambda w: tested(w, "FAILED"),
          good=lambda w: tested(w, "FAILED", "PASSED"), text="unit")


@case
def required_status_checks_each():
    """Each required check counts by itself, and all that lack are named at once."""
    both = {**CHECKED, "required_status_checks":
            {"checks": ["unit", "pylint"], "signers": ["ci"]}}

    def act(*names):
        def push(world):
            head = world.change()
            world.approve(head)
            for name in names:
                offer(world, world.result(head, name))
            return world.land(world.merge(head))
        return push
    shows("required_status_checks", both, bad=act("unit"), good=act("unit", "pylint"),
          text="pylint")
    finding = act()(World(files(both))).finding("required_status_checks")
    check("unit" in finding and "pylint" in finding, f"not both are named: {finding}")


@case
def required_status_checks_signers():
    """Only a result by one of `signers` counts."""
    def act(by):
        def push(world):
            head = world.change()
            world.approve(head)
            offer(world, world.result(head, by=by))
            return world.land(world.merge(head))
        return push
    shows("required_status_checks", CHECKED, bad=act("alice"), good=act("ci"))


@case
def required_status_checks_definition():
    """A result under another definition of the check does not count."""
    def act(definition):
        def push(world):
            head = world.change()
            world.approve(head)
            offer(world, world.result(head, definition=definition))
            return world.land(world.merge(head))
        return push
    shows("required_status_checks", CHECKED, bad=act("0" * 64), good=act(None))


@case
def required_status_checks_merge_result():
    """With `tested: merge_result` the tree that lands must have passed, not the head's."""
    rules = {**CHECKED, "required_status_checks":
             {"checks": ["unit"], "tested": "merge_result", "signers": ["ci"]}}

    def act(test_landing):
        def push(world):
            head = world.change({"a.txt": "a\n"})
            world.approve(head)
            other = world.change({"b.txt": "b\n"}, by="carol")
            world.publish(world.review(other), world.result(other))
            accepted(world.land(world.merge(other)))
            landing = world.merge(head)
            world.publish(world.result(landing if test_landing else head))
            return world.land(landing)
        return push
    shows("required_status_checks", rules, off=CHECKED, bad=act(False), good=act(True))


@case
def required_status_checks_other_tree():
    """A result counts for its own tree only."""
    def act(right):
        def push(world):
            head = world.change({"a.txt": "a\n"})
            other = world.change({"a.txt": "b\n"})
            world.approve(head)
            offer(world, world.result(head if right else other))
            return world.land(world.merge(head))
        return push
    shows("required_status_checks", CHECKED, bad=act(False), good=act(True))


@case
def required_signatures():
    """Each commit of a change is signed by a known key."""
    rules = only("pull_request", "required_signatures")

    def act(sign):
        def push(world):
            head = world.change(sign=sign)
            world.approve(head)
            return world.land(world.merge(head))
        return push
    shows("required_signatures", rules, bad=act(None), good=act("alice"))
    refused(act("mallory")(World(files(rules))), "required_signatures")


@case
def required_linear_history():
    """A merge is refused; the same change squashed lands."""
    rules = only("pull_request", "required_linear_history")
    shows("required_linear_history", rules, bad=lambda w: landed(w, "merge"),
          good=lambda w: landed(w, "squash"))


@case
def required_linear_history_alone():
    """Without any review, too, a merge commit is refused and a plain one is not."""
    def merge(world):
        return world.land(world.merge(world.change()))
    shows("required_linear_history", only("required_linear_history"), off=only("deletion"),
          bad=merge, good=lambda w: w.land(w.change()))


def with_message(message):
    def push(world):
        head = world.change(message=message)
        world.approve(head)
        return world.land(world.merge(head))
    return push


@case
def commit_message_pattern():
    """The subject of each commit matches."""
    shows("commit_message_pattern", only("pull_request", "commit_message_pattern"),
          bad=with_message("fix pay"), good=with_message("Fix pay"))


@case
def commit_message_pattern_length():
    """A subject of 73 characters is one too long."""
    shows("commit_message_pattern", only("pull_request", "commit_message_pattern"),
          bad=with_message("F" * 73), good=with_message("F" * 72))


@case
def commit_message_pattern_whole():
    """With `scope: message` the body counts as well."""
    rules = only("pull_request", commit_message_pattern={
        "pattern": "Ticket: [A-Z]+-[0-9]+", "scope": "message"})
    shows("commit_message_pattern", rules, bad=with_message("Fix pay\n\nNo ticket.\n"),
          good=with_message("Fix pay\n\nTicket: PAY-12\n"))


@case
def commit_message_pattern_inner_commit():
    """An earlier commit of the change counts like its head."""
    rules = only("pull_request", "commit_message_pattern")

    def act(first):
        def push(world):
            inner = world.change({"a.txt": "a\n"}, message=first)
            head = world.change({"b.txt": "b\n"}, on=inner, message="Add b")
            world.approve(head)
            return world.land(world.merge(head))
        return push
    shows("commit_message_pattern", rules, bad=act("wip"), good=act("Add a"))


def with_file(path, content="secret\n"):
    def push(world):
        head = world.change({path: content})
        world.approve(head)
        return world.land(world.merge(head))
    return push


@case
def file_path_restriction():
    """A forbidden path does not come in, in any folder."""
    rules = only("pull_request", "file_path_restriction")
    shows("file_path_restriction", rules, bad=with_file("keys/site.pem"),
          good=with_file("keys/site.pub"), text="keys/site.pem")
    refused(with_file("top.pem")(World(files(rules))), "file_path_restriction")
    refused(with_file(".env")(World(files(rules))), "file_path_restriction")
    accepted(with_file("sub/.env")(World(files(rules))))


@case
def max_file_size():
    """A file of one byte more than allowed is too large."""
    rules = only("pull_request", "max_file_size")
    shows("max_file_size", rules, bad=with_file("data.bin", "x" * 5001),
          good=with_file("data.bin", "x" * 5000), text="data.bin")


@case
def max_file_path_length():
    """A path of one byte more than allowed is too long."""
    rules = only("pull_request", "max_file_path_length")
    shows("max_file_path_length", rules, bad=with_file("d/" + "n" * 99),
          good=with_file("d/" + "n" * 98))


@case
def rules_without_pull_request():
    """The rules about commits hold for direct pushes of a branch without pull_request."""
    rules = only("file_path_restriction", "max_file_size", "max_file_path_length",
                 "commit_message_pattern", "required_signatures")
    world = World(files(rules))

    def direct(edits, **options):
        return world.land(world.change(edits, **{"sign": "alice", **options}))

    refused(direct({"a.pem": "x\n"}), "file_path_restriction")
    refused(direct({"a.bin": "x" * 5001}), "max_file_size")
    refused(direct({"n" * 101: "x\n"}), "max_file_path_length")
    refused(direct({"a.txt": "x\n"}, message="add a"), "commit_message_pattern")
    refused(direct({"a.txt": "x\n"}, sign=None), "required_signatures")
    accepted(direct({"a.txt": "x\n"}))


@case
def all_findings_at_once():
    """One push that breaks four rules is told all four."""
    rules = only("pull_request", "file_path_restriction", "commit_message_pattern",
                 "max_file_size")
    world = World(files(rules))
    refused(world.land(world.change({"a.pem": "x" * 6000}, message="add key")),
            ("pull_request", "file_path_restriction", "commit_message_pattern", "max_file_size"))


@case
def enforcement_evaluate():
    """`evaluate` reports what it would refuse and lets pass."""
    world = World(files(only("pull_request"), enforcement="evaluate"))
    push = accepted(world.land(world.change()))
    check("pull_request" in push.message, f"nothing is reported:\n{push.stderr}")


@case
def enforcement_disabled():
    """A disabled ruleset neither refuses nor reports."""
    world = World(files(rulesets=[
        ruleset(only("pull_request"), enforcement="disabled"),
        ruleset(only("deletion"), "keep")]))
    push = accepted(world.land(world.change()))
    check("direct push" not in push.message, f"something is reported:\n{push.stderr}")


@case
def watching():
    """Before `gate trust` everything is accepted, and what would be refused is said."""
    world = World(trusted=False)
    push = accepted(world.land(world.change()))
    check("pull_request" in push.message, f"nothing is reported:\n{push.stderr}")
    empty = World({}, trusted=False)
    accepted(empty.land(empty.change()))


@case
def several_rulesets():
    """Where several rulesets match a ref, all must allow."""
    both = files(rulesets=[
        ruleset(only("pull_request")), ruleset(counted(2), "strict", ["refs/heads/m*"])])
    world = World(both)
    head = world.change()
    world.approve(head)
    refused(world.land(world.merge(head)), "pull_request")
    world.approve(head, "carol")
    accepted(world.land(world.merge(head)))


@case
def bypass_lifts_its_ruleset_only():
    """A bypass signed by somebody whom the ruleset names lifts that ruleset and no other."""
    two = files(rulesets=[
        ruleset(only("pull_request"), bypass=["release-managers"]),
        ruleset(only("file_path_restriction"), "paths", bypass=["release-managers"])])
    world = World(two)
    plain, secret = world.change(), world.change({"a.pem": "x\n"})
    world.publish(world.bypass(plain), world.bypass(secret))
    refused(world.land(secret), "file_path_restriction")
    world.publish(world.bypass(secret, ruleset="paths"))
    accepted(world.land(secret))


@case
def bypass_by_whom():
    """A bypass by somebody whom the ruleset does not name lifts nothing."""
    world = World()
    head = world.change()
    world.publish(world.bypass(head, by="bob"))
    refused(world.land(head), "pull_request")
    world.publish(world.bypass(head, by="carol"))
    push = accepted(world.land(head))
    check(push.after.refs["refs/heads/master"] == head, "master did not move")


@case
def bypass_for_one_update():
    """A bypass is good for its own ref, old and new commit only."""
    world = World()
    head = world.change({"a.txt": "a\n"})
    world.publish(world.bypass(head, ref="refs/heads/other"),
                  world.bypass(head, old=world.git("rev-parse", f"{world.master}^")),
                  world.bypass(head, ruleset="other"))
    refused(world.land(head), "pull_request")
    world.publish(world.bypass(head))
    accepted(world.land(head))
    refused(world.land(world.change({"b.txt": "b\n"}, on=head)), "pull_request")


@case
def bypass_of_a_deletion():
    """A deletion is bypassed by a statement on the old tip."""
    world = World(files(rulesets=[
        ruleset(only("pull_request")),
        ruleset(only("deletion"), "release", ["refs/heads/release/**"],
                bypass=["release-managers"])]))
    accepted(world.land(world.master, RELEASE))
    refused(world.push(f":{RELEASE}"), "deletion")
    world.publish(world.bypass(ZERO, ref=RELEASE, ruleset="release"))
    accepted(world.push(f":{RELEASE}"))


@case
def tags():
    """A ruleset with `target: tag` guards tags."""
    world = World(files(rulesets=[
        ruleset(only("pull_request")),
        ruleset(only("creation", "deletion", "non_fast_forward"), "tags", ["refs/tags/v*"],
                target="tag")]))
    refused(world.land(world.change(), "refs/tags/v1"), "creation")
    accepted(world.land(world.master, "refs/tags/v1"))
    accepted(world.land(world.change(), "refs/tags/x1"))
    refused(world.push(":refs/tags/v1"), "deletion")
    accepted(world.push(":refs/tags/x1"))
    start = world.master
    landing = world.must_land(world.change({"a.txt": "a\n"}))
    accepted(world.land(landing, "refs/tags/v2"))
    refused(world.push(f"+{start}:refs/tags/v2"), "non_fast_forward")


@case
def annotated_tags():
    """A tag object at a landing may be created where creation is guarded, one elsewhere not."""
    world = World(files(rulesets=[
        ruleset(only("pull_request")),
        ruleset(only("creation"), "tags", ["refs/tags/v*"], target="tag")]))

    def tag(commit):
        return world.git("mktag", input=(
            f"object {commit}\ntype commit\ntag v1\n"
            "tagger Alice <alice@wrk.example> 1790000000 +0000\n\nFirst\n"))
    refused(world.land(tag(world.change()), "refs/tags/v1"), "creation")
    accepted(world.land(tag(world.master), "refs/tags/v1"))


@case
def signed_tag_under_another_name():
    """A signed tag is the tag that it names; pushed as another one it is unsigned."""
    world = World(files(rulesets=[
        ruleset(only("pull_request")),
        ruleset(only("required_signatures"), "tags", ["refs/tags/v*"], target="tag")]))
    world.git("-c", "gpg.format=ssh", "-c", f"user.signingKey={people['alice'].key}",
              "tag", "-s", "-m", "First", "v1", world.master)
    tag = world.git("rev-parse", "refs/tags/v1")
    refused(world.push(f"{tag}:refs/tags/v99"), "required_signatures")
    accepted(world.push(f"{tag}:refs/tags/v1"))


@case
def exclude():
    """A ref that `exclude` matches is not the ruleset's business."""
    def world(exclude):
        return World(files(rulesets=[
            ruleset(only("pull_request")),
            ruleset(only("creation"), "release", ["refs/heads/release/**"], exclude=exclude)]))
    first = world([])
    refused(first.land(first.change(), "refs/heads/release/try"), "creation")
    second = world(["refs/heads/release/try"])
    accepted(second.land(second.change(), "refs/heads/release/try"))
    refused(second.land(second.change(), "refs/heads/release/try2"), "creation")


@case
def policy_protects_itself():
    """A policy change needs review even where rulesets only evaluate; other pushes pass."""
    world = World(files(only("pull_request"), enforcement="evaluate"))
    looser = files(only("deletion"), enforcement="evaluate")
    head = world.change({"policies/master.yml": looser["policies/master.yml"]})
    refused(world.land(head), "policy", also=["pull_request"])
    world.approve(head)
    accepted(world.land(world.merge(head)))
    accepted(world.land(world.change()))


@case
def switched_off_by_a_landing():
    """A reviewed landing switches a rule off for the pushes after it."""
    rules = only("pull_request", "file_path_restriction")
    world = World(files(rules))
    secret = world.change({"a.pem": "x\n"})
    world.approve(secret)
    refused(world.land(world.merge(secret)), "file_path_restriction")
    off = files(only("pull_request"))["policies/master.yml"]
    world.must_land(world.change({"policies/master.yml": off}))
    accepted(world.land(world.merge(secret)))


@case
def checks_definition_change():
    """A result from before a check's definition changed does not count after it."""
    world = World(files(CHECKED))
    head = world.change({"a.txt": "a\n"})
    world.approve(head)
    world.publish(world.result(head))
    stricter = {**CHECKS, "unit": {**CHECKS["unit"], "run": "python3 -W error -m unittest"}}
    policy = world.change(
        {"policies/checks.yml": files(CHECKED, checks=stricter)["policies/checks.yml"]})
    world.publish(world.review(policy), world.result(policy))
    accepted(world.land(world.merge(policy)))
    refused(world.land(world.merge(head)), "required_status_checks")
    world.checks = stricter
    world.publish(world.result(head))
    accepted(world.land(world.merge(head)))
