"""Tiny tenants: records in the API's shape with everything the tests do not talk about filled in.

Days are those of Phoenix (UTC-7, no summer time); 20 October 2025 is a Monday.
"""

from datetime import date
from decimal import Decimal

from simulator import oracle

SALES, PRODUCTION, WEST_SALES, TUCSON_SALES, TUCSON_PRODUCTION, MYSTERY = 1, 2, 3, 4, 5, 6
UNITS = [
    {"id": SALES, "name": "Phoenix-Sales", "active": True},
    {"id": PRODUCTION, "name": "Phoenix-Production", "active": True},
    {"id": WEST_SALES, "name": "Z-DO NOT USE - West - Sales", "active": False},
    {"id": TUCSON_SALES, "name": "Tucson-Sales", "active": True},
    {"id": TUCSON_PRODUCTION, "name": "Tucson-Production", "active": True},
    {"id": MYSTERY, "name": " Mystery Branch\u00a0", "active": True},
]

ESTIMATE, EXTERIOR, WARRANTY, INSPECTION, THRESHOLD, UNLISTED = 1, 2, 3, 4, 5, 6
JOB_TYPES = [
    {"id": ESTIMATE, "name": "ESTIMATE-RES-EXT", "soldThreshold": None},
    {"id": EXTERIOR, "name": "Production-RES-EXT", "soldThreshold": None},
    {"id": WARRANTY, "name": "Warranty", "soldThreshold": None},
    {"id": INSPECTION, "name": "PM Inspection", "soldThreshold": None},
    {"id": THRESHOLD, "name": "ESTIMATE-RES-INT", "soldThreshold": Decimal(500)},
    {"id": UNLISTED, "name": "A type of tomorrow", "soldThreshold": None},
]

AS_OF = date(2025, 11, 5)  # a Wednesday


def oct_(day: int) -> date:
    return date(2025, 10, day)


INVOICED, STARTED, PAID = oct_(22), oct_(22), oct_(23)


def noon(day: date) -> str:
    """The instant of noon in Phoenix."""
    return f"{day}T19:00:00Z"


def midnight(day: date) -> str:
    """A calendar date as the API sends it."""
    return f"{day}T00:00:00Z"


def ref(identifier: int | None) -> dict | None:
    return None if identifier is None else {"id": identifier, "name": "not read"}


def sales_job(identifier: int = 1, **fields) -> dict:
    """A scheduled estimate job of Phoenix-Sales, created on 20 October."""
    return {
        "id": identifier,
        "jobStatus": "Scheduled",
        "completedOn": None,
        "businessUnitId": SALES,
        "jobTypeId": ESTIMATE,
        "customerId": identifier,
        "noCharge": False,
        "firstAppointmentId": 0,
        "createdOn": noon(oct_(20)),
        "active": True,
    } | fields


def production_job(identifier: int = 1, **fields) -> dict:
    """A scheduled exterior job of Phoenix-Production, created on 20 October."""
    return sales_job(identifier, **{"businessUnitId": PRODUCTION, "jobTypeId": EXTERIOR} | fields)


def completed(day: date) -> dict:
    return {"jobStatus": "Completed", "completedOn": noon(day)}


def customer(identifier: int, name: str | None, **fields) -> dict:
    return {"id": identifier, "name": name, "active": True, "mergedToId": None} | fields


def location(identifier: int, customer_id: int, **fields) -> dict:
    return {"id": identifier, "customerId": customer_id, "name": "Home", "active": True} | fields


def appointment(identifier: int = 1, day: date | None = STARTED, **fields) -> dict:
    """An appointment of job 1, on 22 October."""
    return {
        "id": identifier,
        "jobId": 1,
        "start": day and noon(day),
        "unused": False,
        "active": True,
    } | fields


def estimate(identifier: int = 1, status: str | None = "Sold", **fields) -> dict:
    """A sold estimate of job 1: $100 on 21 October."""
    return {
        "id": identifier,
        "jobId": 1,
        "status": None if status is None else {"value": 1, "name": status},
        "soldOn": noon(oct_(21)),
        "subtotal": Decimal(100),
        "businessUnitId": MYSTERY,
        "active": True,
    } | fields


def invoice(
    identifier: int = 1,
    amount: str = "100",
    *,
    job: int | None = 1,
    unit: int | None = PRODUCTION,
    customer: int | None = 1,
    location: int | None = 10,
    day: date | None = INVOICED,
    **fields,
) -> dict:
    """An invoice over $100, no tax, of job 1, Phoenix-Production, location 10, of 22 October."""
    return {
        "id": identifier,
        "subTotal": amount,
        "total": amount,
        "invoiceDate": day and midnight(day),
        "job": ref(job),
        "businessUnit": ref(unit),
        "customer": ref(customer),
        "location": ref(location),
        "items": [],
        "active": True,
    } | fields


def payment(
    identifier: int = 1,
    total: str = "100",
    applied: dict[int, str] | None = None,
    *,
    unit: int | None = SALES,
    customer: int | None = 1,
    day: date | None = PAID,
    **fields,
) -> dict:
    """A payment of $100 of 23 October on Phoenix-Sales; `applied`: invoice id -> amount."""
    return {
        "id": identifier,
        "total": total,
        "unappliedAmount": "not read",
        "date": day and midnight(day),
        "businessUnit": ref(unit),
        "customer": ref(customer),
        "appliedTo": [
            {"appliedId": 900 + invoice_id, "appliedTo": invoice_id, "appliedAmount": amount}
            for invoice_id, amount in (applied or {}).items()
        ],
        "active": True,
    } | fields


def tenant(**entities: list[dict]) -> dict[str, list[dict]]:
    return {"business_units": UNITS, "job_types": JOB_TYPES} | entities


def rows(records: dict, **options) -> dict[tuple[date, str], dict]:
    """The daily rows, by day and unit."""
    found = oracle.daily_kpis(records, **{"as_of": AS_OF} | options)
    return {(row["event_date"], row["business_unit"]): row for row in found}


def series(
    records: dict, kpi: str, unit: str | None = None, **options
) -> dict[date, int | Decimal | float]:
    """The days on which the KPI of the unit is neither 0 nor null, with its value; by default of
    the Phoenix unit that the KPI applies to."""
    production = ("dollars_produced", "gpm_percent", "future_bookings", "warranty_percent")
    unit = unit or ("Phoenix-Production" if kpi in production else "Phoenix-Sales")
    return {
        day: row[kpi]
        for (day, name), row in rows(records, **options).items()
        if name == unit and row[kpi]
    }
