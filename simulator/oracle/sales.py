"""The KPIs of the sales units: leads, estimates, booked, close rate."""

from collections.abc import Hashable, Iterator
from datetime import date
from decimal import Decimal

from simulator.oracle.book import Book, Counted
from simulator.oracle.values import is_blank, moment, money, reference, same_name

ONE = Decimal(1)
ZERO = Decimal(0)


def lead_count(book: Book) -> Iterator[Counted]:
    """“Job `createdOn`: distinct customers by name with a job of an estimate type, any job status,
    not a test customer.”"""
    customers = book.by_id("customers")
    for job in book.jobs_in("lead_count"):
        created = book.day(job.get("createdOn"))
        customer = customers.get(reference(job.get("customerId")), {})
        if not created or _is_test(customer):
            continue
        if book.lists_let_in("lead_count", job, created):
            lead = _lead(job, customer, book.options.lead_count_by)
            yield Counted("lead_count", created, book.unit_of_job(job), job["id"], lead, ONE, ZERO)


def _is_test(customer: dict) -> bool:
    """“Test customers (name contains `test`, any case) are left out of leads only.”"""
    return "test" in (customer.get("name") or "").lower()


def _lead(job: dict, customer: dict, count_by: str) -> Hashable:
    """Whom the job is a lead of: “distinct customers by name (as names match; a customer that is
    not landed counts by its id; `mergedToId` is not followed)”."""
    if count_by == "job" or not reference(job.get("customerId")):
        return "job", job["id"]
    if is_blank(customer.get("name")):
        return "customer id", job["customerId"]
    return "customer name", same_name(customer["name"])


def num_estimates(book: Book) -> Iterator[Counted]:
    """“Job `completedOn`: jobs with status `Completed` and an estimate type. Canceled jobs carry a
    `completedOn` too: the status decides.”"""
    for job in book.jobs_in("num_estimates"):
        completed = book.day(job.get("completedOn"))
        if job.get("jobStatus") != "Completed" or not completed:
            continue
        if book.lists_let_in("num_estimates", job, completed):
            yield Counted(
                "num_estimates", completed, book.unit_of_job(job), job["id"], job["id"], ONE, ZERO
            )


def total_booked(book: Book) -> Iterator[Counted]:
    """“Estimate `soldOn`: sum of `subtotal` over active estimates with status `Sold` and a landed
    job. $0 and several sold estimates per job all count, each on its own sold day.”"""
    for job in book.jobs_in("total_booked"):
        for estimate in book.sold_estimates(job):
            sold = book.day(estimate["soldOn"])
            if not book.lists_let_in("total_booked", job, sold):
                continue
            yield Counted(
                "total_booked",
                sold,
                book.unit_of_job(job),
                estimate["id"],
                estimate["id"],
                money(estimate.get("subtotal")),
                ZERO,
            )


def close_rate_percent(book: Book) -> Iterator[Counted]:
    """“Closed opportunities / sales opportunities. Each job once.”"""
    for job in book.jobs_in("close_rate_percent"):
        if job.get("jobStatus") == "Canceled" or is_no_charge(book, job):
            continue
        closed = _closed_on(book, job)
        day = closed or _open_since(book, job)
        if day and book.lists_let_in("close_rate_percent", job, day):
            yield Counted(
                "close_rate_percent",
                day,
                book.unit_of_job(job),
                job["id"],
                job["id"],
                ONE if closed else ZERO,
                ONE,
            )


def _closed_on(book: Book, job: dict) -> date | None:
    """“Closed (it has sold estimates, and where its job type's `soldThreshold` is set their
    subtotals add up to at least that; null means that any sold estimate closes), dated by the day
    of its earliest `soldOn`.”"""
    sold = book.sold_estimates(job)
    threshold = book.type_of(job).get("soldThreshold")
    enough = threshold is None or (
        sum(money(estimate.get("subtotal")) for estimate in sold) >= money(threshold)
    )
    if not (sold and enough):
        return None
    return book.day(min((estimate["soldOn"] for estimate in sold), key=moment))


def _open_since(book: Book, job: dict) -> date | None:
    """“Open (not closed and status `Completed`), dated by its completion day.”"""
    return book.day(job.get("completedOn")) if job.get("jobStatus") == "Completed" else None


def is_no_charge(book: Book, job: dict) -> bool:
    """“No-charge is the job's `noCharge`; where that is null (old rows), the stand-in is: no active
    estimate of any status, and its active invoices sum to 0 or there are none.”"""
    if job.get("noCharge") is not None:
        return job["noCharge"]
    return not book.estimates_of_job.get(job["id"]) and not book.subtotal.get(job["id"])
