"""Types for what no column names, learned from what comes.

msgspec reads and writes objects of a known type in a third of the time that it takes for dicts. And
what is personal is found once, in the type, and not in each object.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from extract.privacy import is_left_out

# Takes what is personal out of many values of one place. Raises msgspec.ValidationError where one
# is not of the type learned.
Tidy = Callable[[Sequence[Any]], None]

# What holds nothing else.
SCALARS = frozenset({int, str, bool, type(None), Decimal, UnsetType})
_SCALAR = int | str | bool | None
# Objects within objects: nothing that is deeper is learned.
_DEEPEST = 8


class Learned:
    """What has stood in one field so far.

    `room` gives way for each new field that is learned, until it ends: an API that made up ever new
    ones would make us build ever new types.
    """

    def __init__(self, field: str, room: Iterator[Any]):
        self._field = field
        self._room = room
        self._fields: dict[str, Learned] | None = None
        self._items: Learned | None = None
        self._has_fraction = False

    @classmethod
    def object(cls, field: str, names: Iterable[str], room: Iterator[Any]) -> "Learned":
        """An object in `field` that has the fields `names`."""
        learned = cls(field, room)
        learned._fields = {name: cls(name, room) for name in names}
        return learned

    def learn(self, values: Iterable[Any], depth: int = 0) -> bool:
        """Looks at values of the field, decoded without types; whether they are of another type
        than those before."""
        values = list(values)
        objects = [value for value in values if type(value) is dict]
        lists = [value for value in values if type(value) is list]
        news = False
        if not self._has_fraction and Decimal in map(type, values):
            self._has_fraction = news = True
        if depth == _DEEPEST:
            return news
        if objects:
            news |= self._fields is None
            self._fields = self._fields or {}
            news |= learn_fields(self._fields, objects, self._room, depth + 1)
        if lists:
            news |= self._items is None
            self._items = self._items or Learned(self._field, self._room)
            news |= self._items.learn((one for value in lists for one in value), depth + 1)
        return news

    def typed(self) -> tuple[Any, Tidy | None]:
        """The type of all that was seen, and what tidies its values (None = nothing to do)."""
        if self._has_fraction:
            # Kept as they are written: a decoder of fractions takes long, and reads texts, too.
            return msgspec.Raw, _only_numbers
        kind: Any = _SCALAR
        steps: list[Tidy] = []
        if self._fields is not None:
            made, tidy = self.struct()
            kind |= made
            steps += [tidy] if tidy else []
        if self._items is not None:
            inner, tidy_items = self._items.typed()
            kind |= list[inner]  # type: ignore[valid-type]
            steps += [_of_items(tidy_items)] if tidy_items else []
        return kind, _all_of(steps)

    def struct(self) -> tuple[type[msgspec.Struct], Tidy | None]:
        """The type of the field's objects, and what tidies them. Its fields are sorted, so that an
        object whose fields only changed places is written alike."""
        fields = dict(sorted((self._fields or {}).items()))
        types, left_out, steps = field_types(self._field, fields)
        made = struct(types, forbid_unknown_fields=True)
        if not left_out and not steps:
            return made, None
        attribute = attributes(made)

        def tidy_objects(values: Sequence[Any]) -> None:
            objects = [value for value in values if type(value) is made]
            for name in left_out:
                for one in objects:
                    setattr(one, attribute[name], UNSET)
            for name, tidy in steps.items():
                tidy([getattr(one, attribute[name]) for one in objects])

        return made, tidy_objects


def learn_fields(
    known: dict[str, Learned],
    objects: Sequence[dict[str, Any]],
    room: Iterator[Any],
    depth: int = 0,
) -> bool:
    """Looks at the fields of objects, and adds those that are not `known`; whether there was
    anything new."""
    news = False
    for name in {name for one in objects for name in one}:
        if name not in known:
            if not _can_be_named(name) or next(room, None) is None:
                continue
            known[name] = Learned(name, room)
            news = True
        news |= known[name].learn((one[name] for one in objects if name in one), depth)
    return news


def field_types(
    parent: str, fields: Mapping[str, Learned]
) -> tuple[dict[str, tuple[Any, Any]], list[str], dict[str, Tidy]]:
    """Of the fields of the object `parent`: name -> type and default, those that are left out, and
    what tidies the others."""
    types: dict[str, tuple[Any, Any]] = {}
    left_out, tidies = [], {}
    for name, learned in fields.items():
        if is_left_out(parent, name):
            types[name] = (msgspec.Raw, UNSET)  # it need not be decoded
            left_out.append(name)
            continue
        kind, tidy = learned.typed()
        types[name] = (kind if kind is msgspec.Raw else kind | UnsetType, UNSET)
        if tidy:
            tidies[name] = tidy
    return types, left_out, tidies


def struct(types: Mapping[str, tuple[Any, Any]], **options: Any) -> type[msgspec.Struct]:
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


def attributes(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The attribute that holds each field."""
    return {field.encode_name: field.name for field in msgspec.structs.fields(kind)}


def _can_be_named(field: str) -> bool:
    return field.isprintable() and not set(field) & set('"\\')


def _only_numbers(values: Sequence[Any]) -> None:
    """Raises msgspec.ValidationError unless all are numbers in the form in which we write them: one
    with an exponent, a small one, which we would write with one, and -0 are not."""
    text = b" ".join(value for value in values if value is not UNSET) + b" "
    if text.translate(None, b"-.0123456789 nul") or b"0.000000" in text or b"-0 " in text:
        raise msgspec.ValidationError("expected a number")


def _of_items(tidy: Tidy) -> Tidy:
    return lambda values: tidy([one for value in values if type(value) is list for one in value])


def _all_of(steps: Sequence[Tidy]) -> Tidy | None:
    if len(steps) < 2:
        return steps[0] if steps else None

    def tidy(values: Sequence[Any]) -> None:
        for step in steps:
            step(values)

    return tidy
