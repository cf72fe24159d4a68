"""Bare repositories with the hook in place, what a push did to them, and what it must not have."""

import fcntl
import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from .lab import LAB, git, run

GATE = os.environ.get("GATE", "gate")

RULE_NAMES = (
    "creation", "deletion", "non_fast_forward", "pull_request", "required_status_checks",
    "required_signatures", "required_linear_history", "commit_message_pattern",
    "file_path_restriction", "max_file_size", "max_file_path_length", "policy", "evidence",
    "reserved_ref", "well_formed",
)

# What every server starts from, before its policy lands.
SEED = {
    "README.md": "# System\n\nPays people.\n",
    "src/app.py": "def pay(amount):\n    return amount\n",
    "src/util.py": "\n".join(f"LINE_{n} = {n}" for n in range(1, 21)) + "\n",
    "docs/guide.md": "Guide\n",
    "lib/owned.py": "OWNED = True\n",
}


@dataclass(frozen=True)
class Snapshot:
    """Everything that a refused push must leave as it was: refs, objects and all other files."""

    refs: dict
    objects: frozenset
    others: dict

    def difference(self, after):
        """What changed until `after`, in words; empty when nothing did."""
        found = []
        for name in sorted(self.refs.keys() | after.refs.keys()):
            if self.refs.get(name) != after.refs.get(name):
                found.append(f"{name}: {self.refs.get(name)} -> {after.refs.get(name)}")
        found += [f"object file added: {p}" for p in sorted(after.objects - self.objects)[:5]]
        found += [f"object file gone: {p}" for p in sorted(self.objects - after.objects)[:5]]
        for name in sorted(self.others.keys() | after.others.keys()):
            if self.others.get(name) != after.others.get(name):
                found.append(f"file changed: {name}")
        return "\n".join(found)


class Server:
    """A bare repository at `path`."""

    def __init__(self, path):
        self.path = Path(path)

    def git(self, *arguments, **options):
        return git(self.path, *arguments, **options)

    def refs(self):
        """Every ref and HEAD, symbolic ones as `ref: target`."""
        done = run("git", "for-each-ref", "--format=%(refname) %(objectname) %(symref)",
                   cwd=self.path, env={"GIT_NO_REPLACE_OBJECTS": "1"}, check=False)
        if done.exit != 0:
            return self._ref_files()
        result = {"HEAD": (self.path / "HEAD").read_text().strip()}
        for row in done.out.decode("utf-8", "surrogateescape").splitlines():
            name, target, *symbolic = row.rstrip(" ").split(" ")
            result[name] = f"ref: {symbolic[0]}" if symbolic else target
        return result

    def _ref_files(self):
        """The same of a repository that git does not open: what its files say."""
        paths = [self.path / "HEAD", self.path / "packed-refs", *(self.path / "refs").rglob("*")]
        return {str(p.relative_to(self.path)): p.read_text() for p in paths if p.is_file()}

    def tip(self, ref="refs/heads/master"):
        return self.git("rev-parse", "--verify", "-q", ref + "^{commit}", check=False) or None

    def snapshot(self):
        objects, others = set(), {}
        for folder, _, names in os.walk(self.path):
            relative = os.path.relpath(folder, self.path)
            for name in names:
                path = os.path.normpath(os.path.join(relative, name))
                if relative == "objects" or relative.startswith("objects/"):
                    objects.add(path)
                elif not relative.startswith("refs") and name not in ("packed-refs", "HEAD"):
                    data = Path(folder, name).read_bytes()
                    others[path] = hashlib.sha256(data).hexdigest()
        return Snapshot(self.refs(), frozenset(objects), others)

    def has(self, object_id):
        return run("git", "cat-file", "-e", object_id, cwd=self.path, check=False).exit == 0

    def push(self, client, *arguments, url=None, env=None, options=(), timeout=120):
        """Pushes from the repository `client` and looks at the server before and after."""
        before = self.snapshot()
        done = run("git", *options, "push", url or self.path, *arguments, cwd=client, env=env,
                   check=False, timeout=timeout)
        return Push(done.exit, done.errors, before, self.snapshot(), self)

    def hook(self, updates, *, arguments=(), env=None, name="pre-receive", drop=(), timeout=60):
        """Calls the hook as git would, without a push; `updates` are its lines of input."""
        text = updates if isinstance(updates, (str, bytes)) else "".join(
            f"{old} {new} {ref}\n" for old, new, ref in updates)
        before = self.snapshot()
        done = run(GATE, "hook", name, *arguments, cwd=self.path, input=text, check=False,
                   env={"GIT_DIR": ".", **(env or {})}, timeout=timeout)
        return Push(done.exit, done.errors, before, self.snapshot(), self, text=done.text)


@dataclass
class Push:
    """What a push, or a direct call of the hook, did."""

    exit: int
    stderr: str
    before: Snapshot
    after: Snapshot
    server: Server
    text: str = field(default="")

    @property
    def lines(self):
        """The hook's own lines, without git's `remote: ` and the blanks behind each."""
        rows = re.split(r"[\r\n]+", self.stderr)
        if any(row.startswith("remote:") for row in rows):
            rows = [row[7:].removeprefix(" ") for row in rows if row.startswith("remote:")]
        return [row.replace("\x1b[K", "").rstrip() for row in rows]

    @property
    def message(self):
        return "\n".join(self.lines)

    @property
    def rules(self):
        """The rules that findings name."""
        return {
            match[1] for row in self.lines
            if (match := re.match(r"  ([a-z_]+)(?: |$)", row)) and match[1] in RULE_NAMES}

    def finding(self, rule):
        """The text of the findings of a rule, continuation lines included, joined by blanks."""
        words, inside = [], False
        for row in self.lines:
            if match := re.match(r"  ([a-z_]+)(?: +(.*))?$", row):
                inside = match[1] == rule
                if inside:
                    words.append(match[2] or "")
            elif inside and row.startswith("   "):
                words.append(row.strip())
            else:
                inside = False
        return " ".join(words)


def _fail(push, why):
    raise AssertionError(f"{why}\nexit {push.exit}\n{push.stderr}{push.text}")


def unchanged(push):
    if changed := push.before.difference(push.after):
        _fail(push, f"the push left something behind:\n{changed}")
    return push


def refused(push, rule, text=None, *, ref=None, also=(), direct=False):
    """Asserts a refusal for the right reason: `rule` is named, and no rule but it and `also`;
    `text` is part of its finding; lines fit a screen; nothing at all changed on the server."""
    if direct:
        if push.exit != 1:
            _fail(push, "the hook should have exited with 1")
    else:
        if push.exit == 0:
            _fail(push, f"accepted; {rule} should have refused")
        if "pre-receive hook declined" not in push.stderr:
            _fail(push, f"not refused by the hook; {rule} should have refused")
    heads = [row for row in push.lines if row.startswith("refused")]
    if not any(re.match(r"refused  \S.*  ([0-9a-f]{7}|none) -> ([0-9a-f]{7}|none)$", row)
               for row in heads):
        _fail(push, "no line `refused  <ref>  <old> -> <new>`")
    if ref and not any(row.startswith(f"refused  {ref}  ") for row in heads):
        _fail(push, f"no refusal of {ref}")
    wanted = {rule} if isinstance(rule, str) else set(rule)
    if not wanted <= push.rules:
        _fail(push, f"{sorted(wanted)} should have refused; findings name {sorted(push.rules)}")
    if push.rules - wanted - set(also):
        _fail(push, f"also refused by {sorted(push.rules - wanted - set(also))}")
    if text and not any(text.lower() in push.finding(one).lower() for one in wanted):
        _fail(push, f"the finding does not say {text!r}")
    # Ids make commands and the names of some refs long; warnings are git's own.
    exempt = ("refused  ", "warning: ")
    if long := [row for row in push.lines if len(row) >= 72 and "git " not in row
                and not row.startswith(exempt)]:
        _fail(push, f"a line of {len(long[0])} columns: {long[0]}")
    if any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for row in push.lines for c in row):
        _fail(push, "a control character reaches the pusher's screen")
    return unchanged(push)


def refused_by_git(push, text=None, *, rule="well_formed"):
    """Asserts that git's own checks, or else gate by `rule`, refused, and that nothing changed."""
    if push.exit == 0:
        _fail(push, "accepted; git or gate should have refused")
    if "pre-receive hook declined" in push.stderr:
        return refused(push, rule)
    if text and text not in push.stderr:
        _fail(push, f"git does not say {text!r}")
    return unchanged(push)


def undetermined(push, text=None):
    """Asserts that the hook could not decide and therefore refused, and that nothing changed."""
    if push.exit == 0 or "pre-receive hook declined" not in push.stderr:
        _fail(push, "the hook should have refused")
    if text and text.lower() not in push.message.lower():
        _fail(push, f"the hook does not say {text!r}")
    return unchanged(push)


def accepted(push):
    """Asserts that the push succeeded."""
    if push.exit != 0:
        _fail(push, "refused; should have been accepted")
    return push


def install(path):
    run(GATE, "install", "--server", path)


def trust(path):
    return run(GATE, "trust", "-C", path, "--yes")


def template(files, *, trusted=True, seed=None):
    """A folder with `server.git`, whose master has the policy, and an up to date `client.git`.
    Made once for each set of arguments; cases copy it."""
    seed = SEED if seed is None else seed
    words = json.dumps([files, trusted, seed], sort_keys=True)
    folder = LAB / "templates" / hashlib.sha256(words.encode()).hexdigest()[:16]
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make_template(folder, files, trusted, seed)
            (folder / "done").touch()
    return folder


def _make_template(folder, files, trusted, seed):
    from .world import Client

    server, client = folder / "server.git", folder / "client.git"
    for path in (server, client):
        run("git", "init", "-q", "--bare", "--template=", "-b", "master", path)
        (path / "info").mkdir(exist_ok=True)
        (path / "hooks").mkdir(exist_ok=True)
    repository = Client(client)
    first = repository.commit(repository.tree({}, seed), [], "alice", message="Start")
    run("git", "push", "-q", server, f"{first}:refs/heads/master", cwd=client)
    install(server)
    if files:
        second = repository.commit(repository.tree(first, files), [first], "alice",
                                   message="Add the policy")
        push = Server(server).push(client, f"{second}:refs/heads/master")
        accepted(push)
    if trusted:
        trust(server)


def copy_template(folder, to):
    """A fresh server and client for one case."""
    run("cp", "-r", folder / "server.git", folder / "client.git", to)
    return Server(to / "server.git"), to / "client.git"
