"""The table of entities: `entities.yml`, checked and as objects."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml

from extract import privacy
from extract.errors import SettingsError

FEEDS = ("export", "list", "windows")
TYPES = ("integer", "string", "boolean", "decimal", "instant", "date", "json")
ROW_KEY = "_row_key"
EXTRA_FIELDS = "_extra_fields"
INGESTED_AT = "_ingested_at"

_HERE = Path(__file__).with_name("entities.yml")


@dataclass(frozen=True)
class Column:
    """One typed column; `source` is the field it is read from, as (field,) or (parent, child).

    `is_name`: whether it holds somebody's name.
    """

    name: str
    type: str
    source: tuple[str, ...]
    is_name: bool = False


@dataclass(frozen=True)
class Total:
    """Where the API says how many records there are, inactive ones included."""

    path: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entity:
    """One record kind: where it is read, how it is told apart, and its typed columns.

    `key` is the column that tells records apart; for the feed `windows` it is the surrogate
    `_row_key`, which is not among `columns`. `version` is None where records carry none, `total`
    where the API counts nowhere. BigQuery cuts the table by the months of `partition` and orders it
    by `cluster`.
    """

    name: str
    path: str
    scope: str
    feed: str
    key: str
    columns: tuple[Column, ...]
    version: str | None = None
    day: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    total: Total | None = None
    partition: str | None = None
    cluster: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        """Name of the raw table."""
        return f"raw_{self.name}"

    @property
    def label(self) -> str:
        """The name in the API's own spelling, with hyphens."""
        return self.name.replace("_", "-")

    @property
    def row_types(self) -> dict[str, str]:
        """Column name -> type, in table order, of all that a row holds (all but _ingested_at)."""
        surrogate = {ROW_KEY: "string"} if self.feed == "windows" else {}
        return {**surrogate, **{c.name: c.type for c in self.columns}, EXTRA_FIELDS: "json"}


@cache
def load(path: Path = _HERE) -> dict[str, Entity]:
    """All entities by name, in the file's order. A faulty block raises SettingsError naming it."""
    blocks = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: _entity(path.name, name, block) for name, block in blocks.items()}


def choose(names: Iterable[str], source: str) -> list[str]:
    """The entity names meant by `names` (hyphens or underscores, blanks and repeats forgiven).

    `source` is where the names come from, for the message: an unknown one raises SettingsError.
    """
    known = load()
    wanted = [name.strip().replace("-", "_") for name in names if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        valid = ", ".join(entity.label for entity in known.values())
        raise SettingsError(
            f"{source} names unknown entities: {', '.join(unknown)}. Valid: {valid}"
        )
    return list(dict.fromkeys(wanted))


def _entity(file: str, name: str, block: dict[str, Any]) -> Entity:
    def need(ok: bool, what: str) -> None:
        if not ok:
            raise SettingsError(f"{file}, entity {name}: {what}")

    allowed = {"path", "scope", "feed", "key", "version", "day", "params", "columns"}
    allowed |= {"total", "partition", "cluster"}
    need(not set(block) - allowed, f"unknown words {sorted(set(block) - allowed)}")
    missing = {"path", "scope", "feed", "columns"} - set(block)
    need(not missing, f"missing {sorted(missing)}")
    need(block["feed"] in FEEDS, f"feed {block['feed']!r} is none of {', '.join(FEEDS)}")

    columns = []
    for column, spec in block["columns"].items():
        spec = {"type": spec} if isinstance(spec, str) else spec
        source = tuple(spec.get("from", column).split("."))
        need(spec.get("type") in TYPES, f"column {column}: type is none of {', '.join(TYPES)}")
        need(len(source) <= 2, f"column {column}: `from` goes one level down, not more")
        personal = spec.get("personal")
        need(
            personal in (None, *privacy.KINDS),
            f"column {column}: `personal` is none of {', '.join(privacy.KINDS)}",
        )
        need(
            (personal == privacy.CONTACT) == privacy.is_contact(source[-1]),
            f"column {column}: `personal: contact` and the fields of privacy.yml must agree",
        )
        need(
            personal is None or spec["type"] == "string",
            f"column {column}: only text is personal",
        )
        if personal != privacy.CONTACT:
            columns.append(Column(column, spec["type"], source, personal == privacy.NAME))
    types = {column.name: column.type for column in columns}

    if block["feed"] == "windows":
        need("key" not in block, "the feed `windows` makes its own key")
        need("version" in block, "the feed `windows` needs a `version`")
        need(types.get(block.get("day")) == "date", "`day` must name a column of type date")
    else:
        need(block.get("key") in types, "`key` must name a column")
    if "version" in block:
        need(
            types.get(block["version"]) == "instant", "`version` must name a column of type instant"
        )
    if "partition" in block:
        need(
            types.get(block["partition"]) in ("date", "instant"),
            "`partition` must name a column of type date or instant",
        )
    cluster = tuple(block.get("cluster", ()))
    need(
        len(cluster) <= 4 and all(types.get(name, "json") != "json" for name in cluster),
        "`cluster` must name up to four columns, none of type json",
    )
    params = block.get("params", {})
    path, _, asked = block.get("total", "").partition("?")
    total = Total(path, dict(parse_qsl(asked))) if path else None
    if total is None and block["feed"] != "export":
        total = Total(block["path"], params)
    return Entity(
        name=name,
        path=block["path"],
        scope=block["scope"],
        feed=block["feed"],
        key=block.get("key", ROW_KEY),
        columns=tuple(columns),
        version=block.get("version"),
        day=block.get("day"),
        params=params,
        total=total,
        partition=block.get("partition"),
        cluster=cluster,
    )
