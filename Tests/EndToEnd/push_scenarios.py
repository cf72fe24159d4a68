"""Pushes in which the worktree, the checked-out branch and what is pushed differ: the local hook
checks exactly what is pushed. The table of docs/reference/local-hook.md, row by row."""

import os
import random
import signal
import time

from kit import case, check, run
from kit.clone import Clone, pushed, same, stopped

GOOD, BAD = "GOOD = 2\n", "BAD = 2\n"


def checked(clone, *revisions):
    """Asserts on which trees the check has run since it was last asked."""
    wanted = sorted({clone.tree(r) for r in revisions})
    found = sorted(clone.ran())
    check(found == wanted, f"ran on {found}, should have run on {wanted}")


@case
def good_commit_with_a_bad_dirty_edit():
    """What is not committed is not pushed, and not judged."""
    clone = Clone()
    clone.commit(app__py=GOOD)
    clone.write("app.py", BAD)
    before = clone.snapshot()
    pushed(clone.push("master"))
    checked(clone, "master")
    same(before, clone.snapshot())


@case
def bad_commit_with_an_unstaged_fix():
    """A fix that is not committed does not make the commit good."""
    clone = Clone()
    clone.commit(app__py=BAD)
    clone.write("app.py", GOOD)
    before = clone.snapshot()
    said = stopped(clone.push("master"))
    check("code failed on" in said.errors and "1:BAD = 2" in said.errors, said.errors)
    checked(clone, "master")
    same(before, clone.snapshot())


@case
def bad_commit_with_a_staged_fix():
    """Nor does one that is only in the index."""
    clone = Clone()
    clone.commit(app__py=BAD)
    clone.write("app.py", GOOD)
    clone.git("add", "app.py")
    before = clone.snapshot()
    stopped(clone.push("master"))
    checked(clone, "master")
    same(before, clone.snapshot())


@case
def needed_file_only_untracked():
    """A file that was never added is not there for the check, whatever ignores it."""
    clone = Clone(checks="checks: {code: {run: python3 app.py}}\non_push: [code]\n")
    clone.write("app.py", "import needed\n")
    clone.git("add", "app.py")
    clone.git("commit", "-qm", "Need it")
    clone.write("needed.py", "")
    before = clone.snapshot()
    said = stopped(clone.push("master"))
    check("No module named 'needed'" in said.errors, said.errors)
    same(before, clone.snapshot())
    clone.commit("Add it")
    pushed(clone.push("master"))


@case
def bad_branch_from_a_good_head():
    """What is pushed is checked, not what is checked out."""
    clone = Clone()
    clone.git("switch", "-qc", "bad")
    clone.commit(app__py=BAD)
    clone.git("switch", "-q", "master")
    stopped(clone.push("bad"))
    checked(clone, "bad")
    check(clone.on_server("bad") is None, "the branch is on the server")


@case
def good_branch_from_a_bad_head():
    """A bad commit that stays here keeps no other branch from being pushed."""
    clone = Clone()
    clone.git("switch", "-qc", "good")
    clone.commit(app__py=GOOD)
    clone.git("switch", "-qc", "bad", "master")
    clone.commit(app__py=BAD)
    pushed(clone.push("good"))
    checked(clone, "good")


@case
def two_refs_the_second_bad():
    """Every line that git gives the hook counts."""
    clone = Clone()
    clone.git("switch", "-qc", "good")
    clone.commit(app__py=GOOD)
    clone.git("switch", "-qc", "worse", "master")
    clone.commit(app__py=BAD)
    said = stopped(clone.push("good", "worse"))
    check("for good" in said.errors and "for worse" in said.errors, said.errors)
    checked(clone, "good", "worse")
    check(clone.on_server("good") is None, "one of the two was pushed")


@case
def deletion_from_a_bad_head():
    """A deletion brings nothing, so there is nothing to check."""
    clone = Clone()
    pushed(clone.push("master:refs/heads/old"))
    clone.ran()
    clone.commit(app__py=BAD)
    pushed(clone.push(":refs/heads/old"))
    checked(clone)
    check(clone.on_server("old") is None, "the branch is still there")


@case
def tag_on_a_bad_commit():
    """A tag, and a tag of a tag, bring the commit that they are on."""
    clone = Clone()
    clone.commit(app__py=BAD)
    clone.git("tag", "-m", "One", "v1")
    clone.git("tag", "-m", "Of a tag", "v1-final", "v1")
    clone.git("tag", "light")
    clone.git("reset", "-q", "--hard", "HEAD~1")
    for name in ("v1", "v1-final", "light"):
        said = stopped(clone.push(f"refs/tags/{name}"))
        check(f"for {name}" in said.errors, said.errors)
        checked(clone, "v1^{commit}")
    blob = clone.git("hash-object", "-w", "--stdin", input="a key\n")
    clone.git("tag", "-m", "Of a blob", "key", blob)
    pushed(clone.push("refs/tags/key"))
    checked(clone)


@case
def parent_pushed_while_the_tip_is_bad():
    """`HEAD~1:refs/heads/master` is about the parent."""
    clone = Clone()
    clone.commit(app__py=GOOD)
    clone.commit(app__py=BAD)
    pushed(clone.push("HEAD~1:refs/heads/master"))
    checked(clone, "HEAD~1")
    stopped(clone.push("HEAD:refs/heads/master"))
    checked(clone, "HEAD")


@case
def new_name_without_new_commits():
    """What the remote has already needs nothing; what it does not have is checked once more under
    any name."""
    clone = Clone()
    clone.commit(app__py=BAD)
    pushed(clone.push("master", env={"GATE": "0"}))
    pushed(clone.push("master:refs/heads/copy", "master~1:refs/heads/older"))
    checked(clone)
    clone.commit(app__py="BAD = 3\n")
    clone.git("branch", "twin")
    stopped(clone.push("master", "twin"))
    checked(clone, "master")


@case
def forced_bad_push():
    """A forced push is checked like any other; back to what the remote had needs nothing."""
    clone = Clone()
    clone.commit(app__py=GOOD)
    pushed(clone.push("master"))
    clone.git("commit", "-q", "--amend", "-m", "Again")
    clone.write("app.py", BAD)
    clone.git("commit", "-q", "-a", "--amend", "-m", "Worse")
    clone.ran()
    stopped(clone.push("+master"))
    checked(clone, "master")
    pushed(clone.push("+master~1:refs/heads/master"))
    checked(clone)


@case
def branch_that_is_not_checked_out_in_a_linked_worktree():
    """A push from a linked worktree checks what it pushes, and leaves both worktrees alone."""
    clone = Clone()
    other = clone.folder / "other"
    clone.git("worktree", "add", "-q", "-b", "topic", other)
    (other / "app.py").write_text(BAD)
    run("git", "commit", "-qam", "Bad", cwd=other, env=clone.env)
    (other / "app.py").write_text("unsaved\n")
    before = clone.snapshot()
    stopped(clone.push("topic", cwd=other))
    checked(clone, "topic")
    pushed(clone.push("master:refs/heads/from-there", cwd=other))
    same(before, clone.snapshot())
    check((other / "app.py").read_text() == "unsaved\n", "the linked worktree was touched")


@case
def changed_definition_is_tried():
    """The commit's own list of checks governs where no server does; one that is broken is refused
    with its place."""
    clone = Clone()
    clone.commit(**{"policies/checks__yml":
                    "checks: {new: {run: 'echo tried && exit 3'}}\non_push: [new]\n"})
    said = stopped(clone.push("master"))
    check("new failed on" in said.errors and "tried" in said.errors, said.errors)
    checked(clone)
    clone.commit(**{"policies/checks__yml": "checks:\n  new: {runs: 'true'}\non_push: [nwe]\n"})
    said = stopped(clone.push("master"), "checks.yml:2:9: unknown key runs")
    check("3:11: no check is called nwe" in said.errors, said.errors)


UNSAVED = {"app.py": "unsaved\n", "new file\n.py": "untracked\n", "empty": ""}


@case
def killed_at_any_moment():
    """TERM, HUP, INT and KILL at 16 seeded moments: contents, index, stash and refs stay as they
    were byte for byte, no check lives on, and the next push is right."""
    chance = random.Random(20261123)
    clone = Clone(checks=(
        "checks: {slow: {run: 'echo $$ >>\"%s\"; sleep 1.5; ! grep BAD app.py'}}\n"
        "on_push: [slow]\n") % "PIDS")
    pids = clone.folder / "pids"
    clone.commit(**{"policies/checks__yml": (clone.path / "policies/checks.yml").read_text()
                    .replace("PIDS", str(pids))})
    clone.write("app.py", "stashed\n")
    clone.git("stash")
    clone.write("staged.py", "staged\n")
    clone.git("add", "staged.py")
    for name, content in UNSAVED.items():
        clone.write(name, content)
    (clone.path / "empty").chmod(0o751)
    os.symlink("nowhere", clone.path / "link")
    clone.git("status")
    before = clone.snapshot()
    numbers = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL]
    for number in numbers * 4:
        process = clone.start_push("master")
        time.sleep(chance.uniform(0.005, 0.6))
        os.killpg(process.pid, number)
        process.communicate(timeout=30)
        same(before, clone.snapshot())
        check(clone.on_server("master") == clone.git("rev-parse", "origin/master"),
              f"pushed in spite of {number.name}")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        alive = [p for p in (pids.read_text().split() if pids.exists() else [])
                 if os.path.exists(f"/proc/{p}")]
        if not alive:
            break
        time.sleep(0.1)
    check(not alive, f"checks live on: {alive}")
    pushed(clone.push("master"))
    same(before, clone.snapshot())
    clone.git("switch", "-qc", "bad", "HEAD~0")
    clone.commit(app__py=BAD)
    stopped(clone.push("bad"))
