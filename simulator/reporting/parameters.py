"""What a run of a report was asked for: the body of the call, held against the definition."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from simulator.lists import BadParameter


@dataclass(frozen=True)
class DateTypes:
    """A dynamic value set: number -> the label of the date by which a report picks its rows.

    A number that is not in the set is taken, without an error, as `otherwise`.
    """

    set_id: str
    labels: dict[int, str]
    otherwise: str

    def label(self, value: float) -> str:
        return self.labels.get(value, self.otherwise)


@dataclass(frozen=True)
class Parameter:
    """An input of a report; all of them are required and none takes a list."""

    name: str
    label: str
    data_type: str
    date_types: DateTypes | None = None


@dataclass(frozen=True)
class Run:
    """The checked values: a period and the label of its date type, or a day."""

    first: date | None = None
    last: date | None = None
    date_type: str | None = None
    as_of: date | None = None

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in the period, both ends included; no day lies in none."""
        return day is not None and self.first <= day <= self.last


def read_run(parameters: tuple[Parameter, ...], body: bytes) -> Run:
    """The values in a call's body. Whatever else the body holds is ignored, `page` and `pageSize`
    included. Raises BadParameter."""
    given = _given(body)
    values = {}
    for parameter in parameters:
        value = given.get(parameter.name)
        if value is None:
            raise BadParameter(parameter.name, f"The {parameter.name} parameter is required.")
        values[parameter.name] = CHECKS[parameter.data_type](parameter.name, value)
        if parameter.date_types:
            values[parameter.name] = parameter.date_types.label(values[parameter.name])
    return Run(values.get("From"), values.get("To"), values.get("DateType"), values.get("AsOf"))


def _given(body: bytes) -> dict[str, Any]:
    try:
        rows = msgspec.json.decode(body)["parameters"]
        return {row["name"]: row.get("value") for row in rows}
    except (msgspec.DecodeError, LookupError, TypeError, AttributeError):
        message = 'The body must be {"parameters": [{"name": ..., "value": ...}]}.'
        raise BadParameter("parameters", message) from None


def _date(name: str, value: Any) -> date:
    if isinstance(value, str) and len(value) == len("2026-01-31"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise BadParameter(name, f"The value '{value}' is not valid for type Date.")


def _number(name: str, value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise BadParameter(name, f"The value '{value}' is not valid for type Number.")


CHECKS: dict[str, Callable[[str, Any], Any]] = {"Date": _date, "Number": _number}
