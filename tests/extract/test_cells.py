"""What a cell says, or that it says nothing, or that it cannot be read."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from extract import cells


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("$1,234.50", "1234.5"),
        ("1,234", "1234"),
        ("1234567.89", "1234567.89"),
        ("(12.00)", "-12"),
        ("($1,012.00)", "-1012"),
        ("-12", "-12"),
        ("-$12", "-12"),
        ("$-12", "-12"),
        ("12.5-", "-12.5"),
        ("\N{MINUS SIGN}5", "-5"),
        (" .5 ", "0.5"),
        ("-0", "0"),
        (7, "7"),
        (Decimal("0.000000001"), "0.000000001"),
        (35.230000000000004, "35.23"),
    ],
)
def test_an_amount_is_read_however_it_is_written(cell, amount):
    assert cells.money(cell) == Decimal(amount)


@pytest.mark.parametrize("cell", [None, "", "  ", "-", " - "])
def test_a_cell_that_says_nothing_is_none(cell):
    assert cells.money(cell) is None
    assert cells.day(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        *("12%", "1,23", "1,2345", "(-5)", "--5", "-5-", "5-5", "$", "abc", "1e5", "NaN", "(5"),
        *("١٢", True, float("inf"), float("nan"), [1], Decimal("1e30")),
    ],
)
def test_what_is_no_amount_is_refused(cell):
    with pytest.raises(ValueError, match=r"expected an amount|more than 29 digits"):
        cells.money(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-20T00:00:00-07:00",
        "2026-01-20T23:30:00-07:00",  # the 21st in UTC, the 20th in the business
        "2026-01-20 00:00:00",
        " 2026-01-20 ",
        "1/20/2026",
        "01/20/2026 12:00 AM",
        date(2026, 1, 20),
        datetime(2026, 1, 20, 23, 30),
    ],
)
def test_a_day_is_cut_never_shifted(cell):
    assert cells.day(cell) == date(2026, 1, 20)
    assert type(cells.day(cell)) is date


@pytest.mark.parametrize("cell", ["20/1/2026", "1/20/26", "2026-02-30", "2026-01-20x", 46042, True])
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(ValueError, match="expected a day"):
        cells.day(cell)


def test_text_stays_as_it_is_and_blank_is_none():
    assert cells.text(" Phoenix-Sales") == " Phoenix-Sales"
    assert cells.text(101) == "101"
    assert cells.text(" ") is None
    with pytest.raises(ValueError, match="expected text"):
        cells.text(["101"])
