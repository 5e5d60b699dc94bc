"""Pages of the API: list endpoints with their filters, export feeds with their tokens."""

import base64
import binascii
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec

from simulator.resources import Resource
from simulator.store import Feed, Record

LARGEST_PAGE = 5_000
DEFAULT_PAGE = 50
LARGEST_IDS = 50

# Values of the two parameters that show inactive rows -> the `active` that they keep.
ACTIVITY = {
    "True": {True},
    "False": {False},
    "Any": {True, False},
    "ActiveOnly": {True},
    "InactiveOnly": {False},
    "All": {True, False},
}


CHANGED_SINCE = {"createdOnOrAfter": "createdOn", "modifiedOnOrAfter": "modifiedOn"}
CHANGED_BEFORE = {"createdBefore": "createdOn", "modifiedBefore": "modifiedOn"}

Test = Callable[[Any], bool]


class BadParameter(Exception):
    """A parameter that the API answers with 400: its name and the message."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name, self.message = name, message


class _Head(msgspec.Struct):
    """What most list calls filter by, read without decoding the whole record."""

    id: int | None = None
    active: bool = True
    createdOn: str | None = None
    modifiedOn: str | None = None


_head = msgspec.json.Decoder(_Head).decode


def list_page(resource: Resource, feed: Feed, params: dict[str, str], call: int) -> bytes:
    """One page of a list endpoint.

    `params` are the call's query parameters; those that the endpoint does not know are ignored, as
    the API does. `call` counts the calls: gross pay items come in another order with each. Raises
    BadParameter.
    """
    page = _whole(params, "page", 1, None)
    size = _whole(params, "pageSize", DEFAULT_PAGE, LARGEST_PAGE)
    found = _matching(resource, feed, params)
    if resource.windowed:
        Random(call).shuffle(found)
    first = (page - 1) * size
    bodies = [feed.bodies[n] for n in found[first : first + size]]
    if resource.hides_active:
        bodies = [_without_active(body) for body in bodies]
    more = first + size < len(found)
    total = len(found) if params.get("includeTotal", "").lower() == "true" else None
    head = {"page": page, "pageSize": size, "hasMore": more, "totalCount": total}
    return _answer(head, bodies)


def plain_array(resource: Resource, feed: Feed, params: dict[str, str]) -> bytes:
    """The bare array without envelope that /inventory-bills answers."""
    found = _matching(resource, feed, params)[:DEFAULT_PAGE]
    return b"[" + b",".join(_without_active(feed.bodies[n]) for n in found) + b"]"


def export_page(resource: Resource, feed: Feed, params: dict[str, str], size: int) -> bytes:
    """One page of an export feed, `size` records of the server's choosing. Raises BadParameter."""
    bodies, position, more = feed.page(_position(resource, feed, params.get("from")), size)
    keep = ACTIVITY.get(params.get("active", "Any")) if resource.entity == "appointments" else None
    if keep is not None and len(keep) == 1:
        bodies = [body for body in bodies if _head(body).active in keep]
    return _answer({"hasMore": more, "continueFrom": _token(resource, position)}, bodies)


def _answer(head: Record, bodies: list[bytes]) -> bytes:
    return msgspec.json.encode(head)[:-1] + b',"data":[' + b",".join(bodies) + b"]}"


def _without_active(body: bytes) -> bytes:
    """The list model of a record: `active` is the last field of the entities that hide it."""
    return body[: body.rindex(b',"active":')] + b"}"


def _matching(resource: Resource, feed: Feed, params: dict[str, str]) -> list[int]:
    """The positions of the records that pass every filter; all filters are ANDed."""
    of_head = [
        *_activity(resource, params),
        *_ids(params),
        *_bounds(params, CHANGED_SINCE, CHANGED_BEFORE, getattr),
    ]
    of_record = [*_equal(resource, params)]
    if not resource.windowed:
        of_record += _bounds(params, resource.since, resource.before, dict.get)

    def passes(position: int) -> bool:
        if of_head:
            head = _head(feed.bodies[position])
            if not all(test(head) for test in of_head):
                return False
        if of_record:
            record = feed.record(position)
            return all(test(record) for test in of_record)
        return True

    return [n for n in _candidates(resource, feed, params) if passes(n)]


def _activity(resource: Resource, params: dict[str, str]) -> Iterator[Test]:
    """Active rows only, unless the entity's parameter says otherwise."""
    if resource.activity:
        default = "True" if resource.activity == "active" else "ActiveOnly"
        given = params.get(resource.activity) or default
        if given not in ACTIVITY:
            raise BadParameter(resource.activity, f"The value '{given}' is not valid.")
        if len(ACTIVITY[given]) == 1:
            yield lambda head: head.active in ACTIVITY[given]


def _ids(params: dict[str, str]) -> Iterator[Test]:
    if "ids" in params:
        ids = {_int("ids", part) for part in params["ids"].split(",") if part}
        if len(ids) > LARGEST_IDS:
            raise BadParameter("ids", f"At most {LARGEST_IDS} ids are allowed.")
        yield lambda head: head.id in ids


def _equal(resource: Resource, params: dict[str, str]) -> Iterator[Test]:
    for parameter, read in resource.equal.items():
        if parameter in params:
            wanted = params[parameter].split(",")
            yield lambda record, read=read, wanted=wanted: _text(read(record)) in wanted


def _bounds(
    params: dict[str, str],
    since: dict[str, str],
    before: dict[str, str],
    read: Callable[[Any, str], str | None],
) -> Iterator[Test]:
    """Tests of the instants that `read` gives; a null one is neither since nor before anything."""
    for parameter, name in since.items():
        if parameter in params:
            first = _instant(parameter, params[parameter])
            yield lambda row, name=name, first=first: (read(row, name) or "").rstrip("Z") >= first
    for parameter, name in before.items():
        if parameter in params:
            end = _instant(parameter, params[parameter])
            yield lambda row, name=name, end=end: (read(row, name) or "~").rstrip("Z") < end


def _candidates(resource: Resource, feed: Feed, params: dict[str, str]) -> list[int]:
    """The positions worth looking at: those of the asked window of days, or all that were changed
    lately enough."""
    asked = params.keys() & (resource.since.keys() | resource.before.keys())
    if not resource.windowed or not asked:
        changed = params.get("modifiedOnOrAfter")
        first = feed.first_modified(_instant("modifiedOnOrAfter", changed)) if changed else 0
        return [n for n in range(first, len(feed.bodies)) if feed.bodies[n] is not None]
    (since,), (before,) = resource.since, resource.before
    first = _instant(since, params.get(since, "0001-01-01"))[:10]
    end = _instant(before, params.get(before, "9999-12-31"))[:10]
    return [n for day in feed.days() if first <= day < end for n in feed.of_date(day)]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _int(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise BadParameter(name, f"The value '{value}' is not valid.") from None


def _whole(params: dict[str, str], name: str, default: int, largest: int | None) -> int:
    value = _int(name, params.get(name, str(default)))
    if value < 1 or (largest and value > largest):
        raise BadParameter(name, f"Must be between 1 and {largest or 'the last page'}.")
    return value


def _instant(name: str, value: str) -> str:
    """A date or date-time parameter as comparable text without its Z; midnight UTC for a date."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise BadParameter(name, f"The value '{value}' is not valid.") from None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat()


def _token(resource: Resource, position: int) -> str:
    return base64.urlsafe_b64encode(f"{resource.name}:{position:010}".encode()).decode()


def _position(resource: Resource, feed: Feed, start: str | None) -> int:
    """Where an export continues: at a token of this endpoint, or at a date of modification."""
    if not start:
        return 0
    try:
        name, _, position = base64.urlsafe_b64decode(start).decode().partition(":")
        if name == resource.name:
            return int(position)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    return feed.first_modified(_instant("from", start))
