"""What the built numbers say: off the report, moved more than usual, restated, new."""

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass
from datetime import date

from daily.summary import Section
from review.page.kpis import BALANCES
from review.parity import compared, newest_off
from review.warehouse import Reader
from review.week import COLUMNS, FORMS, written

# Where so many units, and most of those that are judged, move alike, it is no matter of a unit.
ALIKE = 3


@dataclass(frozen=True)
class Move:
    """A row of st_mart.kpi_moves."""

    span: str
    kpi: str
    day: date
    unit: str
    value: float
    usual: float
    lowest: float
    highest: float
    is_unusual: bool

    @property
    def direction(self) -> str:
        return "low" if self.value < self.usual else "high"


def last_day(warehouse: Reader) -> date:
    """The last finished day that the last build counted."""
    ((day,),) = warehouse.query(
        f"select last_day from {warehouse.schema('st_intermediate')}.int_judged_days"
    )
    return day


def off_the_report(settings, today: date) -> Section:
    """The newest reported values that ours are not even near."""
    off = newest_off(compared(settings), today)
    lines = [
        f"{value.kpi}, {value.member}, {_period(value.period_start, value.period_end)}: "
        f"{value.report} says {_written(value.kpi, value.reported)}, "
        f"ours {_written(value.kpi, value.ours) or 'nothing'}"
        for value in off
    ]
    return Section(
        "off_the_report",
        "Off the report",
        lines,
        [vars(value) for value in off],
        is_to_do=True,
        more="make parity",
    )


def unusual(warehouse: Reader, on_older_data: Container[str]) -> Section:
    """The KPIs that moved more than usual for their weekday and unit (macros/unusual_moves.sql),
    but for those in `on_older_data`, whose day is not whole. Where most units move alike, one line
    says so."""
    rows = warehouse.query(
        "select span, kpi, event_date, business_unit, value, usual, lowest_usual, highest_usual, "
        f"is_unusual from {warehouse.schema('st_mart')}.kpi_moves "
        "order by event_date desc, kpi, span desc, business_unit"
    )
    judged = [move for move in (Move(*row) for row in rows) if move.kpi not in on_older_data]
    lines, found = [], [move for move in judged if move.is_unusual]
    alike = defaultdict(list)
    for move in found:
        alike[move.day, move.span, move.kpi, move.direction].append(move)
    for (day, span, kpi, direction), moves in alike.items():
        units = sum((each.day, each.span, each.kpi) == (day, span, kpi) for each in judged)
        if len(moves) >= ALIKE and 2 * len(moves) > units:
            lines.append(
                f"{kpi}: {direction} in {len(moves)} of {units} units {_when(moves[0])}; "
                "a holiday, or something that concerns them all"
            )
        else:
            lines += [_line(move) for move in moves]
    items = [vars(move) | {"direction": move.direction} for move in found]
    return Section(
        "unusual_moves",
        "Moved more than usual",
        lines,
        items,
        is_to_do=True,
        more="st_mart.kpi_moves; make explain shows the records",
    )


def restated(warehouse: Reader) -> Section:
    """Numbers of finished days that the build before showed and this one shows otherwise."""
    mart, history = warehouse.schema("st_mart"), warehouse.schema("st_history")
    # A build that broke off in between has shown nothing.
    rows = warehouse.query(
        "select kpi, event_date, business_unit, value_shown, value_now, changed_record_count "
        f"from {mart}.kpi_restatements where day_was_over and shown_until > "
        f"(select max(built_at) from {history}.kpi_builds "
        f"where built_at < (select max(built_at) from {history}.kpi_builds)) "
        "order by kpi, abs(difference) desc, event_date desc, business_unit"
    )
    by_kpi = defaultdict(list)
    for kpi, *row in rows:
        by_kpi[kpi].append(row)
    lines = []
    for kpi, of_kpi in by_kpi.items():
        day, unit, was, now, _ = of_kpi[0]
        many = f"{len(of_kpi)} numbers, most " if len(of_kpi) > 1 else ""
        was, now = (_written(kpi, value) or "nothing" for value in (was, now))
        lines.append(f"{kpi}: {many}{unit} on {day}: {was} is now {now}")
    names = ("kpi", "day", "unit", "value_shown", "value_now", "changed_records")
    return Section(
        "restated",
        "Restated since the build before",
        lines,
        [dict(zip(names, row, strict=True)) for row in rows],
        more="st_mart.kpi_restatements",
    )


def new_numbers(warehouse: Reader, day: date) -> Section:
    """The company's ten KPIs of the last finished day."""
    names = [kpi for kpi, _, _ in COLUMNS]
    rows = warehouse.query(
        f"select {', '.join(names)} from {warehouse.schema('st_mart')}.daily_kpis_company "
        "where event_date = @day",
        day=day,
    )
    said = [
        f"{heading} {written(value, form)}"
        for row in rows
        for value, (_, heading, form) in zip(row, COLUMNS, strict=True)
        if value is not None
    ]
    return Section(
        "company",
        "New numbers, whole company",
        [", ".join(said)] if said else [],
        [dict(zip(names, row, strict=True)) for row in rows],
    )


def _line(move: Move) -> str:
    value, usual = _written(move.kpi, move.value), _written(move.kpi, move.usual)
    low, high = _written(move.kpi, move.lowest), _written(move.kpi, move.highest)
    if move.kpi in BALANCES:
        return (
            f"{move.kpi}, {move.unit}: changed by {value} {_when(move)}; usual is {low} to {high}"
        )
    bounds = f"{low} to {high}" if move.lowest > 0 else f"up to {high}"
    return f"{move.kpi}, {move.unit}: {value} {_when(move)}; usual is {usual}, {bounds}"


def _when(move: Move) -> str:
    if move.span == "week":
        return f"in the week up to {move.day:%A} {move.day}"
    return f"on {move.day:%A} {move.day}"


def _period(first: date, last: date) -> str:
    return f"{first}" if first == last else f"{first} to {last}"


def _written(kpi: str, value) -> str:
    return written(value, FORMS[kpi])
