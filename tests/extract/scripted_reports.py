"""A scripted stand-in for the reporting API: one report to be spoiled, and the lists around it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from tests.extract.scripted_tenant import TENANT_ID, Answer, Tenant, Time, answer

ROOT = f"reporting/v2/tenant/{TENANT_ID}/"
NOW = datetime(2025, 11, 3, 12, tzinfo=UTC)

LEAD_FIELDS = ["JobNumber", "CreatedDate", "BusinessUnit", "CustomerName", "JobType", "Age"]
LEAD = ["101", "2025-10-20T00:00:00-07:00", "Phoenix-Sales", "Ann", "ESTIMATE- RES", 1]


def fields(names: list[str]) -> list[dict[str, str]]:
    return [{"name": name, "label": f"{name} #"} for name in names]


def lead(number: int, **cells: Any) -> list[Any]:
    """A row of the leads report."""
    return list(
        {**dict(zip(LEAD_FIELDS, LEAD, strict=True)), "JobNumber": number, **cells}.values()
    )


class ReportTenant(Tenant):
    """Knows one report, under every category and id that a call names; see `Tenant` for `script`.

    `rows` are cut into pages of `page`; `runs` holds page and body of each run. `values` are those
    of the only dynamic set, `sizes` of its pages is `page`.
    """

    def __init__(self, rows: list[list[Any]] | None = None, page: int = 1000):
        super().__init__(page=page)
        self.rows = [lead(101), lead(102)] if rows is None else rows
        self.field_names = list(LEAD_FIELDS)
        self.answered_fields: list[str] | None = None  # where they are not the definition's
        self.modified_on = "2025-03-04T15:02:10.1234560Z"
        self.parameters = [parameter("DateType", "dates"), parameter("From"), parameter("To")]
        self.values = [[1, "Job Completion Date"], [2, "Job Start Date"], [3, "Job Creation Date"]]
        self.categories = {"marketing": {7001: "Leads"}, "accounting": {9: "[old] Aging"}}
        self.runs: list[tuple[dict[str, str], Any]] = []

    def __call__(self, method: str, url: str, headers: dict[str, str]) -> Answer:
        path = urlsplit(url).path.lstrip("/")
        scripted = any(part in path for part, _ in self.script)
        if method == "POST" and path.startswith(ROOT):
            self.runs.append((dict(parse_qsl(urlsplit(url).query)), msgspec.json.decode(self.body)))
        if scripted or not path.startswith(ROOT):
            return super().__call__(method, url, headers)
        params = dict(parse_qsl(urlsplit(url).query))
        self.calls.append((path, params))
        self.headers.append(dict(headers))
        match path.removeprefix(ROOT).split("/"):
            case ["report-categories"]:
                rows = [{"id": id, "name": id.title()} for id in self.categories]
                return answer(self.cut(rows, params))
            case ["report-category", category, "reports"]:
                rows = [{"id": id, "name": n} for id, n in self.categories[category].items()]
                return answer(self.cut(rows, params))
            case ["report-category", _, "reports", report_id]:
                return answer(self.definition(int(report_id)))
            case ["report-category", _, "reports", _, "data"]:
                return answer(self.result(params))
            case ["dynamic-value-sets", "dates"]:
                return answer(
                    {**self.cut(self.values, params), "fields": fields(["Value", "Name"])}
                )
        return answer({"title": "no such thing"}, 404)

    def definition(self, report_id: int) -> dict[str, Any]:
        return {
            "id": report_id,
            "name": "Leads",
            "modifiedOn": self.modified_on,
            "parameters": self.parameters,
            "fields": [{**field, "dataType": "String"} for field in fields(self.field_names)],
        }

    def result(self, params: dict[str, str]) -> dict[str, Any]:
        names = self.answered_fields or self.field_names
        return {**self.cut(self.rows, params), "fields": fields(names)}

    def cut(self, rows: list[Any], params: dict[str, str]) -> dict[str, Any]:
        number = int(params.get("page", 1))
        end = number * self.page
        return {
            "page": number,
            "pageSize": self.page,
            "hasMore": end < len(rows),
            "totalCount": len(rows) if params.get("includeTotal") == "true" else None,
            "data": rows[end - self.page : end],
        }


def parameter(name: str, dynamic_set: str | None = None, required: bool = True) -> dict[str, Any]:
    accepts = {"fields": fields(["Value", "Name"]), "dynamicSetId": dynamic_set, "values": None}
    return {
        "name": name,
        "label": name,
        "dataType": "Number" if dynamic_set else "Date",
        "isArray": False,
        "isRequired": required,
        "acceptValues": accepts if dynamic_set else None,
    }


class Calendar(Time):
    """A clock that only `sleep` moves, as a time of the calendar too."""

    def today(self) -> datetime:
        return NOW + timedelta(seconds=self.now)
