"""What the ServiceTitan reports would show, in plain Python from the API's records.

Written from the definitions page alone, without a look at the project's SQL, so that the two can be
held against each other. What docstrings quote is the page's own wording, shortened.

`Records` maps an entity's name (`jobs`, `gross_pay_items`, ...) to the newest version of each of
its records, active and inactive, in the API's own JSON shape: money as Decimal, int or str,
instants and calendar dates as text. The options are those of `Options`; only `as_of` has no
default.

values.py reads single values; book.py opens the records; sales.py, production.py, receivables.py
hold one function per KPI, which lists the records that make it; rollup.py turns those into rows.
"""

import decimal

from simulator.oracle import rollup
from simulator.oracle.book import Book, Counted, Options, Records, Standing
from simulator.oracle.landing import land_tables
from simulator.oracle.rollup import Ledger

__all__ = [
    "Counted",
    "Ledger",
    "Options",
    "Records",
    "Standing",
    "company_weekly_kpis",
    "daily_kpis",
    "land",
    "ledger",
    "weekly_kpis",
]

# Room for any sum of decimal(38,9); what still needed rounding would raise decimal.Inexact.
EXACT = decimal.Context(prec=100, traps=[decimal.Inexact, decimal.InvalidOperation])


def daily_kpis(records: Records, **options) -> list[dict]:
    """One row per reporting unit and day, with exactly the columns of `st_mart.daily_kpis`: int for
    counts, Decimal for money, float for percentages, None where a KPI does not apply or a
    denominator is 0. Sorted by unit and day."""
    return _rows(ledger(records, **options), rollup.day_itself, rollup.per_unit)


def weekly_kpis(records: Records, **options) -> list[dict]:
    """One row per reporting unit and week, in the columns of `daily_kpis`: event_date is the week's
    Monday, balances are those of its last day, in the running week of the as-of day."""
    return _rows(ledger(records, **options), rollup.week_of, rollup.per_unit)


def company_weekly_kpis(records: Records, **options) -> list[dict]:
    """One row per week for all units together, in the columns of `weekly_kpis` less business_unit;
    every KPI applies."""
    return _company_rows(ledger(records, **options))


def land(warehouse, records: Records, **options) -> None:
    """Create or replace st_oracle.daily_kpis, weekly_kpis and weekly_kpis_company in a DuckDB file
    (its path) or connection.

    Raises ValueError, and lands nothing, if a value needs more than the 9 decimals of its column.
    """
    everything = ledger(records, **options)
    land_tables(
        warehouse,
        {
            "daily_kpis": _rows(everything, rollup.day_itself, rollup.per_unit),
            "weekly_kpis": _rows(everything, rollup.week_of, rollup.per_unit),
            "weekly_kpis_company": _company_rows(everything),
        },
    )


def ledger(records: Records, **options) -> Ledger:
    """The records behind the numbers, days after as_of included: `counted`, per flow KPI every
    record once (a payment once per invoice it went to, and for its rest); `standing`, per balance
    KPI every amount with its first and last day. Its `roll_up` takes any period and level."""
    with decimal.localcontext(EXACT):
        return Ledger(Book(records, Options(**options)))


def _rows(everything: Ledger, period: rollup.Period, level: rollup.Level) -> list[dict]:
    with decimal.localcontext(EXACT):
        return [
            {"event_date": first_day, "business_unit": member.name, **values}
            for first_day, member, values in everything.roll_up(period, level)
        ]


def _company_rows(everything: Ledger) -> list[dict]:
    return [
        {column: value for column, value in row.items() if column != "business_unit"}
        for row in _rows(everything, rollup.week_of, rollup.whole_company)
    ]
