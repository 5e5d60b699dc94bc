"""The demo's review, and that of a copy in which what is rare is planted."""

import shutil
from types import SimpleNamespace

import duckdb
import pytest

from review.__main__ import main
from tests.review.page.chromium import chromium

WEEK = "2025-12-22"
HOSTILE = '</script><img src=x onerror="document.title=\'broken\'"> \u2028 & "Sons"'
PLANTED = f"""
    update st_raw_v2.raw_customers set name = $hostile where id = (
        select customer_id from st_mart.kpi_records
        where kpi = 'total_booked' and first_day between '{WEEK}' and '2025-12-28'
        order by numerator desc limit 1
    );
    update st_mart.report_parity set status = 'off', our_value = reported_value + 5
        where level = 'company' and kpi = 'total_booked';
    update st_mart.report_parity set status = 'near'
        where level = 'business_unit' and member = 'Phoenix-Sales'
            and kpi in ('lead_count', 'dollars_collected');
    update st_mart.data_freshness set last_landed_at = null where entity = 'payments';
    update st_mart.data_freshness set last_landed_at = timestamptz '2020-01-01'
        where entity = 'jobs';
    insert into st_mart.unmapped_names values ('job type', $hostile, false, 3);
    insert into st_mart.test_results values
        ('assert_sums', 'fail', 4, 1, 'Sums <b>differ</b>.', now()),
        ('(all others)', 'skipped', 0, 7, '', now());
    insert into st_mart.kpi_restatements by name
        select 'total_booked' as kpi, date '{WEEK}' as event_date,
            'Phoenix-Sales' as business_unit, timestamptz '2026-01-01' as shown_from,
            true as day_was_over, 1000 as value_shown, 900 as value_now, -100 as difference,
            1 as changed_record_count, 'job 17 left' as changed_records;
"""


@pytest.fixture(scope="session")
def built(demo):
    assert demo.run.returncode == 0, demo.run.stdout + demo.run.stderr
    return demo


@pytest.fixture(scope="session")
def planted(built, tmp_path_factory):
    """The same, with a hostile customer, parity that is off and near, old data, a failed test."""
    folder = tmp_path_factory.mktemp("planted")
    warehouse, page = folder / built.warehouse.name, folder / "review.html"
    shutil.copy(built.warehouse, warehouse)  # views name their file
    with duckdb.connect(str(warehouse)) as connection:
        for statement in PLANTED.split(";\n"):
            values = {"hostile": HOSTILE} if "$hostile" in statement else {}
            connection.execute(statement, values)
    assert main(["page", "--warehouse", str(warehouse), "--out", str(page)]) == 0
    return SimpleNamespace(warehouse=warehouse, page=page)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        opened.size(1280, 900)
        yield opened


@pytest.fixture
def rows(built):
    """Rows of the demo's warehouse."""
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield lambda query, *values: connection.execute(query, values).fetchall()
