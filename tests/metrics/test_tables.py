"""The metrics answer what the tables of numbers say: all ten KPIs, every period, every level."""

import csv
import math
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from review.metrics import Question, metricflow_sql
from review.week import COLUMNS
from tests.parity.random_records import draw
from tests.parity.warehouse import PROJECT, copy_project, dbt, land

KPIS = [name for name, _, _ in COLUMNS]
GRAINS = {"daily": "day", "weekly": "week", "monthly": "month"}
# Ending of a table's name -> the column of its places, and how the metrics are grouped by them.
LEVELS = {
    "kpis": (["business_unit"], ["business_unit"]),
    "kpis_region": (["region"], ["business_unit__region"]),
    "kpis_company": ([], []),
}
TABLES = [f"{period}_{level}" for period in GRAINS for level in LEVELS]


def by(table: str) -> list[str]:
    """How the metrics are grouped to give the rows of a table."""
    period, level = table.split("_", 1)
    return [f"metric_time__{GRAINS[period]}", *LEVELS[level][1]]


def shown(connection: duckdb.DuckDBPyConnection, table: str) -> dict[tuple, tuple]:
    """Period and place -> the ten KPIs, from the table.

    Before a region or the company has a unit of the kind that a KPI is for, the table says 0 and a
    metric nothing: there this says None, too.
    """
    period, level = table.split("_", 1)
    places = LEVELS[level][0]
    rows = connection.execute(
        f"select {', '.join(['event_date', *places, *KPIS])} from st_mart.{table}"
    ).fetchall()
    start = f"date_trunc('{GRAINS[period]}', event_date)::date"
    applies = connection.execute(
        f"select distinct {', '.join(['kpi', start, *places])} from st_intermediate.int_kpi_cells "
        "join st_dim.dim_reporting_units on business_unit = reporting_unit"
    ).fetchall()
    known = set(applies)
    return {
        key: tuple(
            None if value == 0 and (kpi, *key) not in known else value
            for kpi, value in zip(KPIS, values, strict=True)
        )
        for key, values in keyed(rows, 1 + len(places)).items()
    }


def keyed(rows: list[tuple], keys: int) -> dict[tuple, tuple]:
    found = {row[:keys]: row[keys:] for row in rows}
    assert len(found) == len(rows), "a period and place has two rows"
    return found


def differences(answered: dict[tuple, tuple], table: dict[tuple, tuple]) -> list[tuple]:
    """Cells in which the two are not equal: counts and money exactly, ratios to 1e-9."""
    nothing = (None,) * len(KPIS)
    return [
        (key, kpi, ours, shown)
        for key in answered.keys() | table.keys()
        for kpi, ours, shown in zip(
            KPIS, answered.get(key, nothing), table.get(key, nothing), strict=True
        )
        if not equal(ours, shown)
    ]


def equal(one: Decimal | float | None, other: Decimal | float | None) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return one == other


@pytest.mark.parametrize("table", TABLES)
def test_all_ten_kpis_equal_the_table(ask, metrics_demo, table):
    groups = by(table)
    answer = ask(",".join(KPIS), ",".join(groups))
    with duckdb.connect(str(metrics_demo.settings.duckdb_path), read_only=True) as connection:
        rows = shown(connection, table)
    assert len(rows) > 10
    assert differences(keyed(answer.rows, len(groups)), rows) == []


def test_the_running_period_and_the_first_one_are_among_them(metrics_demo):
    """A week that ends in its middle and a unit that comes later are where balances go wrong."""
    with duckdb.connect(str(metrics_demo.settings.duckdb_path), read_only=True) as connection:
        first_days = connection.execute(
            "select min(event_date), max(event_date) from st_mart.daily_kpis group by business_unit"
        ).fetchall()
    assert len({first for first, _ in first_days}) > 1
    assert {last.isoweekday() for _, last in first_days} != {7}


@pytest.mark.full
def test_mf_query_gives_what_the_weekly_tables_give(metrics_demo, tmp_path):
    """The command that MetricFlow brings, in a project where dbt has run."""
    project = copy_project(tmp_path / "project")
    (project / "target").mkdir()
    parsed = metrics_demo.target / "semantic_manifest.json"
    (project / "target" / parsed.name).write_text(parsed.read_text())
    environment = os.environ | {
        "DBT_PROFILES_DIR": str(PROJECT / "tests" / "parity"),
        "KPI_DUCKDB_PATH": str(metrics_demo.settings.duckdb_path),
    }
    for table in ("weekly_kpis", "weekly_kpis_region"):
        words = ["--metrics", ",".join(KPIS), "--group-by", ",".join(by(table)), "--csv", "out.csv"]
        run = subprocess.run(
            [Path(sys.executable).with_name("mf"), "query", *words],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        with (project / "out.csv").open(newline="") as file:
            answered = {
                (date.fromisoformat(row[by(table)[0]][:10]), row[by(table)[1]]): tuple(
                    float(row[kpi]) if row[kpi] else None for kpi in KPIS
                )
                for row in csv.DictReader(file)
            }
        with duckdb.connect(str(metrics_demo.settings.duckdb_path), read_only=True) as connection:
            rows = {
                key: tuple(None if cell is None else float(cell) for cell in row)
                for key, row in shown(connection, table).items()
            }
        assert differences(answered, rows) == []


@pytest.mark.full
def test_random_records_equal_the_tables(tmp_path):
    """With units of every kind, and some that begin in the middle of a region's history."""
    warehouse, as_of, target = tmp_path / "random.duckdb", date(2025, 11, 5), tmp_path / "target"
    land(draw(1), warehouse, as_of)
    words = ["build", "--exclude-resource-type", "test", "unit_test"]
    run = dbt(*words, path=warehouse, target=target, as_of_date=as_of)
    assert run.returncode == 0, run.stdout
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table in TABLES:
            question = Question(KPIS, by(table))
            sql = metricflow_sql(question, target / "semantic_manifest.json", "duckdb")
            answered = keyed(connection.execute(sql).fetchall(), len(question.by))
            answered = {(key[0].date(), *key[1:]): row for key, row in answered.items()}
            assert differences(answered, shown(connection, table)) == []
