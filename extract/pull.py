"""Pulls one report for one period: what ServiceTitan itself says, as it stands now."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from extract import reporting
from extract.cells import READ
from extract.client import Client
from extract.errors import ApiError, CredentialsError, ReportError, RowError
from extract.parameters import parameters_of
from extract.privacy import Names, is_contact, shown
from extract.privacy_reports import NAME_ROLES, Columns
from extract.reporting import Answer, Field
from extract.reports import Report
from extract.warehouse import Warehouse
from extract.warehouse.reports import ROLES, ReportRow, ReportRun


class Pace:
    """Lets the runs of a report begin `seconds` apart; `last` is when the last one began."""

    def __init__(
        self,
        report: Report,
        seconds: int,
        last: datetime | None,
        say: Callable[[str], None],
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
    ):
        self._report = report
        self._seconds = seconds
        self._last = last
        self._say = say
        self._now = now
        self._sleep = sleep

    def wait(self) -> datetime:
        """Returns when the next run may begin, with that moment."""
        if self._last is not None:
            # A clock that was put back must not make this wait for longer than the pause.
            passed = max(0.0, (self._now() - self._last).total_seconds())
            if passed < self._seconds:
                pause = self._seconds - passed
                self._say(
                    f"{self._report}: waiting {pause:.0f} s, it runs once in {self._seconds} s "
                    "(SERVICETITAN_REPORT_SECONDS)"
                )
                self._sleep(pause)
        self._last = self._now()
        return self._last


def pull(
    report: Report,
    first: date,
    last: date,
    client: Client,
    warehouse: Warehouse,
    *,
    seconds: int,
    accept_change: bool = False,
    say: Callable[[str], None] = lambda said: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[ReportRun, int]:
    """Runs a report for the days `first` to `last` and lands all of it or nothing.

    Gives the run and the number of its rows. `seconds` apart from the last run of the same report,
    of this process or another; `say` is told of waits. Raises ReportError where the tenant's
    report is not the declared one or was changed since it was last pulled (unless `accept_change`),
    ApiError where it does not come whole, RowError on a cell that cannot be read, WarehouseError.
    """
    before = warehouse.last_report_run(report.id)
    pace = Pace(report, seconds, before.pulled_at if before else None, say, now, sleep)
    begun: list[datetime] = []

    def post(path: str, params: Mapping[str, Any], body: Any) -> Any:
        begun.append(pace.wait())  # each page counts as a run
        return client.post(path, params, body)

    try:
        found = reporting.definition(client.get, report.category, report.id)
        modified_at = _utc(found.modified_on)
        if before and before.report_modified_at != modified_at and not accept_change:
            raise ReportError(
                f"{report} was changed in ServiceTitan on {modified_at:%Y-%m-%d %H:%M} UTC; look "
                "at its columns and filters, then pull with --accept-change"
            )
        _check_columns(report, found.fields)
        parameters = parameters_of(report, found, first, last, client.get)
        answers = []
        for answer in reporting.run(post, report.category, report.id, parameters):
            _check_columns(report, answer.fields)
            answers.append(answer)
    except CredentialsError:
        raise
    except ApiError as error:
        raise _with_advice(report, error) from error

    landed = ReportRun(
        run_id=uuid.uuid4().hex,
        report=report.name,
        layout=report.layout.name,
        source="api",
        file_name=None,
        report_id=report.id,
        category=report.category,
        report_name=found.name,
        report_modified_at=modified_at,
        period_start=first,
        period_end=last,
        parameters=parameters,
        fields=[{"name": field.name, "label": field.label} for field in answers[0].fields],
        pulled_at=begun[0],
    )
    rows = list(_rows(report, answers, warehouse.names))
    warehouse.land_report(landed, rows)
    return landed, len(rows)


def _check_columns(report: Report, fields: list[Field]) -> None:
    there = {field.name for field in fields}
    for role, name in report.columns.items():
        if name not in there:
            raise ReportError(
                f"{report} has no field {name}, which reports.yml takes for {role}; its fields "
                f"are: {', '.join(f'{field.name} ({field.label})' for field in fields)}"
            )


def _rows(report: Report, answers: Iterable[Answer], hashing: Names | None) -> Iterator[ReportRow]:
    readers = [(role, name, READ[ROLES[role]]) for role, name in report.columns.items()]
    role_of = {name: role for role, name in report.columns.items()}
    number = 0
    for answer in answers:
        names = [field.name for field in answer.fields]
        labels = {field.name: field.label for field in answer.fields}
        columns = Columns(labels, role_of, hashing)
        for row in answer.data:
            number += 1
            cells = dict(zip(names, row, strict=True))
            roles = {}
            for role, name, read in readers:
                try:
                    roles[role] = read(cells[name])
                except ValueError as error:
                    is_personal = role in NAME_ROLES or is_contact(name)
                    found = shown(cells[name], strict=hashing is not None, write=repr)
                    raise RowError(
                        f"{report}, row {number}, field {name}: {error}, found "
                        f"{'a personal value' if is_personal else found}; nothing landed"
                    ) from None
            yield ReportRow(columns.cells(cells), columns.roles(roles))


def _with_advice(report: Report, error: ApiError) -> ApiError:
    advice = ""
    if error.status == 403:
        advice = f". {reporting.SCOPE_ADVICE}"
    elif error.status == 404:
        advice = (
            ". Look for the report with python -m extract reports, then correct `category` and "
            "`id` in reports/reports.yml"
        )
    return ApiError(f"{report}: {error}{advice}", error.status)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
