"""A server and a client beside it, and the words in which cases tell what people do there."""

import hashlib
import os
import tempfile
from pathlib import Path

from . import evidence, policy
from .lab import LAB, ZERO, git, people, run
from .raw import push_pack
from .server import Push, accepted, copy_template, template

NOTES = "refs/notes/gate"
HEADS = "refs/gate/heads"
MASTER = "refs/heads/master"


class Client:
    """A bare repository in which people make objects with git's plumbing."""

    clock = 1_790_000_000

    def __init__(self, path):
        self.path = Path(path)

    def git(self, *arguments, **options):
        return git(self.path, *arguments, **options)

    def object(self, kind, data):
        """Writes an object whatever git thinks of it."""
        return self.git("hash-object", "-t", kind, "-w", "--stdin", "--literally", input=data)

    def blob(self, data):
        return self.git("hash-object", "-w", "--stdin", input=data)

    def tree(self, base, edits):
        """The tree of `base` with some paths changed: text or bytes; None removes; a pair is a
        mode with an object id or with content."""
        rows = []
        for path, content in edits.items():
            name = path if isinstance(path, bytes) else path.encode("utf-8", "surrogateescape")
            mode = "100644"
            if isinstance(content, tuple):
                mode, content = content
            if content is None:
                rows.append(b"0 " + ZERO.encode() + b"\t" + name)
                continue
            if mode != "160000" and not (isinstance(content, str) and _is_id(content)):
                content = self.blob(content)
            rows.append(f"{mode} {content}\t".encode() + name)
        with tempfile.TemporaryDirectory(dir=self.path) as folder:
            env = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
            if base:
                self.git("read-tree", base, env=env)
            self.git("update-index", "-z", "--index-info", env=env,
                     input=b"".join(row + b"\0" for row in rows))
            return self.git("write-tree", env=env)

    def commit(self, tree, parents, author="alice", *, committer=None, message="Change it",
               sign=None):
        """A commit by people named in the lab, or by `Name <address>`."""
        Client.clock += 60
        env = {}
        for role, who in (("AUTHOR", author), ("COMMITTER", committer or author)):
            ident = people[who].ident if who in people else who
            name, _, email = ident.rpartition(" <")
            env |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email.rstrip(">"),
                    f"GIT_{role}_DATE": f"{Client.clock} +0000"}
        configuration, flags = [], []
        if sign:
            configuration = ["-c", "gpg.format=ssh", "-c", f"user.signingKey={people[sign].key}"]
            flags = ["-S"]
        for parent in parents:
            flags += ["-p", parent]
        return self.git(*configuration, "commit-tree", *flags, tree, env=env, input=message)

    def tree_of(self, commit):
        return self.git("rev-parse", f"{commit}^{{tree}}")


class World(Client):
    """One case's server and client, made from a template of the policy `files`."""

    def __init__(self, files=None, *, trusted=True, seed=None, checks=policy.CHECKS):
        self.files = policy.files() if files is None else files
        self.folder = Path(tempfile.mkdtemp(dir=os.environ.get("GATE_E2E_CASE", LAB / "cases")))
        self.server, path = copy_template(
            template(self.files, trusted=trusted, seed=seed), self.folder)
        super().__init__(path)
        self.checks = checks

    # What the server has

    @property
    def master(self):
        return self.server.tip()

    def fetch(self):
        """Brings everything that the server has under the same names, evidence included."""
        self.git("fetch", "-q", self.server.path, "+refs/*:refs/server/*")

    # Changes and landings

    def change(self, edits=None, *, on=None, by="alice", **options):
        """A commit on top of master (or of `on`) with some files changed."""
        on = on or self.master
        if edits is None:
            edits = {"src/app.py": "def pay(amount):\n    return amount * 1\n"}
        return self.commit(self.tree(on, edits), [on], by, **options)

    def merged(self, ours, theirs):
        """The tree of git's clean merge of two commits."""
        return self.git("merge-tree", "--write-tree", ours, theirs)

    def merge(self, head, *, onto=None, by="alice", tree=None, parents=None, message=None, **more):
        """A merge commit that would land `head`."""
        onto = onto or self.master
        return self.commit(
            tree or self.merged(onto, head), parents or [onto, head], by,
            message=message or f"Merge {head[:7]}", **more)

    def squash(self, head, *, onto=None, by="alice", tree=None, trailer=True, message="Squash",
               **more):
        """A one-parent commit that would land `head`, with the trailer that names it."""
        onto = onto or self.master
        if trailer:
            message += f"\n\nGate-Head: {head if trailer is True else trailer}\n"
        return self.commit(tree or self.merged(onto, head), [onto], by, message=message, **more)

    def keep(self, *heads, push=True, tree=None, parents=None):
        """Chains heads into refs/gate/heads, on the server too."""
        if parents is None:
            empty = self.tree(None, {})
            old = self.server.tip(HEADS) or self.commit(empty, [], "alice", message="Heads")
            parents = [old, *heads]
        kept = self.commit(tree or self.tree(None, {}), parents, "alice", message="Keep heads")
        if push:
            accepted(self.push(f"{kept}:{HEADS}"))
        return kept

    def digest(self, head, base):
        """The change digest of a head against its only merge base; None without one."""
        bases = self.git("merge-base", "--all", base, head, check=False).split()
        if len(bases) != 1:
            return None
        raw = run("git", "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames",
                  bases[0], head, cwd=self.path).out
        return hashlib.sha256(raw).hexdigest()

    # Evidence

    def review(self, head, by="bob", *, base=None, digest=..., repository="wrk/system",
               subject=None, namespace="gate-review", key=None, **predicate):
        """A signed review of a head, not yet pushed."""
        base = base or self.master
        digest = self.digest(head, base) if digest is ... else digest
        body = evidence.review(head, base, digest, **predicate)
        said = evidence.statement(subject or head, body, evidence.REVIEW, repository=repository)
        return evidence.envelope(said, key or by, namespace).on(subject or head)

    def result(self, commit, name="unit", by="ci", *, result="PASSED", definition=None, tree=None,
               repository="wrk/system", namespace="gate-check"):
        """A signed test result for the tree of a commit, not yet pushed."""
        tree = tree or self.tree_of(commit)
        definition = definition or evidence.digest_of_check(name, self.checks[name])
        said = evidence.statement(
            tree, evidence.test_result(name, definition, result), evidence.TEST_RESULT,
            repository=repository, digest="gitTree")
        return evidence.envelope(said, by, namespace).on(tree)

    def bypass(self, new, *, by="carol", ref=MASTER, old=None, ruleset="master",
               reason="Payments are down", subject=None, repository="wrk/system"):
        """A signed bypass of one ref update, not yet pushed."""
        old = old or self.server.tip(ref) or ZERO
        subject = subject or (old if new == ZERO else new)
        said = evidence.statement(
            subject, {"ref": ref, "old": old, "new": new, "ruleset": ruleset, "reason": reason},
            evidence.BYPASS, repository=repository)
        return evidence.envelope(said, by, "gate-bypass").on(subject)

    def note(self, *lines):
        """Adds lines to the server's notes in the client and returns the new notes commit."""
        self.sync()
        by_subject = {}
        for line in lines:
            by_subject.setdefault(line.subject, []).append(bytes(line))
        for subject, added in by_subject.items():
            present = run("git", "notes", "--ref", NOTES, "show", subject, cwd=self.path,
                          check=False).out
            rows = {row for row in present.split(b"\n") if row} | set(added)
            blob = self.blob(b"".join(row + b"\n" for row in sorted(rows)))
            self.git("notes", "--ref", NOTES, "add", "-f", "-C", blob, subject)
        return self.git("rev-parse", NOTES)

    def sync(self):
        """Makes the client's notes ref what the server's is."""
        tip = self.server.tip(NOTES)
        if tip:
            self.git("fetch", "-q", self.server.path, f"+{NOTES}:{NOTES}")
        else:
            self.git("update-ref", "-d", NOTES)

    def send(self, *lines):
        """Pushes lines of evidence; the caller judges what the server says."""
        return self.push(f"+{self.note(*lines)}:{NOTES}")

    def publish(self, *lines):
        """Pushes lines of evidence, which the server must accept."""
        return accepted(self.send(*lines))

    def approve(self, head, by="bob", **options):
        """Publishes an approval of `head`."""
        self.publish(self.review(head, by, **options))

    # Pushes

    def push(self, *refspecs, **options) -> Push:
        return self.server.push(self.path, *refspecs, **options)

    def land(self, commit, ref=MASTER, **options):
        return self.push(f"{commit}:{ref}", **options)

    def exact(self, commit, ref=MASTER, options=()):
        """Pushes as `land` does, but names the ref to the server as it stands."""
        old = self.server.refs().get(ref, ZERO)
        have = [tip for name, tip in self.server.refs().items() if not tip.startswith("ref: ")]
        packed = run("git", "pack-objects", "--revs", "--stdout", "-q", cwd=self.path,
                     input="".join([f"{commit}\n", *(f"^{tip}\n" for tip in have)])).out
        return push_pack(self.server, [(ref, old, commit)], [], raw_pack=packed, options=options)

    def must_land(self, head, by="bob", method="merge"):
        """Approves and lands a head, which the server must accept; the landing."""
        self.approve(head, by)
        landing = self.merge(head) if method == "merge" else head
        accepted(self.land(landing))
        return landing


def _is_id(text):
    return len(text) == 40 and set(text) <= set("0123456789abcdef")
