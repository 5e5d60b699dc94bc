"""Records become typed rows exactly, or an error that says where."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import entities, rows
from extract.entities import Column, Entity
from extract.errors import RowError
from extract.rows import Batch, Shaper, with_row_keys

ALL = entities.load()


def entity(**columns):
    return Entity(
        name="things",
        path="",
        scope="",
        feed="export",
        key="id",
        version="modifiedOn",
        columns=tuple(
            Column(name, kind, (name,))
            for name, kind in {"id": "integer", "modifiedOn": "instant", **columns}.items()
        ),
    )


def value(kind, given):
    return Shaper(entity(x=kind)).row({"id": 1, "x": given})["x"]


@pytest.mark.parametrize(
    ("kind", "wire", "stored"),
    [
        ("integer", 5, 5),
        ("integer", "5", 5),
        ("integer", Decimal("5.0"), 5),
        ("integer", 2**53 + 1, 2**53 + 1),
        ("integer", "", None),
        ("string", "né\n😀", "né\n😀"),
        ("string", 5, "5"),
        ("string", Decimal("1.50"), "1.50"),
        ("string", "", ""),
        ("boolean", True, True),
        ("boolean", "False", False),
        ("boolean", 0, False),
        ("decimal", Decimal("12.345"), "12.345000000"),
        ("decimal", "12.345", "12.345000000"),
        ("decimal", "1.0000000000000000000", "1.000000000"),
        ("decimal", -7, "-7.000000000"),
        ("decimal", Decimal("1E+3"), "1000.000000000"),
        ("decimal", "", None),
        ("decimal", "9" * 29 + "." + "9" * 9, "9" * 29 + "." + "9" * 9),
        ("instant", "2026-01-02T16:28:55.8446003Z", "2026-01-02T16:28:55.844600+00:00"),
        ("instant", "2026-01-02T16:28:55Z", "2026-01-02T16:28:55.000000+00:00"),
        ("instant", "2026-01-02T16:28:55-07:00", "2026-01-02T23:28:55.000000+00:00"),
        ("instant", "2026-01-02T16:28:55", "2026-01-02T16:28:55.000000+00:00"),
        ("date", "2026-01-02T00:00:00Z", "2026-01-02"),
        ("date", "2026-01-02T23:59:59-07:00", "2026-01-02"),
        ("date", "2026-01-02", "2026-01-02"),
        ("json", [Decimal("1.50"), "a"], '[1.50,"a"]'),
        ("json", {}, "{}"),
    ],
)
def test_what_arrives_exactly(kind, wire, stored):
    assert value(kind, wire) == stored


@pytest.mark.parametrize(
    ("kind", "wire", "why"),
    [
        ("integer", "5x", "expected integer"),
        ("integer", Decimal("5.5"), "whole number"),
        ("integer", Decimal("1E999999999"), "whole number"),
        ("integer", True, "whole number"),
        ("integer", 2**63, "64 bits"),
        ("string", {"name": "a"}, "text"),
        ("boolean", "maybe", "true or false"),
        ("boolean", 2, "true or false"),
        ("decimal", "1.0000000001", "more than 9 decimals"),
        ("decimal", Decimal("1E+400"), "more than 29 digits"),
        ("decimal", "9" * 30, "more than 29 digits"),
        ("decimal", "NaN", "a number"),
        ("decimal", "1,234.50", "expected decimal"),
        ("decimal", True, "a number"),
        ("instant", "yesterday", "a time like"),
        ("instant", 5, "a time like"),
        ("date", "2026-02-30T00:00:00Z", "a date like"),
        ("date", 20260102, "a date like"),
    ],
)
def test_what_would_lose_something_is_refused_by_name(kind, wire, why):
    with pytest.raises(RowError) as error:
        value(kind, wire)
    assert "things, record 1, field x" in str(error.value)
    assert why in str(error.value)
    assert "found" in str(error.value)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_stored_exactly_or_refused(number):
    try:
        stored = value("decimal", number)
    except RowError:
        fits = number == round(number, 9) if abs(number.adjusted()) < 40 else number == 0
        assert not fits or abs(number) >= Decimal(10) ** 29
    else:
        assert Decimal(stored) == number


@given(st.datetimes(min_value=datetime(2, 1, 1), timezones=st.timezones()))
def test_an_instant_is_stored_as_the_same_moment(moment):
    if moment.utcoffset().total_seconds() % 60 or moment.year > 9998:
        return
    stored = datetime.fromisoformat(value("instant", moment.isoformat()))
    assert stored == datetime.fromisoformat(moment.isoformat())
    assert stored.tzinfo is UTC


def test_every_unnamed_field_is_kept_and_null_where_there_is_none():
    shape = Shaper(entity(name="string"))
    assert shape.row({"id": 1, "name": "a"})["_extra_fields"] is None
    row = shape.row({"id": 1, "z": {"b": Decimal("0.10")}, "a": None})
    assert row["_extra_fields"] == '{"a":null,"z":{"b":0.10}}'


def test_a_nested_reference_becomes_flat_and_its_rest_is_kept():
    row = Shaper(ALL["invoices"]).row(
        {"id": 1, "job": {"id": 9, "number": "J9", "type": "Estimate"}, "customer": {"id": 3}}
    )
    assert (row["jobId"], row["customerId"], row["locationId"]) == (9, 3, None)
    assert json.loads(row["_extra_fields"]) == {"job": {"number": "J9", "type": "Estimate"}}


def test_two_columns_may_come_from_one_object():
    row = Shaper(ALL["campaigns"]).row({"id": 1, "category": {"id": 4, "name": "Web"}})
    assert (row["categoryId"], row["categoryName"]) == (4, "Web")
    assert row["_extra_fields"] is None


def test_the_name_of_an_estimates_status():
    row = Shaper(ALL["estimates"]).row({"id": 1, "status": {"value": 1, "name": "Sold"}})
    assert row["status"] == "Sold"
    assert row["_extra_fields"] == '{"status":{"value":1}}'


def test_a_null_reference_is_null_and_another_kind_of_it_an_error():
    shape = Shaper(ALL["invoices"])
    assert shape.row({"id": 1, "job": None})["jobId"] is None
    with pytest.raises(RowError, match=r"record 1, field job\.id: expected an object, found 9"):
        shape.row({"id": 1, "job": 9})


def test_the_record_itself_is_left_as_it_came():
    record = {"id": 1, "job": {"id": 9, "number": "J9"}}
    Shaper(ALL["invoices"]).row(record)
    assert record == {"id": 1, "job": {"id": 9, "number": "J9"}}


@pytest.mark.parametrize("record", [{"name": "a"}, {"id": None, "name": "a"}, {"id": " "}])
def test_a_record_without_its_key_is_an_error(record):
    with pytest.raises(RowError, match="things: a record without id"):
        Shaper(entity(name="string")).row(record)


@pytest.mark.parametrize("record", ["text", 5, None, []])
def test_what_is_no_record_is_an_error(record):
    with pytest.raises(RowError, match="is not a record"):
        Shaper(entity()).row(record)


def _kept(*versions):
    kind = entity(n="integer")
    shape, batch = Shaper(kind), Batch()
    for number, version in enumerate(versions):
        batch.extend([shape.line({"id": 1, "modifiedOn": version, "n": number})])
    (line,) = (msgspec.json.decode(line) for line in batch.lines())
    return line["n"], line.get("_anyway", False)


NEW, OLD = "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"


def test_of_a_key_twice_in_a_batch_the_greater_version_stays():
    assert _kept(OLD, NEW) == (1, False)
    assert _kept(NEW, OLD) == (0, False)
    assert _kept(OLD, "2026-01-01T00:00:00.5Z", OLD) == (1, False)


def test_where_versions_are_equal_or_missing_the_later_arrival_stays():
    assert _kept(NEW, NEW) == (1, False)
    assert _kept(NEW, None) == (1, True)
    assert _kept(NEW, None, OLD) == (2, True)


def _lines(keys, size=10):
    return [(key, None, b'{"n":%b%d}' % (b"0" * size, n)) for n, key in enumerate(keys)]


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([None, OLD, NEW])), max_size=30))
def test_lines_at_once_stay_as_those_that_come_one_by_one(said):
    lines = [(key, version, b'{"n":%d}' % n) for n, (key, version) in enumerate(said)]
    at_once, one_by_one = Batch(), Batch()
    at_once.extend(lines[:7])
    at_once.extend(lines[7:])
    for line in lines:
        one_by_one.extend([line])
    assert at_once.lines() == one_by_one.lines()


def test_a_batch_takes_lines_until_it_is_full_and_gives_back_the_others(monkeypatch):
    monkeypatch.setattr(rows, "BATCH_ROWS", 3)
    batch = Batch()
    assert batch.fill(_lines("ab")) == []
    assert batch.fill(_lines("cd")) == _lines("cd")[1:]
    assert batch.is_full
    assert batch.fill(_lines("e")) == _lines("e")

    heavy = Batch(most_bytes=250)
    assert heavy.fill(_lines("ab", size=100)) == []
    assert heavy.fill(_lines("cd", size=100)) == _lines("cd", size=100)[1:]
    assert len(heavy) == 3


def test_equal_rows_get_numbers():
    texts = [b'{"a":1}', b'{"a":2}', b'{"a":1}']
    keyed = with_row_keys((None, None, text) for text in texts)
    first, second, third = (key for key, _, _ in keyed)
    assert len({first, second, third}) == 3
    assert first.removesuffix("-1") == third.removesuffix("-2")
    assert keyed[1] == (second, None, b'{"_row_key":"%b","a":2}' % second.encode())


def test_the_order_of_a_records_fields_does_not_matter():
    fields = {"payrollId": 1, "date": "2026-01-02", "amount": 5, "other": {"a": 1, "b": 2}}
    shaper = Shaper(entities.load()["gross_pay_items"])
    assert shaper.line(fields) == shaper.line(dict(reversed(fields.items())))
