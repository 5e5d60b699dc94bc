"""What dbt computes is what the reports show: counts and money exactly, ratios to 1e-9."""

import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from simulator import build_tenant, one_day, oracle, serve
from tests.parity.random_records import draw
from tests.parity.warehouse import PROJECT, dbt, land

SWITCHED = {"future_bookings_from": "day", "lead_count_by": "job", "ar_threshold": Decimal(250)}


def test_the_demo_runs_from_the_api_to_the_numbers_that_the_readme_shows(demo):
    """The whole pipe with every dbt test, over HTTP; any warning that is not expected fails it."""
    run = demo.run
    assert run.returncode == 0, run.stdout + run.stderr
    shown = [re.split(r"\s*│\s*", line.strip("│ ")) for line in run.stdout.splitlines()]
    readme = (PROJECT / "README.md").read_text().split("```")[1].strip().splitlines()
    assert readme[0] in run.stdout
    rows = [re.split(r"\s{2,}", line.strip()) for line in readme[2:] if line.strip() != "…"]
    assert rows[-1][0] == "Company"
    for row in rows:
        assert row in [[cell for cell in cells if cell] for cells in shown]


@pytest.mark.full
def test_seed_and_run_alone_build_the_kpis_over_both_clock_changes(tmp_path):
    """Denver has summer time: 9 March and 2 November 2025 have 23 and 25 hours."""
    tenant = build_tenant(size="tiny", timezone="America/Denver")
    warehouse, target = tmp_path / "denver.duckdb", tmp_path / "target"
    land(tenant.records(), warehouse, tenant.last_day, timezone="America/Denver")
    vars = {"as_of_date": tenant.last_day, "business_timezone": "America/Denver"}
    for words in (["seed"], ["run"], ["test", "--select", "tag:parity"]):
        run = dbt(*words, path=warehouse, target=target, **vars)
        assert run.returncode == 0, run.stdout
    assert compared_cells(warehouse) > 0


@pytest.mark.full
def test_a_day_of_changes_reaches_the_numbers(tmp_path):
    """Late sales, edits and deletions of a day, read as changes only, on top of the first build."""
    tenant, warehouse, target = build_tenant(size="tiny"), tmp_path / "day.duckdb", tmp_path / "t"
    with serve(tenant) as api:
        environment = os.environ | api.environment() | {"KPI_DUCKDB_PATH": str(warehouse)}
        for day in range(3):
            sync = [sys.executable, "-m", "extract", "sync"]
            subprocess.run(sync, cwd=PROJECT, env=environment, check=True, capture_output=True)
            oracle.land(warehouse, tenant.records(), as_of=tenant.last_day)
            words = ["build", "--exclude-resource-type", "unit_test"]
            run = dbt(*words, path=warehouse, target=target, as_of_date=tenant.last_day)
            assert run.returncode == 0, run.stdout
            assert compared_cells(warehouse) > 0
            one_day(tenant, seed=day)


@pytest.mark.parametrize(
    ("seed", "options"),
    [
        pytest.param(1, {}, id="defaults"),
        pytest.param(2, SWITCHED, id="every var switched", marks=pytest.mark.full),
        *[pytest.param(seed, {}, marks=pytest.mark.full) for seed in range(3, 6)],
        *[pytest.param(seed, SWITCHED, marks=pytest.mark.full) for seed in range(6, 9)],
    ],
)
def test_random_records_meet_the_reports(tmp_path, seed, options):
    warehouse, as_of = tmp_path / "random.duckdb", date(2025, 11, 5) + seed * (date.resolution)
    land(draw(seed), warehouse, as_of, timezone="America/Denver", **options)
    run = dbt(
        *["build", "--exclude-resource-type", "unit_test"],
        path=warehouse,
        target=tmp_path / "target",
        as_of_date=as_of,
        business_timezone="America/Denver",
        **options,
    )
    assert run.returncode == 0, run.stdout
    assert compared_cells(warehouse) > 0


def test_parity_notices_a_cent_a_lead_and_a_missing_row(tmp_path):
    """The proof of the proof: a report that differs in a cell or a row is named."""
    warehouse, target = tmp_path / "off.duckdb", tmp_path / "target"
    as_of = date(2025, 11, 5)
    land(draw(9, jobs=40), warehouse, as_of)
    words = ["build", "--exclude-resource-type", "test", "unit_test"]
    built = dbt(*words, path=warehouse, target=target, as_of_date=as_of)
    assert built.returncode == 0, built.stdout
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "update st_oracle.daily_kpis set total_booked = total_booked + 0.01, "
            "lead_count = lead_count + 1, gpm_percent = 1.5 "
            "where (event_date, business_unit) = ('2025-11-01', 'Phoenix-Sales')"
        )
        connection.execute(
            "delete from st_oracle.daily_kpis "
            "where (event_date, business_unit) = ('2025-11-02', 'Phoenix-Production')"
        )
    run = dbt("test", "--select", "tag:parity", path=warehouse, target=target, as_of_date=as_of)
    assert run.returncode == 1
    with duckdb.connect(str(warehouse)) as connection:
        found = connection.execute(
            "select kpi, event_date, business_unit "
            "from st_test_failures.assert_daily_kpis_equal_the_reports"
        ).fetchall()
    cells = {(kpi, day.day, unit) for kpi, day, unit in found}
    assert cells >= {
        ("lead_count", 1, "Phoenix-Sales"),
        ("total_booked", 1, "Phoenix-Sales"),
        ("gpm_percent", 1, "Phoenix-Sales"),
        ("future_bookings", 2, "Phoenix-Production"),
    }
    assert all(unit == "Phoenix-Production" or day == 1 for _, day, unit in cells)
    assert "2025-11-01" in run.stdout


def compared_cells(warehouse: Path) -> int:
    """How many rows of reports there were to compare: parity with nothing proves nothing."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("select count(*) from st_oracle.daily_kpis").fetchone()[0]
