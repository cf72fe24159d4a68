"""Pushes of many refs and of many commits, as the hook gets them: objects in quarantine, one line
for each ref."""

import subprocess

from kit import World, files, git, run
from kit.lab import GIT
from kit.policy import ruleset
from kit.world import ZERO, Client
from landings import Landings

REFS = 50
COMMITS = 25_000
FILE_RULES = {
    "file_path_restriction": {"forbid": ["**/*.pem", ".env"]},
    "max_file_size": {"bytes": 5_000_000},
    "max_file_path_length": {"bytes": 255},
}
MASTER_RULES = {
    "creation": {}, "deletion": {}, "non_fast_forward": {},
    "pull_request": {"required_approving_review_count": 1, "reviewers": ["engineering"]},
}


class Pushes:
    """A server whose file rules hold on every branch, and two ways to push to it."""

    def __init__(self, folder, seed):
        self.folder = folder
        folder.mkdir()
        self.world = World(files(rulesets=[
            ruleset(MASTER_RULES),
            ruleset(FILE_RULES, name="everywhere", include=["refs/heads/**"])]))
        self.server = self.world.server.path
        self.seed = seed

    def many_refs(self):
        """The environment and the inputs: one branch of 50 commits, and each a branch."""
        tip, heads = self.world.master, []
        for number in range(REFS):
            tip = self.world.change({f"src/part{number}.py": f"PART = {number}\n"}, on=tip)
            heads.append(tip)
        pack = run("git", "pack-objects", "--revs", "--stdout", "-q", cwd=self.world.path,
                   input=f"{tip}\n^{self.world.master}\n").out
        environment = self.quarantine("refs", pack)
        one = self.input("one", [f"refs/heads/part/{REFS}"], [tip])
        many = self.input(
            "many", [f"refs/heads/part/{number + 1}" for number in range(REFS)], heads)
        return environment, one, many

    def many_commits(self):
        """A branch that brings a whole history: the environment, the input, the tip and how many
        commits it brings; and the input of one that brings a forbidden file too."""
        history = self.folder / "history.git"
        Landings(self.seed).write(history, COMMITS // 4 + 50)
        # A landing brings four commits, more or less.
        line = git(history, "rev-list", "--topo-order", "--reverse", "master").split()
        tip = line[min(COMMITS, len(line)) - 1]
        other = Client(history)
        evil = other.commit(other.tree(tip, {"keys/server.pem": "secret\n"}), [tip])
        pack = run("git", "pack-objects", "--revs", "--stdout", "-q", cwd=history,
                   input=f"{evil}\n", timeout=600).out
        environment = self.quarantine("commits", pack)
        count = int(git(history, "rev-list", "--count", tip))
        ref = ["refs/heads/import"]
        return (environment, self.input("commits", ref, [tip]), tip, count,
                self.input("forbidden", ref, [evil]))

    def input(self, name, refs, commits):
        path = self.folder / name
        path.write_text("".join(
            f"{ZERO} {commit} {ref}\n" for ref, commit in zip(refs, commits)))
        return path

    def quarantine(self, name, pack):
        """Puts a pack where git-receive-pack puts a large push; the environment of its hooks."""
        folder = self.server / "objects" / f"tmp_objdir-incoming-{name}"
        (folder / "pack").mkdir(parents=True)
        environment = {
            **GIT, "GIT_DIR": ".", "GIT_QUARANTINE_PATH": str(folder),
            "GIT_OBJECT_DIRECTORY": str(folder),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.server / "objects"),
        }
        subprocess.run(["git", "index-pack", "--stdin"],
                       cwd=self.server, env=environment, input=pack, check=True,
                       stdout=subprocess.DEVNULL)
        return environment


__all__ = ["COMMITS", "REFS", "Pushes"]
