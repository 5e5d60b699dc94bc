"""A report that was run, and its rows: what every warehouse keeps of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

_json = msgspec.json.Encoder(decimal_format="number")
_text = msgspec.json.Encoder(decimal_format="string")

# What a row of any report can say, whatever the report's own columns are called -> its type.
ROLES = {
    "job_number": "string",
    "payment_id": "string",
    "location_id": "string",
    "customer_id": "string",
    "location_name": "string",
    "customer_name": "string",
    "business_unit_name": "string",
    "job_type_name": "string",
    "job_status": "string",
    "sold_dates": "string",  # as the report writes them: "10/21/2025, 10/20/2025"
    "event_date": "date",
    "subtotal": "decimal",
    "labor_pay": "decimal",
    "payroll_adjustments": "decimal",
    "material_cost": "decimal",
    "return_cost": "decimal",
    "total_cost": "decimal",
    "estimate_subtotal": "decimal",
    "sales_opportunities": "decimal",
    "closed_opportunities": "decimal",
    "completed_estimates": "decimal",
    "amount": "decimal",
}

# Columns of the two tables -> type; `_ingested_at` follows in both.
RUN_COLUMNS = {
    "run_id": "string",
    "report": "string",
    "layout": "string",
    "source": "string",
    "file_name": "string",
    "report_id": "integer",
    "category": "string",
    "report_name": "string",
    "report_modified_at": "instant",
    "period_start": "date",
    "period_end": "date",
    "parameters": "json",
    "fields": "json",
    "row_count": "integer",
    "pulled_at": "instant",
}
ROW_COLUMNS = {"run_id": "string", "row_number": "integer", "cells": "json", **ROLES}


@dataclass(frozen=True)
class ReportRun:
    """One run of a report for one period.

    `report` is its name in reports.yml (for a file: the layout's), `source` is 'api' or 'inbox';
    `file_name` is of the inbox only, `report_id` to `report_modified_at` of the API only. `fields`
    are as answered, [{"name", "label"}], or a file's headers. `pulled_at` (with its zone) is when
    the run began: whatever changes later may be missing from it.
    """

    run_id: str
    report: str
    layout: str
    source: str
    file_name: str | None
    report_id: int | None
    category: str | None
    report_name: str | None
    report_modified_at: datetime | None
    period_start: date
    period_end: date
    parameters: Any
    fields: list[Any]
    pulled_at: datetime


@dataclass(frozen=True)
class ReportRow:
    """One row: `cells` as the report gave them (field name -> value), `roles` what they mean. A
    role that is missing is null; a decimal has at most nine places."""

    cells: dict[str, Any]
    roles: dict[str, str | date | Decimal | None]


def line(types: Mapping[str, str], values: Mapping[str, Any]) -> bytes:
    """Values as a line of JSON: what is JSON itself as text that keeps its numbers' digits."""
    return _text.encode(
        {
            name: _json.encode(values[name]).decode()
            if kind == "json" and values.get(name) is not None
            else values.get(name)
            for name, kind in types.items()
        }
    )
