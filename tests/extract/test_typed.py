"""The short way from an answer to lines gives what the long way gives, or leaves it to that."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extract import entities
from extract.client import decode_json
from extract.entities import ROW_KEY
from extract.errors import RowError
from extract.privacy import Names
from extract.rows import Shaper
from extract.typed import TypedRecords

ALL = entities.load()
FEEDS = [entity for entity in ALL.values() if entity.feed != "list"]
encode = msgspec.json.Encoder(decimal_format="number").encode
plain = msgspec.json.Decoder(float_hook=Decimal).decode

CONTACTS = st.sampled_from(["602-555-0143", "ann@example.com", "12 Elm Street", "phone", "street"])
TEXTS = (
    st.text(max_size=12)
    | st.sampled_from(["", " ", "12", "true", "1.5", "NaN", "ñ\"'\n😀", "name", "value"])
    | CONTACTS
)
NUMBERS = (
    st.integers(-(2**70), 2**70)
    | st.decimals(-(10**12), 10**12, places=4)
    | st.sampled_from(["0.0", "-0.50", "1E+5", "0.0000001", "10.0000000"]).map(Decimal)
)
DAYS = st.dates().map(str) | st.dates().map("{}T00:00:00Z".format)
INSTANTS = st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | st.sampled_from(
    ["2026-01-02T16:28:55Z", "2026-01-02T16:28:55.8446009Z", "2026-01-02T09:28:55-07:00"]
)
AS_SPECIFIED = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "string": TEXTS,
    "boolean": st.booleans(),
    "decimal": st.decimals(-(10**12), 10**12, places=2).flatmap(
        lambda amount: st.sampled_from([amount, str(amount)])
    ),
    "instant": INSTANTS,
    "date": DAYS,
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | INSTANTS | DAYS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
AS_SPECIFIED["json"] = ANYTHING


@st.composite
def answers(draw, values):
    """An entity and answers of its feed; `values` gives the strategy for a type's values."""
    entity = draw(st.sampled_from(FEEDS))
    bodies = [
        encode({"data": draw(records(entity, values)), "hasMore": False, "pageSize": 3})
        for _ in range(draw(st.integers(1, 3)))
    ]
    return entity, *bodies


@st.composite
def records(draw, entity, values):
    made = []
    for number in range(draw(st.integers(0, 3))):
        record = draw(st.dictionaries(TEXTS, ANYTHING, max_size=2))
        for column in draw(st.lists(st.sampled_from(entity.columns), unique=True)):
            value = draw(st.none() | values(column.type))
            if len(column.source) == 1:
                record[column.name] = value
            else:
                parent, child = column.source
                rest = draw(st.dictionaries(TEXTS, ANYTHING, max_size=2))
                record[parent] = draw(st.sampled_from([None, {}, {**rest, child: value}]))
        if entity.key != ROW_KEY:
            record[entity.key] = draw(st.just(number) | values("integer"))
        made.append(record)
    return made


def told(make, records):
    """What becomes of records: the lines, or what the first one that does not fit says."""
    try:
        return make(records)
    except RowError as error:
        return str(error).partition(", found")[0]  # an amount is told with or without quotes


def both(entity, *bodies, names=None):
    """What becomes of answers that follow one another, by the short way and by the long one."""
    shaper = Shaper(entity, names)
    typed = TypedRecords(entity, shaper)
    short = [told(typed.lines, typed.decode(body)["data"]) for body in bodies]
    return short, [told(shaper.lines, decode_json(body)["data"]) for body in bodies]


def line_of(typed, record):
    ((_, _, text),) = typed.lines([record])
    return text


NESTED = b'{"data":[{"id":1,"job":{"id":7,"name":"x"},"customer":{"id":3}}],"hasMore":false}'


@given(answers(AS_SPECIFIED.__getitem__), st.sampled_from([None, Names(b"key")]))
@example((ALL["invoices"], NESTED), None)
def test_answers_as_specified_give_the_same_lines(drawn, names):
    short, long = both(*drawn, names=names)
    assert short == long


@given(answers(lambda _: ANYTHING))
@example((ALL["jobs"], b'{"data":[{"id":1,"total":"1e999999999"}],"hasMore":false}'))
@example((ALL["jobs"], b'{"data":[{"id":1,"total":"NaN"}],"hasMore":false}'))
@example((ALL["jobs"], b'{"data":[{"id":1,"a":-0,"b":{"c":1.0}},{"id":2,"b":{"c":-0}}]}'))
@example((ALL["jobs"], b'{"data":[{"id":1,"customFields":[{"a":1.5},{"a":{"phone":1,"z":1}}]}]}'))
@example((ALL["jobs"], b'{"data":[{"id":1,"a":{"b":1.5}},{"id":2,"a":{"b":0.0000001}}]}'))
@example((ALL["jobs"], b'{"data":[{"id":1,"customFields":[{"value":"x","name":"y"}]}]}'))
@example((ALL["jobs"], b'{"data":[{"id":1,"createdOn":"2026-02-30T00:00:00Z"}]}'))
@example((ALL["invoices"], b'{"data":[{"id":1,"items":[{"b":1,"a":{"d":1,"c":2}}]}]}'))
@example((ALL["jobs"], b'{"data":[{"id":1,"a":1.5},{"id":2,"a":"1.5"},{"id":3,"a":true}]}'))
@example((ALL["invoices"], b'{"data":[{"id":1,"job":{"id":7.0,"phone":"x"},"customer":{}}]}'))
@example((ALL["jobs"], b'{"data":[{"id":9223372036854775808}],"hasMore":false}'))
@example((ALL["jobs"], b'{"data":[{"id":"7"},{"id":8.0}],"hasMore":false}'))
@example((ALL["jobs"], b'{"data":[{"id":null}],"hasMore":false}'))
@example((ALL["jobs"], b'{"data":[7, null, []],"hasMore":false}'))
@example((ALL["invoices"], b'{"data":[{"id":1,"job":7}],"hasMore":false}'))
def test_so_do_answers_as_nobody_specified_them(drawn):
    short, long = both(*drawn)
    assert short == long


@pytest.mark.parametrize("entity", FEEDS, ids=lambda entity: entity.name)
def test_the_short_way_is_taken_once_new_fields_are_known(entity):
    typed = TypedRecords(entity, Shaper(entity))
    body = b'{"data":[{"id":1,"yet another":{"a":[1.50]},"class":null}],"hasMore":false}'
    if entity.key == ROW_KEY:
        body = body.replace(b'"id":1,', b"")
    for _ in range(2):
        (record,) = typed.decode(body)["data"]
        assert isinstance(record, msgspec.Struct)
        assert plain(line_of(typed, record))["_extra_fields"] == (
            '{"class":null,"yet another":{"a":[1.50]}}'
        )


def test_records_of_an_answer_that_came_before_new_fields_keep_theirs():
    typed = TypedRecords(ALL["jobs"], Shaper(ALL["jobs"]))
    (before,) = typed.decode(b'{"data":[{"id":1,"b":2}],"hasMore":true}')["data"]
    (after,) = typed.decode(b'{"data":[{"id":2,"a":1,"b":2}],"hasMore":true}')["data"]
    assert plain(line_of(typed, before)) == {"id": 1, "_extra_fields": '{"b":2}'}
    assert plain(line_of(typed, after)) == {"id": 2, "_extra_fields": '{"a":1,"b":2}'}


def test_ever_new_fields_go_the_long_way_and_none_is_lost():
    typed = TypedRecords(ALL["jobs"], Shaper(ALL["jobs"]))
    for number in range(400):
        body = b'{"data":[{"id":1,"field%d":true}],"hasMore":false}' % number
        (record,) = typed.decode(body)["data"]
        assert f'{{"field{number}":true}}' in plain(line_of(typed, record))["_extra_fields"]
    assert isinstance(record, dict)


@pytest.mark.parametrize("body", [b"", b'{"data":[{"id":1', b"<html>", b"[1]", b"null", b"{}"])
def test_what_is_no_answer_is_left_to_the_walk(body):
    typed = TypedRecords(ALL["jobs"], Shaper(ALL["jobs"]))
    try:
        expected = decode_json(body)
    except msgspec.DecodeError:
        with pytest.raises(msgspec.DecodeError):
            typed.decode(body)
    else:
        assert typed.decode(body) == expected
