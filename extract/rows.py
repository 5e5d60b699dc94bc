"""From a decoded JSON record to a typed row, exactly or not at all."""

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from itertools import accumulate
from math import inf
from typing import Any, NoReturn

import msgspec

from extract.entities import EXTRA_FIELDS, ROW_KEY, Column, Entity
from extract.errors import RowError
from extract.privacy import Names, Screen, kept, shown

Row = dict[str, Any]


# What tells a row and its versions apart, key and version, and the row as a JSON object. Millions
# are made in a row: one with names would take its time.
Line = tuple[Any, str | None, bytes]

ANYWAY = "_anyway"
_END_ANYWAY = f',"{ANYWAY}":true}}'.encode()
_ROW_KEY = ROW_KEY.encode()

# A batch is landed when it holds so many rows, or the bytes that its warehouse takes at a time: an
# invoice can have hundreds of items.
BATCH_ROWS = 5_000

# DECIMAL(38,9) on DuckDB, NUMERIC on BigQuery.
_NINE_PLACES = Decimal("0.000000001")
_38_DIGITS = Context(prec=38, traps=[InvalidOperation])

# What converting a value may raise.
UNFIT = (ValueError, OverflowError, InvalidOperation)

# Numbers inside JSON columns keep their digits; sorted, so that a record whose fields only changed
# places is not a changed record.
_json = msgspec.json.Encoder(decimal_format="number")
sorted_json = msgspec.json.Encoder(decimal_format="number", order="deterministic").encode


class Shaper:
    """Makes rows of one entity's records.

    A row maps every column of `entity.row_types` (but `_row_key`) to None or to a value that JSON
    carries exactly: int, str, bool; decimals as plain digits ("12.345000000"), instants as
    "2026-01-02T16:28:55.844600+00:00" (UTC, microseconds), dates as "2026-01-02", json as text.
    Contact data is left out; `names` hashes people's names, None leaves them as they are.
    """

    def __init__(self, entity: Entity, names: Names | None = None):
        self._entity = entity
        self._hash = names
        self._screen = Screen(names)
        self._flat = [(c, self.reader(c)) for c in entity.columns if len(c.source) == 1]
        self._nested = [(c, self.reader(c)) for c in entity.columns if len(c.source) == 2]
        # In one order, whatever the way: the row keys of pay are made from lines.
        self._names = [column.name for column, _ in self._flat + self._nested]

    def row(self, record: Any) -> Row:
        """The row of `record`; raises RowError naming entity, record, field and value."""
        if not isinstance(record, dict):
            raise RowError(f"{self._entity.name}: {self._shown(record)} is not a record")
        rest = dict(record)
        row: Row = dict.fromkeys(self._names)
        parents: dict[str, dict[str, Any]] = {}
        try:
            for column, convert in self._flat:
                value = rest.pop(column.name, None)
                if value is not None:
                    row[column.name] = convert(value)
            for column, convert in self._nested:
                parent, child = column.source
                value = record.get(parent)
                if value is None:
                    rest.pop(parent, None)
                    continue
                if not isinstance(value, dict):
                    raise ValueError("expected an object")
                value = parents.setdefault(parent, dict(value)).pop(child, None)
                if value is not None:
                    row[column.name] = convert(value)
        except UNFIT as error:
            self.refuse(column, value, str(error), record.get(self._entity.key))
        for parent, value in parents.items():
            if remaining := kept(parent, value):
                rest[parent] = remaining
            else:
                del rest[parent]
        row[EXTRA_FIELDS] = self.extras(rest)
        if self._entity.key in row and row[self._entity.key] is None:
            raise self.without_key(record.get(self._entity.version))
        return row

    def line(self, record: Any) -> Line:
        """Like `row`, as a line; what is null is left out."""
        row, entity = self.row(record), self._entity
        version = row[entity.version] if entity.version else None
        filled = {name: value for name, value in row.items() if value is not None}
        return row.get(entity.key), version, _json.encode(filled)

    def lines(self, records: Iterable[Any]) -> list[Line]:
        """The lines of records."""
        return [self.line(record) for record in records]

    def extras(self, rest: dict[str, Any]) -> str | None:
        """What no column names, as JSON; None where nothing is left of it."""
        text = self._screen.text(EXTRA_FIELDS, rest, sorted_json) if rest else "{}"
        return text if text != "{}" else None

    def extra_texts(self, encoded: list[bytes]) -> list[str | None]:
        """`extras` of many records, of the sorted JSON of what is kept of each."""
        texts = self._screen.texts(EXTRA_FIELDS, encoded, sorted_json)
        return [text if text != "{}" else None for text in texts]

    def json_texts(self, field: str, encoded: list[bytes]) -> list[str | None]:
        """What a column of JSON holds of many values, of the sorted JSON of what is kept of each
        ("null" for none)."""
        texts = self._screen.texts(field, encoded, sorted_json)
        return [text if text != "null" else None for text in texts]

    def reader(self, column: Column) -> Callable[[Any], Any]:
        """What makes a column's value of a field's."""
        if column.type == "json":
            field = column.source[-1]
            return lambda value: self.json_texts(field, [sorted_json(kept(field, value))])[0]
        if column.is_name and self._hash is not None:
            hashed = self._hash.hashed
            return lambda value: hashed(_string(value))
        return _CONVERT[column.type]

    def without_key(self, version: Any) -> RowError:
        """The error for a record that cannot be told from others."""
        return RowError(
            f"{self._entity.name}: a record without {self._entity.key}, modified "
            f"{self._shown(version)}"
        )

    def refuse(self, column: Column, value: Any, why: str, key: Any) -> NoReturn:
        """Raises RowError for a value that does not fit into a column."""
        named = self._shown("without id" if key is None else key)
        why = why if why.startswith(("expected", "more than")) else f"expected {column.type}"
        raise RowError(
            f"{self._entity.name}, record {named}, field {'.'.join(column.source)}: "
            f"{why}, found {self._shown(value)}"
        ) from None

    def _shown(self, value: Any) -> str:
        return shown(value, strict=self._hash is not None)


class Batch:
    """Rows on their way to the warehouse, each key once, as lines of JSON.

    Of two rows with one key the greater `version` stays; where one is missing or they are equal,
    the later arrival. Batches can be cut anywhere: the outcome is that of landing row by row.
    """

    def __init__(self, most_bytes: float = inf):
        self._most_bytes = most_bytes
        self._lines: dict[Any, Line] = {}
        self._anyway: set[Any] = set()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def is_full(self) -> bool:
        """Whether it should be landed before more is added."""
        return len(self._lines) >= BATCH_ROWS or self._bytes >= self._most_bytes

    def fill(self, lines: list[Line]) -> list[Line]:
        """Adds lines until it is full; those that are left."""
        if self.is_full:
            return lines
        bytes_after = list(accumulate(len(text) for _, _, text in lines))
        room = min(
            bisect_left(bytes_after, self._most_bytes - self._bytes) + 1,
            BATCH_ROWS - len(self._lines),
        )
        self.extend(lines[:room])
        return lines[room:]

    def extend(self, lines: list[Line]) -> None:
        """Adds lines, full or not."""
        arrived = {line[0]: line for line in lines}
        if len(arrived) == len(lines) and self._lines.keys().isdisjoint(arrived):
            self._lines |= arrived
            self._bytes += sum(len(text) for _, _, text in lines)
        else:
            for line in lines:
                self._put(line)

    def _put(self, line: Line) -> None:
        key, version, text = line
        before = self._lines.get(key)
        if before is not None:
            _, old_version, old_text = before
            if version is not None and old_version is not None and version < old_version:
                return
            # Once a version was missing, the row that stays is later than whatever the table
            # holds, though its own version may be smaller.
            if version is None or old_version is None:
                self._anyway.add(key)
            self._bytes -= len(old_text)
        self._bytes += len(text)
        self._lines[key] = line

    def lines(self) -> list[bytes]:
        """One JSON object per row: the columns of `Entity.row_types`, and `ANYWAY` where it
        replaces the landed row whatever that one's version."""
        anyway = self._anyway
        return [
            text[:-1] + _END_ANYWAY if key in anyway else text
            for key, _, text in self._lines.values()
        ]


def with_row_keys(lines: Iterable[Line]) -> list[Line]:
    """The lines with `_row_key`: a hash of the whole row and its ordinal among equal ones.

    Equal rows can be real (two equal bonuses on a day), so each gets a number. Equal rows share
    their day, so the numbers do not depend on how the days were read.
    """
    seen: Counter[str] = Counter()
    keyed = []
    for _, version, text in lines:
        digest = hashlib.blake2b(text, digest_size=16).hexdigest()
        seen[digest] += 1
        key = f"{digest}-{seen[digest]}"
        keyed.append((key, version, b'{"%b":"%b",%b' % (_ROW_KEY, key.encode(), text[1:])))
    return keyed


@lru_cache(maxsize=50_000)  # days repeat: a century of them
def day_of(value: Any) -> date:
    """The calendar day that a date field names: its first ten characters, never shifted."""
    return date.fromisoformat(_date(value))


def is_filled(value: Any) -> bool:
    """Whether a field says anything: not null, not blank, not an empty list or object."""
    return value is not None and value not in ("", [], {})


def _integer(value: Any) -> int | None:
    if isinstance(value, str):
        if not value.strip():
            return None
        value = Decimal(value.strip())
    if isinstance(value, Decimal):
        # Looked at before it is made whole: 1E999999999 is a short text and a huge number.
        if value.adjusted() > 18 or value != value.to_integral_value():
            raise ValueError("expected a whole number")
        value = int(value)
    if type(value) is not int:
        raise ValueError("expected a whole number")
    if not -(2**63) <= value < 2**63:
        raise ValueError("expected a whole number of 64 bits")
    return value


def _string(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise ValueError("expected text")


def _boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        value = value.strip().lower()
        if value in ("true", "false"):
            return value == "true"
        if not value:
            return None
    if value in (0, 1, "0", "1"):
        return bool(int(value))
    raise ValueError("expected true or false")


def _decimal(value: Any) -> str | None:
    if type(value) is not Decimal:
        if isinstance(value, str):
            if not value.strip():
                return None
            value = value.strip()
        elif type(value) is not int:
            raise ValueError("expected a number")
        value = Decimal(value)
    try:
        exact = value.quantize(_NINE_PLACES, None, _38_DIGITS)
    except InvalidOperation:
        exact = None
    if exact != value:
        if not value.is_finite():
            raise ValueError("expected a number")
        raise ValueError(
            "more than 29 digits before the point" if exact is None else "more than 9 decimals"
        )
    return f"{exact:f}"


def _instant(value: Any) -> str | None:
    if not isinstance(value, str):
        raise ValueError("expected a time like 2026-01-02T16:28:55Z")
    text = value.strip()
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)  # cuts to microseconds
    except ValueError:
        raise ValueError("expected a time like 2026-01-02T16:28:55Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    elif moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")


def instants(values: Sequence[str | None]) -> list[str | None]:
    """What a column of instants holds of many texts. Raises ValueError. As long as all are written
    as the API does, they need not be formatted: that takes four times as long."""
    given = [value for value in values if value is not None]
    shapes = "\n".join(given).encode("utf-8", "replace").translate(_DIGITS).split(b"\n")
    if not given or not _SHAPES.issuperset(shapes):
        return [None if value is None else _instant(value) for value in values]
    for _ in map(datetime.fromisoformat, given):
        pass  # raises where there is no such moment
    return [
        value
        and (f"{value[:26]}+00:00" if len(value) > 27 else value[:-1] + _FRACTIONS[len(value)])
        for value in values
    ]


# The digits of an instant as the API writes it, seconds with no decimals or with one to nine, and
# by the length of its text what comes before and after "Z" in a column.
_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_SECONDS = b"0000-00-00T00:00:00"
_SHAPES = frozenset([_SECONDS + b"Z", *(b"%b.%bZ" % (_SECONDS, b"0" * n) for n in range(1, 10))])
_FRACTIONS = {20: ".000000+00:00", **{21 + n: f"{'0' * (6 - n)}+00:00" for n in range(1, 7)}}


def _date(value: Any) -> str | None:
    if not isinstance(value, str):
        raise ValueError("expected a date like 2026-01-02")
    if not value.strip():
        return None
    return _day_text(value.strip()[:10])


@lru_cache(maxsize=50_000)
def _day_text(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("expected a date like 2026-01-02") from None


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "integer": _integer,
    "string": _string,
    "boolean": _boolean,
    "decimal": _decimal,
    "instant": _instant,
    "date": _date,
}
