"""The command line as a person or a scheduler meets it: output, exit codes, kills."""

import os
import signal
import subprocess
import sys
import threading

import duckdb
import pytest

from extract import config
from extract.__main__ import main
from tests.extract.scripted_tenant import APP_KEY, SECRET, Tenant, answer, job, pay, served

OPTIONAL = ("SERVICETITAN_SKIP", "KPI_TARGET", "KPI_RAW_DATASET")


@pytest.fixture
def tenant():
    return Tenant(
        {
            "business_units": [{"id": 1, "name": "Phoenix-Sales", "active": True}],
            "jobs": [job(number, summary="x") for number in range(1, 6)],
            "gross_pay_items": [pay("2020-01-01"), pay("2025-01-01")],
        }
    )


@pytest.fixture
def environment(tenant, tmp_path):
    """A whole environment, so that nothing comes from the .env of whoever runs the tests."""
    with served(tenant) as settings:
        path = {"KPI_DUCKDB_PATH": str(tmp_path / "new" / "kpis.duckdb")}
        quick = {"SERVICETITAN_CALLS_PER_SECOND": "60"}
        yield {**dict.fromkeys(OPTIONAL, ""), **settings, **path, **quick}


@pytest.fixture
def run(environment, monkeypatch, capfd):
    """Runs a command in this process: (exit code, stdout, stderr)."""

    def command(*argv, **changes):
        with monkeypatch.context() as patched:
            for name, value in {**environment, **changes}.items():
                patched.setenv(name, value)
            code = main(argv)
        return code, *capfd.readouterr()

    return command


def test_sync_lands_all_and_ends_with_a_summary(run):
    code, out, err = run("sync")
    assert code == 0
    lines = {line.split()[0]: line.split()[1:6] for line in out.splitlines()[2:]}
    assert lines["jobs"] == ["landed", "5", "5", "0", "0"]
    assert lines["gross-pay-items"] == ["landed", "2", "2", "0", "0"]
    assert len(lines) == 15
    assert "jobs: 5 rows, landed" in err
    assert run("sync")[1].count("landed") == 15


def test_only_reads_what_is_named_but_creates_every_table(run, tenant, environment):
    code, out, _ = run("sync", "--only", "jobs,business-units")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[2:]] == ["jobs", "business-units"]
    assert tenant.asked("payments") == []
    with duckdb.connect(environment["KPI_DUCKDB_PATH"], read_only=True) as db:
        (count,) = db.execute(
            "select count(*) from duckdb_tables() where table_name like 'raw_%'"
        ).fetchone()
    assert count == 15


def test_a_failed_entity_is_code_1_with_its_cure_and_the_others_land(run, tenant):
    tenant.script = [("export/jobs", answer({"title": "Forbidden"}, 403))]
    code, out, err = run("sync", "--only", "jobs,business-units")
    assert code == 1
    assert "jobs: GET jpm/v2/…/export/jobs: 403: Forbidden. Add the scope" in err
    assert "business-units  landed" in out


def test_a_skipped_entity_is_said_and_no_failure(run, tenant):
    code, out, _ = run("sync", SERVICETITAN_SKIP="jobs,gross_pay_items")
    assert code == 0
    assert out.count("skipped") == 2
    assert tenant.asked("jobs") == []


def test_a_tenant_on_this_machine_is_reached_past_a_proxy(run):
    nowhere = "http://127.0.0.1:9"
    assert run("sync", "--only", "jobs", HTTP_PROXY=nowhere, http_proxy=nowhere)[0] == 0


@pytest.mark.parametrize("command", ["sync", "check"])
def test_missing_settings_are_code_2_by_name(run, command):
    code, _, err = run(command, SERVICETITAN_APP_KEY="", SERVICETITAN_TENANT_ID="acme")
    assert code == 2
    assert "SERVICETITAN_APP_KEY is missing" in err
    assert "SERVICETITAN_TENANT_ID='acme' is wrong" in err


def test_refused_credentials_are_code_2_by_name(run, tenant):
    tenant.script = [("connect/token", answer({"error": "invalid_client"}, 400))]
    code, _, err = run("sync")
    assert code == 2
    assert "invalid_client" in err
    assert "SERVICETITAN_CLIENT_SECRET" in err


@pytest.mark.parametrize("only", ["job", "", ","])
def test_an_unknown_or_empty_only_is_code_2(run, only):
    code, _, err = run("sync", "--only", only)
    assert code == 2
    assert "--only names" in err


def test_prod_without_a_project_is_code_2(run):
    code, _, err = run("sync", KPI_TARGET="prod", KPI_BIGQUERY_PROJECT="")
    assert code == 2
    assert err.startswith("KPI_BIGQUERY_PROJECT is missing, KPI_TARGET=prod needs it")


def test_list_needs_no_settings(run):
    code, out, _ = run("list", SERVICETITAN_CLIENT_ID="")
    assert code == 0
    assert "raw_gross_pay_items" in out
    assert len(out.splitlines()) == 16


def test_check_says_one_line_per_entity(run, tenant):
    tenant.script = [("export/jobs", answer({"title": "Forbidden"}, 403))]
    code, out, _ = run("check", SERVICETITAN_SKIP="payments")
    assert code == 1
    lines = out.splitlines()
    assert len(lines) == 16
    assert "business-units: fine" in lines
    assert "payments: skipped, named in SERVICETITAN_SKIP" in lines
    assert [line for line in lines if "403" in line and "Jobs (read)" in line]
    assert run("check")[0] == 0


def test_check_fields_gives_the_share_of_records_that_fill_each_field(run, tenant):
    tenant.page = 50
    tenant.records["jobs"] = [job(1, noCharge=True), job(2, noCharge=None, estimateIds=[])]
    code, out, _ = run("check", "--fields", "--only", "jobs")
    assert code == 0
    shares = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()[3:]}
    assert shares["id"] == "100.0 %"
    assert shares["noCharge"] == "50.0 %"
    assert shares["estimateIds"] == "0.0 %"
    tenant.records["jobs"] = [job(1, novel="x")]
    assert "not declared" in run("check", "--fields", "--only", "jobs")[1]


def test_no_secret_in_any_output_or_table(run, tenant, environment):
    tenant.script = [
        ("export/jobs", answer({"title": f"{SECRET} {APP_KEY} token-1"}, 403)),
        ("payments", answer({"message": f"Bearer token-1 {SECRET}"}, 404)),
    ]
    code, out, err = run("sync")
    assert code == 1
    with duckdb.connect(environment["KPI_DUCKDB_PATH"], read_only=True) as db:
        logged = str(
            db.execute(
                "select * exclude (started_at, ended_at) from st_raw_v2.sync_runs"
            ).fetchall()
        )
    for secret in (SECRET, APP_KEY, "token-1"):
        assert secret not in out + err + logged
    assert "***" in err


def extract(environment, *argv):
    return subprocess.Popen(
        [sys.executable, "-m", "extract", *argv],
        cwd=config.PROJECT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_warehouse_in_use_is_one_clear_line(environment, tmp_path):
    path = tmp_path / "kpis.duckdb"
    with duckdb.connect(str(path)):
        process = extract({**environment, "KPI_DUCKDB_PATH": str(path)}, "sync")
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.count("\n") == 1
    assert "is in use by another process" in err


ENTITIES = ("jobs", "job_types", "gross_pay_items")


def tables(path):
    """Every raw table without _ingested_at, and the cursors."""
    with duckdb.connect(str(path), read_only=True) as db:
        found = {
            entity: db.execute(
                "select columns(c -> c <> '_ingested_at')::varchar "
                f"from st_raw_v2.raw_{entity} order by all"
            ).fetchall()
            for entity in ENTITIES
        }
        left = db.execute("select table_name from duckdb_tables()").fetchall()
    assert not [name for (name,) in left if name.startswith("_loading")]
    return found


@pytest.mark.parametrize(
    ("call", "delay", "options"),
    [(3, 0.0, ()), (9, 0.01, ()), (14, 0.002, ()), (30, 0.0, ()), (12, 0.005, ("--full",))],
)
def test_a_kill_at_any_moment_then_a_second_run_gives_the_tables_of_a_clean_run(
    environment, tmp_path, tenant, run, call, delay, options
):
    tenant.cap = 3
    tenant.records = {
        "jobs": [job(n % 31, f"2026-01-02T00:00:{n:02}Z", total=n) for n in range(40)],
        "job_types": [{"id": n, "name": f"type {n}"} for n in range(7)],
        "gross_pay_items": [pay(f"20{20 + n % 5}-0{1 + n % 9}-01", str(n % 4)) for n in range(30)],
    }
    only = ("--only", ",".join(ENTITIES))
    assert run("sync", *only, KPI_DUCKDB_PATH=str(tmp_path / "clean.duckdb"))[0] == 0
    if options:
        assert run("sync", *only)[0] == 0
        # What the tables hold before --full must not stay.
        with duckdb.connect(environment["KPI_DUCKDB_PATH"]) as db:
            db.execute("insert into st_raw_v2.raw_jobs (id) values (99)")

    real, count = Tenant.__call__, iter(range(1, 10_000))

    def killing(self, *request):
        given = real(self, *request)
        if next(count) == call:
            threading.Timer(delay, process.send_signal, [signal.SIGKILL]).start()
        return given

    tenant.__class__ = type("Killing", (Tenant,), {"__call__": killing})
    process = extract(environment, "sync", *only, *options)
    assert process.wait(timeout=60) == -signal.SIGKILL
    tenant.__class__ = Tenant
    assert run("sync", *only)[0] == 0
    assert tables(environment["KPI_DUCKDB_PATH"]) == tables(tmp_path / "clean.duckdb")
