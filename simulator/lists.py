"""Pages of the API: list endpoints with their filters, export feeds with their tokens."""

import base64
import binascii
from datetime import UTC, datetime
from random import Random

import msgspec

from simulator.resources import Resource
from simulator.store import Feed, Record, decode
from simulator.store import encode as encode_record

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
    if resource.entity == "gross_pay_items":
        Random(call).shuffle(found)
    first = (page - 1) * size
    bodies = [feed.bodies[n] for n in found[first : first + size]]
    if resource.hidden:
        bodies = [_without(body, resource.hidden) for body in bodies]
    more = first + size < len(found)
    total = len(found) if params.get("includeTotal", "").lower() == "true" else None
    head = {"page": page, "pageSize": size, "hasMore": more, "totalCount": total}
    return _answer(head, bodies)


def plain_array(resource: Resource, feed: Feed, params: dict[str, str]) -> bytes:
    """The bare array without envelope that /inventory-bills answers."""
    found = _matching(resource, feed, params)[:DEFAULT_PAGE]
    return b"[" + b",".join(_without(feed.bodies[n], resource.hidden) for n in found) + b"]"


def export_page(resource: Resource, feed: Feed, params: dict[str, str], size: int) -> bytes:
    """One page of an export feed, `size` records of the server's choosing. Raises BadParameter."""
    bodies, position, more = feed.page(_position(resource, feed, params.get("from")), size)
    keep = ACTIVITY.get(params.get("active", "Any")) if resource.entity == "appointments" else None
    if keep is not None and len(keep) == 1:
        bodies = [body for body in bodies if _head(body).active in keep]
    return _answer({"hasMore": more, "continueFrom": _token(resource, position)}, bodies)


def _answer(head: Record, bodies: list[bytes]) -> bytes:
    return msgspec.json.encode(head)[:-1] + b',"data":[' + b",".join(bodies) + b"]}"


def _without(body: bytes, hidden: tuple[str, ...]) -> bytes:
    record = decode(body)
    return encode_record({name: value for name, value in record.items() if name not in hidden})


def _matching(resource: Resource, feed: Feed, params: dict[str, str]) -> list[int]:
    """The positions of the records that pass every filter; all filters are ANDed."""
    keep = {True, False}
    if resource.activity:
        given = params.get(resource.activity, "True" if resource.activity == "active" else "")
        keep = ACTIVITY.get(given or "ActiveOnly")
        if keep is None:
            raise BadParameter(resource.activity, f"The value '{given}' is not valid.")
    ids = None
    if "ids" in params:
        ids = {_int("ids", part) for part in params["ids"].split(",") if part}
        if len(ids) > LARGEST_IDS:
            raise BadParameter("ids", f"At most {LARGEST_IDS} ids are allowed.")
    bounds = [
        (name, params[parameter])
        for parameter, name in (
            ("createdOnOrAfter", "createdOn"),
            ("modifiedOnOrAfter", "modifiedOn"),
        )
        if parameter in params
    ]
    ends = [
        (name, params[parameter])
        for parameter, name in (("createdBefore", "createdOn"), ("modifiedBefore", "modifiedOn"))
        if parameter in params
    ]
    since = [(name, _instant(name, value)) for name, value in bounds]
    before = [(name, _instant(name, value)) for name, value in ends]
    equal = {p: read for p, read in resource.equal.items() if p in params}
    since_fields = {p: name for p, name in resource.since.items() if p in params}
    before_fields = {p: name for p, name in resource.before.items() if p in params}

    def heads_match(head: _Head) -> bool:
        return (
            head.active in keep
            and (ids is None or head.id in ids)
            and all((getattr(head, name) or "").rstrip("Z") >= bound for name, bound in since)
            and all((getattr(head, name) or "~").rstrip("Z") < bound for name, bound in before)
        )

    def fields_match(record: Record) -> bool:
        return (
            all(_text(read(record)) in params[p].split(",") for p, read in equal.items())
            and all(
                (record[name] or "").rstrip("Z") >= _instant(p, params[p])
                for p, name in since_fields.items()
            )
            and all(
                (record[name] or "~").rstrip("Z") < _instant(p, params[p])
                for p, name in before_fields.items()
            )
        )

    deep = bool(equal or since_fields or before_fields)
    shallow = bool(ids is not None or since or before or len(keep) == 1)
    return [
        n
        for n in _candidates(resource, feed, params)
        if (not shallow or heads_match(_head(feed.bodies[n])))
        and (not deep or fields_match(feed.record(n)))
    ]


def _candidates(resource: Resource, feed: Feed, params: dict[str, str]) -> list[int]:
    """The positions worth looking at: for pay, those of the asked window of dates."""
    if resource.entity != "gross_pay_items" or not params.keys() & {
        "dateOnOrAfter",
        "dateOnOrBefore",
    }:
        return [n for n, body in enumerate(feed.bodies) if body is not None]
    first = _instant("dateOnOrAfter", params.get("dateOnOrAfter", "0001-01-01"))[:10]
    last = _instant("dateOnOrBefore", params.get("dateOnOrBefore", "9999-12-31"))[:10]
    return [n for day in feed.days() if first <= day <= last for n in feed.of_date(day)]


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
