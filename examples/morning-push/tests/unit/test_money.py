"""Amounts are read strictly and shown exactly."""

import pytest
from lib import money


@pytest.mark.parametrize("text, cents", [("12", 1200), ("12.50", 1250), ("0.05", 5)])
def test_parse(text, cents):
    assert money.parse(text) == cents


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1.234", "1,50", "1e3", "\u0661"])
def test_what_is_no_amount(text):
    with pytest.raises(ValueError):
        print(money.parse(text))


def test_show():
    assert money.show(1205, "EUR") == "12.05 EUR"
