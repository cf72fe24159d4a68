"""`gate audit` of long histories: which merges are clean and which were made by hand is what
`git merge-tree --write-tree` says of each."""

import json
import os
import sys
from pathlib import Path

from kit import LAB, case, check, files, git, run
from kit.history import real_histories
from kit.policy import ruleset
from kit.server import GATE

sys.path.append(str(Path(__file__).resolve().parents[2] / "Benchmarks"))

# `make soak` asks for more.
LANDINGS = int(os.environ.get("GATE_MERGES", "400"))
SEED = int(os.environ.get("GATE_TRUTH_SEED", "1"))


def audited(folder, tip):
    """Every landing of master, by the policy of another commit: what the audit says of it."""
    rules = {"pull_request": {"required_approving_review_count": 0,
                              "allowed_merge_methods": ["merge", "squash", "fast_forward"]}}
    edits = "".join(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n"
                    for path, text in files(rulesets=[ruleset(rules)]).items())
    run("git", "fast-import", "--quiet", cwd=folder,
        input="commit refs/heads/policy\ncommitter Alice <alice@wrk.example> 2000000000 +0000\n"
              f"data 7\nPolicy\n\n{edits}")
    policy = git(folder, "rev-parse", "refs/heads/policy")
    git(folder, "update-ref", "-d", "refs/heads/policy")
    said = json.loads(run(GATE, "audit", "--json", "--offline", "--policy", policy, "--ref",
                          "master", cwd=folder, check=False, timeout=3600).text)
    check(said["head"] == tip, "another branch was audited")
    return {row["commit"]: row for row in said["landings"]}


def merges_by_git(folder, tip):
    """Of each two-parent landing: its tree, what git merges (None: a conflict, or unrelated
    histories), and its merge bases."""
    rows = [line.split() for line in git(
        folder, "log", "--first-parent", "--min-parents=2", "--max-parents=2",
        "--format=%H %T %P", tip).splitlines()]
    said = run("git", "-c", "merge.renames=true", "merge-tree", "--stdin", "-z", cwd=folder,
               check=False, timeout=7200,
               input="".join(f"{one} {two}\n" for _, _, one, two in rows)).out
    trees = merged_trees(said, len(rows))
    found = {}
    for (commit, tree, one, two), merged in zip(rows, trees):
        found[commit] = tree, merged, one, two
    return found


def merged_trees(said, count):
    """The answers of `git merge-tree --stdin -z`: `1 NUL tree NUL … NUL` for a clean merge, `0`
    for a conflict (git-merge-tree(1), "INPUT FORMAT"), and nothing more behind a merge that it
    refuses to make."""
    parts = said.split(b"\0")
    place, trees = 0, []
    while len(trees) < count and place < len(parts) and parts[place] in (b"0", b"1"):
        is_clean, tree = parts[place] == b"1", parts[place + 1].decode()
        place += 2
        # Of a conflict follow the files and the messages, each list with an empty part behind it;
        # a message is the number of its paths, these, a kind and a text.
        while place < len(parts) and parts[place]:
            place += 1
        place += 1
        while not is_clean and place < len(parts) and parts[place]:
            place += 1 + int(parts[place]) + 2
        place += not is_clean
        trees.append(tree if is_clean else None)
    return trees


def compare(folder, tip):
    """How many merges there are, and the ones about which the two differ, each with its reason."""
    audit, by_git = audited(folder, tip), merges_by_git(folder, tip)
    check(by_git, "no merges")
    clean = 0
    explained, unexplained = [], []
    for commit, (tree, merged, one, two) in by_git.items():
        verdict = audit[commit]["verdict"]
        reason = verdict["landings"][0]["handMade"]
        is_clean = tree == merged
        clean += is_clean
        if is_clean == (reason is None):
            continue
        bases = git(folder, "merge-base", "--all", one, two).split()
        # Several merge bases are merged to a virtual one first; the engine takes none for clean.
        (explained if is_clean and len(bases) != 1 else unexplained).append(
            f"{commit}: git {'clean' if is_clean else 'not clean'}, gate {reason},"
            f" {len(bases)} merge bases")
    check(not unexplained, "\n".join(unexplained[:20]))
    return len(by_git), clean, explained


@case
def a_generated_history():
    """Clean merges, and among them some with an edit of their own and some that leave out what the
    branch changed ($GATE_MERGES landings)."""
    from landings import Landings

    folder = LAB / "cases" / "merges-truth.git"
    history = Landings(SEED, spoilt=0.02)
    history.write(folder, LANDINGS)
    tip = git(folder, "rev-parse", "master")
    count, clean, explained = compare(folder, tip)
    check(count == LANDINGS, f"{count} merges")
    check(count - clean == history.spoilt_count > 0, f"{count - clean} are not clean")
    check(not explained, "several merge bases where none were made")


@case
def a_real_history():
    """What people merged, conflicts and renames among it (GATE_REAL_HISTORY names repositories,
    separated by colons; their HEAD)."""
    for source, folder in real_histories("merges"):
        tip = git(folder, "rev-parse", "master")
        count, clean, explained = compare(folder, tip)
        print(f"{source}: {count} merges, {clean} clean, {len(explained)} of several bases")
        print("\n".join(explained))
