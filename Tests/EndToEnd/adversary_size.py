"""Threats, "Size": large pushes and large servers, in sizes that a test can afford; patterns and
policies that would keep a careless reader busy for ever."""

import concurrent.futures

from kit import World, accepted, case, check, evidence, files, only, refused
from kit.server import undetermined
from kit.world import MASTER, NOTES

# Seconds, after which a push has a loop of the wrong order; for a debug build on a busy machine.
LONG = 60


def long_history(world, count, on=None):
    """`count` commits in one line on top of `on`, made by git fast-import; the last one."""
    rows = []
    for n in range(count):
        start = f"from {on}\n" if n == 0 and on else ""
        body = f"{n}\n"
        rows.append(
            f"commit refs/heads/long\nmark :{n + 1}\n"
            f"author Alice <alice@wrk.example> {1_700_000_000 + n} +0000\n"
            f"committer Alice <alice@wrk.example> {1_700_000_000 + n} +0000\n"
            f"data 9\nChange it\n{start}"
            f"M 100644 inline n{n % 100}.txt\ndata {len(body)}\n{body}\n")
    world.git("fast-import", "--quiet", "--force", input="".join(rows))
    return world.git("rev-parse", "refs/heads/long")


@case
def first_push_of_many_commits():
    """25,000 commits on a new branch are accepted, and 5,000 refused on master."""
    world = World()
    tip = long_history(world, 25_000, world.master)
    accepted(world.land(tip, "refs/heads/topic", timeout=LONG))
    part = world.git("rev-parse", f"{tip}~20000")
    refused(world.land(part, timeout=LONG), "pull_request")


@case
def first_push_to_an_empty_server():
    """A whole history comes in before there is a policy."""
    world = World({}, trusted=False)
    accepted(world.land(long_history(world, 5_000), "refs/heads/history", timeout=LONG))


@case
def change_of_many_commits():
    """A reviewed change of 1,000 commits lands; every commit of it is judged."""
    world = World(files(only("pull_request", "commit_message_pattern", "max_file_size")))
    tip = long_history(world, 1_000, world.master)
    world.approve(tip)
    accepted(world.land(world.merge(tip), timeout=LONG))


@case
def many_refs_on_the_server():
    """A server with 50,000 refs answers as one with three."""
    world = World()
    tip = world.master
    with open(world.server.path / "packed-refs", "w") as packed:
        packed.write("# pack-refs with: peeled fully-peeled sorted \n")
        packed.writelines(f"{tip} refs/heads/old/{n:05}\n" for n in range(50_000))
    refused(world.land(world.change({"evil.txt": "evil\n"}), timeout=LONG), "pull_request")
    world.must_land(world.change({"good.txt": "good\n"}))


@case
def many_refs_in_one_push():
    """2,000 new branches and one bad update in one push."""
    world = World()
    tip = world.master
    refspecs = [f"{tip}:refs/heads/new/{n}" for n in range(2_000)]
    refused(world.push(*refspecs, f"{world.change()}:{MASTER}", timeout=LONG), "pull_request")
    accepted(world.push(*refspecs, timeout=LONG))


@case
def large_blob():
    """A file of 100 MB is refused by its size without being read, and accepted elsewhere."""
    world = World(files(only("pull_request", "max_file_size")))
    head = world.change({"big.bin": b"\0" * 100_000_000})
    world.approve(head)
    refused(world.land(world.merge(head), timeout=LONG), "max_file_size", "big.bin")
    accepted(world.land(head, "refs/heads/topic", timeout=LONG))


@case
def large_commit_message():
    """A commit message of 10 MB is judged by its subject, and a subject of 10 MB is refused."""
    world = World(files(only("pull_request", "commit_message_pattern")))
    head = world.change(message="Change it\n\n" + "words and words\n" * 650_000)
    world.approve(head)
    accepted(world.land(world.merge(head), timeout=LONG))
    head = world.change({"b.txt": "b\n"}, message="C" * 10_000_000)
    world.approve(head)
    refused(world.land(world.merge(head), timeout=LONG), "commit_message_pattern")


@case
def many_large_messages():
    """Commits whose messages are large and alike are small as a push and large in memory: beyond 64 MB
    of such a push is refused, to whatever branch; a few are accepted."""
    world = World()
    text, tree, master = "words and words\n" * 650_000, world.tree_of(world.master), world.master

    def line_of(number):
        head = master
        for n in range(number):
            head = world.commit(tree, [head], message=f"Change {n}\n\n{text}")
        return head
    push = world.push(f"{line_of(8)}:refs/heads/topic", timeout=LONG)
    undetermined(push, "shorten their messages")
    accepted(world.push(f"{line_of(5)}:refs/heads/topic", timeout=LONG))


@case
def message_of_many_lines():
    """A message of four million lines, or that names 400,000 people, takes no longer than it is long,
    and nobody has to read all of them."""
    world = World()
    many = world.change(message="Change it\n\n" + "a\n" * 4_000_000)
    accepted(world.push(f"{many}:refs/heads/many", timeout=LONG))
    named = "".join(f"Co-authored-by: {n:x}\n" for n in range(400_000))
    head = world.change({"b.txt": "b\n"}, message="Change it\n\n" + named)
    accepted(world.push(f"{head}:refs/heads/people", timeout=LONG))
    world.approve(head)
    push = world.land(world.merge(head), timeout=LONG)
    refused(push, "pull_request", "and more whom the policy does not know")
    check(len(push.lines) < 100, f"{len(push.lines)} lines")
    world.must_land(world.change({"c.txt": "c\n"}, message=(
        "Change it\n\n" + "Co-authored-by: Alice <alice@wrk.example>\n" * 10_000)))


@case
def large_tree():
    """A change of 20,000 files is judged file by file."""
    world = World(files(only("pull_request", "file_path_restriction")))
    blob = world.blob("x\n")
    edits = {f"d{n % 200}/f{n}.txt": ("100644", blob) for n in range(20_000)}
    head = world.change(edits)
    world.approve(head)
    accepted(world.land(world.merge(head), timeout=LONG))
    head = world.change({**{f"e/{n}.txt": ("100644", blob) for n in range(5_000)},
                         "e/x.pem": ("100644", blob)})
    world.approve(head)
    refused(world.land(world.merge(head), timeout=LONG), "file_path_restriction", "e/x.pem")


@case
def deep_tree():
    """A path of 1,500 folders does not exhaust anything."""
    world = World()
    head = world.change({"/".join("d" for _ in range(1_500)) + "/f": "x\n"})
    world.approve(head)
    push = world.land(world.merge(head), timeout=LONG)
    if push.exit != 0:
        refused(push, push.rules & {"well_formed", "max_file_path_length"} or "well_formed")


@case
def note_of_many_lines():
    """A note with 400 lines is read whole: the one that counts is found."""
    world = World()
    head = world.change()
    base, digest = world.master, world.digest(head, world.master)

    def line(n):
        said = evidence.statement(head, evidence.review(
            head, base, digest, state="withdrawn", comment=str(n)), evidence.REVIEW)
        return evidence.envelope(said, "carol", "gate-review").on(head)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        lines = list(pool.map(line, range(400)))
    accepted(world.push(f"{world.note(*lines)}:{NOTES}", timeout=LONG))
    refused(world.land(world.merge(head), timeout=LONG), "pull_request")
    world.approve(head, "bob")
    accepted(world.land(world.merge(head), timeout=LONG))


@case
def many_notes():
    """Evidence on 300 objects, fanned out by git, is found."""
    world = World()
    base = world.master
    tree = world.tree_of(base)
    heads = [world.commit(tree, [base], "alice", message=f"{n}") for n in range(300)]

    def line(head):
        said = evidence.statement(head, evidence.review(head, base, "0" * 64), evidence.REVIEW)
        return evidence.envelope(said, "bob", "gate-review").on(head)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        lines = list(pool.map(line, heads))
    rows = [(b"100644", row.subject, world.blob(bytes(row) + b"\n")) for row in lines]
    flat = world.git("mktree", "--missing", input="".join(
        f"100644 blob {blob}\t{name}\n" for _, name, blob in sorted(rows, key=lambda r: r[1])))
    notes = world.commit(flat, [], "bob", message="Notes")
    accepted(world.push(f"{notes}:{NOTES}", timeout=LONG))
    head = world.change()
    world.approve(head)
    accepted(world.land(world.merge(head), timeout=LONG))


def landing_of(world, edits, **options):
    head = world.change(edits)
    world.approve(head)
    return world.land(world.merge(head), timeout=LONG, **options)


@case
def long_policy():
    """A policy of 10,000 lines is read, or refused with its file's name; it is never guessed."""
    world = World()
    rulesets = "".join(
        f"- name: r{n}\n  include: [refs/heads/r{n}]\n  rules: {{deletion: {{}}}}\n"
        for n in range(3_400))
    push = landing_of(world, {"policies/more.yml": f"rulesets:\n{rulesets}"})
    if push.exit != 0:
        refused(push, "policy", "more.yml")
    refused(world.land(world.change({"evil.txt": "evil\n"}), timeout=LONG), "pull_request")


@case
def huge_policy():
    """A policy file of 20 MB is refused by its size."""
    world = World()
    refused(landing_of(world, {"policies/more.yml": "# x\n" * 5_000_000}), "policy", "more.yml")
    world.must_land(world.change())


@case
def billion_laughs():
    """Aliases that expand without bound are refused at once."""
    world = World()
    rows = ["a0: &a0 [x,x,x,x,x,x,x,x,x]\n"]
    rows += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)]
    refused(landing_of(world, {"policies/more.yml": "".join(rows)}), "policy", "more.yml")
    world.must_land(world.change())


@case
def deep_yaml():
    """YAML nested a hundred thousand deep is refused."""
    world = World()
    refused(landing_of(world, {"policies/more.yml": "[" * 100_000}), "policy", "more.yml")
    refused(landing_of(world, {"policies/more.yml": "rulesets: " + "{a: " * 50_000}), "policy",
            "more.yml")


def pattern_case(name, pattern, subject, matches):
    def act():
        world = World()
        rules = only("pull_request", commit_message_pattern={
            "pattern": pattern, "scope": "subject"})
        push = landing_of(world, {"policies/master.yml": files(rules)["policies/master.yml"]})
        if push.exit != 0:
            refused(push, "policy", "master.yml")
            return
        head = world.change(message=subject)
        world.approve(head)
        push = world.land(world.merge(head, message="aa"), timeout=LONG)
        if matches:
            accepted(push)
        else:
            refused(push, "commit_message_pattern")
    act.__doc__ = f"The pattern {pattern} needs no more time than its text is long."
    act.__name__ = f"pattern_{name}"
    case(act)


for row in (
    ("nested", "^(a+)+$", "a" * 5_000 + "b", False),
    ("alternatives", "^(a|a)*$", "a" * 5_000 + "b", False),
    ("stars", "^" + ".*a" * 25 + "$", "a" * 5_000 + "b", False),
    ("optional", "^" + "a?" * 60 + "a" * 60 + "$", "a" * 60, True),
    ("counted", "^([a-z]{1,50}){1,50}$", "a" * 2_400 + "1", False),
):
    pattern_case(*row)


@case
def path_pattern_backtracking():
    """A path pattern of many stars is matched in time linear in the path."""
    rules = only("pull_request", file_path_restriction={
        "forbid": ["**/" + "*a" * 40 + "b", "/".join(["**"] * 30) + "/x", "a/**/b/**/c/**/d.pem"]})
    world = World(files(rules))
    accepted(landing_of(world, {"/".join(["a" * 90] * 20) + "/" + "a" * 200: "x\n"}))
    refused(landing_of(world, {"a/x/b/y/z/c/d.pem": "x\n"}), "file_path_restriction")


@case
def ref_pattern_backtracking():
    """A ref pattern of many stars is matched in time linear in the name."""
    from kit.policy import ruleset

    world = World(files(rulesets=[
        ruleset(only("pull_request")),
        ruleset(only("creation"), "stars", ["refs/heads/" + "*a" * 40 + "b",
                                            "/".join(["refs/heads"] + ["**"] * 30) + "/x"])]))
    accepted(world.land(world.change(), "refs/heads/" + "a" * 240, timeout=LONG))
    refused(world.land(world.change(), "refs/heads/p/q/x", timeout=LONG), "creation")
