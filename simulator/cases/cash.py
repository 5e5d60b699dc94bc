"""Hard cases of what was collected: applications on the invoice's unit, rests on the payment's."""

from simulator.cases.desk import NOT_LANDED, cases, overlooks, reads
from simulator.company import UNIT
from simulator.shapes import application
from simulator.timekeeping import DAY

CASES, case = cases("dollars_collected")


def _named(unit: str) -> dict:
    return {"id": UNIT[unit].id, "name": UNIT[unit].name}


@case("Calendar dates arrive as midnight UTC: cut to ten characters, never shifted")
def payment_date_is_no_instant(desk):
    person = desk.person()
    payment = desk.payment(person, 71_000, [(desk.invoice(person=person, cents=71_000), 71_000)])
    return [reads(payment, date=f"{desk.day - DAY}T00:00:00Z")]


@case("appliedAmount counts on the unit of the invoice, not the payment's")
def payment_of_another_unit(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, unit="Nevada-Production", cents=72_000)
    payment = desk.payment(person, 72_000, [(invoice, 72_000)], "Phoenix-Sales")
    return [reads(invoice, businessUnit=payment["businessUnit"])]


@case("One payment spreads over many invoices, of different units")
def payment_over_several_invoices(desk):
    person = desk.person()
    first = desk.invoice(person=person, unit="Tucson-Production", cents=40_000)
    second = desk.invoice(person=person, unit="Nevada-Production", cents=33_000)
    payment = desk.payment(person, 73_000, [(first, 40_000), (second, 33_000)])
    row = application(1, first["id"], "730.00", payment["createdOn"])
    return [reads(payment, appliedTo=[row])]


@case("Refunds stay negative")
def refund(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=50_000)
    paid = desk.payment(person, 50_000, [(invoice, 50_000)])
    refunded = desk.payment(
        person,
        -20_000,
        [(invoice, -20_000)],
        day=desk.day + 5 * DAY,
        refundedPaymentId=paid["id"],
    )
    return [overlooks(refunded)]


@case("The rest counts on the payment's unit")
def unapplied_rest(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, unit="Tucson-Production", cents=30_000)
    payment = desk.payment(person, 45_000, [(invoice, 30_000)], "Tucson-Sales")
    payment["unappliedAmount"] = "150.00"
    return [reads(payment, total="300.00")]


@case("... negative too: applied more than it has")
def negative_rest(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=80_000)
    payment = desk.payment(person, 74_000, [(invoice, 80_000)])
    return [reads(payment, total="800.00")]


@case("unappliedAmount is not used")
def wrong_unapplied_amount(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=60_000)
    payment = desk.payment(person, 75_000, [(invoice, 60_000)], unappliedAmount="0.00")
    return [reads(payment, total="600.00")]


@case("A payment without any application is all rest")
def payment_on_account(desk):
    person = desk.person()
    return [overlooks(desk.payment(person, 76_000, [], unappliedAmount="760.00"))]


@case("What was applied to an inactive invoice is part of the rest")
def payment_on_an_inactive_invoice(desk):
    person = desk.person()
    deleted = desk.invoice(person=person, unit="Nevada-Production", cents=25_000, active=False)
    kept = desk.invoice(person=person, unit="Nevada-Production", cents=52_000)
    desk.payment(person, 77_000, [(deleted, 25_000), (kept, 52_000)])
    return [reads(deleted, active=True)]


@case("What was applied to an invoice that is not landed is part of the rest")
def payment_on_a_missing_invoice(desk):
    person = desk.person()
    kept = desk.invoice(person=person, unit="Tucson-Production", cents=53_000)
    payment = desk.payment(person, 78_000, [(NOT_LANDED, 25_000), (kept, 53_000)])
    return [reads(payment, total="530.00")]


@case("Inactive (deleted) payments count nowhere")
def inactive_payment(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=79_000)
    return [reads(desk.payment(person, 79_000, [(invoice, 79_000)], active=False), active=True)]


@case("A payment without a date counts nowhere")
def payment_without_a_date(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=81_000)
    payment = desk.payment(person, 81_000, [(invoice, 81_000)])
    date, payment["date"] = payment["date"], None
    return [reads(payment, date=date)]


@case("No fallback to the job: an invoice without a unit stands under `(no business unit)`")
def invoice_without_a_unit(desk):
    job, _, _ = desk.painted(cents=0)
    person = desk.person()
    invoice = desk.invoice(job, person, unit=None, cents=82_000)
    desk.payment(person, 82_000, [(invoice, 82_000)])
    return [reads(invoice, businessUnit=_named("Phoenix-Production"))]


@case("No fallback to the payment: nor does an invoice of a unit that is not landed")
def invoice_of_a_unit_not_landed(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=83_000)
    invoice["businessUnit"] = {"id": NOT_LANDED, "name": None}
    desk.payment(person, 83_000, [(invoice, 83_000)])
    return [reads(invoice, businessUnit=_named("Phoenix-Production"))]


@case("An invoice without invoiceDate still has collected")
def collected_on_an_undated_invoice(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, unit="Tucson-Production", cents=84_000)
    invoice["invoiceDate"] = None
    desk.payment(person, 84_000, [(invoice, 84_000)], "Phoenix-Production")
    return [reads(invoice, active=False)]


@case("Money is decimal(38,9): payments of 3 to 9 decimals arrive exactly")
def payment_with_nine_decimals(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=10_000)
    payment = desk.payment(person, 0, [(invoice, 0)])
    payment["total"] = "100.000000001"
    payment["appliedTo"][0]["appliedAmount"] = "99.9995"
    return [reads(payment, total="100.00")]
