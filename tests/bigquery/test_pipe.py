"""The whole pipe on BigQuery: API, extractor, load jobs and MERGE, dbt, the reports' numbers.

Against the emulator, beside the same days on DuckDB, row by row. The emulator keeps three decimals
of a NUMERIC, so the tenant's few amounts with more are rounded first.
"""

import io
import json
import os
import shutil
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace

import duckdb
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from simulator import build_tenant, one_day, oracle, serve
from tests.bigquery import emulator
from tests.parity.warehouse import DBT, PROJECT

pytestmark = [emulator.needed, pytest.mark.full]

WEEK = ("2025-12-22", "2025-12-28")
DAY = ("2025-12-31", "2025-12-31")
PULLED = {"sales": WEEK, "job_cost": WEEK, "receivables": DAY}
COMPARED = ("daily_kpis", "weekly_kpis_region", "monthly_kpis_company", "uncounted_records")
KINDS = {"DATE": "DATE", "VARCHAR": "STRING", "INTEGER": "INT64", "DOUBLE": "FLOAT64"}
DECIMALS = Decimal("0.001")
UNTESTED = ("--exclude-resource-type", "test", "unit_test")


class Warehouse:
    """One of the two: its settings, and reading and building it."""

    def __init__(self, folder, environment):
        self.environment = os.environ | environment
        self.environment |= {
            "DBT_PROFILES_DIR": str(folder.parent),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder),
        }

    def extract(self, *words):
        run = self._run(sys.executable, "-m", "extract", *words)
        assert run.returncode == 0, run.stdout + run.stderr

    def build(self, *words):
        variables = json.dumps({"as_of_date": "2025-12-31"})
        return self._run(DBT, "--no-use-colors", "build", "--vars", variables, *words)

    def _run(self, *command):
        return subprocess.run(
            command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, check=False
        )


class OnDuckDB(Warehouse):
    def __init__(self, folder, api):
        self.path = folder / "kpis.duckdb"
        super().__init__(
            folder, api.environment() | {"KPI_TARGET": "dev", "KPI_DUCKDB_PATH": str(self.path)}
        )

    def rows(self, table):
        with duckdb.connect(str(self.path), read_only=True) as connection:
            found = connection.execute(f"select * from st_mart.{table}")
            names = [column[0] for column in found.description]
            return _sorted(dict(zip(names, row, strict=True)) for row in found.fetchall())


class OnBigQuery(Warehouse):
    def __init__(self, folder, api, server):
        super().__init__(folder, api.environment() | server.environment())
        self.client = bigquery.Client(
            project=server.project,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": server.endpoint},
        )

    def rows(self, table):
        return _sorted(
            dict(row)
            for row in self.client.query_and_wait(f"select * from emulator_st_mart.{table}")
        )

    def land_oracle(self, path):
        """What the reports show, copied from where the oracle landed it."""
        self.client.create_dataset("emulator_st_oracle", exists_ok=True)
        self.client.create_dataset("st_oracle", exists_ok=True)
        with duckdb.connect(str(path), read_only=True) as connection:
            for name in oracle.TABLES:
                found = connection.execute(f"select * from st_oracle.{name}")
                fields = [
                    bigquery.SchemaField(column[0], KINDS.get(str(column[1]), "NUMERIC"))
                    for column in found.description
                ]
                lines = "\n".join(
                    json.dumps(
                        {
                            field.name: None if value is None else str(value)
                            for field, value in zip(fields, row, strict=True)
                        }
                    )
                    for row in found.fetchall()
                )
                self.client.load_table_from_file(
                    io.BytesIO(lines.encode()),
                    f"{self.client.project}.st_oracle.{name}",
                    job_config=bigquery.LoadJobConfig(
                        source_format="NEWLINE_DELIMITED_JSON",
                        schema=fields,
                        write_disposition="WRITE_TRUNCATE",
                    ),
                ).result()


@pytest.fixture(scope="module")
def pipe(tmp_path_factory):
    """Two days on both warehouses; the first build on BigQuery with every data test."""
    folder = tmp_path_factory.mktemp("pipe")
    shutil.copy(PROJECT / "profiles.yml.example", folder / "profiles.yml")
    for name in ("duckdb", "bigquery"):
        (folder / name).mkdir()
    tenant = build_tenant(size="tiny")
    _round(tenant)
    with emulator.running() as server, serve(tenant) as api:
        here, there = OnDuckDB(folder / "duckdb", api), OnBigQuery(folder / "bigquery", api, server)
        for warehouse in (here, there):
            warehouse.extract("sync")
            for report, (first, last) in PULLED.items():
                warehouse.extract("report", report, "--from", first, "--to", last)
        oracle.land(here.path, tenant.records(), as_of=tenant.last_day)
        there.land_oracle(here.path)
        tested = there.build("--exclude-resource-type", "unit_test")
        days = [(_built(here, *UNTESTED), _tables(there))]
        one_day(tenant)
        _round(tenant)
        for warehouse in (here, there):
            warehouse.extract("sync")
        days.append((_built(here, *UNTESTED), _built(there, *UNTESTED)))
    return SimpleNamespace(tested=tested, days=days)


def test_every_test_passes_on_bigquery_parity_with_the_reports_included(pipe):
    failures = pipe.tested.stdout.partition("Failure in")
    assert pipe.tested.returncode == 0, "".join(failures[1:])[:3000]
    assert "assert_daily_kpis_equal_the_reports" in pipe.tested.stdout


@pytest.mark.parametrize("day", [0, 1])
@pytest.mark.parametrize("table", COMPARED)
def test_both_warehouses_say_the_same(pipe, table, day):
    here, there = (warehouse[table] for warehouse in pipe.days[day])
    assert len(here) == len(there) > 0
    for ours, theirs in zip(here, there, strict=True):
        assert ours == theirs


def test_a_day_of_changes_moves_the_numbers(pipe):
    (before, _), (after, _) = pipe.days
    assert before["daily_kpis"] != after["daily_kpis"]


def test_reports_are_compared_alike(pipe):
    for here, there in pipe.days:
        assert [row["status"] for row in here["report_parity"]] == ["exact"] * len(
            here["report_parity"]
        )
        keys = ("member", "kpi", "status", "our_value")
        assert _picked(here["report_parity"], keys) == _picked(there["report_parity"], keys)


def test_history_tells_the_same_restatements(pipe):
    keys = ("kpi", "event_date", "business_unit", "value_shown", "value_now", "changed_records")
    here, there = (warehouse["kpi_restatements"] for warehouse in pipe.days[1])
    assert _picked(here, keys) == _picked(there, keys) != []
    assert [warehouse["kpi_restatements"] for warehouse in pipe.days[0]] == [[], []]


def _built(warehouse, *words):
    run = warehouse.build(*words)
    assert run.returncode == 0, run.stdout[-6000:]
    return _tables(warehouse)


def _tables(warehouse):
    return {name: warehouse.rows(name) for name in (*COMPARED, "report_parity", "kpi_restatements")}


def _picked(rows, keys):
    """What SQL computed as NUMERIC, to the cent: the emulator cuts it at three decimals."""
    return sorted(str([_to_the_cent(row[key]) for key in keys]) for row in rows)


def _to_the_cent(value):
    return round(value, 2) + 0 if isinstance(value, Decimal) else value


def _sorted(rows):
    """Ratios to nine digits, money and counts as they are."""
    alike = [{name: _alike(value) for name, value in row.items()} for row in rows]
    return sorted(alike, key=lambda row: [str(value) for value in row.values()])


def _alike(value):
    if isinstance(value, float):
        return float(f"{value:.9e}")
    if isinstance(value, Decimal):
        return value.normalize() + 0
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def _round(tenant):
    """No amount keeps more decimals than the emulator does."""
    for entity, records in tenant.records().items():
        for record in records:
            rounded = _rounded(record)
            if rounded != record:
                instead_of = record if entity == "gross_pay_items" else None
                tenant.change(entity, rounded, instead_of)


def _rounded(value):
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, str) and value.replace(".", "").lstrip("-").isdigit():
        return str(_rounded(Decimal(value))) if "." in value else value
    if isinstance(value, Decimal) and value.quantize(DECIMALS) != value:
        return value.quantize(DECIMALS)
    return value
