"""However arrivals are cut into batches, what stands in the table is what landing them one by one
would leave; and every number and text stands there as it came."""

import dataclasses
import itertools
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from extract import entities
from extract.rows import Batch, Shaper
from extract.warehouse import Cursor
from extract.warehouse.duckdb import DuckDB, statements

JOBS = entities.load()["jobs"]
SHORT = dataclasses.replace(
    JOBS,
    columns=tuple(
        column
        for column in JOBS.columns
        if column.name in ("id", "modifiedOn", "total", "jobStatus", "customFields")
    ),
)
WIDE = Context(prec=40)
LOADING, DONE = Cursor(loading={}), Cursor({"from": "t"})

few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
many = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])

arrivals = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from([None, 1, 2, 3]), st.integers(0, 2)), max_size=14
)
cuts = st.sets(st.integers(1, 13))


@pytest.fixture
def warehouse(tmp_path):
    opened = DuckDB(tmp_path / "kpis.duckdb", "st_raw_v2")
    opened.prepare([SHORT])
    yield opened
    opened.close()


def records(said):
    return [
        {"id": key, "modifiedOn": day and f"2026-01-0{day}T00:00:00Z", "total": total}
        for key, day, total in said
    ]


def fold(said, kept=()):
    """What landing one by one leaves: an arrival replaces what is there unless both versions are
    known and its own is smaller."""
    stands = {key: (day, total) for key, day, total in kept}
    for key, day, total in said:
        before, _ = stands.get(key, (None, None))
        if before is None or day is None or day >= before:
            stands[key] = (day, total)
    return [(key, day, total) for key, (day, total) in sorted(stands.items())]


def batches(said, cuts):
    """The arrivals as lines, a batch ending at every cut."""
    shaper, batch = Shaper(SHORT), Batch()
    for number, record in enumerate(records(said)):
        if number in cuts:
            yield batch.lines()
            batch = Batch()
        batch.extend([shaper.line(record)])
    yield batch.lines()


def table(warehouse):
    return warehouse.query(
        "select id, day(modifiedOn), total::integer from st_raw_v2.raw_jobs order by id"
    )


def load_full(warehouse, said, cuts):
    warehouse.begin_full(SHORT, LOADING)
    for lines in batches(said, cuts):
        warehouse.merge(SHORT, lines, LOADING)
    return warehouse.finish_full(SHORT, {})


def check_any_cut(warehouse, first, first_cuts, then, then_cuts):
    landed = load_full(warehouse, first, first_cuts)
    assert table(warehouse) == fold(first)
    assert landed.new + landed.changed <= len({key for key, _, _ in first})
    for lines in batches(then, then_cuts):
        warehouse.merge(SHORT, lines, DONE)
    assert table(warehouse) == fold(then, kept=fold(first))
    load_full(warehouse, [], set())
    assert table(warehouse) == []


CASES = (arrivals, cuts, arrivals, cuts)
# A version is missing in between: what comes after it stays, though what came before was newer.
UNVERSIONED = ([(1, 3, 0), (1, None, 1), (1, 1, 2)], {1}, [(1, None, 0), (1, 1, 1)], {1})

OLDER = ([(1, 3, 0), (1, 2, 1)], {1}, [(1, 2, 2), (1, 3, 1)], {1})


@few
@example(*UNVERSIONED)
@example(*OLDER)
@given(*CASES)
def test_any_cut_into_batches_leaves_what_landing_one_by_one_leaves(
    warehouse, first, cuts, then, later
):
    check_any_cut(warehouse, first, cuts, then, later)


@pytest.mark.full
@many
@given(*CASES)
def test_any_cut_into_batches_leaves_what_landing_one_by_one_leaves_often(
    warehouse, first, cuts, then, later
):
    check_any_cut(warehouse, first, cuts, then, later)


def test_a_clock_that_is_set_back_while_a_full_load_runs_changes_nothing(warehouse, monkeypatch):
    backwards = (datetime(2026, 1, 1, tzinfo=UTC) - timedelta(n) for n in itertools.count())
    monkeypatch.setattr(
        "extract.warehouse.duckdb.statements.now",
        lambda: f"{statements.literal(next(backwards).isoformat())}::timestamptz",
    )
    said = [(1, 2, 0), (1, 2, 1), (1, 2, 2), (2, 3, 0), (2, None, 1), (2, 1, 2)]
    load_full(warehouse, said, set(range(1, 6)))
    assert table(warehouse) == fold(said)


MOST = 10**38 - 1  # billionths: 29 digits before the point
digits = st.integers(-MOST, MOST).map(lambda number: Decimal(number).scaleb(-9, WIDE))
# Around 10^9, where the short way of a decimal into its column ends.
edges = st.integers(10**18 - 3, 10**18 + 3).map(lambda number: Decimal(number).scaleb(-9, WIDE))
whole_numbers = st.integers(-(2**63), 2**63 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(whole_numbers, st.tuples(digits | edges, texts), min_size=1, max_size=40))
def test_every_amount_text_and_id_stands_as_it_came(warehouse, said):
    shaper, batch = Shaper(SHORT), Batch()
    for number, (amount, text) in said.items():
        batch.extend([shaper.line({"id": number, "total": amount, "jobStatus": text})])
    warehouse.begin_full(SHORT, LOADING)
    warehouse.merge(SHORT, batch.lines(), LOADING)
    warehouse.finish_full(SHORT, {})
    found = warehouse.query("select id, total::varchar, jobStatus from st_raw_v2.raw_jobs")
    assert {number: (Decimal(total), text) for number, total, text in found} == said
