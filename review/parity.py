"""The parity board: every KPI and unit beside what the reports showed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from rich.console import Group
from rich.table import Table
from rich.text import Text

from extract import config
from review.warehouse import ReviewError, reading
from review.week import COLUMNS, FORMS, written

# From the best to the worst.
MARKS = {"exact": "✓", "near": "≈", "off": "✗"}
# A KPI that nobody held against a report for so long is named.
DAYS_WITHOUT = 35


@dataclass(frozen=True)
class Compared:
    """A reported value beside ours, as `st_mart.report_parity` has it."""

    kpi: str
    level: str
    member: str
    period_start: date
    period_end: date
    report: str
    reported: Decimal
    ours: Decimal | None
    status: str
    pulled_on: date


@dataclass(frozen=True)
class Standing:
    """How a KPI of a unit stands: the worst status of all periods with its newest last day, the
    first day of the oldest period since which it has been so, and which values are off."""

    status: str
    since: date
    off: list[Compared]


def compared(settings: config.Warehouse) -> list[Compared]:
    """All reported values of the warehouse, newest first. Raises ReviewError."""
    with reading(settings) as warehouse:
        rows = warehouse.query(
            "select kpi, level, member, period_start, period_end, report, reported_value, "
            "our_value, status, cast(pulled_at as date) "
            f"from {warehouse.schema('st_mart')}.report_parity "
            "order by period_end desc, period_start desc, pulled_at desc, report, "
            "kpi, level, member"
        )
    return [Compared(*row) for row in rows]


def board(values: list[Compared], today: date) -> tuple[Group, bool]:
    """The board, and whether the newest values of every KPI and unit are at least near.

    values: newest first, see `compared`. One row per unit, region and the company, one column per
    KPI: exact, near or off, and since which period it has been so without a break.
    Below: what is off, and which KPIs have no reported value of the last 35 days up to `today`.
    """
    if not values:
        raise ReviewError(
            "no report has been compared yet: pull one (python -m extract report NAME --from DAY "
            "--to DAY) or paste values into seeds/report_values.csv, then run dbt build"
        )
    standings = _standings(values)
    off = [value for standing in standings.values() for value in standing.off]
    parts = [_matrix(standings), Text("✓ exact, ≈ within the tolerance, ✗ off; since which period")]
    if off:
        parts += [Text(), _listed(off)]
    if silent := _silent(values, today):
        parts += [Text(f"\nNo reported value in {DAYS_WITHOUT} days: {', '.join(silent)}")]
    return Group(*parts), not off


def newest_off(values: list[Compared], today: date) -> list[Compared]:
    """What is off among the newest values of each KPI and place, as the board has it, of reports
    that were pulled in the last 35 days up to `today`.

    values: newest first, see `compared`.
    """
    off = (value for standing in _standings(values).values() for value in standing.off)
    return [value for value in off if _is_recent(value, today)]


def _standings(values: list[Compared]) -> dict[tuple[str, str, str], Standing]:
    by_cell = defaultdict(list)
    for value in values:
        by_cell[value.level, value.member, value.kpi].append(value)
    return {place: _standing(cell) for place, cell in by_cell.items()}


def _standing(cell: list[Compared]) -> Standing:
    """A report that was pulled again for the same period stands for its earlier pulls. Periods that
    end on one day (a week and a month) are looked at together: neither hides the other."""
    newest: dict[tuple, Compared] = {}
    for value in cell:
        newest.setdefault((value.report, value.period_start, value.period_end), value)
    ends = [list(end) for _, end in groupby(newest.values(), lambda value: value.period_end)]
    worst = [max((value.status for value in end), key=list(MARKS).index) for end in ends]
    lasted = next((n for n, status in enumerate(worst) if status != worst[0]), len(ends))
    return Standing(
        worst[0],
        min(value.period_start for value in ends[lasted - 1]),
        [value for value in ends[0] if value.status == "off"],
    )


def _matrix(standings: dict[tuple[str, str, str], Standing]) -> Table:
    table = Table(title="Parity with the reports", title_justify="left")
    table.add_column("", no_wrap=True)
    for _, heading, _ in COLUMNS:
        table.add_column(heading, no_wrap=True)
    places = sorted({(level, member) for level, member, _ in standings})
    for level, member in places:
        cells = (standings.get((level, member, kpi)) for kpi, _, _ in COLUMNS)
        table.add_row(member, *(_mark(cell) if cell else "" for cell in cells))
    return table


def _mark(standing: Standing) -> Text:
    style = "bold red" if standing.status == "off" else ""
    return Text(f"{MARKS[standing.status]} {standing.since}", style=style)


def _listed(off: list[Compared]) -> Table:
    table = Table(title="Off", title_justify="left")
    for heading in ("KPI", "unit", "period", "report"):
        table.add_column(heading, no_wrap=heading != "report")
    for heading in ("report says", "ours says", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    for value in off:
        form = FORMS[value.kpi]
        difference = None if value.ours is None else value.ours - value.reported
        table.add_row(
            value.kpi,
            value.member,
            f"{value.period_start} to {value.period_end}",
            value.report,
            written(value.reported, form),
            written(value.ours, form) or "nothing",
            written(difference, form),
        )
    return table


def _silent(values: list[Compared], today: date) -> list[str]:
    heard = {value.kpi for value in values if _is_recent(value, today)}
    return [kpi for kpi, _, _ in COLUMNS if kpi not in heard]


def _is_recent(value: Compared, today: date) -> bool:
    return (today - value.pulled_on).days <= DAYS_WITHOUT
