"""A day's work: what lands is built, what is older is named, what is too old publishes nothing."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import duckdb
import pytest

from simulator import build_tenant, one_day, serve
from tests.parity.warehouse import PROJECT


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Three days in a row: all well; payments and technicians refused; payments refused for days.

    Each: the run, and the newest KPIs after it."""
    folder = tmp_path_factory.mktemp("days")
    warehouse = folder / "kpis.duckdb"
    tenant = build_tenant(size="tiny")
    with serve(tenant) as api:
        environment = os.environ | api.environment()
        environment |= {"KPI_DUCKDB_PATH": str(warehouse), "KPI_TARGET": "dev"}
        environment |= {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder)}

        def day():
            run = subprocess.run(
                [sys.executable, "-m", "daily"],
                cwd=PROJECT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            with duckdb.connect(str(warehouse)) as connection:
                kpis = connection.execute(
                    "select sum(total_booked), sum(dollars_collected) from st_mart.daily_kpis"
                ).fetchone()
            return SimpleNamespace(code=run.returncode, out=run.stdout, err=run.stderr, kpis=kpis)

        first = day()
        one_day(tenant)
        api.denied = {"payments", "technicians"}
        second = day()
        one_day(tenant, seed=2)
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(
                "update st_raw_v2.sync_runs set ended_at = ended_at - interval 3 day "
                "where entity = 'payments'"
            )
        third = day()
    return first, second, third


@pytest.mark.full
def test_a_day_on_which_all_lands(days):
    first, _, _ = days
    assert first.code == 0, first.out + first.err
    assert "sync: all landed\nbuild: done" in first.out
    assert "older data" not in first.out


@pytest.mark.full
def test_a_failed_entity_within_its_limit_is_built_on_and_named(days):
    first, second, _ = days
    assert second.code == 1
    assert "build: done" in second.out
    assert second.kpis[0] != first.kpis[0], "what did land is published"
    assert second.kpis[1] == first.kpis[1]
    older = re.findall(r"^(\w+) stands on older data: (\w+) of ", second.out, re.MULTILINE)
    assert older == [("dollars_collected", "payments"), ("outstanding_ar", "payments")]


@pytest.mark.full
def test_beyond_its_limit_nothing_is_published(days):
    _, second, third = days
    assert third.code == 1
    assert "Too old to build on: payments. Nothing is published" in third.out
    assert third.kpis == second.kpis


def test_a_missing_setting_is_named_before_anything_runs(tmp_path):
    environment = {"PATH": os.environ["PATH"], "KPI_DUCKDB_PATH": str(tmp_path / "none.duckdb")}
    names = ["CLIENT_ID", "CLIENT_SECRET", "APP_KEY", "TENANT_ID"]
    environment |= {f"SERVICETITAN_{name}": "" for name in names}
    run = subprocess.run(
        [sys.executable, "-m", "daily"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "SERVICETITAN_CLIENT_ID is missing" in run.stderr
    assert "Traceback" not in run.stderr
    assert "1. sync" not in run.stdout
