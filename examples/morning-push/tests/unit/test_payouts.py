"""A payout is queued by api and paid once by worker."""

import json

import pytest
from api import payouts
from worker.pay import pay

WANTED = {"to": "Carol", "amount": "12.50", "currency": "EUR"}


@pytest.fixture(autouse=True)
def flags(tmp_path, monkeypatch):
    """Payouts are on, whatever flags.json says today."""
    def switch(on):
        path = tmp_path / "flags.json"
        path.write_text(json.dumps({"flags": {"payouts": {
            "state": "ENABLED", "variants": {"on": True, "off": False},
            "defaultVariant": "on" if on else "off"}}}))
        monkeypatch.setenv("FLAGS", str(path))
    switch(True)
    return switch


def test_create(database):
    made = payouts.create(database, WANTED)
    assert made == {"id": 1, "to": "Carol", "amount": "12.50 EUR", "status": "queued"}
    assert payouts.read(database, 2) is None


def test_unknown_currency(database):
    with pytest.raises(ValueError, match="XXX"):
        payouts.create(database, {**WANTED, "currency": "XXX"})


def test_paid_once(database):
    payouts.create(database, WANTED)
    sent = []
    assert pay(database, lambda *payout: sent.append(payout)) == 1
    assert pay(database, lambda *payout: sent.append(payout)) == 0
    assert sent == [("Carol", 1250, "EUR")]
    assert payouts.read(database, 1)["status"] == "paid"


def test_switched_off(database, flags):
    payouts.create(database, WANTED)
    flags(False)
    assert pay(database, lambda *payout: pytest.fail("sent")) == 0
