"""The short way from an answer's bytes to lines, for answers that are as the specification says.

`Shaper` forgives: numbers in quotes, blanks for nothing, fields of another type. Nearly every
answer needs none of that, so msgspec decodes it straight into the declared types and leaves what no
column names as the bytes that came. Whatever does not fit goes the long way, by `Shaper`; both ways
give the same rows (tests/extract/test_typed.py), this one in less than half the time.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Annotated, Any

import msgspec

from extract.client import decode_json
from extract.entities import EXTRA_FIELDS, Entity
from extract.rows import CONVERT, UNFIT, Line, Shaper, sorted_json

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
    """Decodes the answers of one entity's feed and makes lines of their records."""

    def __init__(self, entity: Entity, shaper: Shaper):
        self._shaper = shaper
        self._flat = [column for column in entity.columns if len(column.source) == 1]
        self._nested = [column for column in entity.columns if len(column.source) == 2]
        self._parents = list(dict.fromkeys(column.source[0] for column in self._nested))
        self._learned: list[str] = []
        self._know([])
        names = [column.name for column in self._flat]
        self._key = names.index(entity.key)
        self._version = names.index(entity.version) if entity.version else None
        self._to_convert = [
            (place, _text if column.type == "json" else CONVERT[column.type])
            for place, column in enumerate(self._flat)
            if column.type not in _READY
        ]
        names += [*(column.name for column in self._nested), EXTRA_FIELDS]
        self._row = _struct(dict.fromkeys(names, Any))

    def decode(self, body: bytes) -> Any:
        """An answer as `Client.get` gives it; its `data` are records for `line`: of a type of
        their own, or dicts where the answer is not as specified. Raises msgspec.DecodeError."""
        try:
            return msgspec.structs.asdict(self._answer(body))
        except msgspec.ValidationError:
            answer = decode_json(body)
        if unknown := self._unknown(answer):
            self._know(sorted([*self._learned, *unknown]))
            try:
                return msgspec.structs.asdict(self._answer(body))
            except msgspec.ValidationError:
                pass
        return answer

    def line(self, record: Any) -> Line:
        """The line of a record that `decode` gave. Raises RowError, see `Shaper.row`."""
        if not isinstance(record, msgspec.Struct):
            return self._shaper.line(record)
        values, parents, learned = (list(get(record)) for get in self._getters)
        key = values[self._key]
        if key is None:
            raise self._shaper.without_key()
        try:
            for place, convert in self._to_convert:
                column = self._flat[place]
                value = values[place]
                if value is not None:
                    values[place] = convert(value)
            for column in self._nested:
                parent = parents[self._parents.index(column.source[0])]
                value = parent.pop(column.source[1], None) if parent else None
                values.append(None if value is None else CONVERT[column.type](value))
        except UNFIT as error:
            self._shaper.refuse(column, value, str(error), key)
        rest = [(name, bytes(raw)) for name, raw in zip(self._learned, learned, strict=True) if raw]
        rest += [
            (name, sorted_json(parent))
            for name, parent in zip(self._parents, parents, strict=True)
            if parent
        ]
        version = values[self._version] if self._version is not None else None
        return Line(key, version, _encode(self._row(*values, _object(rest) if rest else None)))

    def _unknown(self, answer: Any) -> set[str]:
        """The fields of an answer's records that are to be learned."""
        data = answer.get("data") if isinstance(answer, dict) else None
        records = data if isinstance(data, list) else []
        found = {name for record in records if isinstance(record, dict) for name in record}
        found -= {*self._learned, *self._parents, *(column.name for column in self._flat)}
        nameable = all(name.isprintable() and not set(name) & set('"\\') for name in found)
        return found if nameable and len(found) + len(self._learned) <= _MOST_LEARNED else set()

    def _know(self, learned: list[str]) -> None:
        """Makes the types anew, with `learned` for the fields that no column names."""
        self._learned = learned
        declared = {column.name: _TYPES[column.type] for column in self._flat}
        parents = dict.fromkeys(self._parents, dict[str, Any] | None)
        others = dict.fromkeys(learned, msgspec.Raw)
        record = _struct(declared | parents | others, forbid_unknown_fields=True)
        self._getters = [_getter(record, names) for names in (declared, parents, others)]
        self._answer = msgspec.json.Decoder(
            msgspec.defstruct(
                "Answer",
                [("data", list[record]), *((name, Any, None) for name in _ENVELOPE)],
            ),
            float_hook=Decimal,
        ).decode


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


def _getter(
    struct: type[msgspec.Struct], names: Iterable[str]
) -> Callable[[msgspec.Struct], tuple[Any, ...]]:
    """What gives the values of these fields of a struct."""
    alias = {field.encode_name: field.name for field in msgspec.structs.fields(struct)}
    fields = [alias[name] for name in names]
    if len(fields) > 1:
        return attrgetter(*fields)
    return lambda record: tuple(getattr(record, field) for field in fields)


def _text(raw: msgspec.Raw) -> str | None:
    text = bytes(raw).decode()
    return text if text not in ("", "null") else None


def _object(fields: list[tuple[str, bytes]]) -> str:
    """An object of JSON, its fields in the order of their names."""
    members = (f"{_encode(name).decode()}:{raw.decode()}" for name, raw in sorted(fields))
    return f"{{{','.join(members)}}}"
