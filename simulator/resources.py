"""What the API serves: path, feeds, default for inactive rows, and the filters of each entity."""

from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.store import Record


def flat(name: str) -> Callable[[Record], object]:
    """Read a top-level field."""
    return lambda record: record[name]


def nested(name: str) -> Callable[[Record], object]:
    """Read the id of a nested reference."""
    return lambda record: (record[name] or {}).get("id")


@dataclass(frozen=True)
class Resource:
    """One entity's place in the API.

    `activity` names the list parameter that shows inactive rows (None: the list shows all);
    `hides_active`: only the export model has the field `active`; `windowed`: the list is asked by
    windows of days, so a day's records are found without reading all. `equal` maps a parameter to
    the field that it compares (comma-separated values: any of them), `since` and `before` to the
    instant or calendar date that they bound, inclusive and exclusive.
    """

    entity: str
    module: str
    name: str
    export: bool = True
    activity: str | None = "active"
    hides_active: bool = False
    windowed: bool = False
    equal: dict[str, Callable[[Record], object]] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    before: dict[str, str] = field(default_factory=dict)


RESOURCES = (
    Resource("business_units", "settings", "business-units", equal={"name": flat("name")}),
    Resource("technicians", "settings", "technicians", equal={"name": flat("name")}),
    Resource("job_types", "jpm", "job-types", export=False, equal={"name": flat("name")}),
    Resource("campaigns", "marketing", "campaigns", export=False, equal={"name": flat("name")}),
    Resource(
        "jobs",
        "jpm",
        "jobs",
        activity=None,
        hides_active=True,
        equal={
            "number": flat("jobNumber"),
            "jobStatus": flat("jobStatus"),
            "customerId": flat("customerId"),
            "locationId": flat("locationId"),
            "businessUnitId": flat("businessUnitId"),
            "jobTypeId": flat("jobTypeId"),
            "campaignId": flat("campaignId"),
            "invoiceId": flat("invoiceId"),
        },
        since={"completedOnOrAfter": "completedOn"},
        before={"completedBefore": "completedOn"},
    ),
    Resource(
        "appointments",
        "jpm",
        "appointments",
        equal={
            "jobId": flat("jobId"),
            "customerId": flat("customerId"),
            "status": flat("status"),
            "unused": flat("unused"),
        },
        since={"startsOnOrAfter": "start"},
        before={"startsBefore": "start"},
    ),
    Resource("customers", "crm", "customers", equal={"name": flat("name")}),
    Resource("locations", "crm", "locations", equal={"customerId": flat("customerId")}),
    Resource(
        "estimates",
        "sales",
        "estimates",
        equal={
            "jobId": flat("jobId"),
            "locationId": flat("locationId"),
            "status": lambda record: (record["status"] or {}).get("name"),
        },
        since={"soldAfter": "soldOn"},
        before={"soldBefore": "soldOn"},
    ),
    Resource(
        "invoices",
        "accounting",
        "invoices",
        activity="activeState",
        equal={
            "jobId": nested("job"),
            "businessUnitId": nested("businessUnit"),
            "customerId": nested("customer"),
            "adjustmentToId": flat("adjustmentToId"),
            "number": flat("referenceNumber"),
        },
        since={"invoicedOnOrAfter": "invoiceDate"},
        before={"invoicedOnBefore": "invoiceDate"},
    ),
    Resource(
        "payments",
        "accounting",
        "payments",
        activity="activeState",
        equal={"customerId": nested("customer"), "businessUnitIds": nested("businessUnit")},
        since={"paidOnAfter": "date"},
        before={"paidOnBefore": "date"},
    ),
    Resource(
        "gross_pay_items",
        "payroll",
        "gross-pay-items",
        activity=None,
        hides_active=True,
        windowed=True,
        equal={
            "employeeId": flat("employeeId"),
            "employeeType": flat("employeeType"),
            "payrollIds": flat("payrollId"),
        },
        since={"dateOnOrAfter": "date"},
        # Named inclusive, measured exclusive: a window of [d, d] gives nothing.
        before={"dateOnOrBefore": "date"},
    ),
    Resource(
        "purchase_orders",
        "inventory",
        "purchase-orders",
        activity=None,
        equal={
            "status": flat("status"),
            "number": flat("number"),
            "jobId": flat("jobId"),
            "jobIds": flat("jobId"),
        },
        since={"dateOnOrAfter": "date"},
        before={"dateBefore": "date"},
    ),
    Resource(
        "returns",
        "inventory",
        "returns",
        equal={
            "jobId": flat("jobId"),
            "purchaseOrderId": flat("purchaseOrderId"),
            "businessUnitIds": flat("businessUnitId"),
        },
        since={"returnDateOnOrAfter": "returnDate"},
        before={"returnDateBefore": "returnDate"},
    ),
    Resource(
        "inventory_bills",
        "accounting",
        "inventory-bills",
        activity=None,
        hides_active=True,
        equal={"businessUnitIds": nested("businessUnit"), "jobNumber": flat("jobNumber")},
        since={"dateFrom": "billDate"},
        before={"dateTo": "billDate"},
    ),
)
