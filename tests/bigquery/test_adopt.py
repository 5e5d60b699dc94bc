"""What is adopted of the older system's tables, on the emulator: every fault that is known of them,
and what must not happen: a change there, a row of the API overwritten, a table taken for fresh."""

import itertools
import json
import re
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from jinja2 import Environment

from extract import config, entities
from extract.__main__ import main
from extract.adoption import adopt as adoption
from extract.entities import Entity
from extract.rows import Batch, Shaper
from extract.sync import sync
from extract.warehouse import Cursor, Run
from extract.warehouse.bigquery import BigQuery
from extract.warehouse.bigquery.connection import Connection
from tests.bigquery import emulator, old_system
from tests.extract.scripted_tenant import Tenant, client, job

pytestmark = [emulator.needed, pytest.mark.full]

ALL = entities.load()
JOBS = ALL["jobs"]
LAST_LANDED = config.PROJECT / "macros" / "last_landed.sql"

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def server():
    with emulator.running() as running:
        yield running


def ours(server, tmp_path_factory) -> config.Warehouse:
    """A dataset of our own, not made yet."""
    return config.Warehouse(
        target="emulator",
        duckdb_path=tmp_path_factory.getbasetemp() / "none",
        schema=f"ours_{next(_numbers)}",
        project=server.project,
        endpoint=server.endpoint,
    )


@pytest.fixture
def settings(server, tmp_path_factory):
    return ours(server, tmp_path_factory)


@pytest.fixture
def old(settings):
    """Plants a small old dataset: its name."""

    def planted(**tables) -> str:
        name = f"old_{next(_numbers)}"
        with google(settings) as client:
            old_system.plant(client, name, tables)
        return name

    return planted


@contextmanager
def google(settings):
    connection = Connection(settings)
    try:
        yield connection._client
    finally:
        connection.close()


def run(settings, source: str, yes: bool = True):
    return adoption.adopt(settings, source, yes=yes, run_id=f"run {next(_numbers)}")


def outcome(adopted, entity: str):
    return next(o for o in adopted.outcomes if o.old.entity.name == entity)


def rows(settings, entity: Entity) -> list[dict]:
    """All rows by key, JSON as text, empty columns left out."""
    columns = ", ".join(
        f"to_json_string(`{name}`) as `{name}`" if kind == "json" else f"`{name}`"
        for name, kind in {**entity.row_types, "_ingested_at": "instant"}.items()
    )
    names = [*entity.row_types, "_ingested_at"]
    with google(settings) as client:
        found = client.query_and_wait(
            f"select {columns} from `{settings.project}.{settings.schema}.{entity.table}`"
        )
        named = [dict(zip(names, row, strict=True)) for row in found]
    filled = [{name: value for name, value in row.items() if value is not None} for row in named]
    return sorted(filled, key=lambda row: row[entity.key])


def without(rows: list[dict], *names: str) -> list[dict]:
    return [{name: row[name] for name in row if name not in names} for row in rows]


def everything(settings, dataset: str) -> dict[str, list[str]]:
    """All tables of a dataset with their columns and rows, as text."""
    with google(settings) as client:
        return {
            table.table_id: [
                str([(f.name, f.field_type) for f in client.get_table(table).schema]),
                *sorted(
                    str(row[0])
                    for row in client.query_and_wait(
                        f"select to_json_string(t) from `{settings.project}.{dataset}."
                        f"{table.table_id}` as t"
                    )
                ),
            ]
            for table in client.list_tables(dataset)
        }


class Watched(Connection):
    """Keeps what is asked; on the old dataset refuses all but looking."""

    said: list[str]
    old: str

    def _ours(self):
        assert self._settings.schema != self.old

    def query(self, sql, parameters=None):
        self._ours()
        self.said.append(sql)
        return super().query(sql, parameters)

    def create_dataset(self):
        self._ours()
        return super().create_dataset()

    def create(self, table):
        self._ours()
        return super().create(table)

    def drop(self, name):
        self._ours()
        return super().drop(name)

    def copy_over(self, source, destination):
        self._ours()
        return super().copy_over(source, destination)

    def staged(self, name, types, lines):
        self._ours()
        return super().staged(name, types, lines)


class Story:
    """The whole old dataset, adopted; what was said to BigQuery, and how both look after it."""

    def __init__(self, settings):
        self.settings, self.old = settings, "st_raw_v2"
        with google(settings) as client:
            old_system.plant(client, self.old)
        self.before = everything(settings, self.old)
        Watched.said, Watched.old = [], self.old
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(adoption, "Connection", Watched)
            self.done = run(settings, f"{settings.project}.{self.old}")
        self.said = Watched.said
        self.after = everything(settings, self.old)

    def rows(self, entity: str, *without_columns: str) -> list[dict]:
        found = rows(self.settings, ALL[entity])
        names = ("_ingested_at", "_extra_fields", "createdOn", *without_columns)
        return without(found, *names)


@pytest.fixture(scope="module")
def story(server, tmp_path_factory):
    return Story(ours(server, tmp_path_factory))


OLD = {"modifiedOn": datetime(2021, 3, 1, tzinfo=UTC)}


def test_all_is_counted(story):
    jobs = outcome(story.done, "jobs")
    assert (jobs.rows, jobs.ids, jobs.duplicates, jobs.new, jobs.from_api) == (6, 3, 3, 3, 0)
    assert jobs.state == "adopted"
    assert not [o.error for o in story.done.outcomes if o.error]


def test_the_old_dataset_is_only_read(story):
    assert story.after == story.before
    assert len(story.said) > 30
    # The word and the first table: what a statement writes.
    written = [
        re.match(r"\s*(\w+)[^`]*`([^`]+)`", sql).groups()
        for sql in story.said
        if not sql.lstrip().startswith("select")
    ]
    assert {word for word, _ in written} == {"merge", "delete"}
    own = f"{story.settings.project}.{story.settings.schema}."
    assert all(table.startswith(own) for _, table in written)
    assert all(";" not in sql for sql in story.said)


def test_one_row_per_id_the_newest_with_all_values_converted(story):
    assert story.rows("jobs") == [
        {
            "id": 1,
            "jobNumber": "J-1",
            "jobStatus": "Completed",
            "completedOn": datetime(2021, 2, 3, 4, 5, 6, 123456, tzinfo=UTC),
            "businessUnitId": 7,
            "jobTypeId": 3,
            "customerId": 11,
            "total": Decimal("123.45"),
            "tagTypeIds": "[1,2]",
            "customFields": '[{"name":"a","value":1.1}]',
            "modifiedOn": datetime(2022, 3, 1, tzinfo=UTC),
        },
        {
            "id": 2,
            "jobStatus": "Hold",
            "businessUnitId": 7,
            "customerId": 11,
            "total": Decimal("10.24"),
        },
        {"id": 3, "jobStatus": "Canceled", "total": Decimal("-5.01"), **OLD},
    ]


def test_what_cannot_be_converted_is_counted_per_column(story):
    jobs = outcome(story.done, "jobs")
    assert jobs.lost == {"completedOn": 1, "jobTypeId": 1, "tagTypeIds": 1}
    assert jobs.finer == {"total": 2}  # 10.239 and -5.005, but no float's noise
    assert outcome(story.done, "estimates").lost == {"items": 1}
    customers = outcome(story.done, "customers")
    assert (customers.rows, customers.without_id, customers.ids) == (3, 2, 1)
    assert story.rows("customers") == [{"id": 11, "name": "Ann", "active": True, **OLD}]


def test_days_are_those_that_are_written_and_an_empty_unit_is_none(story):
    found = story.rows("invoices")
    assert {(row["invoiceDate"], row["dueDate"]) for row in found} == {
        (date(2021, 2, 5), date(2021, 3, 5))
    }
    assert [row.get("businessUnitId") for row in found] == [None, None, None, 7]
    assert {row["customerId"] for row in found} == {11}
    assert {(row["subTotal"], row["total"]) for row in found} == {
        (Decimal("100.1"), Decimal("108.2"))
    }
    assert found[0]["referenceNumber"] == "900"
    assert "balance" not in found[0]  # not a number
    gaps = {gap.column: gap.why for gap in outcome(story.done, "invoices").gaps}
    assert gaps["businessUnitId"] == "is empty in 3 of 4 rows"
    assert gaps["balance"] == "is empty in every row"


def test_renamed_and_nested_columns_and_keys_behind_a_hash(story):
    assert story.rows("appointments") == [
        {
            "id": 21,
            "jobId": 1,
            "start": datetime(2021, 2, 3, 16, tzinfo=UTC),
            "end": datetime(2021, 2, 3, 18, tzinfo=UTC),
            "status": "Done",
            "unused": False,
            **OLD,
        }
    ]
    assert [row["status"] for row in story.rows("estimates")] == ["Sold", "Open"]
    assert story.rows("estimates")[0]["subtotal"] == Decimal("0.3")
    assert [row["id"] for row in story.rows("purchase_orders")] == [71]
    (returned,) = story.rows("returns")
    assert (returned["id"], returned["purchaseOrderId"], "jobId" in returned) == (81, 71, False)
    (bill,) = story.rows("inventory_bills")
    assert (bill["id"], bill["purchaseOrderId"], bill["billDate"]) == (91, 71, date(2021, 2, 10))


def test_what_the_old_tables_lack_is_found_by_looking(story):
    def lacks(entity):
        found = outcome(story.done, entity).gaps
        return {gap.column for gap in found if gap.why == "is not in the old table"}

    assert {"date", "total", "appliedTo"} <= lacks("payments")
    assert {"noCharge", "firstAppointmentId", "active"} <= lacks("jobs")
    assert "soldThreshold" in lacks("job_types")
    assert lacks("appointments") == {"appointmentNumber", "active"}
    assert "start" not in lacks("appointments")
    assert outcome(story.done, "jobs").not_taken == ["summary"]
    assert story.done.others == ["sync_state"]
    assert outcome(story.done, "gross_pay_items").state == "nothing to adopt"
    assert outcome(story.done, "gross_pay_items").note.startswith("pay has no id")
    assert outcome(story.done, "technicians").note == "there is no old table"
    assert outcome(story.done, "locations").note == "the old table is empty"


def test_rows_say_where_they_come_from(story):
    (row,) = rows(story.settings, ALL["payments"])
    assert json.loads(row["_extra_fields"]) == {
        "adopted_from": f"{story.settings.project}.st_raw_v2.raw_payments"
    }


def last_landed(settings, entity: str):
    """What source freshness asks, as the macro writes it."""
    place = f"`{settings.project}.{settings.schema}"

    class RawTable:
        identifier = f"raw_{entity}"

        def incorporate(self, path):
            return f"{place}.{path['identifier']}`"

    macro = Environment().from_string(LAST_LANDED.read_text()).module.last_landed
    with google(settings) as client:
        ((moment,),) = client.query_and_wait(macro(RawTable()))
    return moment


def test_an_adopted_table_is_not_fresh_but_in_the_run_log(story):
    settings = story.settings
    assert last_landed(settings, "jobs") is None
    with google(settings) as client:
        found = client.query_and_wait(
            f"select entity, state, `rows`, `new`, note from `{settings.project}."
            f"{settings.schema}.sync_runs`"
        )
        log = {row[0]: tuple(row)[1:] for row in found}
    old = f"from {settings.project}.st_raw_v2"
    assert log["jobs"] == ("adopted", 6, 3, f"{old}.raw_jobs")
    assert log["inventory_bills"] == ("adopted", 1, 1, f"{old}.raw_bills")
    assert not {"gross_pay_items", "technicians", "locations"} & set(log)
    # Only a run of sync makes it so.
    warehouse = BigQuery(settings)
    landed = datetime(2026, 1, 1, tzinfo=UTC)
    warehouse.log(Run("sync", "jobs", landed, ended_at=landed, state="landed"))
    assert last_landed(settings, "jobs") == landed


def lines(*records: dict) -> list[str]:
    batch, shaper = Batch(), Shaper(JOBS)
    for record in records:
        batch.extend([shaper.line(record)])
    return batch.lines()


def old_job(number: int, status: str, modified: str = "2022-01-01 00:00:00+00") -> dict:
    return {"id": number, "jobStatus": status, **old_system.at(modified)}


def statuses(settings) -> dict[int, str]:
    return {row["id"]: row["jobStatus"] for row in rows(settings, JOBS)}


def test_rows_of_the_api_stay_and_adopted_ones_are_mended(settings, old):
    source = old(raw_jobs=[old_job(1, "old"), old_job(2, "old"), old_job(3, "old")])
    warehouse = BigQuery(settings)
    warehouse.prepare(ALL.values())
    # Older than the old row, and still the API's word.
    api = job(1, "2020-01-01T00:00:00Z", jobStatus="of the API", unknown="kept")
    warehouse.merge(JOBS, lines(api), Cursor())
    before = rows(settings, JOBS)
    plan = outcome(run(settings, source, yes=False), "jobs")
    assert (plan.ids, plan.from_api, plan.new, plan.mended) == (3, 1, 2, 0)
    assert rows(settings, JOBS) == before
    run(settings, source)
    assert statuses(settings) == {1: "of the API", 2: "old", 3: "old"}
    adopted = rows(settings, JOBS)
    assert adopted[0] == before[0]

    # Again: nothing changes. After news in the old table: only what they say.
    again = outcome(run(settings, source), "jobs")
    assert (again.adopted_before, again.new, again.mended) == (2, 0, 0)
    assert again.note == "all that it gives is there"
    assert rows(settings, JOBS) == adopted
    with google(settings) as client:
        news = [old_job(2, "newer", "2023-01-01 00:00:00+00"), old_job(1, "newer"), old_job(4, "n")]
        old_system.insert(client, source, "raw_jobs", news)
    mended = outcome(run(settings, source), "jobs")
    assert (mended.adopted_before, mended.new, mended.mended) == (2, 1, 1)
    assert statuses(settings) == {1: "of the API", 2: "newer", 3: "old", 4: "n"}
    assert rows(settings, JOBS)[2] == adopted[2]
    # Another old dataset, whose row is older than the adopted one.
    other = outcome(run(settings, old(raw_jobs=[old_job(2, "older")])), "jobs")
    assert (other.adopted_before, other.new, other.mended) == (1, 0, 0)


def test_the_first_sync_reads_all_and_replaces_what_was_adopted(settings, old):
    source = old(raw_jobs=[old_job(1, "old"), old_job(9, "only there")])
    run(settings, source)
    warehouse = BigQuery(settings)
    assert warehouse.cursor(JOBS) == Cursor()
    tenant = Tenant({"jobs": [job(1, "2020-01-01T00:00:00Z", jobStatus="of the API"), job(2)]})
    (landed,) = sync([JOBS], client(tenant), warehouse, run_id="first")
    assert landed.state == "landed"
    assert set(statuses(settings)) == {1, 2}
    assert statuses(settings)[1] == "of the API"
    # What a complete history does not hold is gone at ServiceTitan.
    late = outcome(run(settings, source), "jobs")
    assert (late.state, late.new, late.gaps) == ("nothing to adopt", 0, [])
    assert late.note == "the API has given all its history"
    assert set(statuses(settings)) == {1, 2}


@pytest.fixture
def command(settings, server, monkeypatch, capfd):
    def ran(*argv, **changes):
        here = server.environment() | {"KPI_RAW_DATASET": settings.schema} | changes
        for name, value in here.items():
            monkeypatch.setenv(name, value)
        code = main(["adopt", *argv])
        return code, *capfd.readouterr()

    return ran


def test_without_yes_it_says_what_it_would_do_and_changes_nothing(command, settings, old):
    payments = [{"id": 5, "referenceNumber": "P", **old_system.at()}]
    source = old(raw_payments=payments, raw_jobs=old_system.ROWS["raw_jobs"])
    before = everything(settings, source)
    code, plan, err = command("--from", source)
    assert (code, err) == (0, "")
    with google(settings) as client:
        assert settings.schema not in {found.dataset_id for found in client.list_datasets()}
    assert everything(settings, source) == before
    assert "Nothing was changed; --yes does it." in plan
    counts = r"^payments +raw_payments +1 +1 +0 +0 +0 +0 +1 +0 +"
    assert re.search(f"{counts}to adopt *$", plan, re.M)
    assert "payments: python -m extract sync --full --only payments\n" in plan
    assert "  date is not in the old table: dollars_collected, outstanding_ar: cannot be r" in plan

    # With it, the same counts, done.
    code, done, err = command("--from", source, "--yes")
    assert (code, err) == (0, "")
    assert re.search(f"{counts}adopted *$", done, re.M)
    assert [line.split() for line in done.splitlines()[2:]] == [
        re.sub("to adopt *$", "adopted", line).split() for line in plan.splitlines()[2:-1]
    ]
    assert [row["id"] for row in rows(settings, ALL["payments"])] == [5]
    # Without it again: the run log and all rows stay as they are.
    landed = everything(settings, settings.schema)
    command("--from", source)
    assert everything(settings, settings.schema) == landed


def test_beside_a_sync_at_work_it_leaves_and_changes_nothing(command, settings, old):
    source = old(raw_jobs=[old_job(1, "old")])
    with closing(BigQuery(settings)) as syncing, syncing.alone():
        before = everything(settings, settings.schema)
        code, _, err = command("--from", source, "--yes")
        assert code == 1
        assert "another sync is at work" in err
        assert everything(settings, settings.schema) == before


def test_a_dataset_of_another_system_is_no_place_to_adopt_into(command, old):
    source, theirs = old(raw_jobs=[]), old(raw_jobs=[])
    for flags in ([], ["--yes"]):
        code, _, err = command("--from", source, *flags, KPI_RAW_DATASET=theirs)
        assert code == 2
        assert f"dataset {theirs}: its tables (raw_jobs, …) were made by another system" in err
        assert f"python -m extract adopt --from {theirs}" in err


def test_a_table_without_the_apis_id_gives_nothing(settings, old, monkeypatch):
    """The hash in `id` is no stand-in for it."""
    types = {name: t for name, t in old_system.SCHEMAS["raw_returns"].items() if name != "returnId"}
    monkeypatch.setitem(old_system.SCHEMAS, "raw_returns", types | {"id": "INT64"})
    source = old(raw_returns=[{"id": 5, **old_system.at()}], raw_jobs=[old_job(1, "old")])
    adopted = run(settings, source)
    assert outcome(adopted, "returns").note == (
        "raw_returns has no returnId, which would give the API's id"
    )
    assert rows(settings, ALL["returns"]) == []
    assert outcome(adopted, "jobs").new == 1
