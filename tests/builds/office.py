"""What an office does to its records from one day to the next, the harder things first.

Each edit takes the tenant and a random source and changes records that lie anywhere in the history.
"""

from collections.abc import Callable
from decimal import Decimal
from random import Random

from simulator import Tenant, one_day, shapes
from simulator.store import Record
from simulator.timekeeping import shift

Edit = Callable[[Tenant, Random], None]


def late_sale(tenant: Tenant, random: Random) -> None:
    """An estimate is entered today as sold on a day months back, and one sale is moved there."""
    for estimate in _some(tenant, random, "estimates", 3):
        day = random.choice(tenant.records()["jobs"])["createdOn"]
        sold = {"status": shapes.STATUS["Sold"], "soldOn": day, "active": True}
        tenant.change("estimates", estimate | sold)


def reschedule(tenant: Tenant, random: Random) -> None:
    """Appointments move to another day, month or year; one goes to another job."""
    moved = _some(tenant, random, "appointments", 4)
    for appointment, days in zip(moved, (1, -40, 35, 400), strict=True):
        times = {name: shift(appointment[name], days=days) for name in ("start", "end")}
        tenant.change("appointments", appointment | times)
    tenant.change("appointments", moved[0] | {"jobId": _one(tenant, random, "jobs")["id"]})


def refund(tenant: Tenant, random: Random) -> None:
    """A payment is given back as one of less than nothing, another is taken off its invoice."""
    given, taken = _some(tenant, random, "payments", 2)
    back = {"id": tenant.ids.new("payments"), "total": f"{-Decimal(given['total'])}"}
    tenant.change("payments", given | back | {"appliedTo": [], "date": tenant.now})
    tenant.change("payments", taken | {"appliedTo": []})


def deactivate(tenant: Tenant, random: Random) -> None:
    """Something of everything is deleted, and something that was deleted comes back."""
    for entity in ("appointments", "estimates", "invoices", "payments", "returns", "locations"):
        record = _one(tenant, random, entity)
        tenant.change(entity, record | {"active": not record["active"]})
    tenant.remove_pay(_one(tenant, random, "gross_pay_items"))


def rename_a_unit(tenant: Tenant, random: Random) -> None:
    """A unit takes the name of one that the office combines with another, or one nobody knows."""
    unit = _one(tenant, random, "business_units")
    name = random.choice(["Z-DO NOT USE - West - Sales", f"{unit['name']} of old"])
    tenant.change("business_units", unit | {"name": name})


def move_to_another(tenant: Tenant, random: Random) -> None:
    """Jobs change unit, type and customer; invoices and pay change their job."""
    for job in _some(tenant, random, "jobs", 3):
        other = _one(tenant, random, "jobs")
        fields = ("businessUnitId", "jobTypeId", "customerId")
        tenant.change("jobs", job | {name: other[name] for name in fields})
    invoice, other = _some(tenant, random, "invoices", 2)
    tenant.change("invoices", invoice | {name: other[name] for name in ("job", "businessUnit")})
    pay = _one(tenant, random, "gross_pay_items")
    tenant.change("gross_pay_items", pay | {"jobId": _one(tenant, random, "jobs")["id"]}, pay)


def rename_a_customer(tenant: Tenant, random: Random) -> None:
    """A customer takes another's name, so that two leads of a day may become one."""
    customer, other = _some(tenant, random, "customers", 2)
    tenant.change("customers", customer | {"name": other["name"]})


EDITS: tuple[Edit, ...] = (
    late_sale,
    reschedule,
    refund,
    deactivate,
    rename_a_unit,
    move_to_another,
    rename_a_customer,
)


def a_day(tenant: Tenant, seed: int) -> None:
    """A day of the office: what the simulator calls one, and every edit above in random order."""
    random = Random(seed)
    one_day(tenant, seed)
    for edit in random.sample(EDITS, len(EDITS)):
        edit(tenant, random)


def _some(tenant: Tenant, random: Random, entity: str, number: int) -> list[Record]:
    return random.sample(tenant.records()[entity], number)


def _one(tenant: Tenant, random: Random, entity: str) -> Record:
    return _some(tenant, random, entity, 1)[0]
