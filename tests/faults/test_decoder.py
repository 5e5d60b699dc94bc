"""A fuzzer over the response decoder: whatever bytes arrive, an error of ours or exactly the rows
that they say; never a traceback, never a wrong row."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from threading import Semaphore
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extract import entities
from extract.errors import ApiError, RowError
from extract.load import Load, Outcome
from extract.places import Place
from extract.sync import sync
from extract.warehouse import Cursor, Landed
from extract.warehouse.duckdb import DuckDB
from simulator import build_tenant
from simulator.store import encode
from tests.extract.scripted_tenant import Tenant, answer, client

ALL = entities.load()
NOW = datetime(2026, 1, 15, tzinfo=UTC)
FUZZED = ("jobs", "invoices", "business_units")
WEIRD = [
    *("null", "true", "{}", "[]", '""', '" "', "-0", "0.0", "1e400", "-1E-400", "1E999999999"),
    *("9007199254740993", "9223372036854775808", "123456789012345678901234567890.1"),
    *('"2026-02-30T00:00:00Z"', '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-12:00"'),
    *('"2026-01-02T03:04:05.1234567Z"', '"2026-01-02"', '"12"', '"NaN"', '"Infinity"', '"sNaN"'),
    *('"\\u0000"', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\"\\n\'"', "NaN", "-", "01", "1.", "'"),
    *("[" * 985 + "]" * 985, '{"a":' * 500 + "1" + "}" * 500, "[" * 2000),
    *("\0", "\x7f", "\ufeff", ",", ":", "}", "]", '"', "\\"),
]


@cache
def page(name: str) -> bytes:
    """A page of an entity, as the simulator sends it."""
    tenant = build_tenant(seed=3, size="cases", weeks=6)
    records = tenant.records()[name][:4]
    return encode({"hasMore": False, "continueFrom": "t1", "data": records})


@cache
def values(name: str) -> list[tuple[int, int]]:
    """Where the values of a page's fields begin and end."""
    raw, decoder, places = page(name).decode(), json.JSONDecoder(), []
    for place, character in enumerate(raw):
        if character == ":" and raw[place - 1] == '"':
            try:
                _, end = decoder.raw_decode(raw, place + 1)
            except ValueError:
                continue
            places.append((place + 1, end))
    return places


@st.composite
def mutated(draw) -> tuple[str, bytes]:
    """An entity and a page of it, changed at random: values for others, bytes for others."""
    name = draw(st.sampled_from(FUZZED))
    raw = page(name)
    if draw(st.booleans()):
        begin, end = draw(st.sampled_from(values(name)))
        raw = raw[:begin] + draw(st.sampled_from(WEIRD)).encode() + raw[end:]
    for _ in range(draw(st.integers(0, 2))):
        begin = draw(st.integers(0, len(raw)))
        end = min(len(raw), begin + draw(st.sampled_from([0, 1, 2, 40, 10_000])))
        new = draw(st.binary(max_size=2) | st.sampled_from(WEIRD).map(str.encode))
        raw = raw[:begin] + new + raw[end:]
    return name, raw


def serving(name: str, raw: bytes) -> Tenant:
    """Answers with this body, however often it is asked."""
    tenant = Tenant()
    tenant.script = [(ALL[name].path.rsplit("/", 1)[1], answer(raw)) for _ in range(5)]
    return tenant


def said_by(raw: bytes) -> list[Any]:
    """The records of a body, read by another decoder. Raises what that raises."""

    def refuse(word: str) -> None:
        raise ValueError(word)

    body = json.loads(raw.decode("utf-8"), parse_float=Decimal, parse_constant=refuse)
    return body["data"]


def value_of(record: dict, source: tuple[str, ...]) -> Any:
    for part in source:
        record = None if record is None else record.get(part)
    return record


def says(kind: str, said: Any) -> Any:
    """What a value says as a column's kind, worked out without the extractor's code."""
    if said is None or (isinstance(said, str) and not said.strip() and kind != "string"):
        return None
    if kind in ("integer", "decimal"):
        return Decimal(said.strip() if isinstance(said, str) else said)
    if kind == "string":
        return json.dumps(said) if isinstance(said, bool) else str(said)
    if kind == "boolean":
        return str(said).strip().lower() in ("true", "1", "1.0")
    if kind == "date":
        return date.fromisoformat(said.strip()[:10])
    moment = datetime.fromisoformat(said.strip())
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def holds(kind: str, stored: Any) -> Any:
    """What a row holds, in the same form."""
    if stored is None:
        return None
    if kind in ("integer", "decimal"):
        return Decimal(stored)
    if kind in ("date", "instant"):
        return {"date": date, "instant": datetime}[kind].fromisoformat(stored)
    return stored


def assert_says(entity, record, row):
    for column in entity.columns:
        if column.type == "json":
            json.loads(row.get(column.name) or "null")
            continue
        said = value_of(record, column.source)
        assert holds(column.type, row.get(column.name)) == says(column.type, said), column.name


class Kept:
    """A warehouse that keeps the lines that would land."""

    names = None
    batch_bytes = 1_000_000

    def __init__(self):
        self.lines: list[bytes] = []

    def cursor(self, _):
        return Cursor()

    def merge(self, _, lines, cursor):
        self.lines += lines
        return Landed()

    def finish_full(self, *_):
        return Landed()

    def begin_full(self, *_):
        pass


def check(name: str, raw: bytes) -> str:
    """`landed` where the rows are those that the body says, `failed` where an error says why."""
    entity, kept = ALL[name], Kept()
    reader = client(serving(name, raw))
    try:
        Load(
            Outcome(entity),
            reader,
            kept,
            False,
            lambda: NOW,
            lambda outcome: None,
            Place(Semaphore()),
        ).run()
    except (ApiError, RowError):
        assert kept.lines == []
        return "failed"
    rows = {row[entity.key]: row for row in map(json.loads, kept.lines)}
    newest: dict[int, Any] = {}
    for record in said_by(raw):
        newest.setdefault(int(Decimal(str(record[entity.key]))), []).append(record)
    assert rows.keys() == newest.keys()
    for key, records in newest.items():
        if len(records) == 1:  # which of two versions stays is shown elsewhere
            assert_says(entity, records[0], rows[key])
    return "landed"


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_a_mutated_body_is_refused_or_read_exactly(drawn):
    check(*drawn)


@pytest.mark.full
@settings(max_examples=2_500, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_many_mutated_bodies_are_refused_or_read_exactly(drawn):
    check(*drawn)


def test_half_a_body_is_never_read():
    """At whatever byte it ends."""
    for name in FUZZED:
        raw = page(name)
        assert check(name, raw) == "landed"
        for end in range(0, len(raw), 97):
            assert check(name, raw[:end]) == "failed"


def in_place_of_first(name: str, field: str, weird: str) -> bytes:
    raw = page(name).decode()
    place = raw.index(f'"{field}":') + len(field) + 3
    _, end = json.JSONDecoder().raw_decode(raw, place)
    return (raw[:place] + weird + raw[end:]).encode()


@pytest.mark.parametrize(
    "field",
    [
        "total",
        *(
            pytest.param(field, marks=pytest.mark.full)
            for field in ("id", "modifiedOn", "customFields", "leadCallId")
        ),
    ],
)
def test_every_weird_value_in_every_kind_of_field_lands_as_it_is_or_is_refused(tmp_path, field):
    entity = ALL["jobs"]
    warehouse = DuckDB(tmp_path / "kpis.duckdb", "st_raw_v2")
    warehouse.prepare([entity])
    for weird in WEIRD:
        raw = in_place_of_first("jobs", field, weird)
        tenant = serving("jobs", raw)
        (outcome,) = sync([entity], client(tenant), warehouse, run_id=weird[:9], full=True)
        if outcome.state == "failed":
            assert "jobs" in outcome.error
            assert "\n" not in outcome.error
            assert "DuckDB" not in outcome.error
            continue
        found = warehouse.query("select id, total::varchar, jobStatus from st_raw_v2.raw_jobs")
        rows = {key: (total, status) for key, total, status in found}
        records = said_by(raw)
        assert len(rows) == len(records)
        for record in records:
            total, status = rows[int(record["id"])]
            assert (total and Decimal(total)) == says("decimal", record["total"])
            assert status == record["jobStatus"]
    warehouse.close()


def test_however_deep_a_record_goes_its_entity_lands_or_fails(tmp_path):
    """At some depth an answer can just be decoded, and not worked on further."""
    entity = ALL["job_types"]
    warehouse = DuckDB(tmp_path / "kpis.duckdb", "st_raw_v2")
    warehouse.prepare([entity])
    states = []
    for depth in range(908, 1_001, 8):
        for deep in ("[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth):
            raw = b'{"hasMore": false, "data": [{"id": 1, "novel": %s}]}' % deep.encode()
            tenant = serving("job_types", raw)
            (outcome,) = sync([entity], client(tenant), warehouse, run_id=str(depth))
            states.append(outcome.state)
    assert set(states) == {"landed", "failed"}
    warehouse.close()
