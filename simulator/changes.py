"""A day of the office's changes, for whoever reads the export feeds a second time."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random

from simulator import shapes
from simulator.store import Record
from simulator.tenant import Tenant
from simulator.timekeeping import shift

PAYROLL_STAYS_OPEN = timedelta(days=45)

Edit = Callable[[Record, str], Record]


def _finish(job: Record, now: str) -> Record:
    return {"jobStatus": "Completed", "completedOn": now}


def _sell(estimate: Record, now: str) -> Record:
    return {"status": shapes.STATUS["Sold"], "soldOn": now, "soldBy": 9_001}


def _postpone(appointment: Record, now: str) -> Record:
    return {name: shift(appointment[name], days=1) for name in ("start", "end")}


def _reprice(invoice: Record, now: str) -> Record:
    raised = [("subTotal", 100), ("total", 100), ("balance", 100)]
    return {name: f"{Decimal(invoice[name] or 0) + more}" for name, more in raised}


def _delete(record: Record, now: str) -> Record:
    return {"active": False}


def _cancel(record: Record, now: str) -> Record:
    return {"status": "Canceled"}


def _adjust(pay: Record, now: str) -> Record:
    return {"amountAdjustment": (pay["amountAdjustment"] or 0) + Decimal("12.50")}


# Every entity's edits take turns; entities without one do not change in a day.
EDITS: dict[str, tuple[Edit, ...]] = {
    "jobs": (_finish,),
    "appointments": (_postpone, _delete),
    "estimates": (_sell, _sell, _delete),
    "invoices": (_reprice, _reprice, _delete),
    "payments": (_delete,),
    "gross_pay_items": (_adjust,),
    "purchase_orders": (_cancel,),
    "returns": (_cancel, _delete),
    "inventory_bills": (_delete,),
}

# What the day's new leads and sales bring, as copies of earlier ones under new ids.
NEW = ("customers", "locations", "jobs", "appointments", "estimates", "invoices", "payments")


def one_day(tenant: Tenant, seed: int = 1) -> Counter:
    """Change a tenant as one day at the office does, and count the changes per entity.

    In each entity about as many records change, and as many come anew, as the tenant has per day
    (at least one), recent gross pay items also go; the same tenant and seed give the same changes.
    """
    rng = Random(seed)
    days = (tenant.last_day - tenant.first_day).days + 1
    changed: Counter = Counter()
    for entity, edits in EDITS.items():
        for n, record in enumerate(_some(tenant, entity, rng, days)):
            new = record | edits[n % len(edits)](record, tenant.now)
            instead_of = record if entity == "gross_pay_items" else None
            tenant.change(entity, new, instead_of)
            changed[entity] += 1
    for entity in NEW:
        for record in _some(tenant, entity, rng, days):
            tenant.change(entity, record | {"id": tenant.ids.new(entity), "createdOn": tenant.now})
            changed[entity] += 1
    for record in _some(tenant, "gross_pay_items", rng, days):
        tenant.change("gross_pay_items", record | {"createdOn": tenant.now})
        changed["gross_pay_items"] += 1
    for record in _recent_pay(tenant, rng, days):
        tenant.remove_pay(record)
        changed["gross_pay_items"] += 1
    return changed


def _some(tenant: Tenant, entity: str, rng: Random, days: int) -> list[Record]:
    """A day's share of an entity's records, at random."""
    feed = tenant.store.feeds[entity]
    positions = [n for n, body in enumerate(feed.bodies) if body is not None]
    return [feed.record(n) for n in rng.sample(positions, max(1, len(positions) // days))]


def _recent_pay(tenant: Tenant, rng: Random, days: int) -> list[Record]:
    """Pay that payroll takes back: only within weeks, as older weeks are closed.

    That matters to readers, because the API never tells that a row of pay is gone: who reads the
    last 60 days again sees it.
    """
    feed = tenant.store.feeds["gross_pay_items"]
    first = (tenant.last_day - PAYROLL_STAYS_OPEN).isoformat()
    positions = [n for day in feed.days() if day >= first for n in feed.of_date(day)]
    share = min(len(positions), max(1, feed.live // days // 4))
    return [feed.record(n) for n in rng.sample(positions, share)]
