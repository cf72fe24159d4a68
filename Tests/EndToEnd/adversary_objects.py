"""Threats, "Objects": what git and libgit2 read differently. git's own check is on at first, and
then switched off on the server one message at a time, so that gate itself must refuse."""

from kit import World, accepted, case, check, files, only, people, refused, refused_by_git
from kit.raw import object_id, push_pack, tree_bytes

MASTER = "refs/heads/master"
IDENT = "Alice <alice@wrk.example> 1790000000 +0000"
ALL_OFF = (
    "badDate", "badDateOverflow", "badEmail", "badFilemode", "badName", "badObjectSha1",
    "badParentSha1", "badTagName", "badTimezone", "badTree", "badTreeSha1", "badType",
    "duplicateEntries", "emptyName", "extraHeaderEntry", "fullPathname", "gitmodulesSymlink",
    "gitmodulesName", "gitmodulesPath", "gitmodulesUrl", "hasDot", "hasDotdot", "hasDotgit",
    "missingAuthor", "missingCommitter", "missingEmail", "missingNameBeforeEmail", "missingObject",
    "missingSpaceBeforeDate", "missingSpaceBeforeEmail", "missingTag", "missingTagEntry",
    "missingTaggerEntry", "missingTree", "missingType", "missingTypeEntry", "multipleAuthors",
    "nulInCommit", "nullSha1", "treeNotSorted", "unknownType", "zeroPaddedDate",
    "zeroPaddedFilemode",
)


class Hostile(World):
    """A world whose client sends any object and whose server's git looks away."""

    def __init__(self, policy=None, looks_away=True):
        super().__init__(policy)
        if looks_away:
            path = self.server.path / "config"
            with open(path, "a") as config:
                config.write("[receive \"fsck\"]\n")
                config.writelines(f"\t{name} = ignore\n" for name in ALL_OFF)
        self.objects = []

    def add(self, kind, data):
        """An object for the next push only; its id."""
        data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")
        self.objects.append((kind, data))
        return object_id(kind, data)

    def deliver(self, ref, new, old=None):
        old = old or self.server.refs().get(ref, "0" * 40)
        push = push_pack(self.server, [(ref, old, new)], self.objects)
        self.objects = []
        return push

    def usual_commit(self, tree=None, **parts):
        """The bytes of a good commit on master, of which a case changes one part."""
        return commit_bytes(tree or self.tree_of(self.master), self.master, **parts)


def commit_bytes(tree, parent, *, author=f"author {IDENT}\n", committer=f"committer {IDENT}\n",
                 headers="", message="Change it\n", first="", trees=None, parents=None):
    trees = f"tree {tree}\n" if trees is None else trees.replace("TREE", tree)
    parents = f"parent {parent}\n" if parents is None else parents.replace("PARENT", parent)
    return f"{first}{trees}{parents}{author}{committer}{headers}\n{message}"


# Name, what is wrong, and the parts of the commit that make it so.
COMMITS = (
    ("two_authors", "two author lines",
     {"author": f"author {IDENT}\nauthor Bob <bob@wrk.example> 1 +0000\n"}),
    ("no_author", "no author", {"author": ""}),
    ("no_committer", "no committer", {"committer": ""}),
    ("two_committers", "two committer lines", {"committer": f"committer {IDENT}\n" * 2}),
    ("two_trees", "two tree lines", {"trees": "tree TREE\ntree TREE\n"}),
    ("no_tree", "no tree", {"trees": ""}),
    ("tree_after_parent", "the parent before the tree", {"first": "parent " + "1" * 40 + "\n"}),
    ("parent_after_author", "a parent behind the author",
     {"author": f"author {IDENT}\nparent {'2' * 40}\n"}),
    ("committer_first", "the committer before the author",
     {"author": f"committer {IDENT}\n", "committer": f"author {IDENT}\n"}),
    ("short_parent", "an abbreviated parent", {"parents": "parent abcdef0\n"}),
    ("upper_case_id", "a tree id in capitals", {"trees": "tree " + "A" * 40 + "\n"}),
    ("no_email", "an author without address", {"author": "author Alice 1790000000 +0000\n"}),
    ("two_emails", "an author with two addresses",
     {"author": "author Alice <alice@wrk.example> <bob@wrk.example> 1790000000 +0000\n"}),
    ("open_email", "an address without its end",
     {"author": "author Alice <alice@wrk.example 1790000000 +0000\n"}),
    ("nested_email", "an address inside an address",
     {"author": "author Alice <alice@wrk.example<bob@wrk.example>> 1790000000 +0000\n"}),
    ("no_date", "an author without date", {"author": "author Alice <alice@wrk.example>\n"}),
    ("huge_date", "a date beyond 64 bits",
     {"author": f"author Alice <alice@wrk.example> {'9' * 30} +0000\n"}),
    ("word_date", "a date in words",
     {"author": "author Alice <alice@wrk.example> yesterday +0000\n"}),
    ("bad_zone", "a time zone in words",
     {"author": "author Alice <alice@wrk.example> 1790000000 CEST\n"}),
    ("two_signatures", "two signature headers",
     {"headers": "gpgsig -----BEGIN SSH SIGNATURE-----\n x\n -----END SSH SIGNATURE-----\n" * 2}),
)


def never_lands(world, bad):
    """`bad` was added to the next push: master does not take it, neither straight nor after it
    came in by a branch that nothing guards."""
    objects = list(world.objects)
    push = world.deliver(MASTER, bad)
    if "pre-receive hook declined" in push.stderr:
        refused(push, "well_formed", also=["pull_request", "file_path_restriction"])
    else:
        refused_by_git(push)
    world.objects = objects
    push = world.deliver("refs/heads/topic", bad)
    if push.exit != 0:
        refused_by_git(push)
        return
    push = push_pack(world.server, [(MASTER, world.master, bad)], [])
    refused(push, "well_formed", also=["pull_request"])


def commit_case(name, words, parts):
    def act():
        for looks_away in (False, True):
            world = Hostile(looks_away=looks_away)
            never_lands(world, world.add("commit", world.usual_commit(**parts)))
        good = world.add("commit", world.usual_commit())
        accepted(world.deliver("refs/heads/good", good))
    act.__doc__ = f"A commit with {words} does not land, whether or not git looks away."
    act.__name__ = f"commit_{name}"
    case(act)


for row in COMMITS:
    commit_case(*row)


def tree_case(name, words, entries):
    """`entries` gives the tree's entries from a blob id and a tree id."""
    def act():
        for looks_away in (False, True):
            world = Hostile(looks_away=looks_away)
            blob = world.add("blob", "text\n")
            folder = world.add("tree", tree_bytes(("100644", "file", blob)))
            tree = world.add("tree", tree_bytes(*entries(blob, folder)))
            never_lands(world, world.add("commit", world.usual_commit(tree)))
        blob = world.add("blob", "text\n")
        tree = world.add("tree", tree_bytes(("100644", "a", blob), ("100644", "b", blob)))
        accepted(world.deliver("refs/heads/good", world.add("commit", world.usual_commit(tree))))
    act.__doc__ = f"A tree with {words} does not land, whether or not git looks away."
    act.__name__ = f"tree_{name}"
    case(act)


TREES = (
    ("duplicate", "one name twice", lambda b, t: [("100644", "a", b), ("100755", "a", b)]),
    ("duplicate_file_folder", "a file and a folder of one name",
     lambda b, t: [("100644", "a", b), ("100644", "a.b", b), ("40000", "a", t)]),
    ("unsorted", "entries out of order", lambda b, t: [("100644", "b", b), ("100644", "a", b)]),
    ("unsorted_folder", "a folder sorted as a file",
     lambda b, t: [("40000", "a", t), ("100644", "a.b", b)]),
    ("dot_dot", "an entry called ..", lambda b, t: [("40000", "..", t)]),
    ("dot", "an entry called .", lambda b, t: [("40000", ".", t)]),
    ("dot_git", "an entry called .git", lambda b, t: [("40000", ".git", t)]),
    ("dot_git_capital", "an entry called .GIT", lambda b, t: [("40000", ".GIT", t)]),
    ("git_short_name", "an entry called git~1", lambda b, t: [("40000", "git~1", t)]),
    ("slash", "a slash in a name", lambda b, t: [("100644", "a/b", b)]),
    ("slash_policy", "policies/master.yml as one name",
     lambda b, t: [("100644", "policies/master.yml", b)]),
    ("empty_name", "an empty name", lambda b, t: [("100644", "", b)]),
    ("unknown_mode", "an unknown mode", lambda b, t: [("160755", "a", b)]),
    ("padded_mode", "a mode with a zero before it", lambda b, t: [("0100644", "a", b)]),
    ("null_id", "an entry without object", lambda b, t: [("100644", "a", "0" * 40)]),
    ("blob_as_tree", "a file that claims to be a folder", lambda b, t: [("40000", "a", b)]),
    ("tree_as_blob", "a folder that claims to be a file", lambda b, t: [("100644", "a", t)]),
)

for row in TREES:
    tree_case(*row)


@case
def tree_truncated():
    """A tree that ends inside an entry is refused."""
    for looks_away in (False, True):
        world = Hostile(looks_away=looks_away)
        blob = world.add("blob", "text\n")
        tree = world.add("tree", tree_bytes(("100644", "a", blob))[:-3])
        refused_by_git(world.deliver("refs/heads/topic", world.add(
            "commit", world.usual_commit(tree))))


@case
def tree_deep_below():
    """A hostile tree deep inside a change, removed again by its head, is refused all the same."""
    world = Hostile()
    blob = world.add("blob", "text\n")
    bad = world.add("tree", tree_bytes(("100644", "b", blob), ("100644", "a", blob)))
    outer = world.add("tree", tree_bytes(("40000", "x", bad)))
    first = world.add("commit", world.usual_commit(outer))
    second = world.add("commit", commit_bytes(world.tree_of(world.master), first))
    never_lands(world, second)
    world.must_land(world.change({"x/y/z.txt": "z\n"}))


@case
def nul_in_message():
    """A commit message with a NUL byte, behind which readers see different texts, does not land."""
    world = Hostile()
    never_lands(world, world.add(
        "commit", world.usual_commit(message="Change it\n\0Gate-Head: x\n")))
    good = world.add("commit", world.usual_commit(message="Change it\n\n\u2400\n"))
    accepted(world.deliver("refs/heads/good", good))


@case
def nul_in_header():
    """A NUL byte in a commit's header is refused."""
    for looks_away in (False, True):
        world = Hostile(looks_away=looks_away)
        bad = world.add("commit", world.usual_commit(
            author="author Alice\0 <alice@wrk.example> 1790000000 +0000\n"))
        refused_by_git(world.deliver("refs/heads/topic", bad))


@case
def signature_text_in_the_message():
    """gpgsig as text in a message is no signature, and no error either."""
    world = World(files(only("pull_request", "required_signatures")))
    signed = world.git("cat-file", "commit", world.change(sign="alice"))
    signature = signed[signed.index("gpgsig "):signed.index("\n\n")]
    head = world.change(message=f"Change it\n\n{signature}\n")
    world.approve(head)
    refused(world.land(world.merge(head)), "required_signatures")
    good = world.change(message=f"Change it\n\n{signature}\n", sign="alice")
    world.approve(good)
    accepted(world.land(world.merge(good)))


@case
def signature_of_another_commit():
    """A signature copied from another commit is no signature."""
    world = World(files(only("pull_request", "required_signatures")))
    signed = world.git("cat-file", "commit", world.change(sign="alice"))
    signature = signed[signed.index("gpgsig "):signed.index("\n\n") + 1]
    plain = world.git("cat-file", "commit", world.change({"evil.txt": "evil\n"}))
    at = plain.index("\n\n") + 1
    head = world.object("commit", plain[:at] + signature + plain[at:] + "\n")
    world.approve(head)
    refused(world.land(world.merge(head)), "required_signatures")
    good = world.change({"good.txt": "good\n"}, sign="alice")
    world.approve(good)
    accepted(world.land(world.merge(good)))


@case
def signature_in_another_namespace():
    """A signature of a commit's bytes that was made for something else does not count."""
    from kit.evidence import sign

    world = World(files(only("pull_request", "required_signatures")))
    plain = world.git("cat-file", "commit", world.change()) + "\n"

    def signed(namespace):
        blob = sign(plain.encode(), "alice", namespace)
        rows = [blob[i:i + 70] for i in range(0, len(blob), 70)]
        text = "\n ".join(["-----BEGIN SSH SIGNATURE-----", *rows,
                           "-----END SSH SIGNATURE-----"])
        at = plain.index("\n\n") + 1
        head = world.object("commit", f"{plain[:at]}gpgsig {text}\n{plain[at:]}")
        world.approve(head)
        return world.merge(head)
    refused(world.land(signed("gate-review")), "required_signatures")
    accepted(world.land(signed("git")))


@case
def unknown_header():
    """A header that git does not know is kept and believed in nothing."""
    world = Hostile()
    odd = world.add("commit", world.usual_commit(headers="reviewed-by bob@wrk.example\n"))
    accepted(world.deliver("refs/heads/topic", odd))
    refused(world.land(odd, MASTER) if world.git("cat-file", "-e", odd, check=False) else
            push_pack(world.server, [(MASTER, world.master, odd)], []), "pull_request")


@case
def tag_that_lies_about_its_target():
    """A tag object whose type is not its target's is refused; a true one is not."""
    text = "object {}\ntype {}\ntag v1\ntagger " + IDENT + "\n\nFirst\n"
    for looks_away in (False, True):
        world = Hostile(looks_away=looks_away)
        bad = world.add("tag", text.format(world.master, "tree"))
        refused_by_git(world.deliver("refs/tags/v1", bad))
    good = world.add("tag", text.format(world.master, "commit"))
    accepted(world.deliver("refs/tags/v1", good))


@case
def tag_without_type():
    """A tag object without a type line is refused."""
    for looks_away in (False, True):
        world = Hostile(looks_away=looks_away)
        bad = world.add("tag", f"object {world.master}\ntag v1\ntagger {IDENT}\n\nFirst\n")
        refused_by_git(world.deliver("refs/tags/v1", bad))


@case
def master_at_a_tag_object():
    """master never points at anything but a commit."""
    world = World()
    tag = world.git("mktag", input=(
        f"object {world.master}\ntype commit\ntag v1\ntagger {IDENT}\n\nFirst\n"))
    push = world.land(tag, MASTER)
    check(push.exit != 0 and not push.before.difference(push.after), push.stderr)
    push = world.push(f"+{tag}:{MASTER}")
    check(push.exit != 0 and not push.before.difference(push.after), push.stderr)
    accepted(world.land(tag, "refs/tags/v1"))


@case
def missing_parent():
    """A pack that lacks a commit's parent is refused."""
    world = Hostile()
    bad = world.add("commit", world.usual_commit(parents="parent " + "3" * 40 + "\n"))
    refused_by_git(world.deliver("refs/heads/topic", bad))


@case
def missing_blob():
    """A pack that lacks a file's content is refused."""
    world = Hostile()
    tree = world.add("tree", tree_bytes(("100644", "a", "4" * 40)))
    refused_by_git(world.deliver("refs/heads/topic", world.add("commit", world.usual_commit(tree))))


@case
def unreachable_extra_object():
    """A hostile object that nothing in the push reaches does not come in with a good commit."""
    for looks_away in (False, True):
        world = Hostile(looks_away=looks_away)
        blob = world.add("blob", "text\n")
        bad = world.add("tree", tree_bytes(("100644", "b", blob), ("100644", "a", blob)))
        push = world.deliver("refs/heads/topic", world.add("commit", world.usual_commit()))
        if looks_away:
            refused(push, "well_formed")
        else:
            refused_by_git(push)
        check(not world.server.has(bad), "a hostile object came in unseen")
        accepted(world.deliver("refs/heads/topic", world.add("commit", world.usual_commit())))


@case
def replace_ref_on_the_server():
    """A replace ref that is already on the server redirects git, not the gate."""
    world = World()
    good = world.change({"good.txt": "good\n"})
    evil = world.change({"evil.txt": "evil\n"})
    world.approve(good)
    accepted(world.land(evil, "refs/heads/evil"))
    accepted(world.land(good, "refs/heads/good"))
    world.server.git("update-ref", f"refs/replace/{evil}", good)
    refused(world.land(world.merge(evil)), "pull_request")
    accepted(world.land(world.merge(good)))


@case
def replace_ref_of_the_policy():
    """A replace ref for master's own commit does not replace the policy."""
    world = World()
    weak = world.change(files(only("deletion")))
    accepted(world.land(weak, "refs/heads/weak"))
    world.server.git("update-ref", f"refs/replace/{world.master}", weak)
    refused(world.land(world.change(on=world.master)), "pull_request")


@case
def grafts_on_the_server():
    """A graft that gives a commit other parents does not mislead the gate."""
    world = World()
    good, evil = world.change({"good.txt": "good\n"}), world.change({"evil.txt": "evil\n"})
    world.approve(good)
    accepted(world.land(evil, "refs/heads/evil"))
    accepted(world.land(good, "refs/heads/good"))
    landing = world.merge(good)
    graft = world.server.path / "info" / "grafts"
    graft.parent.mkdir(exist_ok=True)
    graft.write_text(f"{world.change({'x': 'x'}, on=evil)} {world.master} {good}\n")
    refused(world.land(world.merge(evil)), "pull_request")
    accepted(world.land(landing))


@case
def shallow_server():
    """A shallow server cannot show its history, so that nothing lands, reviewed or not."""
    world = World()
    head = world.change()
    world.approve(head)
    landing = world.merge(head)
    (world.server.path / "shallow").write_text(world.master + "\n")
    push = world.land(landing)
    check(push.exit != 0 and not push.before.difference(push.after), push.stderr)
    check("shallow" in push.stderr, f"the refusal does not say why:\n{push.stderr}")
    (world.server.path / "shallow").unlink()
    accepted(world.land(landing))


@case
def shallow_client():
    """A push from a shallow clone of an approved change lands; of another it does not."""
    world = World()
    head = world.change({"good.txt": "good\n"})
    world.approve(head)
    landing, evil = world.merge(head), world.change({"evil.txt": "evil\n"})
    (world.path / "shallow").write_text(world.master + "\n")
    refused(world.land(evil), "pull_request")
    accepted(world.land(landing))


@case
def shallow_push_that_makes_the_server_shallow():
    """With receive.shallowUpdate a push could cut the server's history; it is refused."""
    world = World()
    world.server.git("config", "receive.shallowUpdate", "true")
    orphan = world.change(on=world.change({"hidden.txt": "hidden\n"}))
    (world.path / "shallow").write_text(orphan + "\n")
    push = world.land(orphan, "refs/heads/topic")
    check(push.exit != 0 and not push.before.difference(push.after), push.stderr)
    (world.path / "shallow").unlink()
    world.server.git("config", "receive.shallowUpdate", "false")
    accepted(world.land(orphan, "refs/heads/topic"))


RESTRICTED = files(only("pull_request", file_path_restriction={"forbid": ["caf\u00e9/**"]}))


@case
def paths_are_bytes():
    """A path in another Unicode form is another path, for rules and for the policy."""
    world = World(RESTRICTED)

    def landing(path):
        head = world.change({path: "x\n"})
        world.approve(head)
        return world.land(world.merge(head))
    refused(landing("caf\u00e9/menu.txt"), "file_path_restriction")
    refused(landing("caf\u00e9/\u0301.txt"), "file_path_restriction")
    accepted(landing("cafe\u0301/menu.txt"))


@case
def path_is_not_utf8():
    """A path that is not UTF-8 is judged by its bytes and shown without them."""
    world = World(files(only("pull_request", file_path_restriction={"forbid": ["**/*.pem"]})))

    def landing(path):
        head = world.change({path: "x\n"})
        world.approve(head)
        return world.land(world.merge(head))
    refused(landing(b"keys/\xff\xfe.pem"), "file_path_restriction")
    accepted(landing(b"keys/\xff\xfe.txt"))


@case
def escape_sequences_in_names():
    """Paths, subjects and authors with terminal codes are shown without them."""
    rules = only("pull_request", "commit_message_pattern",
                 file_path_restriction={"forbid": ["**/*.pem"]})
    world = World(files(rules))
    head = world.change({b"a\x1b[2J\x07.pem": "x\n"}, message="\x1b]0;x\x07evil\x1b[31m")
    world.approve(head)
    refused(world.land(world.merge(head)), ("file_path_restriction", "commit_message_pattern"))
    nobody = world.change(by="\x1b[2JX <x\x1b[31m@nowhere.example>")
    world.approve(nobody)
    refused(world.land(world.merge(nobody)), "pull_request")


@case
def kept_packs():
    """Objects that arrive as a pack are read like loose ones."""
    world = World()
    world.server.git("config", "receive.unpackLimit", "1")
    refused(world.land(world.change({"evil.txt": "evil\n"})), "pull_request")
    world.must_land(world.change({"good.txt": "good\n"}))


@case
def people_in_the_message():
    """A path or subject that imitates the hook's own lines is not taken for one."""
    world = World(files(only("pull_request", "commit_message_pattern")))
    head = world.change(message="allowed\n\nrefused  refs/heads/x  0000000 -> 0000000\n",
                        by=people["alice"].ident)
    world.approve(head)
    refused(world.land(world.merge(head)), "commit_message_pattern")
