"""What lands in BigQuery is what lands in DuckDB, call by call, kills included.

Against the emulator, since nothing here is Google's; runs of the command line are compared in
test_pipe.py, how BigQuery answers to a missing permission
is in tests/extract/test_bigquery_errors.py.
"""

import contextlib
import itertools
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from extract import config, entities
from extract.entities import Entity
from extract.errors import SettingsError
from extract.rows import Batch, Shaper, with_row_keys
from extract.sync import sync
from extract.warehouse import Cursor, Landed, Run
from extract.warehouse.bigquery import BigQuery, tables
from extract.warehouse.bigquery.connection import Connection
from extract.warehouse.duckdb import DuckDB
from extract.warehouse.reports import ROW_COLUMNS, RUN_COLUMNS, ReportRow, ReportRun
from tests.bigquery import emulator
from tests.bigquery.landed import in_bigquery, in_duckdb
from tests.extract.scripted_tenant import Tenant, client, job, pay

pytestmark = [emulator.needed, pytest.mark.full]

ALL = entities.load()
JOBS, TYPES, PAY = ALL["jobs"], ALL["job_types"], ALL["gross_pay_items"]
# For what takes hundreds of statements: the emulator needs its time by the length of each.
FEW = ("jobStatus", "total", "createdOn", "modifiedOn", "customFields")
SHORT = replace(JOBS, columns=tuple(c for c in JOBS.columns if c.name in ("id", *FEW)))
DONE = Cursor({"from": "t1"})
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)

_datasets = (f"raw_{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server():
    with emulator.running() as running:
        yield running


@pytest.fixture
def settings(server, tmp_path):
    """A dataset of its own, not made yet."""
    return config.Warehouse(
        target="emulator",
        duckdb_path=tmp_path / "kpis.duckdb",
        schema=next(_datasets),
        project=server.project,
        endpoint=server.endpoint,
    )


class Both:
    """The same calls to both warehouses; what they give back must be the same, too."""

    def __init__(self, settings: config.Warehouse):
        self.duckdb = DuckDB(settings.duckdb_path, settings.schema)
        self.bigquery = BigQuery(settings)
        self.settings = settings

    def __getattr__(self, method: str):
        def call(*arguments):
            ours, theirs = (
                getattr(warehouse, method)(*arguments) for warehouse in (self.duckdb, self.bigquery)
            )
            assert theirs == ours
            return ours

        return call

    def rows(self, entity: Entity) -> list[dict[str, Any]]:
        return self.table(entity.table, entity.row_types)

    def table(self, name: str, types: dict[str, str]) -> list[dict[str, Any]]:
        ours = in_duckdb(self.duckdb, name, types)
        assert in_bigquery(self.bigquery, name, types) == ours
        return ours

    def ingested(self, entity: Entity) -> dict[Any, Any]:
        """When each row of BigQuery's was written, by key."""
        return {
            row[0]: row[1]
            for row in self.bigquery._to.query(
                f"select {entity.key}, _ingested_at from {self.bigquery._to.quoted(entity.table)}"
            )
        }


@pytest.fixture
def both(settings):
    opened = Both(settings)
    yield opened
    opened.duckdb.close()
    opened.bigquery.close()


def lines(entity: Entity, *records: dict[str, Any]) -> list[bytes]:
    shaper = Shaper(entity)
    shaped = [shaper.line(record) for record in records]
    batch = Batch()
    batch.extend(with_row_keys(shaped) if entity.feed == "windows" else shaped)
    return batch.lines()


def test_tables_have_the_types_and_the_layout_that_are_declared(both, settings):
    assert both.prepare(ALL.values()) == {}
    invoices = both.bigquery._to.table("raw_invoices")
    types = {field.name: field.field_type for field in invoices.schema}
    assert types["id"] == "INT64"
    assert types["subTotal"] == "NUMERIC"
    assert types["invoiceDate"] == "DATE"
    assert types["createdOn"] == types["_ingested_at"] == "TIMESTAMP"
    assert types["items"] == types["_extra_fields"] == "JSON"
    assert types["active"] == "BOOL"
    assert types["syncStatus"] == "STRING"
    cut = invoices.time_partitioning
    assert (cut.type_, cut.field, invoices.clustering_fields) == (
        "MONTH",
        "invoiceDate",
        ["jobId", "id"],
    )
    for entity in ALL.values():
        assert both.rows(entity) == []
        assert both.cursor(entity) == Cursor()
    assert both.prepare(ALL.values()) == {}


def test_values_arrive_to_the_last_digit(both):
    both.prepare([JOBS])
    record = job(
        2**53 + 1,
        "2026-01-02T03:04:05.678901+02:00",
        total=Decimal("-12345678901234567890.123456789"),
        jobNumber='O\'Neil "B" \\ né 😀\n\t end',
        customFields=[{"name": "a", "value": Decimal("1.10")}, None],
        createdOn="0001-01-01T00:00:00",
        unknown={"b": [1, 2.5], "a": None},
    )
    both.merge(JOBS, lines(JOBS, record), DONE)
    (row,) = both.rows(JOBS)
    assert row["total"] == Decimal("-12345678901234567890.123456789")
    assert row["modifiedOn"] == datetime(2026, 1, 2, 1, 4, 5, 678901, tzinfo=UTC)
    assert row["_extra_fields"] == {"unknown": {"a": None, "b": [1, 2.5]}}


def test_an_older_row_or_an_equal_one_changes_nothing(both):
    both.prepare([JOBS])
    new, old = job(1, "2026-01-03T00:00:00Z", total=1), job(1, "2026-01-02T00:00:00Z", total=2)
    assert both.merge(JOBS, lines(JOBS, new, job(2)), DONE) == Landed(new=2)
    before = both.ingested(JOBS)
    assert both.merge(JOBS, lines(JOBS, old, job(2)), DONE) == Landed()
    assert both.ingested(JOBS) == before
    changed = job(2, jobStatus="Hold", customFields=[{"a": 1}])
    assert both.merge(JOBS, lines(JOBS, old, changed, job(3)), DONE) == Landed(1, 1)
    after = both.ingested(JOBS)
    assert after[1] == before[1]
    assert after[2] > before[2]
    again = job(2, jobStatus="Hold", customFields=[{"a": 2}])
    assert both.merge(JOBS, lines(JOBS, again), DONE) == Landed(changed=1)
    assert both.merge(JOBS, [], DONE) == Landed()
    assert [(row["id"], row["total"]) for row in both.rows(JOBS)] == [
        (1, 1),
        (2, Decimal("12.345")),
        (3, Decimal("12.345")),
    ]


@pytest.mark.parametrize("seed", range(2))
def test_whatever_arrives_in_whatever_batches_the_same_rows_stay(both, seed):
    """Versions newer, older, equal and missing; a full load and what follows it."""
    draw = random.Random(seed)

    def batch():
        days = draw.choices([None, 1, 2, 3], k=draw.randint(0, 5))
        return lines(
            SHORT,
            *(
                job(draw.randint(1, 4), day and f"2026-01-0{day}T00:00:00Z", total=next(numbers))
                for day in days
            ),
        )

    numbers = itertools.count(1)
    both.prepare([SHORT])
    for _ in range(2):
        both.begin_full(SHORT, Cursor(loading={}))
        for number in range(5):
            reached = Cursor(loading={"from": f"t{number}"})
            rows = batch()
            for warehouse in (both.duckdb, both.bigquery):  # counted when the load ends
                warehouse.merge(SHORT, rows, reached)
            assert both.cursor(SHORT) == reached
        both.finish_full(SHORT, {"from": "t4"})
        both.rows(SHORT)
        for _ in range(3):
            both.merge(SHORT, batch(), DONE)
            both.rows(SHORT)


def test_a_row_that_replaces_whatever_came_before_does_so_in_a_full_load_too(both):
    """Its batch saw a row without a version; its own version is smaller than the landed one."""
    newest, unversioned, old = (
        job(1, day, total=total)
        for day, total in (("2026-01-09T00:00:00Z", 1), (None, 2), ("2026-01-01T00:00:00Z", 3))
    )
    both.prepare([JOBS])
    loading = Cursor(loading={})
    both.begin_full(JOBS, loading)
    for rows in (lines(JOBS, newest), lines(JOBS, unversioned, old)):
        for warehouse in (both.duckdb, both.bigquery):
            warehouse.merge(JOBS, rows, loading)
    assert both.finish_full(JOBS, {}) == Landed(new=1)
    assert [row["total"] for row in both.rows(JOBS)] == [3]


def test_a_full_load_stands_beside_the_table_until_it_ends(both):
    both.prepare([JOBS])
    both.merge(JOBS, lines(JOBS, job(1), job(2), job(3)), DONE)
    both.begin_full(JOBS, Cursor(DONE.position, {}))
    loading = Cursor(DONE.position, {"from": "t2"})
    for warehouse in (both.duckdb, both.bigquery):
        warehouse.merge(JOBS, lines(JOBS, job(1), job(2, jobStatus="Hold"), job(4)), loading)
    assert len(both.rows(JOBS)) == 3
    assert both.cursor(JOBS) == loading
    assert both.finish_full(JOBS, {"from": "t3"}) == Landed(1, 1, 1)
    assert [row["id"] for row in both.rows(JOBS)] == [1, 2, 4]
    assert both.cursor(JOBS) == Cursor({"from": "t3"})
    assert not {name for name in both.bigquery._to.names() if name.startswith("_")}


def test_what_a_list_gives_no_more_becomes_inactive(both):
    both.prepare([TYPES])
    one, two = ({"id": n, "name": "a", "active": True} for n in (1, 2))
    gone = {"id": 3, "name": "c", "active": False}
    assert both.merge_whole(TYPES, lines(TYPES, one, two, gone), Cursor({})) == Landed(new=3)
    before = both.ingested(TYPES)
    renamed, added = one | {"name": "b"}, {"id": 4}
    expected = Landed(new=1, changed=1, removed=1)
    assert both.merge_whole(TYPES, lines(TYPES, renamed, added), Cursor({})) == expected
    assert [row["active"] for row in both.rows(TYPES)] == [True, False, False, None]
    assert both.ingested(TYPES)[3] == before[3]
    assert both.merge_whole(TYPES, [], Cursor({})) == Landed(removed=2)
    assert {row["active"] for row in both.rows(TYPES)} == {False}


@pytest.mark.parametrize("loading", [None, {"since": "x"}])
def test_days_are_replaced_and_their_neighbours_stay(both, loading):
    cursor = Cursor({"since": "x"}, loading)
    both.prepare([PAY])
    if loading:
        both.begin_full(PAY, cursor)
    first, second = date(2026, 1, 1), date(2026, 1, 2)

    def put(begin, end, *records):
        return both.replace_days(PAY, begin, end, lines(PAY, *records), cursor)

    days = [pay(f"2026-01-0{day}", str(day)) for day in (1, 2, 2, 3)]
    landed = [
        put(None, None, *days),
        put(first, second, *days[:2]),
        put(second, second, days[1], pay("2026-01-02", "7")),
        put(None, first),
        put(date(2026, 1, 3), None, pay("2026-01-04")),
    ]
    if not loading:  # there what they are is counted at the end
        assert landed == [
            Landed(new=4),
            Landed(removed=1),
            Landed(new=1),
            Landed(removed=1),
            Landed(new=1, removed=1),
        ]
    else:
        assert both.rows(PAY) == []
        assert both.finish_full(PAY, {"since": "y"}) == Landed(new=3)
    assert sorted((row["date"], row["amount"]) for row in both.rows(PAY)) == [
        (second, 2),
        (second, 7),
        (date(2026, 1, 4), 10),
    ]
    assert both.newest_day(PAY, "date") == date(2026, 1, 4)


def test_the_newest_day_of_days_and_instants(both):
    both.prepare([JOBS])
    assert both.newest_day(JOBS, "modifiedOn") is None
    late = job(1, "2026-01-02T23:59:59.999999Z"), job(2, None)
    both.merge(JOBS, lines(JOBS, *late), DONE)
    assert both.newest_day(JOBS, "modifiedOn") == date(2026, 1, 2)


def test_a_new_column_is_added_and_its_entity_read_anew(both):
    fewer = replace(JOBS, columns=tuple(c for c in JOBS.columns if c.name != "jobStatus"))
    both.prepare([fewer])
    both.merge(fewer, lines(fewer, job(1)), DONE)
    both.begin_full(fewer, Cursor(DONE.position, {}))
    noted = {"jobs": "its columns changed: read anew from the beginning"}
    assert both.prepare([JOBS]) == noted
    tell_the_catalog(both.bigquery, JOBS)
    assert both.cursor(JOBS) == Cursor()
    assert [row["jobStatus"] for row in both.rows(JOBS)] == [None]
    both.begin_full(JOBS, Cursor(loading={}))
    for warehouse in (both.duckdb, both.bigquery):
        warehouse.merge(JOBS, lines(JOBS, job(1)), Cursor(loading={}))
    assert both.finish_full(JOBS, DONE.position) == Landed(changed=1)
    assert both.prepare([JOBS]) == {}
    assert both.cursor(JOBS) == DONE


def tell_the_catalog(warehouse: BigQuery, entity: Entity) -> None:
    """What ALTER TABLE did, which the emulator forgets to write down."""
    table = warehouse._to.table(entity.table)
    known = {field.name for field in table.schema}
    added = [f for f in tables.schema(tables.columns(entity)) if f.name not in known]
    table.schema = [*table.schema, *added]
    warehouse._to._client.update_table(table, ["schema"])


def test_a_table_whose_partitions_are_declared_anew_is_made_anew(settings):
    warehouse = BigQuery(settings)
    warehouse.prepare([JOBS])
    warehouse.merge(JOBS, lines(JOBS, job(1)), DONE)
    other = replace(JOBS, partition="completedOn")
    noted = {"jobs": "its partitions changed: read anew from the beginning"}
    assert warehouse.prepare([other]) == noted
    loading = Cursor(loading={"from": "t1"})
    warehouse.begin_full(other, loading)
    warehouse.merge(other, lines(JOBS, job(1), job(2)), loading)
    assert warehouse.prepare([other]) == noted
    assert warehouse.cursor(other) == loading  # an interrupted load goes on all the same
    assert warehouse.finish_full(other, {}) == Landed(new=1)
    assert warehouse._to.table("raw_jobs").time_partitioning.field == "completedOn"
    assert warehouse.prepare([other]) == {}


def test_tables_of_another_system_are_refused_and_stay(settings):
    warehouse = BigQuery(settings)
    warehouse._to.create_dataset()
    warehouse._to.create(tables.control(warehouse._to.reference("raw_jobs"), {"id": "string"}))
    for wanted in ([], [JOBS]):
        with pytest.raises(SettingsError, match=r"raw_jobs, ….* name a dataset of your own in KPI"):
            warehouse.prepare(wanted)
    assert warehouse._to.names() == {"raw_jobs"}
    assert len(warehouse._to.table("raw_jobs").schema) == 1


def test_a_later_line_of_the_log_replaces_the_first(both):
    both.prepare([])
    run = Run("r1", "jobs", NOW)
    both.log(run)
    both.log(Run("r1", "payments", NOW))
    run.ended_at, run.state, run.rows, run.waited_seconds = NOW, "failed", 7, 0.25
    run.error = 'it\'s "broken"'
    both.log(run)
    found = both.table("sync_runs", tables.RUNS)
    assert [(r["entity"], r["state"], r["rows"]) for r in found] == [
        ("jobs", "failed", 7),
        ("payments", "running", 0),
    ]


def report(run_id: str, pulled: int = 1, **changes: Any) -> ReportRun:
    values = {
        "run_id": run_id,
        "report": "leads",
        "layout": "leads",
        "source": "api",
        "file_name": None,
        "report_id": 7,
        "category": "marketing",
        "report_name": "Leads",
        "report_modified_at": None,
        "period_start": date(2026, 1, 1),
        "period_end": date(2026, 1, 7),
        "parameters": [{"name": "From", "value": "2026-01-01"}],
        "fields": [{"name": "JobNumber", "label": "Job #"}],
        "pulled_at": NOW.replace(hour=pulled),
    }
    return ReportRun(**{**values, **changes})


def report_rows(*amounts: str) -> list[ReportRow]:
    return [
        ReportRow(
            {"Amount": Decimal(amount), "Note": None},
            {"amount": Decimal(amount), "event_date": date(2026, 1, 1), "job_number": "1"},
        )
        for amount in amounts
    ]


def test_a_report_lands_whole_or_not_at_all(both):
    both.prepare([])
    assert both.last_report_run(7) is None
    both.land_report(report("a"), report_rows("1.10", "12345678901234567890.123456789"))
    both.land_report(report("b", pulled=2, parameters=None), [])
    both.land_report(report("c", pulled=3, source="inbox", file_name="x.csv"), report_rows("5"))
    both.land_report(report("a"), report_rows("1.1", "2", "3"))
    assert both.last_report_run(7) == report("b", pulled=2, parameters=None)
    assert both.last_report_run(8) is None
    assert [
        (run["run_id"], run["row_count"]) for run in both.table("report_runs", RUN_COLUMNS)
    ] == [
        ("a", 3),
        ("b", 0),
        ("c", 1),
    ]
    rows = both.table("report_rows", ROW_COLUMNS)
    assert [(row["run_id"], row["row_number"], row["amount"]) for row in rows] == [
        ("a", 1, Decimal("1.1")),
        ("a", 2, 2),
        ("a", 3, 3),
        ("c", 1, 5),
    ]
    for warehouse in (both.duckdb, both.bigquery):
        with pytest.raises(ZeroDivisionError):
            warehouse.land_report(report("a"), (1 / 0 for _ in range(1)))
    assert both.table("report_rows", ROW_COLUMNS) == rows


class Killed(BaseException):
    """What no handler of ours catches."""


def killed_before(settings: config.Warehouse, step: int) -> BigQuery:
    """A warehouse whose process ends before its `step`th change."""
    connection = Connection(settings)
    steps = itertools.count(1)

    def watch(name):
        change = getattr(connection, name)

        def watched(*arguments):
            sql = arguments[0].strip() if name == "query" else ""
            reads = sql.startswith("select") or sql.endswith("where false")
            if not reads and next(steps) >= step:
                raise Killed
            return change(*arguments)

        setattr(connection, name, watched)

    for name in ("create_dataset", "create", "drop", "copy_over", "query", "_load"):
        watch(name)
    return BigQuery(settings, connection)


def run_sync(tenant: Tenant, warehouse: Any, entity: Entity, full: bool = False) -> None:
    warehouse.prepare([entity])
    (outcome,) = sync([entity], client(tenant), warehouse, run_id="r", now=lambda: NOW, full=full)
    assert outcome.state == "landed", outcome.error


def kill_everywhere(settings, entity: Entity, states, full: bool = False) -> Counter:
    """Into each of the `states` (what the tenant holds, endless) a run that is killed one change
    later each time, and one that is not; until the first comes through.

    Each time the table is then what a clean load makes of the state, or, where a full load was
    killed before it had begun, what it was. How often it was which.
    """
    tenant = Tenant({entity.name: next(states)}, page=5)
    healed = BigQuery(settings)
    run_sync(tenant, healed, entity)
    outcomes: Counter = Counter()
    came_through = False
    for step in itertools.count(1):
        if came_through:
            break
        before = in_bigquery(healed, entity.table, entity.row_types)
        tenant.records[entity.name] = next(states)
        try:
            run_sync(tenant, killed_before(settings, step), entity, full)
            came_through = True
        except Killed:
            came_through = False
        healed = BigQuery(settings)
        run_sync(tenant, healed, entity)
        found = in_bigquery(healed, entity.table, entity.row_types)
        clean = DuckDB(settings.duckdb_path.with_name(f"{step}.duckdb"), settings.schema)
        run_sync(tenant, clean, entity)
        wanted = in_duckdb(clean, entity.table, entity.row_types)
        clean.close()
        outcomes["new" if found == wanted else "as it was"] += 1
        assert found == wanted or (full and found == before), step
    return outcomes


def test_a_full_load_that_is_killed_anywhere_goes_on_where_it_was(settings):
    """Every time another record is gone, and the others have changed."""
    states = (
        [job(n, jobStatus=str(turn)) for n in (1, 2, 3, 4) if n != turn % 4 + 1]
        for turn in itertools.count()
    )
    outcomes = kill_everywhere(settings, SHORT, states, full=True)
    assert outcomes["new"] > 12
    assert outcomes["as it was"] < 6


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_load_begun_again_and_killed_at_once_claims_no_rows_that_are_gone(settings, step):
    """The cursor of an interrupted load must not outlive the rows that it speaks of."""
    warehouse, reached = BigQuery(settings), Cursor(loading={"from": "t2"})
    warehouse.prepare([JOBS])
    warehouse.begin_full(JOBS, Cursor(loading={}))
    warehouse.merge(JOBS, lines(JOBS, job(1), job(2)), reached)
    with contextlib.suppress(Killed):
        killed_before(settings, step).begin_full(JOBS, Cursor(loading={}))
    again = BigQuery(settings)
    if again.cursor(JOBS) == reached:
        assert again.finish_full(JOBS, {}) == Landed(new=2)
    else:
        assert again.cursor(JOBS) == Cursor(loading={} if step == 4 else None)


@pytest.mark.parametrize("name", ["jobs", "job_types", "gross_pay_items"])
def test_a_run_of_changes_that_is_killed_anywhere_heals_by_running_again(settings, name):
    record = {
        "jobs": lambda turn: job(turn % 3, f"2026-01-{turn + 1:02}T00:00:00Z", total=turn),
        "job_types": lambda turn: {"id": turn, "name": str(turn)},
        "gross_pay_items": lambda turn: pay("2026-01-01", str(turn)),
    }[name]
    feed = [record(turn) for turn in range(30)]
    grown = (feed[: 2 + turn] for turn in itertools.count())
    windows = (feed[turn : 2 + turn] for turn in itertools.count())
    states = windows if name == "gross_pay_items" else grown
    assert kill_everywhere(settings, SHORT if name == "jobs" else ALL[name], states)["new"] > 5
