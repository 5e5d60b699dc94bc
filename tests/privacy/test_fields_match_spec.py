"""Every text field of ServiceTitan's OpenAPI files is left out or named here as harmless: a field
that comes with the next version of the files must be judged by somebody."""

import pytest

from extract.entities import _entity
from extract.errors import SettingsError
from extract.privacy import is_contact
from tests.extract.test_entities_match_spec import ENTITIES, FILES, record, resolve

# What these hold: codes, numbers, amounts, names, kinds, and the place without its street.
KEPT = set(
    """
    accountCode activity activityCode appliedAmount appliedBy appliedToReferenceNumber
    appointmentNumber authCode balance billAmount businessUnit businessUnitName checkNumber city
    class code commissionEligibilityDate conceptCode corporateContractNumber cost country createdBy
    currency customerName detailType discountTotal displayName employeePayrollId exportId firstName
    franchiseId generalLedgerAccountName importId inventoryLocation inventoryStatus invoiceNumber
    itemGroupName jobNumber jobStatus jobTypeName key laborTypeCode lastName locationName
    materialSku medium memberPrice name number officialName otherMedium otherSource
    payoutBusinessUnitName payrollId price priority projectNumber proposalTagName quantity
    quickbooksClass referenceNumber salesTax serialNumber serialNumbers shiftEnd shiftStart
    shippingAmount skills skuAccount skuCode skuName skuType source state status subTotal subtype
    syncStatus taxAmount taxZoneName team termName total totalCost type typeId unappliedAmount unit
    vendorDocumentNumber vendorNumber vendorPartNumber zoneName
    """.split()  # noqa: SIM905
)
LEFT_OUT = set(
    """
    aadUserId acknowledgementParagraph authorizationParagraph bio campaignPhoneNumbers customerPo
    description email invoiceHeader invoiceMessage locationAddress locationZip loginName memo
    mobilePhone outboundCallerId phoneNumber shipToDescription specialInstructions street
    streetAddress summary url zip
    """.split()  # noqa: SIM905
)
# Of {name, value} that a tenant makes up: left out by where it stands, see test_screen.py.
BY_PLACE = {"value"}


def texts(spec, schema, depth=0):
    """The names of all fields of a record, nested ones included, that hold text."""
    for name, field in schema.get("properties", {}).items():
        found = resolve(spec, field)
        inner = resolve(spec, found["items"]) if found.get("type") == "array" else found
        if "properties" in inner:
            if depth < 6:
                yield from texts(spec, inner, depth + 1)
        elif inner.get("type") == "string" and inner.get("format") != "date-time":
            if "enum" in inner:
                continue
            yield name


@pytest.mark.skipif(not FILES, reason="the OpenAPI files do not lie in ../shared")
def test_every_text_field_is_judged():
    found = {name for entity in ENTITIES for name in texts(*record(entity))}
    assert {name for name in found if is_contact(name)} == LEFT_OUT
    assert found - LEFT_OUT - BY_PLACE - KEPT == set()
    assert found >= LEFT_OUT | BY_PLACE


@pytest.mark.parametrize("name", sorted(KEPT))
def test_what_is_harmless_is_kept(name):
    assert not is_contact(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Customer Phone #",
            "E-Mail",
            "e-mail address",
            "Cell",
            "ZIP Code",
            "customer_phone",
            "FAX",
        ),
        *(
            "Location Address",
            "Street",
            "Job Notes",
            "PHONE",
            "mobileNumber",
            "SMSNumber",
            "Job Memo",
        ),
    ],
)
def test_unknown_fields_and_headers_are_judged_by_their_words(name):
    assert is_contact(name)


@pytest.mark.parametrize(
    "name", ["Cancelled", "Excellent", "Denoted", "Zipline", "Total", "Notional", "homeUnitId"]
)
def test_words_within_words_are_none(name):
    assert not is_contact(name)


def entity(columns):
    block = {"path": "p", "scope": "s", "feed": "export", "key": "id"}
    return _entity("t.yml", "things", {**block, "columns": {"id": "integer", **columns}})


def test_a_contact_column_is_no_column_of_the_table():
    made = entity({"memo": {"type": "string", "personal": "contact"}, "name": "string"})
    assert list(made.row_types) == ["id", "name", "_extra_fields"]


@pytest.mark.parametrize(
    ("column", "fault"),
    [
        ({"memo": "string"}, "column memo: `personal: contact` and .* must agree"),
        ({"street": {"from": "address.street", "type": "string"}}, "column street: .* agree"),
        ({"x": {"type": "string", "personal": "contact"}}, "column x: .* must agree"),
        ({"x": {"type": "string", "personal": "yes"}}, "`personal` is none of name, contact"),
        ({"x": {"type": "json", "personal": "name"}}, "column x: only text is personal"),
    ],
)
def test_a_column_that_cannot_be_is_refused(column, fault):
    with pytest.raises(SettingsError, match=f"t.yml, entity things: .*{fault}"):
        entity(column)
