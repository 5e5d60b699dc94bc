"""What a report is asked for: the period as dates, the kind of date by its label."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from extract import reporting
from extract.errors import ReportError, SettingsError
from extract.pages import Get
from extract.reporting import Definition
from extract.reports import Report

_DAY = timedelta(days=1)


def check_period(report: Report, first: date, last: date, now: datetime) -> None:
    """Raises SettingsError where a report cannot be of the days `first` to `last`."""
    if last < first:
        raise SettingsError(f"--to {last} is before --from {first}")
    # The tenant's zone is not known here; nowhere on earth is it later than tomorrow in UTC.
    if last > now.astimezone(UTC).date() + _DAY:
        raise SettingsError(f"--to {last} is in the future: its report would change until then")
    if report.layout.balance and first != last:
        raise SettingsError(
            f"{report.name} is the balance of one day: --from and --to must be the same, "
            f"not {first} and {last}"
        )


def parameters_of(
    report: Report, found: Definition, first: date, last: date, get: Get
) -> list[dict[str, Any]]:
    """What is sent to the report for the days `first` to `last`: [{"name", "value"}].

    Raises ReportError where reports.yml and the report's definition do not fit each other.
    """
    known = {parameter.name: parameter for parameter in found.parameters}
    for name in report.parameters:
        if name not in known:
            raise ReportError(
                f"{report} has no parameter {name}, which reports.yml sends; it has: "
                f"{', '.join(known) or 'none'}"
            )
    for parameter in found.parameters:
        if parameter.is_required and parameter.name not in report.parameters:
            raise ReportError(
                f"{report} requires the parameter {parameter.name}: give it in reports.yml"
            )
    monday = first - first.weekday() * _DAY
    days = {
        "from": first,
        "to": last,
        "monday_of_from": monday,
        "year_after_monday": _year_after(monday),
    }
    sent = []
    for name, value in report.parameters.items():
        if isinstance(value, str):
            value = days[value].isoformat()
        elif "value" in value:
            value = value["value"]
        else:
            accepted = reporting.accepted(get, known[name])
            value = _by_label(f"{report}, parameter {name}", value["label"], accepted)
        sent.append({"name": name, "value": value})
    return sent


def _by_label(place: str, label: str, accepted: list[tuple[str, Any]]) -> Any:
    """The value that stands behind a label; case and outer blanks do not matter."""
    meant = label.strip().casefold()
    values = [value for there, value in accepted if there.strip().casefold() == meant]
    if not values:
        there = ", ".join(there.strip() for there, _ in accepted) or "none; use {value: ...}"
        raise ReportError(f"{place}: no value has the label {label!r}; the labels are: {there}")
    if any(value != values[0] for value in values):
        raise ReportError(
            f"{place}: {label!r} is the label of several values; use {{value: ...}} with one of: "
            f"{', '.join(map(str, values))}"
        )
    return values[0]


def _year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)
