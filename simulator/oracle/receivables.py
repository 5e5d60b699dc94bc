"""The KPIs of the money: what was collected, and what is outstanding."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from simulator.office import Unit
from simulator.oracle.book import Book, Counted, Standing
from simulator.oracle.values import calendar_day, money, nested, reference, same_name

ZERO = Decimal(0)


class Application(NamedTuple):
    """A part of an active payment that landed on an active invoice; its rest has invoice None."""

    payment: dict
    day: date
    invoice: dict | None
    amount: Decimal


def applications(book: Book) -> Iterator[Application]:
    """“Per application of an active payment: `appliedAmount`; the rest (`total` less the
    applications to landed active invoices, negative too; `unappliedAmount` is not used).” A
    payment without `date` counts nowhere, a rest of 0 is none."""
    for payment in book.active("payments"):
        day = calendar_day(payment.get("date"))
        if not day:
            continue
        rest = money(payment.get("total"))
        for applied in payment.get("appliedTo") or []:
            # `appliedTo` of an application is the invoice's id, `appliedId` its own.
            invoice = book.invoices.get(reference(applied.get("appliedTo")))
            if invoice:
                amount = money(applied.get("appliedAmount"))
                rest -= amount
                yield Application(payment, day, invoice, amount)
        if rest:
            yield Application(payment, day, None, rest)


def unit_of_application(book: Book, application: Application) -> Unit:
    """“On the unit of the invoice; the rest on the payment's unit.”"""
    if application.invoice:
        return book.unit_of_invoice(application.invoice)
    return book.unit(nested(application.payment, "businessUnit"))


def dollars_collected(book: Book) -> Iterator[Counted]:
    """“Payment `date`: per application of an active payment; refunds stay negative. The sum over
    units equals the sum of payments.”"""
    for application in applications(book):
        payment_id = application.payment["id"]
        yield Counted(
            "dollars_collected",
            application.day,
            unit_of_application(book, application),
            payment_id,
            payment_id,
            application.amount,
            ZERO,
        )


# Accounts receivable


class Movement(NamedTuple):
    """What one record adds to the net of a line of a unit, from a day on."""

    unit: Unit
    line: Hashable
    day: date
    amount: Decimal


class Lines:
    """The lines of A/R and which of them are left out."""

    def __init__(self, book: Book):
        self.locations = book.by_id("locations")
        self.locations_of_customer = defaultdict(list)
        for location_id, location in self.locations.items():
            self.locations_of_customer[reference(location.get("customerId"))].append(location_id)

    def line(self, location_id: int | None, customer_id: int | None) -> Hashable:
        """“Line = the invoice's location; where a record names none: the customer's location if it
        has exactly one landed (inactive counts), else a line of the customer's own; neither known
        = one line”."""
        own = self.locations_of_customer.get(customer_id, []) if customer_id else []
        if location_id:
            return "location", location_id
        if len(own) == 1:
            return "location", own[0]
        if customer_id:
            return "customer", customer_id
        return ("neither known",)

    def is_left_out(self, line: Hashable) -> bool:
        """“Leave out locations named `Name` (any case).”"""
        if line[0] != "location":
            return False
        return same_name(self.locations.get(line[1], {}).get("name") or "") == "name"


def invoices_in_ar(book: Book, lines: Lines) -> Iterator[tuple[dict, date, Hashable]]:
    """Active invoices with an `invoiceDate`, each with that day and its line."""
    for invoice in book.invoices.values():
        day = calendar_day(invoice.get("invoiceDate"))
        line = lines.line(nested(invoice, "location"), nested(invoice, "customer"))
        if day and not lines.is_left_out(line):
            yield invoice, day, line


def movements(book: Book) -> Iterator[Movement]:
    """“Per line and unit of the invoice: `total` of active invoices with `invoiceDate` on or before
    the day, less what active payments dated on or before it applied to them, less such payments'
    rests (unit of the payment).”"""
    lines = Lines(book)
    invoiced = {}
    for invoice, day, line in invoices_in_ar(book, lines):
        invoiced[invoice["id"]] = (day, line)
        yield Movement(book.unit_of_invoice(invoice), line, day, money(invoice.get("total")))
    for application in applications(book):
        unit = unit_of_application(book, application)
        if application.invoice is None:
            # Rests never name a location.
            line = lines.line(None, nested(application.payment, "customer"))
            if not lines.is_left_out(line):
                yield Movement(unit, line, application.day, -application.amount)
        elif application.invoice["id"] in invoiced:
            # Before the invoice's date neither the invoice nor what pays it is in A/R.
            invoice_day, line = invoiced[application.invoice["id"]]
            yield Movement(unit, line, max(application.day, invoice_day), -application.amount)


def outstanding_ar(book: Book) -> Iterator[Standing]:
    """“Add up the lines whose net is >= 10 (a var).” A line stands with its net from one movement
    to the day before the next, where that net reaches the threshold."""
    movements_of_line = defaultdict(lambda: defaultdict(Decimal))
    for movement in movements(book):
        movements_of_line[movement.unit, movement.line][movement.day] += movement.amount
    for (unit, line), amounts in movements_of_line.items():
        net = ZERO
        for day, next_day in pairwise([*sorted(amounts), None]):
            net += amounts[day]
            if net >= book.options.ar_threshold:
                last_day = next_day and next_day - timedelta(days=1)
                yield Standing("outstanding_ar", day, last_day, unit, line, net)


def invoices_dated(book: Book) -> Iterator[tuple[Unit, date]]:
    """The units' days of “`invoiceDate` for A/R”."""
    for invoice, day, _ in invoices_in_ar(book, Lines(book)):
        yield book.unit_of_invoice(invoice), day
