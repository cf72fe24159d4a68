"""gitolite's update hook with one VREF, over a copy of the same repository."""

import os
import subprocess
from pathlib import Path

from kit import git, people, run

SHARE = Path("/usr/share/gitolite3")


class Gitolite:
    """An installation in a folder of its own; nothing of the machine's is touched."""

    def __init__(self, folder, server):
        home = Path(folder) / "gitolite"
        home.mkdir()
        self.environment = {
            "HOME": str(home), "GL_USER": "admin", "GL_REPO": "system",
            "GL_BINDIR": str(SHARE), "GL_LIBDIR": str(SHARE / "lib"), "GL_RC": str(home / ".gitolite.rc"),
        }
        setup = {**{"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, "HOME": str(home),
                 "GIT_CONFIG_NOSYSTEM": "1", "USER": "admin", "LOGNAME": "admin"}

        def gitolite(*arguments):
            subprocess.run(["gitolite", *arguments], env=setup, check=True, cwd=home,
                           capture_output=True)

        key = home / "admin.pub"
        key.write_bytes(Path(f"{people['alice'].key}.pub").read_bytes())
        gitolite("setup", "-pk", str(key))
        # COUNT is the VREF of gitolite's own manual: how many files a push may change.
        configuration = home / ".gitolite/conf/gitolite.conf"
        configuration.write_text(
            "repo gitolite-admin\n    RW+ = admin\n"
            "repo system\n    RW+ = @all\n    - VREF/COUNT/1000 = @all\n")
        gitolite("compile")
        gitolite("setup")
        self.repository = home / "repositories/system.git"
        run("cp", "-rT", Path(server) / "objects", self.repository / "objects")
        tip = git(server, "rev-parse", "refs/heads/master")
        git(self.repository, "update-ref", "refs/heads/master", tip)
        self.hook = self.repository / "hooks/update"

    def command(self, old, new):
        return [str(self.hook), "refs/heads/master", old, new]
