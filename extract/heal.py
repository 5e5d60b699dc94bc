"""Cures what `extract.counts` finds: what reads the least first, a full load at the last."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from extract import pages
from extract.client import Client
from extract.counts import Comparison, compare
from extract.entities import Entity
from extract.errors import ExtractError
from extract.load import Days
from extract.sync import sync
from extract.warehouse import Warehouse

_DAY = timedelta(days=1)


@dataclass
class Healing:
    """What was `tried` (in words, in order), and the count after it; `error` where a reading
    failed."""

    comparison: Comparison
    tried: list[str] = field(default_factory=list)
    error: str | None = None

    @property
    def said(self) -> str:
        result = f"failed: {self.error}" if self.error else self.comparison.said
        return f"{', then '.join(self.tried)}: {result}"

    @property
    def is_healed(self) -> bool:
        return self.error is None and self.comparison.is_equal


def heal(
    found: Comparison,
    client: Client,
    warehouse: Warehouse,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Healing:
    """Reads of an entity what cures a difference, and counts again after each reading.

    Pay: the days whose counts differ; a list: all of it, once more; an entity with a change feed,
    or what still differs: a full load. Each reading is a line of the run log; in days alone it ends
    as `healed`, not `landed`, for the rest is as old as it was.
    """
    healing = Healing(found)
    try:
        for words, options in _cures(found.entity, client, warehouse):
            healing.tried.append(words)
            began = now()
            [outcome] = sync(
                [found.entity], client, warehouse, run_id=uuid.uuid4().hex, now=now, **options
            )
            healing.error = outcome.error
            if healing.error:
                break
            gone = outcome.landed.removed
            if outcome.full and gone:
                healing.tried[-1] += f" ({gone:,} that the API gives no more went)"
            healing.comparison = compare(found.entity, client.get, warehouse, began)
            if not healing.comparison.differs:
                break
    except ExtractError as error:
        healing.error = str(error)
    return healing


def _cures(
    entity: Entity, client: Client, warehouse: Warehouse
) -> Iterator[tuple[str, dict[str, Any]]]:
    """How to read, in words and as options of `sync`; the next where one has not helped."""
    if warehouse.cursor(entity).loading is not None:
        yield "the full load that was under way was ended", {}
    elif entity.feed == "list":
        yield "read again", {}
    elif entity.feed == "windows" and (days := differing_days(entity, client.get, warehouse)):
        read = {"read": lambda load: load.read_again(days), "ended": "healed"}
        yield f"read again {', '.join(map(_named, days))}", read
    yield "loaded in full", {"full": True}


def differing_days(entity: Entity, get: pages.Get, warehouse: Warehouse) -> list[Days]:
    """The days on which our rows are not as many as the API counts, as runs of days.

    Halves what differs until it fits in one page, which costs a call to read, as another count
    would, or is one day. What is missing on one day and too much on another of the same half
    cancels out and is not seen.
    """
    ours = warehouse.count_days(entity)
    known = sorted(day for day in ours if day is not None)
    of, counted = entity.total, {}

    def theirs(day: date | None) -> int:
        """The API's total from a day on, None = of all. No upper bounds: whether they include
        their day is not certain."""
        if day not in counted:
            since = {f"{entity.day}OnOrAfter": f"{day}T00:00:00Z"} if day else {}
            counted[day] = pages.total(get, of.path, {**of.params, **since}) or 0
        return counted[day]

    def split(first: date, end: date) -> list[Days]:
        """The runs from `first` to the day before `end`."""
        listed = theirs(first) - theirs(end)
        if listed == sum(ours[day] for day in known if first <= day < end):
            return []
        if listed <= pages.PAGE_SIZE or end - first == _DAY:
            return [(first, end - _DAY)]
        middle = first + (end - first) // 2
        return split(first, middle) + split(middle, end)

    if not known or theirs(None) <= pages.PAGE_SIZE:
        return [(None, None)] if theirs(None) != sum(ours[day] for day in known) else []
    begin, end = known[0], known[-1] + _DAY
    before = [(None, begin - _DAY)] if theirs(None) > theirs(begin) else []
    behind = [(end, None)] if theirs(end) else []
    return [*before, *split(begin, end), *behind]


def _named(days: Days) -> str:
    first, last = days
    if first and first == last:
        return f"{first}"
    return f"{first or 'the beginning'} to {last or 'the end'}"
