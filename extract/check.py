"""What this tenant gives: access per entity, and which declared fields are filled."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from extract.client import Client
from extract.entities import Entity
from extract.errors import ApiError, CredentialsError
from extract.rows import is_filled

SAMPLE = 500  # records of a list that `fields` looks at
RECENT = timedelta(days=90)


@dataclass(frozen=True)
class Access:
    """Whether one entity can be read; `fault` says what is wrong, None when nothing is, `status`
    is the HTTP status that it came with."""

    entity: Entity
    fault: str | None = None
    status: int | None = None


@dataclass(frozen=True)
class Filled:
    """How many of `sampled` records fill a field; `declared` = the entity table names it."""

    entity: Entity
    field: str
    declared: bool
    filled: int
    sampled: int


def access(client: Client, entity: Entity, advice: Callable[[Entity, ApiError], str]) -> Access:
    """Reads as little of the entity as the API allows. Raises CredentialsError."""
    today = datetime.now(UTC).date()
    params = (
        {"from": (today + timedelta(days=1)).isoformat()}
        if entity.feed == "export"
        else {"page": 1, "pageSize": 1}
    )
    try:
        answer = client.get(entity.path, {**entity.params, **params})
    except CredentialsError:
        raise
    except ApiError as error:
        return Access(entity, advice(entity, error), error.status)
    if not isinstance(answer, dict) or "data" not in answer:
        return Access(entity, "answers, but not as the API does: check SERVICETITAN_API_URL")
    return Access(entity)


def fields(client: Client, entity: Entity) -> list[Filled]:
    """Per declared field, then per field that the API sends beside them, how often it is filled.

    The sample: one page of the oldest records and one of the last 90 days' changes, or one page of
    a list. Raises ApiError.
    """
    records = {repr(_key(entity, record)): record for record in _sample(client, entity)}
    sampled = len(records)
    found: Counter[str] = Counter()
    undeclared: Counter[str] = Counter()
    sources = {".".join(column.source): column for column in entity.columns}
    parents = {column.source[0] for column in entity.columns}
    for record in records.values():
        for source, column in sources.items():
            value: Any = record
            for part in column.source:
                value = value.get(part) if isinstance(value, dict) else None
            found[source] += is_filled(value)
        for name, value in record.items():
            if name not in parents:
                undeclared[name] += is_filled(value)
    return [Filled(entity, source, True, found[source], sampled) for source in sources] + [
        Filled(entity, name, False, undeclared[name], sampled) for name in sorted(undeclared)
    ]


def _sample(client: Client, entity: Entity) -> list[dict[str, Any]]:
    if entity.feed == "export":
        since = (datetime.now(UTC) - RECENT).date().isoformat()
        asked: list[dict[str, Any]] = [{}, {"from": since}]
    else:
        asked = [{"page": 1, "pageSize": SAMPLE}]
    answers = [client.get(entity.path, {**entity.params, **params}) for params in asked]
    data = [answer.get("data") for answer in answers if isinstance(answer, dict)]
    return [record for rows in data for record in rows or [] if isinstance(record, dict)]


def _key(entity: Entity, record: dict[str, Any]) -> Any:
    return record.get(entity.key, id(record))
