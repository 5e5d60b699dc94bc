"""Job start, job cost; dollars_produced, gpm_percent, warranty_percent, future_bookings."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from simulator import oracle
from simulator.office import RULES, ListRule

from .tiny import (
    AS_OF,
    INSPECTION,
    MYSTERY,
    SALES,
    UNLISTED,
    WARRANTY,
    appointment,
    invoice,
    noon,
    oct_,
    production_job,
    rows,
    series,
    tenant,
)


def shop(jobs=None, appointments=None, invoices=None, **entities):
    """One production job that starts on 22 October with an invoice of $100, unless told."""
    return tenant(
        jobs=[production_job()] if jobs is None else jobs,
        appointments=[appointment()] if appointments is None else appointments,
        invoices=[invoice()] if invoices is None else invoices,
        **entities,
    )


def produced(**entities):
    return series(shop(**entities), "dollars_produced")


# Job start


def test_the_job_starts_with_its_first_appointment_even_if_another_is_earlier():
    appointments = [appointment(1, oct_(21)), appointment(2, oct_(24))]
    jobs = [production_job(firstAppointmentId=2)]
    assert produced(jobs=jobs, appointments=appointments) == {oct_(24): 100}


@pytest.mark.parametrize("fate", [{"active": False}, {"unused": True}, {"start": None}])
def test_where_the_first_appointment_does_not_stand_the_earliest_that_does_counts(fate):
    appointments = [
        appointment(1, oct_(21)) | fate,
        appointment(2, oct_(24)),
        appointment(3, oct_(23)),
    ]
    jobs = [production_job(firstAppointmentId=1)]
    assert produced(jobs=jobs, appointments=appointments) == {oct_(23): 100}


@pytest.mark.parametrize("first", [0, None, 777])
def test_where_no_landed_appointment_is_named_the_earliest_counts(first):
    appointments = [appointment(1, oct_(24)), appointment(2, oct_(23))]
    jobs = [production_job(firstAppointmentId=first)]
    assert produced(jobs=jobs, appointments=appointments) == {oct_(23): 100}


def test_the_first_appointment_counts_by_its_id_whatever_its_job():
    jobs = [production_job(firstAppointmentId=1)]
    appointments = [appointment(1, oct_(21), jobId=777), appointment(2, oct_(20))]
    assert produced(jobs=jobs, appointments=appointments) == {oct_(21): 100}


def test_the_earliest_appointment_is_the_earliest_instant_however_it_is_spelt():
    appointments = [
        appointment(1, start="2025-10-22T05:00:00-07:00"),
        appointment(2, start="2025-10-22T06:59:59.1234567Z"),
    ]
    assert produced(appointments=appointments) == {oct_(21): 100}


def test_a_job_without_an_appointment_is_in_no_start_dated_kpi():
    assert rows(shop(jobs=[production_job(invoiceId=1)], appointments=[], invoices=[])) == {}


# dollars_produced


def test_produced_is_the_subtotal_of_all_active_invoices_whatever_their_date():
    invoices = [
        invoice(1, "100", total="108"),
        invoice(2, "-30.50", day=oct_(31), adjustmentToId=1),
        invoice(3, "5", day=None),
        invoice(4, "1000", active=False),
        invoice(5, None),
    ]
    assert produced(invoices=invoices) == {oct_(22): Decimal("74.50")}


@pytest.mark.parametrize("status", ["Scheduled", "InProgress", "Hold", "Canceled", None])
def test_produced_has_all_job_statuses(status):
    assert produced(jobs=[production_job(jobStatus=status)]) == {oct_(22): 100}


def test_produced_stands_under_the_jobs_unit_not_the_invoices():
    assert produced(invoices=[invoice(unit=MYSTERY)]) == {oct_(22): 100}


def test_the_excluded_list_is_left_out_of_produced_margin_and_bookings():
    jobs = [production_job(1, jobTypeId=INSPECTION), production_job(2)]
    records = shop(
        jobs=jobs,
        appointments=[appointment(1), appointment(2, jobId=2)],
        invoices=[invoice(1, "100", job=1), invoice(2, "7", job=2)],
        purchase_orders=[order(total=Decimal(50))],
    )
    row = rows(records)[oct_(22), "Phoenix-Production"]
    assert (row["dollars_produced"], row["gpm_percent"], row["future_bookings"]) == (7, 100.0, 7)


def test_a_type_without_a_row_is_in_no_list_and_its_money_counts():
    assert produced(jobs=[production_job(jobTypeId=UNLISTED)]) == {oct_(22): 100}


def test_jobs_of_a_sales_unit_are_in_no_production_kpi():
    jobs = [production_job(1, businessUnitId=SALES), production_job(2, businessUnitId=SALES)]
    jobs[1]["jobTypeId"] = WARRANTY
    appointments = [appointment(1), appointment(2, jobId=2)]
    ledger = oracle.ledger(shop(jobs=jobs, appointments=appointments), as_of=AS_OF)
    for kpi in ("dollars_produced", "gpm_percent", "warranty_percent"):
        assert ledger.counted[kpi] == []
    assert ledger.standing["future_bookings"] == []


# Job cost


def order(identifier=1, **fields):
    return {"id": identifier, "jobId": 1, "status": "Received", "total": Decimal(10)} | fields


def pay(**fields):
    return {"jobId": 1, "invoiceId": None, "amount": Decimal(10)} | fields


def bill(**fields):
    return {"id": 1, "jobId": 1, "purchaseOrderId": None, "billAmount": "10", "active": True} | (
        fields
    )


def sent_back(**fields):
    return {
        "id": 1,
        "jobId": 1,
        "purchaseOrderId": None,
        "returnAmount": Decimal(10),
        "status": "Returned",
        "dateCanceled": None,
        "active": True,
    } | fields


def item(kind, **fields):
    return {"type": kind, "cost": "1", "totalCost": "10"} | fields


def cost(**entities) -> Decimal:
    """The cost of job 1, whose subtotal is 100: so many percent are missing from its margin."""
    row = rows(shop(**entities))[oct_(22), "Phoenix-Production"]
    return 100 - Decimal(str(row["gpm_percent"]))


def test_labor_is_the_amount_and_its_adjustment():
    items = [pay(amountAdjustment=Decimal("-2.5")), pay(amountAdjustment=None)]
    assert cost(gross_pay_items=items) == Decimal("17.5")


def test_equal_pay_items_are_all_real():
    assert cost(gross_pay_items=[pay(), pay(), pay()]) == 30


@pytest.mark.parametrize("nothing", [0, None])
def test_pay_without_a_job_goes_through_its_invoice(nothing):
    assert cost(gross_pay_items=[pay(jobId=nothing, invoiceId=1)]) == 10


def test_pay_that_names_a_job_stays_there():
    assert cost(gross_pay_items=[pay(jobId=777, invoiceId=1)]) == 0


def test_an_inactive_invoice_is_no_link():
    invoices = [invoice(1), invoice(2, active=False)]
    assert cost(invoices=invoices, gross_pay_items=[pay(jobId=0, invoiceId=2)]) == 0


@pytest.mark.parametrize("status", ["Pending", "Sent", "Received", "Exported", None])
def test_purchase_orders_cost_their_total_in_every_status(status):
    orders = [order(status=status, tax=Decimal(3), shipping=Decimal(4))]
    assert cost(purchase_orders=orders) == 10


def test_a_canceled_purchase_order_costs_nothing():
    assert cost(purchase_orders=[order(status="Canceled")]) == 0


def test_materials_and_equipment_of_active_invoices_cost_their_total_cost():
    kinds = ["Material", "Equipment", "Service", "PriceModifier", "Unspecified"]
    invoices = [
        invoice(1, items=[item(kind) for kind in kinds]),
        invoice(2, "0", items=[item("Material", totalCost=amount) for amount in ("1.25", None)]),
        invoice(3, "0", items=None),
        invoice(4, items=[item("Material")], active=False),
    ]
    assert cost(invoices=invoices) == Decimal("21.25")


@pytest.mark.parametrize("none", [0, None])
def test_a_bill_that_bills_no_purchase_order_costs_its_amount(none):
    assert cost(inventory_bills=[bill(purchaseOrderId=none, taxAmount="5")]) == 10


def test_a_bill_of_a_purchase_order_or_an_inactive_one_costs_nothing():
    bills = [bill(purchaseOrderId=777), bill(active=False)]
    assert cost(inventory_bills=bills) == 0


def test_returns_are_subtracted():
    assert cost(returns=[sent_back(taxAmount=Decimal(1), shippingAmount=Decimal(1))]) == -10


@pytest.mark.parametrize(
    "fate",
    [{"status": "Canceled"}, {"dateCanceled": "2025-10-22T19:00:00Z"}, {"active": False}],
)
def test_canceled_and_inactive_returns_are_none(fate):
    assert cost(returns=[sent_back(**fate)]) == 0


@pytest.mark.parametrize("nothing", [0, None])
def test_a_return_without_a_job_goes_through_its_order_whatever_its_status(nothing):
    back = sent_back(jobId=nothing, purchaseOrderId=1)
    assert cost(purchase_orders=[order(status="Canceled")], returns=[back]) == -10


def test_a_return_that_names_a_job_stays_there():
    back = sent_back(jobId=777, purchaseOrderId=1)
    assert cost(purchase_orders=[order(status="Canceled")], returns=[back]) == 0


# gpm_percent and warranty_percent


def two_jobs(**second_job):
    """Job 1: subtotal 100, cost 40. Job 2: subtotal 300, cost 60."""
    return shop(
        jobs=[production_job(1), production_job(2, **second_job)],
        appointments=[appointment(1), appointment(2, jobId=2)],
        invoices=[invoice(1, "100", job=1), invoice(2, "300", job=2)],
        purchase_orders=[order(1, total=Decimal(40)), order(2, jobId=2, total=Decimal(60))],
    )


def test_the_margin_is_weighted_never_averaged():
    assert series(two_jobs(), "gpm_percent") == {oct_(22): 75.0}


def test_jobs_without_revenue_lower_the_margin():
    records = two_jobs()
    records["invoices"] = [invoice(1, "100", job=1)]
    assert rows(records)[oct_(22), "Phoenix-Production"]["gpm_percent"] == 0.0


def test_cost_without_any_revenue_has_no_margin():
    records = shop(invoices=[], purchase_orders=[order()])
    assert rows(records)[oct_(22), "Phoenix-Production"]["gpm_percent"] is None


def test_warranty_is_the_cost_of_warranty_jobs_over_all_produced():
    records = two_jobs(jobTypeId=WARRANTY)
    assert series(records, "warranty_percent") == {oct_(22): 15.0}


def test_what_is_left_out_of_produced_stays_in_the_warranty_numerator():
    rules = replace(
        RULES,
        list_rules=(
            ListRule("warranty_percent", "warranty", "only"),
            ListRule("dollars_produced", "warranty", "without"),
        ),
    )
    records = two_jobs(jobTypeId=WARRANTY)
    assert series(records, "warranty_percent", rules=rules) == {oct_(22): 60.0}


def test_warranty_cost_without_produced_dollars_has_no_percentage():
    records = shop(
        jobs=[production_job(jobTypeId=WARRANTY)], invoices=[], purchase_orders=[order()]
    )
    assert rows(records)[oct_(22), "Phoenix-Production"]["warranty_percent"] is None


# future_bookings


def booked_days(records, **options):
    """First and last day on which the one job of $100 is booked."""
    found = series(records, "future_bookings", **options)
    assert set(found.values()) <= {Decimal(100)}
    assert len(found) == (max(found) - min(found)).days + 1 if found else True
    return (min(found), max(found)) if found else None


def test_a_job_is_booked_from_its_creation_to_the_sunday_of_its_start():
    assert booked_days(shop()) == (oct_(20), oct_(26))


def test_a_job_created_after_its_start_is_booked_until_that_sunday():
    jobs = [production_job(createdOn=noon(oct_(24)))]
    assert booked_days(shop(jobs=jobs)) == (oct_(24), oct_(26))


@pytest.mark.parametrize("created", [oct_(27), oct_(30)])
def test_a_job_created_after_the_week_of_its_start_is_never_booked(created):
    jobs = [production_job(createdOn=noon(created))]
    assert booked_days(shop(jobs=jobs)) is None


@pytest.mark.parametrize(
    ("start", "first"),
    [
        (date(2026, 10, 20), oct_(20)),  # one year after Monday 20 October 2025
        (date(2026, 10, 21), oct_(27)),  # a day more: the next Monday's year
    ],
)
def test_a_job_is_booked_from_the_week_whose_monday_is_a_year_before(start, first):
    jobs = [production_job(createdOn=noon(oct_(1)))]
    records = shop(jobs=jobs, appointments=[appointment(day=start)])
    assert booked_days(records) == (first, AS_OF)


@pytest.mark.parametrize(
    ("start", "first"),
    [(date(2025, 2, 28), date(2024, 2, 28)), (date(2025, 3, 1), date(2024, 3, 1))],
)
def test_a_year_after_29_february_is_28_february(start, first):
    jobs = [production_job(createdOn=noon(date(2024, 2, 1)))]
    records = shop(jobs=jobs, appointments=[appointment(day=start)], invoices=[invoice()])
    found = booked_days(records, future_bookings_from="day", as_of=date(2025, 3, 5))
    assert found == (first, start)


def test_bookings_can_count_from_the_day_itself():
    jobs = [production_job(createdOn=noon(oct_(1)))]
    assert booked_days(shop(jobs=jobs), future_bookings_from="day") == (oct_(1), oct_(22))
    later = shop(jobs=jobs, appointments=[appointment(day=date(2026, 10, 21))])
    assert booked_days(later, future_bookings_from="day") == (oct_(21), AS_OF)


def test_a_canceled_job_is_not_booked():
    assert booked_days(shop(jobs=[production_job(jobStatus="Canceled")])) is None


def test_bookings_sum_each_job_once_with_all_its_invoices():
    invoices = [invoice(1, "70"), invoice(2, "40", day=oct_(30)), invoice(3, "9", active=False)]
    appointments = [appointment(1), appointment(2), appointment(3, oct_(24))]
    found = series(shop(invoices=invoices, appointments=appointments), "future_bookings")
    assert set(found.values()) == {110}


def test_a_job_without_creation_is_not_booked():
    assert booked_days(shop(jobs=[production_job(createdOn=None)])) is None


def test_bookings_of_a_week_are_those_of_its_last_day():
    records = shop(jobs=[production_job(createdOn=noon(oct_(24)))])
    weekly = oracle.weekly_kpis(records, as_of=AS_OF)
    assert [(row["event_date"], row["future_bookings"]) for row in weekly] == [
        (oct_(20), 100),
        (oct_(27), 0),
        (oct_(27) + timedelta(days=7), 0),
    ]
