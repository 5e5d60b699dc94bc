"""The ordinary work of the contractor: leads, estimates, sales, production, bills and cash.

One lead is one story: a household asks for an estimate, some buy, what they buy is painted weeks
later, paid for, now and then touched up again. The numbers are chosen so that the KPIs look like a
real contractor's (close rate 30-45 %, margin 35-50 %, warranty 1-3 %). Hard cases are not made
here but planted (`simulator.cases`), so that each can be named.
"""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate, count
from random import Random

from simulator import shapes
from simulator.company import BRANCHES, CAMPAIGNS, JOB_TYPES, UNITS, Branch, JobType, Unit
from simulator.shapes import Record, number, text
from simulator.store import Store
from simulator.timekeeping import DAY, Calendar, monday

# Leads by month (January first) and by weekday (Monday first); a seventh more from year to year.
SEASON = (0.80, 0.90, 1.15, 1.25, 1.20, 1.00, 0.85, 0.90, 1.10, 1.25, 0.95, 0.60)
WEEKDAY = (1.25, 1.2, 1.15, 1.1, 1.0, 0.35, 0.12)
GROWTH = 1.14

LEADS_PER_JOB = 0.575  # of all jobs; the others follow from them or are small services
CREW_COST = 0.34  # labor as a share of revenue, and materials
MATERIAL_COST = 0.18


@dataclass(frozen=True, slots=True)
class Volumes:
    """How many records the tenant holds in the end, planted ones included."""

    jobs: int
    estimates: int
    invoices: int
    payments: int


# What the real contractor had over 2020-2025.
REAL = Volumes(jobs=161_332, estimates=149_310, invoices=172_777, payments=55_459)


class Ids:
    """Ids per entity, counted from bases that do not overlap."""

    def __init__(self) -> None:
        entities = (
            "customers",
            "locations",
            "jobs",
            "appointments",
            "estimates",
            "invoices",
            "items",
            "payments",
            "applications",
            "purchase_orders",
            "returns",
            "inventory_bills",
        )
        self._counters = {name: count((n + 1) * 10_000_000 + 1) for n, name in enumerate(entities)}

    def new(self, entity: str) -> int:
        return next(self._counters[entity])


@dataclass(slots=True)
class Household:
    """A customer with one location, and the branch that serves it."""

    branch: Branch
    id: int
    name: str
    location_id: int
    location_name: str

    @property
    def customer(self) -> tuple[int, str]:
        return self.id, self.name

    @property
    def location(self) -> tuple[int, str]:
        return self.location_id, self.location_name


def write_reference(store: Store, tenant_id: int) -> tuple[dict[str, list[int]], dict[str, Record]]:
    """Add units, job types, campaigns and technicians.

    Returns the technicians' ids by branch code, and the units' records by name.
    """
    founded = "2014-03-03T15:00:00Z"
    tenant = {
        "id": tenant_id,
        "name": "Sample Painting",
        "accountCode": None,
        "franchiseId": None,
        "conceptCode": None,
        "modifiedOn": founded,
    }
    units = {
        unit.name: store.add("business_units", shapes.business_unit(unit, founded, tenant))
        for unit in UNITS
    }
    for job_type in JOB_TYPES:
        store.add("job_types", shapes.job_type(job_type, founded, [unit.id for unit in UNITS]))
    for n in range(len(CAMPAIGNS)):
        store.add("campaigns", shapes.campaign(n, founded))
    crews: dict[str, list[int]] = {}
    ids = count(9_001)
    for branch in BRANCHES:
        crews[branch.code] = [next(ids) for _ in range(6 + int(branch.share * 60))]
        for n, employee in enumerate(crews[branch.code]):
            technician = shapes.technician(employee, branch.production, founded, n % 7 != 6)
            store.add("technicians", technician)
    return crews, units


class Business:
    """Writes the ordinary records of a tenant into `store`, up to the wanted volumes."""

    def __init__(
        self,
        store: Store,
        ids: Ids,
        calendar: Calendar,
        rng: Random,
        crews: dict[str, list[int]],
    ) -> None:
        self.store, self.ids, self.calendar, self.rng, self.crews = store, ids, calendar, rng, crews
        self.made = {"jobs": 0, "estimates": 0, "invoices": 0, "payments": 0}
        self.households: dict[str, list[Household]] = {branch.code: [] for branch in BRANCHES}
        self.unpaid: list[tuple[Record, Unit, Household, int]] = []
        self.estimated: list[tuple[Record, Unit, date]] = []
        self.painted: list[tuple[Household, Record, date]] = []
        self._types = {
            group: [t for t in JOB_TYPES if t.group == group and t.active]
            for group in {t.group for t in JOB_TYPES}
        }
        # The retired pair of units closes within the last year, so that it carries history.
        self._retired_on = calendar.last_day - 200 * DAY

    # -- the whole --------------------------------------------------------------------------

    def work(self, wanted: Volumes) -> None:
        """Live through all days; then add small records up to `wanted`, each count exactly."""
        for day in self._days(int(wanted.jobs * LEADS_PER_JOB)):
            if self.made["jobs"] + 3 <= wanted.jobs:  # a lead makes three jobs at most
                self._lead(day)
        for day in self._days(wanted.jobs - self.made["jobs"]):
            self._service(day)
        self._more_estimates(wanted.estimates - self.made["estimates"])
        self._more_invoices(wanted.invoices - self.made["invoices"])
        self._more_payments(wanted.payments - self.made["payments"])
        for invoice, _, _, _ in self.unpaid:
            self.store.add("invoices", invoice)

    def _days(self, n: int) -> Iterator[date]:
        """`n` days in order, spread as the business's season, weekdays and growth want."""
        first, last = self.calendar.first_day, self.calendar.last_day
        days = [first + k * DAY for k in range((last - first).days + 1)]
        weights = list(
            accumulate(
                SEASON[day.month - 1]
                * WEEKDAY[day.weekday()]
                * GROWTH ** ((day - first).days / 365)
                for day in days
            )
        )
        for k in range(n):
            place = (k + self.rng.random()) / n * weights[-1]
            yield days[min(bisect(weights, place), len(days) - 1)]

    # -- people -----------------------------------------------------------------------------

    def _branch(self) -> Branch:
        place = self.rng.random()
        for branch in BRANCHES:
            place -= branch.share
            if place < 0:
                return branch
        return BRANCHES[0]

    def _household(self, branch: Branch, day: date) -> Household:
        """A customer of the branch: mostly a new one, sometimes one who comes again."""
        known = self.households[branch.code]
        if known and self.rng.random() < 0.25:
            return known[int(self.rng.random() * len(known))]
        id, location_id = self.ids.new("customers"), self.ids.new("locations")
        n = id % 10_000_000
        commercial = branch.code == "COMM_AZ" or self.rng.random() < 0.04
        name = f"Invented Apartments LLC {n}" if commercial else f"Sample Household {n:05}"
        created = self.calendar.instant(day, 470, self.rng)
        kind = "Commercial" if commercial else "Residential"
        site = f"{name} Site 1" if commercial else name
        self.store.add("customers", shapes.customer(id, name, kind, branch, created))
        self.store.add("locations", shapes.location(location_id, id, site, branch, created))
        household = Household(branch, id, name, location_id, site)
        known.append(household)
        return household

    def _units(self, branch: Branch, day: date) -> tuple[Unit, Unit]:
        """The sales and production unit that the office books under on that day."""
        older = self.rng.random() < branch.older_share
        if older and (branch.older_production is None or day < self._retired_on):
            return branch.older_sales, branch.older_production or branch.production
        return branch.sales, branch.production

    # -- one lead ---------------------------------------------------------------------------

    def _lead(self, day: date) -> None:
        rng, calendar = self.rng, self.calendar
        branch = self._branch()
        household = self._household(branch, day)
        sales, production = self._units(branch, day)
        group = "special" if rng.random() < 0.14 else "res"
        if branch.code == "COMM_AZ":
            group = "comm"
        job_type = self._pick(group)
        minute = 480 + int(rng.random() * 660)  # until 19:00: the last hours are tomorrow in UTC
        created = calendar.instant(day, minute, rng)
        visit = self._workday(day + int(1 + rng.random() ** 2 * 12) * DAY)
        job_id = self.ids.new("jobs")
        fate = rng.random()
        fields: Record = {"campaignId": 301 + int(rng.random() * len(CAMPAIGNS))}
        status = "Scheduled"
        modified = created
        if fate < 0.10:
            status = "Canceled"
            if fate < 0.04:  # a canceled job keeps the completion of the visit
                fields["completedOn"] = calendar.instant(min(visit, calendar.last_day), 990, rng)
        elif visit <= calendar.last_day:
            status = "Completed"
            modified = calendar.instant(visit, 600 + int(rng.random() * 560), rng)
            fields["completedOn"] = modified
            fields["noCharge"] = fate > 0.985
        fields["jobStatus"] = status
        job = shapes.job(
            job_id,
            sales.id,
            job_type.id,
            household.id,
            household.location_id,
            created,
            modified,
            **fields,
        )
        self._visits(job, day, visit, 1, created)
        bought = None
        if status == "Completed":
            bought = self._estimates(job, branch, sales, job_type, visit)
        self._empty_invoice(job, sales, household, day, created)
        self._add_job(job)
        if bought:
            sold_on, cents = bought
            parts = 2 if cents > 250_000 and rng.random() < 0.22 else 1
            for part in range(parts):
                share = cents // parts + (cents % parts if part == 0 else 0)
                self._production(household, production, group, sold_on, share, job)

    def _estimates(
        self, job: Record, branch: Branch, sales: Unit, job_type: JobType, visit: date
    ) -> tuple[date, int] | None:
        """Write the visit's estimates; when one is sold, its day and cents."""
        rng, calendar = self.rng, self.calendar
        options = 1 if rng.random() < 0.42 else 2 if rng.random() < 0.72 else 3
        price = int(rng.lognormvariate(8.1, 0.55) * branch.ticket) * 100 + int(rng.random() * 100)
        price = max(price, 45_000)
        sold_on = None
        if rng.random() < 0.42 and not job["noCharge"]:
            late = rng.random()
            if late < 0.55:
                lag = int(rng.random() * 3)
            elif late < 0.92:
                lag = 3 + int(rng.random() * 25)
            else:
                lag = 40 + int(rng.random() * 200)  # months after the visit
            sold_on = visit + lag * DAY
            if sold_on > calendar.last_day:
                sold_on = None
        written = calendar.instant(visit, 700 + int(rng.random() * 400), rng)
        estimate_ids = []
        for option in range(options):
            cents = int(price * (1 + 0.3 * option))
            fields: Record = {"isRecommended": option == 0}
            modified = written
            if sold_on and option == 0:
                # Every tenth sale is signed in the evening, when it is tomorrow in UTC.
                minute = 1020 + int(rng.random() * 200) if rng.random() < 0.3 else 830
                if sold_on == visit:
                    minute = max(minute, 1110)
                modified = calendar.instant(sold_on, minute, rng)
                fields |= {"status": shapes.STATUS["Sold"], "soldOn": modified, "soldBy": 9_001}
            elif sold_on:
                fields["status"] = shapes.STATUS["Dismissed"]
            elif rng.random() < 0.02:
                fields["active"] = False
            estimate = shapes.estimate(
                self.ids.new("estimates"), job, sales, written, cents, modifiedOn=modified, **fields
            )
            estimate_ids.append(estimate["id"])
            self.store.add("estimates", estimate)
            self.made["estimates"] += 1
        job["estimateIds"] = estimate_ids
        self.estimated.append((job, sales, visit))
        if sold_on is None or (job_type.sold_threshold or 0) * 100 > price:
            return None
        return sold_on, price

    # -- production -------------------------------------------------------------------------

    def _production(
        self, household: Household, unit: Unit, group: str, day: date, cents: int, sale: Record
    ) -> None:
        rng, calendar = self.rng, self.calendar
        job_type = self._pick("production-comm" if group == "comm" else "production-res")
        created = calendar.instant(day, 1_130 + int(rng.random() * 100), rng)
        start = self._workday(day + int(7 + rng.random() * 56) * DAY)
        days = max(1, min(12, cents // 90_000))
        end = start + days * DAY
        canceled = rng.random() < 0.04
        done = end <= calendar.last_day and not canceled
        fields: Record = {"createdFromEstimateId": sale["estimateIds"][0], "soldById": 9_001}
        modified = created
        if canceled:
            fields["jobStatus"] = "Canceled"
            cents = 0
        elif done:
            modified = calendar.instant(end, 1_000, rng)
            fields |= {"jobStatus": "Completed", "completedOn": modified}
        elif start <= calendar.last_day:
            fields["jobStatus"] = "InProgress"
        job = shapes.job(
            self.ids.new("jobs"),
            unit.id,
            job_type.id,
            household.id,
            household.location_id,
            created,
            modified,
            **fields,
        )
        self._visits(job, day, start, min(3, days), created)
        invoice_day = end if not canceled else day
        self._invoice_and_cash(job, unit, household, day, invoice_day, cents, created, done)
        if not canceled and start <= calendar.last_day:
            self._costs(job, household.branch, unit, start, days, cents, CREW_COST, MATERIAL_COST)
        if done:
            self.painted.append((household, job, end))
        self._add_job(job)

    def _service(self, day: date) -> None:
        """A small job: warranty work on something painted before, an inspection, a wash."""
        rng, calendar = self.rng, self.calendar
        group = self._service_group()
        household, origin = self._household(self._branch(), day), None
        if group == "warranty" and self.painted:
            someone, work, painted_on = self.painted[int(rng.random() * len(self.painted))]
            if painted_on < day:
                household, origin = someone, work
        _, unit = self._units(household.branch, day)
        job_type = self._pick(group)
        start = self._workday(day + int(2 + rng.random() * 14) * DAY)
        done = start < calendar.last_day
        created = calendar.instant(day, 500 + int(rng.random() * 500), rng)
        modified = calendar.instant(start, 960, rng) if done else created
        free = job_type.group in ("warranty", "training", "inspection")
        cents = 0 if free else 9_500 + int(rng.random() * 40_000)
        job = shapes.job(
            self.ids.new("jobs"),
            unit.id,
            job_type.id,
            household.id,
            household.location_id,
            created,
            modified,
            jobStatus="Completed" if done else "Scheduled",
            completedOn=modified if done else None,
            noCharge=free,
            recallForId=origin["id"] if origin else None,
        )
        self._visits(job, day, start, 1, created)
        self._invoice_and_cash(job, unit, household, day, start, cents, created, done, small=True)
        if start <= calendar.last_day:
            cost = cents or 14_000 + int(rng.random() * 40_000)
            share = CREW_COST if cents else 0.75
            self._costs(job, household.branch, unit, start, 1, cost, share, 0.06)
        self._add_job(job)

    def _service_group(self) -> str:
        place = self.rng.random()
        for group, share in (
            ("warranty", 0.34),
            ("washing", 0.20),
            ("touchup", 0.12),
            ("inspection", 0.18),
            ("carpentry", 0.11),
            ("training", 0.03),
        ):
            place -= share
            if place < 0:
                return group
        return "unlisted"

    def _costs(
        self,
        job: Record,
        branch: Branch,
        unit: Unit,
        start: date,
        days: int,
        cents: int,
        labor: float,
        material: float,
    ) -> None:
        """Pay, purchase orders, returns and bills of a job, as far as the last day has come."""
        rng, calendar = self.rng, self.calendar
        crew = self.crews[branch.code]
        hands = 1 if days == 1 else 2 if cents < 400_000 else 3
        pay = int(cents * labor * (0.8 + 0.4 * rng.random()) / (days * hands))
        for n in range(days):
            day = start + n * DAY
            if day > calendar.last_day:
                break
            first = int(rng.random() * len(crew))
            stamp = calendar.instant(day, 1_050, rng)
            for hand in range(hands):
                fields: Record = {}
                luck = rng.random()
                if luck < 0.02:  # booked on the invoice instead of the job
                    fields = {"jobId": 0, "jobNumber": None, "invoiceId": job["invoiceId"]}
                elif luck < 0.05:
                    fields = {"amountAdjustment": number(int(pay * (luck - 0.03)))}
                elif luck < 0.15:
                    fields = {"paidTimeType": "Overtime"}
                employee = crew[(first + hand) % len(crew)]
                self._pay(employee, day, pay, job, unit, stamp, fields)
        if cents > 100_000 and start + days * DAY <= calendar.last_day and rng.random() < 0.35:
            bonus = {"grossPayItemType": "InvoiceRelatedBonus", "paidDurationHours": None}
            day = start + days * DAY
            stamp = calendar.instant(day, 1_060, rng)
            self._pay(crew[0], day, int(cents * 0.02), job, unit, stamp, bonus)
        orders = 1 if cents < 150_000 else 1 + int(rng.random() * 4)
        for _ in range(orders):
            day = min(start - int(rng.random() * 5) * DAY, calendar.last_day)
            amount = number(int(cents * material * (0.7 + 0.6 * rng.random()) / orders))
            stamp = calendar.instant(max(day, calendar.first_day), 560, rng)
            status = "Canceled" if rng.random() < 0.03 else "Exported"
            order = shapes.purchase_order(
                self.ids.new("purchase_orders"),
                job["id"],
                unit.id,
                day.isoformat(),
                stamp,
                amount,
                status=status,
            )
            self.store.add("purchase_orders", order)
            luck = rng.random()
            if luck < 0.06:
                returned = shapes.return_(
                    self.ids.new("returns"),
                    order["id"],
                    None if luck < 0.003 else job["id"],
                    unit.id,
                    day.isoformat(),
                    stamp,
                    (amount / 4).quantize(Decimal("0.01")),
                )
                self.store.add("returns", returned)
            elif luck > 0.90:
                bill = shapes.inventory_bill(
                    self.ids.new("inventory_bills"),
                    order["id"] if luck < 0.99 else None,
                    job,
                    unit,
                    day.isoformat(),
                    stamp,
                    str((amount / (1 if luck < 0.99 else 5)).quantize(Decimal("0.01"))),
                )
                self.store.add("inventory_bills", bill)

    def _pay(
        self,
        employee: int,
        day: date,
        cents: int,
        job: Record,
        unit: Unit,
        stamp: str,
        fields: Record,
    ) -> None:
        payroll = (monday(day) - date(2014, 1, 6)).days // 7 + 1
        item = shapes.gross_pay_item(
            employee, payroll, day.isoformat(), number(cents), job, unit.name, stamp, **fields
        )
        self.store.add("gross_pay_items", item)

    # -- invoices and cash ------------------------------------------------------------------

    def _empty_invoice(
        self, job: Record, unit: Unit, household: Household, day: date, created: str
    ) -> None:
        """The $0 invoice that every job gets when it is booked."""
        invoice = shapes.invoice(
            self.ids.new("invoices"),
            job,
            unit,
            household.customer,
            household.location,
            day.isoformat(),
            created,
        )
        job["invoiceId"] = invoice["id"]
        self._add_invoice(invoice)

    def _invoice_and_cash(
        self,
        job: Record,
        unit: Unit,
        household: Household,
        day: date,
        invoice_day: date,
        cents: int,
        created: str,
        done: bool,
        small: bool = False,
    ) -> None:
        """The job's invoice, priced when sold and dated when done, an adjustment, the payments."""
        rng, calendar = self.rng, self.calendar
        tax = int(cents * 0.056) if household.branch.code == "GUAR_TX" else 0
        adjusted = int(cents * 0.05) if done and cents and rng.random() < 0.06 else 0
        due = cents + tax - adjusted
        paid = 0
        invoice_id = job["invoiceId"] = self.ids.new("invoices")
        if not small and cents and rng.random() < 0.10:  # a deposit, before the invoice's date
            paid += due // 3
            self._payment(unit, household, day, [(invoice_id, due // 3)])
        settled = invoice_day + int(rng.random() ** 2 * 50) * DAY
        if done and due > paid and settled <= calendar.last_day and rng.random() < 0.97:
            if rng.random() < 0.04:  # the rest in two cheques
                part = (due - paid) // 2
                paid += part
                self._payment(unit, household, invoice_day, [(invoice_id, part)])
            self._payment(unit, household, settled, [(invoice_id, due - paid)])
            paid = due
        modified = calendar.instant(invoice_day, 1_080, rng) if done else created
        items = []
        if cents:
            items = [
                shapes.invoice_item(self.ids.new("items"), "Service", text(cents), "0.00", created)
            ]
            if rng.random() < 0.2:
                material = text(int(cents * 0.02))
                items.append(
                    shapes.invoice_item(
                        self.ids.new("items"), "Material", "0.00", material, created, order=2
                    )
                )
        job["total"] = number(cents)
        invoice = shapes.invoice(
            invoice_id,
            job,
            unit,
            household.customer,
            household.location,
            invoice_day.isoformat(),
            created,
            cents,
            tax,
            due + adjusted - paid,
            items=items,
            modifiedOn=modified,
        )
        if due > paid and done:
            self.unpaid.append((invoice, unit, household, due - paid))
            self.made["invoices"] += 1
        else:
            self._add_invoice(invoice)
        if adjusted:
            later = min(invoice_day + int(rng.random() * 30) * DAY, calendar.last_day)
            adjustment = shapes.invoice(
                self.ids.new("invoices"),
                job,
                unit,
                household.customer,
                household.location,
                later.isoformat(),
                calendar.instant(later, 840, rng),
                -adjusted,
                adjustmentToId=invoice_id,
                modifiedOn=None,  # nullable in the API, and now and then null
            )
            self._add_invoice(adjustment)

    def _payment(
        self, unit: Unit, household: Household, day: date, parts: list[tuple[int, int]]
    ) -> None:
        """One payment over `parts` (invoice id, cents); the office enters it the same day."""
        stamp = self.calendar.instant(day, 870, self.rng)
        applied = [
            shapes.application(self.ids.new("applications"), invoice, text(cents), stamp)
            for invoice, cents in parts
        ]
        payment = shapes.payment(
            self.ids.new("payments"),
            unit,
            household.customer,
            day.isoformat(),
            stamp,
            text(sum(cents for _, cents in parts)),
            applied,
        )
        self.store.add("payments", payment)
        self.made["payments"] += 1

    # -- up to the volumes ------------------------------------------------------------------

    def _more_estimates(self, missing: int) -> None:
        """Further options that nobody took, on visits that happened."""
        for n in range(missing if self.estimated else 0):
            job, unit, visit = self.estimated[n * 7919 % len(self.estimated)]
            written = self.calendar.instant(visit, 1_115, self.rng)
            cents = 90_000 + int(self.rng.random() * 500_000)
            estimate = shapes.estimate(
                self.ids.new("estimates"),
                job,
                unit,
                written,
                cents,
                status=shapes.STATUS["Dismissed"],
            )
            self.store.add("estimates", estimate)
            self.made["estimates"] += 1

    def _more_invoices(self, missing: int) -> None:
        """Paint sold over the counter: invoices without a job."""
        for day in self._days(missing):
            household = self._household(self._branch(), day)
            unit = household.branch.production
            cents = 1_500 + int(self.rng.random() * 9_000)
            invoice = shapes.invoice(
                self.ids.new("invoices"),
                None,
                unit,
                household.customer,
                household.location,
                day.isoformat(),
                self.calendar.instant(day, 700, self.rng),
                cents,
                balance=cents,
            )
            self.unpaid.append((invoice, unit, household, cents))
            self.made["invoices"] += 1

    def _more_payments(self, missing: int) -> None:
        """The office chases the smallest open invoices first."""
        if missing <= 0:
            return
        self.unpaid.sort(key=lambda entry: (entry[3], entry[0]["id"]))
        for invoice, unit, household, cents in self.unpaid[:missing]:
            day = date.fromisoformat(invoice["invoiceDate"][:10])
            day = min(day + int(self.rng.random() * 20) * DAY, self.calendar.last_day)
            self._payment(unit, household, day, [(invoice["id"], cents)])
            invoice["balance"] = "0.00"

    # -- small steps ------------------------------------------------------------------------

    def _pick(self, group: str) -> JobType:
        """A type of the group, the first ones more often."""
        types = self._types[group]
        return types[int(self.rng.random() ** 2 * len(types))]

    def _workday(self, day: date) -> date:
        """The day itself, or the Monday after a Sunday."""
        return day + DAY if day.weekday() == 6 else day

    def _visits(self, job: Record, day: date, start: date, n: int, created: str) -> None:
        """`n` appointments from `start` on; sometimes an earlier one was deleted."""
        if self.rng.random() < 0.02:
            self._appointment(job, day + DAY, created, active=False)
        ids = [self._appointment(job, start + 2 * k * DAY, created) for k in range(n)]
        job["firstAppointmentId"], job["lastAppointmentId"] = ids[0], ids[-1]
        job["appointmentCount"] = n

    def _appointment(self, job: Record, day: date, created: str, **fields) -> int:
        rng, calendar = self.rng, self.calendar
        minute = (420, 480, 540, 600, 780, 870, 1_020)[int(rng.random() * 7)]
        status = "Done" if job["jobStatus"] == "Completed" else "Scheduled"
        appointment = shapes.appointment(
            self.ids.new("appointments"),
            job["id"],
            job["customerId"],
            calendar.instant(day, minute, rng),
            calendar.instant(day, minute + 120, rng),
            created,
            status=status,
            **fields,
        )
        self.store.add("appointments", appointment)
        return appointment["id"]

    def _add_job(self, job: Record) -> None:
        self.store.add("jobs", job)
        self.made["jobs"] += 1

    def _add_invoice(self, invoice: Record) -> None:
        self.store.add("invoices", invoice)
        self.made["invoices"] += 1
