"""What is taken out of the JSON of a record, and what is not."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.privacy import Names, Screen, looks_like_contact
from extract.privacy_reports import Columns

NAMES = Names(b"k" * 16)
ANN = NAMES.hashed("Ann")
encode = msgspec.json.encode


def screened(value, field="_extra_fields", names=None):
    return json.loads(Screen(names).text(field, value, encode))


def test_what_is_personal_goes_at_every_depth_and_the_rest_stays():
    record = {"a": [{"b": {"phone": 1, "id": 2}}, 3, [{"memo": "x"}]], "city": "Tempe", "n": None}
    assert screened(record) == {"a": [{"b": {"id": 2}}, 3, [{}]], "city": "Tempe", "n": None}


def test_the_values_of_made_up_fields_go_and_other_values_stay():
    made_up = [{"typeId": 8, "name": "Gate", "value": 4711}]
    left = [{"typeId": 8, "name": "Gate"}]
    assert screened(made_up, "customFields") == left
    assert screened({"externalData": made_up}) == {"externalData": left}
    assert screened({"status": {"value": 1}}) == {"status": {"value": 1}}


def test_a_screen_that_has_seen_a_shape_judges_the_next_object_anew():
    screen = Screen()
    for phone, name in (("1", "a"), ("2", "b")):
        found = screen.text("x", {"phone": phone, "name": name, "n": {"fax": phone}}, encode)
        assert json.loads(found) == {"name": name, "n": {}}
    for number in range(3_000):
        assert json.loads(screen.text("x", {f"f{number}": 1, "fax": 2}, encode)) == {
            f"f{number}": 1
        }


@given(st.lists(st.sampled_from(["", "Tempe", "12 x", "a@b.cd", "602-555-0148", "12 Main St"])))
def test_many_texts_are_judged_as_each_of_them_is(values):
    encoded = list(map(encode, values))
    one_by_one = [Screen().text("x", value, encode) for value in values]
    assert Screen().texts("x", encoded, encode) == one_by_one


@pytest.mark.parametrize(
    "text",
    [
        *("602-555-0148", "(602) 555-0148", "602.555.0148", "602 555 0148", "+1 602 555 0148"),
        *("6025550148", "16025550148", "+16025550148", "+442079460958", "call 602-555-0148 now"),
        *(
            "a@b.cd",
            "Write to ann.o'hara+x@mail.example.com!",
            "12 Main St",
            "4711 N Long Lane, Tempe",
        ),
        *("100 Sample Street 7", "1 E. Camelback Rd", "12 main street"),
    ],
)
def test_texts_that_tell_of_someone(text):
    assert looks_like_contact(text)
    assert screened({"x": text, "y": [text, 1], "z": 1}) == {"y": [1], "z": 1}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-01-02T16:28:55.844Z",
            "2026-01-02",
            "1234.50",
            "20000041",
            "PO-2025-1234",
            "12:30:00",
        ),
        *(
            "Interior 2 coats",
            "5 gal. bucket",
            "@home",
            "9 a.m.",
            "SKU 12-345-6789",
            "12345678901234",
        ),
        *("3 story building", "1e5", "", "0000000000"),
    ],
)
def test_texts_that_tell_of_nobody(text):
    assert not looks_like_contact(text)
    assert screened({"x": text}) == {"x": text}


def test_a_long_text_takes_no_long_time():
    for text in (
        "@" * 200_000,
        "1 " * 100_000,
        "a" * 200_000 + "@",
        "1 a" + " a" * 100_000,
        "+1" * 99_999,
    ):
        assert len(Screen().text("x", {"x": text}, encode)) < 300_000


def test_hashed_names_are_found_by_their_fields_and_other_texts_must_be_known():
    record = {
        "customer": {"id": 1, "name": " ANN ", "type": "Residential"},
        "createdBy": "ann",
        "businessUnit": {"name": "Phoenix-Sales"},
        "crew": ["Ann"],
        "names": ["Ann", "Ann"],
        "skuName": "Primer",
        "on": "2026-01-02T16:28:55.844Z",
        "amount": "12.50",
        "is": True,
        "flag": None,
    }
    assert screened(record, names=NAMES) == {
        "customer": {"id": 1, "name": ANN, "type": "Residential"},
        "createdBy": ANN,
        "businessUnit": {"name": "Phoenix-Sales"},
        "crew": [],
        "names": [ANN, ANN],
        "skuName": "Primer",
        "on": "2026-01-02T16:28:55.844Z",
        "amount": "12.50",
        "is": True,
        "flag": None,
    }
    assert screened(record) == record


LABELS = {"No": "Job #", "Who": "Customer Name", "Tech": "Technician", "P": "Phone", "N": "Age"}
ROW = {"No": "101", "Who": "Ann", "Tech": "Ann", "P": "1", "N": 5}
ROLES = {"No": "job_number", "Who": "customer_name"}
SAID = {"job_number": "101", "customer_name": "Ann", "event_date": None}


def test_the_cells_of_a_report():
    columns = Columns(LABELS, ROLES, None)
    assert columns.cells(ROW) == {"No": "101", "Who": "Ann", "Tech": "Ann", "N": 5}
    assert columns.roles(SAID) == SAID
    hashing = Columns(LABELS, ROLES, NAMES)
    assert hashing.cells(ROW) == {"No": "101", "Who": ANN, "Tech": ANN, "N": 5}
    assert hashing.roles(SAID) == SAID | {"customer_name": ANN}


def test_a_role_that_is_filled_from_a_contact_column_says_nothing():
    columns = Columns({"LocationAddress": "Where"}, {"LocationAddress": "location_name"}, None)
    assert columns.cells({"LocationAddress": "x"}) == {}
    assert columns.roles({"location_name": "x"}) == {"location_name": None}
