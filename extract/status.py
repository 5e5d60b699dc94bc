"""`python -m extract status`: how old what has landed is, and where each entity stands."""

import argparse
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from rich.table import Table

from extract import config, entities
from extract.console import OK, SOME_FAILED, out
from extract.entities import Entity
from extract.errors import SettingsError
from extract.warehouse import Cursor, Standing, open_warehouse

# dbt judges the same tables by the same limits before it builds on them.
SOURCES = config.PROJECT / "models" / "staging" / "_sources.yml"
SOURCE = "servicetitan"


@dataclass(frozen=True)
class Limits:
    """The ages from which a raw table is `late`, and too old to build on; None = never."""

    late: timedelta | None
    too_old: timedelta | None


@dataclass(frozen=True)
class Status:
    """How an entity stands: `age` of its last complete reading (None: there is none), whether that
    is beyond its limit, and in words what is to be known."""

    entity: Entity
    standing: Standing
    age: timedelta | None
    is_too_old: bool
    said: str


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("status", help="say how old each entity is; needs no credentials")
    command.set_defaults(command=_status)


def _status(_: argparse.Namespace) -> int:
    with closing(open_warehouse(config.warehouse(), read_only=True)) as warehouse:
        standing = warehouse.standing(entities.load().values())
    found = statuses(standing, limits(), config.skip(), datetime.now(UTC))
    out.print(_table(found))
    return SOME_FAILED if any(status.is_too_old for status in found) else OK


def limits(path: Path = SOURCES) -> dict[str, Limits]:
    """The limits per raw table, as dbt's source freshness has them: a table's own over those of its
    source. Raises SettingsError."""
    try:
        sources = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
        [source] = [each for each in sources if each["name"] == SOURCE]
        of_source = _freshness(source)
        return {
            table["name"]: _limits({**of_source, **_freshness(table)}) for table in source["tables"]
        }
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"{path}: no limits can be read from it: {error!r}") from None


def statuses(
    standing: Mapping[str, Standing],
    limits: Mapping[str, Limits],
    skip: Iterable[str],
    now: datetime,
) -> list[Status]:
    """The status of every entity; one that is skipped is never too old."""
    known = entities.load()
    return [
        _of(known[name], each, limits[known[name].table], name in skip, now)
        for name, each in standing.items()
    ]


def _of(entity: Entity, standing: Standing, limits: Limits, skipped: bool, now: datetime) -> Status:
    read_at = standing.landed and standing.landed.ended_at
    age = now - read_at if read_at else None
    is_too_old = not skipped and _beyond(age, limits.too_old)
    said = ["skipped, named in SERVICETITAN_SKIP"] if skipped else []
    if age is None:
        said.append("never read to its end")
    elif is_too_old:
        said.append(f"too old: more than {_hours(limits.too_old)}")
    elif not skipped and _beyond(age, limits.late):
        said.append(f"late: more than {_hours(limits.late)}")
    if newest := _newest(standing, now):
        said.append(newest)
    if standing.cursor.loading is not None:
        said.append("a full load is under way: the next sync goes on with it")
    return Status(entity, standing, age, is_too_old, "; ".join(said))


def _newest(standing: Standing, now: datetime) -> str | None:
    """What became of a run since the last that landed."""
    run = standing.newest
    if run is None or run == standing.landed:
        return None
    if run.state == "running":
        return f"a run began {_ago(now - run.started_at)} ago and has not ended, or was broken off"
    ended = f" {_ago(now - run.ended_at)} ago" if run.ended_at else ""
    return f"{run.state}{ended}" + (f": {run.error}" if run.error else "")


def _beyond(age: timedelta | None, limit: timedelta | None) -> bool:
    return limit is not None and (age is None or age > limit)


def _freshness(block: Mapping[str, Any]) -> dict[str, Any]:
    """What a source or a table says of it; `freshness: null` takes the source's limits away."""
    for place in (block.get("config", {}), block):
        if "freshness" in place:
            return place["freshness"] or {"warn_after": None, "error_after": None}
    return {}


def _limits(freshness: Mapping[str, Any]) -> Limits:
    late, too_old = (freshness.get(name) for name in ("warn_after", "error_after"))
    return Limits(late and _period(late), too_old and _period(too_old))


def _period(limit: Mapping[str, Any]) -> timedelta:
    return timedelta(**{f"{limit['period']}s": limit["count"]})


def _table(found: Iterable[Status]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("entity", no_wrap=True)
    table.add_column("last success", no_wrap=True)
    for heading in ("age", "rows read", "in the table"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("cursor", max_width=32, overflow="ellipsis", no_wrap=True)
    table.add_column("")
    for each in found:
        landed, rows = each.standing.landed, each.standing.rows
        table.add_row(
            each.entity.label,
            f"{landed.ended_at:%Y-%m-%d %H:%M} UTC" if landed and landed.ended_at else "never",
            _ago(each.age) if each.age is not None else "",
            f"{landed.rows:,}" if landed else "",
            "" if rows is None else f"{rows:,}",
            _cursor(each.standing.cursor),
            each.said or "fine",
        )
    return table


def _cursor(cursor: Cursor) -> str:
    """Where the next run begins, or where a full load has come to."""
    state = cursor.position if cursor.loading is None else cursor.loading
    if state is None:
        return ""
    where = " ".join(f"{name} {value}" for name, value in state.items()) or "read whole each time"
    return where if cursor.loading is None else f"loading: {where}"


def _ago(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes // (24 * 60)} days"


def _hours(limit: timedelta) -> str:
    return f"{limit.total_seconds() / 3600:g} h"
