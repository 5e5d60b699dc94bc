"""Rows for units and job types that exist in the data and in no seed."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from editing import EditingError, csv_file, guesses, project
from editing.seeds_in_duckdb import Seeds
from extract import config
from review.warehouse import Reader, reading

UNITS, TYPES, RULES = "business_units", "job_type_lists", "kpi_lists"
# How a KPI adds up (macros/kpis.sql) -> how what its records add up to is written; of the others
# only the number of records means anything.
FORMS = {"sum": "${:,.2f}", "count": "{:,.0f}", "distinct": "{:,.0f}"}
# Said where a rule of the list holds only on some days.
BY_TODAY = "(by the rules of today; on other days the list has others)"


@dataclass(frozen=True)
class Known:
    """A unit or a job type of the last build: how many jobs it has, and KPI -> (records, sum)."""

    name: str
    is_active: bool
    jobs: int
    records: dict[str, tuple[int, Decimal]]


@dataclass(frozen=True)
class Suggestion:
    """A row to paste into `file`: `about` the unit or type, what the row would `change`, and the
    columns that nobody can guess and a person has to fill in."""

    file: str
    about: str
    row: str
    changes: tuple[str, ...]
    to_fill_in: tuple[str, ...]


def suggest(settings: config.Warehouse, folder: Path) -> list[Suggestion]:
    """What the seeds of the project in `folder` lack of the warehouse's last build.

    Raises EditingError where a seed cannot be read, ReviewError where nothing was built.
    """
    declared = project.load(folder)
    files = {
        name: csv_file.read(folder / declared.seeds[name].file, declared.seeds[name])
        for name in (UNITS, TYPES, RULES)
    }
    for name, file in files.items():
        if file.faults:
            raise EditingError(f"{declared.seeds[name].file} cannot be read: run make seeds-check")
    seeds = Seeds(declared, files)
    rows = {
        name: [dict(zip(file.columns, row.cells, strict=True)) for row in file.rows]
        for name, file in files.items()
    }
    of_today = {name: [rows[name][n] for n in seeds.holding_today(name)] for name in (TYPES, RULES)}
    dated = {rule["list_name"] for rule in rows[RULES] if _is_dated(rule)}
    kpis = seeds.macros.call("kpis")
    with reading(settings) as warehouse:
        units, types = _units(warehouse), _job_types(warehouse)
    # A reporting unit is known under its own name, too: see dim_business_units.
    names = [
        row[column] for row in rows[UNITS] for column in ("business_unit_name", "reporting_unit")
    ]
    found = []
    for unit in _unknown(units, names, seeds):
        cells, why = guesses.of_unit(unit.name, rows[UNITS])
        changes = tuple(_changes_of_unit(unit, cells, kpis))
        cells = {"business_unit_name": unit.name, **cells}
        found.append(
            _suggestion(declared.seeds[UNITS].file, files[UNITS], unit, cells, why, changes)
        )
    for job_type in _unknown(types, [row["job_type_name"] for row in rows[TYPES]], seeds):
        cells, why = guesses.of_job_type(job_type.name, of_today[TYPES])
        of_list = [rule for rule in of_today[RULES] if rule["list_name"] == cells["list_name"]]
        changes = tuple(_changes_of_type(job_type, of_list, kpis))
        if cells["list_name"] in dated:
            changes = tuple(f"{words} {BY_TODAY}" for words in changes)
        cells = {"job_type_name": job_type.name, **cells}
        found.append(
            _suggestion(declared.seeds[TYPES].file, files[TYPES], job_type, cells, why, changes)
        )
    return found


def _units(warehouse: Reader) -> list[Known]:
    # a unit without a row is reported under its own name
    return _known(warehouse, "dim_business_units", "business_unit", place="business_unit")


def _job_types(warehouse: Reader) -> list[Known]:
    return _known(warehouse, "dim_job_types", "job_type", place="job_type_name")


def _known(warehouse: Reader, dimension: str, kind: str, place: str) -> list[Known]:
    """What has a name in `dimension`, a table of one `kind`, which records have in `place`."""
    dim, mart = warehouse.schema("st_dim"), warehouse.schema("st_mart")
    names = warehouse.query(
        f"select known.{kind}_name, known.is_active, count(distinct jobs.job_id) "
        f"from {dim}.{dimension} as known left join {dim}.dim_jobs as jobs "
        f"on known.{kind}_id = jobs.{kind}_id group by known.{kind}_name, known.is_active"
    )
    records = warehouse.query(
        f"select {place}, kpi, count(*), sum(numerator) from {mart}.kpi_records "
        f"where {place} is not null group by {place}, kpi"
    )
    of_name = {}
    for name, kpi, count, total in records:
        of_name.setdefault(name, {})[kpi] = (count, Decimal(total or 0))
    return [
        Known(name, active, jobs, of_name.get(name, {})) for name, active, jobs in names if name
    ]


def _unknown(known: list[Known], in_seed: list[str], seeds: Seeds) -> list[Known]:
    """Those whose names match none of the seed, by name; those that match each other are one, under
    the name that has the most jobs, tidy as a seed wants it."""
    keys = seeds.name_keys([*in_seed, *(each.name for each in known)])
    taken, found = {keys[name] for name in in_seed}, {}
    for each in sorted(known, key=lambda each: (-each.jobs, not each.is_active, each.name)):
        if keys[each.name] not in taken:
            found.setdefault(keys[each.name], []).append(each)
    return sorted((_together(same) for same in found.values()), key=lambda each: each.name)


def _together(same: list[Known]) -> Known:
    records = {}
    for each in same:
        for kpi, (count, total) in each.records.items():
            before = records.get(kpi, (0, Decimal(0)))
            records[kpi] = (before[0] + count, before[1] + total)
    return Known(
        name=" ".join(same[0].name.split()),
        is_active=any(each.is_active for each in same),
        jobs=sum(each.jobs for each in same),
        records=records,
    )


def _changes_of_unit(unit: Known, cells: dict[str, str], kpis: dict) -> Iterator[str]:
    """What the row does to the numbers of the last build, which are those of a unit of no kind."""
    to = cells["reporting_unit"]
    region = f"region {cells['region']}" if cells["region"] else "the region that you fill in"
    where = f"stand under its name, in {region}" if to == unit.name else f'move to "{to}", {region}'
    counted = [kpi for kpi in kpis if kpi in unit.records]
    if not counted:
        yield "no number: no record of it counts in a KPI"
        return
    if kind := cells["unit_kind"]:
        stay = [kpi for kpi in counted if kpis[kpi]["applies_to"] in (kind, "any")]
        if stay:
            yield f"{_written(unit, stay, kpis)} {where}"
        yield from _ended(unit, kind, counted, kpis)
    else:
        yield f"{_written(unit, counted, kpis)} {where}"
        for kind in sorted({rule["applies_to"] for rule in kpis.values()} - {"any"}):
            yield from _ended(unit, kind, counted, kpis)


def _ended(unit: Known, kind: str, counted: list[str], kpis: dict) -> Iterator[str]:
    """What counts no more for a unit of this kind."""
    gone = [kpi for kpi in counted if kpis[kpi]["applies_to"] not in (kind, "any")]
    if gone:
        yield f"with unit_kind {kind}, {_written(unit, gone, kpis)} count no more"


def _is_dated(row: dict[str, str]) -> bool:
    # an older CSV has no such columns
    return bool(row.get("valid_from") or row.get("valid_to"))


def _changes_of_type(job_type: Known, of_list: list[dict], kpis: dict) -> Iterator[str]:
    """What the row does to the numbers by the rules of its list."""
    starts = [rule["kpi"] for rule in of_list if rule["rule"] == "only"]
    ends = [rule["kpi"] for rule in of_list if rule["rule"] == "without"]
    if starts and job_type.jobs:
        yield (
            f"its jobs ({job_type.jobs}) begin to count in {', '.join(starts)}, where they meet "
            "the KPI's other conditions"
        )
    if gone := [kpi for kpi in ends if kpi in job_type.records]:
        yield f"{_written(job_type, gone, kpis)} count no more"
    if not (starts and job_type.jobs) and not gone:
        yield "no number: it only ends the warning"


def _written(known: Known, names: list[str], kpis: dict) -> str:
    """Such as: lead_count 4 (4 records), gpm_percent (1 record)."""
    parts = []
    for kpi in names:
        count, total = known.records[kpi]
        form = FORMS.get(kpis[kpi]["adds_up"])
        amount = f" {form.format(total)}" if form else ""
        parts.append(f"{kpi}{amount} ({count} {'record' if count == 1 else 'records'})")
    return ", ".join(parts)


def _suggestion(
    file: str,
    seed: csv_file.SeedFile,
    known: Known,
    cells: dict[str, str],
    why: str,
    changes: tuple[str, ...],
) -> Suggestion:
    row = {"note": f"guess: {why}", **cells}
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row.get(column, "") for column in seed.columns)
    about = f"{known.name} ({'active' if known.is_active else 'inactive'}, {known.jobs} jobs)"
    empty = tuple(column for column, cell in cells.items() if not cell)
    return Suggestion(file, about, line.getvalue(), changes, empty)
