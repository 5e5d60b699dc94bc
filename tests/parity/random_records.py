"""Records drawn at random from a small world, so that every odd combination meets every other.

No contractor looks like this: ids are missing, inactive or unknown in a fifth of all cases, names
collide, and many instants lie where the office's day is not the day in UTC.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from simulator.oracle import Records

FIRST_DAY = date(2023, 12, 20)
DAYS = 830  # past 29 February 2024 and two years of clock changes

UNITS = [
    "Phoenix-Sales",
    "Phoenix-Production",
    "Z-DO NOT USE - West - Sales",
    "z-do not use – west- production\u00a0",
    "Andy’s Painting Sales",
    "ANDY'S  PAINTING-PRODUCTION",
    " Unheard-of Unit\t",
    None,
]
JOB_TYPES = [
    "Estimate",
    "ESTIMATE-RES-EXT",
    "estimate- cabinets",
    "Warranty",
    "Touchup",
    "PM Inspection",
    "Window/Solar Washing ",
    "Production-RES-EXT",
    "Company Training ",
    "Unheard-of Type",
]
CUSTOMERS = [
    "Sample Household",
    "SAMPLE  household",
    "O'Sample-Invented",
    "O’Sample–Invented",
    "A Test Customer",
    "Contest Invented",
    "",
    None,
    "Invented One",
    "Invented Two",
]
LOCATIONS = ["Home", "Name", " NAME ", "Shop", None]
UNKNOWN = 987_654


def draw(seed: int, jobs: int = 160) -> Records:
    """All entities of a world with `jobs` jobs and a few of everything else per job."""
    return _World(Random(seed)).records(jobs)


class _World:
    def __init__(self, random: Random):
        self.random = random

    def records(self, jobs: int) -> Records:
        units = [
            {"id": 10 + i, "name": name, "active": self.active()} for i, name in enumerate(UNITS)
        ]
        types = [
            {
                "id": 30 + i,
                "name": name,
                "active": self.active(),
                "soldThreshold": self.random.choice([None, None, Decimal(0), Decimal("500.5")]),
                "noCharge": False,
            }
            for i, name in enumerate(JOB_TYPES)
        ]
        customers = [
            {"id": 50 + i, "name": name, "active": self.active()}
            for i, name in enumerate(CUSTOMERS)
        ]
        locations = [
            {
                "id": 70 + i,
                "name": self.random.choice(LOCATIONS),
                "customerId": self.one_of(customers),
                "active": self.active(),
            }
            for i in range(9)
        ]
        world = {
            "business_units": units,
            "job_types": types,
            "customers": customers,
            "locations": locations,
        }
        world["campaigns"], world["technicians"] = [], []
        world["jobs"] = [self.job(1000 + i, world, jobs) for i in range(jobs)]
        for entity, make, per_job in (
            ("appointments", self.appointment, 1.6),
            ("estimates", self.estimate, 1.6),
            ("invoices", self.invoice, 1.4),
            ("payments", self.payment, 0.9),
            ("purchase_orders", self.purchase_order, 0.6),
            ("returns", self.goods_return, 0.4),
            ("inventory_bills", self.bill, 0.4),
        ):
            world[entity] = []
            world[entity] += [make(2000 + i, world) for i in range(int(jobs * per_job))]
        pay = [self.pay(world) for _ in range(jobs)]
        world["gross_pay_items"] = pay + self.random.sample(pay, jobs // 8)  # equal rows are real
        return world

    def job(self, id: int, world: Records, jobs: int) -> dict:
        return {
            "id": id,
            "jobNumber": f"J{id}",
            "jobStatus": self.random.choice(
                ["Completed"] * 4 + ["Canceled", "Scheduled", "Hold", "InProgress"]
            ),
            "createdOn": self.instant(),
            "completedOn": self.maybe(self.instant()),
            "businessUnitId": self.one_of(world["business_units"]),
            "jobTypeId": self.one_of(world["job_types"]),
            "customerId": self.one_of(world["customers"]),
            "locationId": self.one_of(world["locations"]),
            "noCharge": self.random.choice([False, False, False, True, None, None]),
            "firstAppointmentId": self.random.choice(
                [None, 0, UNKNOWN, 2000 + self.random.randrange(int(jobs * 1.6))]
            ),
            "active": True,
        }

    def appointment(self, id: int, world: Records) -> dict:
        return {
            "id": id,
            "jobId": self.one_of(world["jobs"]),
            "start": self.maybe(self.instant()),
            "status": "Done",
            "unused": self.random.random() < 0.2,
            "active": self.active(),
        }

    def estimate(self, id: int, world: Records) -> dict:
        return {
            "id": id,
            "jobId": self.one_of(world["jobs"]),
            "status": self.random.choice(
                [{"value": 1, "name": "Sold"}] * 3 + [{"value": 0, "name": "Open"}, None]
            ),
            "soldOn": self.maybe(self.instant()),
            "subtotal": Decimal(self.money()),
            "active": self.active(),
        }

    def invoice(self, id: int, world: Records) -> dict:
        subtotal = self.money()
        return {
            "id": id,
            "job": self.reference(world["jobs"]),
            "businessUnit": self.reference(world["business_units"]),
            "customer": self.reference(world["customers"]),
            "location": self.reference(world["locations"]) if self.random.random() < 0.5 else None,
            "subTotal": subtotal,
            "total": self.random.choice([subtotal, self.money(), None]),
            "invoiceDate": self.maybe(self.calendar_date()),
            "items": [
                {
                    "id": id * 10 + i,
                    "type": self.random.choice(
                        ["Material", "Equipment", "Service", "PriceModifier"]
                    ),
                    "total": self.money(),
                    "totalCost": self.random.choice([self.money(), self.money(), "", None]),
                    "cost": self.money(),
                    "quantity": "3.0000000000000000000",
                }
                for i in range(self.random.randrange(4))
            ],
            "active": self.active(),
        }

    def payment(self, id: int, world: Records) -> dict:
        applied = [
            {
                "appliedId": self.random.choice([id * 10 + i, 1]),
                "appliedTo": self.one_of(world["invoices"]) or UNKNOWN,
                "appliedAmount": self.money(),
            }
            for i in range(self.random.randrange(4))
        ]
        whole = str(sum((Decimal(part["appliedAmount"]) for part in applied), Decimal(0)))
        return {
            "id": id,
            "date": self.maybe(self.calendar_date()),
            "total": self.random.choice([whole, whole, self.money(), None]),
            "unappliedAmount": self.money(),
            "businessUnit": self.reference(world["business_units"]),
            "customer": self.reference(world["customers"]),
            "appliedTo": applied or self.random.choice([[], None]),
            "active": self.active(),
        }

    def pay(self, world: Records) -> dict:
        return {
            "id": None,
            "employeeId": self.random.randrange(5),
            "date": self.calendar_date(),
            "amount": Decimal(self.money()),
            "amountAdjustment": self.random.choice([None, Decimal(self.money())]),
            "grossPayItemType": self.random.choice(
                ["TimesheetTime", "InvoiceRelatedBonus", "Salary"]
            ),
            "jobId": self.one_of(world["jobs"]) if self.random.random() < 0.6 else 0,
            "invoiceId": self.one_of(world["invoices"]),
        }

    def purchase_order(self, id: int, world: Records) -> dict:
        return {
            "id": id,
            "jobId": self.one_of(world["jobs"]),
            "status": self.random.choice(["Exported", "Pending", "Canceled"]),
            "total": Decimal(self.money()),
            "tax": Decimal(self.money()),
        }

    def goods_return(self, id: int, world: Records) -> dict:
        return {
            "id": id,
            "jobId": self.one_of(world["jobs"]) if self.random.random() < 0.5 else None,
            "purchaseOrderId": self.one_of(world["purchase_orders"]),
            "status": self.random.choice(["Returned", "Returned", "Canceled"]),
            "dateCanceled": self.instant() if self.random.random() < 0.2 else None,
            "returnAmount": Decimal(self.money()),
            "active": self.active(),
        }

    def bill(self, id: int, world: Records) -> dict:
        return {
            "id": id,
            "jobId": self.one_of(world["jobs"]),
            "purchaseOrderId": self.random.choice([None, 0, self.one_of(world["purchase_orders"])]),
            "billAmount": self.money(),
            "active": self.active(),
        }

    def one_of(self, records: list[dict]) -> int | None:
        """The id of a record; now and then none, 0 or an id that is not landed."""
        odd = self.random.random()
        if odd < 0.15:
            return (None, 0, UNKNOWN)[int(odd * 20)]
        return self.random.choice(records)["id"]

    def reference(self, records: list[dict]) -> dict | None:
        id = self.one_of(records)
        return None if id is None else {"id": id, "name": "shown, not used"}

    def active(self) -> bool | None:
        return self.random.choice([True] * 5 + [False, None])

    def maybe(self, value: str) -> str | None:
        return value if self.random.random() < 0.9 else None

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.random.randrange(DAYS))

    def calendar_date(self) -> str:
        return f"{self.day()}T00:00:00Z"

    def instant(self) -> str:
        """Half of all instants lie in the hours in which UTC is a day ahead of the office."""
        hour = self.random.choice([self.random.randrange(24), 5, 6, 7])
        moment = datetime(*self.day().timetuple()[:3], hour, self.random.randrange(60), tzinfo=UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S") + self.random.choice(["Z", ".1234567Z", ".5Z"])

    def money(self) -> str:
        """Mostly plain dollars and cents, some zeros, credits and long decimals."""
        kind = self.random.random()
        if kind < 0.15:
            return "0"
        if kind < 0.25:
            return f"{self.random.randrange(10**12)}.{self.random.randrange(10**9):09}"
        return str(Decimal(self.random.randrange(-20_000, 100_000)) / 100)
