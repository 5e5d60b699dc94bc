"""The rows of the reports about money: collections per part of a payment, A/R per line."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import date
from decimal import Decimal

from simulator.oracle.receivables import Application
from simulator.oracle.values import calendar_day, money, nested, reference
from simulator.reporting.parameters import Run
from simulator.reporting.snapshot import Snapshot
from simulator.store import Record


def collections(snapshot: Snapshot, run: Run) -> Iterator[Record]:
    """A row per counted part of a payment: one per invoice that it went to, and its rest."""
    dated = [(_day(snapshot, part, run.date_type), part) for part in snapshot.applications]
    inside = [(day, part) for day, part in dated if run.holds(day)]
    for _, part in sorted(inside, key=lambda place: (place[0], place[1].payment["id"])):
        invoice = part.invoice or {}
        yield {
            "PaymentId": part.payment["id"],
            "PaidOn": snapshot.midnight(part.day),
            "CustomerName": snapshot.customer_name(nested(part.payment, "customer")),
            "InvoiceNumber": invoice.get("referenceNumber"),
            "JobNumber": (invoice.get("job") or {}).get("number"),
            "BusinessUnit": _unit_name(snapshot, part),
            "Amount": part.amount,
        }


def _day(snapshot: Snapshot, part: Application, date_type: str) -> date | None:
    invoice = part.invoice or {}
    if date_type == "Invoice Date":
        return calendar_day(invoice.get("invoiceDate"))
    if date_type == "Job Completion Date":
        job = snapshot.book.jobs.get(nested(invoice, "job"), {})
        return snapshot.day_of_job(job, date_type)
    return part.day


def _unit_name(snapshot: Snapshot, part: Application) -> str | None:
    """“On the unit of the invoice; the rest on the payment's unit.”"""
    record = part.payment if part.invoice is None else part.invoice
    return snapshot.unit_name(nested(record, "businessUnit"))


def receivables(snapshot: Snapshot, run: Run) -> Iterator[Record]:
    """A row per line and unit with a net other than 0 on the day, whatever its size; locations
    named `Name` too."""
    for (line, unit_name), net in sorted(_nets(snapshot, run.as_of).items(), key=_place):
        if net:
            yield _line(snapshot, line) | {"BusinessUnit": unit_name, "NetAmount": net}


def _nets(snapshot: Snapshot, day: date) -> dict[tuple[Hashable, str | None], Decimal]:
    """“Per line and unit of the invoice: `total` of active invoices with `invoiceDate` on or before
    the day, less what active payments dated on or before it applied to them, less such payments'
    rests (unit of the payment).” Units by their own names."""
    nets = defaultdict(Decimal)
    lines_of_invoices = {}
    for invoice in snapshot.book.invoices.values():
        invoiced = calendar_day(invoice.get("invoiceDate"))
        if invoiced and invoiced <= day:
            line = snapshot.lines.line(nested(invoice, "location"), nested(invoice, "customer"))
            lines_of_invoices[invoice["id"]] = line
            unit_name = snapshot.unit_name(nested(invoice, "businessUnit"))
            nets[line, unit_name] += money(invoice.get("total"))
    for part in snapshot.applications:
        if part.day > day:
            continue
        if part.invoice is None:
            line = snapshot.lines.line(None, nested(part.payment, "customer"))
        elif part.invoice["id"] in lines_of_invoices:
            line = lines_of_invoices[part.invoice["id"]]
        else:
            continue
        nets[line, _unit_name(snapshot, part)] -= part.amount
    return nets


def _place(entry: tuple[tuple[Hashable, str | None], Decimal]) -> tuple:
    (line, unit_name), _ = entry
    return line, unit_name or ""


def _line(snapshot: Snapshot, line: Hashable) -> Record:
    """Whose line it is: a location's, a customer's own (no location), or neither's."""
    kind, *ids = line
    location_id = ids[0] if kind == "location" else None
    location = snapshot.lines.locations.get(location_id, {})
    customer_id = ids[0] if kind == "customer" else reference(location.get("customerId"))
    return {
        "LocationId": location_id,
        "LocationName": location.get("name"),
        "CustomerId": customer_id,
        "CustomerName": snapshot.customer_name(customer_id),
    }
