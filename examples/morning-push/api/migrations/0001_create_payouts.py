"""Payouts, and whether they were paid."""


def up(database):
    """Applies the migration; the caller's transaction commits it."""
    database.execute(
        "CREATE TABLE payouts (id INTEGER PRIMARY KEY, recipient TEXT NOT NULL,"
        " cents INTEGER NOT NULL, currency TEXT NOT NULL, paid INTEGER NOT NULL DEFAULT 0)")
