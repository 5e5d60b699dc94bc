"""A dataset as the older system left it, with every fault that is known of it."""

from collections.abc import Mapping
from types import MappingProxyType

from google.cloud import bigquery

COMMON = {"createdOn": "TIMESTAMP", "modifiedOn": "TIMESTAMP", "_ingested_at": "TIMESTAMP"}

# Table -> old column -> type.
SCHEMAS = {
    "raw_job_types": {"id": "INT64", "name": "STRING", "businessUnitIds": "STRING", **COMMON},
    "raw_customers": {"id": "FLOAT64", "name": "STRING", "active": "STRING", **COMMON},
    "raw_jobs": {
        "id": "INT64",
        "jobNumber": "STRING",
        "jobStatus": "STRING",
        "completedOn": "STRING",
        "businessUnitId": "INT64",
        "jobTypeId": "FLOAT64",
        "customerId": "INT64",
        "invoiceId": "INT64",
        "total": "FLOAT64",
        "tagTypeIds": "STRING",
        "customFields": "STRING",
        "summary": "STRING",
        **COMMON,
    },
    "raw_appointments": {
        "id": "INT64",
        "jobId": "INT64",
        "scheduledStart": "TIMESTAMP",
        "scheduledEnd": "STRING",
        "status": "STRING",
        "unused": "BOOL",
        **COMMON,
    },
    "raw_estimates": {
        "id": "INT64",
        "jobId": "INT64",
        "status": "STRING",
        "soldOn": "TIMESTAMP",
        "subtotal": "FLOAT64",
        "items": "STRING",
        **COMMON,
    },
    "raw_invoices": {
        "id": "INT64",
        "referenceNumber": "INT64",
        "subTotal": "FLOAT64",
        "total": "STRING",
        "balance": "FLOAT64",
        "invoiceDate": "TIMESTAMP",
        "dueDate": "STRING",
        "jobId": "INT64",
        "businessUnitId": "STRING",
        "customer": "STRING",
        "locationId": "INT64",
        "items": "STRING",
        **(COMMON | {"modifiedOn": "STRING"}),
    },
    "raw_payments": {"id": "INT64", "referenceNumber": "STRING", "type": "STRING", **COMMON},
    "raw_gross_pay_items": {"id": "INT64", "jobId": "INT64", "amount": "FLOAT64", **COMMON},
    "raw_purchase_orders": {
        "id": "STRING",
        "purchaseOrderId": "INT64",
        "status": "STRING",
        "jobId": "INT64",
        "total": "FLOAT64",
        "date": "STRING",
        **COMMON,
    },
    "raw_returns": {
        "id": "STRING",
        "returnId": "INT64",
        "purchaseOrderId": "INT64",
        "jobId": "INT64",
        "status": "STRING",
        "returnAmount": "FLOAT64",
        "returnDate": "DATE",
        **COMMON,
    },
    "raw_bills": {
        "id": "STRING",
        "inventoryBillId": "INT64",
        "purchaseOrderId": "INT64",
        "jobId": "INT64",
        "billAmount": "FLOAT64",
        "billDate": "STRING",
        **COMMON,
    },
    "raw_locations": {"id": "STRING", "name": "STRING", **COMMON},
    "sync_state": {"entity": "STRING"},
}

_OLD, _NEW = "2021-03-01 00:00:00+00", "2022-03-01 00:00:00+00"


def at(modified: str = _OLD, ingested: str = "2023-01-01 00:00:00+00") -> dict:
    return {"createdOn": "2020-05-01 01:30:00+00", "modifiedOn": modified, "_ingested_at": ingested}


ROWS = {
    "raw_job_types": [{"id": 3, "name": "Estimate", "businessUnitIds": "[7, 8]", **at()}],
    # A column of ids with a gap, written as floats; one that is no id.
    "raw_customers": [
        {"id": 11.0, "name": "Ann", "active": "True", **at()},
        {"id": 12.5, "name": "half", "active": "no", **at()},
        {"id": None, "name": "none", **at()},
    ],
    "raw_jobs": [
        # The same key three times: the greatest modifiedOn, then the latest ingested.
        {"id": 1, "jobStatus": "Scheduled", "total": 1.0, **at()},
        {"id": 1, "jobStatus": "Stale", "total": 2.0, **at(_NEW)},
        {
            "id": 1,
            "jobNumber": "J-1",
            "jobStatus": "Completed",
            "completedOn": "2021-02-03T04:05:06.1234567Z",
            "businessUnitId": 7,
            "jobTypeId": 3.0,
            "customerId": 11,
            "invoiceId": 0,
            "total": 123.44999999999999,
            "tagTypeIds": "[1, 2]",
            "customFields": '[{"name": "a", "value": 1.10}]',
            "summary": "ours has no such column",
            **at(_NEW, "2023-02-02 00:00:00+00"),
        },
        # Every value is broken, none may stop the row; and its twin, equal in all but the text.
        {
            "id": 2,
            "jobStatus": "Hold",
            "completedOn": "yesterday",
            "businessUnitId": 7,
            "jobTypeId": 3.5,
            "customerId": 11,
            "total": 10.239,
            "tagTypeIds": "[1, 2",
            "customFields": "",
            **at(None),
        },
        {"id": 2, "jobStatus": "Hold", "businessUnitId": None, "summary": "zz", **at(None)},
        # Only in the old system.
        {"id": 3, "jobStatus": "Canceled", "total": -5.005, **at()},
    ],
    "raw_appointments": [
        {
            "id": 21,
            "jobId": 1,
            "scheduledStart": "2021-02-03 16:00:00+00",
            "scheduledEnd": "2021-02-03T18:00:00Z",
            "status": "Done",
            "unused": False,
            **at(),
        }
    ],
    # The status as the API nests it, and as its name.
    "raw_estimates": [
        {
            "id": 31,
            "jobId": 1,
            "status": '{"value": 1, "name": "Sold"}',
            "soldOn": "2021-02-04 00:00:00+00",
            "subtotal": 0.1 + 0.2,
            "items": '[{"id": 1}]',
            **at(),
        },
        {"id": 32, "jobId": 1, "status": "Open", "subtotal": None, "items": "{'id': 1}", **at()},
    ],
    "raw_invoices": [
        {
            "id": 41 + place,
            "referenceNumber": 900 + place,
            "subTotal": 100.1,
            "total": "108.20",
            "balance": float("nan"),
            "invoiceDate": "2021-02-05 00:00:00+00",
            "dueDate": "2021-03-05T00:00:00-07:00",
            "jobId": 1,
            "businessUnitId": unit,
            "customer": '{"id": 11, "name": "Ann"}',
            "locationId": 51,
            "items": '[{"total": "100.10"}]',
            **at("2021-02-05T01:02:03.1234567Z"),
        }
        for place, unit in enumerate(["", "0", None, "7"])
    ],
    "raw_payments": [{"id": 61, "referenceNumber": "P-1", "type": "Check", **at()}],
    "raw_gross_pay_items": [{"id": None, "jobId": 1, "amount": 50.0, **at()}],
    "raw_purchase_orders": [
        {
            "id": "9f86d081",
            "purchaseOrderId": 71,
            "status": "Received",
            "jobId": 1,
            "total": 33.33,
            "date": "2021-02-01T00:00:00Z",
            **at(),
        }
    ],
    "raw_returns": [
        {
            "id": "60303ae2",
            "returnId": 81,
            "purchaseOrderId": 71,
            "jobId": 0,
            "status": "Returned",
            "returnAmount": 3.1,
            "returnDate": "2021-02-20",
            **at(),
        }
    ],
    "raw_bills": [
        {
            "id": "fd61a03a",
            "inventoryBillId": 91,
            "purchaseOrderId": 71,
            "jobId": 1,
            "billAmount": 33.33,
            "billDate": "2021-02-10",
            **at(),
        }
    ],
    "raw_locations": [],
    "sync_state": [{"entity": "jobs"}],
}


def plant(
    client: bigquery.Client, dataset: str, tables: Mapping[str, list[dict]] = MappingProxyType(ROWS)
) -> None:
    """Makes the dataset and fills these of its tables."""
    place = bigquery.DatasetReference(client.project, dataset)
    client.create_dataset(bigquery.Dataset(place))
    for name, rows in tables.items():
        schema = [bigquery.SchemaField(column, kind) for column, kind in SCHEMAS[name].items()]
        client.create_table(bigquery.Table(place.table(name), schema))
        insert(client, dataset, name, rows)


def insert(client: bigquery.Client, dataset: str, name: str, rows: list[dict]) -> None:
    """Puts more rows into a table; columns that a row does not name are null."""
    written = ", ".join(
        f"({', '.join(_literal(row.get(column), kind) for column, kind in SCHEMAS[name].items())})"
        for row in rows
    )
    if written:
        client.query_and_wait(f"insert into `{client.project}.{dataset}.{name}` values {written}")


def _literal(value: object, kind: str) -> str:
    if value is None:
        return "null"
    if kind in ("INT64", "BOOL"):
        return str(value).lower()
    if kind == "FLOAT64":
        return f"cast('{value!r}' as float64)"
    return f"{'' if kind == 'STRING' else kind} {str(value)!r}"
