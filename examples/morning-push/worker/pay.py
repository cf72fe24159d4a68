"""One round of the worker."""

from lib import flags

BATCH = 100


def pay(database, send):
    """Sends queued payouts, oldest first; how many. Each is marked before the next is sent."""
    if not flags.flag("payouts"):
        return 0
    rows = database.execute(
        "SELECT id, recipient, cents, currency FROM payouts WHERE NOT paid ORDER BY id LIMIT ?",
        (BATCH,)).fetchall()
    for number, recipient, cents, currency in rows:
        send(recipient, cents, currency)
        with database:
            database.execute("UPDATE payouts SET paid = 1 WHERE id = ?", (number,))
    return len(rows)
