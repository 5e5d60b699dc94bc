"""Records for rules that no planted case brings to light: random ones, and a few odd ones."""

from datetime import date

from simulator.oracle import Records
from tests.parity.random_records import draw

AS_OF = date(2025, 11, 5)  # a Wednesday: its week goes on


def rare() -> Records:
    """A random world; a job on a 29 February whose 28 February a year before was a Monday; on
    another unit, an invoice that is too small for a line but begins the unit's rows; a payment of
    the day after AS_OF."""
    records = draw(1)
    unit = {record["name"]: record["id"] for record in records["business_units"]}
    leap = {"id": 900_001, "businessUnitId": unit["Phoenix-Production"], "jobStatus": "Completed"}
    records["jobs"].append(leap | {"createdOn": "2011-02-01T18:00:00Z"})
    records["appointments"].append(
        {"id": 900_002, "jobId": leap["id"], "start": "2012-02-29T18:00:00Z", "unused": False}
    )
    records["invoices"] += [
        {"id": 900_003, "job": {"id": leap["id"]}, "subTotal": "700.00"},
        {
            "id": 900_004,
            "businessUnit": {"id": unit["Andy’s Painting Sales"]},
            "invoiceDate": "2011-01-03T00:00:00Z",
            "total": "5.00",
        },
    ]
    records["payments"].append({"id": 900_005, "date": "2025-11-06T00:00:00Z", "total": "3.00"})
    return records
