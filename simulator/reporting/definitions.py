"""Which reports the tenant has: category, parameters, fields, and where their rows come from.

Ids of reports, numbers of date types and what they stand for are the tenant's own: one number means
one thing in one set and another in the next.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simulator.reporting import job_rows, money_rows
from simulator.reporting.parameters import DateTypes, Parameter, Run
from simulator.reporting.snapshot import Snapshot
from simulator.store import Record


@dataclass(frozen=True)
class Field:
    """A column: its name and label, and which column of the rows it `reads` (renamed or not)."""

    name: str
    label: str
    data_type: str
    reads: str


@dataclass(frozen=True)
class Report:
    """A report's definition as its owner left it, and the function that gives its rows."""

    id: int
    category: str
    name: str
    description: str
    modified_on: str
    parameters: tuple[Parameter, ...]
    fields: tuple[Field, ...]
    rows: Callable[[Snapshot, Run], Iterator[Record]]


CATEGORIES = {
    "accounting": "Accounting",
    "marketing": "Marketing",
    "operations": "Operations",
    "technician-dashboard": "Technician Dashboard",
}

LEAD_DATE_TYPES = DateTypes(
    "marketing-date-types",
    {1: "Job Completion Date", 2: "Job Start Date", 3: "Job Creation Date"},
    otherwise="Job Completion Date",
)
SALES_DATE_TYPES = DateTypes(
    "technician-date-types",
    {1: "Job Creation Date", 3: "Job Completion Date", 6: "Opportunity or Sold Date"},
    otherwise="Job Completion Date",
)
JOB_DATE_TYPES = DateTypes(
    "job-date-types",
    {1: "Job Start Date", 2: "Job Creation Date", 3: "Job Completion Date"},
    otherwise="Job Completion Date",
)
PAYMENT_DATE_TYPES = DateTypes(
    "payment-date-types",
    {1: "Invoice Date", 2: "Paid On Date", 3: "Job Completion Date"},
    otherwise="Invoice Date",
)
VALUE_SETS = {
    date_types.set_id: date_types
    for date_types in (LEAD_DATE_TYPES, SALES_DATE_TYPES, JOB_DATE_TYPES, PAYMENT_DATE_TYPES)
}


def _period(date_types: DateTypes) -> tuple[Parameter, ...]:
    return (
        Parameter("DateType", "Date Type", "Number", date_types),
        Parameter("From", "From", "Date"),
        Parameter("To", "To", "Date"),
    )


def _fields(*columns: tuple[str, str, str]) -> tuple[Field, ...]:
    return tuple(Field(name, label, data_type, name) for name, label, data_type in columns)


JOB_NUMBER = ("JobNumber", "Job #", "String")
JOB_UNIT = ("BusinessUnit", "Job's Business Unit", "String")
UNIT = ("BusinessUnit", "Business Unit", "String")
JOB_TYPE = ("JobType", "Job Type", "String")
CUSTOMER_NAME = ("CustomerName", "Customer Name", "String")

REPORTS = (
    Report(
        7001,
        "marketing",
        "Leads",
        "Estimate jobs of the sales units",
        "2025-02-11T16:20:31.5170000Z",
        _period(LEAD_DATE_TYPES),
        _fields(
            JOB_NUMBER, ("CreatedDate", "Created Date", "Date"), JOB_UNIT, CUSTOMER_NAME, JOB_TYPE
        ),
        job_rows.leads,
    ),
    Report(
        7002,
        "technician-dashboard",
        "BU Sales",
        "Sold estimates, opportunities and completed estimates per job",
        "2025-03-04T15:02:10Z",
        _period(SALES_DATE_TYPES),
        _fields(
            JOB_NUMBER,
            ("OpportunityDate", "Opportunity Date", "Date"),
            ("EstimateSoldDate", "Estimate Sold Date", "String"),
            JOB_UNIT,
            JOB_TYPE,
            ("EstimateSubtotal", "Estimate Subtotal", "Number"),
            ("SalesOpportunity", "Sales Opportunity", "Number"),
            ("Closed", "Closed", "Number"),
            ("CompletedEstimates", "Completed Estimates", "Number"),
        ),
        job_rows.business_unit_sales,
    ),
    Report(
        7003,
        "operations",
        "FOREMAN Job Cost",
        "Revenue and cost per job of the production units",
        "2024-11-19T22:41:05.2030000Z",
        _period(JOB_DATE_TYPES),
        _fields(
            ("ScheduledDate", "Scheduled Date", "Date"),
            JOB_NUMBER,
            JOB_UNIT,
            JOB_TYPE,
            ("JobsSubtotal", "Jobs Subtotal", "Number"),
            ("LaborPay", "Labor Pay", "Number"),
            ("PayrollAdjustments", "Payroll Adjustments", "Number"),
            (
                "MaterialEquipmentPurchaseOrderCosts",
                "Materials + Equip. + PO/Bill Costs",
                "Number",
            ),
            ("ReturnCosts", "Returns", "Number"),
            ("TotalCosts", "Jobs Total Costs", "Number"),
            ("GrossMarginPercentage", "Jobs Gross Margin %", "Number"),
            ("Status", "Status", "String"),
        ),
        job_rows.job_costs,
    ),
    Report(
        7004,
        "accounting",
        "Collections",
        "Payments per invoice, and what of them went to none",
        "2025-01-08T17:33:48Z",
        _period(PAYMENT_DATE_TYPES),
        _fields(
            ("PaymentId", "Payment #", "Number"),
            ("PaidOn", "Paid On", "Date"),
            CUSTOMER_NAME,
            ("InvoiceNumber", "Invoice #", "String"),
            JOB_NUMBER,
            UNIT,
            ("Amount", "Amount", "Number"),
        ),
        money_rows.collections,
    ),
    Report(
        7005,
        "accounting",
        "AR Report",
        "Net amount per location and business unit",
        "2025-01-08T17:40:02.9000000Z",
        (Parameter("AsOf", "As Of", "Date"),),
        _fields(
            ("LocationId", "Location ID", "Number"),
            ("LocationName", "Location Name", "String"),
            ("CustomerId", "Customer ID", "Number"),
            CUSTOMER_NAME,
            UNIT,
            ("NetAmount", "Net Amount", "Number"),
        ),
        money_rows.receivables,
    ),
)
