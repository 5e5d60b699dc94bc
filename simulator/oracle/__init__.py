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
    "TABLES",
    "Counted",
    "Ledger",
    "Options",
    "Records",
    "Standing",
    "company_weekly_kpis",
    "daily_kpis",
    "kpi_table",
    "land",
    "ledger",
    "weekly_kpis",
]

# Room for any sum of decimal(38,9); what still needed rounding would raise decimal.Inexact.
EXACT = decimal.Context(prec=100, traps=[decimal.Inexact, decimal.InvalidOperation])


# Every table: the period, the level, and the name of the level's column.
PERIODS = {"daily": rollup.day_itself, "weekly": rollup.week_of, "monthly": rollup.month_of}
LEVELS = {
    "": (rollup.per_unit, ("business_unit",)),
    "_region": (rollup.per_region, ("region",)),
    "_company": (rollup.whole_company, ()),
}
TABLES = {
    f"{period}_kpis{level}": (PERIODS[period], *LEVELS[level])
    for period in PERIODS
    for level in LEVELS
}


def kpi_table(name: str, records: Records, **options) -> list[dict]:
    """The rows of one of TABLES, with exactly the columns of the mart of that name: event_date (the
    period's first day), business_unit, region or nothing, and the ten KPIs: int for counts, Decimal
    for money, float for percentages, None where a KPI does not apply or a denominator is 0.

    Distincts are counted anew per period and member; balances are those of the period's last day,
    in the running period of the as-of day. Sorted by member and day.
    """
    return _rows(ledger(records, **options), name)


def daily_kpis(records: Records, **options) -> list[dict]:
    """`kpi_table` per reporting unit and day."""
    return kpi_table("daily_kpis", records, **options)


def weekly_kpis(records: Records, **options) -> list[dict]:
    """`kpi_table` per reporting unit and week."""
    return kpi_table("weekly_kpis", records, **options)


def company_weekly_kpis(records: Records, **options) -> list[dict]:
    """`kpi_table` per week for all units together."""
    return kpi_table("weekly_kpis_company", records, **options)


def land(warehouse, records: Records, **options) -> None:
    """Create or replace TABLES in schema st_oracle of a DuckDB file (its path) or connection.

    Raises ValueError, and lands nothing, if a value needs more than the 9 decimals of its column.
    """
    everything = ledger(records, **options)
    land_tables(
        warehouse,
        {
            name: (("event_date", *keys), _rows(everything, name))
            for name, (_, _, keys) in TABLES.items()
        },
    )


def ledger(records: Records, **options) -> Ledger:
    """The records behind the numbers, days after as_of included: `counted`, per flow KPI every
    record once (a payment once per invoice it went to, and for its rest); `standing`, per balance
    KPI every amount with its first and last day. Its `roll_up` takes any period and level."""
    with decimal.localcontext(EXACT):
        return Ledger(Book(records, Options(**options)))


def _rows(everything: Ledger, name: str) -> list[dict]:
    period, level, keys = TABLES[name]
    with decimal.localcontext(EXACT):
        return [
            {"event_date": first_day, **dict.fromkeys(keys, member.name), **values}
            for first_day, member, values in everything.roll_up(period, level)
        ]
