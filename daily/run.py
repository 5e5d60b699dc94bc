"""The steps of a day, and what is said of them at its end."""

import subprocess
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from daily.freshness import SOURCE, Freshness, freshness
from extract import config
from review.dbt import dbt
from review.week import COLUMNS as KPIS

OK, FAILED = 0, 1


def daily(out: Console) -> int:
    """Runs sync, source freshness and dbt build, each with its own output, and prints the summary.

    Where an entity failed but every raw table that a KPI needs is within its limit, it still builds
    and says which KPIs stand on older data; beyond the limit nothing is built, and what was
    published before stands. Returns 0 when all landed and the build succeeded, else 1. Raises
    SettingsError.
    """
    settings = config.load()
    begun = datetime.now(UTC)
    _title(out, "1. sync")
    sync = subprocess.run(
        [sys.executable, "-m", "extract", "sync"],
        cwd=config.PROJECT,
        env=config.environment(),
        check=False,
    )
    landed = sync.returncode == OK

    _title(out, "2. How old is what the KPIs need?")
    target = config.PROJECT / config.environment().get("DBT_TARGET_PATH", "target")
    (target / "sources.json").unlink(missing_ok=True)
    dbt("source", "freshness", "--select", f"source:{SOURCE}")
    if not (target / "sources.json").exists():
        out.print("dbt could not judge the raw tables: nothing is built, the last tables stand")
        return FAILED
    needed = [
        table for table in freshness(target) if table.kpis and table.entity not in settings.skip
    ]
    stale = [table for table in needed if table.is_stale]
    older = [table for table in needed if table.landed_at is None or table.landed_at < begun]
    out.print(_table(needed, begun))
    if stale:
        names = ", ".join(table.entity for table in stale)
        out.print(f"Too old to build on: {names}. Nothing is published; the last tables stand.")
        return FAILED

    _title(out, "3. build")
    built = dbt("build").returncode == OK

    _title(out, "Summary")
    out.print("sync: all landed" if landed else "sync: something failed, see above")
    out.print(
        "build: done" if built else "build: failed; what lies below the fault stands as before"
    )
    for kpi in sorted({kpi for table in older for kpi in table.kpis}):
        ages = [f"{each.entity} of {_written(each)}" for each in older if kpi in each.kpis]
        out.print(f"{kpi} stands on older data: {', '.join(ages)}")
    return OK if landed and built else FAILED


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
