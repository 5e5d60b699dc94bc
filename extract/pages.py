"""How the API's feeds are walked: export feeds, lists, and windows of days.

Each walk takes `get(path, params)`, which returns one decoded answer, and knows no entity.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from extract.client import describe
from extract.errors import ApiError, RowError
from extract.privacy import shown
from extract.rows import day_of

Get = Callable[[str, Mapping[str, Any]], Any]

PAGE_SIZE = 5000  # the documented most
WALKS = 3  # of a list whose pages shift while they are read
READS = 12  # of a day that does not fit into one page

_DAY = timedelta(days=1)
_canonical = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


class TokenRefused(ApiError):
    """The API does not take a stored continuation token any more."""


@dataclass(frozen=True)
class Page:
    """One answer: its records, and `request` as messages name it.

    `token` is where an export goes on after this page (None when the API did not say), `more`
    whether there is more now, `total` the number of all records where the API told it.
    """

    records: list[Any]
    request: str
    more: bool
    token: str | None = None
    total: int | None = None


@dataclass(frozen=True)
class Window:
    """All records of the days `first` to `last`, both included; None = without an end."""

    first: date | None
    last: date | None
    records: list[Any]
    request: str


def export(get: Get, path: str, params: Mapping[str, Any], start: str | None) -> Iterator[Page]:
    """The pages of an export feed from `start` on: a continuation token, a date, None = all.

    Raises TokenRefused when the very first answer to `start` is a 400, ApiError on a token that
    comes back with more to come: the feed would never end.
    """
    token = start
    seen = {token} if token else set()
    first = True
    while True:
        asked = {**params, **({"from": token} if token else {})}
        try:
            page = _page(get, path, asked)
        except ApiError as error:
            if first and start and error.status == 400:
                raise TokenRefused(str(error), 400) from error
            raise
        first = False
        if page.more and not page.token:
            raise ApiError(f"{page.request}: hasMore without continueFrom, cannot go on")
        if page.more and page.token in seen:
            raise ApiError(f"{page.request}: the same continueFrom twice, it would never end")
        yield page
        if not page.more:
            return
        token = page.token
        seen.add(token)


def whole_list(
    get: Get, path: str, params: Mapping[str, Any], distinct: Callable[[], int]
) -> Iterator[Page]:
    """All pages of a list; records may repeat.

    Pages cut by number shift when records come and go between two calls. So `distinct()`, the
    number of different records that the caller has got so far, is held against the API's own
    total, which must not move during a walk; else the list is walked again. Raises ApiError when
    some may still be missing after the last walk.
    """
    for _ in range(WALKS):
        totals: set[int | None] = set()
        for page in _numbered(get, path, params):
            totals.add(page.total)
            yield page
        if page.total is None or (len(totals) == 1 and distinct() >= page.total):
            return
    known = {total for total in totals if total is not None}
    counted = " to ".join(map(str, sorted({min(known), max(known)})))
    raise ApiError(
        f"{page.request}: {distinct()} different records after {WALKS} walks, "
        f"the API counts {counted}; run again when the list is quiet"
    )


def day_windows(
    get: Get,
    path: str,
    params: Mapping[str, Any],
    *,
    field: str,
    first: date | None,
    last: date | None,
    today: date,
    value: Callable[[Any, str], Any] = lambda record, name: record.get(name),
) -> Iterator[Window]:
    """All records dated `first` to `last` (None = without an end), in windows that follow one
    another without a gap, each read in ONE page: pages of these lists are unstable.

    `field` is the calendar date; the filters are `<field>OnOrAfter` and `<field>OnOrBefore`. The
    latter may or may not include its day: one day more is asked for, and what lies outside the
    window is dropped. `value(record, name)` gives a field of a record. Raises ApiError when a
    single crowded day cannot be read consistently.
    """
    feed = _Dated(get, path, params, field, value)
    page, fits = feed.one_page(first, last)
    if fits:
        yield feed.window(first, last, page.records, page.request)
        return

    low = first or feed.before_all(today)
    high = last or feed.after_all(max(today, low))
    room = len(page.records)  # on a page, whatever size was asked for
    start, days = low, _fitting((high - low).days + 1, page)
    while True:
        end = start + min(days - 1, (high - start).days) * _DAY
        # The outermost windows keep the open ends: nothing lies beyond.
        begin, until = first if start == low else start, last if end == high else end
        page, fits = feed.one_page(begin, until)
        records = page.records
        if not fits and start < end:
            days = _fitting((end - start).days + 1, page)
            continue
        if not fits:
            records = feed.crowded_day(start)
        yield feed.window(begin, until, records, page.request)
        if end == high:
            return
        if 2 * len(records) < room:
            days *= 2
        start = end + _DAY


def total(get: Get, path: str, params: Mapping[str, Any]) -> int | None:
    """How many records a list has by the API's own count, None where it does not say. Raises
    ApiError."""
    asked = {**params, "page": 1, "pageSize": 1, "includeTotal": "true"}
    return _page(get, path, asked).total


class _Dated:
    """A list that can be asked for days."""

    def __init__(
        self,
        get: Get,
        path: str,
        params: Mapping[str, Any],
        field: str,
        value: Callable[[Any, str], Any],
    ):
        self._get = get
        self._path = path
        self._params = params
        self._field = field
        self._value = value

    def one_page(self, first: date | None, last: date | None) -> tuple[Page, bool]:
        """The first page of these days, and whether it holds them all."""
        numbered = {"page": 1, "pageSize": PAGE_SIZE, "includeTotal": "true"}
        page = _page(self._get, self._path, {**self._params, **self._days(first, last), **numbered})
        return page, not page.more and (page.total is None or page.total <= len(page.records))

    def window(
        self, first: date | None, last: date | None, records: list[Any], request: str
    ) -> Window:
        inside = [
            record
            for record in records
            if (first or date.min) <= self._day(record, request) <= (last or date.max)
        ]
        return Window(first, last, inside, request)

    def before_all(self, today: date) -> date:
        """A day before which there is no record, however old they are."""
        years = 1
        while True:
            day = date.fromordinal(max(1, today.toordinal() - 365 * years))
            if day == date.min or not self._any(None, day):
                return day
            years *= 2

    def after_all(self, today: date) -> date:
        """A day after which there is no record, however far they reach into the future."""
        days = 7
        while True:
            day = date.fromordinal(min(date.max.toordinal(), today.toordinal() + days))
            if day == date.max or not self._any(day + _DAY, None):
                return day
            days *= 2

    def crowded_day(self, day: date) -> list[Any]:
        """All records of one day that needs several pages.

        Such pages repeat some records and leave out others, and equal records can be real. What
        stands twice on ONE page is there twice; when these least numbers add up to the API's own
        total, they are the numbers. Or two reads agree record by record: then the pages are stable.
        """
        records: dict[bytes, Any] = {}
        least: Counter[bytes] = Counter()
        previous: Counter[bytes] | None = None
        for _ in range(READS):
            read: Counter[bytes] = Counter()
            for page in _numbered(self._get, self._path, {**self._params, **self._days(day, day)}):
                by_text = {id(record): _canonical(record) for record in page.records}
                records.update((by_text[id(record)], record) for record in page.records)
                here = Counter(by_text.values())
                least |= here
                read += here
            if page.total is not None and least.total() == page.total:
                return [records[text] for text in least.elements()]
            if read == previous and page.total in (None, read.total()):
                return [records[text] for text in read.elements()]
            previous = read
        raise ApiError(
            f"{page.request}: {day} does not fit into one page, and {READS} reads of it "
            f"never agreed (the API counts {page.total}); run again when payroll is quiet"
        )

    def _any(self, first: date | None, last: date | None) -> bool:
        asked = {**self._params, **self._days(first, last)}
        page = _page(
            self._get, self._path, {**asked, "page": 1, "pageSize": 1, "includeTotal": "true"}
        )
        return bool(page.records or page.more or page.total)

    def _days(self, first: date | None, last: date | None) -> dict[str, str]:
        asked = {}
        if first:
            asked[f"{self._field}OnOrAfter"] = f"{first}T00:00:00Z"
        if last and last < date.max:  # nothing can lie beyond the last day that there is
            asked[f"{self._field}OnOrBefore"] = f"{last + _DAY}T00:00:00Z"
        return asked

    def _day(self, record: Any, request: str) -> date:
        try:
            value = self._value(record, self._field)
            return day_of(value)
        except (AttributeError, TypeError, ValueError):
            raise RowError(
                f"a record without a usable `{self._field}` ({shown(value, strict=True)}) belongs "
                f"to no day (in the answer to {request})"
            ) from None


def _fitting(days: int, page: Page) -> int:
    """How many days to try after `days` did not fit: at most half, or what the total suggests."""
    fitting = days // 2
    if page.total:
        fitting = min(fitting, days * len(page.records) * 4 // (5 * page.total))
    return max(1, fitting)


def _numbered(get: Get, path: str, params: Mapping[str, Any]) -> Iterator[Page]:
    number = 0
    while True:
        number += 1
        asked = {**params, "page": number, "pageSize": PAGE_SIZE, "includeTotal": "true"}
        page = _page(get, path, asked)
        if page.more and not page.records:
            raise ApiError(f"{page.request}: an empty page with hasMore, it would never end")
        yield page
        if not page.more:
            return


def _page(get: Get, path: str, params: Mapping[str, Any]) -> Page:
    request = describe(path, params)
    answer = get(path, params)
    if not isinstance(answer, dict) or not isinstance(answer.get("data"), list):
        raise ApiError(f"{request}: the answer has no list `data`")
    if not isinstance(answer.get("hasMore"), bool):
        raise ApiError(f"{request}: the answer has no `hasMore`")
    number = answer.get("page")
    if isinstance(number, int) and "page" in params and number != params["page"]:
        raise ApiError(f"{request}: page {number} was sent instead")
    token, total = answer.get("continueFrom"), answer.get("totalCount")
    return Page(
        records=answer["data"],
        request=request,
        more=answer["hasMore"],
        token=str(token) if token else None,
        total=total if isinstance(total, int) else None,
    )
