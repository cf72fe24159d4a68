"""Amounts of money, in the smallest unit of their currency."""

import re

CURRENCIES = ("EUR", "USD")


def parse(text):
    """Cents of an amount such as `12.50`."""
    match = re.fullmatch(r"([0-9]+)(?:\.([0-9]{2}))?", text)
    if not match:
        raise ValueError(f"{text!r} is no amount: write 12 or 12.50")
    return int(match[1]) * 100 + int(match[2] or 0)


def show(cents, currency):
    """An amount for people."""
    return f"{cents // 100}.{cents % 100:02d} {currency}"
