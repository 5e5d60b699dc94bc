"""How single values of the API's records are read: days, money, names, references."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

_SPELLINGS = str.maketrans(
    dict.fromkeys("‐‑‒–—―−﹘﹣-", "-")  # every kind of dash
    | dict.fromkeys("‘’ʼ", "'")  # curly apostrophes
)


def same_name(name: str) -> str:
    """What two spellings of one name share: “names match without regard to case, outer blanks, the
    length of runs of blanks (tab and no-break space are blanks), the kind of dash, and straight or
    curly apostrophe”."""
    return " ".join(name.translate(_SPELLINGS).lower().split())


def is_blank(name: str | None) -> bool:
    return name is None or not name.strip()


def day_of_instant(instant: str | None, zone: ZoneInfo) -> date | None:
    """“Instants are UTC and are cut to a day in the tenant's zone.”"""
    return moment(instant).astimezone(zone).date() if instant else None


def moment(instant: str) -> datetime:
    """An instant of the API with 0 to 7 fractional digits, aware; without an offset it is UTC."""
    parsed = datetime.fromisoformat(instant)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def calendar_day(text: str | None) -> date | None:
    """“Calendar dates arrive as midnight UTC: cut to ten characters, never shifted.”"""
    return date.fromisoformat(text[:10]) if text else None


def money(amount: Decimal | int | str | None) -> Decimal:
    """An amount, exactly; null or blank is 0. A float has lost its cents and is refused."""
    if isinstance(amount, float):
        raise TypeError(f"the amount {amount!r} is a float: decode the API's numbers as Decimal")
    if amount is None or (isinstance(amount, str) and not amount.strip()):
        return Decimal(0)
    return Decimal(amount)


def reference(identifier: int | None) -> int | None:
    """The id that a record names; 0 means none."""
    return identifier or None


def nested(record: dict, field: str) -> int | None:
    """The id in a nested reference such as an invoice's `job`: {id, number, ...} or null."""
    return reference((record.get(field) or {}).get("id"))


def is_active(record: dict) -> bool:
    """Only `false` is inactive: an `active` that is missing or null counts as active."""
    return record.get("active") is not False
