"""Whole runs against the scripted tenant: what stands in the tables afterwards."""

import gc
import itertools
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract import entities, rows
from extract.entities import Column, Entity
from extract.errors import CredentialsError, WarehouseError
from extract.rows import Batch, Shaper
from extract.sync import sync
from extract.warehouse import Cursor
from extract.warehouse.duckdb import DuckDB, statements
from tests.extract.scripted_tenant import SECRET, Tenant, answer, client, job, pay

ALL = entities.load()
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
NEWER = "2026-01-03T00:00:00Z"


class Office:
    """A tenant, a warehouse, and the runs between them."""

    def __init__(self, path):
        self.tenant = Tenant()
        self.warehouse = DuckDB(path, "st_raw_v2")
        self.now = NOW
        self._runs = itertools.count(1)

    def sync(self, *names, entity=None, **options):
        """Runs the named entities and returns the outcome, or the outcomes where there are more."""
        chosen = [entity] if entity else [ALL[name] for name in names]
        notes = self.warehouse.prepare(chosen)
        outcomes = sync(
            chosen,
            client(self.tenant),
            self.warehouse,
            run_id=str(next(self._runs)),
            notes=notes,
            now=lambda: self.now,
            **options,
        )
        return outcomes[0] if len(outcomes) == 1 else outcomes

    def query(self, sql):
        return self.warehouse.query(sql)

    def table(self, name):
        """All rows without _ingested_at, sorted."""
        return self.query(
            "select columns(c -> c <> '_ingested_at')::varchar "
            f"from st_raw_v2.raw_{name} order by all"
        )

    def ids(self, name):
        return [found for (found,) in self.query(f"select id from st_raw_v2.raw_{name} order by 1")]

    def position(self, name):
        return self.warehouse.cursor(ALL[name])


@pytest.fixture
def office(tmp_path):
    opened = Office(tmp_path / "kpis.duckdb")
    yield opened
    opened.warehouse.close()


def counts(outcome):
    landed = outcome.landed
    return outcome.rows, landed.new, landed.changed, landed.removed


def test_every_table_is_created_empty_with_the_types_of_the_entity_table(office):
    office.warehouse.prepare(ALL.values())
    assert office.query("select count(*) from st_raw_v2.raw_inventory_bills") == [(0,)]
    types = dict(
        office.query(
            "select column_name, data_type from duckdb_columns() where table_name = 'raw_invoices'"
        )
    )
    assert types["id"] == "BIGINT"
    assert types["subTotal"] == "DECIMAL(38,9)"
    assert types["invoiceDate"] == "DATE"
    assert types["createdOn"] == types["_ingested_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["items"] == types["_extra_fields"] == "JSON"
    gross_pay = office.query(
        "select column_name from duckdb_columns() where table_name = 'raw_gross_pay_items' "
        "order by column_index limit 1"
    )
    assert gross_pay == [("_row_key",)]


def test_the_first_run_reads_all_and_later_ones_only_changes(office):
    office.tenant.records["jobs"] = [job(number) for number in (1, 2, 3)]
    assert counts(office.sync("jobs")) == (3, 3, 0, 0)
    office.tenant.records["jobs"] += [job(2, NEWER, jobStatus="Hold"), job(4)]
    assert counts(office.sync("jobs")) == (2, 1, 1, 0)
    assert office.tenant.asked("jobs")[-1] == {"from": "t3"}
    assert counts(office.sync("jobs")) == (0, 0, 0, 0)
    assert office.query("select id, jobStatus from st_raw_v2.raw_jobs order by id") == [
        (1, "Completed"),
        (2, "Hold"),
        (3, "Completed"),
        (4, "Completed"),
    ]


def test_repeated_records_in_any_order_keep_the_newest_version(office):
    office.tenant.page = 1
    new, old = job(1, NEWER, jobStatus="Hold"), job(1)
    office.tenant.records["jobs"] = [old, new, old, job(2), old]
    assert counts(office.sync("jobs")) == (5, 2, 0, 0)
    office.tenant.records["jobs"].append(old)
    assert counts(office.sync("jobs")) == (1, 0, 0, 0)
    assert office.query("select jobStatus from st_raw_v2.raw_jobs where id = 1") == [("Hold",)]


def test_without_a_version_or_with_an_equal_one_the_later_arrival_wins(office):
    office.tenant.records["jobs"] = [job(1, None, jobStatus="a"), job(2, NEWER, jobStatus="a")]
    office.sync("jobs")
    office.tenant.records["jobs"] += [job(1, None, jobStatus="b"), job(2, NEWER, jobStatus="b")]
    assert counts(office.sync("jobs")) == (2, 0, 2, 0)
    office.tenant.records["jobs"] += [job(2, None, jobStatus="c"), job(2, jobStatus="d")]
    assert counts(office.sync("jobs")) == (2, 0, 1, 0)
    assert office.query("select jobStatus from st_raw_v2.raw_jobs order by id") == [("b",), ("d",)]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 2), st.sampled_from([None, "1", "2", "3"])), max_size=8),
    st.integers(1, 8),
    st.sampled_from([1, 3, 250_000]),
)
def test_where_pages_are_cut_makes_no_difference(office, monkeypatch, arrivals, size, part):
    """Nor does it in how many parts the keys are put in order."""
    monkeypatch.setattr(statements, "PART_ROWS", part)
    office.warehouse.prepare([ALL["jobs"]])
    before = set(office.ids("jobs"))
    records = [
        job(key, day and f"2026-01-0{day}T00:00:00Z", total=number)
        for number, (key, day) in enumerate(arrivals)
    ]
    kept = {}
    for record in records:
        old, new = kept.get(record["id"], record)["modifiedOn"], record["modifiedOn"]
        if old is None or new is None or new >= old:
            kept[record["id"]] = record
    office.tenant.page = size
    office.tenant.records["jobs"] = records
    landed = office.sync("jobs", full=True).landed
    assert (landed.new, landed.removed) == (len(kept.keys() - before), len(before - kept.keys()))
    found = office.query("select id, total::integer from st_raw_v2.raw_jobs order by id")
    assert found == [(key, kept[key]["total"]) for key in sorted(kept)]


@pytest.mark.parametrize(
    ("place", "limit", "most"),
    [(rows, "BATCH_ROWS", 2), (DuckDB, "batch_bytes", 2_000_000), (DuckDB, "batch_bytes", 1)],
)
def test_a_page_is_landed_in_batches_and_the_cursor_moves_with_the_last(
    office, monkeypatch, place, limit, most
):
    monkeypatch.setattr(place, limit, most)
    heavy = [{"skuName": "x" * 1_000}] * 1_000
    office.tenant.page = 5
    office.tenant.records["invoices"] = [{"id": number, "items": heavy} for number in range(7)]
    merged = []
    merge = office.warehouse.merge

    def watched(entity, lines, cursor):
        merged.append((sum(map(len, lines)), len(lines), cursor.loading))
        return merge(entity, lines, cursor)

    monkeypatch.setattr(office.warehouse, "merge", watched)
    assert counts(office.sync("invoices")) == (7, 7, 0, 0)
    assert max(size for size, _, _ in merged) < 3_100_000
    assert [number for _, number, _ in merged] == {1: [1] * 7}.get(most, [2, 2, 2, 1])
    reached = [loading.get("from") for _, _, loading in merged]
    assert reached == {1: [None] * 4 + ["t5"] * 2 + ["t7"]}.get(most, [None] * 2 + ["t5", "t7"])


def test_the_next_page_is_made_into_rows_while_a_batch_lands(office, monkeypatch):
    monkeypatch.setattr(rows, "BATCH_ROWS", 1)
    office.tenant.page = 1
    office.tenant.records["jobs"] = [job(number) for number in (1, 2, 3)]
    made, merge, before = Event(), office.warehouse.merge, []

    def shaped(outcome):
        if outcome.rows == 3:
            made.set()

    def watched(entity, lines, cursor):
        before.append(made.wait(10))
        return merge(entity, lines, cursor)

    monkeypatch.setattr(office.warehouse, "merge", watched)
    assert counts(office.sync("jobs", progress=shaped)) == (3, 3, 0, 0)
    assert before == [True] * 3


def test_a_batch_that_cannot_land_fails_its_entity_and_the_next_run_heals(office, monkeypatch):
    monkeypatch.setattr(rows, "BATCH_ROWS", 1)
    office.tenant.page = 1
    office.tenant.records["jobs"] = [job(number) for number in (1, 2, 3, 4)]
    merge, tries = office.warehouse.merge, itertools.count(1)

    def full_disk(entity, lines, cursor):
        if next(tries) == 2:
            raise WarehouseError("the disk is full")
        return merge(entity, lines, cursor)

    monkeypatch.setattr(office.warehouse, "merge", full_disk)
    outcome = office.sync("jobs")
    assert (outcome.state, outcome.error) == ("failed", "the disk is full")
    assert next(tries) == 3
    assert office.ids("jobs") == []  # a first load is not shown before it is whole
    assert office.sync("jobs").state == "landed"
    assert office.ids("jobs") == [1, 2, 3, 4]


def test_a_decimal_is_read_as_text_or_not_at_all(office):
    assert office.query("select (-1.5)::decimal(18, 9)::varchar") == [("-1.500000000",)]
    with pytest.raises(TypeError, match="decimals are to be read as text"):
        office.query("select (-1.5)::decimal(18, 9)")


def test_a_batch_measures_what_it_holds_and_not_what_was_replaced():
    batch = Batch(100_000)
    for _ in range(3):
        batch.extend([Shaper(ALL["invoices"]).line({"id": 1, "items": ["x" * 60_000]})])
        assert not batch.is_full
    batch.extend([Shaper(ALL["invoices"]).line({"id": 2, "items": ["x" * 60_000]})])
    assert batch.is_full


def test_rows_that_say_the_same_again_are_not_rewritten(office):
    office.tenant.records["jobs"] = [job(1)]
    office.tenant.records["job_types"] = [{"id": 1, "name": "Estimate", "active": True}]
    office.sync("jobs", "job_types")
    before = office.query("select _ingested_at::varchar from st_raw_v2.raw_job_types")
    office.tenant.records["jobs"] += [job(1)]
    for outcome in office.sync("jobs", "job_types"):
        assert counts(outcome) == (1, 0, 0, 0)
    assert office.query("select _ingested_at::varchar from st_raw_v2.raw_job_types") == before


def test_money_arrives_to_the_last_digit_as_number_and_as_text(office):
    items = [{"total": Decimal("0.10"), "qty": Decimal("12345678901234567890.5")}]
    office.tenant.records["jobs"] = [job(2**53 + 1, total=Decimal("12.345"), customFields=items)]
    office.tenant.records["invoices"] = [{"id": 1, "subTotal": "12.345", "total": "-0.000000001"}]
    office.sync("jobs", "invoices")
    assert office.query(
        "select id, total::varchar, customFields::varchar from st_raw_v2.raw_jobs"
    ) == [(2**53 + 1, "12.345000000", '[{"qty":12345678901234567890.5,"total":0.10}]')]
    assert office.query("select subTotal::varchar, total::varchar from st_raw_v2.raw_invoices") == [
        ("12.345000000", "-0.000000001")
    ]


def test_text_arrives_as_it_is(office):
    name = 'O\'Neil "B" \\ né 😀\n\t\x00 end'
    office.tenant.records["customers"] = [{"id": 1, "name": name, "newField": "x" * 200_000}]
    office.sync("customers")
    ((found, extra),) = office.query(
        "select name, length(_extra_fields) from st_raw_v2.raw_customers"
    )
    assert found == name
    assert extra > 200_000


def test_the_lists_ask_for_inactive_rows_too(office):
    office.sync("job_types", "campaigns", "appointments")
    for entity in ("job_types", "campaigns", "appointments"):
        assert office.tenant.asked(entity)[0]["active"] == "Any"


def test_what_a_list_gives_no_more_becomes_inactive_and_is_kept(office):
    estimate = {"id": 1, "name": "Estimate", "active": True}
    office.tenant.records["job_types"] = [estimate, {"id": 2, "name": "Old", "active": True}]
    assert counts(office.sync("job_types")) == (2, 2, 0, 0)
    office.tenant.records["job_types"] = [estimate]
    outcome = office.sync("job_types")
    assert counts(outcome) == (1, 0, 0, 1)
    assert outcome.notes == ["1 no longer listed: marked inactive"]
    assert office.query("select name, active from st_raw_v2.raw_job_types order by id") == [
        ("Estimate", True),
        ("Old", False),
    ]
    assert counts(office.sync("job_types")) == (1, 0, 0, 0)
    assert counts(office.sync("job_types", full=True)) == (1, 0, 0, 1)
    assert office.ids("job_types") == [1]


@pytest.mark.parametrize("method", ["merge", "finish_full"])
def test_a_full_reading_of_a_list_that_broke_off_is_begun_again(office, monkeypatch, method):
    office.tenant.records["job_types"] = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    office.sync("job_types")
    with monkeypatch.context() as patched:
        patched.setattr(office.warehouse, method, lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            office.sync("job_types", full=True)
    office.tenant.records["job_types"] = [{"id": 1, "name": "c"}]
    office.sync("job_types")
    assert office.query("select name from st_raw_v2.raw_job_types") == [("c",)]
    assert counts(office.sync("job_types")) == (1, 0, 0, 0)


def test_rows_and_cursor_land_together_or_not_at_all(office):
    jobs = ALL["jobs"]
    office.sync("jobs")
    batch = Batch()
    batch.extend([Shaper(jobs).line(job(1))])
    with pytest.raises(TypeError):
        office.warehouse.merge(jobs, batch.lines(), Cursor({"from": object()}))
    assert office.ids("jobs") == []
    assert office.position("jobs").position == {"from": "t0"}


def test_an_error_on_page_two_leaves_a_list_as_it_was(office):
    office.tenant.cap = 1
    office.tenant.records["job_types"] = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    office.sync("job_types")
    office.tenant.records["job_types"] = [{"id": 1, "name": "changed"}, {"name": "without id"}]
    outcome = office.sync("job_types")
    assert "a record without id" in outcome.error
    assert "page=2" in outcome.error
    assert office.query("select name from st_raw_v2.raw_job_types order by id") == [("a",), ("b",)]


def test_full_starts_over_and_drops_what_the_api_gives_no_more(office):
    office.tenant.records["jobs"] = [job(1), job(2), job(3)]
    office.sync("jobs")
    office.tenant.records["jobs"] = [job(1), job(3, NEWER), job(5)]
    outcome = office.sync("jobs", full=True)
    assert counts(outcome) == (3, 1, 1, 1)
    assert office.ids("jobs") == [1, 3, 5]
    assert "from" not in office.tenant.asked("jobs")[-2]
    assert counts(office.sync("jobs")) == (0, 0, 0, 0)


def break_off(office, *names, after, **options):
    """A run that fails at the call after `after` good ones per entity."""
    good = {"n": 0}
    real = Tenant.__call__

    def failing(tenant, method, url, headers):
        if "connect" not in url:
            good["n"] += 1
            if good["n"] > after:
                return answer({"title": "broken"}, 418)
        return real(tenant, method, url, headers)

    office.tenant.__class__ = type("Failing", (Tenant,), {"__call__": failing})
    outcome = office.sync(*names, **options)
    office.tenant.__class__ = Tenant
    assert outcome.state == "failed"
    return outcome


def test_an_interrupted_first_load_goes_on_where_it_was(office):
    office.tenant.records["jobs"] = [job(number) for number in range(1, 8)]
    break_off(office, "jobs", after=2)
    assert office.ids("jobs") == []  # nothing half-landed
    outcome = office.sync("jobs")
    assert office.tenant.asked("jobs")[-2] == {"from": "t4"}
    assert counts(outcome) == (3, 7, 0, 0)
    assert outcome.notes == ["went on with an interrupted full load"]
    assert office.ids("jobs") == list(range(1, 8))


@pytest.mark.parametrize("again", [{}, {"full": True}])
def test_an_interrupted_full_leaves_the_table_as_it_was_and_ends_later(office, again):
    office.tenant.records["jobs"] = [job(number) for number in range(1, 8)]
    office.sync("jobs")
    before = office.table("jobs")
    office.tenant.records["jobs"] = [job(number) for number in range(3, 10)]
    break_off(office, "jobs", after=2, full=True)
    assert office.table("jobs") == before
    office.sync("jobs", **again)
    assert office.ids("jobs") == list(range(3, 10))
    assert office.position("jobs").position == {"from": "t7"}
    assert office.position("jobs").loading is None


def test_a_refused_token_starts_a_day_before_the_newest_change_and_says_so(office):
    office.tenant.records["jobs"] = [job(1), job(2, "2026-01-10T08:00:00Z")]
    office.sync("jobs")
    office.tenant.script = [("jobs", answer({"title": "bad token"}, 400))]
    office.tenant.records["jobs"] += [job(3, "2026-01-09T01:00:00Z")]
    outcome = office.sync("jobs")
    assert outcome.notes == ["the stored token was refused: read from 2026-01-09"]
    assert office.tenant.asked("jobs")[-1] == {"from": "2026-01-09"}
    assert office.ids("jobs") == [1, 2, 3]


def test_a_change_dated_into_the_future_does_not_hide_those_of_today(office):
    office.tenant.records["jobs"] = [job(1, "2099-01-01T00:00:00Z")]
    office.sync("jobs")
    office.tenant.script = [("jobs", answer({}, 400))]
    office.sync("jobs")
    assert office.tenant.asked("jobs")[-1] == {"from": "2026-01-14"}


def test_a_refused_token_without_any_landed_change_starts_from_the_beginning(office):
    office.tenant.records["jobs"] = [job(1, None)]
    office.sync("jobs")
    office.tenant.script = [("jobs", answer({}, 400))]
    outcome = office.sync("jobs")
    assert outcome.notes == ["the stored token was refused: read from the beginning"]
    assert office.tenant.asked("jobs")[-1] == {}
    assert office.ids("jobs") == [1]


def test_a_refused_token_of_an_interrupted_load_starts_it_again(office):
    office.tenant.records["jobs"] = [job(number) for number in range(1, 6)]
    break_off(office, "jobs", after=1)
    office.tenant.script = [("jobs", answer({}, 400))]
    office.sync("jobs")
    assert {} in office.tenant.asked("jobs")[-3:]
    assert office.ids("jobs") == [1, 2, 3, 4, 5]


def test_a_faulty_record_fails_its_entity_with_place_and_nothing_of_its_page(office):
    office.tenant.records["jobs"] = [job(1), job(2), job(3), job(4, total="1.0000000001")]
    office.tenant.records["customers"] = [{"id": 1, "name": "a"}]
    jobs, customers = office.sync("jobs", "customers")
    assert jobs.state == "failed"
    assert jobs.error == (
        "jobs, record 4, field total: more than 9 decimals, found 1.0000000001 "
        "(in the answer to GET jpm/v2/…/export/jobs from=t2)"
    )
    assert customers.state == "landed"
    assert office.ids("jobs") == []
    assert office.ids("customers") == [1]


@pytest.mark.parametrize("name", ["jobs", "gross_pay_items"])
def test_an_entity_that_fails_in_mid_feed_leaves_no_thread_behind(office, name):
    """Left to the garbage collector, the thread that reads ahead is waited for within any lock."""
    office.tenant.cap = 1
    days = ["2026-01-02", "2026-01-03", "never", "2026-01-05", "2026-01-06"]
    office.tenant.records["gross_pay_items"] = [{**pay(day), "amount": "x"} for day in days]
    office.tenant.records["jobs"] = [{**job(number), "total": "x"} for number in range(9)]
    office.query("select 1")  # the warehouse has a thread of its own
    before = threading.enumerate()
    gc.disable()
    try:
        assert office.sync(name).state == "failed"
        assert threading.enumerate() == before
    finally:
        gc.enable()


def test_a_403_names_the_scope_and_the_others_land(office):
    office.tenant.records["customers"] = [{"id": 1, "name": "a"}]
    office.tenant.script = [("export/jobs", answer({"title": "Forbidden"}, 403))]
    jobs, customers = office.sync("jobs", "customers")
    assert (jobs.state, customers.state) == ("failed", "landed")
    assert "Add the scope Job Planning and Management > Jobs (read)" in jobs.error


def test_a_skipped_entity_is_not_asked_for(office):
    jobs, _ = office.sync("jobs", "customers", skip=frozenset({"jobs"}))
    assert (jobs.state, jobs.notes) == ("skipped", ["named in SERVICETITAN_SKIP"])
    assert office.tenant.asked("jobs") == []


def test_refused_credentials_end_the_run_at_once(office):
    office.tenant.script = [("", answer({"error": "invalid_client"}, 401))]
    with pytest.raises(CredentialsError):
        office.sync("jobs", "customers")
    assert len(office.tenant.calls) == 1


def test_after_credentials_are_refused_nothing_more_is_asked(office, monkeypatch):
    monkeypatch.setattr("extract.sync.SIDE_BY_SIDE", 1)
    office.tenant.script = [("customers", answer(b"", 401)), ("customers", answer(b"", 401))]
    jobs, customers, locations = office.sync("jobs", "customers", "locations")
    assert (jobs.state, customers.state, locations.state) == ("landed", "failed", "failed")
    assert locations.error == customers.error
    assert office.tenant.asked("locations") == []


def test_the_run_log_tells_every_entity_of_every_run(office):
    office.tenant.records["jobs"] = [job(1), job(2), job(3)]
    office.tenant.script = [
        ("export/jobs", answer({"title": f"overloaded {SECRET}"}, 503)),
        ("customers", answer({"title": f"no {SECRET}"}, 403)),
    ]
    office.sync("jobs", "customers")
    rows = office.query(
        "select run_id, entity, state, pages, rows, new, retries, waited_seconds, bytes > 0, "
        "ended_at >= started_at, error from st_raw_v2.sync_runs order by entity desc"
    )
    assert rows[0] == ("1", "jobs", "landed", 2, 3, 3, 1, 1.0, True, True, None)
    assert rows[1][:3] == ("1", "customers", "failed")
    assert "no ***" in rows[1][-1]
    assert SECRET not in str(rows)


def thing(*columns):
    return Entity(
        name="jobs",
        path=ALL["jobs"].path,
        scope="",
        feed="export",
        key="id",
        version="modifiedOn",
        total=ALL["jobs"].total,
        columns=tuple(Column(name, kind, (name,)) for name, kind in columns),
    )


def test_a_new_column_is_added_and_its_entity_read_anew(office):
    few = thing(("id", "integer"), ("modifiedOn", "instant"))
    more = thing(("id", "integer"), ("modifiedOn", "instant"), ("jobStatus", "string"))
    office.tenant.records["jobs"] = [job(1), job(2), job(3)]
    office.sync(entity=few)
    office.warehouse.prepare([more])
    assert office.query("select distinct jobStatus from st_raw_v2.raw_jobs") == [(None,)]
    outcome = office.sync(entity=more)
    assert office.query("select distinct jobStatus from st_raw_v2.raw_jobs") == [("Completed",)]
    assert counts(outcome)[0] == 3
    assert office.sync(entity=more).notes == []


def test_a_changed_type_reads_the_entity_anew(office):
    office.tenant.records["jobs"] = [job(1, total="5")]
    office.sync(entity=thing(("id", "integer"), ("modifiedOn", "instant"), ("total", "string")))
    money = thing(("id", "integer"), ("modifiedOn", "instant"), ("total", "decimal"))
    assert office.sync(entity=money).notes == ["its columns changed: read anew from the beginning"]
    assert office.query("select total::varchar from st_raw_v2.raw_jobs") == [("5.000000000",)]


def days(*named):
    return [pay(day, amount) for day, amount in named]


def paid(office):
    found = office.query(
        'select "date"::varchar, amount::varchar from st_raw_v2.raw_gross_pay_items '
        "order by 1, amount"
    )
    return [(day, Decimal(amount)) for day, amount in found]


def test_pay_is_landed_whole_with_equal_rows_kept_apart(office):
    office.tenant.records["gross_pay_items"] = days(
        ("2001-01-01", "1"), ("2026-01-10", "2"), ("2026-01-10", "2"), ("2026-12-31", "3")
    )
    assert counts(office.sync("gross_pay_items")) == (4, 4, 0, 0)
    keys = office.query("select count(distinct _row_key) from st_raw_v2.raw_gross_pay_items")
    assert keys == [(4,)]


@pytest.mark.parametrize("cap", [1, 2, 5000])
def test_recent_pay_is_replaced_and_old_pay_where_it_was_touched(office, cap):
    office.tenant.cap = cap
    office.tenant.records["gross_pay_items"] = days(
        ("2020-05-01", "1"),
        ("2020-05-02", "2"),
        ("2025-12-31", "3"),
        ("2026-01-10", "4"),
        ("2026-01-10", "4"),
        ("2026-03-01", "5"),
    )
    office.sync("gross_pay_items")
    office.now += timedelta(days=1)
    later = {"modifiedOn": "2026-01-15T20:00:00Z"}
    office.tenant.records["gross_pay_items"] = [
        pay("2020-05-01", "1.5", **later),  # an old day that was touched: read again
        pay("2020-05-02", "99"),  # an old day that the API does not report: left as it was
        # 2025-12-31 has gone
        *days(("2026-01-10", "4"), ("2026-01-11", "6"), ("2026-03-01", "5")),
    ]
    outcome = office.sync("gross_pay_items")
    assert paid(office) == [
        ("2020-05-01", Decimal("1.5")),
        ("2020-05-02", Decimal(2)),
        ("2026-01-10", Decimal(4)),
        ("2026-01-11", Decimal(6)),
        ("2026-03-01", Decimal(5)),
    ]
    assert counts(outcome)[1:] == (2, 0, 3)
    assert counts(office.sync("gross_pay_items"))[1:] == (0, 0, 0)


def of_whole_days(calls):
    """The calls that read pay, not those that count it or look for changes."""
    return [
        (call["dateOnOrAfter"][:10], call.get("dateOnOrBefore", "")[:10])
        for call in calls
        if "dateOnOrAfter" in call and call["pageSize"] != "1"
    ]


def test_recent_pay_is_read_again_where_the_api_counts_other_than_we_do_or_once_a_week(office):
    changed = {"modifiedOn": "2026-01-10T00:00:00Z"}
    office.tenant.records["gross_pay_items"] = pays = [
        pay("2025-12-31", "3", **changed),
        pay("2026-01-10", "4", **changed),
        pay("2026-01-14", "5", modifiedOn="2026-01-14T00:00:00Z"),
    ]
    read = []

    def sync():
        before = len(office.tenant.asked("gross_pay_items"))
        outcome = office.sync("gross_pay_items")
        read[:] = of_whole_days(office.tenant.asked("gross_pay_items")[before:])
        return counts(outcome)

    sync()
    assert sync() == (1, 0, 0, 0)
    assert read == [("2026-01-14", "2026-01-15")]  # changed lately, as far as clocks can tell
    del pays[0]  # goes without a trace
    assert sync() == (3, 0, 0, 1)
    assert read == [("2026-01-14", "2026-01-15"), ("2025-10-31", "")]
    pays[0] = pay("2026-01-10", "9", **changed)  # changes without a trace
    office.now += timedelta(days=6)
    assert sync() == (1, 0, 0, 0)
    office.now += timedelta(days=1)
    assert sync() == (3, 1, 0, 1)
    assert paid(office) == [("2026-01-10", Decimal(9)), ("2026-01-14", Decimal(5))]


def test_pay_changed_while_the_first_load_ran_is_found_by_the_next_run(office):
    office.tenant.records["gross_pay_items"] = days(("2020-05-01", "1"))
    office.sync("gross_pay_items")
    changed = pay("2020-05-01", "7", modifiedOn="2026-01-15T12:00:01Z")
    office.tenant.records["gross_pay_items"] = [changed]
    office.sync("gross_pay_items")
    assert paid(office) == [("2020-05-01", Decimal(7))]


def test_pay_changed_just_before_the_last_run_is_read_again(office):
    # Clocks differ, and a change may show late.
    office.tenant.records["gross_pay_items"] = [pay("2020-05-01", "1"), pay("2026-01-15")]
    office.sync("gross_pay_items")
    changed = pay("2020-05-01", "7", modifiedOn="2026-01-14T12:00:01Z")
    office.tenant.records["gross_pay_items"][0] = changed
    office.sync("gross_pay_items")
    assert ("2020-05-01", Decimal(7)) in paid(office)


@pytest.mark.parametrize("after", range(1, 14, 2))
def test_an_interrupted_load_of_pay_goes_on_and_ends_as_a_clean_one(office, after):
    office.tenant.cap = 2
    named = [(f"2025-03-{day:02}", str(day)) for day in range(1, 12)]
    office.tenant.records["gross_pay_items"] = days(*named, ("2025-03-11", "11"))
    break_off(office, "gross_pay_items", after=after)
    assert paid(office) == []
    reached = office.position("gross_pay_items").loading.get("next")
    assert (reached is None) == (after < 4)  # the first calls look for the bounds
    before = len(office.tenant.asked("gross_pay_items"))
    office.sync("gross_pay_items")
    first = office.tenant.asked("gross_pay_items")[before]
    assert first.get("dateOnOrAfter", "")[:10] == (reached or "")
    assert len(paid(office)) == 12
    assert office.query(
        "select count(*), count(distinct _row_key) from st_raw_v2.raw_gross_pay_items"
    ) == [(12, 12)]
