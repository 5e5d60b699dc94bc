"""Bytes and prices by hand: what columns weigh, what a query and a month are charged."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from cost import prices
from cost.prices import GIB, LEAST, MIB, TIB
from cost.queries import Query, Read
from cost.volumes import NotBuilt, Table, Volumes, Warehouse
from extract import entities

PAYMENTS = ("st_raw_v2", "raw_payments")
JOBS, DAYS = ("raw", "jobs"), ("mart", "days")
VOLUMES = Volumes(
    {
        JOBS: Table(1_000_000, {"id": 8.0 * MIB, "name": 24.0 * MIB}),
        DAYS: Table(100, {"event_date": 800.0, "unit": 1_200.0}),
        ("raw", "empty"): Table(0, {"id": 0.0}),
    }
)


@pytest.fixture
def warehouse(tmp_path) -> Warehouse:
    path = tmp_path / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema st_raw_v2;
            create schema st_mart;
            create table st_raw_v2.raw_payments (
                id bigint, "typeId" varchar, total decimal(38, 9), active boolean,
                date date, "appliedTo" json, "modifiedOn" timestamptz
            );
            insert into st_raw_v2.raw_payments values
                (1, 'Käse', 10.5, true, '2025-10-01', '[{"a":1}]', '2025-10-01 08:00:00Z'),
                (2, null, null, null, null, null, '2025-10-02 08:00:00Z'),
                (3, '', 1, false, '2025-11-30', '[]', '2025-10-02 09:00:00Z');
            create table st_mart.daily_kpis (event_date date);
            insert into st_mart.daily_kpis values ('2025-11-29'), ('2025-11-30');
            create view st_mart.kpi_records as select 1 as one;
            """
        )
    return Warehouse(path)


def test_columns_weigh_what_bigquery_counts(warehouse):
    """A null weighs nothing, text two bytes and its UTF-8."""
    volumes = warehouse.measure("st_raw_v2", [entities.load()["payments"]])
    assert volumes.tables[PAYMENTS] == Table(
        rows=3,
        bytes={
            "id": 3 * 8,
            "typeid": (2 + 5) + (2 + 0),
            "total": 2 * 16,
            "active": 2 * 1,
            "date": 2 * 8,
            "appliedto": (2 + 9) + (2 + 2),
            "modifiedon": 3 * 8,
        },
        changed=2,  # on the second of October
    )
    assert volumes.size(PAYMENTS, ["id", "total"]) == 24 + 32
    assert volumes.size(PAYMENTS) == 122
    assert set(volumes.tables) == {PAYMENTS, ("st_mart", "daily_kpis")}  # a view weighs nothing


def test_the_months_that_are_left_by_their_rows(warehouse):
    """Days without a row of the condition's, but in a month with one, are read too."""
    assert warehouse.share(PAYMENTS, "date", ["date > date '2025-11-01'"]) == pytest.approx(1 / 3)
    assert warehouse.share(PAYMENTS, "date", ["date > date '2025-12-01'"]) == 0
    assert warehouse.share(
        PAYMENTS, "date", ["date < date '2025-10-15'", "date > date '2025-11-15'"]
    ) == pytest.approx(2 / 3)
    assert warehouse.share(PAYMENTS, "date", ["date is null"]) == pytest.approx(1 / 3)
    assert warehouse.last_day() == date(2025, 11, 30)


def test_a_missing_warehouse_is_one_line(tmp_path):
    with pytest.raises(NotBuilt, match=r"no warehouse at .*none\.duckdb"):
        Warehouse(tmp_path / "none.duckdb")
    Path(tmp_path / "text.duckdb").write_text("this is no database, but a text")
    with pytest.raises(NotBuilt, match=r"text\.duckdb cannot be measured: "):
        Warehouse(tmp_path / "text.duckdb")


def test_no_table_counts_less_than_ten_mib():
    query = Query("models", "one", (Read(JOBS, frozenset({"name"})), Read(DAYS)))
    assert prices.scanned(query, VOLUMES) == 24 * MIB + 2_000
    assert prices.billed(query, VOLUMES) == 24 * MIB + LEAST


def test_a_table_of_which_nothing_is_read_is_free():
    query = Query("tests", "one", (Read(JOBS, frozenset()), Read(("raw", "empty"))))
    assert prices.billed(query, VOLUMES) == 0


def test_partitions_staged_rows_and_runs():
    """A merge in three batches: a key of a quarter of the table, then whole rows twice."""
    reads = (Read(JOBS, frozenset({"id"}), 0.25), Read(JOBS), Read(JOBS))
    query = Query("sync", "jobs", reads, staged=11.0 * MIB, times=3)
    assert prices.billed(query, VOLUMES) == 3 * (2 + 32 + 32 + 11) * MIB


def test_what_grows_is_multiplied_and_nothing_else():
    grown = VOLUMES.times(10, lambda name: name == JOBS)
    assert grown.size(JOBS) == 320 * MIB
    assert grown.size(DAYS) == 2_000


def test_a_wider_column():
    assert VOLUMES.widened(JOBS, "Name", 2).size(JOBS) == (8 + 48) * MIB
    with pytest.raises(NotBuilt, match=r"jobs\.colour"):
        VOLUMES.widened(JOBS, "colour", 2)


@pytest.mark.parametrize(("tib", "usd"), [(0.4, 0), (1, 0), (3, 12.5)])
def test_the_first_tib_of_a_month_is_free(tib, usd):
    assert prices.usd_scanned(tib * TIB) == usd


@pytest.mark.parametrize(("gib", "usd"), [(1, 0), (10, 0), (110, 2)])
def test_the_first_ten_gib_stored_are_free(gib, usd):
    assert prices.usd_stored(gib * GIB) == pytest.approx(usd)
