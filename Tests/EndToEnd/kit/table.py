"""The table of attacks in docs/security.md, made from the cases themselves."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "security.md"
BEGIN, END = "<!-- attacks -->\n", "<!-- end of attacks -->\n"
CLASSES = {
    "adversary_names": "Names",
    "adversary_objects": "Objects",
    "adversary_pushes": "Pushes",
    "adversary_meaning": "Meaning",
    "adversary_evidence": "Evidence",
    "adversary_surroundings": "Surroundings",
    "adversary_size": "Size",
    "adversary_runner": "Runner",
    "adversary_releases": "Releases",
    "races": "Races",
}


def table(cases):
    """The tables of all classes, as Markdown."""
    lines = []
    for module, title in CLASSES.items():
        rows = [(name.split(".", 1)[1], case.__doc__) for name, case in cases.items()
                if name.startswith(module + ".")]
        lines += [f"### {title}", "", "| what is tried, and what must come of it | case |",
                  "|---|---|"]
        for name, words in rows:
            first = " ".join(re.split(r"\n\s*\n", words.strip())[0].split())
            lines.append(f"| {first.replace('|', chr(92) + '|')} | `{name}` |")
        lines.append("")
    return "\n".join(lines)


def document(cases, old):
    """The document with its table made anew."""
    start, end = old.index(BEGIN) + len(BEGIN), old.index(END)
    return old[:start] + "\n" + table(cases) + "\n" + old[end:]
