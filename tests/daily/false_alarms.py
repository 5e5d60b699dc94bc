"""How often kpi_moves is wrong in a year in which nothing happened, and what it catches.

    python -m tests.daily.false_alarms [--size small|real] [--seed 1]

In the invented tenant nothing out of the ordinary happens: whatever the rule says of its year is a
false alarm. Then moves are planted, in the records behind the KPIs, and counted where it says so.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from simulator import SIZES, build_tenant
from tests.parity.warehouse import dbt, land_records

YEAR = 364  # days, so that each weekday comes 52 times
WEEKS = 52 + 28  # of history: the first day of the year has half a year behind it
RECORDS = "st_intermediate.int_kpi_records"
MOVES = "st_mart.kpi_moves"
COMPILED = "compiled/servicetitan_kpis/models/marts/quality/kpi_moves.sql"


@dataclass(frozen=True)
class Plant:
    """A move: what happens to the records of some KPIs, in words and as SQL."""

    words: str
    kpis: tuple[str, ...]
    sql: str


PLANTS = (
    Plant(
        "a branch gets no leads, gives no estimates, books and collects nothing",
        ("lead_count", "num_estimates", "total_booked", "dollars_collected"),
        "delete from {records} where {planted}",
    ),
    Plant(
        "a branch's dollars are there twice",
        ("total_booked", "dollars_produced", "dollars_collected"),
        "update {records} set numerator = 2 * numerator where {planted}",
    ),
    Plant(
        "a branch's margin is 20 points less",
        ("gpm_percent",),
        "update {records} set numerator = numerator - 0.2 * denominator where {planted}",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.daily.false_alarms", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another tenant")
    arguments = parser.parse_args()
    out = Console(highlight=False, width=160)
    with (
        tempfile.TemporaryDirectory() as folder,
        year(arguments.size, arguments.seed, Path(folder)) as found,
    ):
        out.print(_false_alarms(found))
        out.print(_caught(found))


@contextmanager
def year(size: str, seed: int, folder: Path) -> Iterator["Year"]:
    """A tenant's year in `folder`, judged."""
    path = folder / "year.duckdb"
    tenant = build_tenant(size=size, seed=seed, weeks=WEEKS)
    land_records(tenant.records(), path)
    words = ("build", "--exclude-resource-type", "test", "unit_test", "--select", "+kpi_moves")
    vars = {"as_of_date": tenant.last_day, "judged_days": YEAR}
    done = dbt(*words, path=path, target=folder / "target", **vars)
    if done.returncode:
        raise SystemExit(done.stdout)
    with duckdb.connect(str(path)) as connection:
        yield Year(connection, (folder / "target" / COMPILED).read_text(), tenant.last_day)


class Year:
    """A built warehouse in which moves can be planted, and the SQL of kpi_moves."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, model: str, last_day: date):
        self.last_day = last_day
        self._connection, self._model = connection, model
        self.sql(f"create table {RECORDS}_kept as select * from {RECORDS}")
        self.sql(f"drop view {RECORDS}")
        self.undo()

    def sql(self, sql: str) -> list[tuple]:
        return self._connection.execute(sql).fetchall()

    def judge(self) -> None:
        self.sql(f"create or replace table {MOVES} as {self._model}")

    def undo(self) -> None:
        """Takes back what was planted."""
        self.sql(f"create or replace table {RECORDS} as select * from {RECORDS}_kept")


def false_alarms(year: Year) -> list[tuple]:
    """Per KPI, and `in all`: days judged, false alarms, weeks judged, false alarms."""
    return year.sql(
        "select coalesce(kpi, 'in all'), "
        "count(*) filter (span = 'day'), count(*) filter (span = 'day' and is_unusual), "
        "count(*) filter (span = 'week'), count(*) filter (span = 'week' and is_unusual) "
        f"from {MOVES} group by rollup (kpi) order by kpi nulls last"
    )


def _false_alarms(year: Year) -> Table:
    table = Table(title="A year without events: false alarms", title_justify="left")
    table.add_column("KPI", no_wrap=True)
    for heading in ("days judged", "false alarms", "weeks judged", "false alarms"):
        table.add_column(heading, justify="right")
    for name, *counts in false_alarms(year):
        table.add_row(name, *(f"{count:,}" for count in counts))
    return table


def _caught(year: Year) -> Table:
    """Each plant alone, in each unit in every ninth week of the year, so that what is compared
    stays ordinary: once on its Wednesday, once the whole week."""
    table = Table(title="Planted moves: caught", title_justify="left")
    for heading in ("what happens", "KPI"):
        table.add_column(heading)
    for heading in ("on a Wednesday", "caught", "for a week", "caught"):
        table.add_column(heading, justify="right")
    ripe = year.last_day - timedelta(weeks=2)  # margins are judged two weeks later
    sunday = ripe - timedelta(days=(ripe.weekday() + 1) % 7)
    sundays = [sunday - timedelta(weeks=9 * n) for n in range(6)]
    for plant in PLANTS:
        found: dict[str, list[int]] = {kpi: [] for kpi in plant.kpis}
        for span, before, days in (("day", 4, 1), ("week", 6, 7)):
            firsts = [each - timedelta(days=before) for each in sundays]
            judged = [first + timedelta(days=days - 1) for first in firsts]
            for kpi, counts in _planted(year, plant, span, firsts, judged).items():
                found[kpi] += counts
        for kpi, counts in found.items():
            table.add_row(plant.words, kpi, *(str(count) for count in counts))
    return table


def _planted(
    year: Year, plant: Plant, span: str, firsts: list[date], judged: list[date]
) -> dict[str, list[int]]:
    """Per KPI how many moves were planted, where there was something to move, and how many of
    them were called unusual."""
    spans = " or ".join(
        f"first_day between date '{first}' and date '{last}'"
        for first, last in zip(firsts, judged, strict=True)
    )
    kpis = ", ".join(f"'{kpi}'" for kpi in plant.kpis)
    planted = f"kpi in ({kpis}) and ({spans})"
    days = ", ".join(f"date '{day}'" for day in judged)
    year.sql(plant.sql.format(records=RECORDS, planted=planted))
    year.judge()
    moved = year.sql(
        f"""
        with moved as (
            select distinct
                kpi, business_unit,
                case when '{span}' = 'day' then first_day
                    else first_day + to_days(cast(7 - isodow(first_day) as integer)) end as day
            from {RECORDS}_kept where {planted} and (numerator != 0 or denominator != 0)
        )
        select moved.kpi, count(*), count(*) filter (moves.is_unusual)
        from moved
        left join {MOVES} as moves
            on moves.span = '{span}' and moves.kpi = moved.kpi and moves.event_date = moved.day
                and moves.business_unit = moved.business_unit
        where moved.day in ({days})
        group by moved.kpi
        """
    )
    year.undo()
    counts = {kpi: [number, caught] for kpi, number, caught in moved}
    return {kpi: counts.get(kpi, [0, 0]) for kpi in plant.kpis}


if __name__ == "__main__":
    main()
