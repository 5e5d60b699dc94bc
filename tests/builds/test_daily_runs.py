"""After any sequence of daily runs the tables are those of a build from nothing, row for row."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from simulator import build_tenant
from tests.builds.office import a_day
from tests.parity.warehouse import copy_project, dbt, land_records

DAYS = 4
SCHEMAS = ("st_staging", "st_dim", "st_intermediate", "st_mart")
# What tells of earlier builds: a warehouse without any has nothing to tell.
OF_HISTORY = {"int_restated_cells", "kpi_restatements", "kpi_restated_records"}
# And what tells of the build itself: when it began.
OF_THE_BUILD = {"data_freshness"}
Rows = dict[str, list[tuple]]


@pytest.mark.full
def test_daily_runs_leave_what_a_full_rebuild_makes(tmp_path):
    """Late sales, reschedules, refunds, deletions, renamed units and customers, records that move
    to another job, unit or type, and edited seeds, anywhere in the history; the as-of day moves on.
    """
    tenant = build_tenant(size="tiny", weeks=30)
    project, daily = copy_project(tmp_path / "project"), tmp_path / "daily" / "kpis.duckdb"
    daily.parent.mkdir()
    before: Rows = {}
    for day in range(DAYS):
        if day:
            a_day(tenant, seed=day)
        if day == DAYS - 1:
            edit_seeds(project)
        as_of = tenant.last_day - timedelta(days=DAYS - 1 - day)
        fresh = tmp_path / f"fresh_{day}" / "kpis.duckdb"
        fresh.parent.mkdir()
        for warehouse in (daily, fresh) if day else (daily,):
            land_records(tenant.records(), warehouse)
            build(warehouse, project, tmp_path / "target", as_of)
        after = rows(daily)
        if day:
            rebuilt = rows(fresh)
            assert after.keys() == rebuilt.keys()
            different = [name for name in after if after[name] != rebuilt[name]]
            assert different == [], f"after day {day}"
            assert after["st_mart.daily_kpis"] != before["st_mart.daily_kpis"]
        before = after


def build(warehouse: Path, project: Path, target: Path, as_of: object) -> None:
    """All that a daily build makes, snapshots included; the tests would say nothing more."""
    left_out = ["--exclude-resource-type", "test", "unit_test"]
    run = dbt("build", *left_out, path=warehouse, project=project, target=target, as_of_date=as_of)
    assert run.returncode == 0, run.stdout


def rows(warehouse: Path) -> Rows:
    """The rows of every model in one order, by its schema and name."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where list_contains(?, table_schema) order by all",
            [SCHEMAS],
        ).fetchall()
        return {
            f"{schema}.{name}": connection.execute(
                f'select * from "{schema}"."{name}" order by all'
            ).fetchall()
            for schema, name in found
            if name not in OF_HISTORY | OF_THE_BUILD
        }


def edit_seeds(project: Path) -> None:
    """A unit is combined with another, and a type changes its list."""
    for seed, old, new in (
        (
            "business_units.csv",
            "Nevada-Sales,Nevada-Sales,sales,NEV,Nevada,",
            "Nevada-Sales,Tucson-Sales,sales,TUC,Tucson,",
        ),
        ("job_type_lists.csv", "Estimate,estimate,", "Estimate,excluded,"),
    ):
        file = project / "seeds" / seed
        text = file.read_text()
        assert text.count(f"\n{old}") == 1
        file.write_text(text.replace(f"\n{old}", f"\n{new}"))
