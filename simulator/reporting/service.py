"""Answers to the calls of the reporting API, and the hooks by which a test spoils them."""

import decimal
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from simulator.oracle import EXACT
from simulator.reporting.definitions import CATEGORIES, REPORTS, VALUE_SETS, Field, Report
from simulator.reporting.pages import page_of
from simulator.reporting.parameters import Parameter, read_run
from simulator.reporting.snapshot import Snapshot, state_of
from simulator.store import Record, encode
from simulator.tenant import Tenant
from simulator.timekeeping import shift

DEFAULT_PAGE, LARGEST_PAGE = 50, 5_000
DEFAULT_ROWS, LARGEST_ROWS = 1_000, 25_000

Edit = Callable[[int, list[Record]], list[Record]]


class Refused(Exception):
    """A call that gets no answer: the status, and the title of the error body."""

    def __init__(self, status: int, title: str) -> None:
        super().__init__(title)
        self.status, self.title = status, title


class Reports:
    """The tenant's reports; see the package's docstring.

    `edit(report_id, rows)` is asked before rows are cut into pages, once per page: it hands back
    the rows to serve. They are dicts by the fields' first names, whatever a field was renamed to;
    a field that a row lacks is served as null. `definitions` holds each report by its id.
    """

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.edit: Edit = lambda report_id, rows: rows
        self.definitions: dict[int, Report] = {report.id: report for report in REPORTS}
        self._last_runs: dict[int, float] = {}
        self._snapshot: Snapshot | None = None
        self._state: tuple = ()

    # -- what a test may do to a definition --------------------------------------------------

    def rename_field(self, report_id: int, name: str, new_name: str, label: str = "") -> None:
        """Give a field another name, and another label where one is given; the report counts as
        modified. Raises LookupError for an unknown report or field."""
        old = self._field(report_id, name)
        new = replace(old, name=new_name, label=label or old.label)
        fields = self.definitions[report_id].fields
        self._modify(report_id, fields=tuple(new if field is old else field for field in fields))

    def drop_field(self, report_id: int, name: str) -> None:
        """Take a field out; the report counts as modified. Raises LookupError, see above."""
        gone = self._field(report_id, name)
        fields = self.definitions[report_id].fields
        self._modify(report_id, fields=tuple(field for field in fields if field is not gone))

    def touch(self, report_id: int) -> None:
        """Let the report count as modified, a day after it last was."""
        self._modify(report_id)

    def _modify(self, report_id: int, **changes: Any) -> None:
        report = self.definitions[report_id]
        modified_on = shift(report.modified_on, days=1)
        self.definitions[report_id] = replace(report, modified_on=modified_on, **changes)

    def _field(self, report_id: int, name: str) -> Field:
        for field in self.definitions[report_id].fields:
            if field.name == name:
                return field
        raise LookupError(f"report {report_id} has no field {name}")

    # -- answers -------------------------------------------------------------------------------

    @staticmethod
    def method(path: str) -> str | None:
        """The HTTP method of a path below /reporting/v2/tenant/{tenant}/; None: no such path."""
        match path.split("/"):
            case ["report-categories"] | ["dynamic-value-sets", _]:
                return "GET"
            case ["report-category", _, "reports"] | ["report-category", _, "reports", _]:
                return "GET"
            case ["report-category", _, "reports", _, "data"]:
                return "POST"
        return None

    def answer(
        self, path: str, params: dict[str, str], body: bytes, seconds: float, now: float
    ) -> bytes:
        """The body that answers a call of a path that has a method.

        `seconds` must have passed between two runs of a report; each page is a run, a call that
        was refused is none. Raises Refused, and BadParameter where the call says something wrong.
        """
        match path.split("/"):
            case ["report-categories"]:
                rows = [{"id": id, "name": name} for id, name in CATEGORIES.items()]
                content = page_of(rows, params, DEFAULT_PAGE, LARGEST_PAGE)
            case ["dynamic-value-sets", set_id]:
                content = _value_set(set_id, params)
            case ["report-category", category, "reports"]:
                content = self._reports(category, params)
            case ["report-category", category, "reports", report_id]:
                content = _described(self._report(category, report_id))
            case ["report-category", category, "reports", report_id, "data"]:
                report = self._report(category, report_id)
                self._wait(report, seconds, now)
                content = self._data(report, params, body)
                self._last_runs[report.id] = now
        return encode(content)

    def _reports(self, category: str, params: dict[str, str]) -> Record:
        rows = [
            {"id": report.id, "name": report.name, "description": report.description}
            for report in self._in_category(category)
        ]
        return page_of(rows, params, DEFAULT_PAGE, LARGEST_PAGE)

    def _report(self, category: str, report_id: str) -> Report:
        for report in self._in_category(category):
            if str(report.id) == report_id:
                return report
        raise Refused(404, f"There is no report {report_id} in category {category}.")

    def _in_category(self, category: str) -> list[Report]:
        if category not in CATEGORIES:
            raise Refused(404, f"There is no report category {category}.")
        return [report for report in self.definitions.values() if report.category == category]

    def _wait(self, report: Report, seconds: float, now: float) -> None:
        left = self._last_runs.get(report.id, -math.inf) + seconds - now
        if left > 0:
            wait = math.ceil(left)
            raise Refused(429, f"Rate limit is exceeded. Try again in {wait} seconds.")

    def _data(self, report: Report, params: dict[str, str], body: bytes) -> Record:
        run = read_run(report.parameters, body)
        with decimal.localcontext(EXACT):
            rows = list(report.rows(self._now(), run))
        cells = [
            [row.get(field.reads) for field in report.fields] for row in self.edit(report.id, rows)
        ]
        names = [{"name": field.name, "label": field.label} for field in report.fields]
        return page_of(cells, params, DEFAULT_ROWS, LARGEST_ROWS) | {"fields": names}

    def _now(self) -> Snapshot:
        """The tenant as it is, read again only when it changed since."""
        state = state_of(self.tenant)
        if self._snapshot is None or state != self._state:
            self._snapshot, self._state = Snapshot(self.tenant), state
        return self._snapshot


HEADER = [{"name": "Value", "label": "Value"}, {"name": "Name", "label": "Name"}]


def _value_set(set_id: str, params: dict[str, str]) -> Record:
    if set_id not in VALUE_SETS:
        raise Refused(404, f"There is no dynamic value set {set_id}.")
    rows = [[value, label] for value, label in VALUE_SETS[set_id].labels.items()]
    return page_of(rows, params, DEFAULT_PAGE, LARGEST_PAGE) | {"fields": HEADER}


def _described(report: Report) -> Record:
    return {
        "id": report.id,
        "name": report.name,
        "description": report.description,
        "modifiedOn": report.modified_on,
        "parameters": [_parameter(parameter) for parameter in report.parameters],
        "fields": [
            {"name": field.name, "label": field.label, "dataType": field.data_type}
            for field in report.fields
        ],
    }


def _parameter(parameter: Parameter) -> Record:
    values = parameter.date_types and {
        "fields": HEADER,
        "dynamicSetId": parameter.date_types.set_id,
        "values": None,
    }
    return {
        "name": parameter.name,
        "label": parameter.label,
        "dataType": parameter.data_type,
        "isArray": False,
        "isRequired": True,
        "acceptValues": values,
    }
