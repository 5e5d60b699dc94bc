"""The short way from an answer's bytes to lines, for answers that are as the specification says.

`Shaper` forgives: numbers in quotes, blanks for nothing, fields of another type. Nearly every
answer needs none of that, so msgspec decodes it straight into the declared types. Whatever does not
fit goes the long way, by `Shaper`; both ways give the same lines (tests/extract/test_typed.py).
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Annotated, Any, NamedTuple

import msgspec

from extract.client import decode_json
from extract.entities import EXTRA_FIELDS, Entity
from extract.privacy import is_contact
from extract.rows import UNFIT, Line, Shaper

# Instants and dates stay text: a decoder rounds the seventh digit of a second, we cut it.
_TYPES: dict[str, Any] = {
    "integer": Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None,
    "string": str | None,
    "boolean": bool | None,
    "decimal": Decimal | None,
    "instant": str | None,
    "date": str | None,
    "json": msgspec.Raw,
}
# Decoded as they are stored.
_READY = ("integer", "string", "boolean")
# What `pages` reads of an answer beside its records.
_ENVELOPE = ("hasMore", "continueFrom", "page", "totalCount")
# Fields that no column names are learned from what comes. An API that made up ever new ones would
# make us build ever new types: its records go the long way.
_MOST_LEARNED = 300

_encode = msgspec.json.Encoder().encode


class TypedRecords:
    """Decodes the answers of one entity's feed and makes lines of their records.

    An answer may be decoded while the records of the one before it are made into lines.
    """

    def __init__(self, entity: Entity, shaper: Shaper):
        self._shaper = shaper
        self._flat = [column for column in entity.columns if len(column.source) == 1]
        self._nested = [column for column in entity.columns if len(column.source) == 2]
        self._parents = list(dict.fromkeys(column.source[0] for column in self._nested))
        names = [column.name for column in self._flat]
        self._key = names.index(entity.key) if entity.key in names else None
        self._version = names.index(entity.version) if entity.version else None
        readers = {column: shaper.reader(column) for column in entity.columns}
        self._readers = [
            (place, _of_bytes(readers[column]) if column.type == "json" else readers[column])
            for place, column in enumerate(self._flat)
            if column.type not in _READY or column.is_name
        ]
        self._nested_readers = [
            (self._parents.index(column.source[0]), column, readers[column])
            for column in self._nested
        ]
        names += [*(column.name for column in self._nested), EXTRA_FIELDS]
        self._row = _struct(dict.fromkeys(names, Any))
        self._shapes: dict[type, _Shape] = {}
        self._newest = self._shape([])

    def decode(self, body: bytes) -> Any:
        """An answer as `Client.get` gives it; its `data` are records for `line`: of a type of
        their own, or dicts where the answer is not as specified. Raises msgspec.DecodeError."""
        try:
            return msgspec.structs.asdict(self._newest.decode(body))
        except msgspec.ValidationError:
            answer = decode_json(body)
        if unknown := self._unknown(answer):
            self._newest = self._shape(sorted([*self._newest.learned, *unknown]))
            try:
                return msgspec.structs.asdict(self._newest.decode(body))
            except msgspec.ValidationError:
                pass
        return answer

    def value(self, record: Any, name: str) -> Any:
        """A field of a record that `decode` gave, None where it has no such field."""
        if shape := self._shapes.get(type(record)):
            return getattr(record, shape.alias[name])
        return record.get(name) if isinstance(record, dict) else None

    def line(self, record: Any) -> Line:
        """The line of a record that `decode` gave. Raises RowError, see `Shaper.row`."""
        shape = self._shapes.get(type(record))
        if shape is None:
            return self._shaper.line(record)
        values, parents, kept = (list(get(record)) for get in shape.getters)
        key = None if self._key is None else values[self._key]
        if key is None and self._key is not None:
            raise self._shaper.without_key(values[self._version] if self._version else None)
        try:
            for place, read in self._readers:
                column, value = self._flat[place], values[place]
                if value is not None:
                    values[place] = read(value)
            for place, column, read in self._nested_readers:
                parent = parents[place]
                value = parent.pop(column.source[1], None) if parent else None
                values.append(None if value is None else read(value))
        except UNFIT as error:
            self._shaper.refuse(column, value, str(error), key)
        raws = {name: raw for name, raw in zip(shape.kept, kept, strict=True) if raw}
        rest = decode_json(_encode(raws)) if raws else {}
        rest |= {name: left for name, left in zip(self._parents, parents, strict=True) if left}
        row = self._row(*values, self._shaper.extras(rest))
        return Line(key, None if self._version is None else values[self._version], _encode(row))

    def _unknown(self, answer: Any) -> set[str]:
        """The fields of an answer's records that are to be learned."""
        data = answer.get("data") if isinstance(answer, dict) else None
        records = data if isinstance(data, list) else []
        found = {name for record in records if isinstance(record, dict) for name in record}
        found -= self._newest.alias.keys()
        nameable = all(name.isprintable() and not set(name) & set('"\\') for name in found)
        few = len(found) + len(self._newest.learned) <= _MOST_LEARNED
        return found if nameable and few else set()

    def _shape(self, learned: list[str]) -> "_Shape":
        """The types of answers whose records have the fields `learned` beside the declared."""
        declared = {column.name: _TYPES[column.type] for column in self._flat}
        parents = dict.fromkeys(self._parents, dict[str, Any] | None)
        others = dict.fromkeys(learned, msgspec.Raw)
        record = _struct(declared | parents | others, forbid_unknown_fields=True)
        answer = msgspec.defstruct(
            "Answer", [("data", list[record]), *((name, Any, None) for name in _ENVELOPE)]
        )
        alias = {field.encode_name: field.name for field in msgspec.structs.fields(record)}
        kept = [name for name in learned if not is_contact(name)]
        self._shapes[record] = _Shape(
            learned,
            kept,
            alias,
            [_getter([alias[name] for name in names]) for names in (declared, parents, kept)],
            msgspec.json.Decoder(answer, float_hook=Decimal).decode,
        )
        return self._shapes[record]


class _Shape(NamedTuple):
    """The type of records with certain fields: those that no column names, and which of them are
    not left out; the attribute of each field; what gives the values of columns, of parents of
    nested ones, and of those that are kept; a decoder."""

    learned: list[str]
    kept: list[str]
    alias: dict[str, str]
    getters: list[Callable[[Any], Iterable[Any]]]
    decode: Callable[[bytes], Any]


def _struct(types: Mapping[str, Any], **options: Any) -> type[msgspec.Struct]:
    """A type with these fields, whatever their names; all may be missing."""
    alias = {name: f"f{place}" for place, name in enumerate(types)}
    return msgspec.defstruct(
        "Fields",
        [(alias[n], t, msgspec.Raw() if t is msgspec.Raw else None) for n, t in types.items()],
        rename={field: name for name, field in alias.items()},
        omit_defaults=True,
        gc=False,
        **options,
    )


def _getter(fields: list[str]) -> Callable[[msgspec.Struct], Iterable[Any]]:
    """What gives the values of these fields."""
    if len(fields) > 1:
        return attrgetter(*fields)
    return lambda record: [getattr(record, field) for field in fields]


def _of_bytes(read: Callable[[Any], Any]) -> Callable[[msgspec.Raw], Any]:
    """A reader of JSON, for its bytes."""

    def read_bytes(raw: msgspec.Raw) -> Any:
        value = decode_json(raw) if raw else None
        return None if value is None else read(value)

    return read_bytes
