"""A seeded server that has been guarded for a while, and one landing that waits to be judged."""

import os
import random
import shutil
from pathlib import Path

from kit import World, accepted, evidence, files, git, run
from kit.world import Client

FILES = 4_800
PULLS = 1_000
GUARDED = 40
CHECKS = {
    "pylint": {"run": "pylint --recursive=y .", "paths": ["**/*.py"], "timeout": "5m"},
    "mypy": {"run": "mypy .", "paths": ["**/*.py"], "timeout": "5m"},
    "unit": {"run": "pytest -q", "timeout": "10m"},
}
RULES = {
    "creation": {}, "deletion": {}, "non_fast_forward": {},
    "pull_request": {"required_approving_review_count": 1, "reviewers": ["engineering"]},
    "required_status_checks": {"checks": list(CHECKS), "tested": "head", "signers": ["ci"]},
    "file_path_restriction": {"forbid": ["**/*.pem", ".env"]},
    "max_file_size": {"bytes": 5_000_000},
    "max_file_path_length": {"bytes": 255},
}


def path_of(number):
    return f"services/s{number % 40:02}/m{number // 40 % 24:02}/file_{number:04}.py"


def history(seed):
    """A fast-import stream: a first commit of many files, then merged pull requests."""
    chance = random.Random(seed)
    out = []

    def commit(mark, ref, parents, message, edits):
        out.append(f"commit {ref}\nmark :{mark}\n")
        clock = 1_600_000_000 + mark * 60
        out.append(f"author Alice <alice@wrk.example> {clock} +0000\n")
        out.append(f"committer Alice <alice@wrk.example> {clock} +0000\n")
        out.append(f"data {len(message)}\n{message}\n")
        for keyword, parent in zip(("from", "merge"), parents):
            out.append(f"{keyword} :{parent}\n")
        for path, text in edits:
            out.append(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n")
        out.append("\n")

    def text():
        return "".join(f"VALUE_{n} = {chance.randrange(10**9)}\n" for n in range(40))

    commit(1, "refs/heads/master", [], "Start", [(path_of(n), text()) for n in range(FILES)])
    tip, mark = 1, 1
    for number in range(1, PULLS + 1):
        edits = [(path_of(chance.randrange(FILES)), text()) for _ in range(2)]
        mark += 1
        commit(mark, "refs/heads/topic", [tip], f"Change {number}", edits)
        commit(mark + 1, "refs/heads/master", [tip, mark],
               f"Merge pull request #{number}", edits)
        mark += 1
        tip = mark
    out.append("reset refs/heads/topic\nfrom 0000000000000000000000000000000000000000\n\n")
    return "".join(out).encode()


class Prepared:
    """The server, and the push that is judged again and again and never made."""

    def __init__(self, folder, gate, seed):
        folder = Path(folder)
        server, client = folder / "server.git", folder / "client.git"
        for path in (server, client):
            run("git", "init", "-q", "--bare", "--template=", "-b", "master", path)
            (path / "info").mkdir()
            (path / "hooks").mkdir()
        run("git", "fast-import", "--quiet", cwd=client, input=history(seed), timeout=600)
        run("git", "push", "-q", server, "refs/heads/master", cwd=client)
        run(gate, "install", "--server", server)

        world = World.__new__(World)
        from kit import Server
        Client.__init__(world, client)
        world.server, world.checks, world.folder = Server(server), CHECKS, folder
        policy = files(RULES, checks=CHECKS)
        start = git(client, "rev-parse", "refs/heads/master")
        Client.clock = 1_700_000_000
        second = world.commit(world.tree(start, policy), [start], "alice", message="Add the policy")
        accepted(world.push(f"{second}:refs/heads/master"))
        run(gate, "trust", "-C", server, "--yes")

        chance = random.Random(seed + 1)
        for number in range(GUARDED):
            head, landing = self.change(world, chance, number)
            world.publish(*self.proofs(world, head))
            accepted(world.land(landing))
        head, landing = self.change(world, chance, GUARDED)
        world.publish(*self.proofs(world, head))
        for path in (server, client):
            run("git", "gc", "-q", cwd=path, timeout=600)
        self.world, self.server = world, server
        self.old, self.new, self.head = world.master, landing, head

    @staticmethod
    def change(world, chance, number):
        path = path_of(chance.randrange(FILES))
        head = world.change({path: f"CHANGE = {number}\n"}, message=f"Change {number}")
        return head, world.merge(head, message=f"Merge change {number}")

    @staticmethod
    def proofs(world, head):
        return [world.review(head), *(world.result(head, name) for name in CHECKS)]


def quarantine(server, prepared):
    """Puts the pushed objects where git-receive-pack puts them; the environment of its hooks."""
    folder = Path(server) / "objects" / "tmp_objdir-incoming-bench1"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "pack").mkdir(parents=True)
    pack = run("git", "pack-objects", "--revs", "--stdout", "-q", "--thin",
               input=f"{prepared.new}\n^{prepared.old}\n", cwd=prepared.world.path).out
    environment = {
        "GIT_DIR": ".",
        "GIT_QUARANTINE_PATH": str(folder),
        "GIT_OBJECT_DIRECTORY": str(folder),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(Path(server) / "objects"),
    }
    run("git", "unpack-objects", "-q", input=pack, cwd=server, env=environment)
    return environment


def with_refs(prepared, folder, count):
    """A copy of the server that has `count` branches more, packed."""
    copy = Path(folder) / f"server-{count}.git"
    run("cp", "-r", prepared.server, copy)
    commits = git(copy, "rev-list", "--first-parent", "refs/heads/master").split()
    lines = "".join(
        f"create refs/heads/topic/{n % 100:02}/change-{n:05} {commits[n % len(commits)]}\n"
        for n in range(count))
    run("git", "update-ref", "--stdin", cwd=copy, input=lines, timeout=600)
    run("git", "pack-refs", "--all", cwd=copy, timeout=600)
    return copy


__all__ = ["Prepared", "evidence", "os", "quarantine", "with_refs"]
