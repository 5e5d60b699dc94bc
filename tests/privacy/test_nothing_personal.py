"""What is planted everywhere is found nowhere: not in the warehouse, nor in logs and outputs."""

import base64
import csv
import gzip
import json
from contextlib import closing
from datetime import date, timedelta

import duckdb
import pytest

from extract import config, reports
from extract.__main__ import main as extract
from extract.warehouse import open_warehouse
from review import __main__ as review
from review import inbox as inboxes
from simulator import build_tenant, oracle, serve
from tests.parity.warehouse import PROJECT, dbt
from tests.privacy.planted import (
    COLUMNS,
    EMAIL,
    FIELDS,
    MEMO,
    NAME,
    PHONE,
    STREET,
    plant,
    plant_reports,
    traces,
)

MODES = pytest.mark.parametrize("hashing", ["", "1"], ids=["names kept", "names hashed"])
LEADS = ["Job #", "Created Date", "Job's Business Unit", "Customer Name", "Job Type"]
SUNDAY = date(2025, 12, 28)
WORD = NAME.split()[0]
MONDAY = SUNDAY - timedelta(6)


class Place:
    """A folder with a warehouse, and the commands that work on it."""

    def __init__(self, folder, tenant, api, hashing, capfd):
        self.folder, self.tenant, self.api, self.hashing = folder, tenant, api, hashing
        self.path = folder / "kpis.duckdb"
        self.said = ""
        self.inbox = folder.with_name("inbox")
        self.inbox.mkdir(exist_ok=True)
        self._capfd = capfd

    def run(self, main, *words, code=0):
        done = main(list(words))
        said = "".join(self._capfd.readouterr())
        self.said += said
        assert done == code, said
        return said

    def pull_all(self):
        for report in reports.load().values():
            first = SUNDAY if report.layout.balance else self.tenant.first_day
            self.run(extract, "report", report.name, "--from", str(first), "--to", str(SUNDAY))
        ((empty,),) = self.rows("select count(*) from st_raw_v2.report_runs where row_count = 0")
        assert empty == 0

    def export(self, *rows, name="leads.csv"):
        with (self.inbox / name).open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*LEADS, *(label for label, _ in COLUMNS.values())])
            writer.writerows(rows)

    def reconcile(self, code=0):
        csv_path = self.folder / "differences.csv"
        period = ("--from", str(self.tenant.first_day), "--to", str(SUNDAY))
        files = ("--inbox", str(self.inbox), "--csv", str(csv_path))
        return self.run(review.main, "reconcile", *period, *files, code=code)

    def rows(self, query):
        with duckdb.connect(str(self.path), read_only=True) as db:
            return db.execute(query).fetchall()

    def traces(self):
        return traces(self.folder, self.path, self.said, names=bool(self.hashing))


@pytest.fixture
def place(tmp_path, hashing, monkeypatch, capfd):
    tenant = build_tenant(seed=3, size="tiny", weeks=12)
    plant(tenant)
    folder = tmp_path / "run"
    folder.mkdir()
    settings = {
        **{"KPI_HASH_NAMES": hashing, "KPI_HASH_KEY": "", "KPI_TARGET": "", "KPI_RAW_DATASET": ""},
        **{"SERVICETITAN_SKIP": "", "SERVICETITAN_REPORT_SECONDS": "0"},
        **{"KPI_DUCKDB_PATH": str(folder / "kpis.duckdb")},
        **{"DBT_TARGET_PATH": str(folder / "target"), "DBT_LOG_PATH": str(folder / "logs")},
        "DBT_PROFILES_DIR": str(PROJECT / "tests" / "parity"),
    }
    with serve(tenant) as api:
        plant_reports(api.reports)
        for name, value in (settings | api.environment()).items():
            monkeypatch.setenv(name, value)
        yield Place(folder, tenant, api, hashing, capfd)


def packed_records(page):
    """The records within a weekly review, as text."""
    packed = page.read_text().partition('id="packed-records">')[2].partition("<")[0]
    return gzip.decompress(base64.b64decode(packed)).decode()


def a_lead(**cells):
    known = dict(
        zip(LEADS, ["99000001", f"{MONDAY}", "Tucson-Sales", NAME, "Estimate"], strict=True)
    )
    return [*(known | cells).values(), *(cell for _, cell in COLUMNS.values())]


@MODES
def test_nothing_planted_lands(place):
    served = b"".join(body for feed in place.tenant.store.feeds.values() for body in feed.bodies)
    for text in (NAME, PHONE, STREET, EMAIL, MEMO):
        assert served.count(text.encode()) > 1_000
    place.run(extract, "sync")
    place.pull_all()
    assert place.traces() == []

    # The same search finds what is kept, so it would find the rest.
    ((names,),) = place.rows(
        f"select count(*) from st_raw_v2.raw_customers where contains(name, '{NAME}')"
    )
    kept = traces(place.folder, place.path, NAME, names=True)
    assert "printed: name" in kept
    assert ("st_raw_v2.raw_customers: name in" in str(kept)) == (names > 0) == (not place.hashing)
    # And only that is gone: numbers and names of things stand where they stood.
    ((extra,),) = place.rows("select _extra_fields::varchar from st_raw_v2.raw_invoices limit 1")
    assert json.loads(extra)["businessUnit"]["name"]
    ((items,),) = place.rows(
        "select items::varchar from st_raw_v2.raw_invoices "
        "where json_array_length(items) > 0 limit 1"
    )
    assert {"id", "type", "skuName", "total", "totalCost"} <= set(json.loads(items)[0])


@MODES
def test_a_run_that_fails_says_nothing_personal(place):
    place.api.reports.edit = lambda number, rows: [
        row | {"CreatedDate": STREET, "PaidOn": EMAIL, "ScheduledDate": MEMO} for row in rows
    ]
    period = ("--from", str(place.tenant.first_day), "--to", str(SUNDAY))
    said = place.run(extract, "report", "leads", *period, code=1)
    assert "field CreatedDate: expected a day" in said
    jobs = place.tenant.store.feeds["jobs"]
    place.tenant.change("jobs", jobs.record(0) | {"total": STREET, "id": 424_299})
    customers = place.tenant.store.feeds["customers"]
    place.tenant.change("customers", customers.record(0) | {"name": FIELDS})
    pay = place.tenant.store.feeds["gross_pay_items"]
    pay.bodies[0] = pay.bodies[0].replace(pay.record(0)["date"].encode(), PHONE.encode())
    place.run(extract, "sync", code=1)
    for place_of_fault in ("jobs, record 424299, field total", "customers, record"):
        assert place_of_fault in place.said
    assert "a record without a usable `date`" in place.said
    assert place.traces() == []


@MODES
@pytest.mark.full
def test_nothing_planted_is_built_shown_or_logged_and_the_kpis_are_the_reports(place):
    """The whole pipe, with every dbt test: the oracle counts the planted names as they are."""
    tenant = place.tenant
    place.run(extract, "sync")
    place.pull_all()
    oracle.land(place.path, tenant.records(), as_of=tenant.last_day)
    words = ("build", "--exclude-resource-type", "unit_test")
    built = dbt(*words, path=place.path, target=place.folder / "t", as_of_date=tenant.last_day)
    place.said += built.stdout + built.stderr
    assert built.returncode == 0, built.stdout
    ((leads, tests),) = place.rows(
        "select (select sum(lead_count) from st_mart.daily_kpis), (select count(*) from "
        "st_staging.stg_servicetitan__customers where lower(customer_name) like '%test%')"
    )
    assert leads > 0
    assert tests > 0

    shown = place.rows(
        "select kpi, first_day, business_unit from st_mart.kpi_records "
        "where first_day <= '2025-12-28'"
    )
    for kpi, day, unit in {kpi: row for row in shown for kpi in row[:1]}.values():
        words = ("--kpi", kpi, "--day", str(day), "--unit", unit)
        said = place.run(review.main, "explain", *words)
    assert ("name-" in place.said) == bool(place.hashing), said
    place.run(review.main, "page", "--out", str(place.folder / "review.html"))
    records = packed_records(place.folder / "review.html")
    assert ("name-" in records) == bool(place.hashing)
    place.said += records
    place.export(a_lead(), a_lead(**{"Job #": "99000002"}))
    assert "only in the report" in place.reconcile()
    assert place.traces() == []


@MODES
def test_an_export_of_the_inbox_lands_without_it(place):
    place.export(a_lead(), a_lead(**{"Job #": "99000002"}))
    with closing(open_warehouse(config.warehouse())) as warehouse:
        warehouse.prepare([])
        (landed,) = inboxes.land(place.inbox, MONDAY, SUNDAY, warehouse, "America/Phoenix")
    assert landed.rows == 2
    assert place.traces() == []
    ((cells, name),) = place.rows(
        "select cells::varchar, customer_name from st_raw_v2.report_rows where row_number = 1"
    )
    left = {"Primary Technician"} if place.hashing else {"Primary Technician", "Column 3"}
    assert set(json.loads(cells)) == {*LEADS, *left}
    assert json.loads(cells)["Customer Name"] == name


@MODES
@pytest.mark.parametrize(
    "cells",
    [
        {"Job #": STREET},
        {"Job #": EMAIL},
        {"Job #": PHONE},
        {"Job #": WORD},
        {"Created Date": MEMO},
        {"Created Date": PHONE},
    ],
)
def test_a_file_that_cannot_be_read_is_not_shown(place, cells):
    place.export(a_lead(**cells))
    place.export([*a_lead(), STREET], name="overlong.csv")
    (place.inbox / "headless.csv").write_text(
        f'1,{WORD},"{NAME}",{PHONE},{EMAIL},"{STREET}",{MEMO}\n'
    )
    names = config.warehouse().names()
    found = inboxes.read(place.inbox, MONDAY, SUNDAY, "America/Phoenix", names)
    assert len(found.problems) == 3
    place.said += "".join(map(str, found.problems))
    duckdb.connect(str(place.path)).close()
    assert place.traces() == []
