"""The KPIs of the production units: produced, margin, warranty, future bookings."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from simulator.office import Unit
from simulator.oracle.book import Book, Counted, Standing
from simulator.oracle.values import money, nested, reference

ZERO = Decimal(0)
WEEK = timedelta(days=7)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


# Job cost


def job_costs(book: Book) -> dict[int, Decimal]:
    """Total cost per job id: “labor + materials - returns, per job”."""
    parts = [*labor(book), *materials(book), *returns(book)]
    costs = defaultdict(Decimal)
    for job_id, cost in parts:
        costs[job_id] += cost
    return costs


def labor(book: Book) -> Iterator[tuple[int | None, Decimal]]:
    """“Gross pay items, `amount + coalesce(amountAdjustment, 0)`, by `jobId`; where `jobId` is 0 or
    null, through the job of its `invoiceId`.” Equal rows can be real: each one counts."""
    for item in book.all("gross_pay_items"):
        invoice = book.invoices.get(reference(item.get("invoiceId")), {})
        job_id = reference(item.get("jobId")) or nested(invoice, "job")
        yield job_id, money(item.get("amount")) + money(item.get("amountAdjustment"))


def materials(book: Book) -> Iterator[tuple[int | None, Decimal]]:
    """“Purchase orders by `jobId`, header `total`, every status but `Canceled`; plus `totalCost` of
    invoice items of type `Material` or `Equipment`; plus `billAmount` of inventory bills that bill
    no purchase order.”"""
    for order in book.all("purchase_orders"):
        if order.get("status") != "Canceled":
            yield reference(order.get("jobId")), money(order.get("total"))
    for invoice in book.invoices.values():
        for item in invoice.get("items") or []:
            if item.get("type") in ("Material", "Equipment"):
                yield nested(invoice, "job"), money(item.get("totalCost"))
    for bill in book.active("inventory_bills"):
        if not reference(bill.get("purchaseOrderId")):
            yield reference(bill.get("jobId")), money(bill.get("billAmount"))


def returns(book: Book) -> Iterator[tuple[int | None, Decimal]]:
    """“`returnAmount` (positive, tax and shipping inside), status not `Canceled` and no
    `dateCanceled`, by `jobId`, else through the purchase order's job, whatever that order's
    status.” Given back as negative cost."""
    orders = book.by_id("purchase_orders")
    for record in book.active("returns"):
        if record.get("status") == "Canceled" or record.get("dateCanceled"):
            continue
        order = orders.get(reference(record.get("purchaseOrderId")), {})
        job_id = reference(record.get("jobId")) or reference(order.get("jobId"))
        yield job_id, -money(record.get("returnAmount"))


# Flows


def started_jobs(book: Book, kpi: str) -> Iterator[tuple[dict, date]]:
    """The jobs of the KPI with the day of their start, on which the lists let them in."""
    for job in book.jobs_in(kpi):
        start = book.start_days.get(job["id"])
        if start and book.lists_let_in(kpi, job, start):
            yield job, start


def dollars_produced(book: Book) -> Iterator[Counted]:
    """“Job start: sum of the job's active invoices' `subTotal`; all job statuses.”"""
    for job, start in started_jobs(book, "dollars_produced"):
        subtotal = book.subtotal.get(job["id"], ZERO)
        yield Counted(
            "dollars_produced",
            start,
            book.unit_of_job(job),
            job["id"],
            job["id"],
            subtotal,
            ZERO,
        )


def gpm_percent(book: Book) -> Iterator[Counted]:
    """“(Sum of subtotals - sum of total costs) / sum of subtotals, over all jobs, those with zero
    revenue included (warranty, training).”"""
    costs = job_costs(book)
    for job, start in started_jobs(book, "gpm_percent"):
        subtotal = book.subtotal.get(job["id"], ZERO)
        yield Counted(
            "gpm_percent",
            start,
            book.unit_of_job(job),
            job["id"],
            job["id"],
            subtotal - costs.get(job["id"], ZERO),
            subtotal,
        )


def warranty_percent(book: Book) -> Iterator[Counted]:
    """“Total cost of jobs of a warranty type (the excluded list does not touch this numerator) /
    `dollars_produced` as published.” A job can be in either sum, or in both."""
    costs = job_costs(book)
    warranty_jobs = {job["id"] for job, _ in started_jobs(book, "warranty_percent")}
    produced = {record.record_id: record.numerator for record in dollars_produced(book)}
    for job_id in sorted(warranty_jobs | produced.keys()):
        if start := book.start_days.get(job_id):
            yield Counted(
                "warranty_percent",
                start,
                book.unit_of_job(book.jobs[job_id]),
                job_id,
                job_id,
                costs.get(job_id, ZERO) if job_id in warranty_jobs else ZERO,
                produced.get(job_id, ZERO),
            )


# Future bookings


def a_year_after(day: date) -> date:
    """“The same date one year after (29 Feb becomes 28).”"""
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year + 1, day=28)
    return day.replace(year=day.year + 1)


def days_ahead_of(start: date, counted_from: str) -> tuple[date, date]:
    """The first and last day d in whose bookings a job with this start day stands, its creation
    aside: “start day lies between the Monday of d's week and the same date one year after that
    Monday, both included. A var switches Monday to d itself”."""
    if counted_from == "day":
        last, step = start, timedelta(days=1)
        first = start - timedelta(days=370)
    else:
        last, step = monday_of(start), WEEK
        first = monday_of(start - timedelta(days=370))
    while a_year_after(first) < start:
        first += step
    return first, last + step - timedelta(days=1)


def booked_jobs(book: Book) -> Iterator[tuple[dict, date, date, date]]:
    """Per job that may be booked: the job, its creation, the first and last day ahead of it."""
    for job in book.jobs_in("future_bookings"):
        start, created = book.start_days.get(job["id"]), book.day(job.get("createdOn"))
        if start and created and job.get("jobStatus") != "Canceled":
            first, last = days_ahead_of(start, book.options.future_bookings_from)
            yield job, created, max(first, created), last


def future_bookings(book: Book) -> Iterator[Standing]:
    """“For each day d: sum of the subtotals (all active invoices, as now) of jobs, each once,
    whose start day lies [ahead], created on or before d, not canceled now”, and which the lists of
    that day let in."""
    for job, _, first, last in booked_jobs(book):
        for begun, ended in book.days_let_in("future_bookings", job, first, last):
            yield Standing(
                "future_bookings",
                begun,
                ended,
                book.unit_of_job(job),
                job["id"],
                book.subtotal.get(job["id"], ZERO),
            )


def bookings_made(book: Book) -> Iterator[tuple[Unit, date]]:
    """The units' days of “job creation for bookings”, of jobs that stand in the future bookings of
    some day by the as-of day; of a job that the lists let in later, the first such day."""
    for job, created, first, last in booked_jobs(book):
        for begun, ended in book.days_let_in("future_bookings", job, created, last):
            if max(begun, first) <= min(ended, book.options.as_of):
                yield book.unit_of_job(job), begun
