"""The short way from an answer's bytes to lines, for answers that are as the specification says.

`Shaper` forgives: numbers in quotes, blanks for nothing, fields of another type. Nearly every
answer needs none of that, so msgspec decodes it straight into the declared types. Whatever does not
fit goes the long way, by `Shaper`; both ways give the same lines (tests/extract/test_typed.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from extract.client import decode_json
from extract.entities import EXTRA_FIELDS, Column, Entity
from extract.privacy import is_contact
from extract.rows import UNFIT, Line, Shaper, sorted_json

# Instants and dates stay text: a decoder rounds the seventh digit of a second, we cut it. JSON
# stays bytes until its turn comes: as objects, the pages under way would take much memory.
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
    """Decodes the answers of one entity's feed and makes lines of their records: column by column,
    for a thousand amounts in one go take half the time.

    An answer may be decoded while the records of the one before it are made into lines.
    """

    def __init__(self, entity: Entity, shaper: Shaper):
        self._shaper = shaper
        self._flat = [column for column in entity.columns if len(column.source) == 1]
        self._nested = [column for column in entity.columns if len(column.source) == 2]
        self._readers = {column: shaper.reader(column) for column in entity.columns}
        names = [column.name for column in self._flat + self._nested]
        self._key = names.index(entity.key) if entity.key in names else None
        self._version = names.index(entity.version) if entity.version else None
        self._row = _struct(dict.fromkeys([*names, EXTRA_FIELDS], (Any, None)))
        self._shapes: dict[type, _Shape] = {}
        self._newest = self._shape([])

    def decode(self, body: bytes) -> Any:
        """An answer as `Client.get` gives it; its `data` are records for `lines`: of a type of
        their own, or dicts where the answer is not as specified. Raises msgspec.DecodeError."""
        try:
            return msgspec.structs.asdict(self._newest.decoder.decode(body))
        except msgspec.ValidationError:
            answer = decode_json(body)
        if unknown := self._unknown(answer):
            self._newest = self._shape(sorted([*self._newest.learned, *unknown]))
            try:
                return msgspec.structs.asdict(self._newest.decoder.decode(body))
            except msgspec.ValidationError:
                pass
        return answer

    def value(self, record: Any, name: str) -> Any:
        """A field of a record that `decode` gave, None where it has no such field."""
        if shape := self._shapes.get(type(record)):
            return getattr(record, shape.alias[name])
        return record.get(name) if isinstance(record, dict) else None

    def lines(self, records: Iterable[Any]) -> list[Line]:
        """The lines of records that `decode` gave. Raises RowError, see `Shaper.row`."""
        made: list[Line] = []
        for kind, alike in groupby(records, type):
            group, shape = list(alike), self._shapes.get(kind)
            made += self._lines(shape, group) if shape else self._shaper.lines(group)
        return made

    def _lines(self, shape: "_Shape", records: list[msgspec.Struct]) -> list[Line]:
        fields = shape.columns(records)
        try:
            columns = [self._flat_column(column, fields[column.name]) for column in self._flat]
            columns += [
                self._nested_column(column, fields[column.source[0]]) for column in self._nested
            ]
        except UNFIT:
            columns = []
        if not columns or (self._key is not None and None in columns[self._key]):
            # The long way tells which record does not fit, and why.
            return self._shaper.lines(map(shape.plain, records))
        nothing = [None] * len(records)
        keys = nothing if self._key is None else columns[self._key]
        versions = nothing if self._version is None else columns[self._version]
        rows = map(self._row, *columns, self._extras(shape, fields) or nothing)
        return list(zip(keys, versions, map(_encode, rows), strict=True))

    def _flat_column(self, column: Column, values: Sequence[Any]) -> Sequence[Any]:
        if column.type == "json":
            whole = b",".join(raw or b"null" for raw in values)
            return self._shaper.json_texts(column, decode_json(b"[%b]" % whole))
        if column.type in _READY and not column.is_name:
            return values
        read = self._readers[column]
        return [None if value is None else read(value) for value in values]

    def _nested_column(self, column: Column, parents: Sequence[Any]) -> list[Any]:
        child, read = column.source[1], self._readers[column]
        values = [one.get(child) if one else None for one in parents]
        return [None if value is None else read(value) for value in values]

    def _extras(self, shape: "_Shape", fields: Mapping[str, Sequence[Any]]) -> list[str | None]:
        """What no column names, [] where there is nothing; takes out of the records' parents what
        columns do."""
        if not shape.extras:
            return []
        for parent, child in (column.source for column in self._nested):
            for one in filter(None, fields[parent]):
                one.pop(child, None)
        columns = []
        for name in shape.extras:
            values = self._shaper.kept(name, fields[name])
            if name in shape.parents:
                values = [one or msgspec.UNSET for one in values]
            columns.append(values)
        return self._shaper.extra_texts(list(map(sorted_json, map(shape.rest, *columns))))

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
        raw = (msgspec.Raw, msgspec.Raw())
        types = {c.name: raw if c.type == "json" else (_TYPES[c.type], None) for c in self._flat}
        parents = list(dict.fromkeys(column.source[0] for column in self._nested))
        types |= dict.fromkeys(parents, (dict[str, Any] | None, None))
        # What is left out need not be decoded.
        extra = (Any | msgspec.UnsetType, msgspec.UNSET)
        types |= {name: raw if is_contact(name) else extra for name in learned}
        extras = sorted([*parents, *(name for name in learned if not is_contact(name))])
        record = _struct(types, forbid_unknown_fields=True)
        answer = msgspec.defstruct(
            "Answer", [("data", list[record]), *((name, Any, None) for name in _ENVELOPE)]
        )
        alias = {field.encode_name: field.name for field in msgspec.structs.fields(record)}
        decoder = msgspec.json.Decoder(answer, float_hook=Decimal)
        rest = _struct(dict.fromkeys(extras, extra))
        self._shapes[record] = _Shape(learned, parents, extras, alias, decoder, rest)
        return self._shapes[record]


class _Shape(NamedTuple):
    """The type of records with certain fields beside the declared ones: those that were learned;
    the objects that columns are read from; what may be left for the column of extra fields, sorted;
    the attribute of each field; a decoder of answers; the type of what is left."""

    learned: list[str]
    parents: list[str]
    extras: list[str]
    alias: dict[str, str]
    decoder: msgspec.json.Decoder
    rest: type[msgspec.Struct]

    def columns(self, records: Iterable[msgspec.Struct]) -> dict[str, Sequence[Any]]:
        """What each field holds in all records."""
        return dict(zip(self.alias, zip(*map(astuple, records), strict=True), strict=True))

    def plain(self, record: msgspec.Struct) -> dict[str, Any]:
        """A record as the long way wants it."""
        fields = {name: getattr(record, field) for name, field in self.alias.items()}
        return {
            name: decode_json(value) if type(value) is msgspec.Raw else value
            for name, value in fields.items()
            if value or value not in (msgspec.UNSET, msgspec.Raw())
        }


def _struct(types: Mapping[str, tuple[Any, Any]], **options: Any) -> type[msgspec.Struct]:
    """A type with these fields, whatever their names: name -> type and default."""
    alias = {name: f"f{place}" for place, name in enumerate(types)}
    return msgspec.defstruct(
        "Fields",
        [(alias[name], kind, default) for name, (kind, default) in types.items()],
        rename={field: name for name, field in alias.items()},
        omit_defaults=True,
        gc=False,
        **options,
    )
