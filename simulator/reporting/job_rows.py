"""The rows of the reports that have a row per job: leads, BU sales, job costing."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from simulator.oracle.book import applies
from simulator.reporting.parameters import Run
from simulator.reporting.snapshot import JOB_DATES, ZERO, Cost, Snapshot
from simulator.store import Record


def leads(snapshot: Snapshot, run: Run) -> Iterator[Record]:
    """A row per job that counts as lead, in order of day and job."""
    jobs = (snapshot.book.jobs[lead.record_id] for lead in snapshot.leads)
    for _, job in _dated(snapshot, run, jobs):
        yield _job(snapshot, job) | {
            "CreatedDate": snapshot.midnight(snapshot.book.day(job["createdOn"])),
            "CustomerName": snapshot.customer_name(job.get("customerId")),
        }


def job_costs(snapshot: Snapshot, run: Run) -> Iterator[Record]:
    """A row per job on a unit to which dollars_produced applies, whatever its job type, status or
    amounts."""
    book = snapshot.book
    jobs = (
        job for job in book.jobs.values() if applies("dollars_produced", book.unit_of_job(job).kind)
    )
    for _, job in _dated(snapshot, run, jobs):
        subtotal = book.subtotal.get(job["id"], ZERO)
        cost = snapshot.costs.get(job["id"], Cost())
        total = sum(cost)
        yield _job(snapshot, job) | {
            "ScheduledDate": snapshot.midnight(book.start_days.get(job["id"])),
            "JobsSubtotal": subtotal,
            "LaborPay": cost.labor_pay,
            "PayrollAdjustments": cost.adjustments,
            "MaterialEquipmentPurchaseOrderCosts": cost.materials,
            "ReturnCosts": cost.returns,
            "TotalCosts": total,
            "GrossMarginPercentage": _margin(subtotal, total),
            "Status": job.get("jobStatus"),
        }


def _margin(subtotal: Decimal, cost: Decimal) -> float | None:
    """0 to 100; None without revenue."""
    return float(100 * Fraction(subtotal - cost) / Fraction(subtotal)) if subtotal else None


# Sales


class Event(NamedTuple):
    """What the sales report counts of a job, and the day on which it counts it."""

    job: Record
    day: date
    subtotal: Decimal | None = None  # of a sold estimate
    closed: bool | None = None  # of a sales opportunity
    completed: bool = False


def business_unit_sales(snapshot: Snapshot, run: Run) -> Iterator[Record]:
    """A row per job with a counted sold estimate, an opportunity or a completed estimate in the
    period; its columns tell of the period only."""
    events_of_job = defaultdict(list)
    for event in _sales_events(snapshot):
        if run.date_type in JOB_DATES:
            day = snapshot.day_of_job(event.job, run.date_type)
        else:
            day = event.day
        if run.holds(day):
            events_of_job[event.job["id"]].append(event)
    for _, events in sorted(events_of_job.items()):
        sold = [event for event in events if event.subtotal is not None]
        opportunity = next((event for event in events if event.closed is not None), None)
        sold_days = sorted({event.day for event in sold}, reverse=True)
        yield _job(snapshot, events[0].job) | {
            "OpportunityDate": snapshot.midnight(opportunity and opportunity.day),
            "EstimateSoldDate": ", ".join(f"{day:%m/%d/%Y}" for day in sold_days) or None,
            "EstimateSubtotal": sum((event.subtotal for event in sold), ZERO),
            "SalesOpportunity": int(opportunity is not None),
            "Closed": int(opportunity is not None and opportunity.closed),
            "CompletedEstimates": int(any(event.completed for event in events)),
        }


def _sales_events(snapshot: Snapshot) -> Iterator[Event]:
    jobs = snapshot.book.jobs
    for sold in snapshot.sold:
        job = jobs[snapshot.job_of_estimate[sold.record_id]]
        yield Event(job, sold.day, subtotal=sold.numerator)
    for opportunity in snapshot.opportunities:
        closed = bool(opportunity.numerator)
        yield Event(jobs[opportunity.record_id], opportunity.day, closed=closed)
    for estimate in snapshot.completed_estimates:
        yield Event(jobs[estimate.record_id], estimate.day, completed=True)


# What every row of a job has


def _job(snapshot: Snapshot, job: Record) -> Record:
    return {
        "JobNumber": job.get("jobNumber"),
        "BusinessUnit": snapshot.unit_name(job.get("businessUnitId")),
        "JobType": snapshot.book.type_of(job).get("name"),
    }


def _dated(snapshot: Snapshot, run: Run, jobs: Iterator[Record]) -> list[tuple[date, Record]]:
    """The jobs whose day by the asked date type lies in the period, in order of day and id."""
    dated = ((snapshot.day_of_job(job, run.date_type), job) for job in jobs)
    inside = [(day, job) for day, job in dated if run.holds(day)]
    return sorted(inside, key=lambda place: (place[0], place[1]["id"]))
