"""How a long load is written into DuckDB's file: packed, and opened anew."""

from itertools import count

import pytest
from adbc_driver_manager import AdbcStatusCode, OperationalError

from extract import entities
from extract.errors import WarehouseError
from extract.rows import Batch, Shaper
from extract.warehouse import Cursor
from extract.warehouse.duckdb import DuckDB, connection
from extract.warehouse.duckdb.connection import Connection

ESTIMATES = entities.load()["estimates"]
LOADING = Cursor(loading={})


@pytest.fixture
def warehouse(tmp_path):
    opened = DuckDB(tmp_path / "kpis.duckdb", "st_raw_v2")
    opened.prepare([ESTIMATES])
    yield opened
    opened.close()


@pytest.fixture
def scripts(monkeypatch):
    """What is run from now on."""
    run, told = Connection.run_script, []

    def watched(self, script):
        told.append(script)
        return run(self, script)

    monkeypatch.setattr(Connection, "run_script", watched)
    return told


def batch(numbers):
    filled = Batch()
    filled.extend([Shaper(ESTIMATES).line({"id": n, "jobNumber": f"job {n}"}) for n in numbers])
    return filled.lines()


def load(warehouse, rows, each=10):
    for first in range(0, rows, each):
        warehouse.merge(ESTIMATES, batch(range(first, first + each)), LOADING)


def test_the_log_is_packed_when_it_is_long_and_nothing_is_lost(warehouse, scripts, monkeypatch):
    warehouse.begin_full(ESTIMATES, LOADING)
    load(warehouse, 50)
    assert not any("detach" in script for script in scripts)
    monkeypatch.setattr(connection, "LOG_BYTES", 1)
    load(warehouse, 90)
    # Each but the first of a batch finds the log of the one before.
    assert sum("detach" in script for script in scripts) == 9
    warehouse.finish_full(ESTIMATES, {})
    found = warehouse.query("select count(*), count(distinct id) from st_raw_v2.raw_estimates")
    assert found == [(90, 90)]


def test_who_takes_the_file_in_between_is_named_and_the_next_goes_on(warehouse, monkeypatch):
    warehouse.begin_full(ESTIMATES, LOADING)
    load(warehouse, 10)
    monkeypatch.setattr(connection, "LOG_BYTES", 1)
    run, opened = Connection.run_script, count()

    def taken_once(self, script):
        if script.startswith("attach") and next(opened) == 0:
            raise OperationalError("Could not set lock on file", status_code=AdbcStatusCode.IO)
        return run(self, script)

    monkeypatch.setattr(Connection, "run_script", taken_once)
    with pytest.raises(WarehouseError, match="in use by another process"):
        load(warehouse, 10)
    load(warehouse, 20)
    warehouse.finish_full(ESTIMATES, {})
    assert warehouse.query("select count(*) from st_raw_v2.raw_estimates") == [(20,)]


@pytest.mark.full
def test_memory_for_what_is_written_does_not_grow_with_the_rows(warehouse, monkeypatch):
    def remembered():
        ((size,),) = warehouse.query(
            "select memory_usage_bytes from duckdb_memory() where tag = 'BASE_TABLE'"
        )
        return size

    warehouse.begin_full(ESTIMATES, LOADING)
    sizes = []
    monkeypatch.setattr(connection, "LOG_BYTES", 4_000_000)
    for _ in range(8):
        load(warehouse, 60_000, each=5_000)
        sizes.append(remembered())
    assert max(sizes[4:]) < 1.5 * max(sizes[:4])
