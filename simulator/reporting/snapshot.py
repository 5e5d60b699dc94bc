"""The tenant's records as they are now, opened once for all reports until one of them changes."""

from collections import defaultdict
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from simulator.oracle import production, receivables, sales
from simulator.oracle.book import Book, Counted, Options
from simulator.oracle.values import money, reference
from simulator.store import Record
from simulator.tenant import Tenant

ZERO = Decimal(0)

JOB_DATES = {
    "Job Creation Date": lambda book, job: book.day(job.get("createdOn")),
    "Job Completion Date": lambda book, job: book.day(job.get("completedOn")),
    "Job Start Date": lambda book, job: book.start_days.get(job["id"]),
}


def state_of(tenant: Tenant) -> tuple:
    """What differs as soon as a record was added, changed or taken back: feeds only ever grow, and
    a record that goes without a new version leaves one fewer alive."""
    return tuple((len(feed.bodies), feed.live) for feed in tenant.store.feeds.values())


class Cost(NamedTuple):
    """The parts of a job's cost as the job costing report shows them; returns are negative."""

    labor_pay: Decimal = ZERO
    adjustments: Decimal = ZERO
    materials: Decimal = ZERO
    returns: Decimal = ZERO

    def plus(self, **parts: Decimal) -> "Cost":
        """This cost with something added to some of its parts."""
        return self._replace(**{name: getattr(self, name) + part for name, part in parts.items()})


class Snapshot:
    """One reading of the tenant: the oracle's book, and what more than one row asks of it.

    Whatever is dear is worked out when a report first needs it, and kept. Its properties want to be
    read under the oracle's EXACT context.
    """

    def __init__(self, tenant: Tenant) -> None:
        options = Options(as_of=tenant.last_day, timezone=tenant.timezone)
        self.book = Book(tenant.records(), options)

    # Names as the tenant spells them

    @cached_property
    def _units(self) -> dict[int, Record]:
        return self.book.by_id("business_units")

    @cached_property
    def _customers(self) -> dict[int, Record]:
        return self.book.by_id("customers")

    def unit_name(self, unit_id: int | None) -> str | None:
        """The unit's own name, not its reporting unit's; None where it is unknown."""
        return self._units.get(reference(unit_id), {}).get("name")

    def customer_name(self, customer_id: int | None) -> str | None:
        return self._customers.get(reference(customer_id), {}).get("name")

    # Days

    def midnight(self, day: date | None) -> str | None:
        """A day as reports show it: local midnight with the tenant's offset."""
        return day and datetime.combine(day, time(), self.book.zone).isoformat()

    def day_of_job(self, job: Record, date_type: str) -> date | None:
        """The job's day by one of JOB_DATES."""
        return JOB_DATES[date_type](self.book, job)

    # What counts

    @cached_property
    def leads(self) -> list[Counted]:
        return list(sales.lead_count(self.book))

    @cached_property
    def sold(self) -> list[Counted]:
        return list(sales.total_booked(self.book))

    @cached_property
    def opportunities(self) -> list[Counted]:
        return list(sales.close_rate_percent(self.book))

    @cached_property
    def completed_estimates(self) -> list[Counted]:
        return list(sales.num_estimates(self.book))

    @cached_property
    def job_of_estimate(self) -> dict[int, int]:
        return {
            estimate["id"]: job_id
            for job_id, estimates in self.book.estimates_of_job.items()
            for estimate in estimates
        }

    @cached_property
    def applications(self) -> list[receivables.Application]:
        return list(receivables.applications(self.book))

    @cached_property
    def lines(self) -> receivables.Lines:
        return receivables.Lines(self.book)

    @cached_property
    def costs(self) -> dict[int | None, Cost]:
        """Per job id: “adjustments = items whose `grossPayItemType` is not `TimesheetTime`, plus
        every `amountAdjustment`”; what is left of the oracle's labor is labor pay."""
        costs = defaultdict(Cost)
        items = self.book.all("gross_pay_items")
        for item, (job_id, pay) in zip(items, production.labor(self.book), strict=True):
            is_worked = item.get("grossPayItemType") == "TimesheetTime"
            worked = money(item.get("amount")) if is_worked else ZERO
            costs[job_id] = costs[job_id].plus(labor_pay=worked, adjustments=pay - worked)
        for job_id, cost in production.materials(self.book):
            costs[job_id] = costs[job_id].plus(materials=cost)
        for job_id, cost in production.returns(self.book):
            costs[job_id] = costs[job_id].plus(returns=cost)
        return dict(costs)
