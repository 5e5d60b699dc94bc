"""The API of reports: what there is, a report's definition, the values it takes, its runs."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

import msgspec

from extract.client import describe
from extract.errors import ApiError
from extract.pages import PAGE_SIZE, Get, whole_list

Post = Callable[[str, Mapping[str, Any], Any], Any]
T = TypeVar("T")

SCOPE_ADVICE = (
    "Add the scopes of Reporting (read) to the app and let the tenant's admin accept its "
    "new version"
)

_ROOT = "reporting/v2/tenant/{tenant}"


class Field(msgspec.Struct, frozen=True):
    """A column: its name for programs, its label as ServiceTitan shows it."""

    name: str
    label: str


class Accepted(msgspec.Struct, rename="camel"):
    """The values that a parameter accepts, as [value, label]: listed here or in a set."""

    dynamic_set_id: str | None = None
    values: list[list[Any]] | None = None


class Parameter(msgspec.Struct, rename="camel"):
    name: str
    is_required: bool = False
    accept_values: Accepted | None = None


class Definition(msgspec.Struct, rename="camel"):
    """A report as its owner has it now; `modified_on` is when its structure last changed."""

    name: str
    modified_on: datetime
    parameters: list[Parameter]
    fields: list[Field]


class Answer(msgspec.Struct, rename="camel"):
    """A page of a run; a row's cells stand in the order of this answer's own `fields`."""

    fields: list[Field]
    data: list[list[Any]]
    has_more: bool
    page: int | None = None
    total_count: int | None = None


class Listed(NamedTuple):
    """A report of the tenant, as `python -m extract reports` lists it."""

    category: str
    id: int
    name: str


class _Category(msgspec.Struct):
    id: str
    name: str


class _Report(msgspec.Struct):
    id: int
    name: str


def listed(get: Get) -> Iterator[Listed]:
    """All reports of the tenant, category by category."""
    for category in _all(get, f"{_ROOT}/report-categories", _Category, lambda found: found.id):
        path = f"{_category(category.id)}/reports"
        for report in _all(get, path, _Report, lambda found: found.id):
            yield Listed(category.id, report.id, report.name)


def definition(get: Get, category: str, report_id: int) -> Definition:
    """A report as it is now. Raises ApiError, with status 404 where there is no such report."""
    path = f"{_category(category)}/reports/{report_id}"
    return _as(Definition, get(path, {}), describe(path, {}))


def accepted(get: Get, parameter: Parameter) -> list[tuple[str, Any]]:
    """(label, value) of all that a parameter accepts; empty where it has no such list."""
    accepts = parameter.accept_values or Accepted()
    rows = accepts.values
    if rows is None and accepts.dynamic_set_id is not None:
        path = f"{_ROOT}/dynamic-value-sets/{quote(accepts.dynamic_set_id, safe='')}"
        rows = _all(get, path, list[Any], lambda row: repr(row[:1]))
    return [(str(row[1]), row[0]) for row in rows or [] if len(row) > 1]


def run(
    post: Post, category: str, report_id: int, parameters: list[dict[str, Any]]
) -> Iterator[Answer]:
    """The pages of one run, the last one only when all rows have come.

    Raises ApiError where the pages do not make one whole: other fields, a row that does not
    fit them, a page that comes again, another number of rows than the API counts.
    """
    path = f"{_category(category)}/reports/{report_id}/data"
    pages: list[Answer] = []
    count = 0
    while not pages or pages[-1].has_more:
        # In the query: in the body they are ignored, and all but 1,000 rows are lost.
        params = {"page": len(pages) + 1, "pageSize": PAGE_SIZE, "includeTotal": "true"}
        request = describe(path, params, "POST")
        page = _as(Answer, post(path, params, {"parameters": parameters}), request)
        if fault := _fault(page, pages):
            raise ApiError(f"{request}: {fault}; nothing landed")
        pages.append(page)
        count += len(page.data)
        if not page.has_more and page.total_count not in (None, count):
            raise ApiError(
                f"{request}: {count:,} rows came, the API counts {page.total_count:,}; nothing "
                "landed. Pull again when the report's records are quiet"
            )
        yield page


def _fault(page: Answer, before: list[Answer]) -> str | None:
    """What is wrong with a page, by itself and after those before it; None where nothing is."""
    names = [field.name for field in page.fields]
    if page.page not in (None, len(before) + 1):
        return f"page {page.page} was sent instead"
    if len(set(names)) < len(names):
        return f"a field stands twice among {', '.join(names)}"
    if before and page.fields != before[0].fields:
        return f"its fields are {', '.join(names)}, on page 1 they were others"
    if page.has_more and not page.data:
        return "an empty page with hasMore, it would never end"
    if any(page.data and page.data == earlier.data for earlier in before):
        return "the rows of an earlier page came again"
    for number, row in enumerate(page.data, start=1):
        if len(row) != len(names):
            return f"row {number} has {len(row)} cells for {len(names)} fields"
    return None


def _category(category: str) -> str:
    return f"{_ROOT}/report-category/{quote(category, safe='')}"


def _all(get: Get, path: str, kind: type[T], key: Callable[[T], Any]) -> list[T]:
    found: dict[Any, T] = {}
    for page in whole_list(get, path, {}, lambda: len(found)):
        for record in page.records:
            one = _as(kind, record, page.request)
            found[key(one)] = one
    return list(found.values())


def _as(kind: type[T], answer: Any, request: str) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise ApiError(f"{request}: the answer is not as documented: {error}") from None
