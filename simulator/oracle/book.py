"""The tenant's records, opened for counting: what more than one KPI asks about a record."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from simulator.office import PRODUCTION, RULES, SALES, UNMAPPED, ListedType, ListRule, Rules, Unit
from simulator.oracle.values import (
    day_of_instant,
    is_active,
    is_blank,
    moment,
    money,
    nested,
    reference,
    same_name,
)

Records = dict[str, list[dict]]

DAY = timedelta(days=1)
ANY = "any"
# The ten KPIs in the order of daily_kpis' columns, each with the kind of unit that it applies to.
APPLIES_TO = {
    "lead_count": SALES,
    "total_booked": SALES,
    "dollars_produced": PRODUCTION,
    "gpm_percent": PRODUCTION,
    "dollars_collected": ANY,
    "num_estimates": SALES,
    "close_rate_percent": SALES,
    "future_bookings": PRODUCTION,
    "warranty_percent": PRODUCTION,
    "outstanding_ar": ANY,
}

NO_UNIT = Unit("(no business unit)", UNMAPPED, "(no region)")


def applies(kpi: str, kind: str) -> bool:
    """Whether the KPI applies to a unit of this kind: “unmapped, and every KPI applies to it”."""
    return APPLIES_TO[kpi] in (kind, ANY) or kind == UNMAPPED


@dataclass(frozen=True, kw_only=True)
class Options:
    """The vars of the project, and the office's rules.

    as_of: the last day that gets a row. timezone: the tenant's, an IANA name. ar_threshold: the net
    from which a line counts in A/R. future_bookings_from: `monday` of the day's week, or the `day`
    itself. lead_count_by: distinct `customer`s, or `job`s.
    """

    as_of: date
    timezone: str = "America/Phoenix"
    ar_threshold: Decimal = Decimal(10)
    future_bookings_from: str = "monday"
    lead_count_by: str = "customer"
    rules: Rules = RULES

    def __post_init__(self):
        allowed = {
            "future_bookings_from": ("monday", "day"),
            "lead_count_by": ("customer", "job"),
        }
        for option, values in allowed.items():
            if getattr(self, option) not in values:
                raise ValueError(
                    f"{option} is {getattr(self, option)!r}: use {' or '.join(values)}"
                )


def _holds(row: ListedType | ListRule, day: date) -> bool:
    return row.first_day <= day <= row.last_day


class Counted(NamedTuple):
    """One record in one flow KPI: the day and unit it stands under, and what it adds.

    `counts_as` tells which records a distinct count takes for one (a lead's customer); where the
    KPI adds amounts it is the record's own id. Ratios use both amounts, the others the numerator.
    """

    kpi: str
    day: date
    unit: Unit
    record_id: int
    counts_as: object
    numerator: Decimal
    denominator: Decimal


class Standing(NamedTuple):
    """One amount in a balance KPI, from its first to its last day (None: it still stands).

    `record` is a job's id for future_bookings, a line for outstanding_ar.
    """

    kpi: str
    first_day: date
    last_day: date | None
    unit: Unit
    record: object
    amount: Decimal


class Book:
    """The records by id, less what counts nowhere, under the units and lists of the office."""

    def __init__(self, records: Records, options: Options):
        self.records = records
        self.options = options
        self.zone = ZoneInfo(options.timezone)
        self.units_by_name = {same_name(name): u for name, u in options.rules.units.items()}
        self.lists_by_type_name = defaultdict(list)
        for row in options.rules.job_types:
            self.lists_by_type_name[same_name(row.name)].append(row)

    def all(self, entity: str) -> list[dict]:
        return self.records.get(entity, [])

    def active(self, entity: str) -> list[dict]:
        """“Inactive (deleted) estimates, invoices, payments, appointments, returns and inventory
        bills count nowhere.”"""
        return [record for record in self.all(entity) if is_active(record)]

    def by_id(self, entity: str) -> dict[int, dict]:
        """Active and inactive rows: “retired units and job types carry history”."""
        return {record["id"]: record for record in self.all(entity)}

    def day(self, instant: str | None) -> date | None:
        return day_of_instant(instant, self.zone)

    # Units

    @cached_property
    def reporting_units(self) -> dict[int, Unit]:
        return {
            unit_id: self.reporting_unit(unit.get("name"))
            for unit_id, unit in self.by_id("business_units").items()
        }

    def reporting_unit(self, name: str | None) -> Unit:
        """“A unit that the seed does not know keeps its own (trimmed) name as reporting unit, kind
        unmapped, region (no region)”; one without a name is no unit."""
        if is_blank(name):
            return NO_UNIT
        own_name = Unit(name.strip(), UNMAPPED, "(no region)")
        return self.units_by_name.get(same_name(name), own_name)

    def unit(self, unit_id: int | None) -> Unit:
        """“Whatever belongs to a unit id that is null or not landed stands under the unit
        (no business unit).”"""
        return self.reporting_units.get(reference(unit_id), NO_UNIT)

    def unit_of_job(self, job: dict) -> Unit:
        return self.unit(job.get("businessUnitId"))

    # Jobs

    @cached_property
    def jobs(self) -> dict[int, dict]:
        """“A job's own `active` is ignored (jobs cannot be deleted).”"""
        return self.by_id("jobs")

    @cached_property
    def _job_types(self) -> dict[int, dict]:
        return self.by_id("job_types")

    def type_of(self, job: dict) -> dict:
        return self._job_types.get(reference(job.get("jobTypeId")), {})

    def list_of(self, type_name: str | None, day: date) -> str | None:
        """The list of a job type on a day; “one without a row is in no list”."""
        rows = [] if is_blank(type_name) else self.lists_by_type_name[same_name(type_name)]
        return next((row.job_type_list for row in rows if _holds(row, day)), None)

    def lists_let_in(self, kpi: str, job: dict, day: date) -> bool:
        """“Which list filters which KPI is itself data”; rows of both kinds hold on their days."""
        rules = [r for r in self.options.rules.list_rules if r.kpi == kpi and _holds(r, day)]
        only = {rule.job_type_list for rule in rules if rule.use == "only"}
        without = {rule.job_type_list for rule in rules if rule.use == "without"}
        listed = self.list_of(self.type_of(job).get("name"), day)
        return (not only or listed in only) and listed not in without

    @cached_property
    def _days_of_change(self) -> list[date]:
        """The days on which a row begins to hold, or holds no more."""
        rows = [*self.options.rules.job_types, *self.options.rules.list_rules]
        ends = {row.last_day + DAY for row in rows if row.last_day < date.max}
        return sorted({row.first_day for row in rows} | ends)

    def days_let_in(
        self, kpi: str, job: dict, first: date, last: date
    ) -> Iterator[tuple[date, date]]:
        """First and last day of each unbroken run of days on which the lists let the job in."""
        begun = None
        for day in (first, *(day for day in self._days_of_change if first < day <= last)):
            let_in = self.lists_let_in(kpi, job, day)
            if let_in and begun is None:
                begun = day
            if begun and not let_in:
                yield begun, day - DAY
                begun = None
        if begun and begun <= last:
            yield begun, last

    def jobs_in(self, kpi: str) -> Iterator[dict]:
        """The jobs of the units to which the KPI applies. Their lists are asked for day by day."""
        return (job for job in self.jobs.values() if applies(kpi, self.unit_of_job(job).kind))

    # Estimates

    @cached_property
    def estimates_of_job(self) -> dict[int, list[dict]]:
        """Active estimates of any status."""
        estimates = defaultdict(list)
        for estimate in self.active("estimates"):
            estimates[reference(estimate.get("jobId"))].append(estimate)
        return estimates

    def sold_estimates(self, job: dict) -> list[dict]:
        """Active estimates of the job with status `Sold`; “without `soldOn` it is neither booked
        nor sold”."""
        return [
            estimate
            for estimate in self.estimates_of_job.get(job["id"], [])
            if (estimate.get("status") or {}).get("name") == "Sold" and estimate.get("soldOn")
        ]

    # Invoices

    @cached_property
    def invoices(self) -> dict[int, dict]:
        """Active ones only: “an inactive invoice is no link either”."""
        return {invoice["id"]: invoice for invoice in self.active("invoices")}

    def unit_of_invoice(self, invoice: dict) -> Unit:
        """“Collected and A/R stand under the invoice's unit (no fallback to the job or the
        payment).”"""
        return self.unit(nested(invoice, "businessUnit"))

    @cached_property
    def subtotal(self) -> dict[int, Decimal]:
        """Per job id: “sum of the job's active invoices' `subTotal`, adjustments included, whatever
        their date”."""
        subtotals = defaultdict(Decimal)
        for invoice in self.invoices.values():
            subtotals[nested(invoice, "job")] += money(invoice.get("subTotal"))
        return subtotals

    # Job start

    @cached_property
    def _standing_appointments(self) -> dict[int, dict]:
        """Appointments that can be a job's start, by their own id: active, not unused, with a
        start."""
        return {
            appointment["id"]: appointment
            for appointment in self.active("appointments")
            if not appointment.get("unused") and appointment.get("start")
        }

    @cached_property
    def _appointments_of_job(self) -> dict[int, list[dict]]:
        appointments = defaultdict(list)
        for appointment in self._standing_appointments.values():
            appointments[reference(appointment.get("jobId"))].append(appointment)
        return appointments

    @cached_property
    def start_days(self) -> dict[int, date]:
        """The day of the job start, per job id; jobs without an appointment have none."""
        starts = {job_id: self._start_of(job) for job_id, job in self.jobs.items()}
        return {job_id: self.day(start) for job_id, start in starts.items() if start}

    def _start_of(self, job: dict) -> str | None:
        """“Start of the first appointment (`firstAppointmentId`, if that one is landed, active and
        not `unused`; else the earliest that is).”"""
        first = self._standing_appointments.get(reference(job.get("firstAppointmentId")))
        if first:
            return first["start"]
        starts = [a["start"] for a in self._appointments_of_job.get(job["id"], [])]
        return min(starts, key=moment, default=None)
