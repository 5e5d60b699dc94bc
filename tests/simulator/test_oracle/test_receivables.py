"""dollars_collected and outstanding_ar."""

from decimal import Decimal

import pytest

from simulator import oracle

from .tiny import (
    AS_OF,
    MYSTERY,
    PRODUCTION,
    SALES,
    TUCSON_PRODUCTION,
    invoice,
    location,
    oct_,
    payment,
    rows,
    tenant,
)

PHOENIX, TUCSON = "Phoenix-Production", "Tucson-Production"

# dollars_collected


def collected(*payments, invoices=()) -> dict:
    """What is collected, per day and unit, where it is not 0."""
    records = tenant(payments=list(payments), invoices=list(invoices))
    return {
        place: row["dollars_collected"]
        for place, row in rows(records).items()
        if row["dollars_collected"]
    }


def test_an_application_is_collected_on_the_invoices_unit_by_payment_date():
    invoices = [invoice(1, unit=PRODUCTION), invoice(2, unit=TUCSON_PRODUCTION)]
    found = collected(payment(applied={1: "60", 2: "40"}), invoices=invoices)
    assert found == {(oct_(23), PHOENIX): 60, (oct_(23), TUCSON): 40}


def test_the_date_applied_is_not_the_date_collected():
    paid = payment(applied={1: "100"})
    paid["appliedTo"][0]["appliedOn"] = "2025-10-30T19:00:00Z"
    assert collected(paid, invoices=[invoice()]) == {(oct_(23), PHOENIX): 100}


def test_the_rest_is_collected_on_the_payments_unit():
    found = collected(payment(applied={1: "60"}), invoices=[invoice()])
    assert found == {(oct_(23), PHOENIX): 60, (oct_(23), "Phoenix-Sales"): 40}


def test_the_rest_can_be_negative():
    found = collected(payment(applied={1: "130"}), invoices=[invoice()])
    assert found == {(oct_(23), PHOENIX): 130, (oct_(23), "Phoenix-Sales"): -30}


@pytest.mark.parametrize("applied_to", [{2: "60"}, {777: "60"}, {0: "60"}, {}])
def test_applications_to_inactive_or_unknown_invoices_belong_to_the_rest(applied_to):
    found = collected(payment(applied=applied_to), invoices=[invoice(2, active=False)])
    assert found == {(oct_(23), "Phoenix-Sales"): 100}


def test_a_payment_without_applications_is_all_rest():
    assert collected(payment(appliedTo=None)) == {(oct_(23), "Phoenix-Sales"): 100}


def test_refunds_stay_negative():
    found = collected(payment(1, "-50", {1: "-50"}), invoices=[invoice()])
    assert found == {(oct_(23), PHOENIX): -50}


def test_an_inactive_payment_and_one_without_date_are_not_collected():
    assert collected(payment(1, active=False), payment(2, day=None)) == {}


def test_an_application_counts_though_its_invoice_has_no_date():
    found = collected(payment(applied={1: "100"}), invoices=[invoice(day=None)])
    assert found == {(oct_(23), PHOENIX): 100}


@pytest.mark.parametrize("unit", [None, 0, 777])
def test_an_invoice_without_unit_does_not_fall_back_to_the_payments(unit):
    found = collected(payment(applied={1: "100"}), invoices=[invoice(unit=unit)])
    assert found == {(oct_(23), "(no business unit)"): 100}


def test_units_add_up_to_the_payments():
    payments = [
        payment(1, "12.345", {1: "2.3", 2: "20", 777: "5"}),
        payment(2, "-7", {2: "-9"}, unit=MYSTERY),
    ]
    found = collected(*payments, invoices=[invoice(1), invoice(2, unit=TUCSON_PRODUCTION)])
    assert sum(found.values()) == Decimal("5.345")


# outstanding_ar


def outstanding(records, unit=PHOENIX, **options) -> list[tuple]:
    """The balance of a unit as (first day, balance) wherever it changes, from its first row on."""
    found, before = [], None
    for (day, name), row in rows(records, **options).items():
        if name == unit and row["outstanding_ar"] != before:
            before = row["outstanding_ar"]
            found.append((day.day, before))
    return found


def test_an_invoice_is_outstanding_from_its_date_until_it_is_paid():
    records = tenant(invoices=[invoice()], payments=[payment(applied={1: "100"})])
    assert outstanding(records) == [(22, 100), (23, 0)]


def test_outstanding_is_the_total_not_the_subtotal_nor_todays_balance():
    records = tenant(invoices=[invoice(subTotal="90", total="100.5", balance="0")])
    assert outstanding(records) == [(22, Decimal("100.5"))]


def test_lines_below_the_threshold_are_left_out():
    at_threshold = invoice(1, "10", location=10)
    below = invoice(2, "9.99", location=11)
    credit = invoice(3, "-500", location=12)
    records = tenant(invoices=[at_threshold, below, credit])
    assert outstanding(records) == [(22, 10)]
    assert outstanding(records, ar_threshold=Decimal("9.99")) == [(22, Decimal("19.99"))]


def test_invoices_of_one_location_are_one_line_also_of_two_customers():
    invoices = [
        invoice(1, "100", customer=1, location=10),
        invoice(2, "-95", customer=2, location=10, day=oct_(24)),
    ]
    assert outstanding(tenant(invoices=invoices)) == [(22, 100), (24, 0)]


def test_a_line_is_netted_per_unit():
    invoices = [
        invoice(1, "100", unit=PRODUCTION, location=10),
        invoice(2, "-95", unit=TUCSON_PRODUCTION, location=10),
    ]
    records = tenant(invoices=invoices)
    assert outstanding(records) == [(22, 100)]
    assert outstanding(records, TUCSON) == [(22, 0)]
    company = oracle.company_weekly_kpis(records, as_of=oct_(22))
    assert [row["outstanding_ar"] for row in company] == [100]


def test_inactive_and_undated_invoices_are_not_outstanding():
    records = tenant(invoices=[invoice(1), invoice(2, active=False), invoice(3, day=None)])
    assert outstanding(records) == [(22, 100)]


def test_an_application_counts_from_the_later_of_payment_and_invoice_date():
    early = payment(applied={1: "30"}, day=oct_(20), total="30")
    late = payment(2, applied={1: "30"}, day=oct_(24), total="30")
    records = tenant(invoices=[invoice()], payments=[early, late])
    assert outstanding(records) == [(20, 0), (22, 70), (24, 40)]


def test_an_application_to_an_undated_invoice_does_not_lower_its_line():
    records = tenant(
        invoices=[invoice(1), invoice(2, day=None)], payments=[payment(applied={2: "100"})]
    )
    assert outstanding(records) == [(22, 100)]


def test_inactive_and_undated_payments_do_not_pay():
    payments = [
        payment(1, applied={1: "20"}, active=False),
        payment(2, applied={1: "30"}, day=None),
    ]
    assert outstanding(tenant(invoices=[invoice()], payments=payments)) == [(22, 100)]


def test_a_rest_lowers_the_line_of_the_customers_only_location_on_the_payments_unit():
    records = tenant(
        invoices=[invoice()],
        locations=[location(10, 1, active=False)],
        payments=[payment(1, "30", unit=PRODUCTION), payment(2, "30", unit=SALES)],
    )
    assert outstanding(records) == [(22, 100), (23, 70)]
    assert outstanding(records, "Phoenix-Sales") == [(23, 0)]


def test_a_rest_of_a_customer_with_two_locations_is_on_a_line_of_the_customers_own():
    records = tenant(
        invoices=[
            invoice(1, location=10),
            invoice(2, "50", location=None),
            invoice(3, "5", location=None, customer=2),
        ],
        locations=[location(10, 1), location(11, 1)],
        payments=[payment(1, "30", unit=PRODUCTION)],
    )
    assert outstanding(records) == [(22, 150), (23, 120)]


def test_a_rest_of_a_customer_without_a_landed_location_is_on_a_line_of_its_own():
    records = tenant(invoices=[invoice()], payments=[payment(1, "30", unit=PRODUCTION)])
    assert outstanding(records) == [(22, 100)]


@pytest.mark.parametrize("none", [None, 0])
def test_an_invoice_without_location_is_on_the_customers_only_one(none):
    invoices = [invoice(1, "8", location=10), invoice(2, "8", location=none)]
    records = tenant(invoices=invoices, locations=[location(10, 1)])
    assert outstanding(records) == [(22, 16)]


@pytest.mark.parametrize("nobody", [None, 0])
def test_where_neither_location_nor_customer_is_known_there_is_one_line(nobody):
    invoices = [invoice(n, "8", location=None, customer=nobody) for n in (1, 2)]
    assert outstanding(tenant(invoices=invoices)) == [(22, 16)]


def test_customers_without_location_have_a_line_each():
    invoices = [invoice(n, "8", location=None, customer=n) for n in (1, 2)]
    assert outstanding(tenant(invoices=invoices)) == [(22, 0)]


@pytest.mark.parametrize("name", ["Name", "NAME", " name\u00a0"])
def test_locations_named_name_are_left_out_with_their_payments_and_rests(name):
    records = tenant(
        invoices=[invoice(1), invoice(2, location=None), invoice(3, location=11)],
        locations=[location(10, 1, name=name), location(11, 2)],
        payments=[payment(1, "130", {1: "30"}, unit=PRODUCTION)],
    )
    assert outstanding(records) == [(22, 100)]


def test_a_location_that_is_not_landed_still_is_a_line_of_its_own():
    invoices = [invoice(1, "8", location=777), invoice(2, "8", location=778)]
    assert outstanding(tenant(invoices=invoices)) == [(22, 0)]


def test_outstanding_in_the_running_week_is_that_of_the_as_of_day():
    records = tenant(
        invoices=[invoice()], payments=[payment(applied={1: "30"}, day=oct_(30), total="30")]
    )
    weekly = oracle.weekly_kpis(records, as_of=oct_(29))
    assert [(row["event_date"], row["outstanding_ar"]) for row in weekly] == [
        (oct_(20), 100),
        (oct_(27), 100),
    ]
    assert oracle.weekly_kpis(records, as_of=AS_OF)[1]["outstanding_ar"] == 70
