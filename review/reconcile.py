"""Which records make a report and our numbers differ, and why."""

import csv
import subprocess
import sys
from collections import defaultdict
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import yaml
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from extract import config
from extract.warehouse import open_warehouse
from review import inbox
from review.warehouse import ReviewError, reading

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

    Raises ReviewError for what is no day, a week that does not begin on a Monday, and a period that
    ends before it begins or has not begun by `today`.
    """
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
    ReviewError (naming each file that cannot be read) and WarehouseError.
    """
    settings = config.warehouse()
    with closing(open_warehouse(settings)) as warehouse:
        warehouse.prepare([])
        files = inbox.land(folder, first, last, warehouse, _timezone())
    for file in files:
        say.print(file.text, markup=False, style="red" if file.problem else "")
    _compare()
    with reading(settings.duckdb_path) as warehouse:
        inside = "period_start >= ? and period_end <= ?"
        runs = warehouse.execute(
            "select distinct report, came_from, file_name, period_start, period_end "
            f"from st_intermediate.int_report_runs where is_newest and {inside} order by all",
            [first, last],
        ).fetchall()
        rows = warehouse.execute(
            f"select {', '.join(COLUMNS)} from st_mart.report_differences where {inside} "
            "order by report, kpi, reason, abs(coalesce(reported_numerator, 0) "
            "- coalesce(our_numerator, 0)) desc, record_key",
            [first, last],
        ).fetchall()
    # The warehouse remembers files that have left the folder.
    there = {None, *(file.file for file in files if file.rows)}
    runs = [run for run in runs if run[2] in there]
    differences = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    differences = [each for each in differences if each["file_name"] in there]
    if problems := [file for file in files if file.problem]:
        raise ReviewError(f"{len(problems)} of {len(files)} files in {folder} cannot be read")
    if not runs:
        raise ReviewError(
            f"no report of {first} to {last}: pull one (python -m extract report NAME --from "
            f"{first} --to {last}) or put its export into {folder}"
        )
    say.print(_table(first, last, runs, differences))
    return differences


def write_csv(differences: list[dict], path: Path) -> None:
    """The differences as a CSV with the header COLUMNS."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:  # so that Excel reads it
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(differences)


def _compare() -> None:
    dbt = Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [dbt, "--quiet", "run", "--select", "tag:reconcile"],
        cwd=config.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ReviewError(f"dbt could not compare; run `make build` first\n{done.stdout}")


def _timezone() -> str:
    project = yaml.safe_load((config.PROJECT / "dbt_project.yml").read_text())
    return project["vars"]["business_timezone"]


def _table(first: date, last: date, runs: list[tuple], differences: list[dict]) -> Group:
    compared = Text(f"Reports of {first} to {last} against our records", style="bold")
    counts = defaultdict(int)
    for each in differences:
        counts[each["report"], each["file_name"], each["period_start"]] += 1
    lines = [compared]
    for report, came_from, file_name, start, end in runs:
        where = file_name if came_from == "inbox" else "pulled"
        count = counts[report, file_name, start]
        found = f"{count} differences" if count else "no difference"
        lines.append(Text(f"{report} ({where}), {start} to {end}: {found}"))
    if not differences:
        return Group(*lines)
    table = Table()
    for heading, column in zip(HEADINGS, SHOWN, strict=True):
        table.add_column(heading, justify="right" if column.endswith("numerator") else "left")
    for each in differences:
        table.add_row(*(_written(each[column]) for column in SHOWN))
    return Group(*lines, table)


def _written(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else f"{value:,.2f}"


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReviewError(f"{name}={text} is no day; write one such as 2025-10-20") from None
