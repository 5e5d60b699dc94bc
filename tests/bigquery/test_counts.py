"""Counting, and how entities stand: the same from both warehouses. Against the emulator."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from extract import config, entities
from extract.errors import WarehouseError
from extract.sync import sync
from extract.warehouse import Count, open_warehouse
from extract.warehouse.bigquery import BigQuery
from extract.warehouse.duckdb import DuckDB
from tests.bigquery import emulator
from tests.extract.scripted_tenant import Tenant, client, job, pay

pytestmark = [emulator.needed, pytest.mark.full]

ALL = entities.load()
CHOSEN = [ALL[name] for name in ("jobs", "job_types", "gross_pay_items")]
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RECORDS = {
    "jobs": [
        job(1, createdOn="2026-01-15T12:00:00Z", active=True),
        job(2, createdOn="2026-01-15T11:59:59Z", active=False),
        job(3, active=False),
    ],
    "job_types": [{"id": 1, "active": True}],
    "gross_pay_items": [pay("2026-01-01"), pay("2026-01-01"), pay("2026-01-09")],
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    with emulator.running() as server:
        yield config.Warehouse(
            target="emulator",
            duckdb_path=tmp_path_factory.mktemp("both") / "kpis.duckdb",
            schema="raw_counts",
            project=server.project,
            endpoint=server.endpoint,
        )


@pytest.fixture(scope="module")
def both(settings):
    opened = [DuckDB(settings.duckdb_path, settings.schema), BigQuery(settings)]
    tenant = Tenant(RECORDS)
    for warehouse in opened:
        warehouse.prepare(CHOSEN)
        for run_id, now in (("1", NOW - HOUR), ("2", NOW)):
            outcomes = sync(
                CHOSEN, client(tenant), warehouse, run_id=run_id, now=lambda now=now: now, full=True
            )
            assert [(each.error, each.notes) for each in outcomes] == [(None, [])] * 3
    yield opened
    for warehouse in opened:
        warehouse.close()


def same(both, ask):
    ours, theirs = map(ask, both)
    assert theirs == ours
    return ours


def test_both_count_the_same(both):
    jobs, types, paid = CHOSEN
    assert same(both, lambda w: w.count(jobs, NOW)) == Count(3, 3, 2, 1)
    assert same(both, lambda w: w.count(types, NOW)) == Count(1, 1, 0, 0)
    assert same(both, lambda w: w.inactive_keys(jobs)) == [2, 3]
    days = same(both, lambda w: w.count_days(paid))
    assert {f"{day}": rows for day, rows in days.items()} == {"2026-01-01": 2, "2026-01-09": 1}


def test_a_key_that_stands_twice_is_one_record(both):
    jobs = CHOSEN[0]
    ours, theirs = both
    again = "insert into {} (id, active) values (1, false)"
    ours.query(again.format(f"raw_counts.{jobs.table}"))
    theirs._to.query(again.format(theirs._to.quoted(jobs.table)))
    assert same(both, lambda w: w.count(jobs, NOW)) == Count(4, 3, 3, 1)


def test_entities_stand_the_same(both):
    def ask(warehouse):
        found = warehouse.standing([*CHOSEN, ALL["payments"]])
        return {
            name: (
                # The bytes are the same, the ways of the answers through threads are not.
                each.newest and replace(each.newest, retries=0, waited_seconds=0),
                each.landed == each.newest,
                each.cursor,
                each.rows,
            )
            for name, each in found.items()
        }

    found = same(both, ask)
    assert (found["jobs"][0].run_id, found["jobs"][0].state) == ("2", "landed")
    assert found["jobs"][0].ended_at == NOW
    assert found["jobs"][1:] == (True, both[0].cursor(CHOSEN[0]), found["jobs"][3])
    assert found["gross_pay_items"][3] == 3
    assert found["payments"][0] is None


def test_a_dataset_that_is_not_there_is_one_line_and_is_not_made(settings):
    elsewhere = replace(settings, schema="raw_nowhere")
    warehouse = open_warehouse(elsewhere, read_only=True)
    with pytest.raises(WarehouseError, match="dataset raw_nowhere: no run log, nothing has landed"):
        warehouse.standing(CHOSEN)
    assert not warehouse._to.exists()
    warehouse.close()
