"""Two extractors on one dataset: the second says so and leaves; a killed one locks nobody out for
long. Scripted, for what takes minutes and for what happens at the same moment; against the
emulator for what it answers itself."""

import itertools
import logging
import threading
from datetime import UTC, datetime, timedelta

import pytest
from google.api_core.exceptions import Conflict, NotFound, PreconditionFailed, ServiceUnavailable
from google.cloud import bigquery

from extract import config
from extract.errors import WarehouseError
from extract.warehouse.bigquery.connection import Connection
from extract.warehouse.bigquery.running import LIVES, NAME, alone
from tests.bigquery import emulator

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
SETTINGS = config.Warehouse(
    target="prod", duckdb_path=None, schema="st_raw_v2", project="acme-reports"
)


class Google:
    """In the place of Google's client: one table, made once, changed by who has seen it last."""

    def __init__(self):
        self.table: bigquery.Table | None = None
        self.changes = itertools.count(1)
        self.changed = threading.Event()
        self.faults = []

    def _keep(self, table):
        kept = bigquery.Table.from_api_repr(table.to_api_repr())
        kept._properties["etag"] = str(next(self.changes))
        self.table = kept
        return bigquery.Table.from_api_repr(kept.to_api_repr())

    def create_table(self, table, exists_ok=False):
        if self.table is not None:
            raise Conflict("already there")
        return self._keep(table)

    def get_table(self, _):
        if self.table is None:
            raise NotFound("no such table")
        return bigquery.Table.from_api_repr(self.table.to_api_repr())

    def update_table(self, table, fields):
        assert fields == ["expires"]
        if self.faults:
            raise self.faults.pop()
        if self.table is None:
            raise NotFound("no such table")
        if table.etag != self.table.etag:
            raise PreconditionFailed("changed since")
        self.changed.set()
        return self._keep(table)

    def delete_table(self, _, not_found_ok):
        self.table = None


@pytest.fixture
def google():
    return Google()


@pytest.fixture
def connection(google):
    return Connection(SETTINGS, google)


def hold(connection, at=NOW, renewed=60.0):
    return alone(connection, "BigQuery, here", lambda: at, renewed)


def test_the_second_says_so_and_leaves_and_the_third_finds_the_way_free(google, connection):
    with hold(connection):
        assert google.table.expires == NOW + LIVES
        with (
            pytest.raises(WarehouseError, match=r"here: another sync is at work.* 12:05 UTC"),
            hold(connection, NOW + timedelta(minutes=4)),
        ):
            pass
        assert google.table is not None
    assert google.table is None
    with hold(connection):
        pass


def test_an_error_in_the_block_sets_it_free(google, connection):
    with pytest.raises(ZeroDivisionError), hold(connection):
        raise ZeroDivisionError
    assert google.table is None


def test_a_killed_one_is_forgotten_after_a_while(google, connection):
    google.create_table(killed())
    with pytest.raises(WarehouseError), hold(connection, NOW + LIVES - timedelta(seconds=1)):
        pass
    with hold(connection, NOW + LIVES):
        assert google.table.expires == NOW + 2 * LIVES


def killed():
    table = bigquery.Table("acme-reports.st_raw_v2._sync_running")
    table.expires = NOW + LIVES
    return table


def test_of_two_that_find_a_killed_one_only_one_goes_on(google, connection, monkeypatch):
    google.create_table(killed())
    seen = google.get_table(None)
    with hold(connection, NOW + LIVES):
        monkeypatch.setattr(google, "get_table", lambda _: seen)
        with pytest.raises(WarehouseError), hold(connection, NOW + LIVES):
            pass


def test_the_end_is_put_off_while_it_runs(google, connection):
    moments = iter([NOW, *[NOW + timedelta(minutes=3)] * 1_000])
    with alone(connection, "here", lambda: next(moments), renewed=0.001):
        assert google.changed.wait(10)
        assert google.table.expires == NOW + timedelta(minutes=3) + LIVES


def test_a_renewal_that_fails_is_tried_again(google, connection, caplog):
    google.faults = [ServiceUnavailable("busy")]
    with hold(connection, renewed=0.001):
        assert google.changed.wait(10)
    assert "this sync goes on and tries again" in caplog.text


def test_whoever_loses_it_says_so(google, connection, caplog):
    caplog.set_level(logging.WARNING)
    with hold(connection, renewed=0.001):
        google.table = None
        for _ in range(1_000):
            if "another sync may be at work" in caplog.text:
                break
            threading.Event().wait(0.005)
    assert "_sync_running is gone or somebody else's" in caplog.text


@pytest.mark.full
@emulator.needed
def test_the_emulator_makes_it_once_and_renews_it():
    with emulator.running() as server:
        settings = config.Warehouse(
            target="emulator",
            duckdb_path=None,
            schema="raw_running",
            project=server.project,
            endpoint=server.endpoint,
        )
        first, second = Connection(settings), Connection(settings)
        first.create_dataset()
        with alone(first, "here", renewed=0.05):
            begun = second.table(NAME).modified
            with pytest.raises(WarehouseError, match="another sync is at work"), alone(second, "x"):
                pass
            for _ in range(200):
                if second.table(NAME).modified > begun:
                    break
                threading.Event().wait(0.05)
            assert second.table(NAME).modified > begun
        assert second.table(NAME) is None
        with alone(second, "here"):
            pass
