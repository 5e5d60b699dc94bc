"""What a faulty record or cell says of itself: where it is, and nothing personal."""

import pytest

from extract import entities
from extract.errors import RowError
from extract.privacy import Names, shown
from extract.rows import Shaper
from simulator import build_tenant
from tests.privacy.planted import EMAIL, FIELDS, MEMO, NAME, PHONE, STREET, planted, traces_in

ALL = entities.load()
WORD = NAME.split()[0]


@pytest.fixture(scope="module")
def tenant():
    return build_tenant(size="cases", weeks=6)


@pytest.mark.parametrize("hashing", [False, True], ids=["names kept", "names hashed"])
@pytest.mark.parametrize("entity", ALL.values(), ids=list(ALL))
def test_a_faulty_record_says_nothing_personal(tenant, entity, hashing):
    """One field after the other holds what does not fit, in a record full of personal data."""
    record = planted(entity.name, tenant.records()[entity.name][0])
    shaper = Shaper(entity, Names(b"k" * 16) if hashing else None)
    faults = [FIELDS, [FIELDS], [PHONE], STREET, EMAIL, PHONE, MEMO] + [NAME, WORD] * hashing
    broken = [record | {column.source[0]: f} for column in entity.columns for f in faults]
    said = []
    for one in [*broken, {**record, "id": None, "modifiedOn": EMAIL}, *faults]:
        try:
            shaper.row(one)
        except RowError as error:
            said.append(str(error))
    assert len(said) > 3 * len(entity.columns)
    assert all(text.startswith(entity.name) for text in said)
    assert traces_in("\n".join(said), names=hashing) == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (9, "9"),
        (None, "null"),
        (True, "true"),
        ("1.0000000001", '"1.0000000001"'),
        ("2026-13-01T00:00:00Z", '"2026-13-01T00:00:00Z"'),
        ("soon", '"soon"'),
        ("", '""'),
        ("two words", "a text of 9 characters"),
        (PHONE, "a text of 12 characters"),
        (EMAIL, f"a text of {len(EMAIL)} characters"),
        ({"a": 1}, "an object"),
        ([1], "a list"),
    ],
)
def test_a_value_is_shown_where_it_tells_of_nobody(value, said):
    assert shown(value) == said


def test_with_hashed_names_no_word_is_shown():
    assert shown("Ann", strict=True) == "a text of 3 characters"
    assert shown("12.5", strict=True) == '"12.5"'
