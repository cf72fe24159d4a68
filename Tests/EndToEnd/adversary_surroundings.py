"""Threats, "Surroundings": the hook's environment, arguments and input, and its own failures. A
hook that cannot decide refuses."""

import os
import resource
import shutil
import stat
import subprocess

from kit import GIT, World, ZERO, accepted, case, check, refused, run
from kit.case import Skip
from kit.server import GATE, unchanged
from kit.world import MASTER, NOTES


def staged(world):
    """Two landings that the server has as branches: an unreviewed one, and an approved one."""
    evil = world.change({"evil.txt": "evil\n"})
    head = world.change({"good.txt": "good\n"})
    world.approve(head)
    good = world.merge(head)
    accepted(world.land(evil, "refs/heads/evil"))
    accepted(world.land(good, "refs/heads/good"))
    return evil, good


@case
def called_directly():
    """The hook exits with 1 for what it refuses and 0 for what it allows, and changes nothing."""
    world = World()
    evil, good = staged(world)
    old = world.master
    refused(world.server.hook([(old, evil, MASTER)]), "pull_request", direct=True)
    push = world.server.hook([(old, good, MASTER)])
    check(push.exit == 0, push.stderr)
    unchanged(push)


def leaking(name, words, env):
    def act():
        world = World()
        evil, good = staged(world)
        old = world.master
        decoy = world.folder / "decoy.git"
        run("git", "init", "-q", "--bare", decoy)
        variables = {k: v.replace("DECOY", str(decoy)) for k, v in env.items()}
        push = world.server.hook([(old, evil, MASTER)], env=variables)
        check(push.exit in (1, 3), f"not refused: exit {push.exit}\n{push.stderr}")
        unchanged(push)
        push = world.server.hook([(old, good, MASTER)])
        check(push.exit == 0, push.stderr)
    act.__doc__, act.__name__ = words, f"environment_{name}"
    case(act)


for row in (
    ("work_tree", "GIT_WORK_TREE does not mislead the hook.", {"GIT_WORK_TREE": "/"}),
    ("common_dir", "GIT_COMMON_DIR does not mislead the hook.", {"GIT_COMMON_DIR": "DECOY"}),
    ("object_directory", "GIT_OBJECT_DIRECTORY of another repository refuses or changes nothing.",
     {"GIT_OBJECT_DIRECTORY": "DECOY/objects"}),
    ("alternates", "Foreign alternates do not mislead the hook.",
     {"GIT_ALTERNATE_OBJECT_DIRECTORIES": "DECOY/objects:\"a:b\""}),
    ("namespace", "A namespace does not hide the policy.", {"GIT_NAMESPACE": "other"}),
    ("index", "An index of somebody's does not matter.", {"GIT_INDEX_FILE": "DECOY/index"}),
    ("config", "Configuration in the environment switches nothing off.",
     {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "gate.enabled", "GIT_CONFIG_VALUE_0": "false",
      "GIT_CONFIG_KEY_1": "core.bare", "GIT_CONFIG_VALUE_1": "false"}),
    ("replace", "GIT_REPLACE_REF_BASE does not mislead the hook.",
     {"GIT_REPLACE_REF_BASE": "refs/heads/"}),
    ("graft", "GIT_GRAFT_FILE does not mislead the hook.", {"GIT_GRAFT_FILE": "/dev/null"}),
    ("shallow", "GIT_SHALLOW_FILE does not mislead the hook.", {"GIT_SHALLOW_FILE": "/dev/null"}),
    ("quarantine", "A quarantine that does not exist refuses.",
     {"GIT_QUARANTINE_PATH": "/nonexistent/quarantine"}),
    ("gate_switches", "The switches of the local hook mean nothing on the server.",
     {"GATE": "0", "GATE_SKIP": "unit,pylint,pull_request", "GATE_VERBOSE": "1"}),
    ("home", "Without a home and a locale it is the same.", {"HOME": "", "LC_ALL": "tr_TR.UTF-8"}),
    ("trace", "Tracing does not change a verdict.",
     {"GIT_TRACE": "1", "GIT_TRACE2": "1", "GIT_TRACE_SETUP": "1"}),
    ("push_options", "Push options in the environment weaken nothing.",
     {"GIT_PUSH_OPTION_COUNT": "2", "GIT_PUSH_OPTION_0": "gate.skip",
      "GIT_PUSH_OPTION_1": "bypass=master"}),
    ("ceiling", "Discovery is not steered by ceilings or file systems.",
     {"GIT_CEILING_DIRECTORIES": "/", "GIT_DISCOVERY_ACROSS_FILESYSTEM": "0"}),
    ("path", "Without programs in PATH the hook refuses or decides alike.",
     {"PATH": "/nonexistent"}),
    ("swift", "The runtime's own switches do not change a verdict.",
     {"SWIFT_DETERMINISTIC_HASHING": "1", "LD_BIND_NOW": "1", "MALLOC_PERTURB_": "165"}),
):
    leaking(*row)


@case
def environment_git_dir_elsewhere():
    """GIT_DIR that names another repository refuses: nothing there says what is allowed."""
    world = World()
    evil, _ = staged(world)
    push = world.server.hook([(world.master, evil, MASTER)],
                             env={"GIT_DIR": str(world.folder / "nothing.git")})
    check(push.exit in (1, 3), f"exit {push.exit}\n{push.stderr}")
    # A long path is broken over lines.
    words = "".join(push.stderr.split())
    check("nothing.git" in words, f"the repository is not named:\n{push.stderr}")


@case
def environment_of_a_local_push():
    """Whoever pushes over a local path gives the hook their environment; it weakens nothing."""
    world = World()
    env = {"GATE": "0", "GATE_SKIP": "unit", "GIT_WORK_TREE": "/tmp", "GATE_POLICY": "/dev/null",
           "GATE_SERVER": "0"}
    refused(world.land(world.change({"evil.txt": "evil\n"}), env=env), "pull_request")
    head = world.change({"good.txt": "good\n"})
    world.approve(head)
    accepted(world.land(world.merge(head)))


@case
def push_options():
    """Push options weaken no rule."""
    world = World()
    world.server.git("config", "receive.advertisePushOptions", "true")
    refused(world.push("-o", "gate.skip", "-o", "skip-checks", "-o", "bypass=master",
                       f"{world.change()}:{MASTER}"), "pull_request")
    head = world.change({"good.txt": "good\n"})
    world.approve(head)
    accepted(world.push("-o", "anything", f"{world.merge(head)}:{MASTER}"))


@case
def help_as_an_argument():
    """--help, --version and other arguments do not make the hook exit 0."""
    world = World()
    evil, good = staged(world)
    for argument in ("--help", "-h", "--version", "help", "--generate-completion-script", "--", "",
                     "--experimental-dump-help", "-C", "--json"):
        push = world.server.hook([(world.master, evil, MASTER)], arguments=[argument])
        check(push.exit not in (0, None), f"{argument!r} lets everything pass")
        unchanged(push)
    check(world.server.hook([(world.master, good, MASTER)]).exit == 0, "the good one is refused")


@case
def help_through_the_installed_hook():
    """The hook file itself passes --help on to nothing that would exit 0."""
    world = World()
    evil, good = staged(world)
    for argument, new, code in (("--help", evil, False), ("--version", evil, False)):
        done = run(world.server.path / "hooks" / "pre-receive", argument, cwd=world.server.path,
                   input=f"{world.master} {new} {MASTER}\n", env={"GIT_DIR": "."}, check=False)
        check((done.exit == 0) == code, f"{argument}: exit {done.exit}\n{done.errors}")
    done = run(world.server.path / "hooks" / "pre-receive", cwd=world.server.path,
               input=f"{world.master} {good} {MASTER}\n", env={"GIT_DIR": "."}, check=False)
    check(done.exit == 0, done.errors)


@case
def unknown_hook_names():
    """A hook that gate does not know is no success."""
    world = World()
    evil, _ = staged(world)
    for name in ("pre-recieve", "update", "--help", "", "proc-receive"):
        push = world.server.hook([(world.master, evil, MASTER)], name=name)
        check(push.exit != 0, f"`gate hook {name}` exits 0")


def garbage(name, text):
    def act():
        world = World()
        evil, good = staged(world)
        words = text if isinstance(text, bytes) else text.encode()
        words = words.replace(b"OLD", world.master.encode()).replace(b"NEW", evil.encode())
        push = world.server.hook(words)
        check(push.exit in (1, 3), f"exit {push.exit}\n{push.stderr}")
        unchanged(push)
        check(world.server.hook([(world.master, good, MASTER)]).exit == 0, "a good one is refused")
    act.__doc__ = f"Input with {name.replace('_', ' ')} is refused."
    act.__name__ = f"input_{name}"
    case(act)


for name, text in (
    ("words", "hello\n"), ("two_columns", "OLD NEW\n"), ("no_newline", f"OLD NEW {MASTER}"),
    ("short_ids", f"{'0' * 39} NEW {MASTER}\n"), ("long_ids", f"OLD NEW0 {MASTER}\n"),
    ("capitals", f"OLD {'A' * 40} {MASTER}\n"), ("tabs", f"OLD\tNEW\t{MASTER}\n"),
    ("nul", b"OLD NEW refs/heads/topic\0x\n"), ("blank_line", f"\nOLD NEW {MASTER}\n"),
    ("two_blanks", f"OLD  NEW {MASTER}\n"), ("carriage_return", f"OLD NEW {MASTER}\r\n"),
    ("no_ref", "OLD NEW \n"), ("missing_object", f"OLD {'1' * 40} {MASTER}\n"),
    ("one_ref_twice", f"OLD NEW {MASTER}\nOLD OLD {MASTER}\n"),
    ("a_short_name", "OLD NEW master\n"),
    ("half_a_line_after_a_good_one", f"OLD NEW refs/heads/x\nOLD NEW {MASTER}"[:-3]),
):
    garbage(name, text)


@case
def closed_outputs():
    """A pusher whose screen is gone is refused all the same."""
    world = World()
    evil, good = staged(world)
    for new, allowed in ((evil, False), (good, True)):
        done = subprocess.run(
            ["sh", "-c", 'exec "$0" hook pre-receive >&- 2>&-', GATE], cwd=world.server.path,
            input=f"{world.master} {new} {MASTER}\n".encode(), env={**GIT, "GIT_DIR": "."})
        check((done.returncode == 0) == allowed, f"exit {done.returncode} with closed outputs")
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [GATE, "hook", "pre-receive"], cwd=world.server.path, stderr=writer, stdout=writer,
            input=f"{world.master} {new} {MASTER}\n".encode(), env={**GIT, "GIT_DIR": "."})
        os.close(writer)
        check(done.returncode != 0 or allowed, "accepted with a broken pipe")


@case
def program_gone():
    """Without its program the installed hook refuses."""
    world = World()
    program = world.folder / "gate"
    shutil.copy2(GATE, program)
    program.chmod(0o755)
    run(program, "install", "--server", world.server.path)
    head = world.change()
    world.approve(head)
    program.unlink()
    text = (world.server.path / "hooks" / "pre-receive").read_bytes()
    if str(program).encode() not in text and b"gate" in text:
        raise Skip("the hook does not call the program by the path that installed it")
    push = world.land(world.merge(head))
    check(push.exit != 0, f"accepted without a program:\n{push.stderr}")
    unchanged(push)
    program.write_bytes(b"\x7fELF broken")
    program.chmod(0o755)
    check(world.land(world.merge(head)).exit != 0, "accepted with a broken program")
    program.write_text("#!/bin/sh\nkill -9 $$\n")
    check(world.land(world.merge(head)).exit != 0, "accepted by a program that is killed")
    program.write_text("#!/bin/sh\nkill -SEGV $$\n")
    check(world.land(world.merge(head)).exit != 0, "accepted by a program that crashes")
    shutil.copy2(GATE, program)
    accepted(world.land(world.merge(head)))


def limited(limit, amount):
    def act():
        resource.setrlimit(limit, (amount, amount))
    return act


@case
def memory_limit():
    """Out of memory, the hook refuses."""
    world = World()
    evil, good = staged(world)
    for amount in (1 << 22, 1 << 24, 1 << 25, 1 << 26):
        done = subprocess.run(
            [GATE, "hook", "pre-receive"], cwd=world.server.path, capture_output=True,
            input=f"{world.master} {evil} {MASTER}\n".encode(), env={**GIT, "GIT_DIR": "."},
            preexec_fn=limited(resource.RLIMIT_AS, amount))
        check(done.returncode != 0, f"accepted with {amount} bytes of memory")
    check(world.server.hook([(world.master, good, MASTER)]).exit == 0, "the good one is refused")


@case
def time_and_file_limits():
    """Out of processor time or of open files, the hook refuses."""
    world = World()
    evil, good = staged(world)
    for limit, amount in ((resource.RLIMIT_CPU, 0), (resource.RLIMIT_NOFILE, 4),
                          (resource.RLIMIT_NOFILE, 6), (resource.RLIMIT_FSIZE, 0),
                          (resource.RLIMIT_STACK, 1 << 16)):
        try:
            done = subprocess.run(
                [GATE, "hook", "pre-receive"], cwd=world.server.path, capture_output=True,
                input=f"{world.master} {evil} {MASTER}\n".encode(), env={**GIT, "GIT_DIR": "."},
                preexec_fn=limited(limit, amount))
        except (OSError, subprocess.SubprocessError):
            continue
        check(done.returncode != 0, f"accepted with limit {limit} at {amount}")
    check(world.server.hook([(world.master, good, MASTER)]).exit == 0, "the good one is refused")


@case
def policy_gone():
    """A server that is closed and cannot find its policy refuses everything that lands."""
    world = World()
    evil, good = staged(world)
    world.server.git("symbolic-ref", "HEAD", "refs/heads/nothing")
    push = world.land(evil)
    check(push.exit != 0, "accepted without a policy")
    unchanged(push)
    push = world.land(good)
    check(push.exit != 0, "accepted without a policy")
    world.server.git("symbolic-ref", "HEAD", MASTER)
    refused(world.land(evil), "pull_request")
    accepted(world.land(good))


@case
def policy_from_elsewhere():
    """The default branch must descend from what the owner trusted; another one refuses."""
    world = World()
    weak = world.change({"policies/master.yml": "rulesets: []\n"})
    accepted(world.land(weak, "refs/heads/weak"))
    orphan = world.commit(world.tree_of(weak), [], "alice", message="Start again")
    accepted(world.land(orphan, "refs/heads/orphan"))
    world.server.git("symbolic-ref", "HEAD", "refs/heads/orphan")
    push = world.land(world.change(on=world.master))
    check(push.exit != 0, f"judged by a policy that nobody trusted:\n{push.stderr}")
    unchanged(push)
    world.server.git("symbolic-ref", "HEAD", MASTER)
    world.must_land(world.change())


@case
def hooks_path_elsewhere():
    """core.hooksPath that a push could not set stays the owner's; a push cannot change it."""
    world = World()
    before = (world.server.path / "config").read_bytes()
    refused(world.land(world.change({"config": "[core]\n\thooksPath = /tmp\n"})), "pull_request")
    check((world.server.path / "config").read_bytes() == before, "the configuration changed")


@case
def unreadable_object_store():
    """An object that the verdict needs and that cannot be read is no reason to accept."""
    world = World()
    head = world.change()
    world.approve(head)
    landing = world.merge(head)
    blob = world.git("rev-parse", f"{world.master}:policies/master.yml")
    path = world.server.path / "objects" / blob[:2] / blob[2:]
    if not path.exists():
        raise Skip("the policy's blob is packed")
    data = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(data[:-4] + b"\0\0\0\0")
    push = world.land(landing)
    check(push.exit != 0, "accepted with a corrupt policy")
    unchanged(push)
    check(blob[:7] in push.stderr or "policies/master.yml" in push.stderr,
          f"what is broken is not named:\n{push.stderr}")
    path.write_bytes(data)
    accepted(world.land(landing))


@case
def evidence_ref_moves_under_the_hook():
    """A push judged against old evidence or an old master fails at the lock, not later."""
    world = World()
    _, good = staged(world)
    head = world.change({"late.txt": "late\n"})
    line = world.review(head)
    notes = world.note(line)
    accepted(world.push(f"{notes}:{NOTES}"))
    stale = world.server.hook([(ZERO, good, MASTER)])
    check(stale.exit in (0, 1, 3), stale.stderr)
    push = world.push(f"--force-with-lease={MASTER}:{ZERO}", f"{good}:{MASTER}")
    check(push.exit != 0, "a stale lease moved master")
    accepted(world.land(good))


@case
def permissions_of_the_hook():
    """The installed hook is executable and not writable by others."""
    world = World()
    for name in ("pre-receive", "post-receive"):
        mode = (world.server.path / "hooks" / name).stat().st_mode
        check(mode & stat.S_IXUSR and not mode & stat.S_IWOTH, f"{name}: {oct(mode)}")


@case
def fsck_objects_is_on():
    """`gate install --server` switches git's own check of received objects on."""
    world = World()
    check(world.server.git("config", "--type=bool", "receive.fsckObjects") == "true",
          "receive.fsckObjects is not true")


@case
def hook_that_was_there():
    """A hook that was there before is chained and may still refuse, and sees the same input."""
    from kit.server import install

    world = World({}, trusted=False)
    hooks = world.server.path / "hooks"
    log = world.folder / "log"
    bare = world.folder / "other.git"
    run("git", "init", "-q", "--bare", "-b", "master", "--template=", bare)
    (bare / "hooks").mkdir()
    hook = bare / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\ncat >{log}\ngrep -q refs/heads/no {log} && exit 1\nexit 0\n")
    hook.chmod(0o755)
    install(bare)
    start = world.change()
    from kit.server import Server

    other = Server(bare)
    accepted(other.push(world.path, f"{start}:{MASTER}"))
    check(log.exists() and MASTER in log.read_text(), "the old hook was not called")
    push = other.push(world.path, f"{start}:refs/heads/no")
    check(push.exit != 0, "the old hook's refusal was ignored")
    check(hooks.exists(), "no hooks")
