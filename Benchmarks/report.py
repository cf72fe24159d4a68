"""What was measured, for people: on the screen, and as `results.md` with the machine and the
versions of everything that took part."""

import os
import platform
import re
import statistics
import subprocess
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions"

# A row that misses its budget fails, unless a page shows its profile and why the limit stands.
PAGES = {
    "a first push of 25,000 commits against rev-list": "first-pushes.md",
    "gate audit against git merge-tree, landings a second": "audits-read-objects.md",
    "gate range against git log --name-only": "long-ranges.md",
    "gate manifest against git-cliff --context": "long-ranges.md",
}


class Row:
    """One budget: what was measured, and whether that is within it."""

    def __init__(self, what, value, budget, shown, more_is_better=False):
        self.what, self.value, self.budget = what, value, budget
        self.shown, self.more_is_better = shown, more_is_better

    @property
    def within(self):
        return self.value >= self.budget if self.more_is_better else self.value <= self.budget

    @property
    def page(self):
        """The decision that explains why it is not within; None without one."""
        name = PAGES.get(self.what)
        return name if name and (DECISIONS / name).exists() else None

    @property
    def verdict(self):
        if self.within:
            return "ok"
        return "known" if self.page else "OVER"

    @property
    def limit(self):
        return ("at least " if self.more_is_better else "at most ") + self.shown(self.budget)


def spread(contender):
    """The median and the quartiles, in milliseconds, and the peak of memory."""
    low, _, high = statistics.quantiles(contender.seconds, n=4)
    return (f"{contender.median * 1e3:.2f} ms", f"{low * 1e3:.2f}-{high * 1e3:.2f}",
            f"{contender.peak / 1024:.1f} MiB")


def on_screen(found, notes, rows, options):
    print(f"medians of interleaved rounds, seed {options.seed}")
    for name, contender in found.items():
        median, quartiles, peak = spread(contender)
        print(f"  {name:<22} {median:>12}  ({quartiles})  {peak:>10}"
              f"  {len(contender.seconds)} rounds")
    for note in notes:
        print(f"  {note}")
    for row in rows:
        print(f"{row.verdict:<5}  {row.what:<52} {row.shown(row.value):>9}   {row.limit}")
        if row.verdict == "known":
            print(f"       docs/decisions/{row.page}")


def _first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "not here"
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else "unknown"


def _version(program):
    """The first thing like a version that a program says of itself."""
    for word in ("--version", "version"):
        found = re.search(r"\d+\.\d+(\.\d+)*", _first_line(str(program), word))
        if found:
            return found.group(0)
    return "unknown"


def _package(name):
    """The version of a Debian package."""
    found = _first_line("dpkg-query", "-W", "-f", "${Version}\n", name)
    return found if re.match(r"\d", found) else "not a package"


def machine():
    """What the figures depend on: (what, which)."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    model = re.search(r"^model name\s*:\s*(.*)$", text, re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    release = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return [
        ("processor", f"{os.cpu_count()} x {model.group(1) if model else platform.machine()}"),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{release}, Linux {platform.release().split('-')[0]}"),
    ]


def versions(gate):
    from kit.tools import git_cliff, tool
    return [
        ("gate", _version(gate)),
        ("git", _version("git")),
        ("libgit2", _package("libgit2-1.5")),
        ("Swift", _version("swift")),
        ("gitolite", _package("gitolite3")),
        ("git-cliff", _version(git_cliff())),
        *((name, _version(tool(name))) for name in ("lefthook", "prek", "pre-commit")),
    ]


def as_markdown(found, notes, rows, options, gate):
    """The page: when and where, each row, each contender."""
    today = datetime.now(timezone.utc).date().isoformat()
    lines = [
        "# Results", "",
        f"Written by `make bench` on {today}; seed {options.seed}, medians of interleaved"
        " rounds. Only ratios of one run mean something: what else",
        "a machine does falls on all contenders alike.", "",
        "| | |", "|---|---|",
        *(f"| {what} | {which} |" for what, which in machine() + versions(gate)), "",
        "## Budgets", "", "| what | measured | budget | |", "|---|---|---|---|",
    ]
    for row in rows:
        why = f"[why](../docs/decisions/{row.page})" if row.verdict == "known" else row.verdict
        lines.append(f"| {row.what} | {row.shown(row.value)} | {row.limit} | {why} |")
    if found:
        lines += ["", "## Contenders", "",
                  "| program | median | quartiles (ms) | peak memory | rounds |",
                  "|---|---|---|---|---|"]
        lines += [f"| {name} | {' | '.join(spread(contender))} | {len(contender.seconds)} |"
                  for name, contender in found.items()]
    lines += ["", "## Besides", ""] if notes else []
    lines += [f"- {note}" for note in notes]
    return "\n".join(lines) + "\n"
