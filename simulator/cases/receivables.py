"""Hard cases of outstanding A/R: lines of a location and a unit, their dates, the threshold."""

from simulator.cases.desk import cases, overlooks, reads
from simulator.company import UNIT
from simulator.timekeeping import DAY

CASES, case = cases("outstanding_ar")


@case("Lines whose net is >= 10: just under")
def line_under_the_threshold(desk):
    invoice = desk.invoice(person=desk.person(), cents=999)
    return [reads(invoice, total="10.00")]


@case("Lines whose net is >= 10: ten itself is in")
def line_at_the_threshold(desk):
    invoice = desk.invoice(person=desk.person(), cents=1_000)
    return [reads(invoice, total="9.99")]


@case("The threshold looks at the line, not at the invoice: a credit cancels")
def credit_on_the_same_line(desk):
    person, other = desk.person(), desk.person()
    desk.invoice(person=person, cents=10_000)
    credit = desk.invoice(person=person, cents=-9_500)
    return [reads(credit, location={"id": other.locations[0]["id"], "name": None})]


@case("Per line and unit of the invoice: two units on one location are two lines")
def two_units_on_one_location(desk):
    person = desk.person()
    desk.invoice(person=person, unit="Phoenix-Production", cents=11_000)
    credit = desk.invoice(person=person, unit="Tucson-Production", cents=-10_500)
    unit = UNIT["Phoenix-Production"]
    return [reads(credit, businessUnit={"id": unit.id, "name": unit.name})]


@case("Leave out locations named `Name` (any case)")
def location_named_name(desk):
    person = desk.person(locations=0)
    location = desk.location(person.customer["id"], "NAME")
    person.locations.append(location)
    desk.invoice(person=person, cents=61_000)
    return [reads(location, name="Sample Site")]


@case("`total`, not `balance`: the balance is only true today")
def balance_says_paid(desk):
    invoice = desk.invoice(person=desk.person(), cents=62_000)
    invoice["balance"] = "0.00"
    return [reads(invoice, total=invoice["balance"])]


@case("`total` has the tax in it")
def taxed_receivable(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=63_000)
    invoice |= {"salesTax": "50.00", "total": "680.00"}
    return [reads(invoice, total=invoice["subTotal"])]


@case("Invoices with invoiceDate on or before the day: a calendar date, never shifted")
def invoice_date_is_no_instant(desk):
    invoice = desk.invoice(person=desk.person(), cents=64_000)
    return [reads(invoice, invoiceDate=f"{desk.day - DAY}T00:00:00Z")]


@case("An invoice without invoiceDate is not in A/R")
def receivable_without_a_date(desk):
    invoice = desk.invoice(person=desk.person(), cents=65_000)
    invoice["invoiceDate"] = None
    return [reads(invoice, invoiceDate=f"{desk.day}T00:00:00Z")]


@case("... and neither are its applications")
def payment_on_an_undated_receivable(desk):
    person = desk.person()
    undated = desk.invoice(person=person, cents=40_000)
    undated["invoiceDate"] = None
    desk.invoice(person=person, cents=90_000)
    payment = desk.payment(person, 40_000, [(undated, 40_000)], day=desk.day + DAY)
    return [reads(payment, appliedTo=[])]


@case("A deposit before the invoice's date counts from that date on")
def deposit(desk):
    person = desk.person()
    desk.invoice(person=person, cents=50_000)
    later = desk.invoice(person=person, day=desk.day + 30 * DAY, cents=100_000)
    payment = desk.payment(person, 30_000, [(later, 30_000)], day=desk.day + DAY)
    return [reads(payment, appliedTo=[])]  # as a rest it counts from its own date


@case("Less such payments' rests")
def rest_lowers_the_line(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=70_000)
    payment = desk.payment(person, 30_000, [(invoice, 20_000)], day=desk.day + DAY)
    return [reads(payment, total="200.00")]


@case("Rests stand under the unit of the payment")
def rest_of_another_unit(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, unit="Nevada-Production", cents=71_000)
    payment = desk.payment(person, 30_000, [(invoice, 20_000)], "Nevada-Sales", day=desk.day + DAY)
    return [reads(payment, businessUnit=invoice["businessUnit"])]


@case("Less what active payments applied: a deleted one leaves it open")
def receivable_with_a_deleted_payment(desk):
    person = desk.person()
    invoice = desk.invoice(person=person, cents=72_000)
    payment = desk.payment(person, 72_000, [(invoice, 72_000)], day=desk.day + DAY, active=False)
    return [reads(payment, active=True)]


@case("Active invoices only")
def deleted_receivable(desk):
    invoice = desk.invoice(person=desk.person(), cents=73_000, active=False)
    return [reads(invoice, active=True)]


@case("A record without a location: the customer's, if it has exactly one landed")
def no_location_but_the_customer_has_one(desk):
    person = desk.person()
    desk.invoice(person=person, cents=12_000)
    credit = desk.invoice(person=person, cents=-11_500, location=None)
    return [reads(credit, customer=None)]


@case("... inactive counts")
def no_location_but_the_customer_has_an_inactive_one(desk):
    person = desk.person()
    person.locations[0]["active"] = False
    desk.invoice(person=person, cents=13_000)
    credit = desk.invoice(person=person, cents=-12_500, location=None)
    return [reads(credit, customer=None)]


@case("... else a line of the customer's own: here it has two locations")
def no_location_and_the_customer_has_two(desk):
    person = desk.person(locations=2)
    desk.invoice(person=person, cents=14_000)
    credit = desk.invoice(person=person, cents=-13_500, location=None)
    return [reads(credit, location={"id": person.locations[0]["id"], "name": None})]


@case("... else a line of the customer's own: here it has no location")
def no_location_and_the_customer_has_none(desk):
    first, second = desk.person(locations=0), desk.person(locations=0)
    desk.invoice(person=first, cents=15_000)
    credit = desk.invoice(person=second, cents=-14_500)
    return [reads(credit, customer={"id": first.customer["id"], "name": None})]


@case("Neither location nor customer known: one line")
def neither_location_nor_customer(desk):
    other = desk.person()
    desk.invoice(unit="Nevada-Production", cents=16_000)
    credit = desk.invoice(unit="Nevada-Production", cents=-15_500)
    return [reads(credit, customer={"id": other.customer["id"], "name": None})]


@case("A reference id of 0 means none: as if the invoice named no location")
def location_zero(desk):
    person = desk.person()
    desk.invoice(person=person, cents=18_000)
    credit = desk.invoice(person=person, cents=-17_500, location={"id": 0, "name": None})
    return [reads(credit, customer=None)]


@case("Rests never name a location: that of the customer, if it has exactly one")
def rest_of_a_customer_with_two_locations(desk):
    person = desk.person(locations=2)
    desk.invoice(person=person, cents=17_000)
    desk.payment(person, 16_500, [], day=desk.day + DAY)
    return [overlooks(person.locations[1])]


@case("A unit's rows begin on the date of an invoice, though its line is under the threshold")
def unit_that_begins_with_a_small_line(desk):
    first = desk.last_day - 400 * DAY
    return [overlooks(desk.invoice(None, desk.person(), "Commercial-AZ-Sales", first, 500))]
