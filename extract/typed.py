"""The short way from an answer's bytes to lines, for answers that are as the specification says.

`Shaper` forgives: numbers in quotes, blanks for nothing, fields of another type. Nearly every
answer needs none of that, so msgspec decodes it straight into the declared types. Whatever does not
fit goes the long way, by `Shaper`; both ways give the same lines (tests/extract/test_typed.py).
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import astuple

from extract.client import decode_json
from extract.entities import EXTRA_FIELDS, Column, Entity
from extract.learned import SCALARS, Learned, Tidy, attributes, field_types, learn_fields, struct
from extract.privacy import kept
from extract.rows import UNFIT, Line, Shaper, instants, sorted_json

# Instants and dates stay text: a decoder rounds the seventh digit of a second, we cut it. JSON
# stays bytes until its turn comes: as objects, the pages under way would take much memory.
_TYPES: dict[str, Any] = {
    "integer": Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None,
    "string": str | None,
    "boolean": bool | None,
    "decimal": Decimal | None,
    "instant": str | None,
    "date": str | None,
}
# Decoded as they are stored.
_READY = ("integer", "string", "boolean")
# What `pages` reads of an answer beside its records.
_ENVELOPE = ("hasMore", "continueFrom", "page", "totalCount")
# So many fields that no column names are learned from what comes; records with yet others go the
# long way.
_MOST_LEARNED = 300

_encode = msgspec.json.Encoder().encode
# Of what is learned: its types are sorted, and numbers keep their digits.
_encode_learned = msgspec.json.Encoder(decimal_format="number").encode


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
        self._row = struct(dict.fromkeys([*names, EXTRA_FIELDS], (Any, None)))
        room = iter(range(_MOST_LEARNED))
        self._json = {
            column.name: _LearnedJson(column.name, room)
            for column in self._flat
            if column.type == "json"
        }
        children: dict[str, list[str]] = {}
        for column in self._nested:
            parent, child = column.source
            children.setdefault(parent, []).append(child)
        self._parents = {
            parent: Learned.object(parent, inside, room) for parent, inside in children.items()
        }
        self._learned: dict[str, Learned] = {}
        self._room = room
        self._shapes: dict[type, _Shape] = {}
        self._newest = self._shape()

    def decode(self, body: bytes) -> Any:
        """An answer as `Client.get` gives it; its `data` are records for `lines`: of a type of
        their own, or dicts where the answer is not as specified. Raises msgspec.DecodeError."""
        try:
            return msgspec.structs.asdict(self._newest.decoder.decode(body))
        except msgspec.ValidationError:
            answer = decode_json(body)
        if self._learn(answer):
            self._newest = self._shape()
            try:
                return msgspec.structs.asdict(self._newest.decoder.decode(body))
            except msgspec.ValidationError:
                pass
        return answer

    def value(self, record: Any, name: str) -> Any:
        """A field of a record that `decode` gave, None where it has no such field."""
        if shape := self._shapes.get(type(record)):
            return getattr(record, shape.attribute[name])
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
            for name, tidy in shape.tidies.items():
                tidy(fields[name])
            columns = [self._flat_column(column, fields[column.name]) for column in self._flat]
            columns += [self._nested_column(shape, column, fields) for column in self._nested]
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
            return self._shaper.json_texts(column.name, self._json[column.name].kept(values))
        if column.type in _READY and not column.is_name:
            return values
        if column.type == "instant":
            return instants(values)
        read = self._readers[column]
        return [None if value is None else read(value) for value in values]

    def _nested_column(
        self, shape: "_Shape", column: Column, fields: dict[str, Sequence[Any]]
    ) -> list[Any]:
        parent, child = column.source
        attribute, read = shape.parents[parent][child], self._readers[column]
        values = [getattr(one, attribute) if one else None for one in fields[parent]]
        return [
            None if value is None or value is UNSET else read(_plain(value)) for value in values
        ]

    def _extras(self, shape: "_Shape", fields: dict[str, Sequence[Any]]) -> list[str | None]:
        """What no column names, [] where there is nothing; takes out of the records' parents what
        columns do."""
        if not shape.extras:
            return []
        for parent, child in (column.source for column in self._nested):
            attribute = shape.parents[parent][child]
            for one in filter(None, fields[parent]):
                setattr(one, attribute, UNSET)
        for parent, nothing in shape.nothing.items():
            fields[parent] = [
                UNSET if one is None or one == nothing else one for one in fields[parent]
            ]
        rests = map(shape.rest, *(fields[name] for name in shape.extras))
        return self._shaper.extra_texts(list(map(_encode_learned, rests)))

    def _learn(self, answer: Any) -> bool:
        """Looks at an answer's records; whether there was something to learn."""
        data = answer.get("data") if isinstance(answer, dict) else None
        records = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
        news = False
        for parent, learned in self._parents.items():
            found = (one.get(parent) for one in records)
            news |= learned.learn(one for one in found if isinstance(one, dict))
        declared = {*self._parents, *(column.name for column in self._flat)}
        others = [
            {name: value for name, value in one.items() if name not in declared} for one in records
        ]
        return learn_fields(self._learned, others, self._room) or news

    def _shape(self) -> "_Shape":
        """The type of answers whose records have what was learned beside the declared."""
        types: dict[str, tuple[Any, Any]] = {
            c.name: (msgspec.Raw, UNSET) if c.type == "json" else (_TYPES[c.type], None)
            for c in self._flat
        }
        learned_types, left_out, tidies = field_types("", self._learned)
        types |= learned_types
        parents, nothing = {}, {}
        for name, learned in self._parents.items():
            kind, tidy = learned.struct()
            types[name] = (kind | None, None)
            parents[name], nothing[name] = attributes(kind), kind()
            if tidy:
                tidies[name] = tidy
        record = struct(types, forbid_unknown_fields=True)
        answer = msgspec.defstruct(
            "Answer", [("data", list[record]), *((name, Any, None) for name in _ENVELOPE)]
        )
        decoder = msgspec.json.Decoder(answer, float_hook=Decimal)
        extras = sorted({*parents, *self._learned} - set(left_out))
        rest = struct(dict.fromkeys(extras, (Any, UNSET)))
        shape = _Shape(attributes(record), parents, nothing, tidies, extras, decoder, rest)
        self._shapes[record] = shape
        return shape


class _Shape(NamedTuple):
    """The type of records with certain fields beside the declared ones.

    The attribute of each field, and of each field of the objects that columns are read from; such
    objects without anything in them; what tidies fields; what may be left for the column of extra
    fields, sorted; a decoder of answers; the type of what is left.
    """

    attribute: dict[str, str]
    parents: dict[str, dict[str, str]]
    nothing: dict[str, msgspec.Struct]
    tidies: dict[str, Tidy]
    extras: list[str]
    decoder: msgspec.json.Decoder
    rest: type[msgspec.Struct]

    def columns(self, records: Iterable[msgspec.Struct]) -> dict[str, Sequence[Any]]:
        """What each field holds in all records."""
        return dict(zip(self.attribute, zip(*map(astuple, records), strict=True), strict=True))

    def plain(self, record: msgspec.Struct) -> dict[str, Any]:
        """A record as the long way wants it."""
        fields = {name: getattr(record, field) for name, field in self.attribute.items()}
        return {name: _plain(value) for name, value in fields.items() if value is not UNSET}


class _LearnedJson:
    """Writes the JSON of one column anew, without the fields in it that are left out."""

    def __init__(self, field: str, room: Iterator[Any]):
        self._learned = Learned(field, room)
        self._field = field
        self._settle()

    def _settle(self) -> None:
        kind, self._tidy = self._learned.typed()
        self._decoder = msgspec.json.Decoder(list[kind], float_hook=Decimal)

    def kept(self, values: Iterable[msgspec.Raw | UnsetType]) -> list[bytes]:
        """The sorted JSON of what is kept of each value, "null" where there is none."""
        whole = b"[%b]" % b",".join(value or b"null" for value in values)
        try:
            return self._written(whole)
        except msgspec.ValidationError:
            plain = decode_json(whole)
        if self._learned.learn(plain):
            self._settle()
            try:
                return self._written(whole)
            except msgspec.ValidationError:
                pass
        return [sorted_json(kept(self._field, value)) for value in plain]

    def _written(self, whole: bytes) -> list[bytes]:
        values = self._decoder.decode(whole)
        if self._tidy:
            self._tidy(values)
        return list(map(_encode_learned, values))


def _plain(value: Any) -> Any:
    """A value as it would have been decoded without types."""
    return value if type(value) in SCALARS else decode_json(_encode_learned(value))
