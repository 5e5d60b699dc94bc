"""Which records make a report and our numbers differ, and why."""

import csv
from collections import defaultdict
from contextlib import closing
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import yaml
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from extract import config
from extract.warehouse import open_warehouse
from review import inbox
from review.dbt import dbt
from review.warehouse import Reader, ReviewError, reading

INBOX = config.PROJECT / "reports" / "inbox"
WEEK = timedelta(days=6)
# Columns of st_mart.report_differences as the CSV has them; the table shows the first ones.
COLUMNS = (
    "report",
    "kpi",
    "record_key",
    "customer_name",
    "found_in",
    "reported_numerator",
    "our_numerator",
    "reason",
    "detail",
    "unit_in_report",
    "unit_in_ours",
    "reported_denominator",
    "our_denominator",
    "job_type_name",
    "job_status",
    "changed_at",
    "came_from",
    "file_name",
    "period_start",
    "period_end",
    "pulled_at",
)
SHOWN = COLUMNS[:9]
HEADINGS = ("report", "KPI", "record", "customer", "found", "report", "ours", "reason", "")


def period(week: str | None, first: str | None, last: str | None, today: date) -> tuple[date, date]:
    """The days to reconcile, both included: a week by its Monday, or from a day to a day.

    Raises ReviewError for what is no day, a week that does not begin on a Monday, a week and days
    at once, and a period that ends before it begins or has not begun by `today`.
    """
    if week and (first or last):
        raise ReviewError("say WEEK, or FROM and TO, not both")
    if week:
        monday = _day(week, "WEEK")
        if monday.weekday():
            monday -= timedelta(days=monday.weekday())
            raise ReviewError(f"WEEK={week} is no Monday; its week begins on {monday}")
        days = monday, monday + WEEK
    elif first and last:
        days = _day(first, "FROM"), _day(last, "TO")
    else:
        raise ReviewError("say which days: make reconcile WEEK=2025-10-20, or FROM=DAY TO=DAY")
    if days[1] < days[0]:
        raise ReviewError(f"the period ends on {days[1]}, before it begins on {days[0]}")
    if days[0] > today:
        raise ReviewError(f"the period begins in the future, on {days[0]}")
    return days


def reconcile(first: date, last: date, folder: Path, say: Console) -> list[dict]:
    """Reads the exports in `folder`, compares them and the pulled reports of the days `first` to
    `last` with our records, prints the differences, and hands them back: one dict per difference,
    keys COLUMNS.

    Builds the models of the comparison anew; our own numbers are those of the last build. Raises
    ReviewError (where a file cannot be read, nothing is compared) and WarehouseError.
    """
    settings = config.warehouse()
    with reading(settings) as warehouse:  # a new one would hold nothing to compare
        _refuse_unbuilt(warehouse)
    with closing(open_warehouse(settings)) as warehouse:
        warehouse.prepare([])
        files = inbox.land(folder, first, last, warehouse, _timezone())
    for file in files:
        say.print(file.text, markup=False, style="red" if file.problem else "", soft_wrap=True)
    if problems := {file.file for file in files if file.problem}:
        raise ReviewError(
            f"nothing is compared: {len(problems)} of the files in {folder} cannot be read; mend "
            "them or move them elsewhere"
        )
    _compare(settings)
    # The warehouse remembers files that have left the folder, and what was in them before.
    landed = [file.run_id for file in files if file.run_id]
    with reading(settings) as warehouse:
        runs, rows = _compared(warehouse, first, last, landed)
    if not runs:
        raise ReviewError(
            f"no report of {first} to {last}: pull one (python -m extract report NAME --from "
            f"{first} --to {last}) or put its export into {folder}"
        )
    say.print(_tables(first, last, runs, rows))
    return [dict(zip(COLUMNS, row[1:], strict=True)) for row in rows]


def write_csv(differences: list[dict], path: Path) -> None:
    """The differences as a CSV with the header COLUMNS."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:  # so that Excel reads it
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for each in differences:
            writer.writerow({column: _plain(value) for column, value in each.items()})


def _plain(value: object) -> object:
    """An amount without the zeros behind its cents: 12.50, 0.125."""
    if not isinstance(value, Decimal):
        return value
    whole, decimals = f"{value:f}".partition(".")[::2]
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def _refuse_unbuilt(warehouse: Reader) -> None:
    """Raises ReviewError where the last build was before there was a comparison, or never."""
    for schema, model in (
        ("st_intermediate", "int_our_records"),
        ("st_staging", "stg_reports__runs"),
    ):
        warehouse.query(f"select 1 from {warehouse.schema(schema)}.{model} limit 0")


def _compare(settings: config.Warehouse) -> None:
    """Builds the models of the comparison anew. Raises ReviewError with what dbt said."""
    done = dbt(
        "run",
        "--select",
        "tag:reconcile",
        environment={"KPI_DUCKDB_PATH": str(settings.duckdb_path.absolute())},
        capture=True,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise ReviewError(f"dbt could not compare; does `make build` pass?\n{said}")


def _compared(
    warehouse: Reader, first: date, last: date, landed: list[str]
) -> tuple[list[tuple], list[tuple]]:
    """The reports of the days that were pulled or landed as the runs `landed` (run id, report,
    file name, first and last day), and their differences (run id, COLUMNS)."""
    files = {f"run_{number}": run_id for number, run_id in enumerate(landed)}
    inside = (
        "(came_from = 'api' and period_start >= @first and period_end <= @last"
        f" or run_id in ({', '.join(f'@{name}' for name in files) or 'null'}))"
    )
    order = "report, file_name nulls last, period_start, period_end, run_id"
    runs = warehouse.query(
        "select distinct run_id, report, file_name, period_start, period_end "
        f"from {warehouse.schema('st_intermediate')}.int_report_runs where is_newest and {inside} "
        f"order by {order}",
        first=first,
        last=last,
        **files,
    )
    rows = warehouse.query(
        f"select run_id, {', '.join(COLUMNS)} "
        f"from {warehouse.schema('st_mart')}.report_differences where {inside} "
        f"order by {order}, kpi, reason, "
        "abs(coalesce(reported_numerator, 0) - coalesce(our_numerator, 0)) desc, record_key, "
        "found_in, detail nulls last",
        first=first,
        last=last,
        **files,
    )
    return runs, rows


def _timezone() -> str:
    project = yaml.safe_load((config.PROJECT / "dbt_project.yml").read_text())
    return project["vars"]["business_timezone"]


def _tables(first: date, last: date, runs: list[tuple], rows: list[tuple]) -> Group:
    """A line per report, and a table below it where there are differences; both as `_compared`
    gives them."""
    shown: list[Text | Table] = [
        Text(f"Reports of {first} to {last} against our records", style="bold")
    ]
    differences = defaultdict(list)
    for run_id, *cells in rows:
        differences[run_id].append(cells)
    for run_id, report, file_name, start, end in runs:
        found = differences[run_id]
        count = f"{len(found) or 'no'} difference{'' if len(found) == 1 else 's'}"
        shown.append(Text(f"{report} ({file_name or 'pulled'}), {start} to {end}: {count}"))
        if not found:
            continue
        table = Table()
        for heading, column in zip(HEADINGS, SHOWN, strict=True):
            table.add_column(heading, justify="right" if column.endswith("numerator") else "left")
        for cells in found:
            table.add_row(*(_written(value) for value in cells[: len(SHOWN)]))
        shown.append(table)
    return Group(*shown)


def _written(value: object) -> Text:
    """A cell; as Text, because a name may hold [square brackets], which are markup to a table."""
    if value is None:
        return Text("")
    return Text(value if isinstance(value, str) else f"{value:,.2f}")


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReviewError(f"{name}={text} is no day; write one such as 2025-10-20") from None
