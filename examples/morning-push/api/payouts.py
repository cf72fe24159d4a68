"""What the API does with a request, without HTTP."""

from lib import money


def create(database, wanted):
    """Queues a payout `{"to", "amount", "currency"}`; its id and status."""
    if wanted.get("currency") not in money.CURRENCIES:
        raise ValueError(f"we do not pay out in {wanted.get('currency')!r}")
    cents = money.parse(wanted["amount"])
    with database:
        row = database.execute(
            "INSERT INTO payouts (recipient, cents, currency) VALUES (?, ?, ?)",
            (wanted["to"], cents, wanted["currency"]))
    return read(database, row.lastrowid)


def read(database, number):
    """A payout as the API shows it; None without one."""
    row = database.execute(
        "SELECT id, recipient, cents, currency, paid FROM payouts WHERE id = ?",
        (number,)).fetchone()
    if row is None:
        return None
    return {"id": row[0], "to": row[1], "amount": money.show(row[2], row[3]),
            "status": "paid" if row[4] else "queued"}
