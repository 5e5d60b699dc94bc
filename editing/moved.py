"""What moved between two builds: cells of the tables of numbers, and the records behind them."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from editing.scratch import SIDES, Scratch

Number = int | float | Decimal
# Level -> its table, and the column (or word) that says whose row it is.
LEVELS = {
    "unit": ("daily_kpis", "business_unit"),
    "region": ("daily_kpis_region", "region"),
    "company": ("daily_kpis_company", "'Company'"),
}


class Key(NamedTuple):
    """Which cell: a KPI, a level of LEVELS, one of its places, and a day of the business."""

    kpi: str
    level: str
    place: str
    day: date


class Row(NamedTuple):
    """A row of kpi_records with its unit's region, and how many rows there are like it."""

    kpi: str
    record_kind: str
    record_id: str
    first_day: date
    last_day: date
    business_unit: str
    region: str | None
    job_number: str | None
    job_type_name: str | None
    counted_key: str | None
    numerator: Decimal | None
    denominator: Decimal | None
    copies: int

    def part(self, key: Key) -> tuple | None:
        """What the row gives to a cell, None where it is not in it."""
        place = {"unit": self.business_unit, "region": self.region, "company": "Company"}
        if place[key.level] != key.place or not self.first_day <= key.day <= self.last_day:
            return None
        return self.counted_key, self.numerator, self.denominator, self.copies


@dataclass(frozen=True)
class Change:
    """A record of a KPI that one side counts and the other does not, or counts otherwise."""

    old: Row | None
    new: Row | None

    @property
    def row(self) -> Row:
        return self.new or self.old

    @property
    def what(self) -> str:
        if self.old and self.new:
            return "changed"
        return "came" if self.new else "left"

    @property
    def size(self) -> Decimal:
        """How much it moves, to put the largest in front."""
        old, new = (Decimal(row.numerator or 0) if row else Decimal(0) for row in self.sides)
        return abs(new - old)

    @property
    def sides(self) -> tuple[Row | None, Row | None]:
        return self.old, self.new

    def moves(self, key: Key) -> bool:
        """Whether the sides give the cell different things."""
        old, new = (row.part(key) if row else None for row in self.sides)
        return old != new


@dataclass(frozen=True)
class Cell:
    """A cell that moved; None where a side has no value. `behind`: its records, largest first."""

    key: Key
    old: Number | None
    new: Number | None
    behind: list[Change] = field(default_factory=list, compare=False)

    @property
    def difference(self) -> Number | None:
        """New less old; None where the cell appears or vanishes."""
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def size(self) -> Number:
        return abs((self.new or 0) - (self.old or 0))


@dataclass(frozen=True)
class Tolerance:
    """A cell that moves by no more than the larger of both has not moved: `absolute` in what the
    KPI is measured in, `percent` of the old value. One that appears or vanishes always has."""

    absolute: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)

    def hides(self, cell: Cell) -> bool:
        if cell.difference is None:
            return False
        allowed = max(self.absolute, abs(Decimal(str(cell.old))) * self.percent / 100)
        return abs(Decimal(str(cell.new)) - Decimal(str(cell.old))) <= allowed


@dataclass(frozen=True)
class Moved:
    """All `cells` that moved beyond the tolerance, the number within it, and all `changes` that are
    behind any of the cells."""

    cells: list[Cell]
    within: int
    changes: list[Change]


def moved(room: Scratch, kpis: dict[str, list[str]], tolerance: Tolerance) -> Moved:
    """Compares the sides. `kpis` are those that each side has. Raises EditingError and
    WarehouseError."""
    old, new = (cells(room, side, kpis[side]) for side in SIDES)
    order = {kpi: n for n, kpi in enumerate(dict.fromkeys([*kpis["new"], *kpis["old"]]))}
    keys = sorted(
        old.keys() | new.keys(),
        key=lambda key: (list(LEVELS).index(key.level), order[key.kpi], key),
    )
    different = [
        Cell(key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)
    ]
    shown = [cell for cell in different if not tolerance.hides(cell)]
    changes = put_behind(shown, paired(*rows(room))) if shown else []
    return Moved(shown, len(different) - len(shown), changes)


def cells(room: Scratch, side: str, kpis: list[str]) -> dict[Key, Number]:
    """Every cell of a side that has a value."""
    found = {}
    mart = room.schema(side, "st_mart")
    for level, (table, place) in LEVELS.items():
        sql = f"select event_date, {place}, {', '.join(kpis)} from {mart}.{table}"
        for day, name, *values in room.query(sql):
            for kpi, value in zip(kpis, values, strict=True):
                if value is not None:
                    found[Key(kpi, level, name, day)] = value
    return found


def rows(room: Scratch) -> list[list[Row]]:
    """The rows of kpi_records that the old side alone has, and those of the new side alone."""
    old, new = (_rows_of(room, side) for side in SIDES)
    return [
        [Row(*row) for row in room.query(f"{one} except distinct {other}")]
        for one, other in ((old, new), (new, old))
    ]


def _rows_of(room: Scratch, side: str) -> str:
    columns = [
        f"units.{name}" if name == "region" else f"records.{name}" for name in Row._fields[:-1]
    ]
    return (
        f"select {', '.join(columns)}, count(*) as copies "
        f"from {room.schema(side, 'st_mart')}.kpi_records as records "
        f"left join {room.schema(side, 'st_dim')}.dim_reporting_units as units "
        f"on records.business_unit = units.reporting_unit group by {', '.join(columns)}"
    )


def paired(old: list[Row], new: list[Row]) -> list[Change]:
    """The rows of a KPI's record on both sides together. A record may have several rows, so those
    of one unit and first day find each other first."""
    same_place, old, new = _matched(
        old, new, lambda row: (row[:3], row.business_unit, row.first_day)
    )
    elsewhere, old, new = _matched(old, new, lambda row: row[:3])
    left, came = [Change(row, None) for row in old], [Change(None, row) for row in new]
    return [*same_place, *elsewhere, *left, *came]


def _matched(
    old: list[Row], new: list[Row], key: Callable[[Row], tuple]
) -> tuple[list[Change], list[Row], list[Row]]:
    """Rows of equal keys as changes, and the rows of each side that are left over."""
    waiting = defaultdict(list)
    for row in new:
        waiting[key(row)].append(row)
    changes, left = [], []
    for row in old:
        if of_key := waiting[key(row)]:
            changes.append(Change(row, of_key.pop()))
        else:
            left.append(row)
    return changes, left, [row for of_key in waiting.values() for row in of_key]


def put_behind(found: list[Cell], changes: list[Change]) -> list[Change]:
    """Puts each change behind the cells that it moves; gives those that move any."""
    places: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in sorted(found, key=lambda cell: cell.key.day):
        places[cell.key[:3]].append(cell)
    days = {place: [cell.key.day for cell in of_place] for place, of_place in places.items()}
    behind = []
    for change in sorted(changes, key=lambda change: (-change.size, str(change.row))):
        at = [cell for cell in _reached(change, places, days) if change.moves(cell.key)]
        for cell in at:
            cell.behind.append(change)
        if at:
            behind.append(change)
    return behind


def _reached(change: Change, places: dict, days: dict) -> Iterator[Cell]:
    """The cells on whose days and places either row stands, each once."""
    reached = {}
    for row in filter(None, change.sides):
        for level, place in (
            ("unit", row.business_unit),
            ("region", row.region),
            ("company", "Company"),
        ):
            if of_place := places.get((row.kpi, level, place)):
                on = days[row.kpi, level, place]
                for cell in of_place[
                    bisect_left(on, row.first_day) : bisect_right(on, row.last_day)
                ]:
                    reached[cell.key] = cell
    yield from reached.values()
