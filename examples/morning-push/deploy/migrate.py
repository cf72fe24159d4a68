#!/usr/bin/env python3
"""Applies the migrations that a database lacks, each once, in the order of their numbers.

usage: migrate.py DATABASE FOLDER...

A migration is a file NNNN_name.py with a function up(database). It is applied and written down in
one transaction: a run that is killed leaves no half of one, and saying it again goes on. Two runs
at once wait for each other. A migration that was edited after it was applied is refused (exit 1).
"""

import hashlib
import re
import runpy
import sqlite3
import sys
from pathlib import Path


class Refused(Exception):
    """A migration that cannot be applied, in one sentence."""


def migrate(path, folders):
    """Brings the database at `path` up to date; the names of the migrations that it applied."""
    files = [file for folder in folders for file in Path(folder).glob("[0-9]*.py")]
    files.sort(key=lambda file: int(re.match(r"\d+", file.name)[0]))
    # Transactions are begun by hand: sqlite3 on its own would commit before a CREATE TABLE.
    database = sqlite3.connect(path, timeout=60, isolation_level=None)
    database.execute("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, sha256 TEXT)")
    applied = []
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        database.execute("BEGIN IMMEDIATE")
        try:
            known = database.execute(
                "SELECT sha256 FROM migrations WHERE name = ?", (file.stem,)).fetchone()
            if known is None:
                runpy.run_path(str(file))["up"](database)
                database.execute("INSERT INTO migrations VALUES (?, ?)", (file.stem, digest))
                applied.append(file.stem)
            elif known[0] != digest:
                raise Refused(f"{file.stem} was edited after it was applied: add a new one instead")
            database.execute("COMMIT")
        except BaseException as error:
            database.execute("ROLLBACK")
            if isinstance(error, (Refused, KeyboardInterrupt, SystemExit)):
                raise
            raise Refused(f"{file.stem} failed and left nothing behind: {error}") from error
    return applied


def main():
    """Says what it applied."""
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        applied = migrate(sys.argv[1], sys.argv[2:])
    except (Refused, sqlite3.Error) as error:
        print(f"migrate: {error}", file=sys.stderr)
        sys.exit(1)
    for name in applied:
        print(f"applied {name}")


if __name__ == "__main__":
    main()
