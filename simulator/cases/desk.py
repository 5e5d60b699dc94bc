"""The desk at which cases are planted: one short call per record, and the naive reading of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from simulator import shapes
from simulator.business import Ids
from simulator.company import BRANCHES, JOB_TYPE, UNIT, Unit
from simulator.shapes import Record, number, text
from simulator.store import Store
from simulator.timekeeping import DAY, Calendar, monday

Records = dict[str, list[Record]]

NOT_LANDED = 999_000_001  # ids from here on belong to no record


@dataclass(frozen=True)
class Reading:
    """How a naive rule takes one planted record: `changes` to it, or None when it overlooks it.

    `made_up` marks a record that only the naive rule sees.
    """

    record: Record
    changes: Record | None
    made_up: str | None = None


def reads(record: Record, **changes) -> Reading:
    """The naive rule reads these fields of the record otherwise."""
    return Reading(record, changes)


def overlooks(record: Record) -> Reading:
    """The naive rule does not see the record."""
    return Reading(record, None)


def makes_up(entity: str, record: Record) -> Reading:
    """The naive rule counts as if this record were there."""
    return Reading(record, {}, made_up=entity)


@dataclass(frozen=True)
class Case:
    """A hard case: `plant` is called with the desk and returns the naive readings.

    `name` is stable, `kpi` the column of daily_kpis that moves, `words` what of the definitions
    page it is for. `plant` may return None where the tenant's last year has no room for the case.
    """

    name: str
    kpi: str
    words: str
    plant: Callable[["Desk"], list[Reading] | None]


def cases(kpi: str) -> tuple[list[Case], Callable]:
    """An empty table of cases of a KPI, and the decorator that enters a function into it."""
    table: list[Case] = []

    def case(words: str, moves: str = kpi):
        def enter(plant: Callable) -> Callable:
            table.append(Case(plant.__name__, moves, words, plant))
            return plant

        return enter

    return table, case


@dataclass(frozen=True)
class Planted:
    """A case with its records in a tenant, and options of the oracle under which it bites."""

    case: Case
    records: list[tuple[str, Record]]
    readings: list[Reading]
    options: Record

    def naive(self, records: Records) -> Records:
        """The tenant's records as the naive rule takes them."""
        taken = {entity: list(rows) for entity, rows in records.items()}
        entities = {id(record): entity for entity, record in self.records}
        for reading in self.readings:
            if reading.made_up:
                taken[reading.made_up].append(reading.record)
                continue
            rows = taken[entities[id(reading.record)]]
            place = find(rows, reading.record)
            rows[place : place + 1] = (
                [] if reading.changes is None else [rows[place] | reading.changes]
            )
        return taken


def find(rows: list[Record], record: Record) -> int:
    """Where a planted record stands among the entity's rows: by id, pay by all its values."""
    for place, row in enumerate(rows):
        if row["id"] == record["id"] if record["id"] is not None else row == record:
            return place
    raise LookupError(f"planted record {record['id']} is not among the {len(rows)} rows")


@dataclass
class Person:
    """A customer and its locations."""

    customer: Record
    locations: list[Record]

    @property
    def ref(self) -> tuple[int, str]:
        return self.customer["id"], self.customer["name"]

    @property
    def place(self) -> tuple[int, str] | None:
        return (self.locations[0]["id"], self.locations[0]["name"]) if self.locations else None


@dataclass
class Desk:
    """Plants the records of one case after another.

    `day` is the case's own Tuesday, six weeks to a year before the last day; `options` what the
    oracle is to be asked with. Clocks are local wall-clock times, money is in cents.
    """

    store: Store
    ids: Ids
    calendar: Calendar
    units: dict[str, Record]
    day: date = field(init=False)
    options: Record = field(init=False)

    def __post_init__(self) -> None:
        self._turn = count()
        self._people = count(1)
        self._planted: list[tuple[str, Record]] = []

    def plant(self, case: Case) -> Planted | None:
        """Plant a case; None, and nothing planted, when it has no room in the last year."""
        week = 6 + next(self._turn) % 44
        self.day = monday(self.last_day) - week * 7 * DAY + DAY
        self.options = {}
        self._planted = []
        readings = case.plant(self)
        if readings is None:
            return None
        for entity, record in self._planted:
            if entity != "business_units":
                self.store.add(entity, record)
        return Planted(case, self._planted, readings, self.options)

    # -- days and instants --------------------------------------------------------------------

    @property
    def last_day(self) -> date:
        return self.calendar.last_day

    def at(self, day: date, clock: str = "10:00") -> str:
        """The instant of a local wall-clock time."""
        return self.calendar.exact(day, clock)

    def noon_of_utc_day(self, instant: str) -> str:
        """Noon, local, of the day that a rule without a time zone would see."""
        return self.at(datetime.fromisoformat(instant).astimezone(UTC).date(), "12:00")

    def clock_changes(self) -> list[date]:
        """The Sundays of March and November on which clocks change, within the last year."""
        years = (self.last_day.year - 1, self.last_day.year)
        sundays = [date(year, 3, 8) for year in years] + [date(year, 11, 1) for year in years]
        sundays = [day + (6 - day.weekday()) * DAY for day in sundays]
        return [day for day in sundays if timedelta(7) < self.last_day - day < timedelta(365)]

    def has_summer_time(self) -> bool:
        noons = (datetime(self.last_day.year, month, 1, 12) for month in (1, 7))
        return len({noon.replace(tzinfo=self.calendar.zone).utcoffset() for noon in noons}) > 1

    # -- names ----------------------------------------------------------------------------------

    def unit(self, name: str) -> Unit:
        return UNIT[name]

    def unit_record(self, name: str) -> Record:
        """The unit's own record, for rules that misread the unit itself."""
        record = self.units[name]
        self._planted.append(("business_units", record))
        return record

    def type_id(self, name: str) -> int:
        return JOB_TYPE[name].id

    # -- records --------------------------------------------------------------------------------

    def add(self, entity: str, record: Record) -> Record:
        """Plant a record; it may still be changed until the case is done."""
        self._planted.append((entity, record))
        return record

    def person(self, name: str | None = None, locations: int = 1, **fields) -> Person:
        """A customer with so many locations; the name is invented unless given."""
        name = f"Planted Household {next(self._people):03}" if name is None else name
        created = self.at(self.day - DAY)
        kind, branch = "Residential", BRANCHES[0]
        customer = self.add(
            "customers",
            shapes.customer(self.ids.new("customers"), name, kind, branch, created, **fields),
        )
        return Person(customer, [self.location(customer["id"], name) for _ in range(locations)])

    def location(self, customer_id: int, name: str, **fields) -> Record:
        created = self.at(self.day - DAY)
        record = shapes.location(
            self.ids.new("locations"), customer_id, name, BRANCHES[0], created, **fields
        )
        return self.add("locations", record)

    def job(
        self,
        unit: str = "Phoenix-Sales",
        of_type: str = "ESTIMATE-RES-EXT",
        day: date | None = None,
        clock: str = "10:00",
        person: Person | None = None,
        completed: str | None = None,
        **fields,
    ) -> Record:
        """A job created at a local time; with `completed` (an instant) it is Completed."""
        person = person or self.person()
        created = self.at(day or self.day, clock)
        status = {"jobStatus": "Completed", "completedOn": completed} if completed else {}
        record = shapes.job(
            self.ids.new("jobs"),
            UNIT[unit].id,
            JOB_TYPE[of_type].id,
            person.customer["id"],
            person.locations[0]["id"] if person.locations else 0,
            created,
            completed or created,
            **(status | fields),
        )
        return self.add("jobs", record)

    def estimate(
        self,
        job: Record | None,
        cents: int,
        sold: str | None = None,
        unit: str = "Phoenix-Sales",
        **fields,
    ) -> Record:
        """An estimate, open or sold at an instant."""
        status = {"status": shapes.STATUS["Sold"], "soldOn": sold, "soldBy": 9_001} if sold else {}
        record = shapes.estimate(
            self.ids.new("estimates"),
            job,
            UNIT[unit],
            self.at(self.day, "11:00"),
            cents,
            **(status | fields),
        )
        return self.add("estimates", record)

    def appointment(self, job: Record, day: date, clock: str = "08:00", **fields) -> Record:
        """An appointment of a local time; it becomes the job's first if there is none yet."""
        record = shapes.appointment(
            self.ids.new("appointments"),
            job["id"],
            job["customerId"],
            self.at(day, clock),
            self.at(day, "23:59"),
            job["createdOn"],
            **fields,
        )
        job["firstAppointmentId"] = job["firstAppointmentId"] or record["id"]
        return self.add("appointments", record)

    def invoice(
        self,
        job: Record | None = None,
        person: Person | None = None,
        unit: str | None = "Phoenix-Production",
        day: date | None = None,
        cents: int = 0,
        **fields,
    ) -> Record:
        """An invoice on the case's day, at the person's first location if there is a person."""
        day = day or self.day
        record = shapes.invoice(
            self.ids.new("invoices"),
            job,
            unit and UNIT[unit],
            person and person.ref,
            person and person.place,
            day.isoformat(),
            self.at(min(day, self.last_day - DAY), "09:00"),
            cents,
            balance=cents,
        )
        record |= fields
        if job and not job["invoiceId"]:
            job["invoiceId"] = record["id"]
        return self.add("invoices", record)

    def painted(
        self,
        day: date | None = None,
        cents: int = 100_000,
        unit: str = "Phoenix-Production",
        of_type: str = "Production-RES-EXT",
        created: date | None = None,
        **fields,
    ) -> tuple[Record, Record, Record]:
        """A production job that starts on a day, as (job, appointment, invoice)."""
        day = day or self.day
        person = self.person()
        job = self.job(unit, of_type, created or day - 14 * DAY, person=person, **fields)
        appointment = self.appointment(job, day)
        invoice = self.invoice(job, person, unit, day, cents)
        return job, appointment, invoice

    def payment(
        self,
        person: Person | None,
        cents: int,
        applied: list[tuple[Record | int, int]],
        unit: str | None = "Phoenix-Production",
        day: date | None = None,
        **fields,
    ) -> Record:
        """A payment of `cents`; `applied` lists (invoice or its id, cents)."""
        day = day or self.day
        stamp = self.at(day, "14:00")
        rows = [
            shapes.application(
                self.ids.new("applications"),
                invoice if isinstance(invoice, int) else invoice["id"],
                text(part),
                stamp,
            )
            for invoice, part in applied
        ]
        record = shapes.payment(
            self.ids.new("payments"),
            unit and UNIT[unit],
            person and person.ref,
            day.isoformat(),
            stamp,
            text(cents),
            rows,
            **fields,
        )
        return self.add("payments", record)

    def pay(self, job: Record | None, cents: int, **fields) -> Record:
        """A gross pay item on the case's day."""
        payroll = (monday(self.day) - date(2014, 1, 6)).days // 7 + 1
        stamp = self.at(self.day, "17:00")
        record = shapes.gross_pay_item(
            9_001, payroll, self.day.isoformat(), number(cents), job, None, stamp, **fields
        )
        return self.add("gross_pay_items", record)

    def order(self, job: Record | None, cents: int, **fields) -> Record:
        """A purchase order on the case's day."""
        record = shapes.purchase_order(
            self.ids.new("purchase_orders"),
            job and job["id"],
            UNIT["Phoenix-Production"].id,
            self.day.isoformat(),
            self.at(self.day, "07:00"),
            number(cents),
            **fields,
        )
        return self.add("purchase_orders", record)

    def returned(self, job: Record | None, order: Record | None, cents: int, **fields) -> Record:
        """A return on the case's day."""
        record = shapes.return_(
            self.ids.new("returns"),
            order and order["id"],
            job and job["id"],
            UNIT["Phoenix-Production"].id,
            self.day.isoformat(),
            self.at(self.day, "16:00"),
            number(cents),
            **fields,
        )
        return self.add("returns", record)

    def bill(self, job: Record | None, order: Record | None, cents: int, **fields) -> Record:
        """An inventory bill on the case's day."""
        record = shapes.inventory_bill(
            self.ids.new("inventory_bills"),
            order and order["id"],
            job,
            UNIT["Phoenix-Production"],
            self.day.isoformat(),
            self.at(self.day, "16:30"),
            text(cents),
            **fields,
        )
        return self.add("inventory_bills", record)

    def cost_item(self, kind: str, cost: str, total_cost: str) -> Record:
        """An item of an invoice, e.g. of type Material, with unit and total cost."""
        return shapes.invoice_item(
            self.ids.new("items"), kind, "0.00", total_cost, self.at(self.day), cost=cost
        )


def dollars(cents: int) -> Decimal:
    """Cents as the number that jpm, sales, payroll and inventory send."""
    return number(cents)
