"""What is personal in records and reports, and what becomes of it before it is stored or shown.

Contact data (phones, e-mails, streets) and what people write by hand (memos, notes, summaries:
they hold phones, too) are never stored. Names are, unless KPI_HASH_NAMES=1: then their hash is.
`entities.yml` says of declared columns what they are; what it does not name is judged here, by the
name of the field (`privacy.yml`) or, where a field's name does not tell, by its text.
"""

import re
from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from pathlib import Path
from typing import Any
from unicodedata import category

import msgspec
import yaml

NAME, CONTACT = "name", "contact"
KINDS = (NAME, CONTACT)

_LISTS = yaml.safe_load(Path(__file__).with_name("privacy.yml").read_text(encoding="utf-8"))
_STEMS = re.compile("|".join(_LISTS["stems"]))
_WORDS = frozenset(_LISTS["words"])
_FIELDS = frozenset(_LISTS["fields"])
_MADE_UP = frozenset(_LISTS["made_up"])
_THINGS = frozenset(_LISTS["things"])
_THINGS_WITH_NAMES = frozenset(_LISTS["things_with_names"])
_PEOPLE = frozenset(_LISTS["people"])

_EMAIL = re.compile(r"[^\s@\"]@[^\s@\"]{1,250}\.\w")
_PHONE = re.compile(
    r"(?<!\d)(\+?1[-. ]?)?\(?\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?!\d)|\+\d{8,15}(?!\d)"
)
_BARE_PHONE = re.compile(r"1?[2-9]\d{2}[2-9]\d{6}", re.ASCII)
_STREET = re.compile(
    r"\b\d{1,6}\s{1,3}(?:[\w.'’-]{1,30}\s{1,3}){1,4}(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|"
    r"blvd|court|ct|way|place|pl|circle|cir|terrace|parkway|pkwy|highway|hwy|trail)\b",
    re.IGNORECASE,
)
# What shows in the outline of a text that holds one of these. In outlines digits are 0, letters a,
# points dashes.
_SIGNS = (b"@", b"000-0000", b'"0000000000', b"+0000", b"0 a", b"000 0000")
_OUTLINE = bytes.maketrans(
    b"123456789.bcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0" * 9 + b"-" + b"a" * 51
)

_PLAIN_TEXT = re.compile(r"[-\d.,:+/%$()\s]*(\dT\d[\d:.]*Z?)?[-\d.,:+/%$()\s]*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_json = msgspec.json.Encoder(decimal_format="number")
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
Encode = Callable[[Any], bytes]


@lru_cache(maxsize=10_000)
def is_contact(field: str) -> bool:
    """Whether a field or a column of a report holds contact data or hand-written text, by its
    name."""
    return (
        field in _FIELDS
        or _STEMS.search(field.lower().replace("-", "")) is not None
        or not _WORDS.isdisjoint(_words(field))
    )


def is_left_out(parent: str, field: str) -> bool:
    """Whether a field is left out that stands in the object `parent`."""
    return is_contact(field) or (parent in _MADE_UP and field == "value")


def looks_like_contact(text: str) -> bool:
    """Whether an e-mail address, a phone number or a street stands in a text."""
    return bool(
        ("@" in text and _EMAIL.search(text))
        or _PHONE.search(text)
        or _BARE_PHONE.fullmatch(text.strip())
        or _STREET.search(text)
    )


def shown(value: Any, strict: bool = False, write: Callable[[Any], str] | None = None) -> str:
    """How a faulty value stands in a message: numbers and single words as they are, written by
    `write` (None = as JSON), of all else only what kind it is; `strict` leaves out words, too, for
    one may be a name."""
    write = write or _json_text
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if not isinstance(value, str):
        return write(value)
    is_plain = _PLAIN_TEXT.fullmatch(value) or (not strict and len(value.split()) < 2)
    if is_plain and len(value) <= 40 and not looks_like_contact(value):
        return write(value)
    return f"a text of {len(value)} characters"


def name_key(name: str) -> str:
    """What two spellings of one name share: the macro `name_key` of the models, letter by letter
    (tests/privacy holds the two against each other for all of Unicode)."""
    if not name.isascii():
        name = "".join(_plain(letter) for letter in name)
    return " ".join(part for part in _BLANKS.split(name.lower()) if part)


_BLANKS = re.compile("[ \t\n\f\r\v]+")


@lru_cache(maxsize=5_000)
def _plain(letter: str) -> str:
    if letter in "‘’‛ʼ":
        return "'"
    kind = category(letter)
    if letter == "−" or kind == "Pd":
        return "-"
    if letter == "\x85" or kind[0] == "Z":
        return " "
    return "i" if letter == "İ" else letter.lower()


class Names:
    """Hashes names with a key, so that nobody without it can find a name by trying names."""

    def __init__(self, key: bytes):
        self._key = blake2b(key, person=b"names of people", digest_size=32).digest()

    def hashed(self, name: str) -> str:
        """ "name-…", or "test-…" where the name is a test customer's.

        Equal for names that match, and left as it is by the models' own rule. Blank names, and the
        `Name` that stands for none, stay what they are: the models look for both.
        """
        key = name_key(name)
        if key in ("", "name"):
            return key
        digest = blake2b(key.encode("utf-8", "replace"), key=self._key, digest_size=12).hexdigest()
        return f"{'test' if 'test' in key else 'name'}-{digest}"


def kept(field: str, value: Any) -> Any:
    """`value`, which stands in `field`, without the fields in it that are left out."""
    if type(value) is list:
        return [kept(field, one) for one in value]
    if type(value) is dict:
        inside = {}
        for name, one in value.items():  # a comprehension would halve the depth that can be read
            if not is_left_out(field, name):
                inside[name] = kept(name, one)
        return inside
    return value


class Screen:
    """Takes out of JSON what is personal; with `names`, hashes those that it finds."""

    def __init__(self, names: Names | None = None):
        self._names = names

    def text(self, field: str, value: Any, encode: Encode) -> str:
        """The JSON of `value`, which stands in `field`, without what is personal."""
        return self._text(field, kept(field, value), encode)

    def texts(self, field: str, encoded: list[bytes], encode: Encode) -> list[str]:
        """`text` of many values: of the JSON of what is `kept` of them."""
        texts = list(map(bytes.decode, encoded))
        doubtful = range(len(texts)) if self._names is not None else _doubtful(encoded)
        for place in doubtful:
            texts[place] = self._text(field, _decode(encoded[place]), encode)
        return texts

    def _text(self, field: str, value: Any, encode: Encode) -> str:
        if self._names is not None:
            value = self._hashed("", field, value)
        encoded = encode(value)
        if _doubtful([encoded]):
            encoded = encode(_without_contacts(value))
        return encoded.decode()

    def _hashed(self, parent: str, field: str, value: Any) -> Any:
        """`value` with each name hashed, and without texts that may be one. `field` stands in the
        object `parent`."""
        if type(value) is list:
            return [one for one in (self._hashed(parent, field, one) for one in value) if one != ""]
        if type(value) is dict:
            inside = {name: self._hashed(field, name, one) for name, one in value.items()}
            return {name: one for name, one in inside.items() if one != "" or value[name] == ""}
        return self.named(parent, field, value) if type(value) is str else value

    def named(self, parent: str, field: str, text: str) -> str:
        """An undeclared text with hashed names: its hash, itself, or "" where it may be a name."""
        is_thing = field in _THINGS or (field == "name" and parent in _THINGS_WITH_NAMES)
        if self._names is None or is_thing or _PLAIN_TEXT.fullmatch(text):
            return text
        return self._names.hashed(text) if is_of_people(field) else ""


@lru_cache(maxsize=10_000)
def is_of_people(field: str) -> bool:
    """Whether a field or a column of a report holds a name of somebody, by its own name."""
    return not _PEOPLE.isdisjoint(_words(field)[-1:])


def rule(names: Names | None) -> str:
    """A short text that changes with what is left out and with how names are stored."""
    hashing = ("things", "things_with_names", "people")
    parts = [pattern.pattern for pattern in (_EMAIL, _PHONE, _BARE_PHONE, _STREET)]
    parts += [repr(_LISTS[name]) for name in _LISTS if names is not None or name not in hashing]
    if names is not None:
        parts.append(names.hashed("the key"))
    return blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()


def _without_contacts(value: Any) -> Any:
    """`value` without the texts in it that look like contact data."""
    if type(value) is dict:
        return {name: _without_contacts(one) for name, one in value.items() if not _is_contact(one)}
    if type(value) is list:
        return [_without_contacts(one) for one in value if not _is_contact(one)]
    return None if _is_contact(value) else value


def _doubtful(encoded: list[bytes]) -> set[int]:
    """The places of those JSON texts that could hold contact data: few, and told fast for all of
    them at once."""
    outline = b"\n".join(encoded).translate(_OUTLINE)
    found: set[int] = set()
    ends: list[int] = []
    for sign in _SIGNS:
        # A first letter that is nowhere is missed ten times as fast as a sign.
        at = outline.find(sign) if sign[:1] in outline else -1
        while at >= 0:
            ends = ends or list(accumulate(len(one) + 1 for one in encoded))
            place = bisect_right(ends, at)
            found.add(place)
            at = outline.find(sign, ends[place])
    return found


def _is_contact(value: Any) -> bool:
    if type(value) is not str:
        return False
    return _short_is_contact(value) if len(value) <= 100 else looks_like_contact(value)


# What things are called repeats from record to record.
_short_is_contact = lru_cache(maxsize=10_000)(looks_like_contact)


def _json_text(value: Any) -> str:
    return _json.encode(value).decode()


def _words(field: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(field))
