"""What moved, as tables to read and as CSV files of all of it."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from editing.moved import LEVELS, Cell, Change, Moved, Number
from editing.preview import Compared
from review.week import FORMS, plain, written

DAY = timedelta(days=1)
MOST_MOVES = 5  # of a KPI, the largest
MOST_RECORDS = 3  # of a cell
RECORD = (
    *("kpi", "change", "record_kind", "record_id", "job_number", "job_type_name"),
    *("old_business_unit", "new_business_unit", "old_first_day", "new_first_day"),
    *("old_last_day", "new_last_day", "old_numerator", "new_numerator"),
    *("old_denominator", "new_denominator", "old_counted_key", "new_counted_key"),
    *("old_region", "new_region", "old_rows", "new_rows"),
)
CELL = ("kpi", "level", "place", "day", "old", "new", "difference", "records")


def show(compared: Compared, out: Console) -> None:
    """Prints a line per KPI, then its largest moves with the records behind them."""
    moved = compared.moved
    for file in compared.edited:
        out.print(f"edited: {file}", markup=False, soft_wrap=True)
    out.print(f"Both versions count the same raw rows up to {compared.as_of}.")
    if moved.cells:
        out.print(_summary(compared))
        out.print(_largest(moved))
    within = f"; {_number(moved.within, 'cell')} moved within the tolerance" if moved.within else ""
    out.print(
        f"{_number(len(moved.cells), 'KPI cell') if moved.cells else 'Nothing'} moved{within}"
    )


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _summary(compared: Compared) -> Table:
    """One row per KPI: how many cells of each level, on which days, what came, left and changed.
    The sum is that of the units' cells, where days and units add up."""
    table = Table(title="What moves, per KPI", title_justify="left")
    for heading, right in (
        *(("KPI", False), *((f"{level} cells", True) for level in LEVELS)),
        *(("first day", False), ("last day", False), ("their sum, old", True), ("new", True)),
        *(("records came", True), ("left", True), ("changed", True)),
    ):
        table.add_column(heading, justify="right" if right else "left")
    for kpi, cells in _by_kpi(compared.moved.cells).items():
        levels = Counter(cell.key.level for cell in cells)
        days = [cell.key.day for cell in cells]
        units = [cell for cell in cells if cell.key.level == "unit"]
        sums = ["", ""]
        if compared.adds_up[kpi] in ("sum", "count") and units:
            sums = [
                _written(kpi, sum(getattr(cell, side) or 0 for cell in units))
                for side in ("old", "new")
            ]
        whats = Counter(each.what for each in compared.moved.changes if each.row.kpi == kpi)
        table.add_row(
            kpi,
            *(f"{levels[level]:,}" for level in LEVELS),
            *(str(min(days)), str(max(days)), *sums),
            *(f"{whats[what]:,}" for what in ("came", "left", "changed")),
        )
    return table


def _largest(moved: Moved) -> Table:
    """Per KPI the largest moves: those of units, or, where a KPI moves for no unit, those of the
    next level that does. Days on which the same happens are one row."""
    table = Table(title=f"The largest moves, at most {MOST_MOVES} per KPI", title_justify="left")
    for heading in ("KPI", "day", "place"):
        table.add_column(heading, no_wrap=heading != "place")
    for heading in ("old", "new", "difference"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("records behind")
    for kpi, cells in _by_kpi(moved.cells).items():
        level = cells[0].key.level  # in the order of LEVELS
        runs = _runs([cell for cell in cells if cell.key.level == level])
        for run in sorted(runs, key=lambda run: -run[0].size)[:MOST_MOVES]:
            cell, last_day = run[0], run[-1].key.day
            days = f"{cell.key.day} to {last_day}" if len(run) > 1 else str(last_day)
            values = (cell.old, cell.new, cell.difference)
            table.add_row(
                *(kpi, days, Text(cell.key.place)),
                *(_written(kpi, value) for value in values),
                Text("\n".join(_records(cell))),
            )
        table.add_section()
    return table


def _runs(cells: list[Cell]) -> list[list[Cell]]:
    """The cells, by place and day, those of one place and days in a row together where the same
    records move them from the same to the same."""
    runs: list[list[Cell]] = []
    for cell in cells:
        last = runs[-1][-1] if runs else None
        if last and _what(cell, cell.key.day) == _what(last, last.key.day + DAY):
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return runs


def _what(cell: Cell, day: date) -> tuple:
    return cell.key.place, day, cell.old, cell.new, cell.behind


def _by_kpi(cells: list[Cell]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.key.kpi, []).append(cell)
    return found


def _records(cell: Cell) -> Iterator[str]:
    for change in cell.behind[:MOST_RECORDS]:
        row = change.row
        job = f", job {row.job_number}" if row.job_number else ""
        kind = f", {' '.join(row.job_type_name.split())}" if row.job_type_name else ""
        yield f"{change.what}: {row.record_kind} {row.record_id}{job}{kind}"
    if (more := len(cell.behind) - MOST_RECORDS) > 0:
        yield f"and {more:,} more"
    if not cell.behind:
        yield "no record: the unit's history or kind, or the models of the tables"


def _written(kpi: str, value: Number | None) -> str:
    return written(value, FORMS.get(kpi, "{:,}"))


def write_csvs(moved: Moved, folder: Path) -> tuple[Path, Path]:
    """All cells, and all records behind them, each once, as CSVs that Excel reads."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "cells.csv", folder / "records.csv"
    _write(paths[0], CELL, map(_cell, moved.cells))
    _write(paths[1], RECORD, map(_record, moved.changes))
    return paths


def _write(path: Path, header: tuple[str, ...], rows: Iterator[list]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        lines = csv.writer(file)
        lines.writerow(header)
        lines.writerows(rows)


def _cell(cell: Cell) -> list:
    numbers = (cell.old, cell.new, cell.difference)
    return [*cell.key, *map(plain, numbers), len(cell.behind)]


def _record(change: Change) -> list:
    row = change.row
    sides = (
        "business_unit",
        *("first_day", "last_day", "numerator", "denominator", "counted_key", "region", "copies"),
    )
    values = [
        plain(getattr(side, name)) if side else ""
        for name in sides
        for side in (change.old, change.new)
    ]
    kind = [row.record_kind, row.record_id, row.job_number, row.job_type_name]
    return [row.kpi, change.what, *kind, *values]
