"""A day's work: what lands is built, what is older is named, what is too old publishes nothing."""

import json
import os
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import duckdb
import pytest

from simulator import build_tenant, one_day, serve
from tests.parity.warehouse import PROJECT


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Three days in a row: all well; payments and technicians refused; payments refused for days.

    Each: the run, the newest KPIs after it, the summary in its files and as the webhook got it
    (on the third day it is down), and the customers' names."""
    folder = tmp_path_factory.mktemp("days")
    warehouse = folder / "kpis.duckdb"
    tenant = build_tenant(size="tiny")
    names = {customer["name"] for customer in tenant.records()["customers"]}
    with serve(tenant) as api, webhook() as (address, got):
        environment = os.environ | api.environment()
        environment |= {"KPI_DUCKDB_PATH": str(warehouse), "KPI_TARGET": "dev"}
        environment |= {"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder)}
        environment |= {"SERVICETITAN_SKIP": "campaigns", "OUT": str(folder / "summary.md")}
        environment |= {"KPI_ALERT_TO": address}

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
            return SimpleNamespace(
                code=run.returncode,
                out=run.stdout,
                err=run.stderr,
                kpis=kpis,
                names=names,
                markdown=(folder / "summary.md").read_text(),
                json=json.loads((folder / "summary.json").read_text()),
                got=got.pop() if got else None,
            )

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
        environment["KPI_ALERT_TO"] = f"http://127.0.0.1:1{HOOK}"  # where nobody listens
        third = day()
    return first, second, third


HOOK = "/services/hidden-part"


@contextmanager
def webhook():
    """A chat's webhook on this machine: its address, and the bodies that it got."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{HOOK}", got
    finally:
        server.shutdown()


@pytest.mark.full
def test_a_day_on_which_all_lands(days):
    first, _, _ = days
    assert first.code == 0, first.out + first.err
    assert "- sync: all landed\n- build: done" in first.out
    assert "older data" not in first.out


@pytest.mark.full
def test_a_failed_entity_within_its_limit_is_built_on_and_named(days):
    first, second, _ = days
    assert second.code == 1
    assert "build: done" in second.out
    assert second.kpis[0] != first.kpis[0], "what did land is published"
    assert second.kpis[1] == first.kpis[1]
    older = re.findall(r"^- (\w+) stands on older data: (\w+) of ", second.out, re.MULTILINE)
    assert older == [("dollars_collected", "payments"), ("outstanding_ar", "payments")]


@pytest.mark.full
def test_beyond_its_limit_nothing_is_published(days):
    _, second, third = days
    assert third.code == 1
    assert "Too old to build on: payments. Nothing is published" in third.out
    assert third.kpis == second.kpis


@pytest.mark.full
def test_what_is_printed_is_what_is_written_and_sent(days):
    first, second, _ = days
    for day in (first, second):
        text = day.got["text"]
        assert day.out.rstrip().endswith(text.rstrip())
        assert day.markdown.replace("## ", "").replace("# ", "").split() == text.split()
        assert day.json["title"] == text.splitlines()[0]
        assert day.json["exit_code"] == day.code
        assert set(day.got) == {"text"}


@pytest.mark.full
def test_the_summary_names_scopes_skipped_entities_and_what_is_new(days):
    first, second, _ = days
    assert "campaigns (SERVICETITAN_SKIP)" in first.out
    refused = {each["entity"]: each["missing_scope"] for each in second.json["not_landed"]}
    assert refused == {
        "payments": "Accounting > Payments (read)",
        "technicians": "Settings > Technicians (read)",
    }
    assert "payments: a scope is missing. Add the scope Accounting > Payments (read)" in second.out
    warnings = [{each["name"] for each in day.json["new_warnings"]} for day in (first, second)]
    assert "warn_business_units_without_a_seed_row" in warnings[0]
    assert "warn_business_units_without_a_seed_row" not in warnings[1]
    assert "new_names" in first.json
    assert "new_names" not in second.json
    assert any(each["entity"] == "jobs" and each["new"] for each in second.json["records"])


@pytest.mark.full
def test_a_webhook_that_is_down_is_one_line_and_changes_no_code(days):
    _, _, third = days
    assert third.got is None
    [line] = [line for line in third.err.splitlines() if "KPI_ALERT_TO" in line]
    assert line.startswith("The summary was not sent to KPI_ALERT_TO: no answer (ConnectionError)")
    assert third.code == 1
    assert third.json["too_old"] == [
        {"entity": "payments", "landed_at": third.json["too_old"][0]["landed_at"]}
    ]


@pytest.mark.full
def test_neither_the_webhook_nor_a_customer_is_ever_shown(days):
    for day in days:
        assert HOOK not in day.out + day.err + day.markdown
        whole = day.markdown + json.dumps(day.json, ensure_ascii=False)
        assert len(day.names) > 50
        assert not [name for name in day.names if len(name) > 4 and name in whole]


def test_a_missing_setting_is_named_before_anything_runs(tmp_path):
    environment = {"PATH": os.environ["PATH"], "KPI_DUCKDB_PATH": str(tmp_path / "none.duckdb")}
    names = ["CLIENT_ID", "CLIENT_SECRET", "APP_KEY", "TENANT_ID"]
    environment |= {f"SERVICETITAN_{name}": "" for name in names}
    environment |= {"OUT": str(tmp_path / "summary.md")}
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
    assert "SERVICETITAN_CLIENT_ID is missing" in (tmp_path / "summary.md").read_text()
