"""The whole pipe on BigQuery: API, extractor, load jobs and MERGE, dbt, the reports' numbers, and
what people read of them.

Against the emulator, beside the same days on DuckDB, row by row. The emulator keeps three decimals
of a NUMERIC, so the tenant's few amounts with more are rounded first.
"""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, redirect_stdout
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from threading import Lock
from types import SimpleNamespace

import duckdb
import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from extract import config, entities
from extract.warehouse import open_warehouse
from extract.warehouse.bigquery import tables
from extract.warehouse.reports import ROW_COLUMNS, RUN_COLUMNS
from review import __main__ as review
from review import metrics, reconcile
from review.page.reading import read
from review.page.shaping import shaped
from simulator import build_tenant, one_day, oracle, serve
from tests.bigquery import emulator
from tests.bigquery.landed import in_bigquery, in_duckdb
from tests.parity.warehouse import DBT, PROJECT

pytestmark = [emulator.needed, pytest.mark.full]

WEEK = ("2025-12-22", "2025-12-28")
DAY = ("2025-12-31", "2025-12-31")
PULLED = {"sales": WEEK, "job_cost": WEEK, "receivables": DAY}
COMPARED = ("daily_kpis", "weekly_kpis_region", "monthly_kpis_company", "uncounted_records")
KINDS = {"DATE": "DATE", "VARCHAR": "STRING", "INTEGER": "INT64", "DOUBLE": "FLOAT64"}
DECIMALS = Decimal("0.001")
# The emulator has no ISO weeks and does not group a join by an alias, as MetricFlow does for some
# metrics: Google's analyzer reads all of them (test_analyze_metrics.py), here runs what can.
METRIC = ("--metrics", "gpm_percent", "--by", "metric_time__month,business_unit__region")
TESTED = ("--exclude-resource-type", "unit_test")
UNTESTED = ("--exclude-resource-type", "test", "unit_test")
VARS = ("--vars", json.dumps({"as_of_date": "2025-12-31"}))
# What the extractor keeps, without what says which run it was and when.
LOGGED = ("entity", "state", "rows", "new", "changed", "removed", "pages", "note")
RAW = {
    **{entity.table: entity.row_types for entity in entities.load().values()},
    "sync_runs": {name: tables.RUNS[name] for name in LOGGED},
    "report_runs": {n: kind for n, kind in RUN_COLUMNS.items() if n not in ("run_id", "pulled_at")},
    "report_rows": {n: kind for n, kind in ROW_COLUMNS.items() if n != "run_id"},
}
# The commands run in this process, whose settings and output are one.
ONE_READER = Lock()
FULL = "jobs,invoices,job-types,gross-pay-items"
LEAD = "Job #,Created Date,Job's Business Unit,Customer Name\n5,12/23/2025,Phoenix-Sales,Ann\n"


class Warehouse:
    """One of the two: its settings, and reading and building it."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.environment = os.environ | environment
        self.environment |= {
            "DBT_PROFILES_DIR": str(folder.parent),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder),
            "SERVICETITAN_CALLS_PER_SECOND": "60",
        }

    def extract(self, *words):
        run = self._run(sys.executable, "-m", "extract", *words)
        assert run.returncode == 0, run.stdout + run.stderr

    def build(self, *words):
        return self._run(DBT, "--no-use-colors", "build", *VARS, *words)

    def review(self, *words):
        """Exit code and output of `python -m review`; its dbt is of the same day as the build."""
        said, of_the_day = io.StringIO(), partial(reconcile.dbt, "run", *VARS)
        with self.settings() as patched, redirect_stdout(said):
            patched.setattr(reconcile, "dbt", lambda _, *rest, **kept: of_the_day(*rest, **kept))
            patched.setattr(metrics, "TARGET", self.folder / "metrics")
            code = review.main(words)
        return code, said.getvalue()

    def raw(self):
        """All that the extractor keeps."""
        with self.settings(), closing(open_warehouse(config.warehouse())) as warehouse:
            return {name: self.read(warehouse, name, types) for name, types in RAW.items()}

    @contextmanager
    def settings(self):
        with pytest.MonkeyPatch.context() as patched:
            for name, value in self.environment.items():
                patched.setenv(name, value)
            yield patched

    def _run(self, *command):
        return subprocess.run(
            command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, check=False
        )


class OnDuckDB(Warehouse):
    read = staticmethod(in_duckdb)

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
    read = staticmethod(in_bigquery)

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
    """Two days on both warehouses and a full sync after them; the first build on BigQuery with
    every data test, and what is read after the second. `days` and `raw` are pairs, DuckDB's first.
    """
    folder = tmp_path_factory.mktemp("pipe")
    shutil.copy(PROJECT / "profiles.yml.example", folder / "profiles.yml")
    for name in ("duckdb", "bigquery", "inbox"):
        (folder / name).mkdir()
    (folder / "inbox" / "leads.csv").write_text(LEAD)
    tenant = build_tenant(size="tiny")
    _round(tenant)
    with emulator.running() as server, serve(tenant, page_size=250) as api:
        here, there = OnDuckDB(folder / "duckdb", api), OnBigQuery(folder / "bigquery", api, server)
        both = (here, there)
        _at_once(both, _land)
        raw = [[warehouse.raw() for warehouse in both]]
        oracle.land(here.path, tenant.records(), as_of=tenant.last_day)
        there.land_oracle(here.path)
        tested = _at_once(both, lambda each: each.build(*(UNTESTED if each is here else TESTED)))[1]
        days = [[_tables(warehouse) for warehouse in both]]
        one_day(tenant)
        types = tenant.records()["job_types"]
        tenant.change("job_types", types[-1] | {"name": "Renamed"})
        _round(tenant)
        _at_once(both, lambda warehouse: warehouse.extract("sync"))
        raw.append([warehouse.raw() for warehouse in both])
        built = _at_once(both, lambda warehouse: _read_by_people(warehouse, folder / "inbox"))
        days.append([tables for tables, _ in built])
        shown = [what for _, what in built]
        _at_once(both, lambda warehouse: warehouse.extract("sync", "--full", "--only", FULL))
        raw.append([warehouse.raw() for warehouse in both])
        left = {table.table_id for table in there.client.list_tables("st_raw_v2")}
    return SimpleNamespace(tested=tested, days=days, raw=raw, shown=shown, left=left)


def test_every_test_passes_on_bigquery_parity_with_the_reports_included(pipe):
    failures = pipe.tested.stdout.partition("Failure in")
    assert pipe.tested.returncode == 0, "".join(failures[1:])[:3000]
    assert "assert_daily_kpis_equal_the_reports" in pipe.tested.stdout


@pytest.mark.parametrize("run", range(3), ids=["first", "changes", "full"])
def test_every_run_of_the_extractor_lands_the_same_in_both(pipe, run):
    here, there = pipe.raw[run]
    for name in RAW:
        assert here[name], name
        assert there[name] == here[name], name


def test_no_table_of_a_run_is_left_behind(pipe):
    assert pipe.left == set(RAW) | {"sync_cursors"}


def test_a_run_of_changes_lands_some(pipe):
    counts = [len(here["sync_runs"]) for here, _ in pipe.raw]
    assert counts == [15, 30, 34]
    assert pipe.raw[0][0]["raw_jobs"] != pipe.raw[1][0]["raw_jobs"]
    assert any(run["changed"] for run in pipe.raw[1][0]["sync_runs"])


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


@pytest.mark.parametrize(
    "command", ["week", "explain", "parity", "reconcile", "metrics", "csv", "page"]
)
def test_what_people_read_is_the_same(pipe, command):
    here, there = (shown[command] for shown in pipe.shown)
    assert there == here


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("week", "Week of 2025-12-22 to 2025-12-28"),
        ("explain", "the estimate was sold"),
        ("parity", "✓ 2025-12-22"),
        ("reconcile", "not landed yet"),
        ("metrics", "2025-12-01"),
    ],
)
def test_there_is_something_to_read(pipe, command, said):
    code, shown = pipe.shown[0][command]
    assert code == 0
    assert said in shown


def _read_by_people(warehouse, inbox):
    """The warehouse built anew: its tables, and what is shown of them. One is read while the other
    is built."""
    run = warehouse.build(*UNTESTED)
    assert run.returncode == 0, run.stdout[-6000:]
    tables = _tables(warehouse)
    with ONE_READER:
        return tables, _shown(warehouse, tables, inbox)


def _shown(warehouse, tables, inbox):
    """What the commands of a reader print, and the CSV without the moments of its pulls."""
    sold = max(tables["daily_kpis"], key=lambda row: row["total_booked"] or 0)
    number = ("--kpi", "total_booked", "--day", sold["event_date"], "--unit", sold["business_unit"])
    path = inbox.parent / "reconciled.csv"
    week = ("--week", WEEK[0], "--inbox", str(inbox), "--csv", str(path))
    shown = {
        "week": warehouse.review("week", "--monday", WEEK[0]),
        "explain": warehouse.review("explain", *number),
        "parity": warehouse.review("parity"),
        "reconcile": warehouse.review("reconcile", *week),
        "metrics": warehouse.review("metrics", *METRIC),
    }
    with path.open(encoding="utf-8-sig", newline="") as file:
        shown["csv"] = [
            {name: cell for name, cell in row.items() if name not in ("pulled_at", "changed_at")}
            for row in csv.DictReader(file)
        ]
    path.unlink()
    shown["page"] = _page(warehouse)
    return shown


def _page(warehouse):
    """What the weekly review holds, without the moments of its build."""
    with warehouse.settings():
        at_once, records = shaped(read(config.warehouse()), datetime(2026, 1, 1, tzinfo=UTC))
    health = at_once.pop("health")
    keys = ("week", "place", "kpi", "status", "report")  # the values: see above, of report_parity
    at_once["parity"] = [{key: each[key] for key in keys} for each in at_once["parity"]]
    said = {**at_once, **records, "unmapped": health["unmapped"], "restated": health["restated"]}
    return {name: _rounded(part) for name, part in said.items()}


def _at_once(both, do):
    """What `do` gives for each; two processors have time for both."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(do, both))


def _land(warehouse):
    warehouse.extract("sync")
    for report, (first, last) in PULLED.items():
        warehouse.extract("report", report, "--from", first, "--to", last)


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
