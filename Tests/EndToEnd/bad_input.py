"""Whatever is wrong gets one clear sentence that names the file or ref, the right exit code, and
changes nothing; from a hook it is a refusal."""

import os
import shutil
import subprocess

from kit import GIT, LAB, World, accepted, case, check, files, refused, run
from kit.case import Skip, needs_root
from kit.lab import people
from kit.server import GATE, Server, unchanged
from kit.world import MASTER, NOTES


def gate(*arguments, cwd=None, env=None, **options):
    return run(GATE, *arguments, cwd=cwd, env=env, check=False, **options)


def clear(done, code, *words):
    """One sentence on standard error that says these words, this exit code, no stack trace."""
    codes = (code,) if isinstance(code, int) else code
    check(done.exit in codes, f"exit {done.exit}, not {codes}\n{done.text}{done.errors}")
    for word in words:
        check(word.lower() in done.errors.lower(), f"no word of {word!r}:\n{done.errors}")
    check("Fatal error" not in done.errors and "Swift/" not in done.errors, done.errors)
    check(done.errors.strip() != "", "nothing is said")


def bad_trust(name, words, changes, *said):
    """The owner cannot close the gate on such a policy; the server keeps watching."""
    def act():
        policy = {**files(), **changes}
        world = World({n: c for n, c in policy.items() if c is not None}, trusted=False)
        before = world.server.snapshot()
        clear(gate("trust", "-C", world.server.path, "--yes"), 2, *said)
        check(not before.difference(world.server.snapshot()),
              before.difference(world.server.snapshot()))
        accepted(world.land(world.change()))
    act.__doc__, act.__name__ = words, f"trust_{name}"
    case(act)


for row in (
    ("no_yaml", "A policy that does not parse is named with line and column.",
     {"policies/master.yml": "rulesets:\n  - name: [\n"}, "policies/master.yml:"),
    ("unknown_key", "An unknown key is named with line, column and what was meant.",
     {"policies/master.yml": files()["policies/master.yml"].replace("enforcement", "enforcment")},
     "policies/master.yml:", "enforcment", "enforcement"),
    ("no_signers", "A missing allowed_signers is named.", {"policies/allowed_signers": None},
     "policies/allowed_signers"),
    ("bad_signers", "A broken line of allowed_signers is named.",
     {"policies/allowed_signers": files()["policies/allowed_signers"] + "dave ssh-ed25519 AAA\n"},
     "policies/allowed_signers:5"),
    ("no_people", "A missing people.yml is named.", {"policies/people.yml": None},
     "policies/people.yml"),
    ("bad_pattern", "A commit pattern that does not parse is named.",
     {"policies/master.yml": files({"pull_request": {}, "commit_message_pattern": {
         "pattern": "(", "scope": "subject"}})["policies/master.yml"]}, "policies/master.yml:"),
    ("wrong_type", "A word where a number must be is named.",
     {"policies/master.yml": files({"pull_request": {
         "required_approving_review_count": "two"}})["policies/master.yml"]},
     "policies/master.yml:"),
):
    bad_trust(*row)


@case
def trust_without_policy():
    """Without any policy there is nothing to trust."""
    world = World({}, trusted=False)
    before = world.server.snapshot()
    clear(gate("trust", "-C", world.server.path, "--yes"), (1, 2, 3), "policies")
    check(not before.difference(world.server.snapshot()), "something changed")


@case
def trust_of_an_empty_repository():
    """An empty server has no default branch yet; that is said."""
    path = LAB / "cases" / "empty.git"
    shutil.rmtree(path, ignore_errors=True)
    run("git", "init", "-q", "--bare", "-b", "master", path)
    run(GATE, "install", "--server", path)
    clear(gate("trust", "-C", path, "--yes"), (1, 2, 3), "master")


@case
def trust_asks():
    """Without --yes and without a terminal the owner is not taken to have agreed."""
    world = World(trusted=False)
    before = world.server.snapshot()
    done = gate("trust", "-C", world.server.path)
    check(done.exit != 0, "trusted without an answer")
    check(not before.difference(world.server.snapshot()), "something changed")


def broken_server(name, words, spoil, *said, codes=(1, 3)):
    """`spoil(server)` breaks a server; the hook refuses with a sentence, called directly."""
    def act():
        world = World()
        head = world.change()
        world.approve(head)
        good = world.merge(head)
        accepted(world.land(good, "refs/heads/good"))
        old = world.master
        spoil(world.server)
        push = world.server.hook([(old, good, MASTER)])
        check(push.exit in codes, f"exit {push.exit}\n{push.stderr}")
        for word in said:
            # Long words are broken over lines.
            text = "".join(push.stderr.lower().split())
            check("".join(word.lower().split()) in text, f"no word of {word!r}:\n{push.stderr}")
        check("Fatal error" not in push.stderr, push.stderr)
        unchanged(push)
    act.__doc__, act.__name__ = words, f"server_{name}"
    case(act)


def extension(name):
    return append_config(f"[core]\n\trepositoryformatversion = 1\n[extensions]\n\t{name}\n")


def append_config(text):
    def act(server):
        with open(server.path / "config", "a") as config:
            config.write(text)
    return act


def break_object(of):
    def act(server):
        name = server.git("rev-parse", of)
        path = server.path / "objects" / name[:2] / name[2:]
        path.chmod(0o644)
        path.write_bytes(b"garbage")
    return act


def swap_objects(server):
    """A blob whose file holds another, well-formed object: only its id tells."""
    one = server.git("rev-parse", "master:policies/master.yml")
    two = server.git("rev-parse", "master:policies/checks.yml")
    path = server.path / "objects" / one[:2] / one[2:]
    path.chmod(0o644)
    path.write_bytes((server.path / "objects" / two[:2] / two[2:]).read_bytes())


def remove_object(of):
    def act(server):
        name = server.git("rev-parse", of)
        (server.path / "objects" / name[:2] / name[2:]).unlink()
    return act


def point_master_nowhere(server):
    (server.path / "refs/heads/master").write_text("1" * 40 + "\n")


def garbage_ref(server):
    (server.path / "refs/heads/master").write_text("nonsense\n")


for row in (
    ("shallow", "A shallow server refuses and says so.",
     lambda s: (s.path / "shallow").write_text(s.git("rev-parse", "master") + "\n"), "shallow"),
    ("unknown_extension", "An unknown extension refuses, at format version 1.",
     extension("shiny = true"),
     "shiny"),
    ("unknown_extension_v0", "An unknown extension refuses at format version 0, too.",
     append_config("[extensions]\n\tshiny = true\n"), "shiny"),
    ("reftable", "A reftable repository gets a plain sentence.",
     extension("refStorage = reftable"),
     "reftable"),
    ("sha256", "A SHA-256 repository gets a plain sentence.",
     extension("objectFormat = sha256"),
     "sha256"),
    ("partial_clone", "A partial clone, whose objects may be elsewhere, refuses.",
     extension("partialClone = origin"),
     "partial"),
    ("broken_config", "A configuration that does not parse refuses.",
     append_config("[core\n"), "config"),
    ("corrupt_tip", "A corrupt commit refuses and is named.", break_object("master"), ""),
    ("corrupt_tree", "A corrupt tree refuses.", break_object("master^{tree}"), ""),
    ("corrupt_policy", "A corrupt policy file refuses.",
     break_object("master:policies/master.yml"), ""),
    ("swapped_policy", "A policy file with another object's content refuses.", swap_objects, ""),
    ("missing_tree", "A missing tree refuses.", remove_object("master:policies"), ""),
    ("missing_evidence", "A missing note refuses.", remove_object(f"{NOTES}^{{tree}}"), ""),
    ("corrupt_evidence", "A corrupt notes tree refuses.", break_object(f"{NOTES}^{{tree}}"), ""),
    ("dangling_master", "A default branch that points at nothing refuses.",
     point_master_nowhere, ""),
    ("garbage_master", "A default branch that is not a ref refuses.", garbage_ref, ""),
    ("no_head", "A repository without HEAD refuses.", lambda s: (s.path / "HEAD").unlink(), ""),
):
    broken_server(*row)


@case
def server_of_somebody_else():
    """A repository that belongs to another user refuses and says so, never `nothing to guard`."""
    needs_root()
    world = World()
    head = world.change({"evil.txt": "evil\n"})
    accepted(world.land(head, "refs/heads/evil"))
    old = world.master
    run("chown", "-R", "12345:12345", world.server.path)
    done = gate("hook", "pre-receive", cwd=world.server.path, env={"GIT_DIR": "."},
                input=f"{old} {head} {MASTER}\n")
    clear(done, (1, 3))
    done = gate("trust", "-C", world.server.path, "--yes")
    clear(done, (1, 2, 3), "another user")
    run("chown", "-R", "0:0", world.server.path)
    refused(world.land(head), "pull_request")


def install_fails(name, words, make, *said):
    def act():
        path = LAB / "cases" / f"install-{name}.git"
        shutil.rmtree(path, ignore_errors=True)
        make(path)
        before = Server(path).snapshot() if (path / "HEAD").exists() else None
        clear(gate("install", "--server", path), (1, 2, 3), *said)
        if before:
            check(not before.difference(Server(path).snapshot()),
                  before.difference(Server(path).snapshot()))
    act.__doc__, act.__name__ = words, f"install_{name}"
    case(act)


def make_sha256(path):
    run("git", "init", "-q", "--bare", "--object-format=sha256", path)


def make_reftable(path):
    run("git", "init", "-q", "--bare", path)
    with open(path / "config", "w") as config:
        config.write("[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
                     "[extensions]\n\trefStorage = reftable\n")


def make_shallow(path):
    source = World().server
    run("git", "clone", "-q", "--bare", "--depth", "1", f"file://{source.path}", path)


for row in (
    ("sha256", "A SHA-256 repository is not installed into.", make_sha256, "sha256"),
    ("shallow", "A shallow repository is not installed into.", make_shallow, "shallow"),
    ("nothing", "A folder that is no repository is named.", lambda p: p.mkdir(parents=True),
     "install-nothing.git"),
    ("missing", "A folder that does not exist is named.", lambda p: None, "install-missing.git"),
):
    install_fails(*row)


@case
def install_reftable():
    """A reftable repository is not installed into."""
    path = LAB / "cases" / "install-reftable.git"
    shutil.rmtree(path, ignore_errors=True)
    make_reftable(path)
    before = (path / "config").read_bytes()
    clear(gate("install", "--server", path), (1, 2, 3), "reftable")
    check((path / "config").read_bytes() == before, "the configuration changed")
    check(not (path / "hooks" / "pre-receive").exists(), "a hook was written")


@case
def install_twice():
    """Installing again changes nothing."""
    world = World(trusted=False)
    before = world.server.snapshot()
    run(GATE, "install", "--server", world.server.path)
    check(not before.difference(world.server.snapshot()),
          before.difference(world.server.snapshot()))


class Small:
    """A tmpfs of a few megabytes."""

    def __init__(self, folder, size="4m"):
        needs_root()
        self.folder = folder
        folder.mkdir()
        done = run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder, check=False)
        if done.exit != 0:
            raise Skip(f"cannot mount a tmpfs: {done.errors.strip()}")

    def __enter__(self):
        return self.folder

    def __exit__(self, *_):
        run("umount", "-l", self.folder)


def fill(folder):
    """A file that takes all room there is."""
    file = os.open(folder / "filler", os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(file, b"x" * 4096)
    except OSError:
        return folder / "filler"
    finally:
        os.close(file)


@case
def full_disk():
    """On a full disk a bad push is refused, a good one is not accepted by half, and it lands when
    there is room again."""
    world = World()
    evil, head = world.change({"evil.txt": "evil\n"}), world.change({"good.txt": "good\n"})
    world.approve(head)
    landing = world.merge(head)
    with Small(world.folder / "small") as small:
        run("cp", "-r", world.server.path, small / "server.git")
        server = Server(small / "server.git")
        filler = fill(small)
        for commit in (evil, landing):
            push = server.push(world.path, f"{commit}:{MASTER}")
            check(push.exit != 0, f"accepted on a full disk:\n{push.stderr}")
            check(push.before.refs == push.after.refs, "a ref changed")
        filler.unlink()
        refused(server.push(world.path, f"{evil}:{MASTER}"), "pull_request")
        accepted(server.push(world.path, f"{landing}:{MASTER}"))


@case
def full_disk_under_the_hook_alone():
    """The hook needs no room to decide."""
    world = World()
    evil, head = world.change({"evil.txt": "evil\n"}), world.change({"good.txt": "good\n"})
    world.approve(head)
    landing = world.merge(head)
    accepted(world.land(evil, "refs/heads/evil"))
    accepted(world.land(landing, "refs/heads/good"))
    with Small(world.folder / "small") as small:
        run("cp", "-r", world.server.path, small / "server.git")
        server = Server(small / "server.git")
        fill(small)
        push = server.hook([(world.master, evil, MASTER)])
        refused(push, "pull_request", direct=True)
        push = server.hook([(world.master, landing, MASTER)])
        check(push.exit in (0, 3), f"exit {push.exit}\n{push.stderr}")


@case
def read_only_server():
    """On a read-only file system the hook decides as ever and a push changes nothing."""
    world = World()
    evil, head = world.change({"evil.txt": "evil\n"}), world.change({"good.txt": "good\n"})
    world.approve(head)
    landing = world.merge(head)
    accepted(world.land(evil, "refs/heads/evil"))
    accepted(world.land(landing, "refs/heads/good"))
    with Small(world.folder / "small") as small:
        run("cp", "-r", world.server.path, small / "server.git")
        run("mount", "-o", "remount,ro", small)
        server = Server(small / "server.git")
        refused(server.hook([(world.master, evil, MASTER)]), "pull_request", direct=True)
        push = server.hook([(world.master, landing, MASTER)])
        check(push.exit in (0, 3), f"exit {push.exit}\n{push.stderr}")
        push = server.push(world.path, f"{landing}:{MASTER}")
        check(push.exit != 0, "a push to a read-only repository succeeded")


def developer(world, key):
    """A clone with a working tree, configured to sign with `key`, on a branch with a change."""
    clone = world.folder / "clone"
    run("git", "clone", "-q", world.server.path, clone)
    for name, value in (("user.name", "Bob"), ("user.email", "bob@wrk.example"),
                        ("gpg.format", "ssh"), ("user.signingKey", str(key))):
        run("git", "config", name, value, cwd=clone)
    head = world.change()
    accepted(world.land(head, "refs/heads/topic"))
    run("git", "fetch", "-q", "origin", cwd=clone)
    return clone, head


@case
def no_ssh_keygen():
    """Without ssh-keygen a review cannot be signed: said by name, nothing changed."""
    world = World()
    clone, head = developer(world, people["bob"].key)
    programs = world.folder / "bin"
    programs.mkdir()
    for name in ("git", "sh", "cat", "env"):
        (programs / name).symlink_to(shutil.which(name))
    before = world.server.refs()
    done = gate("review", "approve", head, "-m", "fine", "-C", clone,
                env={"PATH": str(programs)})
    clear(done, 3, "ssh-keygen")
    check(world.server.refs() == before, "something was pushed")
    clear_after = gate("review", "approve", head, "-m", "fine", "-C", clone)
    check(clear_after.exit == 0, clear_after.text + clear_after.errors)
    check(NOTES in world.server.refs(), "the review did not arrive")


@case
def passphrase_without_a_terminal():
    """A key with a passphrase and nobody to type it: said by name, nothing changed, no hanging."""
    world = World()
    key = world.folder / "locked"
    for suffix in ("", ".pub"):
        shutil.copy2(f"{people['bob'].key}{suffix}", f"{key}{suffix}")
    run("ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", key)
    clone, head = developer(world, key)
    before = world.server.refs()
    done = subprocess.run([GATE, "review", "approve", head, "-m", "fine", "-C", clone],
                          env={k: v for k, v in GIT.items()}, stdin=subprocess.DEVNULL,
                          capture_output=True, start_new_session=True, timeout=60)
    words = done.stderr.decode()
    check(done.returncode == 3, f"exit {done.returncode}\n{words}")
    check("passphrase" in words or "locked" in words, f"the key is not named:\n{words}")
    check(world.server.refs() == before, "something was pushed")


@case
def key_that_does_not_exist():
    """A signing key that is not there is named."""
    world = World()
    clone, head = developer(world, world.folder / "nokey")
    done = gate("review", "approve", head, "-m", "fine", "-C", clone)
    clear(done, (2, 3), "nokey")
    check(NOTES not in world.server.refs(), "something was pushed")


@case
def unknown_head():
    """A head that nobody has is named."""
    world = World()
    clone, _ = developer(world, people["bob"].key)
    clear(gate("review", "approve", "nosuch", "-m", "fine", "-C", clone), (2, 3), "nosuch")


@case
def outside_a_repository():
    """A command outside any repository says so."""
    folder = LAB / "cases" / "nowhere"
    folder.mkdir(exist_ok=True)
    for words in (("status",), ("trust", "--yes"), ("review", "list")):
        done = gate(*words, "-C", folder, env={"GIT_CEILING_DIRECTORIES": str(LAB)})
        clear(done, (2, 3), "repository")


@case
def install_with_hooks_elsewhere():
    """With core.hooksPath git would not run what is put into hooks/: the hooks go where git looks,
    or nothing is installed and the reason is said."""
    world = World({}, trusted=False)
    path = world.folder / "other.git"
    elsewhere = world.folder / "hooks"
    elsewhere.mkdir()
    run("git", "init", "-q", "--bare", "-b", "master", path)
    run("git", "config", "core.hooksPath", elsewhere, cwd=path)
    done = gate("install", "--server", path)
    if done.exit != 0:
        clear(done, (1, 2, 3), "hooksPath")
        return
    start = world.change(files())
    accepted(Server(path).push(world.path, f"{start}:{MASTER}"))
    run(GATE, "trust", "-C", path, "--yes")
    evil = world.change({"evil.txt": "evil\n"}, on=start)
    refused(Server(path).push(world.path, f"{evil}:{MASTER}"), "pull_request")
