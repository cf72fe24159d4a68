"""Where payouts are kept. SQLite, so that the example runs anywhere."""

import os
import sqlite3


def connect(path=None):
    """The database at `path`, else at $DATABASE; it must have been migrated."""
    path = path or os.environ["DATABASE"]
    return sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=10)
