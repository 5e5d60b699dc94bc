"""The steps of a day, and what is said of them at its end."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from daily import checks, landed, numbers
from daily.freshness import SOURCE, Freshness, freshness
from daily.summary import Section, Summary
from extract import config
from extract.errors import WarehouseError
from review.dbt import dbt
from review.warehouse import ReviewError, reading
from review.week import COLUMNS as KPIS

OK, FAILED = 0, 1


def daily(out: Console, settings: config.Settings, summary: Summary) -> None:
    """Runs sync, source freshness and dbt build, each with its own output, and fills the summary.

    Where an entity failed but every raw table that a KPI needs is within its limit, it still builds
    and says which KPIs stand on older data; beyond the limit nothing is built, and what was
    published before stands. The summary's exit code is 0 when all landed and the build succeeded,
    else 1. Raises SettingsError.
    """
    _title(out, "1. sync")
    sync = subprocess.run(
        [sys.executable, "-m", "extract", "sync"],
        cwd=config.PROJECT,
        env=config.environment(),
        check=False,
    )
    runs = landed.runs_since(settings.warehouse, summary.begun)
    all_landed = sync.returncode == OK
    if all_landed:
        summary.steps.append("sync: all landed")
    else:
        summary.steps.append("sync: something failed")
        summary.exit_code, summary.fault = FAILED, "not all landed"
        summary.add(landed.failures(runs) if runs else _nothing_read())

    _title(out, "2. How old is what the KPIs need?")
    target = config.PROJECT / config.environment().get("DBT_TARGET_PATH", "target")
    (target / "sources.json").unlink(missing_ok=True)
    dbt("source", "freshness", "--select", f"source:{SOURCE}")
    if not (target / "sources.json").exists():
        said = "dbt could not judge the raw tables: nothing is built, the last tables stand"
        summary.exit_code, summary.fault = FAILED, "nothing is published"
        summary.steps.append(said)
        out.print(said)
        return
    needed = [
        table for table in freshness(target) if table.kpis and table.entity not in settings.skip
    ]
    stale = [table for table in needed if table.is_stale]
    older = [
        table for table in needed if table.landed_at is None or table.landed_at < summary.begun
    ]
    out.print(_table(needed, summary.begun))
    if stale:
        summary.exit_code, summary.fault = FAILED, "nothing is published"
        summary.add(_too_old(stale))
    else:
        _build(out, settings.warehouse, target, older, summary)
    summary.add(landed.new_records(runs))
    summary.add(landed.skipped(settings.skip))


def _build(
    out: Console,
    warehouse: config.Warehouse,
    target: Path,
    older: list[Freshness],
    summary: Summary,
) -> None:
    _title(out, "3. build")
    known = checks.before(warehouse)
    (target / "run_results.json").unlink(missing_ok=True)
    built = dbt("build").returncode == OK
    results = checks.found(target)
    summary.steps.append(
        "build: done" if built else "build: failed; what lies below the fault stands as before"
    )
    if not built:
        summary.exit_code, summary.fault = FAILED, "the build failed"
        summary.add(checks.failed(results))
    summary.add(_on_older_data(older))
    if built:
        try:
            _say_of_numbers(warehouse, known, older, summary)
        except (ReviewError, WarehouseError) as error:
            summary.exit_code, summary.fault = FAILED, "the numbers could not be read"
            summary.steps.append(f"summary: {error}")
    summary.add(checks.new_warnings(results, known))
    summary.add(checks.old_warnings(results, known))


def _say_of_numbers(
    settings: config.Warehouse, known: checks.Before, older: list[Freshness], summary: Summary
) -> None:
    summary.add(numbers.off_the_report(settings, date.today()))
    with reading(settings) as warehouse:
        summary.day = numbers.last_day(warehouse)
        summary.add(numbers.unusual(warehouse, {kpi for each in older for kpi in each.kpis}))
        summary.add(checks.new_names(warehouse, known))
        summary.add(numbers.restated(warehouse))
        summary.add(numbers.new_numbers(warehouse, summary.day))


def _nothing_read() -> Section:
    said = "nothing was read; the output of the run says why"
    return Section("not_landed", "Not landed", [said], [{"error": said}], is_to_do=True)


def _too_old(stale: list[Freshness]) -> Section:
    names = [table.entity for table in stale]
    return Section(
        "too_old",
        "Stale",
        [f"Too old to build on: {', '.join(names)}. Nothing is published; the last tables stand."],
        [{"entity": each.entity, "landed_at": each.landed_at} for each in stale],
        is_to_do=True,
    )


def _on_older_data(older: list[Freshness]) -> Section:
    kpis = sorted({kpi for table in older for kpi in table.kpis})
    behind = {kpi: [table for table in older if kpi in table.kpis] for kpi in kpis}
    return Section(
        "on_older_data",
        "Stale",
        [
            f"{kpi} stands on older data: "
            + ", ".join(f"{each.entity} of {_written(each)}" for each in tables)
            for kpi, tables in behind.items()
        ],
        [
            {"kpi": kpi, "tables": {each.entity: each.landed_at for each in tables}}
            for kpi, tables in behind.items()
        ],
        is_to_do=True,
    )


def _table(needed: list[Freshness], begun: datetime) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("raw table", "last landed", "", "KPIs on it"):
        table.add_column(heading)
    for each in needed:
        is_new = each.landed_at is not None and each.landed_at >= begun
        state = "too old" if each.is_stale else "in this run" if is_new else "earlier"
        kpis = "all" if len(each.kpis) == len(KPIS) else ", ".join(each.kpis)
        table.add_row(each.entity, _written(each), state, kpis)
    return table


def _written(table: Freshness) -> str:
    return f"{table.landed_at:%Y-%m-%d %H:%M} UTC" if table.landed_at else "never"


def _title(out: Console, text: str) -> None:
    out.print(f"\n{text}", style="bold")
    out.file.flush()


def begin() -> Summary:
    """The summary of a run that begins now."""
    return Summary(begun=datetime.now(UTC))
